/* plugin_env.c - the services of the host as the conformance suite gives them. */
#include "plugin_env.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_guard.h"

enum { STALE = 0xf7, MAX_STALE = 8 << 20, MAX_WORKERS = 16 };

struct tsr_env_block {
    tsr_env_block *next;
    void *data; /* from tsr_guard_new */
    bool lasting;
};

static tsr_check_env *host(const tsr_env *env) {
    return env->host;
}

static void note_fault(tsr_check_env *e, const char *text) {
    if (!*e->fault) snprintf(e->fault, sizeof e->fault, "%s", text);
}

/* ---------------------------------------------------------------- memory */

/* Lock held. */
static bool may_take(tsr_check_env *e, size_t bytes) {
    e->allocs++;
    if (e->busy) note_fault(e, "alloc() was called inside parallel_for()");
    if (e->allocs == e->setup.fail_at) return false;
    return bytes <= TSR_CHECK_MEMORY && e->used <= TSR_CHECK_MEMORY - bytes;
}

/* Lock held. */
static void *take(tsr_check_env *e, size_t bytes) {
    tsr_env_block *b = malloc(sizeof *b);
    void *p = b ? tsr_guard_new(bytes, e->setup.fill) : NULL;
    if (!p) {
        free(b);
        return NULL;
    }
    *b = (tsr_env_block){.next = e->blocks, .data = p, .lasting = e->lasting};
    e->blocks = b;
    e->used += bytes;
    if (e->used > e->peak) e->peak = e->used;
    return p;
}

static void *env_alloc(const tsr_env *env, size_t bytes) {
    tsr_check_env *e = host(env);
    pthread_mutex_lock(&e->lock);
    void *p = may_take(e, bytes) ? take(e, bytes) : NULL;
    if (!p) e->refused = true;
    pthread_mutex_unlock(&e->lock);
    return p;
}

static void look_at(tsr_check_env *e, const tsr_env_block *b) {
    if (!tsr_guard_intact(b->data)) note_fault(e, "memory from alloc() was written beside its end");
}

/* Looks at a list of blocks once more and frees them. stale: they were given back before. */
static void retire(tsr_check_env *e, tsr_env_block **list, bool stale) {
    for (tsr_env_block *b = *list, *next; b; b = next) {
        const uint8_t *p = b->data;
        next = b->next;
        look_at(e, b);
        for (size_t i = 0; stale && i < tsr_guard_size(p); i++)
            if (p[i] != STALE) {
                note_fault(e, "memory from alloc() was written after the call it belonged to");
                break;
            }
        tsr_guard_free(b->data);
        free(b);
    }
    *list = NULL;
}

void tsr_check_env_begin(tsr_check_env *e, bool lasting) {
    e->lasting = lasting;
    e->said[0] = 0;
}

/* Takes a block back: its bytes are overwritten, and watched for a while. */
static void give_back(tsr_check_env *e, tsr_env_block *b) {
    size_t bytes = tsr_guard_size(b->data);
    memset(b->data, STALE, bytes);
    e->used -= bytes;
    e->stale_bytes += bytes;
    b->next = e->stale;
    e->stale = b;
}

void tsr_check_env_end(tsr_check_env *e) {
    tsr_env_block *kept = NULL;
    for (tsr_env_block *b = e->blocks, *next; b; b = next) {
        next = b->next;
        look_at(e, b);
        if (b->lasting) {
            b->next = kept;
            kept = b;
        } else {
            give_back(e, b);
        }
    }
    e->blocks = kept;
    if (e->stale_bytes < MAX_STALE) return;
    retire(e, &e->stale, true);
    e->stale_bytes = 0;
}

void tsr_check_env_close(tsr_check_env *e) {
    retire(e, &e->blocks, false);
    retire(e, &e->stale, true);
    e->used = 0;
    pthread_mutex_destroy(&e->lock);
}

/* ---------------------------------------------------------------- workers */

typedef struct loop {
    const tsr_check_env *e;
    uint32_t n, workers;
    tsr_status (*fn)(void *arg, uint32_t i, uint32_t worker);
    void *arg;
} loop;

typedef struct worker {
    const loop *l;
    uint32_t index;
    uint32_t failed; /* index of the first failure seen, n if none */
    tsr_status status;
} worker;

