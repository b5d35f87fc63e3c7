/* model_maker.h - small seeded models for tests: legal, quick, and trained on nothing. */
#ifndef TSR_MODEL_MAKER_H
#define TSR_MODEL_MAKER_H

#include <tessera/model.h>

#include "model.h"

typedef struct model_recipe {
    const char *name;
    uint64_t seed;
    uint32_t width, blocks, pointwise; /* of both networks */
    int encoder;                       /* with an encoder network */
    float amplitude;     /* rms of the last layer's weights; 0: the networks change nothing */
    float step_min;      /* 0: 4 */
    const char *section; /* NULL: "vqvae" */
    int integers;        /* the decoder is a network of integers; pointwise is 1 */
} model_recipe;

/* A network of random numbers; n declares it, n->param comes from malloc. */
void make_net(tsr_vqvae_net *n, float amplitude, uint64_t *rng);

/* The same of integers; n->ints.bias comes from malloc and holds all. */
void make_int_net(tsr_vqvae_net *n, float amplitude, uint64_t *rng);

/* The section and the whole file; to be freed with tsr_blob_free. Abort without memory. */
tsr_blob make_model_section(const model_recipe *r);
tsr_blob make_model_file(const model_recipe *r);

#endif
