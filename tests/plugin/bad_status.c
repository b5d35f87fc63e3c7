/* bad_status.c - returns a number that is no status. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    return sample_synthesis(st, in, out, env) ? -100 : 1;
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
