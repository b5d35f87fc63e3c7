/* quant_search.h - rate-distortion search over levels: one state (rdo) or a trellis of several. */
#ifndef TSR_QUANT_SEARCH_H
#define TSR_QUANT_SEARCH_H

#include "quant.h"

/* Chooses the levels of all wanted bands of the task so that squared error + lambda * bits is
 * small. states: 0 for independent levels, else those of the trellis. Results go to t->symbols. */
tsr_status tsr_quant_search(const tsr_quant_task *t, uint32_t states, float lambda,
                            uint32_t passes) TSR_MUST_CHECK;

#endif
