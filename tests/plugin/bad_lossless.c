/* bad_lossless.c - keeps differences in 13 bits: enough for pictures of 8 bits. */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    for (uint32_t b = in->n; b < out->n && out->band[b].domain == TSR_DOMAIN_INT; b++)
        for (size_t i = 0; i < (size_t)out->band[b].w * out->band[b].h; i++) {
            int32_t *v = &out->data[b].i[i];
            *v = *v > 4095 ? 4095 : *v < -4096 ? -4096 : *v;
        }
    return s;
}

SAMPLE_PLUGIN(t->analysis_next = next)
