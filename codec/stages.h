/* stages.h - residual stages: the bands of a picture several times over, coarse to fine.
 *
 * Stage 0 holds the bands as they are, quantized with a large step; each stage after it codes what
 * those before have left, with a step smaller by a fixed whole ratio. So the sum of the stages is
 * an integer in units of the last one's step, and a file that ends with any stage decodes.
 */
#ifndef TSR_STAGES_H
#define TSR_STAGES_H

#include "layout.h"

#define TSR_RESIDUAL_STAGES 4u

/* How a quantizer divides its work; n == 1: it does not. */
typedef struct tsr_stages {
    uint32_t n;     /* 1 .. TSR_RESIDUAL_STAGES */
    uint32_t ratio; /* of the steps of a stage and the next */
} tsr_stages;

/* The bands and layers of *l for each stage, one after the other: references lead to bands of the
 * same stage. Later stages have only what is REAL; bands of other domains are empty there. Memory
 * comes from the job. */
tsr_status tsr_stages_layout(tsr_layout *out, const tsr_layout *l, const tsr_stages *stages,
                             tsr_job *j) TSR_MUST_CHECK;

/* ratio^(stages between this one and the last): exact. */
static inline uint32_t tsr_stage_units(const tsr_stages *s, uint32_t stage) {
    uint32_t units = 1;
    while (++stage < s->n) units *= s->ratio;
    return units;
}

/* Symbols of one stage of *s, which has all: with the transform's layout in place of its own. */
tsr_symbols tsr_stage_symbols(const tsr_symbols *s, const tsr_layout *l, uint32_t stage);

/* What the stages before say of one band. */
typedef struct tsr_before {
    uint32_t n, ratio; /* 0 stages before the first */
    const int32_t *value[TSR_RESIDUAL_STAGES - 1];
} tsr_before;

/* Of band b of *s. */
tsr_before tsr_stages_before(const tsr_symbols *s, uint32_t b);

/* The sum of the stages before at a coefficient, in units of the band's own; hostile ones wrap. */
static inline int32_t tsr_before_at(const tsr_before *e, size_t at) {
    uint32_t sum = 0;
    for (uint32_t k = 0; k < e->n; k++) sum = (sum + (uint32_t)e->value[k][at]) * e->ratio;
    return (int32_t)sum;
}

#endif
