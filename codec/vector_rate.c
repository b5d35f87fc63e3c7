/* vector_rate.c - costs of decisions: a trained prior and counts. */
#include "vector_rate.h"

#include <math.h>
#include <string.h>

#define COUNT_MAX      16777216.0f /* a float that 1 is added to stays there */
#define PRIOR_STRENGTH 16.0f       /* pseudo-counts of the trained estimate */
#define STRETCH_ONE    256         /* one nat, as in logistic.h */

static void estimate(tsr_vector_bits *v, int8_t trained) {
    float prior = 1.0f / (1.0f + expf((float)(-trained * TSR_RATE_UNIT) / STRETCH_ONE));
    float n = v->count[0] + v->count[1] + PRIOR_STRENGTH;
    float p = (v->count[1] + prior * PRIOR_STRENGTH) / n;
    p = p < 1e-4f ? 1e-4f : p > 1 - 1e-4f ? 1 - 1e-4f : p;
    *v = (tsr_vector_bits){{-log2f(1 - p), -log2f(p)}, {0, 0}};
}

static void estimate_all(tsr_vector_bits *v, const int8_t *trained, size_t n) {
    for (size_t i = 0; i < n; i++) estimate(&v[i], trained[i]);
}

/* What of a level's bits is not the flag of zero, and not the sign. */
static void split_levels(tsr_vector_rate *r) {
    for (uint32_t c = 0; c < TSR_DETAIL_CLASSES; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++) {
            const float *bits = r->levels.bits[c][b][0];
            float flag = -log2f(1 - exp2f(-bits[0])) + 1;
            for (uint32_t u = 1; u < TSR_RATE_LEVELS; u++) r->beyond[c][b][u] = bits[u] - flag;
        }
}

static size_t shape_size(const tsr_vector_rate *r) {
    return (size_t)r->book->books * TSR_MAX_SHAPES * TSR_VECTOR_LEVELS;
}

void tsr_vector_rate_update(tsr_vector_rate *r) {
    estimate_all(r->vector[0], r->book->rate_vector[0], sizeof r->vector / sizeof **r->vector);
    estimate_all(r->zero[0][0], r->book->rate_zero[0][0], sizeof r->zero / sizeof ***r->zero);
    estimate_all(r->shape[0], r->book->rate_shape[0], shape_size(r));
    tsr_rate_model_update(&r->levels);
    split_levels(r);
}

tsr_vector_rate *tsr_vector_rate_new(const tsr_codebook *book, tsr_job *j) {
    tsr_vector_rate *r = tsr_job_alloc(j, 1, sizeof *r);
    if (!r) return NULL;
    r->book = book;
    r->shape = tsr_job_alloc(j, (size_t)book->books * TSR_MAX_SHAPES, sizeof *r->shape);
    if (!r->shape) return NULL;
    tsr_rate_model_init(&r->levels);
    tsr_vector_rate_update(r);
    return r;
}

/* ---- threads ---- */

tsr_vector_rate *tsr_vector_rate_fork(const tsr_vector_rate *r, tsr_job *j) {
    tsr_vector_rate *mine = tsr_job_alloc(j, 1, sizeof *mine);
    if (!mine) return NULL;
    mine->book = r->book;
    mine->shape = tsr_job_alloc(j, (size_t)r->book->books * TSR_MAX_SHAPES, sizeof *mine->shape);
    return mine->shape ? mine : NULL;
}

void tsr_vector_rate_share(tsr_vector_rate *mine, const tsr_vector_rate *r) {
    memcpy(mine->vector, r->vector, sizeof r->vector);
    memcpy(mine->zero, r->zero, sizeof r->zero);
    memcpy(mine->shape, r->shape, shape_size(r) * sizeof **r->shape);
    memcpy(mine->beyond, r->beyond, sizeof r->beyond);
    memset(mine->levels.count, 0, sizeof mine->levels.count);
}

static void join_counts(tsr_vector_bits *a, const tsr_vector_bits *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            float sum = a[i].count[k] + b[i].count[k];
            a[i].count[k] = sum < COUNT_MAX ? sum : COUNT_MAX;
        }
}

void tsr_vector_rate_join(tsr_vector_rate *r, const tsr_vector_rate *mine) {
    uint32_t *count = r->levels.count[0][0][0];
    const uint32_t *more = mine->levels.count[0][0][0];
    join_counts(r->vector[0], mine->vector[0], sizeof r->vector / sizeof **r->vector);
    join_counts(r->zero[0][0], mine->zero[0][0], sizeof r->zero / sizeof ***r->zero);
    join_counts(r->shape[0], mine->shape[0], shape_size(r));
    for (size_t i = 0; i < sizeof r->levels.count / sizeof *count; i++) count[i] += more[i];
}

/* ---- training ---- */

static void add_counts(tsr_vector_bits *a, const tsr_vector_bits *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) a[i].count[k] += b[i].count[k];
}

void tsr_vector_rate_add(tsr_vector_rate *r, const tsr_vector_rate *other) {
    add_counts(r->vector[0], other->vector[0], sizeof r->vector / sizeof **r->vector);
    add_counts(r->zero[0][0], other->zero[0][0], sizeof r->zero / sizeof ***r->zero);
    add_counts(r->shape[0], other->shape[0], shape_size(r));
}

/* A row of decisions by energy: few counts pull towards what the energy below has said. */
static void save_row(const tsr_vector_bits *v, uint32_t levels, tsr_buffer *out) {
    double n[2] = {1, 1}, last;
    for (uint32_t i = 0; i < levels; i++)
        for (int k = 0; k < 2; k++) n[k] += v[i].count[k];
    last = n[1] / (n[0] + n[1]);
    for (uint32_t i = 0; i < levels; i++) {
        double all = (double)v[i].count[0] + v[i].count[1];
        double p = last = (v[i].count[1] + last * 4 + 1e-3) / (all + 4 + 2e-3);
        double x = log(p / (1 - p)) * STRETCH_ONE / TSR_RATE_UNIT;
        tsr_put_u8(out, (uint8_t)(int8_t)floor((x < -127 ? -127 : x > 127 ? 127 : x) + 0.5));
    }
}

void tsr_vector_rate_save(const tsr_vector_rate *r, tsr_buffer *out) {
    for (uint32_t c = 0; c < TSR_VECTOR_CLASSES; c++)
        save_row(r->vector[c], TSR_VECTOR_LEVELS, out);
    for (uint32_t c = 0; c < TSR_VECTOR_CLASSES; c++)
        for (uint32_t k = 0; k < TSR_VECTOR_KINDS; k++) save_row(r->zero[c][k], TSR_BUCKETS, out);
    for (uint32_t i = 0; i < r->book->books * TSR_MAX_SHAPES; i++)
        save_row(r->shape[i], TSR_VECTOR_LEVELS, out);
}
