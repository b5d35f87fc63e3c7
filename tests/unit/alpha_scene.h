/* alpha_scene.h - pictures with masks of every kind, and files with and without their alpha, for
 * the tests of alpha without loss. */
#ifndef TSR_ALPHA_SCENE_H
#define TSR_ALPHA_SCENE_H

#include <string.h>

#include "codec_test.h"
#include "container.h"
#include "tsr_test.h"

static tsr_context *ctx; /* of the program that includes this */

static inline uint32_t sample(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

static inline void set_sample(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

static inline size_t pixels(const tsr_image *im) {
    return (size_t)im->width * im->height;
}

/* ---------------------------------------------------------------- pictures */

typedef enum mask { CONSTANT, BINARY, FEW, MANY, SOFT, NOISE, MASKS } mask;

/* A value of the mask for a pixel: `full` is the largest sample. */
static inline uint32_t mask_value(mask m, uint32_t full, size_t i, uint32_t old, uint64_t *r) {
    switch (m) {
    case CONSTANT:
        return full;
    case BINARY:
        return i / 9 % 3 ? full : 0;
    case FEW:
        return full / 16 * (uint32_t)(i / 5 % 17);
    case MANY: /* all that a table can have, with gaps where the depth allows them */
        return full / 255 * (uint32_t)(i % 256);
    case SOFT:
        return old;
    default:
        return (uint32_t)test_random(r) & full;
    }
}

static inline tsr_image masked(uint32_t w, uint32_t h, unsigned channels, unsigned depth, mask m) {
    tsr_image im = test_picture(w, h, channels, depth, 3);
    uint64_t r = m;
    uint32_t full = depth == 8 ? UINT8_MAX : UINT16_MAX;
    for (size_t i = 0; i < pixels(&im); i++) {
        size_t at = (i + 1) * channels - 1;
        set_sample(&im, at, mask_value(m, full, i, sample(&im, at), &r));
    }
    return im;
}

/* The picture without its last channel. */
static inline tsr_image colours_of(const tsr_image *im) {
    tsr_image out;
    unsigned c = im->channels, n = c - 1u;
    CU_ASSERT_EQUAL_FATAL(tsr_image_alloc(&out, im->width, im->height, n, im->depth, 0, NULL),
                          TSR_OK);
    for (size_t i = 0; i < pixels(im); i++)
        for (unsigned k = 0; k < n; k++) set_sample(&out, i * n + k, sample(im, i * c + k));
    return out;
}

static inline int same_alpha(const tsr_image *a, const tsr_image *b) {
    size_t differ = 0, c = a->channels;
    if (a->width != b->width || a->height != b->height || b->channels != c || a->depth != b->depth)
        return 0;
    for (size_t i = 0; i < pixels(a); i++)
        differ += sample(a, i * c + c - 1) != sample(b, i * c + c - 1);
    return !differ;
}

/* ---------------------------------------------------------------- files */

static inline tsr_encode_options options_of(const char *spec, tsr_target target, double value) {
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = target;
    o.value = value;
    o.effort = 2;
    return o;
}

static inline tsr_blob encode_with(const tsr_image *im, const tsr_encode_options *o,
                                   tsr_encode_report *report) {
    tsr_blob file = {0};
    tsr_diag d;
    tsr_status s = tsr_encode(ctx, im, o, &file, report, &d);
    if (s) printf("%s: %s\n", o->spec, d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return file;
}

static inline tsr_blob encode(const tsr_image *im, const char *spec) {
    tsr_encode_options o = options_of(spec, TSR_TARGET_QUALITY, 50);
    return encode_with(im, &o, NULL);
}

static inline tsr_image decode(const tsr_blob *file, int partial) {
    tsr_image im;
    tsr_diag d;
    tsr_status s = codec_test_decode(ctx, file->data, file->size, partial, &im, NULL, &d);
    if (s) printf("%s\n", d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return im;
}

/* The chunk of a type; type 0 when there is none. */
static inline tsr_chunk chunk_of(const void *data, size_t size, uint8_t type) {
    tsr_reader r = {.data = data, .size = size};
    tsr_chunk c = {0};
    int end = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_check_magic(&r, NULL), TSR_OK);
    while (!tsr_next_chunk(&r, &c, &end, NULL) && !end)
        if (c.type == type) return c;
    return (tsr_chunk){0};
}

static inline tsr_info inspect(const tsr_blob *file) {
    tsr_info info;
    uint64_t sum = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_inspect(ctx, file->data, file->size, &info, NULL), TSR_OK);
    for (uint32_t i = 0; i < info.n_parts; i++) sum += info.parts[i].bytes;
    CU_ASSERT_EQUAL(sum, file->size);
    return info;
}

#endif
