/* vqvae_run.c - analysis and synthesis: first level, network, coarser levels, and back.
 *
 * Memory beside the host's: five quarters of a plane for each plane that a network sees.
 */
#include <string.h>

#include "vqvae_internal.h"
#include "vqvae_net.h"

enum { LL, HL, LH, HH, BANDS };

/* The services of the host, with the progress of a part of the work as that of the whole. */
typedef struct part {
    tsr_env env; /* first: progress() finds the rest by it */
    const tsr_env *outer;
    double from, span;
} part;

static int part_progress(const tsr_env *env, double fraction) {
    const part *p = (const part *)(const void *)env;
    return p->outer->progress(p->outer, p->from + p->span * fraction);
}

static part part_of(const tsr_env *outer, double from, double span) {
    part p = {.env = *outer, .outer = outer, .from = from, .span = span};
    p.env.progress = part_progress;
    return p;
}

/* What is at work in one call. */
typedef struct work {
    vqvae *q;
    tsr_vqvae_scale scale;
    float *low[TSR_MAX_PLANES];  /* LL of the first level before the network (analysis) or after the
                                    coarser levels (synthesis) */
    float *high[TSR_MAX_PLANES]; /* the other bands of the first level, one after another: those
                                    that the first level's code writes or reads */
    float *net_low[TSR_MAX_PLANES]; /* LL after the network */
} work;

/* ---- bands ---- */

/* Planes 0 .. n - 1 pass through the networks; alpha does not. */
static uint32_t planes_seen(const vqvae *q) {
    return q->g.planes >= TSR_VQVAE_PLANES ? TSR_VQVAE_PLANES : 1;
}

/* Index of a band of the first level in the layout of the whole wavelet, and in that of its first
 * level alone. */
static uint32_t whole_index(const vqvae *q, uint32_t plane, uint32_t band) {
    return q->whole.n - 3 * q->g.planes + 3 * plane + band - HL;
}

static uint32_t first_index(const vqvae *q, uint32_t plane, uint32_t band) {
    return band == LL ? plane : q->g.planes + 3 * plane + band - HL;
}

static size_t band_size(const tsr_band *b) {
    return (size_t)b->w * b->h;
}

/* Where band HL, LH or HH of a plane begins in work.high. */
static float *high_band(const work *k, uint32_t plane, uint32_t band) {
    float *at = k->high[plane];
    for (uint32_t b = HL; b < band; b++)
        at += band_size(&k->q->first.band[first_index(k->q, plane, b)]);
    return at;
}

static tsr_status alloc_work(work *k, const tsr_env *env) {
    const vqvae *q = k->q;
    size_t low = (size_t)q->w * q->h, all = (size_t)q->g.width * q->g.height;
    for (uint32_t p = 0; p < q->g.planes; p++) {
        int seen = p < planes_seen(q);
        k->low[p] = env->alloc(env, low * sizeof(float));
        if (!k->low[p]) return TSR_ERR_MEMORY;
        k->net_low[p] = k->low[p];
        if (!seen) continue;
        k->high[p] = env->alloc(env, (all - low) * sizeof(float));
        k->net_low[p] = env->alloc(env, low * sizeof(float));
        if (!k->high[p] || !k->net_low[p]) return TSR_ERR_MEMORY;
    }
    return TSR_OK;
}

/* ---- the steps ---- */

/* The first level between the planes and low and, for planes that a network sees, high; the other
 * planes' high bands are the host's. */
static void point_first(const work *k, const tsr_coeffs *host, float *const *low) {
    const vqvae *q = k->q;
    for (uint32_t p = 0; p < q->g.planes; p++) {
        q->first.data[first_index(q, p, LL)].f = low[p];
        for (uint32_t b = HL; b < BANDS; b++)
            q->first.data[first_index(q, p, b)].f =
                p < planes_seen(q) ? high_band(k, p, b) : host->data[whole_index(q, p, b)].f;
    }
}

/* The coarser levels of the low bands: their bands are the first ones of the whole layout. */
static tsr_planes low_planes(const work *k, float *const *low) {
    tsr_planes planes = {.n = k->q->g.planes};
    for (uint32_t p = 0; p < planes.n; p++)
        planes.p[p] = (tsr_plane){.w = k->q->w, .h = k->q->h, .s = {.f = low[p]}};
    return planes;
}

