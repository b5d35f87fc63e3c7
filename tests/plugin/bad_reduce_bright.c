/* bad_reduce_bright.c - a smaller picture is one level brighter. */
#include "sample.h"

static tsr_status synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    const sample_state *state = st;
    tsr_status s = sample_synthesis_reduced(st, n, in, out, env);
    for (size_t i = 0; i < (size_t)state->bw * state->bh && !state->g.lossless; i++)
        out->p[0].s.f[i] += 1.0f;
    return s;
}

SAMPLE_PLUGIN(t->synthesis_reduced = synthesis_reduced)
