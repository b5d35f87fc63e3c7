/* train_scene.h - pictures made of nothing to train on, and the calls that training needs. */
#ifndef TRAIN_SCENE_H
#define TRAIN_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/builtin.h>
#include <tessera/train.h>

/* A source of pictures that all differ. bad: bit i set: picture i cannot be read. */
typedef struct train_scene {
    tsr_train_source source;
    uint32_t width, height;
    unsigned bad;
    tsr_status failure; /* of those pictures; 0: FORMAT */
    int notes;
} train_scene;

/* Smooth shades and sharp rectangles: decoders add ringing, which a network can learn to remove.
 * Allocation failures end the test. */
static inline void train_scene_picture(tsr_image *im, uint32_t w, uint32_t h, unsigned channels,
                                       uint32_t seed) {
    if (tsr_image_alloc(im, w, h, channels, 8, 0, NULL)) abort();
    uint8_t *p = im->pixels;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            for (uint32_t c = 0; c < channels; c++) {
                uint32_t box = (x + 7 * seed) / (17 + seed) + (y + 3 * seed) / 13 * 2;
                *p++ = (uint8_t)(40 + x / 4 + y / 4 + 45 * (box % 3) + 11 * c);
            }
}

static inline tsr_status train_scene_read(void *user, uint32_t i, tsr_image *im, tsr_diag *d) {
    const train_scene *s = user;
    if (s->bad >> i & 1) {
        tsr_status why = s->failure ? s->failure : TSR_ERR_FORMAT;
        return tsr_diag_set(d, why, TSR_NO_OFFSET, "no picture");
    }
    train_scene_picture(im, s->width, s->height, 3, i);
    return TSR_OK;
}

static inline const char *train_scene_name(void *user, uint32_t i) {
    return "picture";
}

static inline void train_scene_init(train_scene *s, uint32_t n, uint32_t width, uint32_t height) {
    *s = (train_scene){{s, n, train_scene_read, train_scene_name, "0"}, width, height, 0, 0, 0};
}

static inline void train_scene_note(void *user, const char *line) {
    ((train_scene *)user)->notes++;
}

static inline tsr_status train_scene_open(void *user, tsr_context **ctx, tsr_diag *d) {
    tsr_config cfg = {.struct_size = sizeof cfg, .threads = 1, .cpu_mask = UINT32_MAX};
    tsr_status s = tsr_context_new(ctx, &cfg, d);
    return s ? s : tsr_register_builtin(*ctx, d);
}

#endif
