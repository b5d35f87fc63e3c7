/* bad_odd.c - forgets the last column of an odd width. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    tsr_status s = sample_synthesis(st, in, out, env);
    const uint32_t w = out->p[0].w;
    if (w % 2)
        for (uint32_t y = 0; y < out->p[0].h; y++) out->p[0].s.i[(size_t)y * w + w - 1] = 0;
    return s;
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
