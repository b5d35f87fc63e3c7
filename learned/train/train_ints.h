/* train_ints.h - turning a trained network of floats into one of integers. */
#ifndef TRAIN_INTS_H
#define TRAIN_INTS_H

#include "model.h"
#include "train_tile.h"

/* Errors: UNSUPPORTED (two pointwise layers a block: no network of integers can be made of it). */
tsr_status tsr_train_ints_check(const tsr_vqvae_net *n, tsr_diag *d) TSR_MUST_CHECK;

/* What the outputs of all layers of a network of one pointwise layer a block were seen to be, in
 * the order of the layers. */
typedef struct train_ranges {
    float *peak; /* head and blocks: magnitude of the hidden value; depthwise: after relu */
} train_ranges;

tsr_status tsr_train_ranges_new(train_ranges *r, const tsr_vqvae_net *n) TSR_MUST_CHECK;
void tsr_train_ranges_free(train_ranges *r);

/* Runs the decoder of floats on a tile as it was decoded, and takes note. Errors: MEMORY. */
tsr_status tsr_train_ranges_add(train_ranges *r, const tsr_vqvae_model *m,
                                const train_tile *t) TSR_MUST_CHECK;

/* Makes integers of the numbers of m's decoder, whose values are of the given ranges. *out has
 * memory from malloc: free out->ints.bias. Errors: MEMORY, those of tsr_train_ints_check(). */
tsr_status tsr_train_ints_make(tsr_vqvae_net *out, const tsr_vqvae_model *m,
                               const train_ranges *ranges, tsr_diag *d) TSR_MUST_CHECK;

/* Mean squared error of the tile's pixels without the network and with it, run by the decoder's own
 * code. Errors: MEMORY. */
tsr_status tsr_train_ints_error(const tsr_vqvae_net *n, const tsr_vqvae_model *m,
                                const train_tile *t, double *without, double *with) TSR_MUST_CHECK;

#endif
