/* bad_stepwise.c - analysis follows the step, but does not say so. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_status s = sample_analysis(st, in, goal, out, env);
    if (out->band[0].domain == TSR_DOMAIN_REAL && goal->step > 10) out->data[0].f[0] += 1.0f;
    return s;
}

SAMPLE_PLUGIN(t->analysis = analysis)
