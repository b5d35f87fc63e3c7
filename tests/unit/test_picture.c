/* test_picture.c - synthetic photographs: value noise over octaves, discs, texture, grain. */
#include "test_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t test_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t test_random_below(uint64_t *state, uint32_t n) {
    return (uint32_t)(test_random(state) % n);
}

/* Geometric magnitudes by coin tossing with P(stop) = 1 / (mean + 1). */
int32_t test_random_laplacian(uint64_t *state, uint32_t mean) {
    int32_t v = 0;
    while (test_random_below(state, mean + 1) && v < 1 << 20) v++;
    return test_random(state) & 1 ? -v : v;
}

/* ---------------------------------------------------------------- the scene */

/* 0 .. 255 at a lattice point. */
static int32_t lattice(uint64_t seed, uint32_t x, uint32_t y) {
    uint64_t s = seed ^ ((uint64_t)x << 32 | y);
    return (int32_t)(test_random(&s) >> 56);
}

/* Bilinear interpolation of random values `1 << cell` pixels apart: 0 .. 255, 8 fractional bits. */
static int32_t value_noise(uint64_t seed, uint32_t x, uint32_t y, unsigned cell) {
    uint32_t ix = x >> cell, iy = y >> cell, one = 1u << cell;
    int32_t fx = (int32_t)(x & (one - 1)), fy = (int32_t)(y & (one - 1)), n = (int32_t)one;
    int32_t top = lattice(seed, ix, iy) * (n - fx) + lattice(seed, ix + 1, iy) * fx;
    int32_t low = lattice(seed, ix, iy + 1) * (n - fx) + lattice(seed, ix + 1, iy + 1) * fx;
    return (int32_t)(((int64_t)top * (n - fy) + (int64_t)low * fy) * 256 >> (2 * cell));
}

/* A disc somewhere in each 64 x 64 tile, brighter or darker by up to 60. */
static int32_t discs(uint64_t seed, uint32_t x, uint32_t y) {
    uint64_t s = seed ^ 0xd15c ^ ((uint64_t)(x >> 6) << 40 | (uint64_t)(y >> 6) << 20);
    int32_t cx = (int32_t)test_random_below(&s, 64), cy = (int32_t)test_random_below(&s, 64);
    int32_t r = 8 + (int32_t)test_random_below(&s, 24),
            step = (int32_t)test_random_below(&s, 121) - 60;
    int32_t dx = (int32_t)(x & 63) - cx, dy = (int32_t)(y & 63) - cy;
    return dx * dx + dy * dy < r * r ? step * 256 : 0;
}

/* Stripes whose frequency grows to the right, in every other band of 32 rows. */
static int32_t texture(uint32_t x, uint32_t y) {
    if (!(y >> 5 & 1)) return 0;
    uint32_t phase = (x * (x & 127) / 16 + y * 3) & 31;
    return ((int32_t)(phase < 16 ? phase : 31 - phase) - 8) * 256;
}

/* Brightness, 8 fractional bits, about 0 .. 255. */
static int32_t luma(uint64_t seed, uint32_t x, uint32_t y) {
    static const int32_t amplitude[] = {40, 24, 14, 8, 4}; /* of cells 64, 32, 16, 8, 4, in 1/64 */
    int32_t v = -52 * 256; /* the noises have a mean of 180 in all */
    for (unsigned i = 0; i < 5; i++) v += value_noise(seed + i, x, y, 6 - i) * amplitude[i] / 64;
    uint64_t grain = seed ^ 0x6721 ^ ((uint64_t)x << 32 | y);
    return v + discs(seed, x, y) + texture(x, y) + (int32_t)test_random_below(&grain, 1024) - 512;
}

static int32_t alpha(uint32_t x, uint32_t y, uint32_t w, uint32_t h) {
    int64_t dx = (int64_t)x * 2 - w, dy = (int64_t)y * 2 - h, r = w < h ? w : h;
    return (int32_t)(255 * 256 + 4096 - (dx * dx + dy * dy) * 65536 / (r * r + 1));
}

/* Sample of channel c, 8 fractional bits. */
static int32_t sample(const tsr_image *im, uint64_t seed, uint32_t x, uint32_t y, unsigned c) {
    if (c == im->channels - 1u && im->channels % 2 == 0) return alpha(x, y, im->width, im->height);
    if (im->channels < 3) return luma(seed, x, y);
    int32_t warm = value_noise(seed + 11, x, y, 5) - 128 * 256,
            tint = value_noise(seed + 12, x, y, 6) - 128 * 256;
    static const int32_t by_warm[] = {20, -4, -18}, by_tint[] = {8, -12, 10};
    return luma(seed, x, y) + (warm * by_warm[c] + tint * by_tint[c]) / 48;
}

/* ---------------------------------------------------------------- pictures */

static tsr_image allocate(uint32_t w, uint32_t h, unsigned channels, unsigned depth) {
    tsr_image im;
    if (tsr_image_alloc(&im, w, h, channels, depth, 0, NULL)) abort();
    return im;
}

static void put(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

static int64_t get(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

tsr_image test_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                       uint64_t seed) {
    tsr_image im = allocate(width, height, channels, depth);
    size_t i = 0;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned c = 0; c < channels; c++, i++) {
                int32_t v = sample(&im, seed, x, y, c);
                v = v < 0 ? 0 : v > 65535 ? 65535 : v;
                put(&im, i, (uint32_t)(depth == 8 ? v >> 8 : v));
            }
    return im;
}

tsr_image noise_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                        uint64_t seed) {
    tsr_image im = allocate(width, height, channels, depth);
    for (size_t i = 0; i < tsr_image_bytes(&im); i++)
        ((uint8_t *)im.pixels)[i] = (uint8_t)test_random(&seed);
    return im;
}

tsr_image flat_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                       unsigned value) {
    tsr_image im = allocate(width, height, channels, depth);
    size_t n = (size_t)width * height * channels;
    for (size_t i = 0; i < n; i++) put(&im, i, value);
    return im;
}

tsr_blob test_block(size_t n, uint64_t seed) {
    tsr_blob b = {malloc(n), n};
    if (!b.data) abort();
    for (size_t i = 0; i < n; i++) b.data[i] = (uint8_t)test_random(&seed);
    return b;
}

/* ---------------------------------------------------------------- comparisons */

int test_same_pixels(const tsr_image *a, const tsr_image *b) {
    return a->width == b->width && a->height == b->height && a->channels == b->channels &&
           a->depth == b->depth && !memcmp(a->pixels, b->pixels, tsr_image_bytes(a));
}

int test_same_blob(const tsr_blob *a, const tsr_blob *b) {
    return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

double measured_psnr(const tsr_image *a, const tsr_image *b) {
    size_t n = (size_t)a->width * a->height * a->channels;
    double sum = 0, peak = a->depth == 8 ? 255.0 : 65535.0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)(get(a, i) - get(b, i));
        sum += d * d;
    }
    return sum > 0 ? 10 * log10(peak * peak * (double)n / sum) : INFINITY;
}

uint32_t measured_max_error(const tsr_image *a, const tsr_image *b) {
    size_t n = (size_t)a->width * a->height * a->channels;
    int64_t worst = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t d = llabs(get(a, i) - get(b, i));
        if (d > worst) worst = d;
    }
    return (uint32_t)worst;
}
