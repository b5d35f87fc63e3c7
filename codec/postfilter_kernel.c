/* postfilter_kernel.c - the loops of the post filter for one instruction set (KERNEL_ISA).
 *
 * Integers, and floats of exactly rounded operations in a fixed order: equal results.
 */
#include "postfilter_kernel.h"

#include <math.h>
#include <string.h>

#ifdef __AVX512BW__
#include <immintrin.h>
#endif

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

/* Without branches: neighbouring pixels differ, and the loop over them becomes vectors. */
static inline uint32_t class_of(const tsr_class_rule *r, int32_t xx, int32_t yy, int32_t xy) {
    float a = (float)(xx - yy), b = 2.0f * (float)xy, t = (float)(xx + yy);
    float d2 = a * a + b * b, l1 = 0.5f * (t + sqrtf(d2));
    uint32_t strength = 0;
    for (int k = 0; k < 7; k++) strength += l1 >= r->strength[k]; /* the bounds increase */
    /* eigenvalue ratio below 0.29 and 0.084, without dividing: T (1 - r) < D (1 + r) */
    float t2 = t * t;
    uint32_t coherence =
        (uint32_t)(t2 * 0.5041f < d2 * 1.6641f) + (uint32_t)(t2 * 0.839056f < d2 * 1.175056f);
    /* octants of the doubled angle: lower half; left of the axis there, seen from below */
    uint32_t lower = b < 0, left = (uint32_t)(a < 0) ^ (lower & (uint32_t)(a != 0));
    uint32_t steep = fabsf(b) >= fabsf(a);
    uint32_t octant = lower * 4 + ((left * 3) ^ steep);
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

#ifdef __AVX512BW__

typedef int32_t sixteen __attribute__((vector_size(64)));

static inline sixteen load16(const int16_t *p) {
    return (sixteen)_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)p));
}

/* Sixteen of the 192 entries of a table in twelve registers: fetching each would take longer. */
static inline sixteen look_up(const __m512i t[12], const uint8_t *cls) {
    __m512i c = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)cls)), r[6];
    __mmask16 odd = _mm512_test_epi32_mask(c, _mm512_set1_epi32(32)),
              second = _mm512_test_epi32_mask(c, _mm512_set1_epi32(64)),
              upper = _mm512_test_epi32_mask(c, _mm512_set1_epi32(128));
    for (int i = 0; i < 6; i++) r[i] = _mm512_permutex2var_epi32(t[2 * i], c, t[2 * i + 1]);
    for (int i = 0; i < 6; i += 2) r[i] = _mm512_mask_mov_epi32(r[i], odd, r[i + 1]);
    r[0] = _mm512_mask_mov_epi32(r[0], second, r[2]);
    return (sixteen)_mm512_mask_mov_epi32(r[0], upper, r[4]);
}

/* As add_taps(), for all but the last n % 16 pixels; returns how many. */
static inline uint32_t add_taps_by_16(int32_t *restrict acc, const int32_t *restrict pairs,
                                      const uint8_t *restrict cls, const int16_t *a, ptrdiff_t oa,
                                      const int16_t *b, ptrdiff_t ob, uint32_t n) {
    __m512i t[12];
    uint32_t x = 0;
    _Static_assert(TSR_FILTER_CLASSES == 12 * 16, "a register holds 16 classes");
    for (int i = 0; i < 12; i++) t[i] = _mm512_loadu_si512(pairs + 16 * i);
    for (; x + 16 <= n; x += 16, a += 16, b += 16) {
        sixteen w = look_up(t, cls + x), sum;
        sixteen da = load16(a + oa) + load16(a - oa) - 2 * load16(a);
        sixteen db = load16(b + ob) + load16(b - ob) - 2 * load16(b);
        memcpy(&sum, acc + x, sizeof sum);
        sum += (w << 16 >> 16) * da + (w >> 16) * db;
        memcpy(acc + x, &sum, sizeof sum);
    }
    return x;
}

#else

/* Compilers make vectors of the loop over pixels themselves. */
static inline uint32_t add_taps_by_16(int32_t *acc, const int32_t *pairs, const uint8_t *cls,
                                      const int16_t *a, ptrdiff_t oa, const int16_t *b,
                                      ptrdiff_t ob, uint32_t n) {
    return 0;
}

#endif

static void add_taps(int32_t *restrict acc, const int32_t *restrict pairs,
                     const uint8_t *restrict cls, const int16_t *a, ptrdiff_t oa, const int16_t *b,
                     ptrdiff_t ob, uint32_t n) {
    for (uint32_t x = add_taps_by_16(acc, pairs, cls, a, oa, b, ob, n); x < n; x++) {
        int32_t w = pairs[cls[x]];
        int32_t da = a[(ptrdiff_t)x + oa] + a[(ptrdiff_t)x - oa] - 2 * a[x];
        int32_t db = b[(ptrdiff_t)x + ob] + b[(ptrdiff_t)x - ob] - 2 * b[x];
        acc[x] += (int16_t)w * da + (w >> 16) * db;
    }
}

const tsr_filter_kernels JOIN(tsr_filter_kernels_, KERNEL_ISA) = {load, gradients, classify,
                                                                  add_taps};
