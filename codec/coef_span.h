/* coef_span.h - features of a stretch of columns, inlined so that every user compiles them for its
 * own instruction set.
 *
 * Elementwise integer arithmetic: every build gives the same numbers. Whoever asks for a whole
 * block (TSR_BLOCK columns) may run over the right edge of the band: rows have room for it.
 */
#ifndef TSR_COEF_SPAN_H
#define TSR_COEF_SPAN_H

#include "coef_context.h"
#include "inline.h"

/* ---- features of a reference band ---- */

TSR_INLINE uint16_t tsr_span_sat(uint32_t v) {
    return (uint16_t)(v < TSR_MAG_MAX ? v : TSR_MAG_MAX);
}

/* Same size: near is the half of the cross that the band itself has not coded yet. */
TSR_INLINE void tsr_span_ref_same(const tsr_mags *r, uint32_t y, ptrdiff_t x0, ptrdiff_t n,
                                  const tsr_ref_row *out) {
    const uint16_t *m = r->m + (size_t)y * r->stride + x0, *up = m - r->stride, *dn = m + r->stride;
    uint16_t *restrict centre = out->centre + x0, *restrict near = out->near + x0,
                       *restrict cross = out->cross + x0, *restrict diag = out->diag + x0;
    for (ptrdiff_t x = 0; x < n; x++) {
        uint32_t later = (uint32_t)m[x + 1] + dn[x];
        centre[x] = m[x];
        near[x] = tsr_span_sat(later);
        cross[x] = tsr_span_sat(later + m[x - 1] + up[x]);
        diag[x] = tsr_span_sat((uint32_t)up[x - 1] + up[x + 1] + dn[x - 1] + dn[x + 1]);
    }
}

/* Half size: every value of the coarser row serves two columns; near depends on the child's phase.
 * x0 is even. */
TSR_INLINE void tsr_span_ref_half(const tsr_mags *r, uint32_t y, ptrdiff_t x0, ptrdiff_t n,
                                  const tsr_ref_row *out) {
    const uint16_t *m = r->m + (size_t)(y >> 1) * r->stride + x0 / 2, *up = m - r->stride,
                   *dn = m + r->stride;
    const uint16_t *side = y & 1 ? dn : up;
    uint16_t *restrict centre = out->centre + x0, *restrict near = out->near + x0,
                       *restrict cross = out->cross + x0, *restrict diag = out->diag + x0;
    for (ptrdiff_t i = 0; i < (n + 1) / 2; i++) {
        uint16_t c = m[i], plus = tsr_span_sat((uint32_t)m[i - 1] + m[i + 1] + up[i] + dn[i]);
        uint16_t d = tsr_span_sat((uint32_t)up[i - 1] + up[i + 1] + dn[i - 1] + dn[i + 1]);
        centre[2 * i] = centre[2 * i + 1] = c;
        near[2 * i] = tsr_span_sat((uint32_t)m[i - 1] + side[i]);
        near[2 * i + 1] = tsr_span_sat((uint32_t)m[i + 1] + side[i]);
        cross[2 * i] = cross[2 * i + 1] = plus;
        diag[2 * i] = diag[2 * i + 1] = d;
    }
}

TSR_INLINE void tsr_span_refs(const tsr_coef_context *c, const tsr_ref_row out[TSR_REFS],
                              uint32_t b, uint32_t y, ptrdiff_t x0, ptrdiff_t n) {
    const tsr_band *band = &c->layout->band[b];
    for (int role = 0; role < TSR_REFS; role++) {
        uint32_t r = band->ref[role];
        if (r == TSR_NO_BAND) continue;
        if (tsr_band_halves(band, &c->layout->band[r]))
            tsr_span_ref_half(&c->mags[r], y, x0, n, &out[role]);
        else
            tsr_span_ref_same(&c->mags[r], y, x0, n, &out[role]);
    }
}

/* ---- the energy ---- */

