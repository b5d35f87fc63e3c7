/* planes.c - interleaved samples to centred planes and back, row by row on the pool.
 *
 * Float operations are elementwise in a fixed order: the decoded picture does not depend on the
 * machine. YCoCg-R: Malvar & Sullivan, JVT-I014r3 (2003).
 */
#include "planes.h"

#include <float.h>
#include <string.h>

/* Excess precision (x87) would change decoded samples. */
_Static_assert(FLT_EVAL_METHOD == 0, "floats must be evaluated as floats: use SSE arithmetic");

#define ROWS_PER_JOB 32u

typedef struct convert {
    const tsr_image *im;
    const tsr_planes *p;
    const tsr_colour_map *m;
    int ycocg;
} convert;

static tsr_status alloc_in(tsr_arena *a, tsr_planes *p, uint32_t n, uint32_t w, uint32_t h,
                           tsr_job *j) {
    size_t bytes = (size_t)w * h * sizeof(float);
    *p = (tsr_planes){.n = n};
    if (!tsr_arena_reserve(a, n * (bytes + TSR_ALIGN), j->diag)) return tsr_job_memory_status(j);
    for (uint32_t i = 0; i < n; i++) {
        p->p[i].w = w;
        p->p[i].h = h;
        p->p[i].s.f = tsr_arena_alloc(a, bytes, j->diag);
        if (!p->p[i].s.f) return tsr_job_memory_status(j);
    }
    return TSR_OK;
}

tsr_status tsr_planes_alloc(tsr_planes *p, uint32_t n, uint32_t w, uint32_t h, tsr_job *j) {
    return alloc_in(&j->state, p, n, w, h, j);
}

static tsr_status run_rows(tsr_job *j, tsr_job_fn fn, convert *c) {
    uint32_t n = (c->im->height + ROWS_PER_JOB - 1) / ROWS_PER_JOB;
    return tsr_pool_run(j->ctx->pool, n, fn, c);
}

static uint32_t last_row(const convert *c, uint32_t job) {
    uint32_t end = (job + 1) * ROWS_PER_JOB;
    return end < c->im->height ? end : c->im->height;
}

/* ---- lossy ---- */

/* One channel of a row to floats in 8-bit units, centred. */
static void load_row(const tsr_image *im, uint32_t y, unsigned c, float *restrict out) {
    size_t n = im->width, ch = im->channels, base = (size_t)y * n * ch + c;
    if (im->depth == 8) {
        const uint8_t *p = (const uint8_t *)im->pixels + base;
        for (size_t x = 0; x < n; x++) out[x] = (float)p[x * ch] - 128.0f;
    } else {
        const uint16_t *p = (const uint16_t *)im->pixels + base;
        for (size_t x = 0; x < n; x++) out[x] = (float)((double)p[x * ch] / 257.0 - 128.0);
    }
}

static void rotate_row(const float (*m)[3], float *restrict a, float *restrict b, float *restrict c,
                       size_t n) {
    for (size_t x = 0; x < n; x++) {
        float u = a[x], v = b[x], w = c[x];
        a[x] = m[0][0] * u + m[0][1] * v + m[0][2] * w;
        b[x] = m[1][0] * u + m[1][1] * v + m[1][2] * w;
        c[x] = m[2][0] * u + m[2][1] * v + m[2][2] * w;
    }
}

static tsr_status from_rows(void *arg, uint32_t job, uint32_t worker) {
    const convert *c = arg;
    for (uint32_t y = job * ROWS_PER_JOB; y < last_row(c, job); y++) {
        size_t o = (size_t)y * c->im->width;
        for (unsigned i = 0; i < c->p->n; i++) load_row(c->im, y, i, c->p->p[i].s.f + o);
        if (c->p->n >= 3 && c->m->kind != TSR_COLOUR_NONE)
            rotate_row(c->m->forward, c->p->p[0].s.f + o, c->p->p[1].s.f + o, c->p->p[2].s.f + o,
                       c->im->width);
    }
    return TSR_OK;
}

tsr_status tsr_planes_from_image(const tsr_image *im, uint32_t n, const tsr_colour_map *m,
                                 tsr_planes *out, tsr_job *j) {
    tsr_status s = alloc_in(&j->input, out, n, im->width, im->height, j);
    convert c = {.im = im, .p = out, .m = m};
    return s ? s : run_rows(j, from_rows, &c);
}

#define STRIP 256u /* samples converted at a time: the rotated values stay in the cache */

/* Side by side first, which is a loop of vectors, then to their places. */
static void store_row8(uint8_t *restrict p, const float *restrict v, size_t n, size_t ch) {
    uint8_t row[STRIP];
    for (size_t x = 0; x < n; x++) {
        float t = v[x] + 128.5f;
        t = t > 0.0f ? t : 0.0f; /* NaN becomes 0 as well */
        t = t < 255.0f ? t : 255.0f;
        row[x] = (uint8_t)(int)t;
    }
    for (size_t x = 0; x < n; x++) p[x * ch] = row[x];
}

