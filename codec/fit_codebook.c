/* fit_codebook.c - training of a codebook set (codebook.h) from pictures, in passes over all of
 * them.
 *
 * Pass 0 codes with the scalar quantizer `rdo` and samples vectors with their neighbourhoods: from
 * them come the energy weights and the shapes (fit_lloyd.h). Pass 1 codes with these and
 * fits the weights again, now to the magnitudes that shapes have. Pass 2 counts the decisions:
 * rates, and the counters of `mix`. Pass 3 trains the weights of its mixers from there.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "fit_lloyd.h"
#include "fit_nonneg.h"
#include "mix_start.h"
#include "mix_vector.h"
#include "quant_vector.h"
#include "xorshift.h"

#define SAMPLES     30000u /* kept of each class */
#define DULL        0.4f /* vectors below are zero whatever the rate: one in DULL_ONE_IN is kept */
#define DULL_ONE_IN 8u
#define ROUNDS      16u
#define BOOKS       6u /* luma or chroma, three orientations */
#define MIN_SEEN    6u /* fewer decisions say nothing */

enum { PASS_SAMPLE, PASS_WEIGHTS, PASS_COUNT, PASS_MIX, PASSES };

/* A vector and its surroundings. */
typedef struct vector_sample {
    float y[TSR_VECTOR], weight;
    uint16_t mag[TSR_VECTOR], own[TSR_V_PARENT], ref[TSR_VECTOR][TSR_V_CONST - TSR_V_PARENT];
} vector_sample;

typedef struct class_samples {
    vector_sample *s;
    uint32_t n;
    double offered; /* weight of all that could have been kept */
    uint64_t seen;
} class_samples;

struct tsr_codebook_fit {
    tsr_codebook_fit_options o;
    uint64_t rng;
    uint32_t pass, turn;
    class_samples cls[TSR_VECTOR_CLASSES];
    tsr_vector_weights weight[TSR_VECTOR_CLASSES];
    uint8_t map[TSR_VECTOR_CLASSES];
    uint8_t shape[BOOKS][TSR_MAX_SHAPES][TSR_VECTOR];
    tsr_buffer rates; /* as in the set */
    tsr_buffer start;
    tsr_buffer set; /* what the next pass codes with */
    uint32_t (*zero_tally[TSR_ZERO_CONTEXTS])[2], (*level_tally[TSR_MIX_CONTEXTS])[2];
    tsr_mix_vector *carry; /* weights of the mixers, from picture to picture */
    int carried;
    tsr_vector_rate *counts;
    tsr_vector_bits (*shape_counts)[TSR_VECTOR_LEVELS]; /* of counts */
};

/* ---- set-up ---- */

static void map_classes(tsr_codebook_fit *f) {
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++)
        f->map[c] = (uint8_t)((c % TSR_DETAIL_CLASSES >= 12 ? 3 : 0) + c / 4 % 3);
}

static size_t level_table_size(unsigned i) {
    return (size_t)tsr_mix_context_size[i] * TSR_VECTOR_SLOTS;
}

static int alloc_tables(tsr_codebook_fit *f) {
    int ok = (f->carry = calloc(1, sizeof *f->carry)) != NULL;
    ok &= (f->counts = calloc(1, sizeof *f->counts)) != NULL;
    ok &= (f->shape_counts = calloc(BOOKS * TSR_MAX_SHAPES, sizeof *f->shape_counts)) != NULL;
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++)
        ok &= (f->cls[c].s = malloc(SAMPLES * sizeof(vector_sample))) != NULL;
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; i++)
        ok &=
            (f->zero_tally[i] = calloc(tsr_zero_context_size[i], sizeof *f->zero_tally[i])) != NULL;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        ok &= (f->level_tally[i] = calloc(level_table_size(i), sizeof *f->level_tally[i])) != NULL;
    return ok;
}

tsr_codebook_fit *tsr_codebook_fit_new(const tsr_codebook_fit_options *o) {
    if (!o->shapes || o->shapes > TSR_MAX_SHAPES) return NULL;
    tsr_codebook_fit *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->o = *o;
    f->rng = o->seed * 2 + 1;
    map_classes(f);
    if (alloc_tables(f)) return f;
    tsr_codebook_fit_free(f);
    return NULL;
}

