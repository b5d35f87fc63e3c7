/* prior_test.h - what tests of the networks of `mix` share: inputs as docs/format.md 5.10 defines
 * them, and random weights and magnitudes. */
#ifndef PRIOR_TEST_H
#define PRIOR_TEST_H

#include "prior.h"

#include "tsr_test.h"

static inline int32_t expected_code(uint32_t m) {
    uint64_t v = (uint64_t)m + 1;
    int32_t log = 0;
    while (v >> (log + 1)) log++;
    return 8 * log + (int32_t)((v * 8 >> log) & 7);
}

/* 0 outside of the band. */
static inline uint32_t magnitude(const tsr_coef_context *c, uint32_t b, int64_t x, int64_t y) {
    const tsr_band *band = &c->layout->band[b];
    if (x < 0 || y < 0 || x >= band->w || y >= band->h) return 0;
    return tsr_mag_row(c, b, (uint32_t)y)[x];
}

static inline int32_t rectified(uint32_t sum, int shift) {
    int32_t v = (int32_t)sum >> shift;
    return v < 0 ? 0 : v > 32767 ? 32767 : v;
}

static inline int32_t limited(uint32_t sum) {
    int32_t v = (int32_t)sum >> 12;
    return v < -2047 ? -2047 : v > 2047 ? 2047 : v;
}

static inline int16_t random_weight(uint64_t *r, uint32_t range) {
    return (int16_t)((int32_t)test_random_below(r, 2 * range + 1) - (int32_t)range);
}

static inline void random_weights(int16_t *w, size_t n, uint32_t range, uint64_t *r) {
    for (size_t i = 0; i < n; i++) w[i] = random_weight(r, range);
}

static inline void random_biases(int32_t *w, size_t n, int32_t unit, uint32_t range, uint64_t *r) {
    for (size_t i = 0; i < n; i++) w[i] = random_weight(r, range) * unit;
}

static inline void fill_magnitudes(const tsr_coef_context *c, uint64_t *r) {
    for (uint32_t b = 0; b < c->layout->n; b++)
        for (uint32_t y = 0; y < c->layout->band[b].h; y++)
            for (uint32_t x = 0; x < c->layout->band[b].w; x++)
                tsr_mag_row(c, b, y)[x] =
                    (uint16_t)(test_random(r) >> 48 >> test_random_below(r, 17));
}

#endif
