/* quant.c - the list of quantizers and what all of them share. */
#include "quant.h"

#include <math.h>

extern const tsr_quantizer tsr_quantizer_uniform;
extern const tsr_quantizer tsr_quantizer_rdo;
extern const tsr_quantizer tsr_quantizer_trellis;
extern const tsr_quantizer tsr_quantizer_buckets;
extern const tsr_quantizer tsr_quantizer_kmeans;
extern const tsr_quantizer tsr_quantizer_btc;
extern const tsr_quantizer tsr_quantizer_lattice;
extern const tsr_quantizer tsr_quantizer_codebook;

const tsr_quantizer *const tsr_quantizers[] = {
    &tsr_quantizer_uniform, &tsr_quantizer_rdo,      &tsr_quantizer_trellis,
    &tsr_quantizer_buckets, &tsr_quantizer_kmeans,   &tsr_quantizer_btc,
    &tsr_quantizer_lattice, &tsr_quantizer_codebook, NULL};

float tsr_band_step(const tsr_quant_task *t, uint32_t b) {
    return t->step /
           sqrtf(t->layout->band[b].gain); /* both correctly rounded: the same everywhere */
}

float tsr_low_step(const tsr_quant_task *t, uint32_t b) {
    float factor = t->symbols->lattice ? 0.65625f : t->symbols->states ? 0.75f : 1.0f;
    return tsr_band_step(t, b) * factor;
}

tsr_status tsr_quant_progress(const tsr_quant_task *t, double done) {
    if (!t->job->env.progress(&t->job->env, 0.6 * done)) return TSR_OK;
    return tsr_diag_set(t->job->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "cancelled");
}

/* Far beyond any real coefficient, within what the entropy coders can code. */
#define MAX_LEVEL 8388607.0f

void tsr_quant_round(const tsr_quant_task *t, uint32_t b, float step, float offset) {
    float inv = 1.0f / step;
    const float *c = t->coeffs->data[b].f;
    int32_t *k = t->symbols->data[b];
    size_t n = tsr_band_size(&t->layout->band[b]);
    for (size_t i = 0; i < n; i++) {
        float a = fabsf(c[i]) * inv + offset;
        a = a < MAX_LEVEL ? a : MAX_LEVEL;
        int32_t m = (int32_t)a;
        k[i] = c[i] < 0 ? -m : m;
    }
}

#define PIECE ((size_t)1 << 16) /* levels at a time */

typedef struct scaling {
    const int32_t *k;
    float *out, step;
    size_t n;
} scaling;

static tsr_status scale_piece(void *arg, uint32_t piece, uint32_t worker) {
    const scaling *s = arg;
    size_t from = piece * PIECE, end = s->n - from < PIECE ? s->n : from + PIECE;
    for (size_t i = from; i < end; i++) s->out[i] = (float)s->k[i] * s->step;
    return TSR_OK;
}

void tsr_quant_scale(const tsr_quant_task *t, uint32_t b, float step) {
    scaling s = {t->symbols->data[b], t->decoded->data[b].f, step,
                 tsr_band_size(&t->layout->band[b])};
    (void)!tsr_pool_run(t->job->ctx->pool, (uint32_t)((s.n + PIECE - 1) / PIECE), scale_piece, &s);
}

int tsr_quant_wants(const tsr_quant_task *t, uint32_t b) {
    const tsr_band *band = &t->layout->band[b];
    return band->domain == TSR_DOMAIN_REAL && band->layer >= t->first_layer &&
           band->layer < t->end_layer;
}