void tsr_codebook_fit_free(tsr_codebook_fit *f) {
    if (!f) return;
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++) free(f->cls[c].s);
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; i++) free(f->zero_tally[i]);
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) free(f->level_tally[i]);
    free(f->carry);
    free(f->counts);
    free(f->shape_counts);
    tsr_buffer_free(&f->rates);
    tsr_buffer_free(&f->start);
    tsr_buffer_free(&f->set);
    free(f);
}

uint32_t tsr_codebook_fit_passes(const tsr_codebook_fit *f) {
    return f->o.kmeans ? PASS_COUNT + 1 : PASSES;
}

/* ---- sampling ---- */

/* Reservoir sampling (Vitter 1985, algorithm R). */
static vector_sample *slot_for_next(tsr_codebook_fit *f, class_samples *c, float weight) {
    c->seen++;
    c->offered += weight;
    if (c->n < SAMPLES) return &c->s[c->n++];
    uint64_t i = tsr_xorshift(&f->rng) % c->seen;
    return i < SAMPLES ? &c->s[i] : NULL;
}

/* The band as values in 1/16 step, whatever the quantizer. */
typedef struct band_view {
    tsr_coef_context *ctx;
    tsr_vector_context *vec;
    uint32_t b;
    const float *c;
    float inv;
} band_view;

static void fill_sample(vector_sample *s, const band_view *v, uint32_t x, uint32_t y,
                        unsigned outside, float weight) {
    const tsr_band *band = &v->ctx->layout->band[v->b];
    uint32_t feature[TSR_V_FEATURES];
    s->weight = weight;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        uint32_t px = x + (i & 1), py = y + (i >> 1);
        int gone = outside >> i & 1;
        s->y[i] = gone ? 0 : fabsf(v->c[(size_t)py * band->w + px]) * v->inv;
        s->mag[i] = gone ? 0 : tsr_mag_row(v->ctx, v->b, py)[px];
        tsr_vector_context_features(v->vec, v->ctx, v->b, x, y, i, feature);
        for (unsigned k = TSR_V_PARENT; k < TSR_V_CONST; k++)
            s->ref[i][k - TSR_V_PARENT] = gone ? 0 : tsr_clip_mag(feature[k]);
    }
    for (unsigned k = 0; k < TSR_V_PARENT; k++) s->own[k] = tsr_clip_mag(feature[k]);
}

static int is_dull(const band_view *v, uint32_t x, uint32_t y, unsigned outside) {
    uint32_t w = v->ctx->layout->band[v->b].w;
    for (unsigned i = 0; i < TSR_VECTOR; i++)
        if (!(outside >> i & 1) &&
            fabsf(v->c[(size_t)(y + (i >> 1)) * w + x + (i & 1)]) * v->inv >= DULL)
            return 0;
    return 1;
}

static void sample_band(tsr_codebook_fit *f, const band_view *v) {
    const tsr_band *band = &v->ctx->layout->band[v->b];
    class_samples *c = &f->cls[tsr_vector_class(v->ctx, v->b)];
    tsr_vector_context_band(v->vec, v->ctx, v->b);
    for (uint32_t y = 0; y < band->h; y += 2) {
        tsr_vector_context_rows(v->vec, v->ctx, v->b, y);
        for (uint32_t x = 0; x < band->w; x += 2) {
            unsigned outside = tsr_vector_outside(band, x, y);
            float weight = 1;
            if (is_dull(v, x, y, outside)) {
                if (tsr_xorshift(&f->rng) % DULL_ONE_IN) continue;
                weight = DULL_ONE_IN;
            }
            vector_sample *s = slot_for_next(f, c, weight);
            if (s) fill_sample(s, v, x, y, outside, weight);
        }
    }
}

static void fill_mags(const tsr_symbols *s, tsr_coef_context *ctx, const tsr_trellis *none,
                      uint32_t b) {
    static const tsr_before first;
    if (tsr_codebook_wants(s->codebook, &s->layout->band[b]))
        tsr_vector_context_fill(ctx, b, (tsr_rows){0, s->layout->band[b].h}, &first, s->data[b]);
    else
        tsr_coef_context_fill(ctx, b, s->data[b], none);
}

