/* planes.h - pictures to the planes that transforms see, and back. */
#ifndef TSR_PLANES_H
#define TSR_PLANES_H

#include "colour.h"
#include "context.h"

/* Allocates n planes of w * h samples in the job's memory (uninitialised). */
tsr_status tsr_planes_alloc(tsr_planes *p, uint32_t n, uint32_t w, uint32_t h,
                            tsr_job *j) TSR_MUST_CHECK;

/* The planes that pictures become are in the job's memory for input.
 * Lossy: the first n channels as float samples, 8-bit units, centred, colour-rotated; alpha and
 * grey are planes of their own. */
tsr_status tsr_planes_from_image(const tsr_image *im, uint32_t n, const tsr_colour_map *m,
                                 tsr_planes *out, tsr_job *j);

/* Back, into the first channels: rounds half up, clips; *im is allocated with the right shape. */
tsr_status tsr_planes_to_image(const tsr_planes *in, const tsr_colour_map *m, tsr_image *im,
                               tsr_job *j);

/* Lossless: int32 samples minus half the range; reversible YCoCg-R on RGB when ycocg is set. */
tsr_status tsr_planes_from_image_int(const tsr_image *im, int ycocg, tsr_planes *out, tsr_job *j);
tsr_status tsr_planes_to_image_int(const tsr_planes *in, int ycocg, tsr_image *im, tsr_job *j);

#endif
