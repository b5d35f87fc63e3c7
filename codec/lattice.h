/* lattice.h - the lattice E8 by construction A, and how its coordinates are coded as levels.
 *
 * Eight neighbours of a row are one vector of integers, in half steps, whose parities form a
 * codeword of the extended Hamming code [8, 4, 4] (Conway & Sloane, Sphere Packings, Lattices and
 * Groups, chapter 5, section 2.4, and chapter 7; the code is the Reed-Muller code of order 1).
 * Coordinates 0, 1, 2 and 4 have free parities, those of the others follow. With its parity known
 * a coordinate is a level of one of the two quantizers of trellis.h: even ones of Q0, odd ones of
 * Q1, never zero there. The last coordinates of a row that do not fill a vector are even.
 */
#ifndef TSR_LATTICE_H
#define TSR_LATTICE_H

#include "layout.h"

#define TSR_E8      8u
#define TSR_E8_FREE 2u /* tsr_e8_parity(): both parities are possible */

/* What the quantizer argument of a level says in lattice streams beside its lowest bit: the level
 * is not zero. */
#define TSR_NOT_ZERO 2u

/* Is column x in a vector, or left over at the end of a row of w coefficients? */
static inline int tsr_e8_complete(uint32_t x, uint32_t w) {
    return w - (x & ~(TSR_E8 - 1)) >= TSR_E8;
}

/* Parity of coordinate `at` after those in `odd` (bit i: coordinate i is odd): 0, 1, or
 * TSR_E8_FREE. */
static inline uint32_t tsr_e8_parity(uint32_t at, uint32_t odd) {
    static const uint8_t check[TSR_E8] = {0, 0, 0, 0x07, 0, 0x13, 0x15, 0x16};
    return check[at] ? (uint32_t)__builtin_popcount(odd & check[at]) & 1u : TSR_E8_FREE;
}

/* Coordinate to level and back, q1 = 1 for odd coordinates. */
static inline int32_t tsr_e8_level(int32_t x) {
    int32_t odd = x & 1;
    return (x + (x < 0 ? -odd : odd)) / 2;
}

static inline int32_t tsr_e8_coordinate(int32_t k, uint32_t q1) {
    return 2 * k - (q1 ? (k > 0) - (k < 0) : 0);
}

/* Where the parity of a free coordinate has its statistics: which of the free ones it is, and
 * whether one before is odd. */
static inline uint32_t tsr_e8_parity_context(uint32_t at, uint32_t odd) {
    return 2 * (at < 4 ? at : 3) + (odd != 0);
}
#define TSR_E8_CONTEXTS 8u

/* P(odd) of 65536 to begin with, for an energy bucket: half of P(not zero) of a geometric law; a
 * free parity after an odd one is about even. */
uint32_t tsr_e8_parity_start(uint32_t context, uint32_t bucket);

#endif
