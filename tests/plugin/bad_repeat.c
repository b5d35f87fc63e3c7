/* bad_repeat.c - keeps something of the last picture. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    sample_state *s = st;
    const int32_t last = s->offset[0];
    tsr_status status = sample_analysis(st, in, goal, out, env);
    if (!status && out->band[0].domain == TSR_DOMAIN_REAL) out->data[0].f[0] += (float)last;
    return status;
}

SAMPLE_PLUGIN(t->analysis = analysis)
