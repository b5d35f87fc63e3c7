/* bad_unwritten.c - takes the arrays of the host for zeroed: writes what differs from zero only. */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    const float kept = out->data[out->n - 1].f[0];
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    if (fabsf(out->data[out->n - 1].f[0]) < 1000.0f) out->data[out->n - 1].f[0] = kept;
    return s;
}

SAMPLE_PLUGIN(t->analysis_next = next)
