/* mix_zeros.h - contexts of the flags of zero vectors: the part that does not depend on the vectors
 * to the left, for the eight vectors of a block of a pair of rows at a time.
 *
 * As mix_columns.h, which see: what is computed for sixteen columns is used for the even ones, at
 * which vectors begin.
 */
#ifndef TSR_MIX_ZEROS_H
#define TSR_MIX_ZEROS_H

#include "mix_columns.h"

/* What of the columns and of the lower row lies in the band, as masks. */
typedef struct zero_edges {
    cols right, below; /* of the vectors' second columns and rows */
} zero_edges;

TSR_INLINE zero_edges find_edges(const tsr_band *band, uint32_t y, uint32_t x) {
    const cols place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint32_t left = band->w - x - 1;
    cols none = {0}, all = ~none;
    return (zero_edges){(cols)(place < (uint16_t)(left < TSR_BLOCK ? left : TSR_BLOCK)),
                        y + 1 < band->h ? all : none};
}

TSR_INLINE cols cols_max(cols a, cols b) {
    cols less = (cols)(a < b);
    return (b & less) | (a & ~less);
}

/* Sums of a reference band's magnitudes at the places of vectors. */
TSR_INLINE cols ref_cols(const tsr_mix_model *m, int role, uint32_t x, const zero_edges *in) {
    const uint16_t *up = m->walk.ctx.ref[role].centre + x,
                   *low = m->walk.vec.lower_ref[role].centre + x;
    return cols_clipped(up) + (cols_clipped(up + 1) & in->right) +
           ((cols_clipped(low) + (cols_clipped(low + 1) & in->right)) & in->below);
}

/* Which of the four places of the reference that tells most are not zero. */
TSR_INLINE cols pattern_cols(const tsr_mix_model *m, uint32_t x, const zero_edges *in) {
    int role = m->chroma ? TSR_REF_PLANE_A : TSR_REF_SISTER_A;
    const uint16_t *up = m->walk.ctx.ref[role].centre + x,
                   *low = m->walk.vec.lower_ref[role].centre + x;
    return q3_cols(cols_load(up)) * 27 + q3_cols(cols_load(up + 1) & in->right) * 9 +
           q3_cols(cols_load(low) & in->below) * 3 +
           q3_cols(cols_load(low + 1) & in->right & in->below);
}

/* Features of reference bands. */
TSR_INLINE void add_zero_refs(const tsr_mix_model *m, uint32_t x, const zero_edges *in,
                              cols id[TSR_MIX_INPUTS]) {
    const tsr_ref_row *ref = m->walk.ctx.ref;
    const tsr_ref_row *par = &ref[TSR_REF_PARENT], *sa = &ref[TSR_REF_SISTER_A],
                      *sb = &ref[TSR_REF_SISTER_B], *pa = &ref[TSR_REF_PLANE_A],
                      *pb = &ref[TSR_REF_PLANE_B];
    cols parent = (ref_cols(m, TSR_REF_PARENT, x, in) + 2) >> 2,
         a = ref_cols(m, TSR_REF_SISTER_A, x, in) >> 1,
         b = ref_cols(m, TSR_REF_SISTER_B, x, in) >> 1,
         c = ref_cols(m, TSR_REF_PLANE_A, x, in) >> 1, d = ref_cols(m, TSR_REF_PLANE_B, x, in) >> 1;
    cols cross = cols_clipped(par->cross + x), diag = cols_clipped(par->diag + x);
    cols parents = q12_cols(2 * parent + ((2 * cross + diag) >> 2));
    cols sisters =
        q12_cols(a + b + ((cols_clipped(sa->cross + x) + cols_clipped(sb->cross + x)) >> 2));
    cols p6 = q6_cols(parent);
    id[2] += parents * 8;
    id[3] += sisters * 12;
    if (m->chroma)
        id[3] += q12_cols(c + d +
                          ((cols_clipped(pa->cross + x) + cols_clipped(pb->cross + x) +
                            cols_clipped(pa->diag + x)) >>
                           2)) *
                 144;
    id[4] += (p6 * 216 + q6_cols(a) * 36 + q6_cols(b) * 6 + q6_cols(c)) * 3;
    id[7] += parents * 4;
    id[8] += q3_cols(parent) * 3 + q3_cols(m->chroma ? c : b);
    id[9] += (p6 * 36 + q6_cols(cross >> 1) * 6 + q6_cols(diag >> 1)) * 20;
    id[10] += (pattern_cols(m, x, in) * 3 + q3_cols(m->chroma ? d : b)) * 6;
    id[14] += q6_cols(cols_max(parent, c));
}

/* Features of the rows above. */
TSR_INLINE void add_zero_own(const tsr_mix_model *m, const uint16_t *up, const uint16_t *up2,
                             cols id[TSR_MIX_INPUTS], uint16_t *local) {
    cols u0 = cols_clipped(up), u1 = cols_clipped(up + 1), n = u0 + u1, nw = cols_clipped(up - 1),
         ne = cols_clipped(up + 2), nn = cols_clipped(up2) + cols_clipped(up2 + 1),
         next = cols_clipped(up + 3) + cols_clipped(up - 2);
    cols ring = cols_clipped(up2 - 1) + cols_clipped(up2 + 2) + cols_clipped(up2 - 2) +
                cols_clipped(up2 + 3) + cols_clipped(up - 3) + cols_clipped(up + 4) + next;
    cols n6 = q6_cols(n), ring12 = q12_cols(ring), around = 2 * (n + nw + ne) + nn + next;
    id[1] += n6 * 36 + q6_cols(nw) * 6 + q6_cols(ne);
    if (!m->chroma) id[3] += ring12 * 144;
    id[5] += cols_min(ring12, 7) * 12;
    id[6] += n6;
    id[8] += q3_cols(u0) * 243 + q3_cols(u1) * 81 + q3_cols(nw) * 27 + q3_cols(ne) * 9;
    id[11] += (q6_cols(n + nn) * 6 + q6_cols(nw + ne)) * 16;
    id[14] += q6_cols(cols_max(u0, u1)) * 6;
    memcpy(local, &around, sizeof around);
}

/* The vectors of columns x .. x + 15 of rows y and y + 1 of band b. */
TSR_INLINE void fill_zeros(const tsr_mix_model *m, tsr_mix_zeros *z, uint32_t b, uint32_t y,
                           uint32_t x) {
    const uint16_t *up = tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride + x;
    zero_edges in = find_edges(&m->walk.ctx.layout->band[b], y, x);
    cols id[TSR_MIX_INPUTS];
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) id[i] = (cols){0} + z->band[i];
    add_zero_refs(m, x, &in, id);
    add_zero_own(m, up, up - m->walk.ctx.mags[b].stride, id, z->local);
    turn_even(id, z->number, 1);
}

#endif
