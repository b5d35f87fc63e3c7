/* bad_fresh.c - takes fresh memory for zeroed. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_status status = sample_analysis(st, in, goal, out, env);
    float *rest = env->alloc(env, sizeof *rest);
    if (!rest) return TSR_ERR_MEMORY;
    if (!status && out->band[0].domain == TSR_DOMAIN_REAL) out->data[0].f[0] += *rest;
    return status;
}

SAMPLE_PLUGIN(t->analysis = analysis)
