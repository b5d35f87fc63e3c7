/* postfilter.c - classification and filtering. */
#include "postfilter.h"

#include <string.h>

#include "postfilter_data.h"
#include "postfilter_kernel.h"

#define FIRST_HALF_OCTAVE 24u /* of step index 3072: step 4 */

const tsr_filter_weights *tsr_filter_model(void) {
    return (const tsr_filter_weights *)tsr_postfilter_data;
}

uint32_t tsr_filter_set(uint32_t step_index) {
    uint32_t half_octave = (step_index + 64) / 128;
    if (!step_index || half_octave + 2 < FIRST_HALF_OCTAVE) return 0;
    uint32_t set = half_octave < FIRST_HALF_OCTAVE ? 1 : half_octave - FIRST_HALF_OCTAVE + 1;
    return set < TSR_FILTER_SETS ? set : TSR_FILTER_SETS;
}

uint32_t tsr_filter_coarser(uint32_t units) {
    return 63u - (uint32_t)__builtin_clzll((uint64_t)units * units); /* two sets an octave */
}

/* ---- padded integer planes ---- */

const tsr_filter_kernels *tsr_filter_kernels_select(uint32_t cpu) {
#ifdef TSR_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return &tsr_filter_kernels_avx512;
    if (cpu & TSR_CPU_AVX2) return &tsr_filter_kernels_avx2;
#endif
    return &tsr_filter_kernels_plain;
}

static void replicate_columns(int16_t *row, uint32_t w) {
    for (int i = 1; i <= (int)TSR_FILTER_BORDER; i++) {
        row[-i] = row[0];
        row[(ptrdiff_t)w - 1 + i] = row[w - 1];
    }
}

static void replicate_rows(const tsr_filter_planes *f, int16_t *p) {
    size_t bytes = (f->w + 2 * TSR_FILTER_BORDER) * sizeof *p;
    int16_t *first = p - TSR_FILTER_BORDER, *last = first + (f->h - 1) * f->stride;
    for (size_t i = 1; i <= TSR_FILTER_BORDER; i++) {
        memcpy(first - i * f->stride, first, bytes);
        memcpy(last + i * f->stride, last, bytes);
    }
}

typedef struct load_job {
    const tsr_filter_kernels *kernels;
    const tsr_filter_planes *f;
    const tsr_planes *in;
} load_job;

#define ROWS_PER_JOB 64u

static uint32_t row_jobs(const tsr_filter_planes *f) {
    return (f->h + ROWS_PER_JOB - 1) / ROWS_PER_JOB;
}

static uint32_t last_row(const tsr_filter_planes *f, uint32_t piece) {
    uint32_t end = (piece + 1) * ROWS_PER_JOB;
    return end < f->h ? end : f->h;
}

static tsr_status load_rows(void *arg, uint32_t piece, uint32_t worker) {
    const load_job *job = arg;
    const tsr_filter_planes *f = job->f;
    for (uint32_t i = 0; i < f->n; i++)
        for (uint32_t y = piece * ROWS_PER_JOB; y < last_row(f, piece); y++) {
            int16_t *row = f->p[i] + y * f->stride;
            job->kernels->load(job->in->p[i].s.f + (size_t)y * f->w, row, f->w);
            replicate_columns(row, f->w);
        }
    return TSR_OK;
}

tsr_status tsr_filter_load(tsr_filter_planes *f, const tsr_planes *in, tsr_job *j) {
    load_job job = {tsr_filter_kernels_select(j->ctx->cpu), f, in};
    *f = (tsr_filter_planes){.n = in->n >= 3 ? 3 : 1, .w = in->p[0].w, .h = in->p[0].h};
    f->stride = ((size_t)f->w + 2 * TSR_FILTER_BORDER + 31) / 32 * 32;
    for (uint32_t i = 0; i < f->n; i++) {
        int16_t *all = tsr_arena_alloc(
            &j->scratch, f->stride * (f->h + 2 * TSR_FILTER_BORDER) * sizeof *all, j->diag);
        if (!all) return tsr_job_memory_status(j);
        f->p[i] = all + f->stride * TSR_FILTER_BORDER + TSR_FILTER_BORDER;
    }
    tsr_status s = tsr_pool_run(j->ctx->pool, row_jobs(f), load_rows, &job);
    for (uint32_t i = 0; i < f->n; i++) replicate_rows(f, f->p[i]);
    return s;
}

