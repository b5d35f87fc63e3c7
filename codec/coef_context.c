/* coef_context.c - magnitudes with borders and rows of features. */
#include "coef_context.h"

#include <string.h>

#include "coef_weights.h"
#include "context.h"

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

/* Rows of a band's magnitudes, those of the border and of the gaps between parts included. */
static size_t mag_rows(const tsr_coef_context *c, const tsr_parts *parts, uint32_t b) {
    size_t gaps = parts ? tsr_parts_gaps(parts, b, TSR_MAG_BORDER, parts->n - 1) : 0;
    return c->layout->band[b].h + gaps + 2 * TSR_MAG_BORDER + 1;
}

static size_t mag_stride(const tsr_band *band) {
    return (size_t)band->w + 2 * TSR_MAG_BORDER + TSR_BLOCK;
}

static tsr_status alloc_mags(tsr_coef_context *c, const tsr_parts *parts, tsr_job *j) {
    const tsr_layout *l = c->layout;
    size_t bytes = 0;
    for (uint32_t b = 0; b < l->n; b++)
        bytes += mag_stride(&l->band[b]) * mag_rows(c, parts, b) * sizeof(uint16_t) + TSR_ALIGN;
    if (!tsr_arena_reserve(&j->state, bytes, j->diag)) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) {
        size_t stride = mag_stride(&l->band[b]);
        uint16_t *all = tsr_job_alloc(j, stride * mag_rows(c, parts, b), sizeof *all);
        if (!all) return tsr_job_memory_status(j);
        c->mags[b] = (tsr_mags){all + stride * TSR_MAG_BORDER + TSR_MAG_BORDER, stride};
    }
    return TSR_OK;
}

static tsr_status alloc_rows(tsr_coef_context *c, tsr_job *j) {
    size_t n = 0;
    for (uint32_t b = 0; b < c->layout->n; b++)
        if (c->layout->band[b].w > n) n = c->layout->band[b].w;
    n += 2 * TSR_BLOCK;
    c->base = tsr_job_alloc(j, n, sizeof *c->base);
    uint16_t *rows = tsr_job_alloc(j, n * TSR_REFS * 4, sizeof *rows);
    if (!c->base || !rows) return tsr_job_memory_status(j);
    for (int r = 0; r < TSR_REFS; r++, rows += 4 * n)
        c->ref[r] = (tsr_ref_row){rows, rows + n, rows + 2 * n, rows + 3 * n};
    return TSR_OK;
}

static tsr_coef_span_fn choose_span(uint32_t cpu) {
#ifdef TSR_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return tsr_coef_span_avx512;
    if (cpu & TSR_CPU_AVX2) return tsr_coef_span_avx2;
#endif
    return tsr_coef_span_plain;
}

tsr_status tsr_coef_context_init(tsr_coef_context *c, const tsr_layout *l, const tsr_parts *parts,
                                 tsr_job *j) {
    *c = (tsr_coef_context){.layout = l, .span = choose_span(j->ctx->cpu)};
    c->mags = tsr_job_alloc(j, l->n, sizeof *c->mags);
    c->cls = tsr_job_alloc(j, l->n, 1);
    if (!c->mags || !c->cls) return tsr_job_memory_status(j);
    tsr_status s = alloc_mags(c, parts, j);
    if (s) return s;
    for (uint32_t b = 0; b < l->n; b++) {
        c->cls[b] = class_of(l, b);
    }
    return alloc_rows(c, j);
}

tsr_status tsr_coef_context_fork(tsr_coef_context *c, const tsr_parts *parts, uint32_t k,
                                 tsr_job *j) {
    const tsr_mags *first = c->mags;
    c->mags = tsr_job_alloc(j, c->layout->n, sizeof *c->mags);
    if (!c->mags) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < c->layout->n; b++) {
        size_t gaps = tsr_parts_gaps(parts, b, TSR_MAG_BORDER, k);
        c->mags[b] = (tsr_mags){first[b].m + gaps * first[b].stride, first[b].stride};
    }
    return alloc_rows(c, j);
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
