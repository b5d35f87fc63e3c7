/* dct_inverse.c - the inverse DCT by even-odd decomposition.
 *
 * Chen, Smith and Fralick, IEEE Trans. Communications COM-25 (1977), fig. 1: the even half of the
 * coefficients is a DCT of half the length, the odd half antisymmetric. With the halves' sums e and
 * o, sample j is e[j] + o[j] and sample n-1-j is e[j] - o[j]. The odd halves are plain matrix
 * products (n^2 / 4 for length n), summed in order of frequency: 1 + 2 + 4 .. products of size 1,
 * 2^2, 4^2 .. (n/2)^2.
 */
#include "dct_inverse.h"

#include "dct_basis.h"

/* One line of n values, `stride` apart. m: the n x n DCT matrix. */
static inline __attribute__((always_inline)) void inverse_line(const float *m, unsigned n,
                                                               dct_lanes *x, unsigned stride) {
    dct_lanes e[32];
    e[0] = x[0] * m[0];
    for (unsigned half = 1; half < n; half *= 2) {
        unsigned step = n / (2 * half);
        for (unsigned j = 0; j < half; j++) {
            dct_lanes o = x[step * stride] * m[step * n + j];
            for (unsigned i = 1; i < half; i++) {
                unsigned k = (2 * i + 1) * step;
                o += x[k * stride] * m[k * n + j];
            }
            dct_lanes even = e[j];
            e[j] = even + o;
            e[2 * half - 1 - j] = even - o;
        }
    }
    for (unsigned j = 0; j < n; j++) x[j * stride] = e[j];
}

/* Lines of one length each, so that the loops above have constant bounds. */
#define LINES(n)                                                                                   \
    static void lines##n(dct_lanes *t, unsigned count, unsigned next, unsigned stride) {           \
        const float *m = tsr_dct_basis(n);                                                         \
        for (unsigned i = 0; i < count; i++) inverse_line(m, n, t + i * next, stride);             \
    }
LINES(2)
LINES(4)
LINES(8)
LINES(16)
LINES(32)

/* `count` lines of n values, `next` apart, their values `stride` apart. One value is its own DCT.
 */
static void inverse_lines(dct_lanes *t, unsigned n, unsigned count, unsigned next,
                          unsigned stride) {
    switch (n) {
    case 2:
        lines2(t, count, next, stride);
        break;
    case 4:
        lines4(t, count, next, stride);
        break;
    case 8:
        lines8(t, count, next, stride);
        break;
    case 16:
        lines16(t, count, next, stride);
        break;
    case 32:
        lines32(t, count, next, stride);
        break;
    default:
        break;
    }
}

void tsr_dct_inverse(dct_lanes *t, unsigned nx, unsigned ny) {
    inverse_lines(t, nx, ny, nx, 1);
    inverse_lines(t, ny, nx, 1, nx);
}
