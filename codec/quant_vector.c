/* quant_vector.c - entropy-constrained vector quantization of bands.
 *
 * Of what a vector's energies look at everything is decided before it, so that they are those that
 * the coder will see; otherwise rows of blocks are free to be searched side by side. Further passes
 * have rates counted on the pass before.
 */
#include "quant_vector.h"

#include <math.h>

#include "block_rows.h"
#include "quant_passes.h"
#include "vector_choose.h"

#define MAX_VALUE 4194303.0f /* steps */
#define MAX_SLOTS 16u
#define LEAST     16384u /* coefficients, that another thread is worth what it is given */

/* What one thread at a time works with. */
typedef struct search {
    tsr_passes p;
    const tsr_vector_task *task;
    const tsr_quant_task *t;
    tsr_vector_context vec;
    tsr_vector_rate *rate;
    float most;    /* magnitude of a coefficient, in steps */
    uint32_t band; /* that the contexts are for */
} search;

typedef struct searches {
    search slot[MAX_SLOTS];
    uint32_t n, pass, passes;
} searches;

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

/* Rows y and y + 1. */
static void search_rows(search *s, uint32_t b, uint32_t y, float inv) {
    const tsr_band *band = &s->t->layout->band[b];
    size_t stride = s->p.ctx.mags[b].stride;
    uint16_t *m = tsr_mag_row(&s->p.ctx, b, y);
    tsr_vector_input v = {.cls = tsr_vector_class(&s->p.ctx, b)};
    float left[TSR_VECTOR];
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

/* A tsr_block_row_fn. */
static void search_blocks(void *arg, uint32_t slot, uint32_t b, uint32_t row) {
    search *s = &((searches *)arg)->slot[slot];
    const tsr_band *band = &s->t->layout->band[b];
    float inv = 1.0f / tsr_band_step(s->t, b);
    uint32_t first = row * TSR_BLOCK;
    uint32_t end = band->h - first < TSR_BLOCK ? band->h : first + TSR_BLOCK;
    if (s->band != b) tsr_vector_context_band(&s->vec, &s->p.ctx, b);
    if (s->band != b) s->vec.earlier = tsr_stages_before(s->t->symbols, b);
    s->band = b;
    fill(s, b, (tsr_rows){first, end}, NULL); /* a vector must not see the pass before */
    for (uint32_t y = first; y < end; y += 2) search_rows(s, b, y, inv);
}

static tsr_status progress(void *arg, double done) {
    const searches *all = arg;
    return tsr_quant_progress(all->slot[0].t, (all->pass + done) / all->passes);
}

/* ---- set-up ---- */

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

/* What is not searched: low bands are rounded, earlier bands are taken as they are. */
static void take_band(search *s, uint32_t b) {
    const tsr_band *band = &s->t->layout->band[b];
    s->vec.earlier = tsr_stages_before(s->t->symbols, b);
    if (tsr_quant_wants(s->t, b)) round_band(s, b);
    if (tsr_codebook_wants(s->rate->book, band))
        fill(s, b, (tsr_rows){0, band->h}, s->t->symbols->data[b]);
    else
        tsr_coef_context_fill(&s->p.ctx, b, s->t->symbols->data[b], &s->p.trellis);
}

static uint8_t *take_bands(search *s, uint64_t *coefficients) {
    const tsr_layout *l = s->t->layout;
    uint8_t *searched = tsr_job_alloc(s->t->job, l->n, 1);
    for (uint32_t b = 0; b < l->n && searched; b++) {
        searched[b] = tsr_codebook_wants(s->rate->book, &l->band[b]) && tsr_quant_wants(s->t, b);
        if (searched[b])
            *coefficients += tsr_band_size(&l->band[b]);
        else if (tsr_band_size(&l->band[b]))
            take_band(s, b);
    }
    return searched;
}

static tsr_status open_search(search *s, const tsr_vector_task *task) {
    *s = (search){.task = task, .t = task->t, .band = UINT32_MAX};
    s->most = MAX_VALUE / (float)(s->t->units ? s->t->units : 1);
    tsr_status st = tsr_passes_init(&s->p, s->t);
    if (!st) st = tsr_vector_context_init(&s->vec, &s->p.ctx, task->book, s->t->job);
    if (st) return st;
    s->rate = tsr_vector_rate_new(task->book, s->t->job);
    return s->rate ? TSR_OK : tsr_job_memory_status(s->t->job);
}

/* *s, a copy of the first search, gets all of its own but magnitudes. */
static tsr_status fork_search(search *s) {
    tsr_job *j = s->t->job;
    tsr_status st = tsr_passes_fork(&s->p);
    if (!st) st = tsr_vector_context_init(&s->vec, &s->p.ctx, s->task->book, j);
    if (st) return st;
    s->rate = tsr_vector_rate_fork(s->rate, j);
    return s->rate ? TSR_OK : tsr_job_memory_status(j);
}

static tsr_status fork_searches(searches *all, uint64_t coefficients) {
    tsr_status st = TSR_OK;
    uint64_t most = coefficients / LEAST;
    uint32_t threads = tsr_pool_threads(all->slot[0].t->job->ctx->pool);
    if (most > threads) most = threads;
    for (all->n = 1; all->n < most && all->n < MAX_SLOTS && !st; all->n++) {
        all->slot[all->n] = all->slot[0];
        st = fork_search(&all->slot[all->n]);
    }
    return st;
}

static tsr_status run_pass(searches *all, const uint8_t *searched) {
    search *s = &all->slot[0];
    tsr_job *j = s->t->job;
    tsr_block_rows rows = {.layout = s->t->layout,
                           .wanted = searched,
                           .slots = all->n,
                           .fn = search_blocks,
                           .arg = all,
                           .progress = progress};
    if (all->pass) tsr_vector_rate_update(s->rate);
    for (uint32_t k = 1; k < all->n; k++) tsr_vector_rate_share(all->slot[k].rate, s->rate);
    tsr_status st = tsr_block_rows_run(&rows, j);
    for (uint32_t k = 1; k < all->n; k++) tsr_vector_rate_join(s->rate, all->slot[k].rate);
    return st;
}

tsr_status tsr_quant_vectors(const tsr_vector_task *task) {
    tsr_job *j = task->t->job;
    uint64_t coefficients = 0;
    searches *all = tsr_job_alloc(j, 1, sizeof *all);
    if (!all) return tsr_job_memory_status(j);
    search *s = &all->slot[0];
    tsr_status st = open_search(s, task);
    if (st) return st;
    uint8_t *searched = take_bands(s, &coefficients);
    if (!searched) return tsr_job_memory_status(j);
    st = fork_searches(all, coefficients);
    for (all->passes = task->passes; all->pass < all->passes && !st; all->pass++)
        st = run_pass(all, searched);
    if (task->counts && !st) tsr_vector_rate_add(task->counts, s->rate);
    return st;
}
