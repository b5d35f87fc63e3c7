/* bad_layers.c - takes a missing last layer for corrupt data. */
#include "sample.h"

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    int32_t any = 0;
    for (uint32_t b = out->n; b < in->n; b++)
        for (size_t i = 0; i < (size_t)in->band[b].w * in->band[b].h; i++) any |= in->data[b].i[i];
    if (!any) return env->fail(env, TSR_ERR_FORMAT, "the last layer is empty");
    return sample_synthesis(st, in, out, env);
}

SAMPLE_PLUGIN(t->synthesis = synthesis)
