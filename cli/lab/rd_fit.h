/* rd_fit.h - a rate-distortion curve as a smooth function: ln(rate) over quality. */
#ifndef TSR_RD_FIT_H
#define TSR_RD_FIT_H

#include "lab_pool.h"

/* A piecewise cubic Hermite interpolant (PCHIP). n < 2: there is none. */
typedef struct tsr_rd_fit {
    size_t n;
    double *x;        /* quality in dB, increasing */
    double *y;        /* ln(bits per pixel) */
    double *slope;    /* dy/dx at each knot */
    int not_monotone; /* some point has a higher rate and no higher quality than another one */
} tsr_rd_fit;

/* Fits n points (bpp[i] > 0, dB, both finite) in any order. Of points less than 1e-6 dB apart the
 * one of lowest quality, then rate, is kept. Errors: MEMORY. */
tsr_status tsr_rd_fit_make(tsr_lab_pool *pool, const double *bpp, const double *db, size_t n,
                           tsr_rd_fit *fit, tsr_diag *d) TSR_MUST_CHECK;

/* The interpolant at x, which must lie within the knots, and its integral from a to b >= a. */
double tsr_rd_fit_at(const tsr_rd_fit *fit, double x);
double tsr_rd_fit_integral(const tsr_rd_fit *fit, double a, double b);

#endif
