/* quant_search.c - Viterbi search for quantization levels.
 *
 * Each band is walked in coding order. For every state of the quantizer the best path so far is
 * kept, with the two magnitudes to its left; the rows above are those of the best path at the end
 * of each row (paths merge within some tens of samples, so little is lost). The cost of a level is
 * its squared error plus lambda times its bits in the context its own path has made. With one state
 * this is rate-distortion optimised quantization. Cost: about 3 candidates x states x 2 ns a
 * coefficient and pass.
 */
#include "quant_search.h"

#include <math.h>
#include <string.h>

#include "coef_walk.h"
#include "rate_model.h"

#define MAX_INDEX 8388607.0f
#define FAR       1e30f

/* The best path into a state. */
typedef struct path {
    float cost;
    uint16_t w, ww; /* magnitudes of the last two coefficients */
} path;

typedef struct search {
    const tsr_quant_task *t;
    tsr_coef_context ctx;
    tsr_trellis trellis;
    tsr_rate_model *rates;
    float lambda;    /* in half steps squared a bit */
    uint32_t states; /* at least 1 */
    uint8_t *from;   /* [largest band][states]: previous state << 2 | candidate */
} search;

/* Candidate levels of magnitude a (in half steps) under Q0 or Q1: 0, floor, floor + 1. */
static inline uint32_t floor_level(float a, uint32_t q1) {
    return (uint32_t)((a + (float)q1) * 0.5f);
}

static inline uint32_t candidate_level(float a, uint32_t q1, uint32_t candidate) {
    return candidate ? floor_level(a, q1) + candidate - 1 : 0;
}

static inline uint32_t level_magnitude(uint32_t k, uint32_t q1) {
    return k ? 2 * k - q1 : 0;
}

/* One coefficient: extends all paths. */
static void step(const search *s, const path *in, path *out, uint8_t *from, float a, uint32_t base,
                 uint32_t cls) {
    const uint8_t *weight = s->ctx.weight;
    for (uint32_t e = 0; e < s->states; e++) out[e].cost = FAR;
    for (uint32_t e = 0; e < s->states; e++) {
        if (in[e].cost >= FAR) continue;
        uint32_t q1 = tsr_trellis_q1(&s->trellis, e), lo = floor_level(a, q1);
        uint32_t energy =
            base + weight[TSR_F_W] * (uint32_t)in[e].w + weight[TSR_F_WW] * (uint32_t)in[e].ww;
        uint32_t bucket = tsr_energy_bucket(energy);
        const float *bits = s->rates->bits[cls][bucket][q1];
        uint32_t last =
            a < 0.6f ? 0 : 2; /* a coefficient below 0.6 half steps is never worth a level */
        for (uint32_t cand = 0; cand <= last; cand++) {
            uint32_t k = cand ? lo + cand - 1 : 0;
            if (cand && !k) continue;
            uint32_t mag = level_magnitude(k, q1);
            float d = a - (float)mag,
                  cost = in[e].cost + d * d + s->lambda * tsr_rate_bits(bits, bucket, k);
            uint32_t next = s->trellis.next[e][k & 1];
            if (cost >= out[next].cost) continue;
            out[next] = (path){cost, tsr_clip_mag(mag), in[e].w};
            from[next] = (uint8_t)(e << 2 | cand);
        }
    }
}

static uint32_t best_state(const search *s, const path *p) {
    uint32_t best = 0;
    for (uint32_t e = 1; e < s->states; e++)
        if (p[e].cost < p[best].cost) best = e;
    return best;
}

static float half_steps(const float *c, float inv) {
    float a = fabsf(*c) * inv;
    return a < MAX_INDEX ? a : MAX_INDEX;
}

/* Magnitudes of the row that ends with coefficient `last` in state e, for the contexts of the next
 * row. */
static void trace_row(const search *s, const float *c, float inv, size_t last, uint32_t n,
                      uint32_t e, uint16_t *mag) {
    for (uint32_t i = n; i-- > 0; last--) {
        uint8_t f = s->from[last * s->states + e];
        e = f >> 2;
        uint32_t q1 = tsr_trellis_q1(&s->trellis, e);
        uint32_t k = candidate_level(half_steps(c + last, inv), q1, f & 3u);
        mag[i] = tsr_clip_mag(level_magnitude(k, q1));
    }
}

static void trace_band(const search *s, const float *c, float inv, size_t n, uint32_t e,
                       int32_t *levels) {
    for (size_t i = n; i-- > 0;) {
        uint8_t f = s->from[i * s->states + e];
        e = f >> 2;
        int32_t k = (int32_t)candidate_level(half_steps(c + i, inv), tsr_trellis_q1(&s->trellis, e),
                                             f & 3u);
        levels[i] = c[i] < 0 ? -k : k;
    }
}

