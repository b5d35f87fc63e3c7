/* bad_overrun.c - writes one byte more than it asked for. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    uint8_t *scratch = env->alloc(env, 100);
    if (!scratch) return TSR_ERR_MEMORY;
    scratch[100] = 0;
    return sample_analysis(st, in, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis = analysis)
