/* vqvae_internal.h - the state of the learned transform and what its parts offer each other. */
#ifndef VQVAE_INTERNAL_H
#define VQVAE_INTERNAL_H

#include <tessera/plugin.h>

#include "model.h"
#include "vqvae_wavelet.h"

typedef struct vqvae {
    tsr_geometry g;
    uint32_t w, h;   /* of the half-resolution grid */
    uint32_t levels; /* of the whole wavelet; 0: a picture too small for one */
    int use_net, use_encoder;
    vqvae_wavelet whole;   /* all levels of the picture: the layout, and net=off */
    vqvae_wavelet first;   /* with use_net: its first level */
    vqvae_wavelet coarse;  /* with use_net: the others, of the low band; n == 0: none */
    tsr_vqvae_model model; /* with use_net, after model_load() */
    float step;            /* of the bands of the next synthesis */
} vqvae;

/* vqvae_run.c */
tsr_status tsr_vqvae_analysis(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                              const tsr_env *env);
tsr_status tsr_vqvae_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env);

#endif
