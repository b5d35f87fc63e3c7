/* lowpass_response.c - frequency responses of the analysis filters.
 *
 * Shapes, with u = f / f_c and f_c = cutoff / 4 cycles per sample, so that cutoff = 1 puts the
 * half-amplitude point at the highest frequency that the decimated picture can hold:
 *     ideal        1 below u = 1, 1/2 at it, 0 above
 *     cosine       raised cosine with roll-off 1/2: 1 up to u = 1/2, (1 + cos(pi (u - 1/2))) / 2 up
 *                  to u = 3/2, 0 above
 *     gaussian     2^(-u^2)
 *     butterworth  1 / (1 + u^8): order 4, forwards and backwards, hence without phase
 *
 * Matched: let G0, G1 be the responses of the interpolation and of the detail synthesis, and
 * det(w) = G0(w) G1(w + pi) + G1(w) G0(w + pi). The picture x = up(c) * g0 + up(d) * g1 is solved
 * for c and d by the analysis filters (two-channel filter bank of perfect reconstruction; Vetterli
 * and Herley, IEEE Trans. Signal Processing 40 (1992)) H0(w) = 2 G1(w + pi) / det(w),
 * H1(w) = 2 G0(w + pi) / det(w). They are not of finite length, which costs nothing in the
 * frequency domain. With H0 as decimation filter nothing of the coarser picture is left in the
 * residual.
 */
#include <math.h>

#include "lowpass_internal.h"

static const double pi = 3.14159265358979323846;

static double symmetric_response(const float *taps, int reach, double omega) {
    double sum = taps[0];
    for (int k = 1; k <= reach; k++) sum += 2.0 * (double)taps[k] * cos(k * omega);
    return sum;
}

/* G0 and G1 at omega radians per sample. */
static double synthesis_low(double omega) {
    return symmetric_response(tsr_lowpass_low_taps, LOW_REACH, omega);
}
static double synthesis_high(double omega) {
    return symmetric_response(tsr_lowpass_high_taps, HIGH_REACH, omega);
}

double tsr_lowpass_response(uint32_t shape, double cutoff, double f) {
    double u = 4.0 * f / cutoff;
    switch (shape) {
    case SHAPE_IDEAL:
        return u < 1.0 ? 1.0 : u > 1.0 ? 0.0 : 0.5;
    case SHAPE_COSINE:
        return u <= 0.5 ? 1.0 : u >= 1.5 ? 0.0 : 0.5 + 0.5 * cos(pi * (u - 0.5));
    case SHAPE_GAUSSIAN:
        return exp2(-u * u);
    case SHAPE_BUTTERWORTH:
        return 1.0 / (1.0 + pow(u, 8.0));
    default:
        break;
    }
    double w = 2.0 * pi * f, g0 = synthesis_low(w), g1 = synthesis_high(w);
    double m0 = synthesis_low(w + pi), m1 = synthesis_high(w + pi);
    return 2.0 * m1 / (g0 * m1 + g1 * m0);
}

static double high_response(double f) {
    double w = 2.0 * pi * f, g0 = synthesis_low(w), g1 = synthesis_high(w);
    double m0 = synthesis_low(w + pi), m1 = synthesis_high(w + pi);
    return 2.0 * m0 / (g0 * m1 + g1 * m0);
}

void tsr_lowpass_filter(uint32_t filter, uint32_t shape, double cutoff, uint32_t n,
                        float (*out)[2]) {
    for (uint32_t k = 0; k < n; k++) {
        double f = (double)k / n, ahead = 2.0 * pi * f;
        double folded = f <= 0.5 ? f : 1.0 - f; /* the responses are even and have period 1 */
        double r = filter == FILTER_HIGH
                       ? high_response(folded)
                       : tsr_lowpass_response(filter == FILTER_LOW ? SHAPE_MATCHED : shape, cutoff,
                                              folded);
        out[k][0] = (float)(filter == FILTER_HIGH ? r * cos(ahead) : r);
        out[k][1] = (float)(filter == FILTER_HIGH ? r * sin(ahead) : 0.0);
    }
}
