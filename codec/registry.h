/* registry.h - what stages a context knows. */
#ifndef TSR_REGISTRY_H
#define TSR_REGISTRY_H

#include "context.h"

/* Adds one stage after checking its head. */
tsr_status tsr_registry_add(tsr_context *ctx, tsr_stage_kind kind, const tsr_head *h,
                            const char *source, tsr_diag *d) TSR_MUST_CHECK;

/* Takes back all stages of a kind but the first `keep`. */
void tsr_registry_drop(tsr_context *ctx, tsr_stage_kind kind, uint32_t keep);

/* Adds the quantizers and entropy coders of the core. */
tsr_status tsr_register_core(tsr_context *ctx, tsr_diag *d) TSR_MUST_CHECK;

#endif
