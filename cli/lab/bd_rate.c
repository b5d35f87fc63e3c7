/* bd_rate.c - mean distance of two curves ln(rate) over quality, on their overlap, as a percentage.
 *
 * G. Bjontegaard, "Calculation of average PSNR differences between RD-curves", ITU-T SG16 Q.6
 * VCEG-M33 (2001), with piecewise instead of global cubics (VCEG-AI11).
 */
#include "bd_rate.h"

#include <math.h>

static double range(const tsr_rd_fit *f) {
    return f->x[f->n - 1] - f->x[0];
}

tsr_bd tsr_bd_rate(const tsr_rd_fit *anchor, const tsr_rd_fit *test) {
    tsr_bd bd = {.percent = NAN, .lo = NAN, .hi = NAN};
    if (anchor->not_monotone || test->not_monotone) bd.flags |= TSR_BD_NOT_MONOTONE;
    if (anchor->n < 4 || test->n < 4) bd.flags |= TSR_BD_FEW_POINTS;
    if (anchor->n < 2 || test->n < 2) {
        bd.flags |= TSR_BD_NO_OVERLAP;
        return bd;
    }
    double lo = fmax(anchor->x[0], test->x[0]);
    double hi = fmin(anchor->x[anchor->n - 1], test->x[test->n - 1]);
    if (hi - lo < TSR_BD_MIN_DB) {
        bd.flags |= TSR_BD_NO_OVERLAP;
        return bd;
    }
    double mean =
        (tsr_rd_fit_integral(test, lo, hi) - tsr_rd_fit_integral(anchor, lo, hi)) / (hi - lo);
    bd.percent = expm1(mean) * 100;
    bd.lo = lo;
    bd.hi = hi;
    bd.share = (hi - lo) / fmin(range(anchor), range(test));
    if (bd.share < TSR_BD_THIN_SHARE || hi - lo < TSR_BD_THIN_DB) bd.flags |= TSR_BD_THIN;
    return bd;
}
