/* vector_choose.h - the best vector of a codebook for four coefficients. */
#ifndef TSR_VECTOR_CHOOSE_H
#define TSR_VECTOR_CHOOSE_H

#include "vector_rate.h"

/* What is to be coded and what is known of it. */
typedef struct tsr_vector_input {
    float y[TSR_VECTOR]; /* magnitudes in steps, 0 outside */
    unsigned outside;    /* mask of coefficients that do not exist */
    uint32_t cls, energy[TSR_VECTOR], total;
    const int32_t
        *before; /* of the stages before, as in tsr_vector_context; NULL: there are none */
} tsr_vector_input;

#define TSR_GRID (-1)

typedef struct tsr_vector_choice {
    float cost;                 /* squared error in steps + lambda * bits */
    int shape;                  /* of the book, or TSR_GRID: the point of the levels */
    uint32_t level[TSR_VECTOR]; /* all 0: the zero vector */
} tsr_vector_choice;

/* Least squared error + lambda * bits (Chou, Lookabaugh & Gray 1989). Cost: about 0.5 us where zero
 * is not obviously best. */
tsr_vector_choice tsr_vector_cheapest(const tsr_vector_rate *r, const tsr_vector_input *v,
                                      float lambda);

/* Least squared error over zero and the shapes; grid: also the grid point where its pattern has no
 * shape and it is clearly closer. */
tsr_vector_choice tsr_vector_nearest(const tsr_codebook *cb, const tsr_vector_input *v, int grid);

/* Adds `times` of the decisions that code the choice to the counts. */
void tsr_vector_count(tsr_vector_rate *r, const tsr_vector_input *v, const tsr_vector_choice *c,
                      uint32_t times);

/* Magnitude of coefficient i of a choice in 1/16 step. */
static inline uint32_t tsr_choice_magnitude(const tsr_book *b, const tsr_vector_choice *c,
                                            unsigned i) {
    return c->shape == TSR_GRID ? c->level[i] * TSR_VECTOR_SCALE : b->shape[c->shape][i];
}

#endif
