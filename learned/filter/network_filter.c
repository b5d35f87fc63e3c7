/* network_filter.c - a trained network on decoded planes, behind the post filter.
 *
 * The planes are split by one level of the 9/7, a network of depthwise-separable blocks changes the
 * bands (model.h: the network and its bytes are those of the vqvae transform's decoder), and the
 * level is put together again. Works behind every transform; the section of the model is `filter`.
 * Cost: tsr_vqvae_net_macs() / 4 multiply-adds a pixel; memory: 4 bytes for each sample of the
 * planes seen, whose own memory takes the bands that the network makes.
 */
#include <string.h>

#include <tessera/filter.h>

#include "vqvae_net.h"
#include "vqvae_wavelet.h"

enum {
    SMALLEST = 15, /* longer side of a picture; smaller ones pass as they are */
    LL = 0,
    HL = 1,
    BANDS = 4
};

/* A level of lifting with room for its bands before the network; after it they lie in the planes.
 */
typedef struct level {
    vqvae_wavelet wv;
    uint32_t planes;
    vqvae_grid grid;
} level;

static uint32_t band_index(const level *l, uint32_t plane, uint32_t band) {
    return band == LL ? plane : l->planes + 3 * plane + band - HL;
}

static tsr_status open_level(level *l, const tsr_planes *planes, const tsr_env *env) {
    tsr_geometry g = {.struct_size = sizeof g,
                      .width = planes->p[0].w,
                      .height = planes->p[0].h,
                      .planes = planes->n};
    *l = (level){.planes = planes->n,
                 .grid = {.w = g.width - g.width / 2, .h = g.height - g.height / 2}};
    tsr_status s = tsr_vqvae_wavelet_open(&l->wv, &g, 1, env);
    for (uint32_t p = 0; p < l->planes && !s; p++) {
        float *in = env->alloc(env, (size_t)g.width * g.height * sizeof *in);
        float *out = planes->p[p].s.f;
        if (!in) s = TSR_ERR_MEMORY;
        for (uint32_t b = LL; b < BANDS && !s; b++) {
            const tsr_band *band = &l->wv.band[band_index(l, p, b)];
            size_t n = (size_t)band->w * band->h;
            if (!n) continue;
            l->grid.channel[b * TSR_VQVAE_PLANES + p] =
                (vqvae_channel){.in = in, .out = out, .w = band->w, .h = band->h};
            l->wv.data[band_index(l, p, b)].f = in;
            in += n;
            out += n;
        }
    }
    return s;
}

/* What the network has made takes the place of what it saw. */
static void take_bands(const level *l, const tsr_planes *planes) {
    for (uint32_t p = 0; p < l->planes; p++) {
        const tsr_plane *from = &planes->p[p];
        memcpy(l->wv.data[band_index(l, p, LL)].f, from->s.f,
               (size_t)from->w * from->h * sizeof(float));
    }
}

static tsr_status run(const tsr_vqvae_model *m, tsr_vqvae_scale scale, tsr_planes *planes,
                      const tsr_env *env) {
    level l;
    tsr_goal goal = {.struct_size = sizeof goal, .step = 1};
    tsr_status s = open_level(&l, planes, env);
    if (s) return s;
    tsr_coeffs bands = tsr_vqvae_wavelet_coeffs(&l.wv);
    s = tsr_transform_wavelet.analysis(l.wv.state, planes, &goal, &bands, env);
    if (!s) s = tsr_vqvae_net_run(&m->decoder, scale, &l.grid, env);
    if (s) return s;
    take_bands(&l, planes);
    return tsr_transform_wavelet.synthesis(l.wv.state, &bands, planes, env);
}

static tsr_status apply(const uint8_t *section, size_t size, float step, tsr_planes *planes,
                        const tsr_env *env) {
    tsr_vqvae_model m;
    tsr_status s = tsr_vqvae_model_open(&m, section, size, env);
    if (s) return s;
    tsr_vqvae_scale scale = tsr_vqvae_scale_of(&m, step);
    if (!(scale.amount > 0) || (planes->p[0].w < SMALLEST && planes->p[0].h < SMALLEST))
        return TSR_OK;
    return run(&m, scale, planes, env);
}

extern const tsr_network_filter tsr_network_filter_vqvae;
const tsr_network_filter tsr_network_filter_vqvae = {
    .struct_size = sizeof(tsr_network_filter),
    .section = "filter",
    .apply = apply,
    .describe = tsr_vqvae_model_describe,
};