static tsr_status sample_picture(tsr_codebook_fit *f, const tsr_encoder *e, float step) {
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_coef_context ctx;
    tsr_vector_context vec;
    tsr_trellis none;
    tsr_codebook plain = {.books = 1, .weight = f->weight}; /* weights are not looked at */
    tsr_trellis_init(&none, 0);
    tsr_status st = tsr_coef_context_init(&ctx, s->layout, NULL, e->job);
    if (!st) st = tsr_vector_context_init(&vec, &ctx, &plain, e->job);
    for (uint32_t b = 0; b < s->layout->n && !st; b++) {
        const tsr_band *band = &s->layout->band[b];
        fill_mags(s, &ctx, &none, b);
        if (band->domain != TSR_DOMAIN_REAL || band->orient == TSR_ORIENT_LOW) continue;
        band_view v = {&ctx, &vec, b, e->coeffs.data[b].f, sqrtf(band->gain) / step};
        sample_band(f, &v);
    }
    return st;
}

/* ---- weights ---- */

typedef struct weight_samples {
    const vector_sample *s;
    const tsr_vector_weights *w;
    unsigned i; /* coefficient */
} weight_samples;

static uint32_t get_around(const void *data, uint32_t n, uint16_t *feature, float *weight) {
    const weight_samples *w = data;
    const vector_sample *s = w->s + n;
    memcpy(feature, s->own, sizeof s->own);
    memcpy(feature + TSR_V_PARENT, s->ref[w->i], sizeof s->ref[w->i]);
    feature[TSR_V_CONST] = 1;
    *weight = s->weight;
    return s->mag[w->i];
}

static uint32_t sample_energy(const tsr_vector_weights *w, const vector_sample *s, unsigned i) {
    uint32_t e = w->around[i][TSR_V_CONST];
    for (unsigned k = 0; k < TSR_V_PARENT; k++) e += (uint32_t)w->around[i][k] * s->own[k];
    for (unsigned k = TSR_V_PARENT; k < TSR_V_CONST; k++)
        e += (uint32_t)w->around[i][k] * s->ref[i][k - TSR_V_PARENT];
    return e;
}

/* Of vectors that are not zero: the energy from around, in half steps, and what is known inside. */
static uint32_t get_inside(const void *data, uint32_t n, uint16_t *feature, float *weight) {
    const weight_samples *w = data;
    const vector_sample *s = w->s + n;
    memset(feature, 0, TSR_VECTOR * sizeof *feature);
    *weight = 0;
    if (!(s->mag[0] | s->mag[1] | s->mag[2] | s->mag[3])) return 0;
    *weight = s->weight;
    feature[0] = tsr_clip_mag(sample_energy(w->w, s, w->i) >> 8);
    for (unsigned k = 0; k < w->i; k++)
        feature[k + 1] = tsr_clip_mag(2 * tsr_vector_round(s->mag[k] * TSR_VECTOR_SCALE / 2u));
    return s->mag[w->i];
}

static void fit_weights(tsr_codebook_fit *f) {
    double w[TSR_VECTOR_FEATURES];
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++)
        for (unsigned i = 0; i < TSR_VECTOR; i++) {
            weight_samples s = {f->cls[c].s, &f->weight[c], i};
            tsr_fit_nonneg(get_around, &s, f->cls[c].n, TSR_VECTOR_FEATURES, w);
            for (unsigned k = 0; k < TSR_VECTOR_FEATURES; k++)
                f->weight[c].around[i][k] = tsr_fit_weight_code(w[k]);
            if (!i) continue;
            tsr_fit_nonneg(get_inside, &s, f->cls[c].n, TSR_VECTOR, w);
            for (unsigned k = 0; k < TSR_VECTOR; k++)
                f->weight[c].inside[i - 1][k] = tsr_fit_weight_code(w[k]);
        }
}

/* ---- shapes ---- */

static uint32_t load_class(const tsr_codebook_fit *f, unsigned c, tsr_lloyd_sample *out) {
    const class_samples *from = &f->cls[c];
    double kept = 0;
    for (uint32_t i = 0; i < from->n; i++) kept += from->s[i].weight;
    for (uint32_t i = 0; i < from->n; i++) {
        const vector_sample *s = &from->s[i];
        out[i] = (tsr_lloyd_sample){.v.cls = c};
        out[i].weight = (uint32_t)(s->weight * from->offered / kept + 0.5);
        for (unsigned p = 0; p < TSR_VECTOR; p++) {
            out[i].v.y[p] = s->y[p];
            out[i].v.energy[p] = sample_energy(&f->weight[c], s, p);
            out[i].v.total += out[i].v.energy[p];
        }
    }
    return from->n;
}

