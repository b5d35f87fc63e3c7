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
    float most; /* magnitude of a coefficient, in steps */
} search;

static tsr_vector_choice choose(const search *s, const tsr_vector_input *v) {
    if (s->task->rule == TSR_VECTOR_RD) return tsr_vector_cheapest(s->rate, v, s->task->lambda);
    return tsr_vector_nearest(s->rate->book, v, !s->rate->book->fixed_bits);
}

/* What the stages before, `before` in steps, have left of coefficient c; no sum of stages
 * overflows. */
static float left_of(const search *s, float c, float inv, float before) {
    float x = c * inv;
    x = x < s->most ? x : s->most;
    x = x > -s->most ? x : -s->most;
    return x - before;
}

/* c is the first coefficient; y[] with its sign. */
static void load(const search *s, tsr_vector_input *v, uint32_t width, const float *c, float inv,
                 float *y) {
    v->before = s->vec.earlier.n ? s->vec.before : NULL;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        y[i] = v->outside >> i & 1 ? 0
                                   : left_of(s, c[(i >> 1) * (size_t)width + (i & 1)], inv,
                                             (float)s->vec.before[i] * (1.0f / TSR_VECTOR_SCALE));
        v->y[i] = fabsf(y[i]);
    }
    memcpy(v->energy, s->vec.energy, sizeof v->energy);
    v->total = s->vec.total;
}

static void store(const search *s, const tsr_vector_input *v, const tsr_vector_choice *k,
                  uint16_t *mag, size_t stride, uint32_t width, const float *y, int32_t *out) {
    const tsr_book *book = tsr_class_book(s->rate->book, v->cls);
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        size_t at = (i >> 1) * (size_t)width + (i & 1);
        if (v->outside >> i & 1) continue;
        int32_t a = (int32_t)tsr_choice_magnitude(book, k, i);
        out[at] = y[i] < 0 ? -a : a;
        mag[(i >> 1) * stride + (i & 1)] = tsr_vector_sum_mag(s->vec.before[i], out[at]);
    }
}

static float power(const tsr_vector_input *v) {
    return v->y[0] * v->y[0] + v->y[1] * v->y[1] + v->y[2] * v->y[2] + v->y[3] * v->y[3];
}

static void fill(search *s, uint32_t b, tsr_rows rows, const int32_t *values) {
    tsr_vector_context_fill(&s->p.ctx, b, rows, &s->vec.earlier, values);
}

/* After a pair of rows: blocks of the row of blocks that ends may become zero, and then what the
 * stages before say is left. */
static void end_rows(search *s, uint32_t b, uint32_t y) {
    uint32_t h = s->t->layout->band[b].h, end = y + 2 < h ? y + 2 : h;
    tsr_passes_end_row(&s->p, b, end - 1);
    if (s->vec.earlier.n && (end % TSR_BLOCK == 0 || end == h))
        fill(s, b, (tsr_rows){y - y % TSR_BLOCK, end}, s->t->symbols->data[b]);
}

static void search_band(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    float inv = 1.0f / tsr_band_step(s->t, b);
    size_t stride = s->p.ctx.mags[b].stride;
    tsr_vector_input v = {.cls = tsr_vector_class(&s->p.ctx, b)};
    float left[TSR_VECTOR];
    tsr_vector_context_band(&s->vec, &s->p.ctx, b);
    s->vec.earlier = tsr_stages_before(s->t->symbols, b);
    fill(s, b, (tsr_rows){0, band->h}, NULL); /* a vector must not see the pass before */
    for (uint32_t y = 0; y < band->h; y += 2) {
        uint16_t *m = tsr_mag_row(&s->p.ctx, b, y);
        tsr_vector_context_rows(&s->vec, &s->p.ctx, b, y);
        for (uint32_t x = 0; x < band->w; x += 2) {
            size_t at = (size_t)y * band->w + x;
            const float *c = s->t->coeffs->data[b].f + at;
            v.outside = tsr_vector_outside(band, x, y);
            tsr_vector_find_before(&s->vec, band, x, y, v.outside);
            tsr_vector_energies(&s->vec, m, stride, x, v.outside);
            load(s, &v, band->w, c, inv, left);
            tsr_vector_choice k = choose(s, &v);
            tsr_vector_count(s->rate, &v, &k, 1);
            s->p.worth[x / TSR_BLOCK] += power(&v) - k.cost;
            store(s, &v, &k, m + x, stride, band->w, left, s->t->symbols->data[b] + at);
        }
        if (s->task->rule == TSR_VECTOR_RD) end_rows(s, b, y);
    }
}

static void round_band(const search *s, uint32_t b) {
    const float *c = s->t->coeffs->data[b].f;
    size_t n = tsr_band_size(&s->t->layout->band[b]);
    float inv = 1.0f / tsr_low_step(s->t, b);
    if (!s->vec.earlier.n && s->t->units <= 1) {
        tsr_quant_round(s->t, b, tsr_low_step(s->t, b), 0.5f);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float left = left_of(s, c[i], inv, (float)tsr_before_at(&s->vec.earlier, i));
        s->t->symbols->data[b][i] = (int32_t)floorf(left + 0.5f);
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
    s->vec.earlier = tsr_stages_before(s->t->symbols, b);
    if (wanted) round_band(s, b);
    if (vectors)
        fill(s, b, (tsr_rows){0, band->h}, s->t->symbols->data[b]);
    else
        tsr_coef_context_fill(&s->p.ctx, b, s->t->symbols->data[b], &s->p.trellis);
}

tsr_status tsr_quant_vectors(const tsr_vector_task *task) {
    search s = {.task = task, .t = task->t};
    s.most = MAX_VALUE / (float)(s.t->units ? s.t->units : 1);
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