/* ---- classes ---- */

/* l1 is a sum of 25 squared central differences, in (4 levels)^-2 units; the k-th bound is where
 * the root mean square gradient is step * 2^(0.75 (k - 4)). */
static tsr_class_rule rule_of(uint32_t set) {
    static const float octave_075[8] = {0.015625f, 0.0441941738f, 0.125f, 0.353553391f,
                                        1.0f,      2.82842712f,   8.0f,   22.627417f};
    tsr_class_rule r;
    float step2 = 16.0f; /* set 1: step 4; doubles with every set */
    for (uint32_t i = 1; i < set; i++) step2 *= 2.0f;
    for (int k = 0; k < 7; k++)
        r.strength[k] = 25.0f * 4.0f * 16.0f * step2 * octave_075[k] * 0.25f;
    return r;
}

/* Sums of the gradient's products along row y, which is replicated outside the picture. */
static void gradient_row(const tsr_filter_kernels *k, const tsr_filter_planes *f, ptrdiff_t y,
                         int32_t *tmp, const tsr_gradient_sums *out) {
    ptrdiff_t last = (ptrdiff_t)f->h - 1;
    y = y < 0 ? 0 : y > last ? last : y;
    const int16_t *p = f->p[0] + y * (ptrdiff_t)f->stride;
    k->gradients(p - f->stride, p, p + f->stride, f->w, tmp, out);
}

typedef struct class_job {
    const tsr_filter_kernels *kernels;
    const tsr_filter_planes *f;
    const tsr_filter_classes *c;
    tsr_class_rule rule;
    int32_t *rows; /* room_of_rows() for each worker */
} class_job;

/* Sums of five rows, and what they are made from. */
static size_t room_of_rows(const tsr_filter_planes *f) {
    size_t w = f->w;
    return w * 15 + (w + 4) * 3;
}

static tsr_status classify_rows(void *arg, uint32_t piece, uint32_t worker) {
    const class_job *job = arg;
    size_t w = job->f->w;
    int32_t *rows = job->rows + worker * room_of_rows(job->f), *tmp = rows + w * 15;
    tsr_gradient_sums s[5];
    for (int i = 0; i < 5; i++)
        s[i] =
            (tsr_gradient_sums){rows + w * 3 * i, rows + w * (3 * i + 1), rows + w * (3 * i + 2)};
    ptrdiff_t first = (ptrdiff_t)piece * ROWS_PER_JOB, end = last_row(job->f, piece);
    for (ptrdiff_t y = first - 2; y < first + 2; y++)
        gradient_row(job->kernels, job->f, y, tmp, &s[(y - first + 2) % 5]);
    for (ptrdiff_t y = first; y < end; y++) {
        gradient_row(job->kernels, job->f, y + 2, tmp, &s[(y - first + 4) % 5]);
        job->kernels->classify(&job->rule, s, job->f->w, job->c->cls + (size_t)y * w);
    }
    return TSR_OK;
}

tsr_status tsr_filter_classify(tsr_filter_classes *c, const tsr_filter_planes *f, uint32_t set,
                               tsr_job *j) {
    class_job job = {tsr_filter_kernels_select(j->ctx->cpu), f, c, rule_of(set), NULL};
    size_t room = room_of_rows(f) * tsr_pool_threads(j->ctx->pool);
    *c = (tsr_filter_classes){.w = f->w, .h = f->h};
    c->cls = tsr_arena_array(&j->scratch, f->w, f->h, j->diag);
    job.rows = tsr_arena_array(&j->scratch, room, sizeof *job.rows, j->diag);
    if (!c->cls || !job.rows) return tsr_job_memory_status(j);
    return tsr_pool_run(j->ctx->pool, row_jobs(f), classify_rows, &job);
}

/* ---- filtering ---- */

