/* vqvae_wavelet.h - the wavelet at work for the networks: all lifting is done by that transform. */
#ifndef VQVAE_WAVELET_H
#define VQVAE_WAVELET_H

#include <tessera/plugin.h>

extern const tsr_transform tsr_transform_wavelet;

/* An instance of it, with its bands and room for pointers to their samples. */
typedef struct vqvae_wavelet {
    void *state;
    uint32_t n; /* bands */
    tsr_band *band;
    tsr_samples *data;
} vqvae_wavelet;

/* In memory of env->alloc. levels 0: as many as suit the size. */
tsr_status tsr_vqvae_wavelet_open(vqvae_wavelet *wv, const tsr_geometry *g, uint32_t levels,
                                  const tsr_env *env) TSR_MUST_CHECK;

/* Its bands as the transform wants them. */
tsr_coeffs tsr_vqvae_wavelet_coeffs(const vqvae_wavelet *wv);

#endif
