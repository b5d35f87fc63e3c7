/* quant_vector.c - entropy-constrained vector quantization of bands.
 *
 * Vectors are decided in coding order, so that the energies around a vector are those that the
 * coder will see. Further passes have rates counted on the pass before.
 */
#include "quant_vector.h"

#include <math.h>

#include "quant_passes.h"
#include "vector_choose.h"

#define MAX_VALUE 4194303.0f /* steps */

typedef struct search {
    tsr_passes p;
    const tsr_vector_task *task;
    const tsr_quant_task *t;
    tsr_vector_context vec;
    tsr_vector_rate *rate;
} search;

static tsr_vector_choice choose(const search *s, const tsr_vector_input *v) {
    if (s->task->rule == TSR_VECTOR_RD) return tsr_vector_cheapest(s->rate, v, s->task->lambda);
    return tsr_vector_nearest(s->rate->book, v, !s->rate->book->fixed_bits);
}

/* Magnitudes in steps; c is the first coefficient. */
static void load(const search *s, tsr_vector_input *v, uint32_t width, const float *c, float inv) {
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        float a = v->outside >> i & 1 ? 0 : fabsf(c[(i >> 1) * (size_t)width + (i & 1)]) * inv;
        v->y[i] = a < MAX_VALUE ? a : MAX_VALUE;
    }
    memcpy(v->energy, s->vec.energy, sizeof v->energy);
    v->total = s->vec.total;
}

static void store(const search *s, const tsr_vector_input *v, const tsr_vector_choice *k,
                  uint16_t *mag, size_t stride, uint32_t width, const float *c, int32_t *out) {
    const tsr_book *book = tsr_class_book(s->rate->book, v->cls);
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        size_t at = (i >> 1) * (size_t)width + (i & 1);
        if (v->outside >> i & 1) continue;
        int32_t a = (int32_t)tsr_choice_magnitude(book, k, i);
        out[at] = c[at] < 0 ? -a : a;
        mag[(i >> 1) * stride + (i & 1)] = tsr_vector_mag(a);
    }
}

static float power(const tsr_vector_input *v) {
    return v->y[0] * v->y[0] + v->y[1] * v->y[1] + v->y[2] * v->y[2] + v->y[3] * v->y[3];
}

static void search_band(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    float inv = 1.0f / tsr_band_step(s->t, b);
    size_t stride = s->p.ctx.mags[b].stride;
    tsr_vector_input v = {.cls = tsr_vector_class(&s->p.ctx, b)};
    tsr_vector_context_band(&s->vec, &s->p.ctx, b);
    for (uint32_t y = 0; y < band->h; y++) /* a vector must not see the pass before */
        memset(tsr_mag_row(&s->p.ctx, b, y), 0, band->w * sizeof(uint16_t));
    for (uint32_t y = 0; y < band->h; y += 2) {
        uint16_t *m = tsr_mag_row(&s->p.ctx, b, y);
        tsr_vector_context_rows(&s->vec, &s->p.ctx, b, y);
        for (uint32_t x = 0; x < band->w; x += 2) {
            size_t at = (size_t)y * band->w + x;
            const float *c = s->t->coeffs->data[b].f + at;
            v.outside = tsr_vector_outside(band, x, y);
            tsr_vector_energies(&s->vec, m, stride, x, v.outside);
            load(s, &v, band->w, c, inv);
            tsr_vector_choice k = choose(s, &v);
            tsr_vector_count(s->rate, &v, &k, 1);
            s->p.worth[x / TSR_BLOCK] += power(&v) - k.cost;
            store(s, &v, &k, m + x, stride, band->w, c, s->t->symbols->data[b] + at);
        }
        if (s->task->rule == TSR_VECTOR_RD)
            tsr_passes_end_row(&s->p, b, y + 1 < band->h ? y + 1 : y);
    }
}

/* A band of the task is searched; earlier ones are taken as they are. */
static void take_band(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    if (!tsr_band_size(band)) return;
    int vectors = tsr_codebook_wants(s->rate->book, band), wanted = tsr_quant_wants(s->t, b);
    if (vectors && wanted) {
        search_band(s, b);
        return;
    }
    if (wanted) tsr_quant_round(s->t, b, tsr_low_step(s->t, b), 0.5f);
    if (vectors)
        tsr_vector_context_fill(&s->p.ctx, b, s->t->symbols->data[b]);
    else
        tsr_coef_context_fill(&s->p.ctx, b, s->t->symbols->data[b], &s->p.trellis);
}

tsr_status tsr_quant_vectors(const tsr_vector_task *task) {
    search s = {.task = task, .t = task->t};
    tsr_job *j = s.t->job;
    uint32_t n = s.t->layout->n;
    tsr_status st = tsr_passes_init(&s.p, s.t);
    if (!st) st = tsr_vector_context_init(&s.vec, &s.p.ctx, task->book, j);
    if (st) return st;
    s.rate = tsr_vector_rate_new(task->book, j);
    if (!s.rate) return tsr_job_memory_status(j);
    for (uint32_t pass = 0; pass < task->passes; pass++) {
        if (pass) tsr_vector_rate_update(s.rate);
        for (uint32_t b = 0; b < n; b++) {
            st = tsr_quant_progress(s.t, (double)(pass * n + b) / (task->passes * n));
            if (st) return st;
            take_band(&s, b);
        }
    }
    if (task->counts) tsr_vector_rate_add(task->counts, s.rate);
    return TSR_OK;
}
