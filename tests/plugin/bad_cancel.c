/* bad_cancel.c - does not listen to progress(). */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    sample_job j = {.s = st, .data = in->data, .out = out->p};
    env->progress(env, 0.0);
    return env->parallel_for(env, out->n * out->p[0].h, sample_add, &j);
}

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    tsr_status s = sample_analysis(st, in, goal, out, env);
    return s == TSR_ERR_CANCELLED ? TSR_OK : s;
}

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = sample_analysis_next(st, in, layer, decoded, goal, out, env);
    return s == TSR_ERR_CANCELLED ? TSR_OK : s;
}

SAMPLE_PLUGIN(t->analysis = analysis; t->analysis_next = next; t->synthesis = synthesis)
