/* prior_kernel.h - what the network sees, and what it says; inlined so that every user compiles it
 * for its own instruction set.
 *
 * Of a level's 72 inputs 68 come from the rows above and from reference bands: their share of the
 * first layer is added up for sixteen columns at once, before the row gets there. What is left for
 * the moment of coding are four inputs, the second layer and the outputs: about 1300 products.
 */
#ifndef TSR_PRIOR_KERNEL_H
#define TSR_PRIOR_KERNEL_H

#include "prior_lanes.h"

/* Codes of stretches of rows: columns from x0 - 3 (own) or one left of the place (references) on.
 */
#define PRIOR_REACH 3

/* 8 log2(m + 1), linear within an octave: exponent and three bits of the float, which is exact. */
TSR_INLINE void prior_codes(const uint16_t *m, int16_t *code) {
    for (int i = 0; i < TSR_PRIOR_STRETCH; i++) {
        float v = (float)(m[i] + 1);
        int32_t bits;
        memcpy(&bits, &v, sizeof bits);
        code[i] = (int16_t)((bits >> 20) - (127 << 3));
    }
}

/* The same for one number below 2^32 - 1. */
TSR_INLINE int16_t prior_code(uint32_t v) {
    unsigned log = 31u - (unsigned)__builtin_clz(++v);
    return (int16_t)(8 * log + ((uint64_t)v * 8 >> log & 7));
}

/* Inputs 2 first, 2 first + 1, ... from one source each, of TSR_BLOCK columns. */
TSR_INLINE void prior_pair_up(tsr_prior *p, unsigned first, const int16_t *const *source,
                              unsigned n) {
    for (unsigned i = 0; i < n; i += 2)
        for (unsigned c = 0; c < TSR_BLOCK; c++) {
            p->input[first + i / 2][c][0] = source[i][c];
            p->input[first + i / 2][c][1] = source[i + 1][c];
        }
}

/* Rows above. m: of the first column. */
TSR_INLINE void prior_own(tsr_prior *p, const uint16_t *m, ptrdiff_t stride) {
    static const int8_t dy[TSR_PRIOR_OWN] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3},
                        dx[TSR_PRIOR_OWN] = {-3, -2, -1, 0, 1, 2,  3, -3, -2,
                                             -1, 0,  1,  2, 3, -1, 0, 1,  0};
    int16_t code[4][TSR_PRIOR_STRETCH];
    const int16_t *source[TSR_PRIOR_OWN];
    for (int i = 0; i < 4; i++) prior_codes(m - (i + 1) * stride - PRIOR_REACH, code[i]);
    for (unsigned i = 0; i < TSR_PRIOR_OWN; i++) source[i] = code[dy[i]] + PRIOR_REACH + dx[i];
    prior_pair_up(p, TSR_PRIOR_LEFT_PAIRS, source, TSR_PRIOR_OWN);
}

/* Three columns of a row of a coarser band around the place of each column: the one on the far side
 * of the child, the place, the near side. */
TSR_INLINE void prior_spread(const int16_t *code, int16_t out[3][TSR_BLOCK]) {
    for (unsigned c = 0; c < TSR_BLOCK; c++) {
        unsigned at = c / 2 + 1, near = c % 2 ? at + 1 : at - 1;
        out[0][c] = code[2 * at - near];
        out[1][c] = code[at];
        out[2][c] = code[near];
    }
}

/* The parent of reference band r, at the place of each column; 0 without one. */
TSR_INLINE void prior_ancestor(const tsr_coef_context *cc, uint32_t b, uint32_t r, uint32_t y,
                               uint32_t x0, int16_t out[TSR_BLOCK]) {
    const tsr_band *band = cc->layout->band;
    uint32_t a = band[r].ref[TSR_REF_PARENT];
    memset(out, 0, TSR_BLOCK * sizeof *out);
    if (a == TSR_NO_BAND) return;
    int shift = tsr_band_halves(&band[b], &band[r]) + tsr_band_halves(&band[r], &band[a]);
    const uint16_t *m = tsr_mag_row(cc, a, y >> shift) + (x0 >> shift);
    int16_t code[TSR_PRIOR_STRETCH];
    prior_codes(m, code);
    for (unsigned c = 0; c < TSR_BLOCK; c++) out[c] = code[c >> shift];
}

