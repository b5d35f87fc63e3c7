/* io_test.h - pictures and files for the tests of the picture readers and writers. */
#ifndef TSR_IO_TEST_H
#define TSR_IO_TEST_H

#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "tsr_test.h"

/* Numerical Recipes' linear congruential generator; the high bits are the good ones. */
static inline uint32_t io_test_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A picture of random samples; the caller frees it. */
static inline tsr_image io_test_noise(uint32_t w, uint32_t h, unsigned channels, unsigned depth) {
    tsr_image im;
    uint32_t state = w * 31 + h * 7 + channels * 3 + depth;
    if (tsr_image_alloc(&im, w, h, channels, depth, 0, NULL)) abort();
    for (size_t i = 0; i < tsr_image_bytes(&im); i++)
        ((uint8_t *)im.pixels)[i] = (uint8_t)io_test_random(&state);
    return im;
}

/* n random bytes as metadata. */
static inline tsr_blob io_test_block(size_t n, uint32_t seed) {
    tsr_blob b = {malloc(n), n};
    if (!b.data) abort();
    for (size_t i = 0; i < n; i++) b.data[i] = (uint8_t)io_test_random(&seed);
    return b;
}

static inline int io_test_same_blob(const tsr_blob *a, const tsr_blob *b) {
    return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static inline int io_test_same_pixels(const tsr_image *a, const tsr_image *b) {
    return a->width == b->width && a->height == b->height && a->channels == b->channels &&
           a->depth == b->depth && !memcmp(a->pixels, b->pixels, tsr_image_bytes(a));
}

/* Encodes or aborts the test program: for pictures the format surely holds. */
static inline tsr_blob io_test_encode(const tsr_image *im, tsr_io_format format) {
    tsr_blob file;
    tsr_diag d;
    tsr_diag_init(&d);
    if (tsr_image_write(im, format, &file, &d)) {
        printf("%s\n", d.text);
        abort();
    }
    return file;
}

/* Reads from a heap copy of exactly n bytes, so that a sanitizer sees every byte read beyond. */
static inline tsr_status io_test_read(const void *data, size_t n, const tsr_io_limits *limits,
                                      tsr_image *im, tsr_diag *d) {
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy) abort();
    memcpy(copy, data, n);
    tsr_diag_init(d);
    tsr_status st = tsr_image_read(copy, n, limits, im, d);
    free(copy);
    return st;
}

/* A failure must own nothing, say something in one line, and point into the file if anywhere. */
static inline int io_test_clean_failure(tsr_status st, const tsr_image *im, const tsr_diag *d,
                                        size_t size) {
    return st != TSR_OK && d->status == st && d->text[0] && !strchr(d->text, '\n') &&
           (d->offset == TSR_NO_OFFSET || d->offset <= size) && !im->pixels && !im->icc.data &&
           !im->exif.data;
}

#endif
