/* wavelet_reduce.c - smaller pictures from the coarse levels alone.
 *
 * The low band after n levels is the picture with 2^n times fewer samples along each side, of the
 * same mean. Those of symmetric filters of odd length stand where the first of the samples is that
 * each stands for, and not in their middle; cubic convolution (Keys 1981, a = -1/2) moves them
 * there. Cost: the synthesis of the smaller picture and 8 multiply-adds a sample of it.
 */
#include "wavelet_internal.h"

enum {
    MOST_HALVINGS = 3, /* beyond, there is little to save, and means are less aliased */
    LEAST_SIDE = 8,    /* of a smaller picture: its edges are less exact */
    TAPS = 4
};

typedef struct job {
    const tsr_planes *from, *to;
    float tap[TAPS]; /* of the samples at -1, 0, 1, 2 */
    float *line;     /* a row for each worker */
} job;

/* Weights that move samples by f of their distance, 0 <= f <= 1. */
static void set_taps(job *j, float f) {
    j->tap[0] = ((2.0f - f) * f - 1.0f) * f * 0.5f;
    j->tap[1] = ((3.0f * f - 5.0f) * f * f + 2.0f) * 0.5f;
    j->tap[2] = ((4.0f - 3.0f * f) * f + 1.0f) * f * 0.5f;
    j->tap[3] = (f - 1.0f) * f * f * 0.5f;
}

static float combine(const job *j, float a, float b, float c, float d) {
    return ((j->tap[0] * a + j->tap[1] * b) + j->tap[2] * c) + j->tap[3] * d;
}

/* Outside there is the nearest sample. */
static uint32_t after(uint32_t i, uint32_t distance, uint32_t n) {
    return i + distance < n ? i + distance : n - 1;
}

static void move_down(const job *j, const tsr_plane *p, uint32_t y, float *out) {
    const float *a = p->s.f + (size_t)(y ? y - 1 : 0) * p->w, *b = p->s.f + (size_t)y * p->w;
    const float *c = p->s.f + (size_t)after(y, 1, p->h) * p->w;
    const float *d = p->s.f + (size_t)after(y, 2, p->h) * p->w;
    for (uint32_t x = 0; x < p->w; x++) out[x] = combine(j, a[x], b[x], c[x], d[x]);
}

/* w >= LEAST_SIDE */
static void move_right(const job *j, const float *in, uint32_t w, float *out) {
    uint32_t x = 1;
    out[0] = combine(j, in[0], in[0], in[1], in[2]);
    for (; x + 2 < w; x++) out[x] = combine(j, in[x - 1], in[x], in[x + 1], in[x + 2]);
    for (; x < w; x++) out[x] = combine(j, in[x - 1], in[x], in[after(x, 1, w)], in[w - 1]);
}

static tsr_status move_row(void *arg, uint32_t task, uint32_t worker) {
    const job *j = arg;
    uint32_t h = j->from->p[0].h, y = task % h;
    const tsr_plane *p = &j->from->p[task / h];
    float *line = j->line + (size_t)worker * p->w;
    move_down(j, p, y, line);
    move_right(j, line, p->w, j->to->p[task / h].s.f + (size_t)y * p->w);
    return TSR_OK;
}

/* The picture after n levels as one of its own. */
static wavelet after_levels(const wavelet *wv, uint32_t n) {
    wavelet small = *wv;
    small.levels = wv->levels - n;
    for (uint32_t l = 0; l <= small.levels; l++) {
        small.w[l] = wv->w[l + n];
        small.h[l] = wv->h[l + n];
    }
    return small;
}

/* Each rounding of integer lifting makes a low band darker or brighter, and so do the ends of lines
 * of db3. */
uint32_t tsr_wavelet_reduce(const void *st, uint32_t halvings, uint32_t *bands) {
    const wavelet *wv = st;
    uint32_t most = halvings < MOST_HALVINGS ? halvings : MOST_HALVINGS, n = 0;
    if (wv->g.lossless || wv->filter == WAVELET_DB3) return 0;
    while (n < most && n < wv->levels && wv->w[n + 1] >= LEAST_SIDE && wv->h[n + 1] >= LEAST_SIDE)
        n++;
    *bands = wv->g.planes * (1 + 3 * (wv->levels - n));
    return n;
}

static tsr_status alloc_job(job *j, tsr_planes *low, const tsr_planes *out, const tsr_env *env) {
    *low = *out;
    for (uint32_t p = 0; p < out->n; p++) {
        low->p[p].s.f = env->alloc(env, (size_t)out->p[p].w * out->p[p].h * sizeof(float));
        if (!low->p[p].s.f) return TSR_ERR_MEMORY;
    }
    *j = (job){.from = low, .to = out};
    j->line = env->alloc(env, (size_t)env->threads * out->p[0].w * sizeof(float));
    return j->line ? TSR_OK : TSR_ERR_MEMORY;
}

tsr_status tsr_wavelet_synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in,
                                         tsr_planes *out, const tsr_env *env) {
    wavelet small = after_levels(st, n);
    tsr_planes low;
    job j;
    if (small.filter == WAVELET_HAAR) return tsr_wavelet_synthesis(&small, in, out, env);
    tsr_status s = alloc_job(&j, &low, out, env);
    if (!s) s = tsr_wavelet_synthesis(&small, in, &low, env);
    if (s) return s;
    set_taps(&j, 0.5f - 0.5f / (float)(1u << n));
    return env->parallel_for(env, out->n * out->p[0].h, move_row, &j);
}
