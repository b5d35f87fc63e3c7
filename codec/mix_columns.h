/* mix_columns.h - the part of all contexts of a level that does not depend on its row's earlier
 * levels, for sixteen columns at a time.
 *
 * A number of a context is a sum: of what the rows above and the reference bands say (here), of
 * what the two levels to the left and the energy say (tsr_mix_tables), and of the band's constant.
 * Sixteen columns of one feature are a vector; at the end they are turned round, so that a column
 * has its twelve numbers side by side. Quantizers are sums of comparisons.
 */
#ifndef TSR_MIX_COLUMNS_H
#define TSR_MIX_COLUMNS_H

#include "mix_lanes.h"
#include "mix_vector.h"

typedef uint16_t cols __attribute__((vector_size(32)));

/* Sums of a few magnitudes clipped here stay below 65536, and above every threshold. */
#define CLIP 4095

TSR_INLINE cols cols_load(const uint16_t *p) {
    cols v;
    memcpy(&v, p, sizeof v);
    return v;
}

TSR_INLINE cols cols_min(cols v, uint16_t most) {
    cols c = (cols){0} + most, less = (cols)(v < c);
    return (v & less) | (c & ~less);
}

TSR_INLINE cols cols_clipped(const uint16_t *p) {
    return cols_min(cols_load(p), CLIP);
}

/* Number of thresholds that v reaches: the tables of entropy_mix.c, column by column. */
TSR_INLINE cols cols_level(cols v, const uint16_t *threshold, unsigned n) {
    cols level = {0};
    for (unsigned i = 0; i < n; i++) level -= (cols)(v >= threshold[i]);
    return level;
}

TSR_INLINE cols q3_cols(cols v) {
    return (cols_min(v, 3) + 1) >> 1;
}

TSR_INLINE cols q6_cols(cols v) {
    return cols_level(v, tsr_mix_q6, 5);
}

TSR_INLINE cols q12_cols(cols v) {
    return cols_level(v, tsr_mix_q12, 11);
}

/* ---- turning round ---- */

typedef uint32_t cols_pairs __attribute__((vector_size(32)));

