/* vqvae_open.c - the networks of a section in memory of the host. */
#include "vqvae_net.h"

static void *alloc_params(void *who, size_t bytes) {
    const tsr_env *env = who;
    return env->alloc(env, bytes);
}

tsr_status tsr_vqvae_model_open(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                const tsr_env *env) {
    char text[160];
    tsr_env copy = *env;
    tsr_status s = tsr_vqvae_model_load(m, data, size, alloc_params, &copy, text);
    /* The host has said why it refused memory. */
    return s && s != TSR_ERR_MEMORY ? env->fail(env, s, "%s", text) : s;
}
