/* plugin_picture.h - test pictures and planes made by rule, the same on every machine. */
#ifndef TSR_PLUGIN_PICTURE_H
#define TSR_PLUGIN_PICTURE_H

#include "plugin_check.h"

/* The next number of a small generator (xorshift, Marsaglia 2003); *state must not be 0. */
static inline uint32_t tsr_check_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* n guarded planes of w * h samples, each byte set to fill. */
void tsr_check_planes_make(tsr_check *c, tsr_planes *p, uint32_t w, uint32_t h, uint32_t n,
                           uint8_t fill);
void tsr_check_planes_drop(tsr_planes *p);

/* Draws slopes, edges and texture as a photograph has them, -128..127; the planes are related. */
void tsr_check_planes_draw(tsr_planes *p, uint32_t seed);

/* The same as whole numbers for a lossless transform. seed TSR_SEED_EXTREME: noise of the largest
 * magnitudes a lossless plane may hold; TSR_SEED_CHECKER: a chess board of them. */
#define TSR_SEED_EXTREME 0xfffffff0u
#define TSR_SEED_CHECKER 0xfffffff1u
#define TSR_LOSSLESS_MAX ((1 << 18) - 1)
void tsr_check_planes_draw_int(tsr_planes *p, uint32_t seed);

/* A picture like that, for whole-file checks; free it with tsr_image_free(). */
void tsr_check_image_draw(tsr_check *c, tsr_image *im, uint32_t w, uint32_t h, unsigned channels,
                          unsigned depth, uint32_t seed);

#endif
