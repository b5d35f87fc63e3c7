/* vector_context.c - rows of features of vectors. Cost: that of scalar contexts. */
#include "vector_span.h"

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

void tsr_vector_context_rows(tsr_vector_context *v, tsr_coef_context *c, uint32_t b, uint32_t y) {
    const tsr_band *band = &c->layout->band[b];
    uint32_t n = (band->w + 1) / 2;
    tsr_coef_context_row(c, b, y);
    if (y + 1 < band->h) {
        tsr_vector_context_swap(v, c);
        tsr_coef_context_row(c, b, y + 1); /* of the row above it nothing is there yet: zeros */
        tsr_vector_context_swap(v, c);
    }
    tsr_vector_span_energies(v, c, b, y, 0, n);
}

static void fill_row(uint16_t *m, uint32_t n, const tsr_before *earlier, const int32_t *values,
                     size_t at) {
    if (!earlier->n && !values) {
        memset(m, 0, n * sizeof *m);
        return;
    }
    for (uint32_t x = 0; x < n; x++, at++)
        m[x] = tsr_vector_sum_mag(tsr_before_at(earlier, at), values ? values[at] : 0);
}

void tsr_vector_context_fill(tsr_coef_context *c, uint32_t b, tsr_rows rows,
                             const tsr_before *earlier, const int32_t *values) {
    uint32_t w = c->layout->band[b].w;
    for (uint32_t y = rows.from; y < rows.end; y++)
        fill_row(tsr_mag_row(c, b, y), w, earlier, values, (size_t)y * w);
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
