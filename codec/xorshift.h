/* xorshift.h - random numbers for training: xorshift64* (Vigna 2016). */
#ifndef TSR_XORSHIFT_H
#define TSR_XORSHIFT_H

#include <stdint.h>

/* The next number; *state is not 0. */
static inline uint64_t tsr_xorshift(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

#endif
