/* prior.h - a small network that looks at the neighbourhood of a level, as one more expert of the
 * `mix` coder.
 *
 * 72 inputs, the logarithms of magnitudes around a level, at the same place in reference bands and
 * of the energy; two hidden layers of 32 units (rectified), one output for each of the first three
 * bins: what has to be added to the stretched probability that the contexts give. Weights are
 * trained (`tessera train prior`) and built in. Integers only: sums modulo 2^32, so that every
 * build gives the same bits.
 */
#ifndef TSR_PRIOR_H
#define TSR_PRIOR_H

#include <tessera/tune.h>

#include "coef_context.h"

/* The parameter of `mix`, and its values: on is for vectors of codebooks, too. */
#define TSR_PRIOR_PLACE 1u
enum { TSR_PRIOR_OFF, TSR_PRIOR_LEVELS, TSR_PRIOR_ON };

#define TSR_PRIOR_WIDTH 32u /* units of a hidden layer */
/* Inputs: the three levels to the left and the energy; the rows above; each reference band. */
#define TSR_PRIOR_LEFT 4u
#define TSR_PRIOR_OWN  18u
#define TSR_PRIOR_REF  10u
_Static_assert(TSR_PRIOR_INPUTS == TSR_PRIOR_LEFT + TSR_PRIOR_OWN + TSR_REFS * TSR_PRIOR_REF,
               "inputs are what is listed");
_Static_assert(TSR_PRIOR_STATES == 2 * TSR_CLASSES, "two quantizers");
#define TSR_PRIOR_STRETCH 24 /* codes of a row of a block and what surrounds it */
/* 16-bit numbers of the model: both layers with their biases, outputs with theirs. */
#define TSR_PRIOR_WEIGHTS                                                                          \
    ((TSR_PRIOR_INPUTS + TSR_PRIOR_STATES + TSR_PRIOR_WIDTH + 1 + TSR_PRIOR_BINS) *                \
         TSR_PRIOR_WIDTH +                                                                         \
     TSR_PRIOR_BINS)
#define TSR_PRIOR_PAIRS      (TSR_PRIOR_INPUTS / 2)
#define TSR_PRIOR_LEFT_PAIRS (TSR_PRIOR_LEFT / 2)
#define TSR_PRIOR_OWN_PAIRS  (TSR_PRIOR_OWN / 2)
#define TSR_PRIOR_REF_PAIRS  (TSR_PRIOR_REF / 2)

/* Fixed point: an input has 4 fractional bits, the weights of the first layer have 10 fractional
 * bits, those of the others 12, a unit has 8. */
#define TSR_PRIOR_FIRST_SHIFT 6
#define TSR_PRIOR_SHIFT       12
#define TSR_PRIOR_UNIT        256   /* of a unit: 1 */
#define TSR_PRIOR_MOST        2047  /* of an output: stretched, 8 fractional bits */
#define TSR_PRIOR_WEIGHT      65536 /* that mixers begin to trust it with: 1 */

/* Weights of two inputs side by side, as instructions want them that add two products. */
typedef struct tsr_prior_pair {
    int16_t w[TSR_PRIOR_WIDTH][2];
} tsr_prior_pair;

/* Training: takes samples at random, of levels or of vectors. */
typedef struct tsr_prior_sink {
    union {
        tsr_prior_sample *level;
        tsr_prior_vector_sample *vector;
    } sample; /* room for `room` */
    size_t n, room;
    uint64_t random;
    uint64_t keep;               /* of 2^32 decisions or vectors */
    uint32_t probability;        /* of the last decision */
    tsr_prior_vector_sample now; /* of the current vector */
} tsr_prior_sink;

typedef struct tsr_prior {
    tsr_prior_pair first[TSR_PRIOR_PAIRS], second[TSR_PRIOR_WIDTH / 2];
    int32_t first_bias[TSR_CLASSES][2][TSR_PRIOR_WIDTH]; /* class, quantizer */
    int32_t second_bias[TSR_PRIOR_WIDTH], third_bias[TSR_PRIOR_BINS];
    int16_t third[TSR_PRIOR_BINS][TSR_PRIOR_WIDTH];
    /* Of TSR_BLOCK columns of the current row: what does not depend on the levels to the left. */
    int16_t input[TSR_PRIOR_PAIRS][TSR_BLOCK][2]; /* the first TSR_PRIOR_LEFT_PAIRS are not used */
    int32_t sum[TSR_BLOCK][TSR_PRIOR_WIDTH];
    /* Of the current level: */
    int16_t left[TSR_PRIOR_LEFT], unit[TSR_PRIOR_WIDTH]; /* unit: of the second layer */
    uint8_t column, cls, q1;                             /* column: in its block */
} tsr_prior;

/* Fills in the built-in weights. */
void tsr_prior_load(tsr_prior *p);

/* Parts of a model: weights of n inputs; n biases as sums have them, for a layer whose inputs have
 * `unit` for 1. They return what follows. */
const int16_t *tsr_prior_pairs_load(tsr_prior_pair *p, uint32_t n, const int16_t *in);
const int16_t *tsr_prior_bias_load(int32_t *bias, size_t n, int32_t unit, const int16_t *in);

#endif
