/* wavelet_run.c - analysis and synthesis: all levels of all planes, in strips for the threads.
 *
 * Every level turns a picture into four bands of half the sides, and the next level goes on with
 * the low one. Analysis lifts along y, then along x; synthesis along x, then along y.
 * Cost: 4/3 (2 n_steps + 1) multiply-adds a sample. Extra memory: synthesis a quarter of the
 * planes, analysis 5/16, and some rows a thread.
 */
#include <string.h>

#include "wavelet_internal.h"
#include "wavelet_level.h"

enum {
    MIN_STRIP_ROWS = 64, /* a strip lifts up to 8 rows of its neighbours again */
    TASKS_PER_THREAD = 2
};

/* A transform at work; a task is a strip of one plane of the level. */
typedef struct job {
    wavelet_level lv;
    uint32_t strips; /* of a plane */
    wavelet_pictures plane[TSR_MAX_PLANES];
    char *scratch; /* a share for each worker */
    uint64_t share;
    /* Where low band l of plane p is; [p][0] the plane itself. */
    void *low[TSR_MAX_PLANES][WAVELET_MAX_LEVELS + 1];
} job;

/* ---------------------------------------------------------------- memory */

/* n items of size bytes, or NULL with the host's diagnostic written. */
static void *alloc_items(const tsr_env *env, uint64_t size, uint32_t n) {
    size_t total;
    if (__builtin_mul_overflow(size, n, &total)) total = SIZE_MAX;
    return env->alloc(env, total);
}

/* Memory for low band l of all planes and for the coarser ones of the same parity: while a level is
 * at work only its own and the next one are alive. */
static tsr_status alloc_low(const wavelet *wv, job *jb, uint32_t l, const tsr_env *env) {
    if (l >= wv->levels) return TSR_OK;
    uint64_t size = (uint64_t)wv->w[l] * wv->h[l] * sizeof(float);
    char *memory = alloc_items(env, size, wv->g.planes);
    if (!memory) return TSR_ERR_MEMORY;
    for (uint32_t p = 0; p < wv->g.planes; p++)
        for (uint32_t i = l; i < wv->levels; i += 2) jb->low[p][i] = memory + p * size;
    return TSR_OK;
}

/* Synthesis keeps the low bands of even levels in the planes, which are filled by level 1 from the
 * memory of the odd ones. */
static void borrow_planes(const wavelet *wv, job *jb) {
    for (uint32_t p = 0; p < wv->g.planes; p++)
        for (uint32_t l = 2; l < wv->levels; l += 2) jb->low[p][l] = jb->low[p][0];
}

static tsr_status start(const wavelet *wv, job *jb, const tsr_planes *planes,
                        const tsr_coeffs *coeffs, int inverse, const tsr_env *env) {
    *jb = (job){
        .lv = {.kernels = tsr_lift_select(env->cpu, wv->g.lossless != 0),
               .scheme = inverse ? &wv->inverse : &wv->forward,
               .inverse = inverse},
        .share = tsr_wavelet_scratch(wv->w[0]),
    };
    jb->scratch = alloc_items(env, jb->share, env->threads);
    if (!jb->scratch) return TSR_ERR_MEMORY;
    for (uint32_t p = 0; p < wv->g.planes; p++) {
        jb->low[p][0] = planes->p[p].s.f;
        jb->low[p][wv->levels] = coeffs->data[p].f;
    }
    tsr_status s = alloc_low(wv, jb, 1, env);
    if (inverse)
        borrow_planes(wv, jb);
    else if (s == TSR_OK)
        s = alloc_low(wv, jb, 2, env);
    return s;
}

/* ---------------------------------------------------------------- one level */

