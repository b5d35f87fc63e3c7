/* dct_gain.c - squared norms of the synthesis functions along one axis.
 *
 * The plain DCT is orthonormal: all norms are 1. The boundary filters are not, so the basis
 * functions of a block with two neighbours (fewer where the picture has fewer blocks) are built and
 * summed. Doubles in strict order from constant tables: encoder and decoder get the same bits.
 * Cost: a few thousand operations a frequency, at most.
 */

#include "dct_basis.h"
#include "dct_internal.h"

#define NEIGHBOURHOOD 3u /* blocks looked at */
#define MAX_LENGTH    (NEIGHBOURHOOD * DCT_MAX_BLOCK * 8u)

/* Applies the post-filter at the inner boundaries of `blocks` blocks of n values. */
static void filter(const dct_lap *lap, double *x, uint32_t n, uint32_t blocks) {
    if (!lap) return;
    uint32_t h = lap->half;
    for (uint32_t b = 1; b < blocks; b++) {
        double *p = x + b * n - h, d[DCT_MAX_LAP];
        for (uint32_t i = 0; i < h; i++) d[i] = p[i] - p[2 * h - 1 - i];
        for (uint32_t i = 0; i < h; i++) {
            double e = 0;
            for (uint32_t j = 0; j < h; j++) e += (double)lap->post[i][j] * d[j];
            p[i] += e;
            p[2 * h - 1 - i] -= e;
        }
    }
}

/* Replaces `count` lowest coefficients by the samples of their blocks of n. */
static uint32_t expand(double *x, uint32_t count, uint32_t n) {
    double low = n > 1 ? (double)tsr_dct_basis(n)[0] : 1.0;
    for (uint32_t c = count; c-- > 0;)
        for (uint32_t j = n; j-- > 0;) x[c * n + j] = x[c] * low;
    return count * n;
}

static double norm_of(const dct *d, uint32_t stage, int down, uint32_t k) {
    const dct_stage *s = &d->stage[stage];
    uint32_t n = down ? s->ny : s->nx, blocks = down ? s->by : s->bx;
    if (blocks > NEIGHBOURHOOD) blocks = NEIGHBOURHOOD;
    double x[MAX_LENGTH] = {0};
    double *own = x + (blocks / 2) * n;
    if (n == 1)
        own[0] = 1;
    else
        for (uint32_t j = 0; j < n; j++) own[j] = (double)tsr_dct_basis(n)[k * n + j];
    filter(s->lap, x, n, blocks);
    uint32_t length = n * blocks;
    while (stage-- > 0) {
        uint32_t finer = down ? d->stage[stage].ny : d->stage[stage].nx;
        uint32_t cells = length;
        length = expand(x, cells, finer);
        filter(d->stage[stage].lap, x, finer, cells);
    }
    double sum = 0;
    for (uint32_t i = 0; i < length; i++) sum += x[i] * x[i];
    return sum;
}

void tsr_dct_axis_norms(const dct *d, uint32_t stage, int down, double *norm) {
    uint32_t n = down ? d->stage[stage].ny : d->stage[stage].nx;
    for (uint32_t k = 0; k < n; k++) norm[k] = norm_of(d, stage, down, k);
}
