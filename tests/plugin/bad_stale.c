/* bad_stale.c - keeps memory of one call and writes to it in the next. */
#include "sample.h"

typedef struct state {
    sample_state s; /* first: the sample's functions see their own state */
    int32_t *kept;
} state;

static tsr_status analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env) {
    state *k = st;
    k->kept = env->alloc(env, sizeof *k->kept);
    return k->kept ? sample_analysis(st, in, goal, out, env) : TSR_ERR_MEMORY;
}

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    state *k = st;
    *k->kept = 1;
    return sample_analysis_next(st, in, layer, decoded, goal, out, env);
}

SAMPLE_PLUGIN(t->h.state_size = sizeof(state); t->analysis = analysis; t->analysis_next = next)