static tsr_status fit_books(tsr_codebook_fit *f, tsr_job *j) {
    tsr_lloyd_options o = {.shapes = f->o.shapes,
                           .rounds = ROUNDS,
                           .lambda = f->o.kmeans ? 0 : f->o.lambda,
                           .seed = f->o.seed};
    tsr_codebook cb = {.books = BOOKS, .map = f->map, .weight = f->weight};
    uint32_t n = 0, at = 0;
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++) n += f->cls[c].n;
    tsr_lloyd_sample *s = tsr_job_alloc(j, n, sizeof *s);
    if (!s) return tsr_job_memory_status(j);
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++) at += load_class(f, c, s + at);
    f->rates.size = 0;
    return tsr_fit_lloyd(s, n, &o, &cb, f->shape, &f->rates, j);
}

/* ---- the set as bytes ---- */

static void write_set(tsr_codebook_fit *f) {
    tsr_buffer *out = &f->set;
    out->size = 0;
    tsr_put_u8(out, 1);
    tsr_put_u8(out, BOOKS);
    tsr_put_u8(out, f->start.size != 0);
    tsr_put_bytes(out, f->map, sizeof f->map);
    for (uint32_t b = 0; b < BOOKS; b++) {
        tsr_put_u8(out, (uint8_t)f->o.shapes);
        tsr_put_bytes(out, f->shape[b], f->o.shapes * TSR_VECTOR);
    }
    tsr_put_bytes(out, f->weight, sizeof f->weight);
    tsr_put_bytes(out, f->rates.data, f->rates.size);
    if (!f->start.size) return;
    tsr_put_u32(out, (uint32_t)f->start.size);
    tsr_put_bytes(out, f->start.data, f->start.size);
}

/* ---- counting ---- */

/* The counts of all pictures, as an estimate of codebook cb. */
static tsr_vector_rate *all_counts(tsr_codebook_fit *f, const tsr_codebook *cb) {
    f->counts->book = cb;
    f->counts->shape = f->shape_counts;
    return f->counts;
}

static tsr_status count_rates(tsr_codebook_fit *f, const tsr_encoder *e, const tsr_codebook *cb,
                              float step) {
    tsr_quant_task t = {.layout = &e->pipe.layout,
                        .step = step,
                        .end_layer = e->pipe.layout.layers,
                        .coeffs = &e->coeffs,
                        .symbols = (tsr_symbols *)&e->pipe.symbols,
                        .job = e->job};
    tsr_vector_task task = {.t = &t,
                            .book = cb,
                            .lambda = f->o.lambda,
                            .rule = f->o.kmeans ? TSR_VECTOR_NEAREST : TSR_VECTOR_RD,
                            .passes = 1,
                            .counts = all_counts(f, cb)};
    return tsr_quant_vectors(&task);
}

static void carry_weights(tsr_mix_vector *to, const tsr_mix_vector *from) {
    memcpy(to->zero_a, from->zero_a, sizeof to->zero_a);
    memcpy(to->zero_b, from->zero_b, sizeof to->zero_b);
    memcpy(to->level_a, from->level_a, sizeof to->level_a);
    memcpy(to->level_b, from->level_b, sizeof to->level_b);
}

static tsr_status run_mix(tsr_codebook_fit *f, const tsr_encoder *e) {
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_mix_model *m = tsr_job_alloc(e->job, 1, sizeof *m);
    if (!m) return tsr_job_memory_status(e->job);
    tsr_status st = tsr_entropy_mix.begin(m, NULL, s, e->job);
    if (st) return st;
    memcpy(m->vec->zero_tally, f->zero_tally, sizeof f->zero_tally);
    memcpy(m->vec->level_tally, f->level_tally, sizeof f->level_tally);
    if (f->carried) carry_weights(m->vec, f->carry);
    tsr_mix_train(m, s);
    carry_weights(f->carry, m->vec);
    f->carried = 1;
    return TSR_OK;
}

/* ---- start state ---- */

static void write_start(tsr_codebook_fit *f) {
    tsr_logistic t;
    tsr_logistic_init(&t);
    f->start.size = 0;
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; i++)
        for (size_t k = 0; k < tsr_zero_context_size[i]; k++)
            tsr_put_u8(&f->start, (uint8_t)tsr_mix_start_code(&t, f->zero_tally[i][k], MIN_SEEN));
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        for (size_t k = 0; k < level_table_size(i); k++)
            if (k % TSR_VECTOR_SLOTS < TSR_VECTOR_TRAINED)
                tsr_put_u8(&f->start,
                           (uint8_t)tsr_mix_start_code(&t, f->level_tally[i][k], MIN_SEEN));
    tsr_mix_start_put_weights(&f->start, f->carry->zero_a, sizeof f->carry->zero_a);
    tsr_mix_start_put_weights(&f->start, f->carry->zero_b, sizeof f->carry->zero_b);
    tsr_mix_start_put_weights(&f->start, f->carry->level_a, sizeof f->carry->level_a);
    tsr_mix_start_put_weights(&f->start, f->carry->level_b, sizeof f->carry->level_b);
}