/* Reference band r: three rows of three places and its ancestor. */
TSR_INLINE void prior_reference(tsr_prior *p, const tsr_coef_context *cc, uint32_t b, uint32_t r,
                                uint32_t y, uint32_t x0, unsigned first) {
    const tsr_mags *mags = &cc->mags[r];
    ptrdiff_t stride = (ptrdiff_t)mags->stride;
    int half = tsr_band_halves(&cc->layout->band[b], &cc->layout->band[r]);
    const uint16_t *m = tsr_mag_row(cc, r, y >> half) + (x0 >> half) - 1;
    ptrdiff_t down = half && !(y & 1) ? -stride : stride;
    int16_t code[3][TSR_PRIOR_STRETCH], spread[3][3][TSR_BLOCK], ancestor[TSR_BLOCK];
    const int16_t *source[TSR_PRIOR_REF];
    for (int i = 0; i < 3; i++) {
        prior_codes(m + (i - 1) * down, code[i]);
        if (half) prior_spread(code[i], spread[i]);
        for (int k = 0; k < 3; k++) source[3 * i + k] = half ? spread[i][k] : code[i] + k;
    }
    prior_ancestor(cc, b, r, y, x0, ancestor);
    source[TSR_PRIOR_REF - 1] = ancestor;
    prior_pair_up(p, first, source, TSR_PRIOR_REF);
}

/* Columns x0 .. x0 + TSR_BLOCK - 1 of row y of band b. */
TSR_INLINE void prior_columns(tsr_prior *p, const tsr_coef_context *cc, uint32_t b, uint32_t y,
                              uint32_t x0) {
    unsigned pair[TSR_PRIOR_PAIRS], n = 0, first = TSR_PRIOR_LEFT_PAIRS;
    prior_own(p, tsr_mag_row(cc, b, y) + x0, (ptrdiff_t)cc->mags[b].stride);
    while (n < TSR_PRIOR_OWN_PAIRS) pair[n++] = first++;
    for (unsigned role = 0; role < TSR_REFS; role++, first += TSR_PRIOR_REF_PAIRS) {
        uint32_t r = cc->layout->band[b].ref[role];
        if (r == TSR_NO_BAND) {
            memset(p->input[first], 0, TSR_PRIOR_REF_PAIRS * sizeof p->input[first]);
            continue;
        }
        prior_reference(p, cc, b, r, y, x0, first);
        for (unsigned i = 0; i < TSR_PRIOR_REF_PAIRS; i++) pair[n++] = first + i;
    }
    for (unsigned c = 0; c < TSR_BLOCK; c += PRIOR_GROUP) {
        prior_sums s[PRIOR_GROUP];
        memset(s, 0, sizeof s);
        for (unsigned i = 0; i < n; i++)
            for (unsigned g = 0; g < PRIOR_GROUP; g++)
                prior_add(&s[g], p->input[pair[i]][c + g], &p->first[pair[i]]);
        for (unsigned g = 0; g < PRIOR_GROUP; g++) prior_store(&s[g], p->sum[c + g]);
    }
}

/* The level after m[-1], m[-2], ... in column c of the block. */
TSR_INLINE void prior_level(tsr_prior *p, const uint16_t *m, unsigned c, uint32_t cls, uint32_t q1,
                            uint32_t energy) {
    p->column = (uint8_t)c;
    p->cls = (uint8_t)cls;
    p->q1 = (uint8_t)q1;
    for (int i = 0; i < 3; i++) p->left[i] = prior_code(m[-1 - i]);
    p->left[3] = prior_code(energy);
    prior_sums s = prior_load(p->sum[c]), t = prior_load(p->first_bias[cls][q1]);
    prior_add(&s, p->left, &p->first[0]);
    prior_add(&t, p->left + 2, &p->first[1]);
    prior_plus(&s, &t);
    prior_sums second = prior_second(&s, p->second_bias, p->second);
    prior_rectify(&second, TSR_PRIOR_SHIFT, p->unit);
}

/* An output from its sum. */
TSR_INLINE int32_t prior_limited(int32_t sum) {
    int32_t v = sum >> TSR_PRIOR_SHIFT;
    return v < -TSR_PRIOR_MOST ? -TSR_PRIOR_MOST : v > TSR_PRIOR_MOST ? TSR_PRIOR_MOST : v;
}

/* What it adds to the stretched probability of a bin of that level. */
TSR_INLINE int32_t prior_output(const tsr_prior *p, unsigned bin) {
    return prior_limited(prior_dot(p->unit, p->third[bin], p->third_bias[bin]));
}

#endif
