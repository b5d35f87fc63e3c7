/* rate_model.c - counting levels and turning counts into costs. */
#include "rate_model.h"

#include <math.h>
#include <string.h>

#define PRIOR_STRENGTH 6.0 /* pseudo-counts of the geometric law */

static void estimate(const uint32_t *count, float *bits, uint32_t bucket) {
    double left = 0, spent = 0;
    for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) left += count[u];
    for (unsigned u = 0; u + 1 < TSR_RATE_LEVELS; u++) {
        double prior = tsr_geometric(bucket, u ? tsr_unary_shift(bucket) : 0) / 65536.0;
        double more = (left - count[u] + prior * PRIOR_STRENGTH) / (left + PRIOR_STRENGTH);
        more = more < 1e-4 ? 1e-4 : more > 1 - 1e-4 ? 1 - 1e-4 : more;
        bits[u] = (float)(spent - log2(1 - more) + (u ? 1 : 0));
        spent -= log2(more);
        left -= count[u];
    }
    bits[TSR_RATE_LEVELS - 1] = (float)spent + 2.0f;
}

void tsr_rate_model_update(tsr_rate_model *m) {
    for (uint32_t c = 0; c < TSR_CLASSES; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++)
            for (int z = 0; z < 2; z++) estimate(m->count[c][b][z], m->bits[c][b][z], b);
    memset(m->count, 0, sizeof m->count);
}

void tsr_rate_model_init(tsr_rate_model *m) {
    memset(m->count, 0, sizeof m->count);
    tsr_rate_model_update(m);
}

void tsr_rate_model_count(tsr_rate_model *m, tsr_coef_context *c, uint32_t b, const int32_t *levels,
                          const tsr_trellis *t) {
    const tsr_band *band = &c->layout->band[b];
    uint32_t state = 0;
    tsr_coef_context_band(c, b);
    for (uint32_t y = 0; y < band->h; y++) {
        const uint16_t *mag = tsr_mag_row(c, b, y);
        tsr_coef_context_row(c, b, y);
        for (uint32_t x = 0; x < band->w; x++) {
            int32_t k = *levels++;
            uint32_t bucket = tsr_energy_bucket(tsr_energy(c, mag, x)),
                     a = (uint32_t)(k < 0 ? -k : k);
            uint32_t u = a ? ((a - 1) >> tsr_unary_shift(bucket)) + 1 : 0;
            m->count[c->cls[b]][bucket][tsr_trellis_q1(t, state)]
                    [u < TSR_RATE_LEVELS ? u : TSR_RATE_LEVELS - 1]++;
            state = t->next[state][k & 1];
        }
    }
}
