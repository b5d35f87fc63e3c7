/* quant_search.c - search for quantization levels by rate and distortion.
 *
 * Each band is walked in coding order; the cost of a level is its squared error plus lambda times
 * its bits in the context of the levels before it. Independent levels (rdo) are decided one by one;
 * dependent ones along the trellis (trellis_search.c).
 */
#include "quant_search.h"

#include <math.h>
#include <string.h>

#include "quant_passes.h"
#include "trellis_search.h"

#define MAX_INDEX 8388607.0f

typedef struct search {
    tsr_passes p;
    tsr_trellis_search trellis;
    float lambda; /* in half steps squared a bit */
    float *row;   /* [widest band] magnitudes of the row's coefficients, in half steps */
} search;

/* The level with the lowest cost: 0, or the two around the value. */
static uint32_t best_level(const search *s, float a, const float *bits, uint32_t bucket,
                           float *cost_of_best) {
    float best = a * a + s->lambda * bits[0];
    uint32_t level = 0, lo = (uint32_t)(a * 0.5f);
    /* below 0.6 half steps nothing but zero is worth a look */
    for (uint32_t k = lo ? lo : 1; a >= 0.6f && k <= lo + 1; k++) {
        float d = a - 2.0f * (float)k, cost = d * d + s->lambda * tsr_rate_bits(bits, bucket, k);
        if (cost < best) best = cost, level = k;
    }
    *cost_of_best = best;
    return level;
}

static void search_row(const search *s, uint32_t b, const float *c, uint16_t *mag, int32_t *level) {
    uint32_t n = s->p.t->layout->band[b].w, cls = s->p.ctx.cls[b];
    for (uint32_t x = 0; x < n; x++) {
        uint32_t bucket = tsr_energy_bucket(tsr_energy(&s->p.ctx, mag, x));
        float a = s->row[x], cost;
        uint32_t k = best_level(s, a, s->p.rates->bits[cls][bucket][0], bucket, &cost);
        s->p.worth[x / TSR_BLOCK] += a * a - cost;
        mag[x] = tsr_clip_mag(2 * k);
        level[x] = c[x] < 0 ? -(int32_t)k : (int32_t)k;
    }
}

/* Magnitudes of a row in half steps. */
static void half_steps(const float *c, float inv, uint32_t n, float *out) {
    for (uint32_t x = 0; x < n; x++) {
        float a = fabsf(c[x]) * inv;
        out[x] = a < MAX_INDEX ? a : MAX_INDEX;
    }
}

static void search_detail(tsr_passes *p, uint32_t b) {
    search *s = (search *)p;
    const tsr_band *band = &s->p.t->layout->band[b];
    const float *c = s->p.t->coeffs->data[b].f;
    int32_t *level = s->p.t->symbols->data[b];
    float inv = 2.0f / tsr_band_step(s->p.t, b);
    tsr_coef_context_band(&s->p.ctx, b);
    if (s->trellis.trellis.states)
        tsr_trellis_search_band(&s->trellis, &s->p.ctx, s->p.rates->bits[s->p.ctx.cls[b]], c,
                                level);
    for (uint32_t y = 0; y < band->h; y++, c += band->w, level += band->w) {
        uint16_t *mag = tsr_mag_row(&s->p.ctx, b, y);
        tsr_coef_context_row(&s->p.ctx, b, y);
        half_steps(c, inv, band->w, s->row);
        if (s->trellis.trellis.states)
            tsr_trellis_search_row(&s->trellis, s->row, s->p.ctx.base, band->w, mag);
        else
            search_row(s, b, c, mag, level);
        if (!s->trellis.trellis.states) tsr_passes_end_row(p, b, y);
    }
    if (s->trellis.trellis.states) tsr_trellis_search_end(&s->trellis);
}

static uint32_t widest_band(const tsr_quant_task *t) {
    uint32_t n = 1;
    for (uint32_t b = 0; b < t->layout->n; b++)
        if (tsr_quant_wants(t, b) && t->layout->band[b].w > n) n = t->layout->band[b].w;
    return n;
}

static tsr_status begin(search *s, const tsr_quant_task *t, uint32_t states) {
    uint32_t widest = widest_band(t);
    tsr_status st = tsr_passes_init_rates(&s->p, t);
    if (!st) st = tsr_trellis_search_init(&s->trellis, states, s->lambda, widest, t->job);
    if (st) return st;
    s->row = tsr_job_alloc(t->job, widest, sizeof *s->row);
    return s->row ? TSR_OK : tsr_job_memory_status(t->job);
}

tsr_status tsr_quant_search(const tsr_quant_task *t, uint32_t states, float lambda,
                            uint32_t passes) {
    search s = {.lambda = lambda * 4.0f / (t->step * t->step)};
    tsr_status st = begin(&s, t, states);
    return st ? st : tsr_passes_run(&s.p, passes, search_detail);
}
