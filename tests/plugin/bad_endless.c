/* bad_endless.c - does not return. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    for (volatile uint32_t turns = 0; !env->progress(env, 0.5); turns = turns + 1) {
    }
    return sample_synthesis(st, in, out, env);
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
