/* coef_context.c - magnitudes with borders and rows of features. */
#include "coef_context.h"

#include <string.h>

#include "coef_weights.h"

unsigned tsr_plane_kind(const tsr_layout *l, uint32_t b) {
    unsigned p = l->band[b].plane;
    return p == 1 || p == 2 ? p : 0;
}

static uint8_t class_of(const tsr_layout *l, uint32_t b) {
    const tsr_band *band = &l->band[b];
    unsigned kind = tsr_plane_kind(l, b);
    if (band->orient == TSR_ORIENT_LOW) return (uint8_t)(36 + kind);
    unsigned level = band->level < 1 ? 1 : band->level > 4 ? 4 : band->level;
    return (uint8_t)(kind * 12 + (band->orient - 1u) * 4 + level - 1);
}

static tsr_status alloc_mags(tsr_coef_context *c, uint32_t b, tsr_job *j) {
    const tsr_band *band = &c->layout->band[b];
    size_t stride = (size_t)band->w + 2 * TSR_MAG_BORDER + TSR_BLOCK;
    uint16_t *all = tsr_job_alloc(j, stride * (band->h + 2 * TSR_MAG_BORDER + 1), sizeof *all);
    if (!all) return tsr_job_memory_status(j);
    c->mags[b] = (tsr_mags){all + stride * TSR_MAG_BORDER + TSR_MAG_BORDER, stride};
    return TSR_OK;
}

static tsr_status alloc_rows(tsr_coef_context *c, uint32_t widest, tsr_job *j) {
    size_t n = (size_t)widest + 2 * TSR_BLOCK;
    c->base = tsr_job_alloc(j, n, sizeof *c->base);
    uint16_t *rows = tsr_job_alloc(j, n * TSR_REFS * 4, sizeof *rows);
    if (!c->base || !rows) return tsr_job_memory_status(j);
    for (int r = 0; r < TSR_REFS; r++, rows += 4 * n)
        c->ref[r] = (tsr_ref_row){rows, rows + n, rows + 2 * n, rows + 3 * n};
    return TSR_OK;
}

tsr_status tsr_coef_context_init(tsr_coef_context *c, const tsr_layout *l, tsr_job *j) {
    *c = (tsr_coef_context){.layout = l};
    c->mags = tsr_job_alloc(j, l->n, sizeof *c->mags);
    c->cls = tsr_job_alloc(j, l->n, 1);
    if (!c->mags || !c->cls) return tsr_job_memory_status(j);
    uint32_t widest = 0;
    for (uint32_t b = 0; b < l->n; b++) {
        tsr_status s = alloc_mags(c, b, j);
        if (s) return s;
        c->cls[b] = class_of(l, b);
        if (l->band[b].w > widest) widest = l->band[b].w;
    }
    return alloc_rows(c, widest, j);
}

void tsr_coef_context_band(tsr_coef_context *c, uint32_t b) {
    c->weight = tsr_coef_weights[c->cls[b]];
    for (int r = 0; r < TSR_REFS; r++)
        if (c->layout->band[b].ref[r] == TSR_NO_BAND) {
            size_t n = (size_t)c->layout->band[b].w + TSR_BLOCK;
            memset(c->ref[r].centre, 0, n * 2);
            memset(c->ref[r].near, 0, n * 2);
            memset(c->ref[r].cross, 0, n * 2);
            memset(c->ref[r].diag, 0, n * 2);
        }
}

/* ---- features of a reference band ---- */

static uint16_t sat(uint32_t v) {
    return (uint16_t)(v < TSR_MAG_MAX ? v : TSR_MAG_MAX);
}

/* Same size: near is the half of the cross that the band itself has not coded yet. */
static void ref_row_same(const tsr_mags *r, uint32_t y, uint32_t n, tsr_ref_row *out) {
    const uint16_t *m = r->m + (size_t)y * r->stride, *up = m - r->stride, *dn = m + r->stride;
    uint16_t *restrict centre = out->centre, *restrict near = out->near,
                       *restrict cross = out->cross, *restrict diag = out->diag;
    for (ptrdiff_t x = 0; x < (ptrdiff_t)n; x++) {
        uint32_t later = (uint32_t)m[x + 1] + dn[x];
        centre[x] = m[x];
        near[x] = sat(later);
        cross[x] = sat(later + m[x - 1] + up[x]);
        diag[x] = sat((uint32_t)up[x - 1] + up[x + 1] + dn[x - 1] + dn[x + 1]);
    }
}

/* Half size: every value of the coarser row serves two columns; near depends on the child's phase.
 */