static void search_detail(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    const float *c = s->t->coeffs->data[b].f;
    float inv = 2.0f / tsr_band_step(s->t, b);
    path p[2][TSR_TRELLIS_MAX];
    uint32_t now = 0, cls = s->ctx.cls[b];
    size_t i = 0;
    for (uint32_t e = 0; e < s->states; e++) p[0][e] = (path){e ? FAR : 0, 0, 0};
    tsr_coef_context_band(&s->ctx, b);
    for (uint32_t y = 0; y < band->h; y++) {
        tsr_coef_context_row(&s->ctx, b, y);
        for (uint32_t e = 0; e < s->states; e++) p[now][e].w = p[now][e].ww = 0;
        for (uint32_t x = 0; x < band->w; x++, i++, now ^= 1)
            step(s, p[now], p[now ^ 1], s->from + i * s->states, half_steps(c + i, inv),
                 s->ctx.base[x], cls);
        uint32_t best = best_state(s, p[now]);
        float floor_cost =
            p[now][best].cost; /* keeps the sums small: floats count differences only */
        for (uint32_t e = 0; e < s->states; e++)
            if (p[now][e].cost < FAR) p[now][e].cost -= floor_cost;
        trace_row(s, c, inv, i - 1, band->w, best, tsr_mag_row(&s->ctx, b, y));
    }
    trace_band(s, c, inv, i, best_state(s, p[now]), s->t->symbols->data[b]);
}

/* Rounds a low band to the nearest. */
static void round_low(search *s, uint32_t b) {
    const float *c = s->t->coeffs->data[b].f;
    float inv = 1.0f / tsr_low_step(s->t, b);
    int32_t *k = s->t->symbols->data[b];
    size_t n = tsr_band_size(&s->t->layout->band[b]);
    for (size_t i = 0; i < n; i++) {
        float a = fabsf(c[i]) * inv + 0.5f;
        int32_t m = (int32_t)(a < MAX_INDEX ? a : MAX_INDEX);
        k[i] = c[i] < 0 ? -m : m;
    }
}

static void search_band(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    if (!tsr_band_size(band)) return;
    if (tsr_quant_wants(s->t, b)) {
        if (band->orient == TSR_ORIENT_LOW)
            round_low(s, b);
        else
            search_detail(s, b);
    }
    tsr_coef_context_fill(&s->ctx, b, s->t->symbols->data[b], &s->trellis);
}

static void count_levels(search *s) {
    for (uint32_t b = 0; b < s->t->layout->n; b++)
        if (tsr_quant_wants(s->t, b) && s->t->layout->band[b].orient != TSR_ORIENT_LOW &&
            tsr_band_size(&s->t->layout->band[b]))
            tsr_rate_model_count(s->rates, &s->ctx, b, s->t->symbols->data[b], &s->trellis);
    tsr_rate_model_update(s->rates);
}

static size_t largest_band(const tsr_quant_task *t) {
    size_t n = 1;
    for (uint32_t b = 0; b < t->layout->n; b++)
        if (tsr_quant_wants(t, b) && tsr_band_size(&t->layout->band[b]) > n)
            n = tsr_band_size(&t->layout->band[b]);
    return n;
}

tsr_status tsr_quant_search(const tsr_quant_task *t, uint32_t states, float lambda,
                            uint32_t passes) {
    search s = {.t = t, .states = states ? states : 1};
    tsr_trellis_init(&s.trellis, states);
    s.lambda = lambda * 4.0f / (t->step * t->step);
    tsr_status st = tsr_coef_context_init(&s.ctx, t->layout, t->job);
    if (st) return st;
    s.rates = tsr_job_alloc(t->job, 1, sizeof *s.rates);
    s.from = tsr_job_alloc(t->job, largest_band(t), s.states);
    if (!s.rates || !s.from) return tsr_job_memory_status(t->job);
    tsr_rate_model_init(s.rates);
    for (uint32_t pass = 0; pass < passes; pass++) {
        if (pass) count_levels(&s);
        for (uint32_t b = 0; b < t->layout->n; b++) {
            double done = (double)(pass * t->layout->n + b) / (passes * t->layout->n);
            if (t->job->env.progress(&t->job->env, 0.6 * done))
                return tsr_diag_set(t->job->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "cancelled");
            search_band(&s, b);
        }
    }
    return TSR_OK;
}