/* Takes every workers-th index, so that each worker really gets its share. */
static void *work(void *arg) {
    worker *w = arg;
    const loop *l = w->l;
    w->failed = l->n;
    for (uint32_t k = w->index; k < l->n; k += l->workers) {
        uint32_t i = l->e->setup.reverse ? l->n - 1 - k : k;
        tsr_status s = l->fn(l->arg, i, w->index);
        if (s && i < w->failed) {
            w->failed = i;
            w->status = s;
        }
    }
    return NULL;
}

static tsr_status run_loop(const loop *l) {
    pthread_t thread[MAX_WORKERS];
    worker w[MAX_WORKERS];
    bool started[MAX_WORKERS] = {false};
    for (uint32_t t = 0; t < l->workers; t++) w[t] = (worker){.l = l, .index = t};
    for (uint32_t t = 1; t < l->workers; t++)
        started[t] = !pthread_create(&thread[t], NULL, work, &w[t]);
    work(&w[0]);
    uint32_t failed = l->n;
    tsr_status status = TSR_OK;
    for (uint32_t t = 0; t < l->workers; t++) {
        if (started[t])
            pthread_join(thread[t], NULL);
        else if (t > 0)
            work(&w[t]);
        if (w[t].failed < failed) {
            failed = w[t].failed;
            status = w[t].status;
        }
    }
    return status;
}

static bool set_busy(tsr_check_env *e, bool busy) {
    pthread_mutex_lock(&e->lock);
    bool was = e->busy;
    if (was && busy) note_fault(e, "parallel_for() was called inside parallel_for()");
    e->busy = busy;
    pthread_mutex_unlock(&e->lock);
    return was;
}

static tsr_status env_parallel_for(const tsr_env *env, uint32_t n,
                                   tsr_status (*fn)(void *arg, uint32_t i, uint32_t worker),
                                   void *arg) {
    tsr_check_env *e = host(env);
    bool nested = set_busy(e, true);
    loop l = {.e = e, .n = n, .workers = nested ? 1 : env->threads, .fn = fn, .arg = arg};
    tsr_status s = run_loop(&l);
    set_busy(e, nested);
    return s;
}

/* ---------------------------------------------------------------- messages */

static tsr_status env_fail(const tsr_env *env, tsr_status status, const char *fmt, ...) {
    tsr_check_env *e = host(env);
    va_list ap;
    va_start(ap, fmt);
    pthread_mutex_lock(&e->lock);
    vsnprintf(e->said, sizeof e->said, fmt, ap);
    if (strchr(e->said, '\n')) note_fault(e, "the text of fail() has more than one line");
    pthread_mutex_unlock(&e->lock);
    va_end(ap);
    return status;
}

static void env_log(const tsr_env *env, int level, const char *fmt, ...) {
    tsr_check_env *e = host(env);
    if (level < TSR_LOG_ERROR || level > TSR_LOG_DEBUG) {
        pthread_mutex_lock(&e->lock);
        note_fault(e, "log() was called with an unknown level");
        pthread_mutex_unlock(&e->lock);
    }
}

static int env_progress(const tsr_env *env, double fraction) {
    tsr_check_env *e = host(env);
    pthread_mutex_lock(&e->lock);
    if (!(fraction >= 0.0 && fraction <= 1.0))
        note_fault(e, "progress() was called with a fraction outside 0..1");
    if (e->setup.cancel) e->cancels++;
    pthread_mutex_unlock(&e->lock);
    return e->setup.cancel;
}

void tsr_check_env_init(tsr_check_env *e, const tsr_env_setup *setup) {
    *e = (tsr_check_env){.setup = *setup};
    pthread_mutex_init(&e->lock, NULL);
    uint32_t threads = setup->threads ? setup->threads : 1;
    e->env = (tsr_env){
        .struct_size = sizeof(tsr_env),
        .threads = threads < MAX_WORKERS ? threads : MAX_WORKERS,
        .cpu = setup->cpu,
        .host = e,
        .alloc = env_alloc,
        .parallel_for = env_parallel_for,
        .fail = env_fail,
        .log = env_log,
        .progress = env_progress,
    };
}
