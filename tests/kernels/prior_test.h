/* prior_test.h - what tests of the networks of `mix` share: inputs as docs/format.md 5.10 defines
 * them, random weights and magnitudes, and the pictures to try them on. */
#ifndef PRIOR_TEST_H
#define PRIOR_TEST_H

#include "prior.h"

#include "band_scene.h"
#include "codec_test.h"
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

/* A network under test, which is the test's own. */
typedef struct prior_test {
    void (*random)(uint64_t *r, uint32_t range); /* weights of up to `range` */
    void (*check_row)(const tsr_coef_context *c, uint32_t b, uint32_t y, uint64_t *r);
    uint32_t rows;   /* from one that is checked to the next */
    uint32_t levels; /* of pyramids */
} prior_test;

static inline void prior_test_scene(const prior_test *p, band_scene *scene, uint32_t range,
                                    uint64_t seed) {
    codec_test_job t;
    tsr_coef_context c;
    tsr_layout l = band_scene_layout(scene);
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_coef_context_init(&c, &l, NULL, &t.job), TSR_OK);
    p->random(&seed, range);
    fill_magnitudes(&c, &seed);
    for (uint32_t b = 0; b < l.n; b++)
        for (uint32_t y = 0; y < l.band[b].h; y += p->rows) p->check_row(&c, b, y, &seed);
    codec_test_job_close(&t);
}

static inline void prior_test_pyramids(const prior_test *p) {
    static const uint32_t size[][2] = {{61, 35}, {40, 64}, {1, 9}, {33, 2}};
    static const uint32_t range[] = {300, 4000, 32767};
    static band_scene scene;
    for (uint64_t i = 0; i < 4; i++)
        for (uint64_t k = 0; k < 3; k++) {
            band_scene_pyramid(&scene, size[i][0], size[i][1], 1 + 2 * (i & 1), p->levels,
                               TSR_DOMAIN_REAL);
            prior_test_scene(p, &scene, range[k], 3 * i + k + 1);
        }
}

/* Parents of the same size, and their parents. */
static inline void prior_test_same_size(const prior_test *p) {
    static band_scene scene;
    band_scene_flat(&scene, 37, 21, 4, TSR_DOMAIN_REAL);
    for (uint32_t b = 1; b < 4; b++) scene.band[b].ref[TSR_REF_PARENT] = b - 1;
    prior_test_scene(p, &scene, 2000, 5);
}

#endif
