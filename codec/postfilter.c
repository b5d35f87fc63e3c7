/* postfilter.c - classification and filtering. */
#include "postfilter.h"

#include <math.h>
#include <string.h>

#include "postfilter_data.h"

#define FIRST_HALF_OCTAVE 24u /* of step index 3072: step 4 */
#define SAMPLE_MAX        32000.0f
#define GRADIENT_MAX      2047

const tsr_filter_weights *tsr_filter_model(void) {
    return (const tsr_filter_weights *)tsr_postfilter_data;
}

uint32_t tsr_filter_set(uint32_t step_index) {
    uint32_t half_octave = (step_index + 64) / 128;
    if (!step_index || half_octave + 2 < FIRST_HALF_OCTAVE) return 0;
    uint32_t set = half_octave < FIRST_HALF_OCTAVE ? 1 : half_octave - FIRST_HALF_OCTAVE + 1;
    return set < TSR_FILTER_SETS ? set : TSR_FILTER_SETS;
}

/* ---- padded integer planes ---- */

static void load_row(const float *restrict in, int16_t *restrict out, uint32_t w) {
    for (uint32_t x = 0; x < w; x++) {
        float v = in[x] * (float)(1 << TSR_FILTER_FRACTION) + 32768.5f;
        v = v > 768.0f ? v : 768.0f; /* NaN as well */
        v = v < 32768.0f + SAMPLE_MAX ? v : 32768.0f + SAMPLE_MAX;
        out[x] = (int16_t)((int32_t)v - 32768);
    }
    for (int i = 1; i <= (int)TSR_FILTER_BORDER; i++) {
        out[-i] = out[0];
        out[(ptrdiff_t)w - 1 + i] = out[w - 1];
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

tsr_status tsr_filter_load(tsr_filter_planes *f, const tsr_planes *in, tsr_job *j) {
    *f = (tsr_filter_planes){.n = in->n >= 3 ? 3 : 1, .w = in->p[0].w, .h = in->p[0].h};
    f->stride = ((size_t)f->w + 2 * TSR_FILTER_BORDER + 31) / 32 * 32;
    for (uint32_t i = 0; i < f->n; i++) {
        int16_t *all = tsr_arena_alloc(
            &j->scratch, f->stride * (f->h + 2 * TSR_FILTER_BORDER) * sizeof *all, j->diag);
        if (!all) return tsr_job_memory_status(j);
        f->p[i] = all + f->stride * TSR_FILTER_BORDER + TSR_FILTER_BORDER;
        for (uint32_t y = 0; y < f->h; y++)
            load_row(in->p[i].s.f + (size_t)y * f->w, f->p[i] + y * f->stride, f->w);
        replicate_rows(f, f->p[i]);
    }
    return TSR_OK;
}

/* ---- classes ---- */

/* Thresholds of one set: strength against multiples of the squared step. */
typedef struct class_rule {
    float strength[7];
} class_rule;

/* l1 is a sum of 25 squared central differences, in (4 levels)^-2 units; the k-th bound is where
 * the root mean square gradient is step * 2^(0.75 (k - 4)). */
static class_rule rule_of(uint32_t set) {
    static const float octave_075[8] = {0.015625f, 0.0441941738f, 0.125f, 0.353553391f,
                                        1.0f,      2.82842712f,   8.0f,   22.627417f};
    class_rule r;
    float step2 = 16.0f; /* set 1: step 4; doubles with every set */
    for (uint32_t i = 1; i < set; i++) step2 *= 2.0f;
    for (int k = 0; k < 7; k++)
        r.strength[k] = 25.0f * 4.0f * 16.0f * step2 * octave_075[k] * 0.25f;
    return r;
}

static uint8_t class_of(const class_rule *r, int32_t xx, int32_t yy, int32_t xy) {
    float a = (float)(xx - yy), b = 2.0f * (float)xy, t = (float)(xx + yy);
    float d2 = a * a + b * b, l1 = 0.5f * (t + sqrtf(d2));
    unsigned strength = 0, coherence;
    while (strength < 7 && l1 >= r->strength[strength]) strength++;
    /* eigenvalue ratio below 0.29 and 0.084, without dividing: T (1 - r) < D (1 + r) */
    float t2 = t * t;
    coherence = t2 * 0.5041f < d2 * 1.6641f;
    coherence += t2 * 0.839056f < d2 * 1.175056f;
    unsigned octant = (b < 0) * 4u; /* of the doubled angle */
    float u = b < 0 ? -a : a, v = b < 0 ? -b : b;
    octant += u < 0 ? (v < -u ? 3 : 2) : (v < u ? 0 : 1);
    return (uint8_t)((strength * 3 + coherence) * 8 + octant);
}

typedef struct gradient_sums {
    int32_t *xx, *yy, *xy; /* of one row, summed over 5 columns */
} gradient_sums;

static int32_t clip_gradient(int32_t v) {
    return v > GRADIENT_MAX ? GRADIENT_MAX : v < -GRADIENT_MAX ? -GRADIENT_MAX : v;
}

/* Products of the gradient of row y at columns -2 .. w+1 (replicated outside), then sums over 5. */
static void gradient_row(const tsr_filter_planes *f, ptrdiff_t y, int32_t *tmp,
                         const gradient_sums *out) {
    ptrdiff_t w = f->w, last = (ptrdiff_t)f->h - 1;
    y = y < 0 ? 0 : y > last ? last : y;
    const int16_t *p = f->p[0] + y * (ptrdiff_t)f->stride, *up = p - f->stride, *dn = p + f->stride;
    int32_t *gxx = tmp + 2, *gyy = gxx + w + 4, *gxy = gyy + w + 4;
    for (ptrdiff_t x = -2; x < w + 2; x++) {
        int32_t gx = clip_gradient((p[x + 1] - p[x - 1]) >> 3),
                gy = clip_gradient((dn[x] - up[x]) >> 3);
        gxx[x] = gx * gx;
        gyy[x] = gy * gy;
        gxy[x] = gx * gy;
    }
    for (ptrdiff_t x = 0; x < w; x++) {
        out->xx[x] = gxx[x - 2] + gxx[x - 1] + gxx[x] + gxx[x + 1] + gxx[x + 2];
        out->yy[x] = gyy[x - 2] + gyy[x - 1] + gyy[x] + gyy[x + 1] + gyy[x + 2];
        out->xy[x] = gxy[x - 2] + gxy[x - 1] + gxy[x] + gxy[x + 1] + gxy[x + 2];
    }
}

static void classify_row(const class_rule *r, const gradient_sums s[5], uint32_t w, uint8_t *cls) {
    for (uint32_t x = 0; x < w; x++) {
        int32_t xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < 5; i++) {
            xx += s[i].xx[x];
            yy += s[i].yy[x];
            xy += s[i].xy[x];
        }
        cls[x] = class_of(r, xx, yy, xy);
    }
}

tsr_status tsr_filter_classify(tsr_filter_classes *c, const tsr_filter_planes *f, uint32_t set,
                               tsr_job *j) {
    class_rule rule = rule_of(set);
    gradient_sums s[5];
    size_t w = f->w;
    *c = (tsr_filter_classes){.w = f->w, .h = f->h};
    c->cls = tsr_arena_alloc(&j->scratch, w * f->h, j->diag);
    int32_t *rows =
        tsr_arena_alloc(&j->scratch, (w * 15 + (w + 4) * 3 + 4) * sizeof *rows, j->diag);
    if (!c->cls || !rows) return tsr_job_memory_status(j);
    int32_t *tmp = rows + w * 15;
    for (int i = 0; i < 5; i++)
        s[i] = (gradient_sums){rows + w * 3 * i, rows + w * (3 * i + 1), rows + w * (3 * i + 2)};
    for (ptrdiff_t y = -2; y < 2; y++) gradient_row(f, y, tmp, &s[y + 2]);
    for (ptrdiff_t y = 0; y < (ptrdiff_t)f->h; y++) {
        gradient_row(f, y + 2, tmp, &s[(y + 4) % 5]);
        classify_row(&rule, s, f->w, c->cls + (size_t)y * w);
    }
    return TSR_OK;
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

/* acc += pair of weights of each pixel's class times the symmetric differences at two offsets */
static void add_taps(int32_t *restrict acc, const int32_t *restrict pairs,
                     const uint8_t *restrict cls, const int16_t *a, ptrdiff_t oa, const int16_t *b,
                     ptrdiff_t ob, uint32_t n) {
    for (uint32_t x = 0; x < n; x++) {
        int32_t w = pairs[cls[x]];
        int32_t da = a[(ptrdiff_t)x + oa] + a[(ptrdiff_t)x - oa] - 2 * a[x];
        int32_t db = b[(ptrdiff_t)x + ob] + b[(ptrdiff_t)x - ob] - 2 * b[x];
        acc[x] += (int16_t)w * da + (w >> 16) * db;
    }
}

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
        add_taps(acc, job->pairs[plane] + t / 2 * TSR_FILTER_CLASSES, cls, f->p[source[t]] + at,
                 offset[t], f->p[source[t + 1]] + at, offset[t + 1], n);
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
    filter_job job = {.f = &f, .c = &c, .weights = tsr_filter_model() + (set - 1), .out = planes};
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
