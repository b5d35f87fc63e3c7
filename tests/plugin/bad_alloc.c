/* bad_alloc.c - uses what alloc() returned without looking. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    volatile char *scratch = env->alloc(env, 1000);
    scratch[0] = 1;
    return sample_analysis(st, in, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis = analysis)