TSR_INLINE void tsr_span_own(const tsr_coef_context *c, uint32_t b, uint32_t y, ptrdiff_t x0,
                             ptrdiff_t n) {
    const uint16_t *m = tsr_mag_row(c, b, y) + x0, *u = m - c->mags[b].stride,
                   *u2 = u - c->mags[b].stride;
    const uint8_t *w = c->weight;
    uint32_t *restrict base = c->base + x0;
    uint32_t k = w[TSR_F_CONST], wn = w[TSR_F_N], wnw = w[TSR_F_NW], wne = w[TSR_F_NE],
             wnn = w[TSR_F_NN];
    uint32_t wnnx = w[TSR_F_NNX], wnxx = w[TSR_F_NXX], wring = w[TSR_F_RING];
    for (ptrdiff_t x = 0; x < n; x++)
        base[x] = k + wn * u[x] + wnw * u[x - 1] + wne * u[x + 1] + wnn * u2[x] +
                  wnnx * ((uint32_t)u2[x - 1] + u2[x + 1]) +
                  wnxx * ((uint32_t)u[x - 2] + u[x + 2]) +
                  wring * ((uint32_t)u2[x - 2] + u2[x + 2] + u[x - 3] + u[x + 3]);
}

TSR_INLINE void tsr_span_add(uint32_t *restrict base, const uint16_t *restrict f, uint32_t weight,
                             ptrdiff_t n) {
    if (weight)
        for (ptrdiff_t x = 0; x < n; x++) base[x] += weight * f[x];
}

TSR_INLINE void tsr_span_add_refs(const tsr_coef_context *c, uint32_t b, ptrdiff_t x0,
                                  ptrdiff_t n) {
    static const struct {
        uint8_t role, centre, cross;
    } simple[] = {{TSR_REF_SISTER_A, TSR_F_SISTER_A, TSR_F_SISTER_A_CROSS},
                  {TSR_REF_SISTER_B, TSR_F_SISTER_B, TSR_F_SISTER_B_CROSS},
                  {TSR_REF_PLANE_A, TSR_F_PLANE_A, TSR_F_PLANE_A_CROSS},
                  {TSR_REF_PLANE_B, TSR_F_PLANE_B, TSR_F_PLANE_B_CROSS}};
    const tsr_band *band = &c->layout->band[b];
    const uint8_t *w = c->weight;
    uint32_t *base = c->base + x0;
    for (int i = 0; i < 4; i++) {
        if (band->ref[simple[i].role] == TSR_NO_BAND) continue;
        tsr_span_add(base, c->ref[simple[i].role].centre + x0, w[simple[i].centre], n);
        tsr_span_add(base, c->ref[simple[i].role].cross + x0, w[simple[i].cross], n);
    }
    if (band->ref[TSR_REF_PLANE_A] != TSR_NO_BAND)
        tsr_span_add(base, c->ref[TSR_REF_PLANE_A].diag + x0, w[TSR_F_PLANE_A_DIAG], n);
    if (band->ref[TSR_REF_PARENT] == TSR_NO_BAND) return;
    const tsr_ref_row *p = &c->ref[TSR_REF_PARENT];
    tsr_span_add(base, p->centre + x0, w[TSR_F_PARENT], n);
    tsr_span_add(base, p->near + x0, w[TSR_F_PARENT_NEAR], n);
    tsr_span_add(base, p->diag + x0, w[TSR_F_PARENT_FAR], n);
}

/* Features of columns x0 .. x0 + n - 1 of row y of band b; rows above and reference bands must be
 * final. x0 is even; n <= TSR_BLOCK may go beyond the edge. */
TSR_INLINE void tsr_coef_context_span(const tsr_coef_context *c, uint32_t b, uint32_t y,
                                      uint32_t x0, uint32_t n) {
    tsr_span_refs(c, c->ref, b, y, x0, n);
    tsr_span_own(c, b, y, x0, n);
    tsr_span_add_refs(c, b, x0, n);
}

#endif
