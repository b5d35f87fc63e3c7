/* bad_worker_alloc.c - asks for memory inside parallel_for. */
#include "sample.h"

static tsr_status work(void *arg, uint32_t i, uint32_t worker) {
    const tsr_env *env = arg;
    return env->alloc(env, 64) ? TSR_OK : TSR_ERR_MEMORY;
}

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_env copy = *env;
    tsr_status s = env->parallel_for(env, 3, work, &copy);
    return s ? s : sample_analysis(st, in, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis = analysis)
