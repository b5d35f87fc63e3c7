/* stages.c - layouts and symbols of residual stages. */
#include "stages.h"

/* Band i of *l in a stage whose bands begin at `first`. */
static tsr_band copy_of(const tsr_layout *l, uint32_t i, uint32_t stage, uint32_t first) {
    tsr_band band = l->band[i];
    band.layer = (uint16_t)(band.layer + stage * l->layers);
    if (band.domain != TSR_DOMAIN_REAL) band.w = band.h = 0;
    for (int r = 0; r < TSR_REFS; r++) {
        if (band.ref[r] == TSR_NO_BAND) continue;
        int kept = band.domain == TSR_DOMAIN_REAL && l->band[band.ref[r]].domain == TSR_DOMAIN_REAL;
        band.ref[r] = kept ? band.ref[r] + first : TSR_NO_BAND;
    }
    return band;
}

tsr_status tsr_stages_layout(tsr_layout *out, const tsr_layout *l, const tsr_stages *stages,
                             tsr_job *j) {
    *out = *l;
    if (stages->n == 1) return TSR_OK;
    tsr_band *band = tsr_job_alloc(j, (size_t)l->n * stages->n, sizeof *band);
    if (!band) return tsr_job_memory_status(j);
    *out = (tsr_layout){.n = l->n * stages->n, .layers = l->layers * stages->n, .band = band};
    for (uint32_t b = 0; b < out->n; b++) {
        uint32_t stage = b / l->n;
        band[b] = stage ? copy_of(l, b % l->n, stage, stage * l->n) : l->band[b];
        out->total += tsr_band_size(&band[b]);
    }
    return TSR_OK;
}

tsr_symbols tsr_stage_symbols(const tsr_symbols *s, const tsr_layout *l, uint32_t stage) {
    tsr_symbols one = *s;
    one.layout = l;
    one.data += (size_t)stage * s->bands;
    one.stage = stage;
    return one;
}

tsr_before tsr_stages_before(const tsr_symbols *s, uint32_t b) {
    tsr_before e = {.ratio = s->ratio};
    uint32_t stage = s->stage + (s->bands ? b / s->bands : 0);
    for (uint32_t k = stage; k; k--)
        e.value[e.n++] = s->data[(ptrdiff_t)b - (ptrdiff_t)k * s->bands];
    return e;
}
