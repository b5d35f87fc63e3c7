/* bad_order.c - pieces of work add to the same number: the result depends on their order. */
#include "sample.h"

typedef struct total {
    const tsr_plane *plane;
    float sum;
} total;

static tsr_status add_row(void *arg, uint32_t y, uint32_t worker) {
    total *k = arg;
    for (uint32_t x = 0; x < k->plane->w; x++)
        k->sum += 0.1f * k->plane->s.f[(size_t)y * k->plane->w + x];
    return TSR_OK;
}

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    total k = {.plane = &in->p[0]};
    tsr_status s = sample_analysis(st, in, goal, out, env);
    if (s || out->band[0].domain != TSR_DOMAIN_REAL) return s;
    s = env->parallel_for(env, in->p[0].h, add_row, &k);
    out->data[0].f[0] += k.sum * 1e-3f;
    return s;
}

SAMPLE_PLUGIN(t->analysis = analysis)
