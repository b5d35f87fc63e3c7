/* bad_cpu.c - claims to be exact everywhere, but rounds differently where there is AVX2. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    tsr_status s = sample_synthesis(st, in, out, env);
    if ((env->cpu & TSR_CPU_AVX2) && in->band[0].domain == TSR_DOMAIN_REAL)
        out->p[0].s.f[0] *= 1.0f + 1e-6f;
    return s;
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
