/* postfilter_kernel.c - the loops of the post filter for one instruction set (KERNEL_ISA).
 *
 * Integers, and floats of exactly rounded operations in a fixed order: equal results.
 */
#include "postfilter_kernel.h"

#include <math.h>

#include "postfilter.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

#define SAMPLE_MAX   32000.0f
#define GRADIENT_MAX 2047

static void load(const float *restrict in, int16_t *restrict out, uint32_t n) {
    for (uint32_t x = 0; x < n; x++) {
        float v = in[x] * (float)(1 << TSR_FILTER_FRACTION) + 32768.5f;
        v = v > 768.0f ? v : 768.0f; /* NaN as well */
        v = v < 32768.0f + SAMPLE_MAX ? v : 32768.0f + SAMPLE_MAX;
        out[x] = (int16_t)((int32_t)v - 32768);
    }
}

static inline int32_t clip_gradient(int32_t v) {
    return v > GRADIENT_MAX ? GRADIENT_MAX : v < -GRADIENT_MAX ? -GRADIENT_MAX : v;
}

static inline void sum5(const int32_t *restrict in, int32_t *restrict out, uint32_t w) {
    for (uint32_t x = 0; x < w; x++) out[x] = in[x] + in[x + 1] + in[x + 2] + in[x + 3] + in[x + 4];
}

static void gradients(const int16_t *up, const int16_t *row, const int16_t *down, uint32_t w,
                      int32_t *restrict tmp, const tsr_gradient_sums *out) {
    uint32_t n = w + 4;
    int32_t *restrict xx = tmp, *restrict yy = tmp + n, *restrict xy = tmp + 2 * (size_t)n;
    for (uint32_t i = 0; i < n; i++) {
        ptrdiff_t x = (ptrdiff_t)i - 2;
        int32_t gx = clip_gradient((row[x + 1] - row[x - 1]) >> 3),
                gy = clip_gradient((down[x] - up[x]) >> 3);
        xx[i] = gx * gx;
        yy[i] = gy * gy;
        xy[i] = gx * gy;
    }
    sum5(xx, out->xx, w);
    sum5(yy, out->yy, w);
    sum5(xy, out->xy, w);
}

static inline uint32_t class_of(const tsr_class_rule *r, int32_t xx, int32_t yy, int32_t xy) {
    float a = (float)(xx - yy), b = 2.0f * (float)xy, t = (float)(xx + yy);
    float d2 = a * a + b * b, l1 = 0.5f * (t + sqrtf(d2));
    uint32_t strength = 0;
    for (int k = 0; k < 7; k++) strength += l1 >= r->strength[k]; /* the bounds increase */
    /* eigenvalue ratio below 0.29 and 0.084, without dividing: T (1 - r) < D (1 + r) */
    float t2 = t * t;
    uint32_t coherence =
        (uint32_t)(t2 * 0.5041f < d2 * 1.6641f) + (uint32_t)(t2 * 0.839056f < d2 * 1.175056f);
    uint32_t negative = b < 0; /* octants of the doubled angle */
    float u = negative ? -a : a, v = negative ? -b : b, side = u < 0 ? -u : u;
    uint32_t left = u < 0, steep = v >= side;
    uint32_t octant = negative * 4 + (left ? 3 - steep : steep);
    return (strength * 3 + coherence) * 8 + octant;
}

static void classify(const tsr_class_rule *r, const tsr_gradient_sums s[5], uint32_t w,
                     uint8_t *restrict cls) {
    for (uint32_t x = 0; x < w; x++) {
        int32_t xx = s[0].xx[x] + s[1].xx[x] + s[2].xx[x] + s[3].xx[x] + s[4].xx[x];
        int32_t yy = s[0].yy[x] + s[1].yy[x] + s[2].yy[x] + s[3].yy[x] + s[4].yy[x];
        int32_t xy = s[0].xy[x] + s[1].xy[x] + s[2].xy[x] + s[3].xy[x] + s[4].xy[x];
        cls[x] = (uint8_t)class_of(r, xx, yy, xy);
    }
}

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

const tsr_filter_kernels JOIN(tsr_filter_kernels_, KERNEL_ISA) = {load, gradients, classify,
                                                                  add_taps};