/* A side of a single sample is neither split nor scaled. */
static void set_scales(const wavelet *wv, wavelet_level *lv, uint32_t l) {
    int sign = lv->inverse ? 1 : -1;
    int x = lv->w > 1 ? sign : 0, y = lv->h > 1 ? sign : 0;
    lv->row_scale[0].low = tsr_wavelet_scale(wv->filter, y + x);
    lv->row_scale[0].high = tsr_wavelet_scale(wv->filter, y - x);
    lv->row_scale[1].low = tsr_wavelet_scale(wv->filter, x - y);
    lv->row_scale[1].high = tsr_wavelet_scale(wv->filter, -x - y);
}

/* How many strips keep the threads busy; any number gives the same result. */
static uint32_t strip_count(const wavelet *wv, uint32_t h, const tsr_env *env) {
    if (env->threads <= 1 || h < 2 * MIN_STRIP_ROWS) return 1;
    uint32_t most = h / MIN_STRIP_ROWS, planes = wv->g.planes;
    uint32_t wanted = (TASKS_PER_THREAD * env->threads + planes - 1) / planes;
    return wanted < most ? wanted : most;
}

static void set_level(const wavelet *wv, job *jb, uint32_t l, const tsr_coeffs *coeffs,
                      const tsr_env *env) {
    jb->lv.w = wv->w[l - 1];
    jb->lv.h = wv->h[l - 1];
    set_scales(wv, &jb->lv, l);
    jb->strips = strip_count(wv, jb->lv.h, env);
    for (uint32_t p = 0; p < wv->g.planes; p++) {
        wavelet_pictures *pics = &jb->plane[p];
        pics->picture = jb->low[p][l - 1];
        pics->band[BAND_LL] = jb->low[p][l];
        for (uint32_t b = BAND_HL; b <= BAND_HH; b++)
            pics->band[b] = coeffs->data[tsr_wavelet_band_index(wv, l, p, b)].f;
    }
}

/* First row of strip i: even, or the height when i is the number of strips. */
static uint32_t strip_start(const job *jb, uint32_t i) {
    uint64_t pairs = jb->lv.h / 2;
    return i == jb->strips ? jb->lv.h : (uint32_t)(pairs * i / jb->strips * 2);
}

static tsr_status run_strip(void *arg, uint32_t task, uint32_t worker) {
    const job *jb = arg;
    uint32_t i = task % jb->strips;
    tsr_wavelet_strip(&jb->lv, &jb->plane[task / jb->strips], strip_start(jb, i),
                      strip_start(jb, i + 1), jb->scratch + worker * jb->share);
    return TSR_OK;
}

/* ---------------------------------------------------------------- all levels */

static tsr_status run_levels(const wavelet *wv, const tsr_planes *planes, const tsr_coeffs *coeffs,
                             int inverse, const tsr_env *env) {
    job jb;
    tsr_status s = start(wv, &jb, planes, coeffs, inverse, env);
    for (uint32_t i = 1; i <= wv->levels && s == TSR_OK; i++) {
        set_level(wv, &jb, inverse ? wv->levels + 1 - i : i, coeffs, env);
        s = env->parallel_for(env, wv->g.planes * jb.strips, run_strip, &jb);
        if (s == TSR_OK && env->progress(env, (double)i / wv->levels)) s = TSR_ERR_CANCELLED;
    }
    return s;
}

static size_t plane_bytes(const wavelet *wv) {
    return (size_t)wv->w[0] * wv->h[0] * sizeof(float);
}

tsr_status tsr_wavelet_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                tsr_coeffs *out, const tsr_env *env) {
    const wavelet *wv = st;
    if (wv->levels > 0) return run_levels(wv, in, out, 0, env);
    for (uint32_t p = 0; p < in->n; p++) memcpy(out->data[p].f, in->p[p].s.f, plane_bytes(wv));
    return TSR_OK;
}

tsr_status tsr_wavelet_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                 const tsr_env *env) {
    const wavelet *wv = st;
    if (wv->levels > 0) return run_levels(wv, out, in, 1, env);
    for (uint32_t p = 0; p < out->n; p++) memcpy(out->p[p].s.f, in->data[p].f, plane_bytes(wv));
    return TSR_OK;
}
