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

/* Features of reference bands. */
TSR_INLINE void add_ref_cols(const tsr_mix_model *m, uint32_t x, cols id[TSR_MIX_CONTEXTS]) {
    const tsr_ref_row *ref = m->walk.ctx.ref;
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
                             cols id[TSR_MIX_CONTEXTS], uint16_t *local) {
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
TSR_INLINE void begin_cols(const tsr_mix_model *m, cols id[TSR_MIX_CONTEXTS]) {
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) id[i] = (cols){0} + m->column.band[i];
}

/* Columns x .. x + 15 of row y of band b. */
TSR_INLINE void fill_columns(tsr_mix_model *m, uint32_t b, uint32_t y, uint32_t x) {
    const uint16_t *up = tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride + x;
    cols id[TSR_MIX_CONTEXTS];
    begin_cols(m, id);
    add_ref_cols(m, x, id);
    add_own_cols(m, up, up - m->walk.ctx.mags[b].stride, id, m->column.local);
    for (unsigned k = 0; k < TSR_BLOCK; k++)
        for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) m->column.number[k][i] = id[i][k];
    m->column.x = x;
    m->column.y = y;
}

/* Columns x and x + 1 of the lower row y of a pair. What reference bands say of the block is kept;
 * the row above has changed since the vector before. */
TSR_INLINE void fill_lower(tsr_mix_model *m, tsr_mix_lower *low, uint32_t b, uint32_t y,
                           uint32_t x) {
    const uint16_t *up = tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride + x;
    cols id[TSR_MIX_CONTEXTS];
    uint16_t local[TSR_BLOCK];
    uint32_t x0 = x & ~(TSR_BLOCK - 1);
    if (low->x != x0 || low->y != y) {
        begin_cols(m, id);
        add_ref_cols(m, x0, id);
        memcpy(low->ref, id, sizeof id);
        low->x = x0;
        low->y = y;
    }
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) id[i] = cols_load(low->ref[i] + (x - x0));
    add_own_cols(m, up, up - m->walk.ctx.mags[b].stride, id, local);
    for (unsigned k = 0; k < 2; k++) {
        low->local[k] = local[k];
        for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) low->number[k][i] = id[i][k];
    }
}

#endif