static void store_row16(uint16_t *restrict p, const float *restrict v, size_t n, size_t ch) {
    for (size_t x = 0; x < n; x++) {
        double t = ((double)v[x] + 128.0) * 257.0 + 0.5;
        t = t > 0.0 ? t : 0.0; /* NaN becomes 0 as well */
        t = t < 65535.0 ? t : 65535.0;
        p[x * ch] = (uint16_t)(int)t;
    }
}

/* n <= STRIP samples of all channels. */
static void store_strip(const convert *c, uint32_t y, uint32_t x0, uint32_t n) {
    float t[TSR_MAX_PLANES][STRIP];
    size_t o = (size_t)y * c->im->width + x0, ch = c->im->channels;
    for (unsigned i = 0; i < c->p->n && i < TSR_MAX_PLANES; i++)
        memcpy(t[i], c->p->p[i].s.f + o, n * sizeof(float));
    if (c->p->n >= 3 && c->m->kind != TSR_COLOUR_NONE)
        rotate_row(c->m->inverse, t[0], t[1], t[2], n);
    for (unsigned i = 0; i < c->p->n; i++) {
        if (c->im->depth == 8)
            store_row8((uint8_t *)c->im->pixels + o * ch + i, t[i], n, ch);
        else
            store_row16((uint16_t *)c->im->pixels + o * ch + i, t[i], n, ch);
    }
}

static tsr_status to_rows(void *arg, uint32_t job, uint32_t worker) {
    const convert *c = arg;
    for (uint32_t y = job * ROWS_PER_JOB; y < last_row(c, job); y++)
        for (uint32_t x = 0; x < c->im->width; x += STRIP)
            store_strip(c, y, x, c->im->width - x < STRIP ? c->im->width - x : STRIP);
    return TSR_OK;
}

tsr_status tsr_planes_to_image(const tsr_planes *in, const tsr_colour_map *m, tsr_image *im,
                               tsr_job *j) {
    convert c = {.im = im, .p = in, .m = m};
    return run_rows(j, to_rows, &c);
}

/* ---- lossless ---- */

static int32_t load_int(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] - 128
                          : ((const uint16_t *)im->pixels)[i] - 32768;
}

static void store_int(tsr_image *im, size_t i, int32_t v) {
    int32_t half = im->depth == 8 ? 128 : 32768;
    v = v < -half ? 0 : v > half - 1 ? 2 * half - 1 : v + half; /* only hostile streams clip */
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

static tsr_status from_rows_int(void *arg, uint32_t job, uint32_t worker) {
    const convert *c = arg;
    unsigned n = c->p->n;
    size_t i = (size_t)job * ROWS_PER_JOB * c->im->width,
           end = (size_t)last_row(c, job) * c->im->width;
    for (; i < end; i++) {
        int32_t v[TSR_MAX_PLANES];
        for (unsigned k = 0; k < n; k++) v[k] = load_int(c->im, i * n + k);
        if (c->ycocg) {
            int32_t co = v[0] - v[2], t = v[2] + (co >> 1), cg = v[1] - t;
            v[0] = t + (cg >> 1);
            v[1] = co;
            v[2] = cg;
        }
        for (unsigned k = 0; k < n; k++) c->p->p[k].s.i[i] = v[k];
    }
    return TSR_OK;
}

tsr_status tsr_planes_from_image_int(const tsr_image *im, int ycocg, tsr_planes *out, tsr_job *j) {
    tsr_status s = alloc_in(&j->input, out, im->channels, im->width, im->height, j);
    convert c = {.im = im, .p = out, .ycocg = ycocg && im->channels >= 3};
    return s ? s : run_rows(j, from_rows_int, &c);
}

/* Coefficients of hostile streams may be anything: differences wrap instead of overflowing. */
static int32_t wrap_sub(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}
static int32_t wrap_add(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static tsr_status to_rows_int(void *arg, uint32_t job, uint32_t worker) {
    const convert *c = arg;
    unsigned n = c->p->n;
    tsr_image im = *c->im;
    size_t i = (size_t)job * ROWS_PER_JOB * im.width, end = (size_t)last_row(c, job) * im.width;
    for (; i < end; i++) {
        int32_t v[TSR_MAX_PLANES];
        for (unsigned k = 0; k < n; k++) v[k] = c->p->p[k].s.i[i];
        if (c->ycocg) {
            int32_t co = v[1], cg = v[2], t = wrap_sub(v[0], cg >> 1);
            v[1] = wrap_add(cg, t);
            v[2] = wrap_sub(t, co >> 1);
            v[0] = wrap_add(v[2], co);
        }
        for (unsigned k = 0; k < n; k++) store_int(&im, i * n + k, v[k]);
    }
    return TSR_OK;
}

tsr_status tsr_planes_to_image_int(const tsr_planes *in, int ycocg, tsr_image *im, tsr_job *j) {
    convert c = {.im = im, .p = in, .ycocg = ycocg && in->n >= 3};
    return run_rows(j, to_rows_int, &c);
}
