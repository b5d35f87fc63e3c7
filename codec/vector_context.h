/* vector_context.h - what the neighbourhood of a vector of 2 x 2 coefficients says about it.
 *
 * Rows of a band are taken in pairs. For each of the four coefficients an energy is predicted as in
 * coef_context.h, from all that is known before the vector: vectors to the left and above, and
 * reference bands. Their sum is the energy of the vector. Integers only.
 */
#ifndef TSR_VECTOR_CONTEXT_H
#define TSR_VECTOR_CONTEXT_H

#include <string.h>

#include "codebook.h"
#include "stages.h"

enum tsr_vector_feature { /* order of the weights; (dx, dy) from the vector's first coefficient */
                          TSR_V_LEFT,                  /* (-1, 0), (-2, 0), (-1, 1), (-2, 1) */
                          TSR_V_UP = TSR_V_LEFT + 4,   /* (-2 .. 3, -1) */
                          TSR_V_UPUP = TSR_V_UP + 6,   /* (-1 .. 2, -2) */
                          TSR_V_RING = TSR_V_UPUP + 4, /* (-2, -2), (3, -2), (-3, -1), (4, -1) */
                          TSR_V_PARENT,                /* references: at the coefficient itself */
                          TSR_V_PARENT_NEAR,
                          TSR_V_PARENT_DIAG,
                          TSR_V_SISTER_A,
                          TSR_V_SISTER_A_CROSS,
                          TSR_V_SISTER_B,
                          TSR_V_SISTER_B_CROSS,
                          TSR_V_PLANE_A,
                          TSR_V_PLANE_A_CROSS,
                          TSR_V_PLANE_A_DIAG,
                          TSR_V_PLANE_B,
                          TSR_V_PLANE_B_CROSS,
                          TSR_V_CONST,
                          TSR_V_FEATURES
};
_Static_assert(TSR_V_FEATURES == TSR_VECTOR_FEATURES, "features of the model and of the code");

#define TSR_FOUND_ENERGY 128u /* 1/256 half step, times the ratio of the stages */

typedef struct tsr_vector_context {
    const tsr_codebook *book;   /* NULL: bands have no vectors */
    uint32_t *base[TSR_VECTOR]; /* of a pair of rows: energies without what is to the left */
    uint32_t *lower_base;       /* of the pair's lower row, as ctx.base and ctx.ref of the upper */
    tsr_ref_row lower_ref[TSR_REFS];
    const tsr_vector_weights *weight; /* of the current band */
    tsr_before earlier;               /* stages before that of the current band */
    /* the current vector: */
    int32_t before[TSR_VECTOR];  /* what they say, in units of this stage; 0 in the first one */
    uint32_t around[TSR_VECTOR]; /* energies as the neighbourhood has them */
    uint32_t energy[TSR_VECTOR]; /* the same, but tsr_energy_found() where `before` is not 0, and 0
                                    for coefficients outside of the band */
    uint32_t total;              /* their sum */
} tsr_vector_context;

tsr_status tsr_vector_context_init(tsr_vector_context *v, const tsr_coef_context *c,
                                   const tsr_codebook *book, tsr_job *j) TSR_MUST_CHECK;

/* Chooses the weights for band b, also those of c. */
void tsr_vector_context_band(tsr_vector_context *v, tsr_coef_context *c, uint32_t b);

/* Computes the features of rows y and y + 1 (y even). */
void tsr_vector_context_rows(tsr_vector_context *v, tsr_coef_context *c, uint32_t b, uint32_t y);

/* Fills in the magnitudes of rows of a band of vectors: values in 1/16 step, or NULL for zeros, on
 * top of what the stages before say. */
void tsr_vector_context_fill(tsr_coef_context *c, uint32_t b, tsr_rows rows,
                             const tsr_before *earlier, const int32_t *values);

/* All features of the vector at column x of the current rows, for coefficient i; for training. */
void tsr_vector_context_features(const tsr_vector_context *v, const tsr_coef_context *c, uint32_t b,
                                 uint32_t x, uint32_t y, unsigned i, uint32_t *out);

