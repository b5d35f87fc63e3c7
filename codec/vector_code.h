/* vector_code.h - the decisions that make up a vector, the same for every entropy coder.
 *
 * Is it zero? Then the levels of its pattern, coefficient by coefficient; which of the shapes of
 * the pattern it is, "this one?" one after the other; the signs of the shape's magnitudes. A
 * pattern without shapes stands for itself. Coefficients outside of the band are level 0 and not
 * coded, and there such a vector takes the grid point. Inlined into a coder with a constant
 * direction.
 */
#ifndef TSR_VECTOR_CODE_H
#define TSR_VECTOR_CODE_H

#include "coef_walk.h"

#define TSR_LEVEL_MAX (1 << 26) /* levels beyond would overflow as values */

/* Kinds of the question whether a coefficient is zero: when all before it are, by its place (the
 * last one of a vector is then not zero and nothing is asked); when one is not, by whether its
 * upper right neighbour is known. */
enum {
    TSR_KIND_FIRST_0,
    TSR_KIND_FIRST_1,
    TSR_KIND_FIRST_2,
    TSR_KIND_LATER,
    TSR_KIND_LATER_3,
    TSR_KIND_CERTAIN = TSR_VECTOR_KINDS /* not asked */
};

static inline unsigned tsr_vector_kind(unsigned i, int any, unsigned outside) {
    if (any) return i < 3 ? TSR_KIND_LATER : TSR_KIND_LATER_3;
    unsigned to_come = ~outside & 15u & ~((2u << i) - 1);
    return to_come ? TSR_KIND_FIRST_0 + i : TSR_KIND_CERTAIN;
}

/* The vector being coded. */
typedef struct tsr_vector_place {
    uint32_t b, x, y, cls;
    unsigned outside;
} tsr_vector_place;

/* What a coder brings along; all take its model first. */
typedef struct tsr_vector_coder {
    int (*zero)(void *model, int bit, int decoding); /* the vector: 1 when it is not zero */
    uint32_t (*level)(void *model, unsigned i, unsigned kind, uint32_t energy, uint32_t level,
                      int decoding);
    int (*shape)(void *model, uint32_t number, int bit, int decoding); /* 1: it is this one */
    int (*sign)(void *model, unsigned i, uint32_t level, int bit, int decoding);
} tsr_vector_coder;

static inline void tsr_vector_set_mag(tsr_walk *w, const tsr_vector_place *at, unsigned i,
                                      uint16_t mag) {
    tsr_mag_row(&w->ctx, at->b, at->y + (i >> 1))[at->x + (i & 1)] = mag;
}

/* The levels of the pattern. */
TSR_INLINE void tsr_vector_code_levels(void *model, tsr_walk *w, const tsr_vector_coder *k,
                                       const tsr_vector_place *at, uint32_t *level, int decoding) {
    int any = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        if (at->outside >> i & 1) continue;
        uint32_t e =
            tsr_vector_energy_inside(w->vec.weight, w->vec.energy, w->vec.before, i, level);
        level[i] = k->level(model, i, tsr_vector_kind(i, any, at->outside), e, level[i], decoding);
        level[i] = level[i] < TSR_LEVEL_MAX ? level[i] : TSR_LEVEL_MAX;
        any |= level[i] != 0;
        tsr_vector_set_mag(w, at, i, (uint16_t)tsr_vector_level_mag(w->vec.before[i], level[i]));
    }
}

static inline int tsr_vector_is_shape(const uint8_t *shape, const uint32_t *magnitude) {
    return shape[0] == magnitude[0] && shape[1] == magnitude[1] && shape[2] == magnitude[2] &&
           shape[3] == magnitude[3];
}

