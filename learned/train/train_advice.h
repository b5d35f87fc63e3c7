/* train_advice.h - what trainings of networks that advise the entropy coder `mix` have in common.
 *
 * A network's outputs are added to stretched probabilities that the contexts gave; minimised are
 * the bits of the sum. Batches of random samples, Adam, rate falling along a cosine. Afterwards
 * weights are rounded to the integers of the coder.
 */
#ifndef TRAIN_ADVICE_H
#define TRAIN_ADVICE_H

#include <tessera/train.h>

#include "nn_net.h"
#include "nn_optim.h"
#include "nn_rng.h"

enum { ADVICE_SIDE = 64, ADVICE_BATCH = ADVICE_SIDE * ADVICE_SIDE, ADVICE_WIDTH = 32 };

/* Scales of weights in the model: of the first layer, of the others. */
#define ADVICE_FIRST 1024.0f
#define ADVICE_OTHER 4096.0f

typedef struct advice_trainer advice_trainer;

/* A kind of network; task: of the caller. */
typedef struct advice_kind {
    void (*declare)(void *task, nn_net *net);
    /* Fills in the inputs for the samples t->drawn. */
    void (*draw)(void *task, advice_trainer *t);
    /* Writes the gradients of the mean cost, in nats; adds the costs in bits, without and with. */
    void (*loss)(void *task, advice_trainer *t, double bits[2]);
    /* Writes the model. */
    tsr_status (*put)(void *task, const advice_trainer *t, tsr_blob *model, tsr_diag *d);
} advice_kind;

struct advice_trainer {
    const advice_kind *kind;
    void *task;
    size_t n; /* samples */
    nn_store *store;
    nn_net *net;
    nn_run *run;
    nn_optim *optim;
    float *grad;
    uint32_t drawn[ADVICE_BATCH];
    nn_rng rng;
};

/* Trains on n samples, epochs * n draws. bits: what the last tenth of the batches cost a sample. */
tsr_status tsr_advice_train(const advice_kind *kind, void *task, const tsr_prior_options *o,
                            size_t n, double bits[2], tsr_blob *model, tsr_diag *d) TSR_MUST_CHECK;

/* Cost of one decision: z: its stretched probability without the network, y: output, both in nats.
 * Returns the gradient of a mean over the batch; adds to bits. */
float tsr_advice_cost(double z, double y, int bit, double bits[2]);

/* Writing of a model: memory for so many numbers; a row of weights of ADVICE_WIDTH units for each
 * of n inputs from `first` on, of a layer with `row` inputs, bias added; a list. They return what
 * follows. */
tsr_status tsr_advice_model_alloc(tsr_blob *model, size_t numbers, tsr_diag *d) TSR_MUST_CHECK;
const float *tsr_advice_tensor(const advice_trainer *t, const char *name);
uint8_t *tsr_advice_put_inputs(uint8_t *out, const float *w, size_t row, size_t first, size_t n,
                               const float *bias, float scale);
uint8_t *tsr_advice_put_list(uint8_t *out, const float *w, size_t n);

/* The layers that all have, prior/first of inputs and states and prior/second; and how many numbers
 * they are. */
size_t tsr_advice_layers_size(size_t inputs, size_t states);
uint8_t *tsr_advice_put_layers(uint8_t *out, const advice_trainer *t, size_t inputs, size_t states);

#endif
