/* rate_model.c - counting levels and turning counts into costs. */
#include "rate_model.h"

#include <math.h>
#include <string.h>

#include "rates_data.h"

#define PRIOR_STRENGTH 12.0 /* pseudo-counts of the trained estimates */
#define UNIT           22   /* of a stored stretched probability */
#define STRETCH_ONE    256  /* one nat, as in logistic.h */

static void estimate(const uint32_t *count, const float *prior, float *bits) {
    double left = 0, spent = 0;
    for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) left += count[u];
    for (unsigned u = 0; u + 1 < TSR_RATE_LEVELS; u++) {
        double more = (left - count[u] + prior[u] * PRIOR_STRENGTH) / (left + PRIOR_STRENGTH);
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
            for (int z = 0; z < 2; z++)
                estimate(m->count[c][b][z], m->more[c][b][z], m->bits[c][b][z]);
    memset(m->count, 0, sizeof m->count);
}

_Static_assert(sizeof tsr_rates_data == sizeof((tsr_rate_model *)0)->more / sizeof(float),
               "models/rates.bin has the wrong size");

/* Where nothing was seen in training: a geometric law of the bucket's mean level. */
static void load_prior(tsr_rate_model *m) {
    const int8_t *in = tsr_rates_data;
    for (uint32_t c = 0; c < TSR_CLASSES; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++)
            for (int z = 0; z < 2; z++)
                for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) {
                    int8_t v = *in++;
                    float geometric =
                        (float)tsr_geometric(b, u ? tsr_unary_shift(b) : 0) / 65536.0f;
                    m->more[c][b][z][u] =
                        v == -128 ? geometric
                                  : 1.0f / (1.0f + expf((float)(-v * UNIT) / STRETCH_ONE));
                }
}

void tsr_rate_model_init(tsr_rate_model *m) {
    memset(m->count, 0, sizeof m->count);
    load_prior(m);
    tsr_rate_model_update(m);
}

static int8_t coded_probability(double more, double total) {
    if (total < 30) return -128;
    double x = log((more + 0.5) / (total - more + 0.5)) * STRETCH_ONE / UNIT;
    return (int8_t)floor((x < -127 ? -127 : x > 127 ? 127 : x) + 0.5);
}

void tsr_rate_model_save(const tsr_rate_model *m, tsr_buffer *out) {
    for (uint32_t c = 0; c < TSR_CLASSES; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++)
            for (int z = 0; z < 2; z++) {
                const uint32_t *n = m->count[c][b][z];
                double left = 0;
                for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) left += n[u];
                for (unsigned u = 0; u < TSR_RATE_LEVELS; left -= n[u++])
                    tsr_put_u8(out, (uint8_t)coded_probability(left - n[u], left));
            }
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
