/* prior_vector_kernel.h - what the network sees of a vector's surroundings, and what it says.
 *
 * Inputs come in pairs of neighbouring columns, so that rows of codes serve as they are: the pair
 * of the next vector is one or two columns further on. Of the 55 pairs 51 are known before the row
 * is coded. Cost of a vector: about 5000 products, shared by four coefficients.
 */
#ifndef TSR_PRIOR_VECTOR_KERNEL_H
#define TSR_PRIOR_VECTOR_KERNEL_H

#include "prior_kernel.h"
#include "prior_vector.h"

#define PRIOR_V_LEFT_PAIRS (TSR_PRIOR_V_LEFT / 2)
#define PRIOR_V_OWN_PAIRS  (TSR_PRIOR_V_OWN / 2)
#define PRIOR_V_REF_PAIRS  (TSR_PRIOR_V_REF / 2)
#define PRIOR_V_ANCESTORS  (TSR_PRIOR_V_PAIRS - 1) /* number of that pair */
#define PRIOR_V_LAST_ROW   (TSR_PRIOR_V_ROWS - 1)  /* codes of ancestors, in pairs */

/* The source of pair i, past those to the left: of vector c it is c steps further on. */
TSR_INLINE const int16_t *prior_v_source(const tsr_prior_vector *p, unsigned i, unsigned *step) {
    static const struct {
        uint8_t row, at;
    } own[PRIOR_V_OWN_PAIRS] = {{0, 0}, {0, 2}, {0, 4}, {0, 6}, {1, 1},
                                {1, 3}, {1, 5}, {2, 2}, {2, 4}, {3, 3}};
    *step = 2;
    if (i == PRIOR_V_ANCESTORS) return p->code[PRIOR_V_LAST_ROW];
    i -= PRIOR_V_LEFT_PAIRS;
    if (i < PRIOR_V_OWN_PAIRS) return p->code[own[i].row] + own[i].at;
    i -= PRIOR_V_OWN_PAIRS;
    *step = p->step[i / PRIOR_V_REF_PAIRS];
    return p->code[4 + i / 2] + i % 2 * 2;
}

/* Parent and grandparent of the parent, at the place of each vector; 0 without one. */
TSR_INLINE void prior_v_ancestors(tsr_prior_vector *p, const tsr_coef_context *cc, uint32_t b,
                                  uint32_t y, uint32_t x0) {
    const tsr_band *band = cc->layout->band;
    int16_t *out = p->code[PRIOR_V_LAST_ROW];
    uint32_t from = b, to = band[b].ref[TSR_REF_PARENT];
    int shift = 0;
    memset(out, 0, sizeof p->code[0]);
    for (unsigned i = 0; i <= TSR_PRIOR_V_ANCESTORS && to != TSR_NO_BAND; i++) {
        shift += tsr_band_halves(&band[from], &band[to]);
        const uint16_t *m = tsr_mag_row(cc, to, y >> shift);
        for (unsigned c = 0; c < TSR_PRIOR_V_STRIP && i; c++)
            out[2 * c + i - 1] = prior_code(m[(x0 + 2 * c) >> shift]);
        from = to;
        to = band[to].ref[TSR_REF_PARENT];
    }
}

/* Codes of the rows that the vectors of a block see. */
TSR_INLINE void prior_v_codes(tsr_prior_vector *p, const tsr_coef_context *cc, uint32_t b,
                              uint32_t y, uint32_t x0) {
    const tsr_band *band = &cc->layout->band[b];
    const uint16_t *m = tsr_mag_row(cc, b, y) + x0 - PRIOR_REACH;
    for (unsigned i = 0; i < 4; i++) prior_codes(m - (i + 1) * cc->mags[b].stride, p->code[i]);
    for (unsigned role = 0; role < TSR_REFS; role++) {
        uint32_t r = band->ref[role];
        p->step[role] = 0;
        if (r == TSR_NO_BAND) continue;
        int half = tsr_band_halves(band, &cc->layout->band[r]);
        p->step[role] = half ? 1 : 2;
        m = tsr_mag_row(cc, r, y >> half) + (x0 >> half) - 1;
        for (unsigned i = 0; i < 4; i++)
            prior_codes(m + ((ptrdiff_t)i - 1) * (ptrdiff_t)cc->mags[r].stride,
                        p->code[4 + 4 * role + i]);
    }
    prior_v_ancestors(p, cc, b, y, x0);
}

