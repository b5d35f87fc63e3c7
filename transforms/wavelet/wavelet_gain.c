/* wavelet_gain.c - squared norms of the wavelet's synthesis basis, measured along one dimension.
 *
 * A unit impulse in the middle of a band goes through the inverse transform; the sum of squares of
 * what comes out is the norm. The basis of a two-dimensional band is a product, and so is its norm.
 * Both encoder and decoder measure: plain kernels and sums in a fixed order give the same bits
 * everywhere. Cost: about 2^(levels + 7) lifted samples.
 */
#include <string.h>

#include "wavelet_internal.h"

/* Coefficients of the band that a probe has; the impulse in their middle does not reach the ends.
 */
enum { BAND_SAMPLES = 16 };

typedef struct gain_work {
    lift_scheme inverse;
    lift_scale scale;
    float *a, *b, *high, *scratch; /* a line each */
} gain_work;

/* Length of the low part of a line after some levels. */
static uint32_t low_length(uint32_t n, uint32_t levels) {
    for (uint32_t l = 0; l < levels; l++) n -= n / 2;
    return n;
}

/* Squared norm of the middle coefficient of the low or high band of `level` on a line of n. */
static double impulse_norm(gain_work *wk, uint32_t n, uint32_t level, int in_high) {
    uint32_t n_low = low_length(n, level), n_high = low_length(n, level - 1) / 2;
    memset(wk->a, 0, n * sizeof(float));
    memset(wk->high, 0, n * sizeof(float));
    *(in_high ? wk->high + n_high / 2 : wk->a + n_low / 2) = 1.0f;
    for (uint32_t l = level; l > 0; l--) {
        uint32_t length = low_length(n, l - 1);
        lift_scale unit = {1.0f, 1.0f};
        tsr_lift_float_plain.join(wk->b, wk->a, wk->high, length, &wk->inverse,
                                  length > 1 ? wk->scale : unit, wk->scratch);
        memset(wk->high, 0, n * sizeof(float));
        float *swap = wk->a;
        wk->a = wk->b;
        wk->b = swap;
    }
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += (double)wk->a[i] * wk->a[i];
    return sum;
}

/* Away from its ends a long line is like a shorter one, which is enough to look at. */
static uint32_t probe_length(uint32_t n, uint32_t level) {
    uint32_t enough = (uint32_t)BAND_SAMPLES << level;
    return n < enough ? n : enough;
}

tsr_status tsr_wavelet_measure(wavelet_norms *out, uint32_t filter, uint32_t n, uint32_t levels,
                               const tsr_env *env) {
    size_t line = probe_length(n, levels);
    float *buf = env->alloc(env, 4 * line * sizeof(float));
    if (!buf) return TSR_ERR_MEMORY;
    gain_work wk = {
        .inverse = tsr_wavelet_scheme(filter, 0, 1),
        .scale = {tsr_wavelet_scale(filter, 1), tsr_wavelet_scale(filter, -1)},
        .a = buf,
        .b = buf + line,
        .high = buf + 2 * line,
        .scratch = buf + 3 * line,
    };
    out->low[0] = 1.0;
    for (uint32_t l = 1; l <= levels; l++) {
        int empty = low_length(n, l - 1) == 1;
        out->low[l] = impulse_norm(&wk, probe_length(n, l), l, 0);
        out->high[l] = empty ? 1.0 : impulse_norm(&wk, probe_length(n, l), l, 1);
    }
    return TSR_OK;
}
