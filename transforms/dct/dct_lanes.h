/* dct_lanes.h - a few floats handled side by side, the same arithmetic in each.
 *
 * Lanes never meet, so results do not depend on how wide the machine's registers are.
 */
#ifndef DCT_LANES_H
#define DCT_LANES_H

#include <stddef.h>
#include <string.h>

#define DCT_LANES 4u

typedef float dct_lanes __attribute__((vector_size(4 * DCT_LANES)));

static inline __attribute__((always_inline)) dct_lanes dct_load(const float *p) {
    dct_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline __attribute__((always_inline)) void dct_store(float *p, dct_lanes v) {
    memcpy(p, &v, sizeof v);
}

/* n < DCT_LANES values; the other lanes are 0. */
static inline dct_lanes dct_load_part(const float *p, unsigned n) {
    dct_lanes v = {0};
    memcpy(&v, p, n * sizeof *p);
    return v;
}

static inline void dct_store_part(float *p, dct_lanes v, unsigned n) {
    memcpy(p, &v, n * sizeof *p);
}

/* n <= DCT_LANES values, `stride` apart; the other lanes are 0. */
static inline __attribute__((always_inline)) dct_lanes dct_load_strided(const float *p,
                                                                        size_t stride, size_t n) {
    dct_lanes v = {0};
    for (size_t i = 0; i < n; i++) v[i] = p[i * stride];
    return v;
}

static inline __attribute__((always_inline)) void dct_store_strided(float *p, size_t stride,
                                                                    size_t n, dct_lanes v) {
    for (size_t i = 0; i < n; i++) p[i * stride] = v[i];
}

#endif
