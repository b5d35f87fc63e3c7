/* bad_reduce_bands.c - reads bands that it did not ask for. */
#include "sample.h"

static tsr_status synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    tsr_status s = sample_synthesis_reduced(st, n, in, out, env);
    for (uint32_t p = 0; p < out->n; p++)
        if (in->data[out->n + p].f[0] > 1e30f) out->p[p].s.f[0] = 0;
    return s;
}

SAMPLE_PLUGIN(t->synthesis_reduced = synthesis_reduced)