void tsr_filter_offsets(const tsr_filter_planes *f, uint32_t plane,
                        ptrdiff_t offset[TSR_FILTER_TAPS], uint8_t source[TSR_FILTER_TAPS]) {
    uint32_t n = 0;
    int radius = plane ? 2 : 3;
    for (uint32_t pass = 0; pass < (plane ? 2u : 1u); pass++)
        for (int dy = 0; dy <= radius; dy++)
            for (int dx = dy ? -radius : 1; dx <= radius; dx++) {
                offset[n] = dy * (ptrdiff_t)f->stride + dx;
                source[n++] = (uint8_t)(pass ? 0 : plane);
            }
}

typedef struct filter_job {
    const tsr_filter_kernels *kernels;
    const tsr_filter_planes *f;
    const tsr_filter_classes *c;
    const tsr_filter_weights *weights;
    tsr_planes *out;
    int32_t *pairs[TSR_FILTER_PLANES]; /* [tap / 2][class]: two weights packed */
} filter_job;

static void pack_weights(const tsr_filter_weights *w, uint32_t plane, int32_t *pairs) {
    for (uint32_t t = 0; t < TSR_FILTER_TAPS; t += 2)
        for (uint32_t c = 0; c < TSR_FILTER_CLASSES; c++)
            pairs[t / 2 * TSR_FILTER_CLASSES + c] =
                (int32_t)((uint32_t)(uint16_t)(*w)[plane][c][t] | (uint32_t)(*w)[plane][c][t + 1]
                                                                      << 16);
}

#define STRIP 512u

static void filter_strip(const filter_job *job, uint32_t plane, uint32_t y, uint32_t x0,
                         uint32_t n) {
    const tsr_filter_planes *f = job->f;
    ptrdiff_t offset[TSR_FILTER_TAPS];
    uint8_t source[TSR_FILTER_TAPS];
    int32_t acc[STRIP] = {0};
    size_t at = (size_t)y * f->stride + x0;
    const uint8_t *cls = job->c->cls + (size_t)y * f->w + x0;
    tsr_filter_offsets(f, plane, offset, source);
    for (uint32_t t = 0; t < TSR_FILTER_TAPS; t += 2)
        job->kernels->add_taps(acc, job->pairs[plane] + t / 2 * TSR_FILTER_CLASSES, cls,
                               f->p[source[t]] + at, offset[t], f->p[source[t + 1]] + at,
                               offset[t + 1], n);
    const int16_t *p = f->p[plane] + at;
    float *out = job->out->p[plane].s.f + (size_t)y * f->w + x0;
    for (uint32_t x = 0; x < n; x++)
        out[x] = (float)(p[x] + ((acc[x] + (1 << (TSR_FILTER_WEIGHT_BITS - 1))) >>
                                 TSR_FILTER_WEIGHT_BITS)) *
                 (1.0f / (1 << TSR_FILTER_FRACTION));
}

static tsr_status filter_row(void *arg, uint32_t y, uint32_t worker) {
    const filter_job *job = arg;
    for (uint32_t plane = 0; plane < job->f->n; plane++)
        for (uint32_t x = 0; x < job->f->w; x += STRIP)
            filter_strip(job, plane, y, x, job->f->w - x < STRIP ? job->f->w - x : STRIP);
    return TSR_OK;
}

tsr_status tsr_filter_apply(tsr_planes *planes, uint32_t set, tsr_job *j) {
    if (!set) return TSR_OK;
    tsr_arena_mark mark = tsr_arena_save(&j->scratch);
    tsr_filter_planes f;
    tsr_filter_classes c;
    filter_job job = {.kernels = tsr_filter_kernels_select(j->ctx->cpu),
                      .f = &f,
                      .c = &c,
                      .weights = tsr_filter_model() + (set - 1),
                      .out = planes};
    tsr_status s = tsr_filter_load(&f, planes, j);
    if (!s) s = tsr_filter_classify(&c, &f, set, j);
    for (uint32_t i = 0; i < f.n && !s; i++) {
        job.pairs[i] = tsr_arena_alloc(
            &j->scratch, TSR_FILTER_TAPS / 2 * TSR_FILTER_CLASSES * sizeof(int32_t), j->diag);
        if (!job.pairs[i])
            s = tsr_job_memory_status(j);
        else
            pack_weights(job.weights, i, job.pairs[i]);
    }
    if (!s) s = tsr_pool_run(j->ctx->pool, f.h, filter_row, &job);
    tsr_arena_rewind(&j->scratch, mark);
    return s;
}
