/* bad_four_planes.c - has never seen a picture with colour and alpha. */
#include "sample.h"

static tsr_status configure(void *st, const tsr_value *v, const tsr_geometry *g,
                            const tsr_env *env) {
    if (g->planes == 4) return env->fail(env, TSR_ERR_UNSUPPORTED, "four planes are too many");
    return sample_configure(st, v, g, env);
}

SAMPLE_PLUGIN(t->configure = configure)
