/* bad_side_cut.c - takes missing bytes for zero. */
#include "sample.h"

static tsr_status side_load(void *st, const uint8_t *data, size_t size, const tsr_env *env) {
    const sample_state *s = st;
    uint8_t whole[4 * TSR_MAX_PLANES] = {0};
    const size_t wanted = 4 * (size_t)s->g.planes;
    memcpy(whole, data, size < wanted ? size : wanted);
    return sample_side_load(st, whole, wanted, env);
}

SAMPLE_PLUGIN(t->side_load = side_load)
