/* pipeline.c - set-up and the decoder half of the stages. */
#include "pipeline.h"

tsr_arena_mark tsr_pipeline_enter(tsr_pipeline *p) {
    p->job->current = &p->job->scratch;
    return tsr_arena_save(&p->job->scratch);
}

void tsr_pipeline_leave(tsr_pipeline *p, tsr_arena_mark mark) {
    tsr_arena_rewind(&p->job->scratch, mark);
    p->job->current = &p->job->state;
}

static tsr_status refuse_lossless(tsr_pipeline *p) {
    const tsr_head *h = &p->transform->h;
    if (!p->geometry.lossless || (h->caps & TSR_CAP_LOSSLESS)) return TSR_OK;
    return tsr_diag_set(p->job->diag, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                        "transform '%s' is not reversible: lossless needs wavelet or identity",
                        h->name);
}

static tsr_status open_quantizer(tsr_pipeline *p) {
    const tsr_quantizer *q = p->quantizer;
    const tsr_value *v = p->spec.stage[TSR_STAGE_QUANTIZER].v;
    if (p->geometry.lossless) return TSR_OK;
    p->symbols.states = q->states ? q->states(v) : 0;
    p->symbols.lattice = q->lattice;
    tsr_status s = q->check ? q->check(v, p->job->diag) : TSR_OK;
    if (!s && q->codebook) s = q->codebook(v, &p->symbols.codebook, p->job);
    return s || !q->open ? s : q->open(p->quantizer_state, &p->whole, v, p->job);
}

/* Leaves out the bands that a smaller picture does not need, if the transform can make one. */
static tsr_status choose_bands(tsr_pipeline *p, uint32_t halvings) {
    const tsr_transform *t = p->transform;
    uint32_t bands = 0;
    p->layout = p->whole;
    if (!halvings || !t->reduce) return TSR_OK;
    p->halvings = t->reduce(p->transform_state, halvings, &bands);
    if (!p->halvings) return TSR_OK;
    if (p->halvings > halvings || !bands || bands > p->whole.n)
        return tsr_diag_set(p->job->diag, TSR_ERR_ABI, TSR_NO_OFFSET,
                            "transform '%s': %u of %u halvings from %u of %u bands", t->h.name,
                            p->halvings, halvings, bands, p->whole.n);
    p->layout = tsr_layout_first(&p->whole, bands);
    return TSR_OK;
}

/* What is coded. A later stage needs all of the ones before, so with several nothing is left out.
 */
static tsr_status lay_out_stages(tsr_pipeline *p) {
    const tsr_quantizer *q = p->quantizer;
    p->stages = (tsr_stages){1, 1};
    if (q->stages && !p->geometry.lossless)
        p->stages = q->stages(p->spec.stage[TSR_STAGE_QUANTIZER].v);
    tsr_status s = tsr_stages_layout(&p->coded_whole, &p->whole, &p->stages, p->job);
    p->coded = p->stages.n > 1 ? p->coded_whole : p->layout;
    return s;
}

static tsr_status alloc_symbols(tsr_pipeline *p) {
    tsr_status s = tsr_symbols_alloc(&p->symbols, &p->coded, p->job);
    p->symbols.whole = &p->coded_whole;
    p->symbols.ratio = p->stages.ratio;
    if (p->stages.n > 1) p->symbols.bands = p->whole.n;
    return s;
}

tsr_status tsr_pipeline_open(tsr_pipeline *p, const tsr_spec *spec, const tsr_geometry *g,
                             uint32_t halvings, tsr_job *j) {
    *p = (tsr_pipeline){.job = j, .spec = *spec, .geometry = *g};
    p->transform = (const tsr_transform *)spec->stage[TSR_STAGE_TRANSFORM].head;
    p->quantizer = (const tsr_quantizer *)spec->stage[TSR_STAGE_QUANTIZER].head;
    p->entropy = (const tsr_entropy *)spec->stage[TSR_STAGE_ENTROPY].head;
    tsr_status s = refuse_lossless(p);
    if (s) return s;
    p->transform_state = tsr_job_alloc(j, 1, p->transform->h.state_size + 1);
    p->quantizer_state = tsr_job_alloc(j, 1, p->quantizer->h.state_size + 1);
    if (!p->transform_state || !p->quantizer_state) return tsr_job_memory_status(j);
    p->configured = 1;
    s = p->transform->configure(p->transform_state, spec->stage[TSR_STAGE_TRANSFORM].v, g, &j->env);
    if (!s) s = tsr_layout_build(&p->whole, p->transform, p->transform_state, g, j);
    if (!s) s = choose_bands(p, halvings);
    if (!s) s = lay_out_stages(p);
    if (!s) s = alloc_symbols(p);
    return s ? s : open_quantizer(p);
}

