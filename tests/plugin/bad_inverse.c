/* bad_inverse.c - synthesis is not the inverse of analysis: one level too bright. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    tsr_status s = sample_synthesis(st, in, out, env);
    for (size_t i = 0; i < (size_t)out->p[0].w * out->p[0].h; i++) out->p[0].s.f[i] += 1.0f;
    return s;
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
