/* wavelet_level.h - one level of the two-dimensional transform on one plane. */
#ifndef WAVELET_LEVEL_H
#define WAVELET_LEVEL_H

#include "lift_kernels.h"

enum { BAND_LL, BAND_HL, BAND_LH, BAND_HH, BANDS }; /* HL: high along x, low along y */

/* What all planes and strips of a level share. Immutable while it runs. */
typedef struct wavelet_level {
    const lift_kernels *kernels;
    const lift_scheme *scheme; /* forward or inverse, as `inverse` says */
    lift_scale row_scale[2];   /* of the rows that are low and high along y */
    uint32_t w, h;             /* of the picture: 1 .. 2^30 - 1 */
    int inverse;
} wavelet_level;

/* Samples of 4 bytes, rows without padding. The low bands have the larger half of an odd side:
 * LL is (w - w/2) x (h - h/2), HL (w/2) x (h - h/2), LH (w - w/2) x (h/2), HH (w/2) x (h/2).
 * Forward reads picture and writes the bands, inverse the other way round; none may overlap. */
typedef struct wavelet_pictures {
    void *picture;
    void *band[BANDS]; /* empty bands are never touched */
} wavelet_pictures;

/* Bytes of scratch that one strip of a picture w samples wide needs. */
uint64_t tsr_wavelet_scratch(uint32_t w);

/* Transforms rows y0 .. y1-1 of the picture and the rows of the bands that belong to them. y0 is
 * even; y1 is even or the height. Strips write disjoint memory and may run at the same time; the
 * result does not depend on the cut. One pass over the data, with n_steps + 3 rows of scratch
 * (64-byte aligned): every row is lifted along x as it comes in (inverse) or goes out (forward),
 * and the lifting along y follows it as a wave, one row behind for each step. Cuts cost up to 2
 * n_steps extra rows. */
void tsr_wavelet_strip(const wavelet_level *lv, const wavelet_pictures *pics, uint32_t y0,
                       uint32_t y1, void *scratch);

#endif
