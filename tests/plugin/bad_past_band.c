/* bad_past_band.c - writes one coefficient more than the band has. */
#include "sample.h"

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_status s = sample_analysis(st, in, goal, out, env);
    out->data[0].i[(size_t)out->band[0].w * out->band[0].h] = 0;
    return s;
}

SAMPLE_PLUGIN(t->analysis = analysis)