void tsr_pipeline_close(tsr_pipeline *p) {
    if (p->configured && p->transform->close) p->transform->close(p->transform_state);
    p->configured = 0;
}

int tsr_pipeline_wants_model(const tsr_pipeline *p) {
    const tsr_transform *t = p->transform;
    return (t->h.caps & TSR_CAP_NEEDS_MODEL) && t->model_wanted(p->transform_state);
}

tsr_status tsr_pipeline_load_model(tsr_pipeline *p, const tsr_model_entry *m) {
    const char *name = p->transform->h.name;
    const tsr_model_section *s = tsr_model_find_section(&m->file, name);
    if (!s)
        return tsr_diag_set(p->job->diag, TSR_ERR_MODEL, TSR_NO_OFFSET,
                            "model '%s' has no section for transform '%s'", m->name, name);
    return p->transform->model_load(p->transform_state, s->data, s->size, &p->job->env);
}

float tsr_pipeline_step(const tsr_pipeline *p, float step, uint32_t stage) {
    return step * (float)tsr_stage_units(&p->stages, stage);
}

uint32_t tsr_pipeline_stage(const tsr_pipeline *p, uint32_t end) {
    uint32_t whole = end / p->whole.layers;
    return whole ? whole - 1 : 0;
}

/* Layers [first, end) of the transform, whose last stage that is there is `stage`. */
static tsr_status dequantize_stage(tsr_pipeline *p, float step, uint32_t stage, uint32_t first,
                                   uint32_t end) {
    tsr_symbols symbols = tsr_stage_symbols(&p->symbols, &p->layout, stage);
    tsr_quant_task t = {.layout = &p->layout,
                        .v = p->spec.stage[TSR_STAGE_QUANTIZER].v,
                        .step = tsr_pipeline_step(p, step, stage),
                        .first_layer = first,
                        .end_layer = end,
                        .symbols = &symbols,
                        .decoded = &p->decoded,
                        .job = p->job};
    return p->quantizer->dequantize(p->quantizer_state, &t);
}

static uint32_t limit(uint32_t v, uint32_t lo, uint32_t n) {
    return v < lo ? 0 : v - lo < n ? v - lo : n;
}

tsr_status tsr_pipeline_dequantize(tsr_pipeline *p, float step, uint32_t first, uint32_t end) {
    uint32_t layers = p->whole.layers, done = 0;
    tsr_status s = TSR_OK;
    if (!p->decoded.n) s = tsr_coeffs_alloc(&p->decoded, &p->layout, &p->symbols, p->job);
    if (s || p->geometry.lossless) return s;
    if (p->transform->set_step)
        p->transform->set_step(p->transform_state,
                               tsr_pipeline_step(p, step, tsr_pipeline_stage(p, end)));
    for (uint32_t stage = p->stages.n; stage-- && !s;) { /* layers of a later one have its sum */
        uint32_t from = limit(first, stage * layers, layers),
                 to = limit(end, stage * layers, layers);
        if (from < done) from = done;
        if (from < to) s = dequantize_stage(p, step, stage, from, to);
        if (to > done) done = to;
    }
    return s;
}

void tsr_pipeline_release_levels(tsr_pipeline *p) {
    for (uint32_t b = 0; b < p->layout.n; b++)
        if (p->layout.band[b].domain != TSR_DOMAIN_REAL) return;
    p->symbols.data = NULL;
    tsr_arena_free(&p->job->levels);
}

tsr_status tsr_pipeline_synthesis(tsr_pipeline *p, tsr_planes *planes) {
    tsr_arena_mark m = tsr_pipeline_enter(p);
    const tsr_transform *t = p->transform;
    tsr_status s = p->halvings
                       ? t->synthesis_reduced(p->transform_state, p->halvings, &p->decoded, planes,
                                              &p->job->env)
                       : t->synthesis(p->transform_state, &p->decoded, planes, &p->job->env);
    tsr_pipeline_leave(p, m);
    return s;
}
