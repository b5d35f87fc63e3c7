/* coef_span.h - features of a stretch of columns, inlined so that every user compiles them for its
 * own instruction set.
 *
 * Integer arithmetic on vectors of a block's columns: every build gives the same numbers. The last
 * block may run over the right edge of the band: rows have room for it.
 */
#ifndef TSR_COEF_SPAN_H
#define TSR_COEF_SPAN_H

#include <string.h>

#include "coef_context.h"
#include "inline.h"

typedef uint16_t tsr_mag16 __attribute__((vector_size(32)));
typedef uint16_t tsr_mag8 __attribute__((vector_size(16)));
typedef uint32_t tsr_sum16 __attribute__((vector_size(64)));

TSR_INLINE tsr_mag16 tsr_span_load(const uint16_t *p) {
    tsr_mag16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

TSR_INLINE tsr_mag8 tsr_span_load8(const uint16_t *p) {
    tsr_mag8 v;
    memcpy(&v, p, sizeof v);
    return v;
}

TSR_INLINE void tsr_span_store(uint16_t *p, tsr_mag16 v) {
    memcpy(p, &v, sizeof v);
}

/* Sums that stay at TSR_MAG_MAX, the largest value there is. */
TSR_INLINE tsr_mag16 tsr_span_plus(tsr_mag16 a, tsr_mag16 b) {
    tsr_mag16 sum = a + b;
    return sum | (tsr_mag16)(sum < a);
}

TSR_INLINE tsr_mag8 tsr_span_plus8(tsr_mag8 a, tsr_mag8 b) {
    tsr_mag8 sum = a + b;
    return sum | (tsr_mag8)(sum < a);
}

/* The values of a and b in turn. */
TSR_INLINE tsr_mag16 tsr_span_zip(tsr_mag8 a, tsr_mag8 b) {
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

TSR_INLINE void tsr_span_add(tsr_sum16 *sum, tsr_mag16 f, uint32_t weight) {
    *sum += __builtin_convertvector(f, tsr_sum16) * weight;
}

/* ---- features of a reference band ---- */

typedef struct tsr_span_ref {
    tsr_mag16 centre, near, cross, diag; /* as in tsr_ref_row */
} tsr_span_ref;

/* Same size: near is the half of the cross that the band itself has not coded yet. */
TSR_INLINE tsr_span_ref tsr_span_ref_same(const tsr_mags *r, uint32_t y, uint32_t x) {
    const uint16_t *m = r->m + (size_t)y * r->stride + x, *up = m - r->stride, *dn = m + r->stride;
    tsr_span_ref f = {.centre = tsr_span_load(m)};
    f.near = tsr_span_plus(tsr_span_load(m + 1), tsr_span_load(dn));
    f.cross = tsr_span_plus(f.near, tsr_span_plus(tsr_span_load(m - 1), tsr_span_load(up)));
    f.diag = tsr_span_plus(tsr_span_plus(tsr_span_load(up - 1), tsr_span_load(up + 1)),
                           tsr_span_plus(tsr_span_load(dn - 1), tsr_span_load(dn + 1)));
    return f;
}

/* Half size: every value of the coarser row serves two columns; near depends on the child's phase.
 * x is even. */
TSR_INLINE tsr_span_ref tsr_span_ref_half(const tsr_mags *r, uint32_t y, uint32_t x) {
    const uint16_t *m = r->m + (size_t)(y >> 1) * r->stride + x / 2, *up = m - r->stride,
                   *dn = m + r->stride;
    tsr_mag8 centre = tsr_span_load8(m), left = tsr_span_load8(m - 1),
             right = tsr_span_load8(m + 1);
    tsr_mag8 above = tsr_span_load8(up), below = tsr_span_load8(dn), side = y & 1 ? below : above;
    tsr_mag8 cross = tsr_span_plus8(tsr_span_plus8(left, right), tsr_span_plus8(above, below));
    tsr_mag8 diag = tsr_span_plus8(tsr_span_plus8(tsr_span_load8(up - 1), tsr_span_load8(up + 1)),
                                   tsr_span_plus8(tsr_span_load8(dn - 1), tsr_span_load8(dn + 1)));
    return (tsr_span_ref){
        .centre = tsr_span_zip(centre, centre),
        .near = tsr_span_zip(tsr_span_plus8(left, side), tsr_span_plus8(right, side)),
        .cross = tsr_span_zip(cross, cross),
        .diag = tsr_span_zip(diag, diag),
    };
}

/* Features of the columns x .. x + TSR_BLOCK - 1 of a reference band, which are stored in out, too.
 */
TSR_INLINE tsr_span_ref tsr_span_role(const tsr_coef_context *c, const tsr_ref_row *out, uint32_t b,
                                      uint32_t y, uint32_t x, int role) {
    const tsr_band *band = &c->layout->band[b], *ref = &c->layout->band[band->ref[role]];
    const tsr_mags *mags = &c->mags[band->ref[role]];
    tsr_span_ref f =
        tsr_band_halves(band, ref) ? tsr_span_ref_half(mags, y, x) : tsr_span_ref_same(mags, y, x);
    tsr_span_store(out->centre + x, f.centre);
    tsr_span_store(out->near + x, f.near);
    tsr_span_store(out->cross + x, f.cross);
    tsr_span_store(out->diag + x, f.diag);
    return f;
}

/* The same of all reference bands for the n columns from x0 on, in whole blocks. */
TSR_INLINE void tsr_span_refs(const tsr_coef_context *c, const tsr_ref_row out[TSR_REFS],
                              uint32_t b, uint32_t y, uint32_t x0, uint32_t n) {
    for (int role = 0; role < TSR_REFS; role++)
        for (uint32_t x = x0; x < x0 + n && c->layout->band[b].ref[role] != TSR_NO_BAND;
             x += TSR_BLOCK)
            tsr_span_role(c, &out[role], b, y, x, role);
}

/* ---- the energy ---- */

/* What the rows above weigh, and the constant. */
TSR_INLINE tsr_sum16 tsr_span_own(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x) {
    const uint16_t *u = tsr_mag_row(c, b, y) + x - c->mags[b].stride, *u2 = u - c->mags[b].stride;
    const uint8_t *w = c->weight;
    tsr_sum16 sum = (tsr_sum16){0} + w[TSR_F_CONST];
    tsr_span_add(&sum, tsr_span_load(u), w[TSR_F_N]);
    tsr_span_add(&sum, tsr_span_load(u - 1), w[TSR_F_NW]);
    tsr_span_add(&sum, tsr_span_load(u + 1), w[TSR_F_NE]);
    tsr_span_add(&sum, tsr_span_load(u2), w[TSR_F_NN]);
    for (int i = -1; i < 2; i += 2) {
        tsr_span_add(&sum, tsr_span_load(u2 + i), w[TSR_F_NNX]);
        tsr_span_add(&sum, tsr_span_load(u + 2 * i), w[TSR_F_NXX]);
        tsr_span_add(&sum, tsr_span_load(u2 + 2 * i), w[TSR_F_RING]);
        tsr_span_add(&sum, tsr_span_load(u + 3 * i), w[TSR_F_RING]);
    }
    return sum;
}

/* What reference band `role` adds to the energies. */
TSR_INLINE void tsr_span_weigh(tsr_sum16 *sum, const tsr_span_ref *f, const uint8_t *w, int role) {
    /* TSR_F_CONST: has no weight here */
    static const struct {
        uint8_t centre, near, cross, diag;
    } feature[TSR_REFS] = {
        [TSR_REF_PARENT] = {TSR_F_PARENT, TSR_F_PARENT_NEAR, TSR_F_CONST, TSR_F_PARENT_FAR},
        [TSR_REF_SISTER_A] = {TSR_F_SISTER_A, TSR_F_CONST, TSR_F_SISTER_A_CROSS, TSR_F_CONST},
        [TSR_REF_SISTER_B] = {TSR_F_SISTER_B, TSR_F_CONST, TSR_F_SISTER_B_CROSS, TSR_F_CONST},
        [TSR_REF_PLANE_A] = {TSR_F_PLANE_A, TSR_F_CONST, TSR_F_PLANE_A_CROSS, TSR_F_PLANE_A_DIAG},
        [TSR_REF_PLANE_B] = {TSR_F_PLANE_B, TSR_F_CONST, TSR_F_PLANE_B_CROSS, TSR_F_CONST},
    };
    uint8_t near = feature[role].near, cross = feature[role].cross, diag = feature[role].diag;
    tsr_span_add(sum, f->centre, w[feature[role].centre]);
    if (near != TSR_F_CONST) tsr_span_add(sum, f->near, w[near]);
    if (cross != TSR_F_CONST) tsr_span_add(sum, f->cross, w[cross]);
    if (diag != TSR_F_CONST) tsr_span_add(sum, f->diag, w[diag]);
}

/* Features of the n columns from x0 on of row y of band b, in whole blocks; rows above and
 * reference bands must be final. x0 is even. */
TSR_INLINE void tsr_coef_context_span(const tsr_coef_context *c, uint32_t b, uint32_t y,
                                      uint32_t x0, uint32_t n) {
    const tsr_band *band = &c->layout->band[b];
    for (uint32_t x = x0; x < x0 + n; x += TSR_BLOCK) {
        tsr_sum16 sum = tsr_span_own(c, b, y, x);
        for (int role = 0; role < TSR_REFS; role++) {
            if (band->ref[role] == TSR_NO_BAND) continue;
            tsr_span_ref f = tsr_span_role(c, &c->ref[role], b, y, x, role);
            tsr_span_weigh(&sum, &f, c->weight, role);
        }
        memcpy(c->base + x, &sum, sizeof sum);
    }
}

#endif
