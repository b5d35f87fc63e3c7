/* svd_test.h - pseudo-random input for the tests. */
#ifndef SVD_TEST_H
#define SVD_TEST_H

#include "svd_internal.h"

static inline uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* A group of any legal size, precision and angles. */
static inline svd_group random_group(uint32_t *seed, uint32_t candidates) {
    svd_group g = {.n = (uint8_t)(2 + next_random(seed) % (SVD_GROUP - 1)),
                   .coarse = (uint8_t)(next_random(seed) % 3)};
    uint32_t c = next_random(seed) % (candidates - 4 * SVD_GROUP);
    for (unsigned k = 0; k < g.n; k++) {
        c += 1 + next_random(seed) % 3;
        if (c % SVD_CANDIDATES == 0) c++;
        g.comp[k] = (uint8_t)c;
    }
    int unit = 1 << g.coarse, most = SVD_RIGHT_ANGLE / unit;
    for (unsigned i = 0; i < g.n * (g.n - 1u) / 2; i++)
        g.angle[i] = (int8_t)(((int)(next_random(seed) % (2u * (uint32_t)most + 1)) - most) * unit);
    return g;
}

#endif