static tsr_status coarse_analysis(const work *k, const tsr_coeffs *host, const tsr_goal *goal,
                                  const tsr_env *env) {
    const vqvae *q = k->q;
    tsr_planes planes = low_planes(k, k->net_low);
    if (q->coarse.n) {
        memcpy(q->coarse.data, host->data, q->coarse.n * sizeof *q->coarse.data);
        tsr_coeffs out = tsr_vqvae_wavelet_coeffs(&q->coarse);
        return tsr_transform_wavelet.analysis(q->coarse.state, &planes, goal, &out, env);
    }
    for (uint32_t p = 0; p < planes.n; p++)
        memcpy(host->data[p].f, k->net_low[p], (size_t)q->w * q->h * sizeof(float));
    return TSR_OK;
}

static tsr_status coarse_synthesis(const work *k, const tsr_coeffs *host, const tsr_env *env) {
    const vqvae *q = k->q;
    tsr_planes planes = low_planes(k, k->low);
    if (q->coarse.n) {
        memcpy(q->coarse.data, host->data, q->coarse.n * sizeof *q->coarse.data);
        tsr_coeffs in = tsr_vqvae_wavelet_coeffs(&q->coarse);
        return tsr_transform_wavelet.synthesis(q->coarse.state, &in, &planes, env);
    }
    for (uint32_t p = 0; p < planes.n; p++)
        memcpy(k->low[p], host->data[p].f, (size_t)q->w * q->h * sizeof(float));
    return TSR_OK;
}

/* One network between low, net_low, and the high bands here and at the host. */
static tsr_status run_net(const work *k, const tsr_vqvae_net *n, const tsr_coeffs *host,
                          int inverse, const tsr_env *env) {
    const vqvae *q = k->q;
    vqvae_grid g = {.w = q->w, .h = q->h};
    for (uint32_t p = 0; p < planes_seen(q); p++)
        for (uint32_t b = LL; b < BANDS; b++) {
            vqvae_channel *c = &g.channel[b * TSR_VQVAE_PLANES + p];
            const tsr_band *band = &q->first.band[first_index(q, p, b)];
            float *here = b == LL ? k->low[p] : high_band(k, p, b);
            float *there = b == LL ? k->net_low[p] : host->data[whole_index(q, p, b)].f;
            c->w = band->w;
            c->h = band->h;
            /* The low band always comes from low; the others come from the host to decode. */
            c->in = inverse && b != LL ? there : here;
            c->out = inverse && b != LL ? here : there;
            if (!band_size(band)) c->in = NULL;
        }
    return tsr_vqvae_net_run(n, k->scale, &g, env);
}

/* ---- analysis and synthesis ---- */

tsr_status tsr_vqvae_analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                              const tsr_env *env) {
    vqvae *q = st;
    work k = {.q = q};
    if (q->use_net && q->use_encoder && q->model.has_encoder)
        k.scale = tsr_vqvae_scale_of(&q->model, goal->step);
    if (!(k.scale.amount > 0))
        return tsr_transform_wavelet.analysis(q->whole.state, in, goal, out, env);
    part lift = part_of(env, 0, 0.2), net = part_of(env, 0.2, 0.6), coarse = part_of(env, 0.8, 0.2);
    tsr_status s = alloc_work(&k, env);
    if (s) return s;
    point_first(&k, out, k.low);
    tsr_coeffs first = tsr_vqvae_wavelet_coeffs(&q->first);
    s = tsr_transform_wavelet.analysis(q->first.state, in, goal, &first, &lift.env);
    if (!s) s = run_net(&k, &q->model.encoder, out, 0, &net.env);
    if (!s) s = coarse_analysis(&k, out, goal, &coarse.env);
    return s;
}

tsr_status tsr_vqvae_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                               const tsr_env *env) {
    vqvae *q = st;
    work k = {.q = q};
    if (q->use_net) k.scale = tsr_vqvae_scale_of(&q->model, q->step);
    if (!(k.scale.amount > 0)) return tsr_transform_wavelet.synthesis(q->whole.state, in, out, env);
    part coarse = part_of(env, 0, 0.2), net = part_of(env, 0.2, 0.6), lift = part_of(env, 0.8, 0.2);
    tsr_status s = alloc_work(&k, env);
    if (!s) s = coarse_synthesis(&k, in, &coarse.env);
    if (!s) s = run_net(&k, &q->model.decoder, in, 1, &net.env);
    if (s) return s;
    point_first(&k, in, k.net_low);
    tsr_coeffs first = tsr_vqvae_wavelet_coeffs(&q->first);
    return tsr_transform_wavelet.synthesis(q->first.state, &first, out, &lift.env);
}
