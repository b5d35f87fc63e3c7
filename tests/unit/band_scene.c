/* band_scene.c - the layouts of band_scene.h. */
#include "band_scene.h"

#include <stdlib.h>

static tsr_band *add(band_scene *s, uint32_t w, uint32_t h, uint32_t plane, unsigned orient,
                     uint32_t layer) {
    if (s->n == SCENE_MAX) abort();
    tsr_band *b = &s->band[s->n++];
    *b = (tsr_band){.w = w,
                    .h = h,
                    .plane = (uint8_t)plane,
                    .orient = (uint8_t)orient,
                    .layer = (uint16_t)layer,
                    .gain = 0.5f + 0.25f * (float)(s->n % 5)};
    for (int r = 0; r < TSR_REFS; r++) b->ref[r] = TSR_NO_BAND;
    if (layer >= s->layers) s->layers = layer + 1;
    return b;
}

/* Index of an earlier band, as references need it; layouts have planes innermost. */
static uint32_t back(const band_scene *s, uint32_t distance) {
    return s->n - 1 - distance;
}

static void add_details(band_scene *s, const uint32_t w[2], const uint32_t h[2], uint32_t planes,
                        uint32_t level, uint32_t layer) {
    for (uint32_t k = 0; k < 3; k++) /* H: high across x; V: high across y; D: both */
        for (uint32_t p = 0; p < planes; p++) {
            unsigned orient = TSR_ORIENT_H + k;
            tsr_band *b =
                add(s, w[orient != TSR_ORIENT_V], h[orient != TSR_ORIENT_H], p, orient, layer);
            b->level = (uint8_t)level;
            if (layer > 1) b->ref[TSR_REF_PARENT] = back(s, 3 * planes);
            if (k > 0) b->ref[TSR_REF_SISTER_A] = back(s, planes);
            if (k > 1) b->ref[TSR_REF_SISTER_B] = back(s, 2 * planes);
            if (p > 0) b->ref[TSR_REF_PLANE_A] = back(s, p);
            if (p > 1) b->ref[TSR_REF_PLANE_B] = back(s, 1);
        }
}

void band_scene_pyramid(band_scene *s, uint32_t w, uint32_t h, uint32_t planes, uint32_t levels,
                        uint8_t domain) {
    uint32_t ws[16], hs[16];
    *s = (band_scene){0};
    ws[0] = w, hs[0] = h;
    for (uint32_t i = 1; i <= levels; i++) ws[i] = (ws[i - 1] + 1) / 2, hs[i] = (hs[i - 1] + 1) / 2;
    for (uint32_t p = 0; p < planes; p++) {
        tsr_band *b = add(s, ws[levels], hs[levels], p, TSR_ORIENT_LOW, 0);
        b->level = (uint8_t)levels;
        if (p > 0) b->ref[TSR_REF_PLANE_A] = 0;
    }
    for (uint32_t i = levels; i > 0; i--) {
        uint32_t ww[2] = {ws[i], ws[i - 1] - ws[i]}, hh[2] = {hs[i], hs[i - 1] - hs[i]};
        add_details(s, ww, hh, planes, i, levels - i + 1);
    }
    for (uint32_t b = 0; b < s->n; b++) s->band[b].domain = domain;
}

void band_scene_flat(band_scene *s, uint32_t w, uint32_t h, uint32_t planes, uint8_t domain) {
    *s = (band_scene){0};
    for (uint32_t p = 0; p < planes; p++) {
        tsr_band *b = add(s, w, h, p, TSR_ORIENT_LOW, 0);
        b->domain = domain;
        if (p > 0) b->ref[TSR_REF_PLANE_A] = 0;
        if (p > 1) b->ref[TSR_REF_PLANE_B] = p - 1;
    }
}

void band_scene_indices(band_scene *s, uint32_t w, uint32_t h, const uint32_t *alphabet,
                        uint32_t n) {
    *s = (band_scene){0};
    for (uint32_t i = 0; i < n; i++) {
        tsr_band *b = add(s, w, h, i % 3, TSR_ORIENT_D, i);
        b->domain = TSR_DOMAIN_INDEX;
        b->alphabet = alphabet[i];
    }
}

tsr_layout band_scene_layout(const band_scene *s) {
    tsr_layout l = {.n = s->n, .layers = s->layers, .band = s->band};
    for (uint32_t b = 0; b < s->n; b++) l.total += tsr_band_size(&s->band[b]);
    return l;
}
