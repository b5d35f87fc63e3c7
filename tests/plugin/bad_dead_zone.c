/* bad_dead_zone.c - drops what is smaller than three steps, though bits cost nothing. */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    for (uint32_t b = 0; b < out->n; b++) {
        if (out->band[b].layer != layer || out->band[b].domain != TSR_DOMAIN_REAL) continue;
        for (size_t i = 0; i < (size_t)out->band[b].w * out->band[b].h; i++)
            if (fabsf(out->data[b].f[i]) < 3 * goal->step) out->data[b].f[i] = 0;
    }
    return s;
}

SAMPLE_PLUGIN(t->analysis_next = next)
