/* vqvae.c - the learned transform as a plug-in: parameters, model, descriptor.
 *
 * A 9/7 wavelet whose first level is improved by trained networks: the encoder network changes the
 * half-resolution picture before the coarser levels and the quantizer, the decoder network restores
 * it after them (docs/vqvae.md). Without them (net=off) it is the wavelet to the bit, whose code
 * does all lifting here.
 */

#include "vqvae_internal.h"
#include "vqvae_net.h"

static const tsr_param params[] = {
    {.name = "net",
     .help = "the networks of the model; off: the plain wavelet, without a model",
     .unit = "",
     .type = TSR_PARAM_BOOL,
     .def = 1},
    {.name = "encoder",
     .help = "the encoder network, if the model has one",
     .unit = "",
     .type = TSR_PARAM_BOOL,
     .flags = TSR_PARAM_ENCODER,
     .def = 1},
};
enum { PARAM_NET, PARAM_ENCODER, PARAMS };

/* ---- configure ---- */

static tsr_status vqvae_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                  const tsr_env *env) {
    vqvae *q = st;
    q->g = *g;
    q->use_encoder = v[PARAM_ENCODER].i != 0;
    q->w = g->width - g->width / 2;
    q->h = g->height - g->height / 2;
    tsr_status s = tsr_vqvae_wavelet_open(&q->whole, g, 0, env);
    if (s) return s;
    q->levels = (q->whole.n / g->planes - 1) / 3;
    q->use_net = v[PARAM_NET].i && q->levels > 0;
    if (!q->use_net) return TSR_OK;
    tsr_geometry half = *g;
    half.width = q->w;
    half.height = q->h;
    s = tsr_vqvae_wavelet_open(&q->first, g, 1, env);
    if (!s && q->levels > 1) s = tsr_vqvae_wavelet_open(&q->coarse, &half, q->levels - 1, env);
    return s;
}

static uint32_t vqvae_layout(const void *st, tsr_band *out, uint32_t cap) {
    const vqvae *q = st;
    return tsr_transform_wavelet.layout(q->whole.state, out, cap);
}

/* ---- smaller pictures: of the wavelet, whose coarser levels are the same with networks ---- */

static uint32_t vqvae_reduce(const void *st, uint32_t halvings, uint32_t *bands) {
    return tsr_transform_wavelet.reduce(((const vqvae *)st)->whole.state, halvings, bands);
}

static tsr_status vqvae_synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in,
                                          tsr_planes *out, const tsr_env *env) {
    void *whole = ((vqvae *)st)->whole.state;
    return tsr_transform_wavelet.synthesis_reduced(whole, n, in, out, env);
}

/* ---- model ---- */

static int vqvae_model_wanted(const void *st) {
    return ((const vqvae *)st)->use_net;
}

static tsr_status vqvae_model_load(void *st, const uint8_t *data, size_t size, const tsr_env *env) {
    vqvae *q = st;
    return tsr_vqvae_model_open(&q->model, data, size, env);
}

static void vqvae_set_step(void *st, float step) {
    ((vqvae *)st)->step = step;
}

extern const tsr_transform tsr_transform_vqvae;
const tsr_transform tsr_transform_vqvae = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 6,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_STEPWISE | TSR_CAP_NEEDS_MODEL | TSR_CAP_TRAINABLE,
          .name = "vqvae",
          .summary = "learned: 9/7 wavelet with trained networks at half resolution",
          .reference = "van den Oord, Vinyals and Kavukcuoglu 2017 (VQ-VAE); Chollet 2017, section "
                       "3 (depthwise-separable blocks); ISO/IEC 15444-1, table F.4",
          .params = params,
          .n_params = PARAMS,
          .state_size = sizeof(vqvae)},
    .configure = vqvae_configure,
    .layout = vqvae_layout,
    .analysis = tsr_vqvae_analysis,
    .synthesis = tsr_vqvae_synthesis,
    .model_wanted = vqvae_model_wanted,
    .model_load = vqvae_model_load,
    .model_describe = tsr_vqvae_model_describe,
    .set_step = vqvae_set_step,
    .reduce = vqvae_reduce,
    .synthesis_reduced = vqvae_synthesis_reduced,
};
