/* quant.c - the list of quantizers and what all of them share. */
#include "quant.h"

#include <math.h>

extern const tsr_quantizer tsr_quantizer_uniform;
extern const tsr_quantizer tsr_quantizer_rdo;
extern const tsr_quantizer tsr_quantizer_trellis;

const tsr_quantizer *const tsr_quantizers[] = {&tsr_quantizer_uniform, &tsr_quantizer_rdo,
                                               &tsr_quantizer_trellis, NULL};

float tsr_band_step(const tsr_quant_task *t, uint32_t b) {
    return t->step /
           sqrtf(t->layout->band[b].gain); /* both correctly rounded: the same everywhere */
}

float tsr_low_step(const tsr_quant_task *t, uint32_t b) {
    return tsr_band_step(t, b) * (t->symbols->states ? 0.75f : 1.0f);
}

int tsr_quant_wants(const tsr_quant_task *t, uint32_t b) {
    const tsr_band *band = &t->layout->band[b];
    return band->domain == TSR_DOMAIN_REAL && band->layer >= t->first_layer &&
           band->layer < t->end_layer;
}
