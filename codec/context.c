/* context.c - contexts, and the environment a job gives to its stages. */
#include "context.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"

tsr_status tsr_context_new(tsr_context **out, const tsr_config *cfg, tsr_diag *d) {
    *out = NULL;
    tsr_context *ctx = calloc(1, sizeof *ctx);
    if (!ctx) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a context");
    if (cfg)
        ctx->cfg = *cfg;
    else
        ctx->cfg.cpu_mask = UINT32_MAX;
    if (!ctx->cfg.threads) ctx->cfg.threads = tsr_cpu_count();
    if (!ctx->cfg.max_pixels) ctx->cfg.max_pixels = (uint64_t)1 << 28;
    if (!ctx->cfg.max_memory) ctx->cfg.max_memory = (uint64_t)8 << 30;
    ctx->cpu = tsr_cpu_detect() & ctx->cfg.cpu_mask;
    ctx->pool = tsr_pool_new(ctx->cfg.threads);
    tsr_status s =
        ctx->pool ? tsr_register_core(ctx, d)
                  : tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a thread pool");
    if (s) {
        tsr_context_free(ctx);
        return s;
    }
    *out = ctx;
    return TSR_OK;
}

void tsr_context_free(tsr_context *ctx) {
    if (!ctx) return;
    tsr_pool_free(ctx->pool);
    for (int k = 0; k < TSR_STAGE_KINDS; k++) tsr_registry_drop(ctx, (tsr_stage_kind)k, 0);
    tsr_model_store_free(&ctx->models);
    for (uint32_t i = 0; i < ctx->n_modules; i++) dlclose(ctx->module[i]);
    free(ctx->module);
    free(ctx);
}

static void vlog(const tsr_context *ctx, int level, const char *fmt, va_list ap) {
    char line[1024];
    if (!ctx->cfg.log) return;
    vsnprintf(line, sizeof line, fmt, ap);
    ctx->cfg.log(ctx->cfg.user, level, line);
}

void tsr_context_log(const tsr_context *ctx, int level, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vlog(ctx, level, fmt, ap);
    va_end(ap);
}

/* ---- the environment ---- */

static void *env_alloc(const tsr_env *env, size_t bytes) {
    tsr_job *j = env->host;
    return tsr_arena_alloc(j->current, bytes, j->diag);
}

static tsr_status env_parallel_for(const tsr_env *env, uint32_t n,
                                   tsr_status (*fn)(void *, uint32_t, uint32_t), void *arg) {
    tsr_job *j = env->host;
    return tsr_pool_run(j->ctx->pool, n, fn, arg);
}

static tsr_status env_fail(const tsr_env *env, tsr_status status, const char *fmt, ...) {
    tsr_job *j = env->host;
    va_list ap;
    va_start(ap, fmt);
    tsr_diag_vset(j->diag, status, TSR_NO_OFFSET, fmt, ap);
    va_end(ap);
    return status;
}

static void env_log(const tsr_env *env, int level, const char *fmt, ...) {
    tsr_job *j = env->host;
    va_list ap;
    va_start(ap, fmt);
    vlog(j->ctx, level, fmt, ap);
    va_end(ap);
}

static int env_progress(const tsr_env *env, double fraction) {
    tsr_job *j = env->host;
    const tsr_config *cfg = &j->ctx->cfg;
    if (!cfg->progress) return 0;
    double at = (j->progress_from + fraction * j->progress_span) * j->progress_share;
    if (at > j->progress_last) j->progress_last = at < 1 ? at : 1;
    return cfg->progress(cfg->user, j->stage_name, j->progress_last);
}

