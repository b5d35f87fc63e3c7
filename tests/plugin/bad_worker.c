/* bad_worker.c - the result depends on which worker made it. */
#include "sample.h"

static tsr_status rest(void *arg, uint32_t piece, uint32_t worker) {
    const sample_job *j = arg;
    const uint32_t h = j->s->g.height, w = j->s->g.width;
    tsr_status s = sample_rest(arg, piece, worker);
    if (!j->s->g.lossless && worker % 2)
        j->data[j->s->g.planes + piece / h].f[(size_t)(piece % h) * w] += 40.0f;
    return s;
}

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    sample_job j = {.s = st, .in = in, .data = out->data, .decoded = decoded->data};
    return env->parallel_for(env, in->n * in->p[0].h, rest, &j);
}

SAMPLE_PLUGIN(t->analysis_next = next)
