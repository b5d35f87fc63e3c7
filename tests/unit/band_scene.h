/* band_scene.h - layouts of bands as transforms make them, for tests of quantizers and entropy
 * coders. */
#ifndef TSR_BAND_SCENE_H
#define TSR_BAND_SCENE_H

#include "layout.h"

enum { SCENE_MAX = 96 };

typedef struct band_scene {
    uint32_t n, layers;
    tsr_band band[SCENE_MAX];
} band_scene;

/* A wavelet-like pyramid of planes of w x h samples: low bands, then details from coarse to fine, a
 * layer a level, with all references that make sense. Gains differ from band to band. */
void band_scene_pyramid(band_scene *s, uint32_t w, uint32_t h, uint32_t planes, uint32_t levels,
                        uint8_t domain);

/* One low band a plane, in one layer. */
void band_scene_flat(band_scene *s, uint32_t w, uint32_t h, uint32_t planes, uint8_t domain);

/* INDEX bands of these alphabets, a layer each. */
void band_scene_indices(band_scene *s, uint32_t w, uint32_t h, const uint32_t *alphabet,
                        uint32_t n);

/* The layout of a scene; valid as long as the scene. */
tsr_layout band_scene_layout(const band_scene *s);

#endif