void tsr_job_init(tsr_job *j, tsr_context *ctx, tsr_diag *d) {
    *j = (tsr_job){
        .env = {.struct_size = sizeof(tsr_env),
                .threads = tsr_pool_threads(ctx->pool),
                .cpu = ctx->cpu,
                .host = j,
                .alloc = env_alloc,
                .parallel_for = env_parallel_for,
                .fail = env_fail,
                .log = env_log,
                .progress = env_progress},
        .ctx = ctx,
        .diag = d,
        .budget = {.limit = ctx->cfg.max_memory},
        .current = &j->state,
        .stage_name = "",
        .progress_share = 1,
    };
    tsr_arena_init(&j->state, &j->budget);
    tsr_arena_init(&j->input, &j->budget);
    tsr_arena_init(&j->levels, &j->budget);
    tsr_arena_init(&j->scratch, &j->budget);
}

void tsr_job_free(tsr_job *j) {
    tsr_arena_free(&j->scratch);
    tsr_arena_free(&j->levels);
    tsr_arena_free(&j->input);
    tsr_arena_free(&j->state);
}

/* ---- memory of a job ---- */

#define PIECE ((size_t)512 << 10) /* bytes at a time */

typedef struct filling {
    uint8_t *to;
    const uint8_t *from; /* NULL: zeros */
    size_t bytes;
} filling;

static tsr_status fill_piece(void *arg, uint32_t i, uint32_t worker) {
    const filling *f = arg;
    size_t at = i * PIECE, n = f->bytes - at < PIECE ? f->bytes - at : PIECE;
    if (f->from)
        memcpy(f->to + at, f->from + at, n);
    else
        memset(f->to + at, 0, n);
    return TSR_OK;
}

/* Much of the time of filling passes in the system, which finds the pages: threads share it. */
static void *alloc_filled(tsr_job *j, tsr_arena *a, const void *from, size_t n, size_t size) {
    filling f = {tsr_arena_array(a, n, size, j->diag), from, n * size};
    if (!f.to) return NULL;
    uint32_t pieces = (uint32_t)((f.bytes + PIECE - 1) / PIECE); /* no machine has 2^51 bytes */
    (void)!tsr_pool_run(j->ctx->pool, pieces, fill_piece, &f);   /* none fails */
    return f.to;
}

void *tsr_job_alloc_in(tsr_job *j, tsr_arena *a, size_t n, size_t size) {
    return alloc_filled(j, a, NULL, n, size);
}

void *tsr_job_alloc(tsr_job *j, size_t n, size_t size) {
    return tsr_job_alloc_in(j, &j->state, n, size);
}

void *tsr_job_copy(tsr_job *j, const void *from, size_t n, size_t size) {
    return alloc_filled(j, &j->state, from, n, size);
}

tsr_status tsr_job_memory_status(const tsr_job *j) {
    return j->diag && j->diag->status == TSR_ERR_LIMIT ? TSR_ERR_LIMIT : TSR_ERR_MEMORY;
}

tsr_status tsr_job_result(const tsr_job *j, tsr_status s) {
    if (s == TSR_ERR_MEMORY) s = tsr_job_memory_status(j);
    if (!s) tsr_diag_init(j->diag); /* of what a partial decode passed over */
    if (!s || j->diag->status == s) return s;
    return tsr_diag_set(j->diag, s, TSR_NO_OFFSET, "%s", tsr_status_text(s));
}

#define SHARE_BEFORE 0.1

void tsr_job_init_before(tsr_job *j, const tsr_job *other) {
    tsr_job_init(j, other->ctx, other->diag);
    j->progress_share = SHARE_BEFORE;
}

tsr_status tsr_job_end_before(tsr_job *j, tsr_job *other, tsr_status s) {
    s = tsr_job_result(j, s);
    other->progress_last = j->progress_last;
    if (j->budget.peak > other->budget.peak) other->budget.peak = j->budget.peak;
    tsr_job_free(j);
    return s;
}

tsr_status tsr_job_stage(tsr_job *j, const char *name, double from, double span) {
    j->stage_name = name;
    j->progress_from = from;
    j->progress_span = span;
    if (env_progress(&j->env, 0))
        return tsr_diag_set(j->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "cancelled");
    return TSR_OK;
}
