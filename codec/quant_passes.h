/* quant_passes.h - what all searches with a rate term share: contexts, rate estimates, and passes
 * over the bands, each with rates counted on the one before.
 */
#ifndef TSR_QUANT_PASSES_H
#define TSR_QUANT_PASSES_H

#include "coef_walk.h"
#include "quant.h"
#include "rate_model.h"

/* First member of a search. */
typedef struct tsr_passes {
    const tsr_quant_task *t;
    tsr_coef_context ctx;
    tsr_trellis trellis;
    tsr_rate_model *rates; /* NULL: none */
    float *worth; /* [blocks across the widest band] of the current row of blocks: what coding a
                     block's levels saves against zeros without bits; a search adds to it */
} tsr_passes;

/* Chooses the levels of detail band b: writes t->symbols. Magnitudes of bands before are final. */
typedef void (*tsr_detail_fn)(tsr_passes *p, uint32_t b);

/* For a search that has rates and passes of its own. */
tsr_status tsr_passes_init(tsr_passes *p, const tsr_quant_task *t) TSR_MUST_CHECK;
/* The same with p->rates, for tsr_passes_run(). */
tsr_status tsr_passes_init_rates(tsr_passes *p, const tsr_quant_task *t) TSR_MUST_CHECK;

/* *p, a copy of other passes, shares their magnitudes and rates and gets rows and worth of its own.
 */
tsr_status tsr_passes_fork(tsr_passes *p) TSR_MUST_CHECK;

/* Runs `passes` passes over all wanted bands; low ones are rounded to the nearest. Counts the
 * levels after each pass but the last. */
tsr_status tsr_passes_run(tsr_passes *p, uint32_t passes, tsr_detail_fn detail) TSR_MUST_CHECK;

/* After row y of detail band b: at the end of a row of blocks, those that are not worth their bits
 * become zero, levels and magnitudes. Not for dependent levels. */
void tsr_passes_end_row(tsr_passes *p, uint32_t b, uint32_t y);

#endif
