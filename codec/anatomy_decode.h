/* anatomy_decode.h - decoding up to the levels, with a meter of the bits. */
#ifndef TSR_ANATOMY_DECODE_H
#define TSR_ANATOMY_DECODE_H

#include "band_meter.h"

/* Decodes all layers and calls take() with the meter, which is gone when this returns. Errors: as
 * tsr_decode, and what take() gives. */
tsr_status tsr_decode_metered(tsr_context *ctx, const void *data, size_t size,
                              tsr_status (*take)(void *arg, const tsr_band_meter *m, tsr_diag *d),
                              void *arg, tsr_diag *d) TSR_MUST_CHECK;

#endif
