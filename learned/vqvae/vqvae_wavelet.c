/* vqvae_wavelet.c - an instance of the wavelet transform, through its descriptor. */
#include <string.h>

#include "vqvae_wavelet.h"

tsr_status tsr_vqvae_wavelet_open(vqvae_wavelet *wv, const tsr_geometry *g, uint32_t levels,
                                  const tsr_env *env) {
    const tsr_transform *t = &tsr_transform_wavelet;
    tsr_value v[8] = {{0}};
    for (uint32_t i = 0; i < t->h.n_params; i++) {
        v[i].i = (int64_t)t->h.params[i].def;
        if (!strcmp(t->h.params[i].name, "levels")) v[i].i = levels;
    }
    wv->state = env->alloc(env, t->h.state_size);
    if (!wv->state) return TSR_ERR_MEMORY;
    memset(wv->state, 0, t->h.state_size);
    tsr_status s = t->configure(wv->state, v, g, env);
    if (s) return s;
    wv->n = t->layout(wv->state, NULL, 0);
    wv->band = env->alloc(env, wv->n * sizeof *wv->band);
    wv->data = env->alloc(env, wv->n * sizeof *wv->data);
    if (!wv->band || !wv->data) return TSR_ERR_MEMORY;
    t->layout(wv->state, wv->band, wv->n);
    return TSR_OK;
}

tsr_coeffs tsr_vqvae_wavelet_coeffs(const vqvae_wavelet *wv) {
    return (tsr_coeffs){.n = wv->n, .band = wv->band, .data = wv->data};
}
