/* train_net.h - the networks of learned/vqvae/model.h as trainable nets, and the way between the
 * two forms. */
#ifndef TRAIN_NET_H
#define TRAIN_NET_H

#include "model.h"
#include "nn.h"
#include "train_tile.h"

typedef struct train_net {
    const char *name;    /* prefix of its tensors: "decoder" */
    tsr_vqvae_net shape; /* param: NULL */
    nn_net *net;
    nn_id x; /* input: samples in units of the step, 12 channels, low bands made smaller */
    nn_id l; /* input: the condition: 1, l and l^2 */
    nn_id y; /* output: the correction, to be added to x */
} train_net;

/* Declares the network in the store, where it begins as the identity (its last layer is zero). Free
 * in any case. Errors: ARGUMENT (shape), MEMORY. */
tsr_status tsr_train_net_build(train_net *t, const char *name, const tsr_vqvae_net *shape,
                               nn_store *store, int input_gradient, tsr_diag *d) TSR_MUST_CHECK;
void tsr_train_net_free(train_net *t);

/* Copies weights from the store to the form that is saved (to->param is room for
 * tsr_vqvae_net_params()), and back. The other network must have the same shape. */
void tsr_train_net_export(const train_net *t, const nn_store *store, const float *values,
                          const tsr_vqvae_net *to);
void tsr_train_net_import(const train_net *t, const nn_store *store, float *values,
                          const tsr_vqvae_net *from);

/* Writes the inputs of a run: samples u in units of the step, as many as x has, and the step. */
void tsr_train_net_feed(const train_net *t, nn_run *r, const float *u, float step);

/* The same from a view of a decoded tile. error receives decoded minus original, in units of the
 * step. */
void tsr_train_net_input(const train_net *t, nn_run *r, const train_tile *tile, const train_view *v,
                         float *error);

/* Adds the gradient of the input u to g, after backward. */
void tsr_train_net_gradient(const train_net *t, nn_run *r, float *g);

#endif