static void ref_row_half(const tsr_mags *r, uint32_t y, uint32_t n, tsr_ref_row *out) {
    const uint16_t *m = r->m + (size_t)(y >> 1) * r->stride, *up = m - r->stride,
                   *dn = m + r->stride;
    const uint16_t *side = y & 1 ? dn : up;
    uint16_t *restrict centre = out->centre, *restrict near = out->near,
                       *restrict cross = out->cross, *restrict diag = out->diag;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)(n + 1) / 2; i++) {
        uint16_t c = m[i], plus = sat((uint32_t)m[i - 1] + m[i + 1] + up[i] + dn[i]);
        uint16_t d = sat((uint32_t)up[i - 1] + up[i + 1] + dn[i - 1] + dn[i + 1]);
        centre[2 * i] = centre[2 * i + 1] = c;
        near[2 * i] = sat((uint32_t)m[i - 1] + side[i]);
        near[2 * i + 1] = sat((uint32_t)m[i + 1] + side[i]);
        cross[2 * i] = cross[2 * i + 1] = plus;
        diag[2 * i] = diag[2 * i + 1] = d;
    }
}

static void ref_row(tsr_coef_context *c, const tsr_band *b, int role, uint32_t y) {
    uint32_t i = b->ref[role];
    if (i == TSR_NO_BAND) return;
    if (tsr_band_halves(b, &c->layout->band[i]))
        ref_row_half(&c->mags[i], y, b->w, &c->ref[role]);
    else
        ref_row_same(&c->mags[i], y, b->w, &c->ref[role]);
}

/* ---- the energy ---- */

static void add_own_rows(tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t n) {
    const uint16_t *m = tsr_mag_row(c, b, y), *u = m - c->mags[b].stride,
                   *u2 = u - c->mags[b].stride;
    const uint8_t *w = c->weight;
    uint32_t *restrict base = c->base;
    uint32_t k = w[TSR_F_CONST], wn = w[TSR_F_N], wnw = w[TSR_F_NW], wne = w[TSR_F_NE],
             wnn = w[TSR_F_NN];
    uint32_t wnnx = w[TSR_F_NNX], wnxx = w[TSR_F_NXX], wring = w[TSR_F_RING];
    for (ptrdiff_t x = 0; x < (ptrdiff_t)n; x++)
        base[x] = k + wn * u[x] + wnw * u[x - 1] + wne * u[x + 1] + wnn * u2[x] +
                  wnnx * ((uint32_t)u2[x - 1] + u2[x + 1]) +
                  wnxx * ((uint32_t)u[x - 2] + u[x + 2]) +
                  wring * ((uint32_t)u2[x - 2] + u2[x + 2] + u[x - 3] + u[x + 3]);
}

static void add_row(uint32_t *restrict base, const uint16_t *restrict f, uint32_t weight,
                    uint32_t n) {
    if (weight)
        for (uint32_t x = 0; x < n; x++) base[x] += weight * f[x];
}

static void add_refs(tsr_coef_context *c, const tsr_band *b) {
    static const struct {
        uint8_t role, centre, cross;
    } simple[] = {{TSR_REF_SISTER_A, TSR_F_SISTER_A, TSR_F_SISTER_A_CROSS},
                  {TSR_REF_SISTER_B, TSR_F_SISTER_B, TSR_F_SISTER_B_CROSS},
                  {TSR_REF_PLANE_A, TSR_F_PLANE_A, TSR_F_PLANE_A_CROSS},
                  {TSR_REF_PLANE_B, TSR_F_PLANE_B, TSR_F_PLANE_B_CROSS}};
    const uint8_t *w = c->weight;
    for (int i = 0; i < 4; i++) {
        if (b->ref[simple[i].role] == TSR_NO_BAND) continue;
        add_row(c->base, c->ref[simple[i].role].centre, w[simple[i].centre], b->w);
        add_row(c->base, c->ref[simple[i].role].cross, w[simple[i].cross], b->w);
    }
    if (b->ref[TSR_REF_PLANE_A] != TSR_NO_BAND)
        add_row(c->base, c->ref[TSR_REF_PLANE_A].diag, w[TSR_F_PLANE_A_DIAG], b->w);
    if (b->ref[TSR_REF_PARENT] == TSR_NO_BAND) return;
    const tsr_ref_row *p = &c->ref[TSR_REF_PARENT];
    add_row(c->base, p->centre, w[TSR_F_PARENT], b->w);
    add_row(c->base, p->near, w[TSR_F_PARENT_NEAR], b->w);
    add_row(c->base, p->diag, w[TSR_F_PARENT_FAR], b->w);
}

void tsr_coef_context_row(tsr_coef_context *c, uint32_t b, uint32_t y) {
    const tsr_band *band = &c->layout->band[b];
    for (int r = 0; r < TSR_REFS; r++) ref_row(c, band, r, y);
    add_own_rows(c, b, y, band->w);
    add_refs(c, band);
}
