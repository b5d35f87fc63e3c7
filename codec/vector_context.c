/* vector_context.c - rows of features of vectors. Cost: that of scalar contexts. */
#include "vector_context.h"

tsr_status tsr_vector_context_init(tsr_vector_context *v, const tsr_coef_context *c,
                                   const tsr_codebook *book, tsr_job *j) {
    *v = (tsr_vector_context){.book = book};
    if (!book) return TSR_OK;
    size_t n = 2 * TSR_BLOCK;
    for (uint32_t b = 0; b < c->layout->n; b++)
        if (c->layout->band[b].w + 2 * TSR_BLOCK > n) n = c->layout->band[b].w + 2 * TSR_BLOCK;
    uint32_t *base = tsr_job_alloc(j, n * 3, sizeof *base);
    uint16_t *rows = tsr_job_alloc(j, n * TSR_REFS * 4, sizeof *rows);
    if (!base || !rows) return tsr_job_memory_status(j);
    for (unsigned i = 0; i < TSR_VECTOR; i++) v->base[i] = base + n + i * (n / 2);
    v->lower_base = base;
    for (int r = 0; r < TSR_REFS; r++, rows += 4 * n)
        v->lower_ref[r] = (tsr_ref_row){rows, rows + n, rows + 2 * n, rows + 3 * n};
    return TSR_OK;
}

void tsr_vector_context_band(tsr_vector_context *v, tsr_coef_context *c, uint32_t b) {
    v->weight = &v->book->weight[tsr_vector_class(c, b)];
    tsr_vector_context_swap(v, c);
    tsr_coef_context_band(c, b);
    tsr_vector_context_swap(v, c);
    tsr_coef_context_band(c, b);
}

/* ---- energies of a row of vectors ---- */

static void set_own(uint32_t *restrict base, const uint8_t *w, const uint16_t *m, size_t stride,
                    uint32_t n) {
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

static void add_row(uint32_t *restrict base, const uint16_t *restrict f, uint32_t weight,
                    uint32_t n) {
    if (weight)
        for (uint32_t i = 0; i < n; i++) base[i] += weight * f[2 * i];
}

/* Adds the features of reference bands for coefficient x & 1 of each vector of the row. */
static void add_refs(uint32_t *base, const uint8_t *w, const tsr_band *band, const tsr_ref_row *ref,
                     unsigned x, uint32_t n) {
    static const struct {
        uint8_t role, centre, cross;
    } pair[] = {{TSR_REF_SISTER_A, TSR_V_SISTER_A, TSR_V_SISTER_A_CROSS},
                {TSR_REF_SISTER_B, TSR_V_SISTER_B, TSR_V_SISTER_B_CROSS},
                {TSR_REF_PLANE_A, TSR_V_PLANE_A, TSR_V_PLANE_A_CROSS},
                {TSR_REF_PLANE_B, TSR_V_PLANE_B, TSR_V_PLANE_B_CROSS}};
    for (int i = 0; i < 4; i++) {
        if (band->ref[pair[i].role] == TSR_NO_BAND) continue;
        add_row(base, ref[pair[i].role].centre + x, w[pair[i].centre], n);
        add_row(base, ref[pair[i].role].cross + x, w[pair[i].cross], n);
    }
    if (band->ref[TSR_REF_PLANE_A] != TSR_NO_BAND)
        add_row(base, ref[TSR_REF_PLANE_A].diag + x, w[TSR_V_PLANE_A_DIAG], n);
    if (band->ref[TSR_REF_PARENT] == TSR_NO_BAND) return;
    add_row(base, ref[TSR_REF_PARENT].centre + x, w[TSR_V_PARENT], n);
    add_row(base, ref[TSR_REF_PARENT].near + x, w[TSR_V_PARENT_NEAR], n);
    add_row(base, ref[TSR_REF_PARENT].diag + x, w[TSR_V_PARENT_DIAG], n);
}

void tsr_vector_context_rows(tsr_vector_context *v, tsr_coef_context *c, uint32_t b, uint32_t y) {
    const tsr_band *band = &c->layout->band[b];
    uint32_t n = (band->w + 1) / 2;
    tsr_coef_context_row(c, b, y);
    if (y + 1 < band->h) {
        tsr_vector_context_swap(v, c);
        tsr_coef_context_row(c, b, y + 1); /* of the row above it nothing is there yet: zeros */
        tsr_vector_context_swap(v, c);
    }
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        set_own(v->base[i], v->weight->around[i], tsr_mag_row(c, b, y), c->mags[b].stride, n);
        add_refs(v->base[i], v->weight->around[i], band, i < 2 ? c->ref : v->lower_ref, i & 1, n);
    }
}

void tsr_vector_context_fill(tsr_coef_context *c, uint32_t b, const int32_t *values) {
    const tsr_band *band = &c->layout->band[b];
    for (uint32_t y = 0; y < band->h; y++)
        for (uint32_t x = 0; x < band->w; x++) tsr_mag_row(c, b, y)[x] = tsr_vector_mag(*values++);
}

void tsr_vector_context_features(const tsr_vector_context *v, const tsr_coef_context *c, uint32_t b,
                                 uint32_t x, uint32_t y, unsigned i, uint32_t *out) {
    size_t stride = c->mags[b].stride;
    const uint16_t *m = tsr_mag_row(c, b, y) + x, *u = m - stride, *u2 = u - stride,
                   *d = m + stride;
    const tsr_ref_row *r = i < 2 ? c->ref : v->lower_ref;
    size_t at = x + (i & 1);
    uint32_t f[] = {
        m[-1],
        m[-2],
        d[-1],
        d[-2],
        u[-2],
        u[-1],
        u[0],
        u[1],
        u[2],
        u[3],
        u2[-1],
        u2[0],
        u2[1],
        u2[2],
        (uint32_t)u2[-2] + u2[3] + u[-3] + u[4],
        r[TSR_REF_PARENT].centre[at],
        r[TSR_REF_PARENT].near[at],
        r[TSR_REF_PARENT].diag[at],
        r[TSR_REF_SISTER_A].centre[at],
        r[TSR_REF_SISTER_A].cross[at],
        r[TSR_REF_SISTER_B].centre[at],
        r[TSR_REF_SISTER_B].cross[at],
        r[TSR_REF_PLANE_A].centre[at],
        r[TSR_REF_PLANE_A].cross[at],
        r[TSR_REF_PLANE_A].diag[at],
        r[TSR_REF_PLANE_B].centre[at],
        r[TSR_REF_PLANE_B].cross[at],
        1,
    };
    memcpy(out, f, sizeof f);
}
