/* test_picture.h - seeded random numbers, and pictures that resemble photographs, for all tests.
 *
 * Integer arithmetic only: the same picture on every machine.
 */
#ifndef TSR_TEST_PICTURE_H
#define TSR_TEST_PICTURE_H

#include <tessera/image.h>

/* splitmix64 (Steele, Lea & Flood 2014): any state gives a good next number. */
uint64_t test_random(uint64_t *state);

/* Uniform in 0 .. n-1, n >= 1. */
uint32_t test_random_below(uint64_t *state, uint32_t n);

/* Roughly Laplacian with this mean magnitude, as coefficients of a transform are. */
int32_t test_random_laplacian(uint64_t *state, uint32_t mean);

/* Smooth shading, discs with sharp edges, texture and a little noise, in correlated channels; alpha
 * is a soft-edged disc. Every sample value is possible. The caller frees it; aborts without memory.
 */
tsr_image test_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                       uint64_t seed);

/* Independent random samples. */
tsr_image noise_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                        uint64_t seed);

/* All samples equal. */
tsr_image flat_picture(uint32_t width, uint32_t height, unsigned channels, unsigned depth,
                       unsigned value);

/* n random bytes as metadata; owned by the caller. */
tsr_blob test_block(size_t n, uint64_t seed);

/* Same shape and samples. */
int test_same_pixels(const tsr_image *a, const tsr_image *b);
int test_same_blob(const tsr_blob *a, const tsr_blob *b);

/* Samples sum over the picture: 10 log10(peak^2 / mse), INFINITY for equal pictures. Computed here,
 * apart from the library's own metrics. */
double measured_psnr(const tsr_image *a, const tsr_image *b);
uint32_t measured_max_error(const tsr_image *a, const tsr_image *b);

#endif
