/* quant_passes.c - the passes of a search with a rate term. */
#include "quant_passes.h"

#include <string.h>

static tsr_status alloc_worth(tsr_passes *p) {
    const tsr_quant_task *t = p->t;
    uint32_t widest = 0;
    for (uint32_t b = 0; b < t->layout->n; b++)
        if (t->layout->band[b].w > widest) widest = t->layout->band[b].w;
    p->worth = tsr_job_alloc(t->job, tsr_blocks_across(widest), sizeof *p->worth);
    return p->worth ? TSR_OK : tsr_job_memory_status(t->job);
}

tsr_status tsr_passes_init(tsr_passes *p, const tsr_quant_task *t) {
    p->t = t;
    tsr_trellis_init(&p->trellis, t->symbols->states);
    tsr_status s = tsr_coef_context_init(&p->ctx, t->layout, NULL, t->job);
    return s ? s : alloc_worth(p);
}

tsr_status tsr_passes_init_rates(tsr_passes *p, const tsr_quant_task *t) {
    tsr_status s = tsr_passes_init(p, t);
    if (s) return s;
    p->rates = tsr_job_alloc(t->job, 1, sizeof *p->rates);
    if (!p->rates) return tsr_job_memory_status(t->job);
    tsr_rate_model_init(p->rates);
    if (t->symbols->lattice) tsr_rate_model_lattice(p->rates);
    return TSR_OK;
}

tsr_status tsr_passes_fork(tsr_passes *p) {
    tsr_status s = tsr_coef_context_fork(&p->ctx, NULL, 0, p->t->job);
    return s ? s : alloc_worth(p);
}

static void clear_block(tsr_passes *p, uint32_t b, uint32_t bx, uint32_t y0, uint32_t y1) {
    const tsr_band *band = &p->t->layout->band[b];
    uint32_t x = bx * TSR_BLOCK, n = band->w - x < TSR_BLOCK ? band->w - x : TSR_BLOCK;
    for (uint32_t y = y0; y <= y1; y++) {
        memset(p->t->symbols->data[b] + (size_t)y * band->w + x, 0, n * sizeof(int32_t));
        memset(tsr_mag_row(&p->ctx, b, y) + x, 0, n * sizeof(uint16_t));
    }
}

void tsr_passes_end_row(tsr_passes *p, uint32_t b, uint32_t y) {
    const tsr_band *band = &p->t->layout->band[b];
    if (y % TSR_BLOCK != TSR_BLOCK - 1 && y + 1 < band->h) return;
    for (uint32_t bx = 0; bx < tsr_blocks_across(band->w); bx++) {
        if (p->worth[bx] <= 0) clear_block(p, b, bx, y - y % TSR_BLOCK, y);
        p->worth[bx] = 0;
    }
}

static int is_detail(const tsr_quant_task *t, uint32_t b) {
    return tsr_quant_wants(t, b) && t->layout->band[b].orient != TSR_ORIENT_LOW;
}

static void visit_band(tsr_passes *p, uint32_t b, tsr_detail_fn detail) {
    const tsr_quant_task *t = p->t;
    if (!tsr_band_size(&t->layout->band[b])) return;
    if (is_detail(t, b))
        detail(p, b);
    else if (tsr_quant_wants(t, b))
        tsr_quant_round(t, b, tsr_low_step(t, b), 0.5f);
    if (t->symbols->lattice && t->layout->band[b].domain == TSR_DOMAIN_REAL &&
        t->layout->band[b].orient != TSR_ORIENT_LOW)
        tsr_coef_context_fill_lattice(&p->ctx, b, t->symbols->data[b]);
    else
        tsr_coef_context_fill(&p->ctx, b, t->symbols->data[b], &p->trellis);
}

static void count_band(tsr_passes *p, uint32_t b) {
    const int32_t *levels = p->t->symbols->data[b];
    if (p->t->symbols->lattice)
        tsr_rate_model_count_lattice(p->rates, &p->ctx, b, levels);
    else
        tsr_rate_model_count(p->rates, &p->ctx, b, levels, &p->trellis);
}

static void count_levels(tsr_passes *p) {
    for (uint32_t b = 0; b < p->t->layout->n; b++)
        if (is_detail(p->t, b) && tsr_band_size(&p->t->layout->band[b])) count_band(p, b);
    tsr_rate_model_update(p->rates);
}

tsr_status tsr_passes_run(tsr_passes *p, uint32_t passes, tsr_detail_fn detail) {
    const tsr_quant_task *t = p->t;
    for (uint32_t pass = 0; pass < passes; pass++) {
        if (pass) count_levels(p);
        for (uint32_t b = 0; b < t->layout->n; b++) {
            double done = (double)(pass * t->layout->n + b) / (passes * t->layout->n);
            tsr_status s = tsr_quant_progress(t, done);
            if (s) return s;
            visit_band(p, b, detail);
        }
    }
    return TSR_OK;
}
