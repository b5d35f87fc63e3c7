/* sweep_reduce.h - pictures at a fraction of their size. */
#ifndef TSR_SWEEP_REDUCE_H
#define TSR_SWEEP_REDUCE_H

#include <tessera/image.h>

/* Replaces *im by a picture of 1/scale the width and height (rounded down, at least 1), each sample
 * the rounded mean of scale x scale samples (fewer where the picture is smaller). scale: 2 or more.
 * Errors: MEMORY; *im then owns nothing. */
tsr_status tsr_reduce(tsr_image *im, uint32_t scale, tsr_diag *d) TSR_MUST_CHECK;

#endif