/* The rows of c become those of the lower row of the pair, and back. */
static inline void tsr_vector_context_swap(tsr_vector_context *v, tsr_coef_context *c) {
    uint32_t *base = c->base;
    tsr_ref_row ref[TSR_REFS];
    memcpy(ref, c->ref, sizeof ref);
    memcpy(c->ref, v->lower_ref, sizeof ref);
    memcpy(v->lower_ref, ref, sizeof ref);
    c->base = v->lower_base;
    v->lower_base = base;
}

static inline uint32_t tsr_vector_abs(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

/* Magnitude in half steps of a value in 1/16 step, as contexts see it. */
static inline uint16_t tsr_vector_mag(int32_t value) {
    return tsr_clip_mag((tsr_vector_abs(value) + TSR_VECTOR_SCALE / 4) / (TSR_VECTOR_SCALE / 2));
}

/* Of what a stage adds to `before`. */
static inline uint16_t tsr_vector_sum_mag(int32_t before, int32_t value) {
    return tsr_vector_mag((int32_t)((uint32_t)before + (uint32_t)value));
}

/* The same while only the level of what a stage adds to `before` is known. */
static inline uint32_t tsr_vector_level_mag(int32_t before, uint32_t level) {
    return tsr_clip_mag(tsr_vector_mag(before) + 2 * level);
}

/* Finds what the stages before say of the vector at (x, y). */
static inline void tsr_vector_find_before(tsr_vector_context *v, const tsr_band *band, uint32_t x,
                                          uint32_t y, unsigned outside) {
    size_t at = (size_t)y * band->w + x;
    if (!v->earlier.n) return; /* all 0 */
    for (unsigned i = 0; i < TSR_VECTOR; i++)
        v->before[i] = outside >> i & 1
                           ? 0
                           : tsr_before_at(&v->earlier, at + (i >> 1) * (size_t)band->w + (i & 1));
}

/* The energy of a coefficient that a stage before has found: what is left is anywhere between
 * two of its points, whatever the neighbourhood. */
static inline uint32_t tsr_energy_found(const tsr_before *e) {
    return TSR_FOUND_ENERGY * e->ratio;
}

/* The energies of the vector at column x (even) of the band's row m (even, stride apart from the
 * next); outside: mask of coefficients that do not exist. */
static inline void tsr_vector_energies(tsr_vector_context *v, const uint16_t *m, size_t stride,
                                       uint32_t x, unsigned outside) {
    const uint16_t *a = m + x, *b = a + stride;
    uint32_t w = a[-1], ww = a[-2], sw = b[-1], sww = b[-2];
    v->total = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        const uint8_t *k = v->weight->around[i];
        uint32_t e = v->base[i][x >> 1] + k[TSR_V_LEFT] * w + k[TSR_V_LEFT + 1] * ww +
                     k[TSR_V_LEFT + 2] * sw + k[TSR_V_LEFT + 3] * sww;
        v->around[i] = e;
        v->energy[i] = outside >> i & 1 ? 0 : v->before[i] ? tsr_energy_found(&v->earlier) : e;
        v->total += v->energy[i];
    }
}

/* Coefficients of the vector at (x, y) that are outside of the band, as a mask. */
static inline unsigned tsr_vector_outside(const tsr_band *band, uint32_t x, uint32_t y) {
    return (x + 1 < band->w ? 0u : 10u) | (y + 1 < band->h ? 0u : 12u);
}

/* The energy of coefficient i, once the levels of those before it are known: 0 where they are not
 * coded. before: as in tsr_vector_context, or NULL when all are 0. */
static inline uint32_t tsr_vector_energy_inside(const tsr_vector_weights *w, const uint32_t *energy,
                                                const int32_t *before, unsigned i,
                                                const uint32_t *level) {
    if (!i || (before && before[i])) return energy[i];
    const uint8_t *k = w->inside[i - 1];
    uint32_t e = (uint32_t)((uint64_t)energy[i] * k[0] >> 8);
    for (unsigned n = 0; n < i; n++)
        e += k[n + 1] * (before ? tsr_vector_level_mag(before[n], level[n])
                                : (uint32_t)tsr_clip_mag(2 * level[n]));
    return e;
}

/* Two levels an octave. */
static inline uint32_t tsr_vector_level(uint32_t energy) {
    uint32_t level = tsr_energy_bucket(energy) >> 1;
    return level < TSR_VECTOR_LEVELS ? level : TSR_VECTOR_LEVELS - 1;
}

#endif
