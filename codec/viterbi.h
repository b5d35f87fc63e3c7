/* viterbi.h - the inner loop of the trellis search: the best path into every state, row by row.
 *
 * A path's cost is squared error + lambda * bits. The bits of a level depend on the energy of its
 * neighbourhood, and of that on the path only through the magnitude to the left, which is one of
 * five: zero, or floor and ceil under either quantizer. So costs are looked up once for each of the
 * five, not once for each state, and the states are extended as vectors: a table look-up by code,
 * an addition and a minimum of two. (The second magnitude to the left is taken as rounded with a
 * dead zone, whatever the path.)
 */
#ifndef TSR_VITERBI_H
#define TSR_VITERBI_H

#include <string.h>

#include "coef_context.h"
#include "rate_model.h"
#include "trellis_zeros.h"

/* Magnitude to the left of a path, as a code: what the level was. */
enum { TSR_CODE_ZERO, TSR_CODE_Q0_FLOOR, TSR_CODE_Q0_CEIL, TSR_CODE_Q1_FLOOR, TSR_CODE_Q1_CEIL };
#define TSR_CODES       8u /* 5 and room: the width of a table look-up */
#define TSR_VITERBI_FAR 1e30f

typedef struct tsr_viterbi {
    _Alignas(32) float cost[TSR_TRELLIS_MAX];
    _Alignas(32) int32_t code[TSR_TRELLIS_MAX];
    const tsr_trellis *trellis;
    const tsr_trellis_zeros *zeros;
    size_t still; /* zeros passed last that are not in cost yet: see tsr_viterbi_catch_up() */
    const float (*bits)[2][TSR_RATE_LEVELS]; /* [bucket]: of the class of the band */
    float lambda;                            /* in half steps squared a bit */
    uint32_t w_weight, ww_weight;            /* of the two magnitudes to the left, in 1/256 */
} tsr_viterbi;

/* Level of a code for a coefficient of magnitude a (in half steps). */
static inline uint32_t tsr_code_level(float a, uint32_t code) {
    if (!code) return 0;
    uint32_t q1 = code >= TSR_CODE_Q1_FLOOR;
    return (uint32_t)((a + (float)q1) * 0.5f) +
           (code == TSR_CODE_Q0_CEIL || code == TSR_CODE_Q1_CEIL);
}

/* Its magnitude in half steps. */
static inline uint32_t tsr_code_magnitude(float a, uint32_t code) {
    uint32_t k = tsr_code_level(a, code);
    return k ? 2 * k - (code >= TSR_CODE_Q1_FLOOR) : 0;
}

/* Magnitude in half steps of a coefficient rounded with a dead zone. */
static inline uint32_t tsr_dead_zone_magnitude(float a) {
    return a < 1.0f ? 0 : (uint32_t)(a + 0.5f);
}

/* Where nothing stirs, every level is zero and its bits are those of the lowest bucket: such
 * coefficients are only counted (still) until one comes that is different. Brings the costs up to
 * date; what is common to all paths is left out. */
static inline void tsr_viterbi_catch_up(tsr_viterbi *v) {
    float cost[TSR_TRELLIS_MAX], q1 = v->lambda * (v->bits[0][1][0] - v->bits[0][0][0]);
    while (v->still) {
        uint32_t p = tsr_zeros_step(&v->still);
        for (uint32_t e = 0; e < v->trellis->states; e++)
            cost[v->zeros->after[p][e]] = v->cost[e] + q1 * v->zeros->q1[p][e];
        memcpy(v->cost, cost, v->trellis->states * sizeof *cost);
    }
}

/* Extends all paths by the n coefficients of a row. a: magnitudes in half steps; base: energies
 * without the left neighbours. Returns how many of them are live, that is, worth a level on some
 * path; column: [n] receives their columns, from: [n][states] the code each state was reached with
 * at each of them. */
typedef uint32_t (*tsr_viterbi_row_fn)(tsr_viterbi *v, const float *a, const uint32_t *base,
                                       uint32_t n, uint32_t *column, uint8_t *from);
uint32_t tsr_viterbi_row_plain(tsr_viterbi *v, const float *a, const uint32_t *base, uint32_t n,
                               uint32_t *column, uint8_t *from);
uint32_t tsr_viterbi_row_avx2(tsr_viterbi *v, const float *a, const uint32_t *base, uint32_t n,
                              uint32_t *column, uint8_t *from);
uint32_t tsr_viterbi_row_avx512(tsr_viterbi *v, const float *a, const uint32_t *base, uint32_t n,
                                uint32_t *column, uint8_t *from);

#endif
