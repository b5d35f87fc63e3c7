/* vqvae_net.h - a network at work on a half-resolution grid. */
#ifndef VQVAE_NET_H
#define VQVAE_NET_H

#include <tessera/plugin.h>

#include "model.h"

/* One channel: a band of w x h samples, row after row, at the upper left of the grid. in is NULL
 * when there is none: then it is zero. */
typedef struct vqvae_channel {
    const float *in;
    float *out; /* not that of any channel's in */
    uint32_t w, h;
} vqvae_channel;

/* The grid of w x h positions, and the channels on it. */
typedef struct vqvae_grid {
    uint32_t w, h;
    vqvae_channel channel[TSR_VQVAE_CHANNELS];
} vqvae_grid;

/* tsr_vqvae_model_load() into memory of env->alloc, with what is wrong said by env->fail. */
tsr_status tsr_vqvae_model_open(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                const tsr_env *env) TSR_MUST_CHECK;

/* y = x + amount * tail(...) as model.h says, for every channel that is there. Every sum has a
 * fixed order: the result is the same for all instruction sets, threads and cuts. Errors: those of
 * env->alloc, CANCELLED. */
tsr_status tsr_vqvae_net_run(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g,
                             const tsr_env *env);

/* The same for a network of integers: what tsr_vqvae_net_run() does with one. */
tsr_status tsr_vqvae_int_net_run(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g,
                                 const tsr_env *env);

#endif
