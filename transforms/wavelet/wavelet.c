/* wavelet.c - the wavelet transform as a plug-in: parameters, number of levels, descriptor.
 *
 * The separable discrete wavelet transform by lifting (Daubechies and Sweldens 1998), as JPEG 2000
 * uses it. The filters stand in wavelet_filter.c, the order of the bands in wavelet_bands.c, the
 * work in wavelet_run.c and below it; README.md defines the synthesis exactly.
 */
#include "wavelet_internal.h"

enum {
    AUTO_LEVELS = 6,  /* automatic: the most */
    AUTO_LOW_SIDE = 8 /* automatic: the longer side of the low band does not go below */
};

static const tsr_param params[] = {
    {.name = "filter",
     .help = "wavelet; cdf53 and haar can be lossless; auto is cdf97, or cdf53 when lossless",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = WAVELET_AUTO,
     .choices = tsr_wavelet_filter_names},
    {.name = "levels",
     .help = "decomposition levels, no more than the picture has halvings; 0: up to 6 by its size",
     .unit = "levels",
     .type = TSR_PARAM_INT,
     .min = 0,
     .max = WAVELET_MAX_LEVELS,
     .def = 0},
};
enum { PARAM_FILTER, PARAM_LEVELS, PARAMS };

/* How often, at most max times, the longer side can be halved without falling below low_side. */
static uint32_t count_halvings(uint32_t longer, uint32_t low_side, uint32_t max) {
    uint32_t l = 0;
    for (; l < max && longer > 1 && longer - longer / 2 >= low_side; l++) longer -= longer / 2;
    return l;
}

static void set_levels(wavelet *wv, int64_t wanted) {
    const tsr_geometry *g = &wv->g;
    uint32_t longer = g->width > g->height ? g->width : g->height;
    wv->levels = wanted == 0 ? count_halvings(longer, AUTO_LOW_SIDE, AUTO_LEVELS)
                             : count_halvings(longer, 1, (uint32_t)wanted);
    wv->w[0] = g->width;
    wv->h[0] = g->height;
    for (uint32_t l = 1; l <= wv->levels; l++) {
        wv->w[l] = wv->w[l - 1] - wv->w[l - 1] / 2;
        wv->h[l] = wv->h[l - 1] - wv->h[l - 1] / 2;
    }
}

static tsr_status wavelet_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                    const tsr_env *env) {
    wavelet *wv = st;
    wv->g = *g;
    wv->filter = (uint32_t)v[PARAM_FILTER].i;
    if (wv->filter == WAVELET_AUTO) wv->filter = g->lossless ? WAVELET_CDF53 : WAVELET_CDF97;
    if (g->lossless && !tsr_wavelet_filter_reversible(wv->filter))
        return env->fail(env, TSR_ERR_ARGUMENT,
                         "wavelet: filter=%s is not reversible; lossless needs filter=cdf53 or "
                         "filter=haar",
                         tsr_wavelet_filter_names[wv->filter]);
    set_levels(wv, v[PARAM_LEVELS].i);
    wv->forward = tsr_wavelet_scheme(wv->filter, g->lossless != 0, 0);
    wv->inverse = tsr_wavelet_scheme(wv->filter, g->lossless != 0, 1);
    tsr_status s = tsr_wavelet_measure(&wv->x, wv->filter, g->width, wv->levels, env);
    if (s == TSR_OK) s = tsr_wavelet_measure(&wv->y, wv->filter, g->height, wv->levels, env);
    return s;
}

extern const tsr_transform tsr_transform_wavelet;
const tsr_transform tsr_transform_wavelet = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 2,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_LOSSLESS,
          .name = "wavelet",
          .summary = "separable wavelet by lifting: CDF 9/7, CDF 5/3, Haar, Daubechies 3",
          .reference = "Daubechies and Sweldens 1998, section 7; ISO/IEC 15444-1, annex F and "
                       "table F.4; Daubechies 1988, table 1",
          .params = params,
          .n_params = PARAMS,
          .state_size = sizeof(wavelet)},
    .configure = wavelet_configure,
    .layout = tsr_wavelet_layout,
    .analysis = tsr_wavelet_analysis,
    .synthesis = tsr_wavelet_synthesis,
    .reduce = tsr_wavelet_reduce,
    .synthesis_reduced = tsr_wavelet_synthesis_reduced,
};
