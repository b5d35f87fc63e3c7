/* bad_nested.c - starts workers inside a worker. */
#include "sample.h"

static tsr_status inner(void *arg, uint32_t i, uint32_t worker) {
    return TSR_OK;
}

static tsr_status outer(void *arg, uint32_t i, uint32_t worker) {
    const tsr_env *env = arg;
    return env->parallel_for(env, 2, inner, NULL);
}

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_env copy = *env;
    tsr_status s = env->parallel_for(env, 2, outer, &copy);
    return s ? s : sample_analysis(st, in, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis = analysis)
