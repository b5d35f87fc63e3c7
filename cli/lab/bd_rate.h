/* bd_rate.h - the Bjontegaard delta rate: how many percent more bits one codec needs than another
 * at equal quality. */
#ifndef TSR_BD_RATE_H
#define TSR_BD_RATE_H

#include "rd_fit.h"

enum {
    TSR_BD_NO_OVERLAP = 1,   /* less than TSR_BD_MIN_DB in common: no figure */
    TSR_BD_THIN = 2,         /* a figure from little: see below */
    TSR_BD_NOT_MONOTONE = 4, /* one of the curves falls back somewhere */
    TSR_BD_FEW_POINTS = 8    /* one of the curves has fewer than four points */
};

/* Least overlap for a figure; below which overlap, or share of the shorter curve, it is thin. */
#define TSR_BD_MIN_DB     0.5
#define TSR_BD_THIN_DB    2.0
#define TSR_BD_THIN_SHARE 0.5

typedef struct tsr_bd {
    double
        percent; /* rate of test against anchor - 1, in percent; negative: fewer bits; NAN: none */
    double lo, hi;  /* the overlap in dB; NAN without two curves */
    double share;   /* the overlap as a part of the shorter curve's range, 0..1 */
    unsigned flags; /* TSR_BD_* */
} tsr_bd;

/* Compares two fits over the range of quality they share. */
tsr_bd tsr_bd_rate(const tsr_rd_fit *anchor, const tsr_rd_fit *test);

#endif
