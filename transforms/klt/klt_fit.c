/* klt_fit.c - training of the bases: blocks of photographs in, the model out. */
#include "klt_fit.h"

#include <math.h>
#include <stdlib.h>

#include "lapped_blocks.h"

enum { MAX_BLOCKS = 200000, PER_PICTURE = 1000, TRIES = 3000, STEPS = 8, ROUNDS = 25 };

tsr_klt_fit *tsr_klt_fit_new(const tsr_klt_fit_options *o) {
    tsr_klt_fit *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->o = *o;
    if (!f->o.rounds) f->o.rounds = ROUNDS;
    f->random = o->seed * 2 + 1;
    f->block = malloc(MAX_BLOCKS * sizeof *f->block);
    if (f->block) return f;
    free(f);
    return NULL;
}

void tsr_klt_fit_free(tsr_klt_fit *f) {
    if (f) free(f->block);
    free(f);
}

static uint32_t next_random(tsr_klt_fit *f, uint32_t below) {
    f->random = f->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((f->random >> 33) * below >> 31);
}

/* ---- the little of a host that the block transform asks for ---- */

typedef struct host {
    void *block[8];
    unsigned n;
} host;

static void *host_alloc(const tsr_env *env, size_t bytes) {
    host *h = env->host;
    if (h->n == sizeof h->block / sizeof h->block[0] || bytes > SIZE_MAX - 63) return NULL;
    void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (p) h->block[h->n++] = p;
    return p;
}

static tsr_status host_for(const tsr_env *env, uint32_t n,
                           tsr_status (*fn)(void *, uint32_t, uint32_t), void *arg) {
    tsr_status s = TSR_OK;
    for (uint32_t i = 0; i < n && !s; i++) s = fn(arg, i, 0);
    return s;
}

static tsr_status host_fail(const tsr_env *env, tsr_status s, const char *fmt, ...) {
    return s;
}

/* ---- samples ---- */

/* One block in steps, if something is left of it at this step. A block and the same turned by half
 * are equally likely: every other one is. */
static void take_block(tsr_klt_fit *f, float *const *comp, size_t at, float step) {
    float most = 0.0f, *x = f->block[f->n], turn = next_random(f, 2) ? -1.0f : 1.0f;
    x[0] = 0.0f;
    for (unsigned i = 1; i < KLT_SIZE; i++) {
        unsigned odd = (i + i / KLT_SIDE) & 1;
        x[i] = comp[i][at] / step * (odd ? turn : 1.0f);
        most = fmaxf(most, fabsf(x[i]));
    }
    if (most >= 1.0f) f->n++;
}

static void take_blocks(tsr_klt_fit *f, const lapped_grid *g, float *const *comp) {
    static const float step[STEPS] = {8, 11, 16, 22, 32, 45, 64, 90};
    size_t end = f->n + PER_PICTURE < MAX_BLOCKS ? f->n + PER_PICTURE : MAX_BLOCKS;
    for (unsigned tries = 0; tries < TRIES && f->n < end; tries++) {
        size_t at = next_random(f, (uint32_t)lapped_grid_blocks(g));
        take_block(f, comp, at, step[next_random(f, STEPS)]);
    }
}

static tsr_status add_plane(tsr_klt_fit *f, float *plane, uint32_t w, uint32_t h) {
    host memory = {.n = 0};
    const tsr_env env = {.struct_size = sizeof env,
                         .threads = 1,
                         .host = &memory,
                         .alloc = host_alloc,
                         .parallel_for = host_for,
                         .fail = host_fail};
    const tsr_geometry g = {.struct_size = sizeof g, .width = w, .height = h, .planes = 1};
    lapped_blocks l;
    lapped_work work;
    float *comp[KLT_SIZE], *all = NULL;
    tsr_status s = tsr_lapped_configure(&l, &g, KLT_SIDE, 1, &env);
    if (!s) s = tsr_lapped_work_alloc(&work, &l.grid[0], &env);
    if (!s) all = host_alloc(&env, lapped_grid_blocks(&l.grid[0]) * sizeof(klt_block));
    if (!s && !all) s = TSR_ERR_MEMORY;
    for (unsigned i = 0; i < KLT_SIZE && !s; i++)
        comp[i] = all + i * lapped_grid_blocks(&l.grid[0]);
    if (!s) s = tsr_lapped_grid_analyse(&l.grid[0], plane, comp, &work, &env);
    if (!s) take_blocks(f, &l.grid[0], comp);
    while (memory.n) free(memory.block[--memory.n]);
    return s;
}

static tsr_status failed(tsr_diag *d, tsr_status s) {
    return s ? tsr_diag_set(d, s, TSR_NO_OFFSET, "klt: training: %s",
                            s == TSR_ERR_UNSUPPORTED ? "there is no LAPACKE" : "no memory")
             : TSR_OK;
}

tsr_status tsr_klt_fit_add(tsr_klt_fit *f, tsr_context *ctx, const tsr_image *im, tsr_diag *d) {
    tsr_encode_options o;
    tsr_coded_pair pair;
    tsr_encode_options_init(&o);
    o.spec = "identity/uniform/adaptive"; /* only the planes of the original are of interest */
    o.target = TSR_TARGET_STEP;
    o.value = 256;
    o.postfilter = TSR_POSTFILTER_OFF;
    tsr_status s = tsr_coded_pair_make(&pair, ctx, im, &o, d);
    if (s) return s;
    s = add_plane(f, pair.original[0], pair.width, pair.height);
    tsr_coded_pair_free(&pair);
    return failed(d, s);
}

/* ---- the model ---- */

static void write_bases(const tsr_klt_fit *f, uint8_t *p) {
    for (unsigned n = 0; n < KLT_BASES; n++)
        for (unsigned i = 1; i < KLT_SIZE; i++)
            for (unsigned j = 1; j < KLT_SIZE; j++, p += 2) {
                long v = lrintf(f->bases.row[n][i][j] * (1 << KLT_FRACTION));
                p[0] = (uint8_t)(v & 0xff);
                p[1] = (uint8_t)(v >> 8 & 0xff);
            }
}

tsr_status tsr_klt_fit_finish(tsr_klt_fit *f, tsr_blob *model, tsr_diag *d) {
    enum { SIZE = KLT_BASES * KLT_ROTATED * KLT_ROTATED * 2 };
    *model = (tsr_blob){0};
    if (!f->n) return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "klt: no block to train on");
    tsr_status s = tsr_klt_fit_start(f);
    for (uint32_t round = 0; round < f->o.rounds && !s; round++) s = tsr_klt_fit_round(f);
    if (s) return failed(d, s);
    model->data = malloc(SIZE);
    if (!model->data) return failed(d, TSR_ERR_MEMORY);
    model->size = SIZE;
    write_bases(f, model->data);
    return TSR_OK;
}

double tsr_klt_fit_saving(const tsr_klt_fit *f) {
    return f->before > 0 ? 1 - f->after / f->before : 0;
}
