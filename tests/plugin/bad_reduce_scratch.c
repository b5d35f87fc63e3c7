/* bad_reduce_scratch.c - uses fresh memory as if it were zero. */
#include "sample.h"

static tsr_status synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    const sample_state *state = st;
    float *more = env->alloc(env, state->bw * sizeof *more);
    if (!more) return TSR_ERR_MEMORY;
    tsr_status s = sample_synthesis_reduced(st, n, in, out, env);
    for (uint32_t x = 0; x < state->bw && !state->g.lossless; x++) out->p[0].s.f[x] += more[x];
    return s;
}

SAMPLE_PLUGIN(t->synthesis_reduced = synthesis_reduced)
