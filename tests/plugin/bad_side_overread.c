/* bad_side_overread.c - reads as many bytes as it wants to, not as many as there are. */
#include "sample.h"

static tsr_status side_load(void *st, const uint8_t *data, size_t size, const tsr_env *env) {
    const sample_state *s = st;
    return sample_side_load(st, data, 4 * (size_t)s->g.planes, env);
}

SAMPLE_PLUGIN(t->side_load = side_load)
