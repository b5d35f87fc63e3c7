/* fit_lloyd.h - codebooks from samples: the generalized Lloyd algorithm, with and without rates. */
#ifndef TSR_FIT_LLOYD_H
#define TSR_FIT_LLOYD_H

#include "vector_choose.h"

typedef struct tsr_lloyd_sample {
    tsr_vector_input v;
    uint32_t weight; /* how often it stands for others */
} tsr_lloyd_sample;

typedef struct tsr_lloyd_options {
    uint32_t shapes, rounds; /* shapes: of each book, at most TSR_MAX_SHAPES */
    float lambda;            /* squared error worth one bit; 0: plain k-means */
    uint64_t seed;
} tsr_lloyd_options;

/* Fits the shapes of all books of a set whose map and weights are there, into shape[books][], and
 * writes the rates of their decisions as the tables of a codebook. */
tsr_status tsr_fit_lloyd(const tsr_lloyd_sample *s, uint32_t n, const tsr_lloyd_options *o,
                         tsr_codebook *cb, uint8_t (*shape)[TSR_MAX_SHAPES][TSR_VECTOR],
                         tsr_buffer *rates, tsr_job *j) TSR_MUST_CHECK;

#endif
