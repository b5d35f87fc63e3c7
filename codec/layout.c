/* layout.c - checks what a transform says about its bands. */
#include "layout.h"

/* No transform here needs more than twice the samples; the margin covers tiny pictures. */
#define MAX_EXPANSION 8u
#define MAX_EXTRA     ((uint64_t)1 << 16)

static tsr_status bad(tsr_job *j, const tsr_transform *t, uint32_t band, const char *what) {
    return tsr_diag_set(j->diag, TSR_ERR_ABI, TSR_NO_OFFSET, "transform '%s', band %u: %s",
                        t->h.name, band, what);
}

/* Half the size, whichever way a transform rounds: floor and ceil splits of odd sizes differ by
 * one. */
static int is_half(uint32_t whole, uint32_t half) {
    return half >= whole / 2 && half <= whole / 2 + 1;
}

static int ref_fits(const tsr_band *b, const tsr_band *r, int role) {
    if (tsr_band_same_size(b, r)) return 1;
    return role <= TSR_REF_SISTER_B && is_half(b->w, r->w) && is_half(b->h, r->h);
}

static const char *check_band(const tsr_layout *l, uint32_t i, const tsr_geometry *g) {
    const tsr_band *b = &l->band[i];
    if ((uint64_t)b->w * b->h > ((uint64_t)1 << 31)) return "more than 2^31 coefficients";
    if (b->plane >= g->planes) return "the plane does not exist";
    if (b->orient > TSR_ORIENT_D) return "unknown orientation";
    if (b->domain > TSR_DOMAIN_INDEX) return "unknown domain";
    if (g->lossless && b->domain == TSR_DOMAIN_REAL) return "a real band in lossless mode";
    if (b->domain == TSR_DOMAIN_INDEX && (b->alphabet < 2 || b->alphabet > 65536))
        return "alphabet not in 2..65536";
    if (!(b->gain > 0.0f) || b->gain > 1e12f) return "gain is not positive and finite";
    if (b->layer != (i ? l->band[i - 1].layer : 0) && (!i || b->layer != l->band[i - 1].layer + 1))
        return "layers must start at 0 and grow by at most 1";
    for (int r = 0; r < TSR_REFS; r++) {
        if (b->ref[r] == TSR_NO_BAND) continue;
        if (b->ref[r] >= i) return "a reference to a band that is not earlier";
        if (!ref_fits(b, &l->band[b->ref[r]], r)) return "a reference to a band of unfitting size";
    }
    return NULL;
}

tsr_status tsr_layout_build(tsr_layout *l, const tsr_transform *t, const void *state,
                            const tsr_geometry *g, tsr_job *j) {
    uint32_t n = t->layout(state, NULL, 0);
    if (!n || n > TSR_MAX_BANDS) return bad(j, t, 0, "the number of bands is not in 1..16384");
    tsr_band *band = tsr_job_alloc(j, n, sizeof *band);
    if (!band) return tsr_job_memory_status(j);
    if (t->layout(state, band, n) != n) return bad(j, t, 0, "the number of bands is not stable");
    *l = (tsr_layout){.n = n, .band = band};
    uint64_t limit = (uint64_t)g->width * g->height * g->planes * MAX_EXPANSION + MAX_EXTRA;
    for (uint32_t i = 0; i < n; i++) {
        const char *what = check_band(l, i, g);
        if (what) return bad(j, t, i, what);
        l->total += tsr_band_size(&band[i]);
        if (l->total > limit) return bad(j, t, i, "far more coefficients than samples");
    }
    l->layers = band[n - 1].layer + 1u;
    return TSR_OK;
}

tsr_layout tsr_layout_first(const tsr_layout *l, uint32_t n) {
    tsr_layout first = {.n = n, .band = l->band, .layers = l->band[n - 1].layer + 1u};
    for (uint32_t b = 0; b < n; b++) first.total += tsr_band_size(&l->band[b]);
    return first;
}

int tsr_layout_halves(const tsr_layout *l) {
    for (uint32_t b = 0; b < l->n; b++) {
        const tsr_band *band = &l->band[b];
        uint32_t parent = band->ref[TSR_REF_PARENT];
        if (band->orient != TSR_ORIENT_LOW && parent != TSR_NO_BAND &&
            tsr_band_halves(band, &l->band[parent]))
            return 1;
    }
    return 0;
}

tsr_status tsr_symbols_alloc(tsr_symbols *s, const tsr_layout *l, tsr_job *j) {
    int32_t **data = tsr_job_alloc(j, l->n, sizeof *data);
    int32_t *all = tsr_job_alloc_in(j, &j->levels, (size_t)l->total, sizeof *all);
    if (!data || !all) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; all += tsr_band_size(&l->band[b++])) data[b] = all;
    *s = (tsr_symbols){.layout = l, .whole = l, .data = data};
    return TSR_OK;
}

tsr_status tsr_coeffs_alloc(tsr_coeffs *c, const tsr_layout *l, const tsr_symbols *s, tsr_job *j) {
    tsr_samples *data = tsr_job_alloc(j, l->n, sizeof *data);
    size_t bytes = 0;
    for (uint32_t b = 0; b < l->n; b++)
        if (l->band[b].domain == TSR_DOMAIN_REAL)
            bytes += tsr_band_size(&l->band[b]) * sizeof(float) + TSR_ALIGN;
    if (!data || !tsr_arena_reserve(&j->state, bytes, j->diag)) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) { /* each on its own: SIMD kernels like aligned rows */
        if (l->band[b].domain == TSR_DOMAIN_REAL)
            data[b].f = tsr_job_alloc(j, tsr_band_size(&l->band[b]), sizeof(float));
        else
            data[b].i = s->data[b];
        if (!data[b].f) return tsr_job_memory_status(j);
    }
    *c = (tsr_coeffs){.n = l->n, .band = l->band, .data = data};
    return TSR_OK;
}
