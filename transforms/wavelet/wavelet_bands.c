/* wavelet_bands.c - the bands of the wavelet transform: order, layers, references, gains.
 *
 * Low bands of all planes first; then level by level, coarse to fine; in a level plane by plane; in
 * a plane HL, LH, HH. Levels 4 and coarser are small and share layer 0 with the low bands; every
 * finer level is a layer.
 */
#include "wavelet_internal.h"
#include "wavelet_level.h"

enum { FIRST_LAYER_LEVEL = 4 };

uint32_t tsr_wavelet_band_index(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band) {
    if (band == BAND_LL) return plane;
    uint32_t before = (wv->levels - level) * wv->g.planes + plane;
    return wv->g.planes + before * 3 + (band - BAND_HL);
}

static uint16_t layer_of(const wavelet *wv, uint32_t level) {
    uint32_t coarsest = wv->levels < FIRST_LAYER_LEVEL ? wv->levels : FIRST_LAYER_LEVEL - 1;
    return (uint16_t)(level >= FIRST_LAYER_LEVEL ? 0 : coarsest - level + 1);
}

static uint32_t band_width(const wavelet *wv, uint32_t level, uint32_t band) {
    return band == BAND_HL || band == BAND_HH ? wv->w[level - 1] / 2 : wv->w[level];
}

static uint32_t band_height(const wavelet *wv, uint32_t level, uint32_t band) {
    return band == BAND_LH || band == BAND_HH ? wv->h[level - 1] / 2 : wv->h[level];
}

static float band_gain(const wavelet *wv, uint32_t level, uint32_t band) {
    double x = band == BAND_HL || band == BAND_HH ? wv->x.high[level] : wv->x.low[level];
    double y = band == BAND_LH || band == BAND_HH ? wv->y.high[level] : wv->y.low[level];
    return (float)(x * y);
}

/* Index of a detail band, or TSR_NO_BAND when there is none or it is empty. */
static uint32_t reference(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band) {
    if (level > wv->levels) return TSR_NO_BAND;
    if (band_width(wv, level, band) == 0 || band_height(wv, level, band) == 0) return TSR_NO_BAND;
    return tsr_wavelet_band_index(wv, level, plane, band);
}

/* The same band of plane 0, and for the second chroma plane that of the first. */
static void set_plane_references(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band,
                                 tsr_band *b) {
    if (plane > 0) b->ref[TSR_REF_PLANE_A] = tsr_wavelet_band_index(wv, level, 0, band);
    if (plane == 2) b->ref[TSR_REF_PLANE_B] = tsr_wavelet_band_index(wv, level, 1, band);
}

static void set_references(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band,
                           tsr_band *b) {
    /* Level and orientation of the two sisters, for HL, LH and HH. */
    static const struct {
        uint8_t coarser, band;
    } sister[BANDS][2] = {
        [BAND_HL] = {{1, BAND_LH}, {1, BAND_HH}},
        [BAND_LH] = {{0, BAND_HL}, {1, BAND_HH}},
        [BAND_HH] = {{0, BAND_HL}, {0, BAND_LH}},
    };
    b->ref[TSR_REF_PARENT] = reference(wv, level + 1, plane, band);
    for (uint32_t i = 0; i < 2; i++)
        b->ref[TSR_REF_SISTER_A + i] =
            reference(wv, level + sister[band][i].coarser, plane, sister[band][i].band);
}

static tsr_band describe(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band) {
    static const uint8_t orient[BANDS] = {TSR_ORIENT_LOW, TSR_ORIENT_H, TSR_ORIENT_V, TSR_ORIENT_D};
    tsr_band b = {
        .w = band_width(wv, level, band),
        .h = band_height(wv, level, band),
        .domain = wv->g.lossless ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL,
        .plane = (uint8_t)plane,
        .orient = orient[band],
        .level = (uint8_t)level,
        .layer = band == BAND_LL ? 0 : layer_of(wv, level),
        .gain = band_gain(wv, level, band),
    };
    for (uint32_t i = 0; i < TSR_REFS; i++) b.ref[i] = TSR_NO_BAND;
    if (b.w == 0 || b.h == 0) return b;
    set_plane_references(wv, level, plane, band, &b);
    if (band != BAND_LL) set_references(wv, level, plane, band, &b);
    return b;
}

uint32_t tsr_wavelet_layout(const void *st, tsr_band *out, uint32_t cap) {
    const wavelet *wv = st;
    uint32_t n = 0;
    for (uint32_t p = 0; p < wv->g.planes; p++, n++)
        if (n < cap) out[n] = describe(wv, wv->levels, p, BAND_LL);
    for (uint32_t l = wv->levels; l > 0; l--)
        for (uint32_t p = 0; p < wv->g.planes; p++)
            for (uint32_t b = BAND_HL; b <= BAND_HH; b++, n++)
                if (n < cap) out[n] = describe(wv, l, p, b);
    return n;
}
