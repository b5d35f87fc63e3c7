/* bad_param.c - the largest value of a parameter is taken, but does not work. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    const sample_state *s = st;
    if (s->block == 8) return env->fail(env, TSR_ERR_UNSUPPORTED, "blocks of 8 are too large");
    return sample_analysis(st, in, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis = analysis)
