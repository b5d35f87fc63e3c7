/* bad_model.c - takes missing bytes of its model for zero. */
#include "sample.h"

static int model_wanted(const void *st) {
    return 1;
}

static tsr_status model_load(void *st, const uint8_t *data, size_t size, const tsr_env *env) {
    return size > 1 << 20 ? env->fail(env, TSR_ERR_FORMAT, "the model is too large") : TSR_OK;
}

SAMPLE_PLUGIN(t->h.caps |= TSR_CAP_NEEDS_MODEL; t->model_wanted = model_wanted;
              t->model_load = model_load)
