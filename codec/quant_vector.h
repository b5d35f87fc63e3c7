/* quant_vector.h - quantization of all bands of a task by a codebook. */
#ifndef TSR_QUANT_VECTOR_H
#define TSR_QUANT_VECTOR_H

#include "quant.h"
#include "vector_rate.h"

enum { TSR_VECTOR_RD, TSR_VECTOR_NEAREST }; /* rule */

typedef struct tsr_vector_task {
    const tsr_quant_task *t;
    const tsr_codebook *book;
    float lambda; /* squared error in steps worth one bit */
    int rule;
    uint32_t passes;
    tsr_vector_rate *counts; /* training: receives the counts of the last pass; else NULL */
} tsr_vector_task;

/* Chooses the values of all wanted bands: vectors of detail bands, levels of low bands. */
tsr_status tsr_quant_vectors(const tsr_vector_task *v) TSR_MUST_CHECK;

#endif