/* From levels to magnitudes in 1/16 step. */
TSR_INLINE void tsr_vector_code_shape(void *model, const tsr_codebook *cb,
                                      const tsr_vector_coder *k, const tsr_vector_place *at,
                                      const uint32_t *level, uint32_t *magnitude, int decoding) {
    const tsr_book *book = tsr_class_book(cb, at->cls);
    uint32_t shape = 0, n = at->outside ? 0 : tsr_book_pattern(book, level, &shape);
    for (uint32_t left = n; left > 1; left--, shape++) {
        int bit = !decoding && tsr_vector_is_shape(book->shape[shape], magnitude);
        if (k->shape(model, tsr_shape_number(cb, at->cls, shape), bit, decoding)) break;
    }
    for (unsigned i = 0; i < TSR_VECTOR && decoding; i++)
        magnitude[i] = n ? book->shape[shape][i] : level[i] * TSR_VECTOR_SCALE;
}

/* The sign of what a stage adds to a coefficient that is not 0 before it: mostly towards 0, since
 * small coefficients are more frequent than large ones. */
TSR_INLINE int tsr_vector_code_inward(tsr_walk *w, unsigned i, uint32_t level, int minus,
                                      int decoding) {
    int plus = w->vec.before[i] > 0;
    int large = tsr_vector_abs(w->vec.before[i]) / w->vec.earlier.ratio > 3 * TSR_VECTOR_SCALE / 2;
    tsr_prob *p = &w->inward[large][level > 1][tsr_energy_bucket(w->vec.around[i]) / 4];
    return tsr_prob_code(&w->rc, p, minus == plus, decoding) ? plus : !plus;
}

/* Everything about one vector. */
TSR_INLINE void tsr_vector_code(void *model, tsr_walk *w, const tsr_vector_coder *k,
                                const tsr_vector_place *at, int32_t *value, int decoding) {
    uint32_t magnitude[TSR_VECTOR] = {0}, level[TSR_VECTOR] = {0};
    for (unsigned i = 0; i < TSR_VECTOR && !decoding; i++) {
        magnitude[i] = (uint32_t)(value[i] < 0 ? -value[i] : value[i]);
        level[i] = tsr_vector_round(magnitude[i]);
    }
    if (!k->zero(model, value[0] || value[1] || value[2] || value[3], decoding)) return;
    tsr_vector_code_levels(model, w, k, at, level, decoding);
    tsr_vector_code_shape(model, w->vec.book, k, at, level, magnitude, decoding);
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        if (magnitude[i]) {
            int minus = w->vec.before[i]
                            ? tsr_vector_code_inward(w, i, level[i], value[i] < 0, decoding)
                            : k->sign(model, i, level[i], value[i] < 0, decoding);
            value[i] = minus ? -(int32_t)magnitude[i] : (int32_t)magnitude[i];
        }
        tsr_vector_set_mag(w, at, i, tsr_vector_sum_mag(w->vec.before[i], value[i]));
    }
}

/* The same of a book with raw numbers: nothing adapts. Outside of the band nothing is kept. */
TSR_INLINE void tsr_vector_code_raw(tsr_walk *w, const tsr_vector_place *at, int32_t *value,
                                    int decoding) {
    const tsr_codebook *cb = w->vec.book;
    const tsr_book *book = tsr_class_book(cb, at->cls);
    uint32_t magnitude[TSR_VECTOR], number = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++)
        magnitude[i] = (uint32_t)(value[i] < 0 ? -value[i] : value[i]);
    if (!decoding && (magnitude[0] || magnitude[1] || magnitude[2] || magnitude[3]))
        for (number = 1; number < book->shapes; number++) {
            unsigned i = 0;
            const uint8_t *s = book->shape[number - 1];
            while (i < TSR_VECTOR && (at->outside >> i & 1 || s[i] == magnitude[i])) i++;
            if (i == TSR_VECTOR) break;
        }
    number = tsr_rc_code_raw(&w->rc, number, cb->fixed_bits, decoding);
    number = number <= book->shapes ? number : book->shapes;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        int32_t v = number ? book->shape[number - 1][i] : 0;
        if (at->outside >> i & 1) continue;
        int minus = v ? tsr_rc_code(&w->rc, value[i] < 0, 32768, decoding) : 0;
        value[i] = minus ? -v : v;
        tsr_vector_set_mag(w, at, i, tsr_vector_sum_mag(w->vec.before[i], value[i]));
    }
}

#endif
