/* image_part.h - parts of a decoded picture: fewer pixels, or only some of them. */
#ifndef TSR_IMAGE_PART_H
#define TSR_IMAGE_PART_H

#include "context.h"

/* *im is a picture of width x height pixels that was halved `done` times; it becomes what that is
 * after `halvings` of them, done <= halvings <= TSR_MAX_REDUCE: a mean for each square of
 * 2^halvings x 2^halvings pixels (fewer at the right and lower ends) in which every pixel of *im
 * weighs as many as it stands for. Rounded to nearest, ties to even. In place, alpha like any other
 * channel. Errors: MEMORY. */
tsr_status tsr_image_average(tsr_image *im, uint32_t width, uint32_t height, uint32_t done,
                             uint32_t halvings, tsr_job *j) TSR_MUST_CHECK;

/* Leaves *r, which is within the picture. In place. */
void tsr_image_crop(tsr_image *im, const tsr_rect *r);

/* Whether *r is a part of a picture of this size, at least a pixel. */
int tsr_rect_within(const tsr_rect *r, uint32_t width, uint32_t height);

/* The pixels that cover *r after that many halvings. */
tsr_rect tsr_rect_halved(const tsr_rect *r, uint32_t halvings);

#endif
