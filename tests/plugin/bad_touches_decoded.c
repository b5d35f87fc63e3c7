/* bad_touches_decoded.c - changes what the decoder is said to have. */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    decoded->data[0].i[0] ^= 1;
    return s;
}

SAMPLE_PLUGIN(t->analysis_next = next)
