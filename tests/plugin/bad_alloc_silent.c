/* bad_alloc_silent.c - goes on without the memory it did not get. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    char *scratch = env->alloc(env, 1000);
    if (!scratch) return TSR_OK;
    return sample_synthesis(st, in, out, env);
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