/* The vectors of a block from column x0 on of rows y and y + 1 (both even) of band b. */
TSR_INLINE void prior_v_strip(tsr_prior_vector *p, const tsr_coef_context *cc, uint32_t b,
                              uint32_t y, uint32_t x0) {
    p->b = b;
    p->x = x0;
    p->y = y;
    prior_v_codes(p, cc, b, y, x0);
    unsigned pair[TSR_PRIOR_V_PAIRS], n = 0;
    for (unsigned i = PRIOR_V_LEFT_PAIRS; i < TSR_PRIOR_V_PAIRS; i++) {
        unsigned step;
        prior_v_source(p, i, &step);
        if (step) pair[n++] = i;
    }
    for (unsigned c = 0; c < TSR_PRIOR_V_STRIP; c += PRIOR_GROUP) {
        prior_sums s[PRIOR_GROUP];
        memset(s, 0, sizeof s);
        for (unsigned i = 0; i < n; i++) {
            unsigned step;
            const int16_t *in = prior_v_source(p, pair[i], &step) + c * step;
            for (unsigned g = 0; g < PRIOR_GROUP; g++)
                prior_add(&s[g], in + g * step, &p->first[pair[i]]);
        }
        for (unsigned g = 0; g < PRIOR_GROUP; g++) prior_store(&s[g], p->sum[c + g]);
    }
}

/* Both layers of the vector at column x, whose block is there; m: of its upper row. */
TSR_INLINE void prior_v_place(tsr_prior_vector *p, const uint16_t *m, size_t stride, uint32_t x,
                              uint32_t cls, const uint32_t *energy) {
    const uint16_t *a = m + x, *b = a + stride;
    p->left[0] = prior_code(a[-2]);
    p->left[1] = prior_code(a[-1]);
    p->left[2] = prior_code(b[-2]);
    p->left[3] = prior_code(b[-1]);
    for (unsigned i = 0; i < TSR_VECTOR; i++) p->left[4 + i] = prior_code(energy[i]);
    prior_sums s = prior_load(p->sum[(x - p->x) / 2]), t = prior_load(p->first_bias[cls]);
    for (unsigned i = 0; i < PRIOR_V_LEFT_PAIRS; i++)
        prior_add(i & 1 ? &t : &s, p->left + 2 * i, &p->first[i]);
    prior_plus(&s, &t);
    prior_sums second = prior_second(&s, p->second_bias, p->second);
    prior_store(&second, p->pattern);
    prior_rectify(&second, TSR_PRIOR_SHIFT, p->unit);
    memset(p->level, 0, sizeof p->level);
}

/* Input i of vector c of the block. */
TSR_INLINE int16_t prior_v_input(const tsr_prior_vector *p, unsigned i, unsigned c) {
    unsigned step;
    if (i < TSR_PRIOR_V_LEFT) return p->left[i];
    const int16_t *source = prior_v_source(p, i / 2, &step);
    return step ? source[c * step + i % 2] : 0;
}

/* Turns to coefficient i, once the levels of those before it are known. */
TSR_INLINE void prior_v_inside(tsr_prior_vector *p, unsigned i) {
    static const uint8_t first[TSR_VECTOR] = {0, 1, 1 + TSR_PRIOR_V_LEVELS,
                                              1 + 3 * TSR_PRIOR_V_LEVELS};
    prior_sums s = prior_load(p->pattern);
    for (unsigned n = 0; n < (i ? i : 1); n++) {
        prior_sums t =
            prior_load(p->inside[first[i] + n * TSR_PRIOR_V_LEVELS + (i ? p->level[n] : 0)]);
        prior_plus(&s, &t);
    }
    prior_rectify(&s, TSR_PRIOR_SHIFT, p->unit);
}

TSR_INLINE void prior_v_know(tsr_prior_vector *p, unsigned i, uint32_t level) {
    p->level[i] = level < TSR_PRIOR_V_LEVELS ? level : TSR_PRIOR_V_LEVELS - 1;
}

/* Output 0 is for the vector; 1 + 3 i + bin for that bin of coefficient i. */
TSR_INLINE int32_t prior_v_output(const tsr_prior_vector *p, unsigned output) {
    return prior_limited(prior_dot(p->unit, p->third[output], p->third_bias[output]));
}

#endif
