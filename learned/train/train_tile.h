/* train_tile.h - pieces of training pictures before and after coding: what the networks learn from.
 */
#ifndef TRAIN_TILE_H
#define TRAIN_TILE_H

#include <tessera/train.h>

#include "nn_rng.h"

enum {
    TRAIN_CHANNELS = 12,    /* LL, HL, LH, HH of planes 0, 1, 2 */
    TRAIN_TILE_SIDE = 256,  /* pixels, at most */
    TRAIN_TILE_FRACTION = 5 /* fractional bits of the samples kept */
};

/* A tile on the half-resolution grid. data: original, then decoded; of each TRAIN_CHANNELS arrays
 * of h rows of w samples, in levels << TRAIN_TILE_FRACTION. */
typedef struct train_tile {
    uint32_t w, h;
    uint32_t planes; /* of the picture: 1 or 3; the others are zero */
    float step;
    float bpp; /* of the file that the tile alone makes */
    int16_t *data;
} train_tile;

/* How tiles are coded. */
typedef struct train_coding {
    const char *codec; /* spec */
    int postfilter;    /* decoded planes pass the post filter */
} train_coding;

/* Where a tile comes from. */
typedef struct train_cut {
    uint32_t reduce; /* pixels of the picture averaged along each side: 1 or 2 */
    uint32_t x, y;   /* first pixel in the picture */
    uint32_t w, h;   /* of the tile in pixels, even */
} train_cut;

/* A cut of at most TRAIN_TILE_SIDE and at least min_side pixels a side (min_side is even); where
 * the picture is smaller it is continued by reflection. The centre, or anywhere by a generator. */
train_cut tsr_train_cut_centre(const tsr_image *im, uint32_t min_side);
train_cut tsr_train_cut_random(const tsr_image *im, uint32_t min_side, nn_rng *rng);

/* The cut as a picture of its own, without alpha; *out must own nothing. */
tsr_status tsr_train_cut_out(tsr_image *out, const tsr_image *im, const train_cut *c,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Codes the cut at a step and splits both versions into bands. Alpha is left out; the planes that a
 * grey picture lacks are zero. *t owns nothing on entry and on error. */
tsr_status tsr_train_tile_make(train_tile *t, tsr_context *ctx, const tsr_image *im,
                               const train_cut *cut, const train_coding *coding, double step,
                               tsr_diag *d) TSR_MUST_CHECK;
void tsr_train_tile_free(train_tile *t);

/* Which part of a tile is looked at and how it lies: first position, side, mirrored and transposed.
 */
typedef struct train_view {
    uint32_t x, y, w, h; /* of the tile; the result is h x w when transposed */
    int flip_x, flip_y, transpose;
} train_view;

/* A random view of side x side positions. */
train_view tsr_train_view_random(const train_tile *t, uint32_t side, nn_rng *rng);

/* Writes the view of the original (version 0) or decoded (1) tile: TRAIN_CHANNELS arrays. */
void tsr_train_tile_view(const train_tile *t, int version, const train_view *v, float *out);

#endif
