/* bad_reduce_moved.c - a smaller picture lies half a sample to the right. */
#include "sample.h"

static tsr_status synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    const sample_state *state = st;
    tsr_status s = sample_synthesis_reduced(st, n, in, out, env);
    for (size_t i = (size_t)state->bw * state->bh; i-- > 1 && !state->g.lossless;)
        out->p[0].s.f[i] = (out->p[0].s.f[i] + out->p[0].s.f[i - 1]) / 2;
    return s;
}

SAMPLE_PLUGIN(t->synthesis_reduced = synthesis_reduced)
