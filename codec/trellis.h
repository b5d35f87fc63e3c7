/* trellis.h - the state machine of dependent (trellis-coded) quantization.
 *
 * Two scalar quantizers share the grid of half steps: Q0 holds the even multiples, 2k; Q1 the odd
 * ones and zero, 2k - sgn k. Which one is active follows from the parities of the levels before it:
 * a systematic convolutional code with parity polynomials h0, h1 (Ungerboeck 1982). The machine
 * with 4 states is the one of VVC (ITU-T H.266, 8.7.3).
 */
#ifndef TSR_TRELLIS_H
#define TSR_TRELLIS_H

#include <stddef.h>
#include <stdint.h>

#define TSR_TRELLIS_MAX 256u

typedef struct tsr_trellis {
    uint32_t states;                  /* 4, 8, 16 .. 256; 0: no dependence */
    uint8_t next[TSR_TRELLIS_MAX][2]; /* [state][parity of the level] */
    uint8_t zeros[TSR_TRELLIS_MAX];   /* state after 16 levels of zero */
    uint32_t top;                     /* states >= top use Q1 */
} tsr_trellis;

/* states: 0, 4, 8, 16 .. 256. */
void tsr_trellis_init(tsr_trellis *t, uint32_t states);

/* 1 when the quantizer of `state` is Q1. */
static inline uint32_t tsr_trellis_q1(const tsr_trellis *t, uint32_t state) {
    return state >= t->top;
}

/* State after n levels of zero. */
uint32_t tsr_trellis_skip(const tsr_trellis *t, uint32_t state, size_t n);

/* Number of levels from p on, in sixteens, that are all zero; n are left. */
size_t tsr_zero_run(const int32_t *p, size_t n);

/* Reconstruction index in half steps: 2k, or 2k - sgn k under Q1. */
static inline int32_t tsr_trellis_index(int32_t k, uint32_t q1) {
    return 2 * k - (q1 ? (k > 0) - (k < 0) : 0);
}

#endif
