/* train_quantize.c - a model of quantizer and entropy coder that gradients pass through.
 *
 * Levels: rounded, with a dead zone. Bits: those of a Laplacian whose mean magnitude b follows from
 * the levels already coded around (west, north-west, north, north-east):
 *
 *     P(0) = 1 - exp(-T / b),   P(k) = exp(-(T + |k| - 1) / b) (1 - exp(-1 / b)) / 2,   T = dead
 * zone
 *
 * As a function of the coefficient the bits are joined by straight lines between whole numbers, and
 * flat where a coefficient is far from becoming a level.
 */
#include "train_quantize.h"

#include <math.h>

static const float DEAD_ZONE = 0.62f, FLAT = 0.35f, LEAST_SCALE = 0.1f, SCALE = 0.75f;

/* Magnitude expected at (x, y) from the levels before it. */
static float expected(const float *q, uint32_t w, uint32_t x, uint32_t y) {
    float west = x ? fabsf(q[-1]) : 0, north = 0, corners = 0;
    if (y) {
        north = fabsf(q[-(ptrdiff_t)w]);
        if (x) corners += fabsf(q[-(ptrdiff_t)w - 1]);
        if (x + 1 < w) corners += fabsf(q[-(ptrdiff_t)w + 1]);
    }
    return LEAST_SCALE + SCALE * (2 * west + 2 * north + corners) / 6;
}

static float level_of(float c) {
    float a = fabsf(c);
    return a < DEAD_ZONE ? 0 : copysignf(floorf(a + 1 - DEAD_ZONE), c);
}

double tsr_train_quantize(const float *c, uint32_t w, uint32_t h, float *q, float *slope) {
    double bits = 0;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++, c++, q++, slope++) {
            *q = level_of(*c);
            float b = expected(q, w, x, y), a = fabsf(*c), k = fabsf(*q);
            float per_level = 1 / (b * (float)M_LN2), zero = -log2f(1 - expf(-DEAD_ZONE / b));
            float one = DEAD_ZONE * per_level + 1 - log2f(1 - expf(-1 / b));
            bits += k > 0 ? one + (k - 1) * per_level : zero;
            *slope = a < FLAT ? 0 : copysignf(a < 1 ? one - zero : per_level, *c);
        }
    return bits;
}
