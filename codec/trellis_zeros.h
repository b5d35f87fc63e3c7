/* trellis_zeros.h - what runs of zeros do to the machine of dependent quantization.
 *
 * Under levels of zero the machine permutes its states. A run is taken in powers of two, so that it
 * costs one step for each one bit of its length.
 */
#ifndef TSR_TRELLIS_ZEROS_H
#define TSR_TRELLIS_ZEROS_H

#include <stddef.h>

#include "trellis.h"

#define TSR_ZERO_POWERS 16u

typedef struct tsr_trellis_zeros {
    uint8_t after[TSR_ZERO_POWERS][TSR_TRELLIS_MAX];  /* [p][state]: that after 2^p zeros */
    uint8_t before[TSR_ZERO_POWERS][TSR_TRELLIS_MAX]; /* [p][state]: that before 2^p zeros */
    float q1[TSR_ZERO_POWERS][TSR_TRELLIS_MAX]; /* [p][state]: how many of 2^p zeros Q1 quantizes */
} tsr_trellis_zeros;

/* t: of at least 4 states. */
void tsr_trellis_zeros_init(tsr_trellis_zeros *z, const tsr_trellis *t);

/* Takes the largest step that n zeros leave room for: returns its power of two. */
static inline uint32_t tsr_zeros_step(size_t *n) {
    uint32_t p = 63u - (uint32_t)__builtin_clzll((unsigned long long)*n);
    if (p >= TSR_ZERO_POWERS) p = TSR_ZERO_POWERS - 1;
    *n -= (size_t)1 << p;
    return p;
}

/* The state before n zeros that end in state e. */
static inline uint32_t tsr_zeros_before(const tsr_trellis_zeros *z, size_t n, uint32_t e) {
    while (n) e = z->before[tsr_zeros_step(&n)][e];
    return e;
}

#endif