/* Rows of eight become columns. */
TSR_INLINE void turn_pairs(cols_pairs r[8]) {
    cols_pairs s[8], t[8];
    for (unsigned i = 0; i < 8; i += 2) {
        s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (unsigned i = 0; i < 8; i += 4)
        for (unsigned k = 0; k < 2; k++) {
            t[i + 2 * k] =
                __builtin_shufflevector(s[i + k], s[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            t[i + 2 * k + 1] =
                __builtin_shufflevector(s[i + k], s[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (unsigned i = 0; i < 4; i++) {
        r[i] = __builtin_shufflevector(t[i], t[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = __builtin_shufflevector(t[i], t[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* The numbers of the even columns, `step` from one to the next. */
TSR_INLINE void turn_even(const cols id[TSR_MIX_INPUTS], tsr_mix_numbers *number, unsigned step) {
    cols_pairs r[8];
    for (unsigned i = 0; i < 8; i++)
        r[i] = ((cols_pairs)id[2 * i] & 0xffff) | (cols_pairs)id[2 * i + 1] << 16;
    turn_pairs(r);
    for (unsigned k = 0; k < 8; k++) memcpy(number[k * step], &r[k], sizeof r[k]);
}

/* The numbers of all columns. */
TSR_INLINE void turn_all(const cols id[TSR_MIX_INPUTS], tsr_mix_numbers number[TSR_BLOCK]) {
    cols_pairs r[8];
    turn_even(id, number, 2);
    for (unsigned i = 0; i < 8; i++)
        r[i] = (cols_pairs)id[2 * i] >> 16 | ((cols_pairs)id[2 * i + 1] & 0xffff0000);
    turn_pairs(r);
    for (unsigned k = 0; k < 8; k++) memcpy(number[2 * k + 1], &r[k], sizeof r[k]);
}

/* ---- columns ---- */

/* Features of reference bands. */
TSR_INLINE void add_ref_cols(const tsr_mix_model *m, const tsr_ref_row *ref, uint32_t x,
                             cols id[TSR_MIX_INPUTS]) {
    const tsr_ref_row *par = &ref[TSR_REF_PARENT], *sa = &ref[TSR_REF_SISTER_A],
                      *sb = &ref[TSR_REF_SISTER_B], *pa = &ref[TSR_REF_PLANE_A],
                      *pb = &ref[TSR_REF_PLANE_B];
    cols parent = cols_clipped(par->centre + x), a = cols_clipped(sa->centre + x),
         b = cols_clipped(sb->centre + x), c = cols_clipped(pa->centre + x),
         d = cols_clipped(pb->centre + x);
    cols near = cols_clipped(par->near + x), diag = cols_clipped(par->diag + x);
    cols parents = q12_cols(2 * parent + near + ((cols_clipped(par->cross + x) + diag) >> 2));
    cols sisters =
        q12_cols(2 * (a + b) + ((cols_clipped(sa->cross + x) + cols_clipped(sb->cross + x)) >> 1));
    cols p6 = q6_cols(parent);
    id[2] += parents * 8;
    id[3] += sisters * 12;
    if (m->chroma) {
        cols planes = q12_cols(2 * (c + d) +
                               ((cols_clipped(pa->cross + x) + cols_clipped(pb->cross + x)) >> 1) +
                               (cols_clipped(pa->diag + x) >> 2));
        id[3] += planes * 144;
    }
    id[4] += (p6 * 216 + q6_cols(a) * 36 + q6_cols(b) * 6 + q6_cols(c)) * 3;
    id[7] += parents * 4;
    id[8] += q3_cols(parent) * 3 + q3_cols(m->chroma ? c : b);
    id[9] += (p6 * 36 + q6_cols(near) * 6 + q6_cols(diag >> 1)) * 20;
    const tsr_ref_row *o = m->chroma ? pa : sa;
    cols by = cols_load(o->near + x), all = cols_load(o->cross + x), less = (cols)(by < all);
    cols pattern = q3_cols(by) * 27 + q3_cols((all - by) & less) * 9 +
                   q3_cols(cols_load(o->diag + x)) * 3 + q3_cols(m->chroma ? d : b);
    id[10] += (pattern * 3 + q3_cols(m->chroma ? c : a)) * 6;
}

/* Features of the rows above; those of the sum around a level are all that is left of it. */
TSR_INLINE void add_own_cols(const tsr_mix_model *m, const uint16_t *up, const uint16_t *up2,
                             cols id[TSR_MIX_INPUTS], uint16_t *local) {
    cols n = cols_clipped(up), nw = cols_clipped(up - 1), ne = cols_clipped(up + 1),
         nn = cols_clipped(up2);
    cols ring = cols_clipped(up2 - 1) + cols_clipped(up2 + 1) + cols_clipped(up2 - 2) +
                cols_clipped(up2 + 2) + cols_clipped(up - 2) + cols_clipped(up + 2) +
                cols_clipped(up - 3) + cols_clipped(up + 3);
    cols n6 = q6_cols(n), ring12 = q12_cols(ring), around = 3 * n + 2 * (nw + ne) + nn;
    id[1] += n6 * 36 + q6_cols(nw) * 6 + q6_cols(ne);
    if (!m->chroma) id[3] += ring12 * 144;
    id[5] += cols_min(ring12, 7) * 12;
    id[6] += n6;
    id[8] += q3_cols(n) * 2187 + q3_cols(nw) * 729 + q3_cols(ne) * 243 + q3_cols(nn) * 81;
    id[11] += (q6_cols(n + nn) * 6 + q6_cols(nw + ne)) * 16;
    memcpy(local, &around, sizeof around);
}

/* The numbers begin with the band's part. */
TSR_INLINE void begin_cols(const tsr_mix_model *m, cols id[TSR_MIX_INPUTS]) {
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) id[i] = (cols){0} + m->column.band[i];
}

/* Columns x .. x + 15 of row y of band b. */
TSR_INLINE void fill_columns(tsr_mix_model *m, uint32_t b, uint32_t y, uint32_t x) {
    const uint16_t *up = tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride + x;
    cols id[TSR_MIX_INPUTS];
    begin_cols(m, id);
    add_ref_cols(m, m->walk.ctx.ref, x, id);
    add_own_cols(m, up, up - m->walk.ctx.mags[b].stride, id, m->column.local);
    turn_all(id, m->column.number);
    m->column.x = x;
    m->column.y = y;
}

/* What reference bands say of columns x .. x + 15 of the lower row of a pair. */
TSR_INLINE void fill_lower(const tsr_mix_model *m, tsr_mix_lower *low, uint32_t y, uint32_t x) {
    cols id[TSR_MIX_INPUTS];
    begin_cols(m, id);
    add_ref_cols(m, m->walk.vec.lower_ref, x, id);
    turn_all(id, low->number);
    low->x = x;
    low->y = y;
}

#endif
