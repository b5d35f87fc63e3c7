/* bad_in_place.c - works in the planes of the host. */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    in->p[0].s.i[0] = 0;
    return s;
}

SAMPLE_PLUGIN(t->analysis_next = next)
