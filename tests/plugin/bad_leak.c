/* bad_leak.c - takes memory of its own and has no close(). */
#include <stdlib.h>

#include "sample.h"

static tsr_status configure(void *st, const tsr_value *v, const tsr_geometry *g,
                            const tsr_env *env) {
    volatile char *own = malloc(333);
    if (!own) return TSR_ERR_MEMORY;
    own[0] = 1;
    return sample_configure(st, v, g, env);
}

SAMPLE_PLUGIN(t->configure = configure)
