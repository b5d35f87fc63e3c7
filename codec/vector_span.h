/* vector_span.h - features of a stretch of vectors, inlined as those of coef_span.h. */
#ifndef TSR_VECTOR_SPAN_H
#define TSR_VECTOR_SPAN_H

#include "coef_span.h"
#include "vector_context.h"

TSR_INLINE void tsr_vector_span_own(uint32_t *restrict base, const uint8_t *w, const uint16_t *m,
                                    size_t stride, uint32_t n) {
    const uint16_t *u = m - stride, *u2 = u - stride;
    uint32_t k = w[TSR_V_CONST], ring = w[TSR_V_RING];
    uint32_t a0 = w[TSR_V_UP], a1 = w[TSR_V_UP + 1], a2 = w[TSR_V_UP + 2], a3 = w[TSR_V_UP + 3],
             a4 = w[TSR_V_UP + 4], a5 = w[TSR_V_UP + 5];
    uint32_t b0 = w[TSR_V_UPUP], b1 = w[TSR_V_UPUP + 1], b2 = w[TSR_V_UPUP + 2],
             b3 = w[TSR_V_UPUP + 3];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {
        const uint16_t *p = u + 2 * i, *q = u2 + 2 * i;
        base[i] = k + a0 * p[-2] + a1 * p[-1] + a2 * p[0] + a3 * p[1] + a4 * p[2] + a5 * p[3] +
                  b0 * q[-1] + b1 * q[0] + b2 * q[1] + b3 * q[2] +
                  ring * ((uint32_t)q[-2] + q[3] + p[-3] + p[4]);
    }
}

TSR_INLINE void tsr_vector_span_add(uint32_t *restrict base, const uint16_t *restrict f,
                                    uint32_t weight, uint32_t n) {
    if (weight)
        for (uint32_t i = 0; i < n; i++) base[i] += weight * f[2 * i];
}

/* Adds the features of reference bands for coefficient x & 1 of each vector of the row. */
TSR_INLINE void tsr_vector_span_refs(uint32_t *base, const uint8_t *w, const tsr_band *band,
                                     const tsr_ref_row *ref, unsigned x, uint32_t n) {
    static const struct {
        uint8_t role, centre, cross;
    } pair[] = {{TSR_REF_SISTER_A, TSR_V_SISTER_A, TSR_V_SISTER_A_CROSS},
                {TSR_REF_SISTER_B, TSR_V_SISTER_B, TSR_V_SISTER_B_CROSS},
                {TSR_REF_PLANE_A, TSR_V_PLANE_A, TSR_V_PLANE_A_CROSS},
                {TSR_REF_PLANE_B, TSR_V_PLANE_B, TSR_V_PLANE_B_CROSS}};
    for (int i = 0; i < 4; i++) {
        if (band->ref[pair[i].role] == TSR_NO_BAND) continue;
        tsr_vector_span_add(base, ref[pair[i].role].centre + x, w[pair[i].centre], n);
        tsr_vector_span_add(base, ref[pair[i].role].cross + x, w[pair[i].cross], n);
    }
    if (band->ref[TSR_REF_PLANE_A] != TSR_NO_BAND)
        tsr_vector_span_add(base, ref[TSR_REF_PLANE_A].diag + x, w[TSR_V_PLANE_A_DIAG], n);
    if (band->ref[TSR_REF_PARENT] == TSR_NO_BAND) return;
    tsr_vector_span_add(base, ref[TSR_REF_PARENT].centre + x, w[TSR_V_PARENT], n);
    tsr_vector_span_add(base, ref[TSR_REF_PARENT].near + x, w[TSR_V_PARENT_NEAR], n);
    tsr_vector_span_add(base, ref[TSR_REF_PARENT].diag + x, w[TSR_V_PARENT_DIAG], n);
}

/* Energies of n vectors from column x0 on of rows y and y + 1, whose references are there. */
TSR_INLINE void tsr_vector_span_energies(const tsr_vector_context *v, const tsr_coef_context *c,
                                         uint32_t b, uint32_t y, uint32_t x0, uint32_t n) {
    const uint16_t *m = tsr_mag_row(c, b, y) + x0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        uint32_t *base = v->base[i] + x0 / 2;
        tsr_vector_span_own(base, v->weight->around[i], m, c->mags[b].stride, n);
        tsr_vector_span_refs(base, v->weight->around[i], &c->layout->band[b],
                             i < 2 ? c->ref : v->lower_ref, x0 + (i & 1), n);
    }
}

/* Features of the vectors of a block from column x0 on of rows y and y + 1 (both even): what
 * tsr_vector_context_rows() finds but for the energies of single levels, which no vector needs. */
TSR_INLINE void tsr_vector_context_span(const tsr_vector_context *v, const tsr_coef_context *c,
                                        uint32_t b, uint32_t y, uint32_t x0) {
    tsr_span_refs(c, c->ref, b, y, x0, TSR_BLOCK);
    if (y + 1 < c->layout->band[b].h) tsr_span_refs(c, v->lower_ref, b, y + 1, x0, TSR_BLOCK);
    tsr_vector_span_energies(v, c, b, y, x0, TSR_BLOCK / 2);
}

#endif
