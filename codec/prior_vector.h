/* prior_vector.h - the network of prior.h for vectors of a codebook: one look at the neighbourhood
 * of a vector of 2 x 2 coefficients advises all decisions about its pattern.
 *
 * 110 inputs, the logarithms of magnitudes around the vector, at the same place in reference bands
 * and of the energies of its coefficients; two hidden layers of 32 units. The sums of the second
 * layer get further terms for each coefficient: what the levels before it inside the vector are.
 * Thirteen outputs: is the vector zero; of each coefficient, is it zero, is it more than 1, more
 * than 2. Weights are trained (`tessera train prior`) and built in. Integers only.
 */
#ifndef TSR_PRIOR_VECTOR_H
#define TSR_PRIOR_VECTOR_H

#include "codebook.h"
#include "prior.h"

/* Inputs: to the left and energies; the rows above; each reference band; coarser ancestors. */
#define TSR_PRIOR_V_LEFT      8u
#define TSR_PRIOR_V_OWN       20u
#define TSR_PRIOR_V_REF       16u
#define TSR_PRIOR_V_ANCESTORS 2u
_Static_assert(TSR_PRIOR_V_INPUTS == TSR_PRIOR_V_LEFT + TSR_PRIOR_V_OWN +
                                         TSR_REFS * TSR_PRIOR_V_REF + TSR_PRIOR_V_ANCESTORS,
               "inputs are what is listed");
_Static_assert(TSR_PRIOR_V_CLASSES == TSR_VECTOR_CLASSES, "classes of bands with vectors");
_Static_assert(TSR_PRIOR_V_OUTPUTS == 1 + TSR_VECTOR * TSR_PRIOR_BINS, "one of all, then of each");
#define TSR_PRIOR_V_PAIRS (TSR_PRIOR_V_INPUTS / 2)

/* Terms of the second layer: coefficient 0 has one, coefficient i one for each level before it. */
#define TSR_PRIOR_V_INSIDE (1u + TSR_PRIOR_V_LEVELS * (1 + 2 + 3))
/* 16-bit numbers of the model. */
#define TSR_PRIOR_V_WEIGHTS                                                                        \
    ((TSR_PRIOR_V_INPUTS + TSR_VECTOR_CLASSES + TSR_PRIOR_WIDTH + 1 + TSR_PRIOR_V_INSIDE +         \
      TSR_PRIOR_V_OUTPUTS) *                                                                       \
         TSR_PRIOR_WIDTH +                                                                         \
     TSR_PRIOR_V_OUTPUTS)

#define TSR_PRIOR_V_STRIP (TSR_BLOCK / 2) /* vectors of a block in a row of vectors */
#define TSR_PRIOR_V_ROWS  (4 + TSR_REFS * 4 + 1)

typedef struct tsr_prior_vector {
    tsr_prior_pair first[TSR_PRIOR_V_PAIRS], second[TSR_PRIOR_WIDTH / 2];
    int32_t first_bias[TSR_VECTOR_CLASSES][TSR_PRIOR_WIDTH], second_bias[TSR_PRIOR_WIDTH];
    int32_t inside[TSR_PRIOR_V_INSIDE][TSR_PRIOR_WIDTH], third_bias[TSR_PRIOR_V_OUTPUTS];
    int16_t third[TSR_PRIOR_V_OUTPUTS][TSR_PRIOR_WIDTH];
    /* Of a block's vectors in rows y and y + 1 of band b, from column x on: what does not depend on
     * the vectors to the left. */
    int16_t code[TSR_PRIOR_V_ROWS]
                [TSR_PRIOR_STRETCH]; /* rows above; of each reference; ancestors */
    uint8_t step[TSR_REFS]; /* columns of a reference band to the next vector; 0: no such band */
    int32_t sum[TSR_PRIOR_V_STRIP][TSR_PRIOR_WIDTH];
    uint32_t b, x, y;
    /* Of the current vector: */
    int16_t left[TSR_PRIOR_V_LEFT], unit[TSR_PRIOR_WIDTH]; /* unit: of the second layer */
    int32_t pattern[TSR_PRIOR_WIDTH];                      /* sums of the second layer */
    uint32_t level[TSR_VECTOR];                            /* below TSR_PRIOR_V_LEVELS */
} tsr_prior_vector;

/* Fills in the built-in weights. */
void tsr_prior_vector_load(tsr_prior_vector *p);

#endif