/* ---- passes ---- */

static tsr_status work_on(tsr_codebook_fit *f, tsr_encoder *e, const tsr_codebook *cb, float step) {
    tsr_status s = TSR_OK;
    if (f->pass == PASS_WEIGHTS || f->pass == PASS_COUNT) s = count_rates(f, e, cb, step);
    if (!s && f->pass <= PASS_WEIGHTS) s = sample_picture(f, e, step);
    if (!s && f->pass >= PASS_COUNT && !f->o.kmeans) s = run_mix(f, e);
    return s;
}

tsr_status tsr_codebook_fit_add(tsr_codebook_fit *f, tsr_context *ctx, const tsr_image *im,
                                const char *transform, tsr_diag *d) {
    static const double steps[] = {12, 40, 100, 25, 60, 160, 18, 80, 30, 9, 50, 200};
    tsr_job job;
    tsr_encoder e;
    tsr_codebook cb;
    tsr_encode_options o;
    double psnr;
    char spec[256];
    snprintf(spec, sizeof spec, "%s/%s/adaptive", transform,
             f->pass == PASS_SAMPLE ? "rdo:passes=1"
             : f->o.kmeans          ? "codebook:kind=kmeans"
                                    : "codebook:passes=1");
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = TSR_TARGET_STEP;
    o.postfilter = 1;
    o.value = steps[(f->turn++ + f->pass) % (sizeof steps / sizeof *steps)];
    tsr_diag_init(d);
    tsr_job_init(&job, ctx, d);
    tsr_status s = tsr_encoder_open(&e, &job, im, &o);
    if (!s && f->pass != PASS_SAMPLE) {
        s = tsr_codebook_parse(&cb, f->set.data, f->set.size, &job);
        e.pipe.symbols.codebook = &cb;
    }
    if (!s) s = tsr_rate_control(&e, &psnr);
    if (!s) s = work_on(f, &e, &cb, (float)o.value);
    tsr_encoder_close(&e);
    tsr_job_free(&job);
    return s;
}

static void clear_samples(tsr_codebook_fit *f) {
    for (unsigned c = 0; c < TSR_VECTOR_CLASSES; c++) {
        f->cls[c].n = 0;
        f->cls[c].seen = 0;
        f->cls[c].offered = 0;
    }
}

static tsr_status save_rates(tsr_codebook_fit *f, tsr_job *j) {
    tsr_codebook cb;
    tsr_status s = tsr_codebook_parse(&cb, f->set.data, f->set.size, j);
    if (s) return s;
    f->rates.size = 0;
    tsr_vector_rate_save(all_counts(f, &cb), &f->rates);
    memset(f->counts, 0, sizeof *f->counts);
    memset(f->shape_counts, 0, BOOKS * TSR_MAX_SHAPES * sizeof *f->shape_counts);
    return TSR_OK;
}

tsr_status tsr_codebook_fit_end_pass(tsr_codebook_fit *f, tsr_context *ctx, tsr_diag *d) {
    tsr_status s = TSR_OK;
    tsr_job job;
    tsr_diag_init(d);
    tsr_job_init(&job, ctx, d);
    if (f->pass <= PASS_WEIGHTS) fit_weights(f);
    if (f->pass == PASS_SAMPLE) s = fit_books(f, &job);
    if (f->pass == PASS_WEIGHTS || f->pass == PASS_COUNT) s = save_rates(f, &job);
    if (f->pass >= PASS_COUNT && !f->o.kmeans) write_start(f);
    write_set(f);
    clear_samples(f);
    f->pass++;
    f->turn = 0;
    if (!s && (f->set.failed || f->rates.failed || f->start.failed))
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the codebook");
    tsr_job_free(&job);
    return s;
}

tsr_status tsr_codebook_fit_finish(tsr_codebook_fit *f, tsr_blob *model, tsr_diag *d) {
    *model = (tsr_blob){f->set.data, f->set.size};
    f->set = (tsr_buffer){0};
    return model->data ? TSR_OK
                       : tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no pass has ended");
}
