/* builtin.c - the list of built-in transforms: a new one adds its two lines here. */
#include <tessera/builtin.h>
#include <tessera/filter.h>
#include <tessera/model.h>

#include "embedded_models.h"

extern const tsr_network_filter tsr_network_filter_vqvae;
extern const tsr_transform tsr_transform_dct;
extern const tsr_transform tsr_transform_identity;
extern const tsr_transform tsr_transform_klt;
extern const tsr_transform tsr_transform_lowpass;
extern const tsr_transform tsr_transform_svd;
extern const tsr_transform tsr_transform_vqvae;
extern const tsr_transform tsr_transform_wavelet;

static const tsr_transform *const transforms[] = {
    &tsr_transform_wavelet, &tsr_transform_dct,   &tsr_transform_klt,      &tsr_transform_svd,
    &tsr_transform_lowpass, &tsr_transform_vqvae, &tsr_transform_identity,
};

static const tsr_plugin plugin = {
    .struct_size = sizeof(tsr_plugin),
    .abi = TSR_ABI,
    .name = "builtin",
    .version = TSR_VERSION,
    .licence = "BSD-2-Clause",
    .transforms = transforms,
    .n_transforms = sizeof transforms / sizeof transforms[0],
};

tsr_status tsr_register_builtin(tsr_context *ctx, tsr_diag *d) {
    tsr_status s = tsr_register(ctx, &plugin, "built-in", d);
    for (const tsr_embedded_model *m = tsr_embedded_models; m->data && !s; m++)
        s = tsr_add_model(ctx, m->data, m->size, "built-in", m->id, d);
    tsr_use_network_filter(ctx, &tsr_network_filter_vqvae);
    return s;
}
