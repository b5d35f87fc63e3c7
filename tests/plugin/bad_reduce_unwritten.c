/* bad_reduce_unwritten.c - leaves out the last sample of a smaller picture. */
#include "sample.h"

static tsr_status synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    const sample_state *state = st;
    const size_t last = (size_t)state->bw * state->bh - 1;
    const int32_t before = out->p[0].s.i[last];
    tsr_status s = sample_synthesis_reduced(st, n, in, out, env);
    out->p[0].s.i[last] = before;
    return s;
}

SAMPLE_PLUGIN(t->synthesis_reduced = synthesis_reduced)
