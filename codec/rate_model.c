/* rate_model.c - counting levels and turning counts into costs. */
#include "rate_model.h"

#include <math.h>
#include <string.h>

#include "rates_data.h"

#define PRIOR_STRENGTH 12.0 /* pseudo-counts of the trained estimates */
#define UNIT           22   /* of a stored stretched probability */
#define STRETCH_ONE    256  /* one nat, as in logistic.h */

/* Bits of "no more" and of "more". */
typedef struct unary_bits {
    double stop, more;
} unary_bits;

static unary_bits bits_of(double more) {
    more = more < 1e-4 ? 1e-4 : more > 1 - 1e-4 ? 1 - 1e-4 : more;
    return (unary_bits){-log2(1 - more), -log2(more)};
}

/* Bits of all levels; sure: the level is not zero. */
static void sum_bits(const unary_bits unary[TSR_RATE_LEVELS], int sure, float *bits) {
    double spent = 0;
    for (unsigned u = 0; u + 1 < TSR_RATE_LEVELS; u++) {
        unary_bits b = unary[u];
        if (sure && !u) b = (unary_bits){-log2(1e-9), -log2(1 - 1e-9)};
        bits[u] = (float)(spent + b.stop + (u ? 1 : 0));
        spent += b.more;
    }
    bits[TSR_RATE_LEVELS - 1] = (float)spent + 2.0f;
}

static void estimate(const uint32_t *count, const float *prior, int sure, float *bits) {
    unary_bits unary[TSR_RATE_LEVELS];
    double left = 0;
    for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) left += count[u];
    for (unsigned u = 0; u + 1 < TSR_RATE_LEVELS; left -= count[u++])
        unary[u] = bits_of((left - count[u] + prior[u] * PRIOR_STRENGTH) / (left + PRIOR_STRENGTH));
    sum_bits(unary, sure, bits);
}

static void update_parities(tsr_rate_model *m) {
    for (uint32_t c = 0; c < TSR_E8_CONTEXTS; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++) {
            const uint32_t *n = m->parity_count[c][b];
            double prior = tsr_e8_parity_start(c, b) / 65536.0;
            double odd = (n[1] + prior * PRIOR_STRENGTH) / (n[0] + n[1] + PRIOR_STRENGTH);
            m->parity_bits[c][b][0] = (float)-log2(1 - odd);
            m->parity_bits[c][b][1] = (float)-log2(odd);
        }
    memset(m->parity_count, 0, sizeof m->parity_count);
}

void tsr_rate_model_update(tsr_rate_model *m) {
    for (uint32_t c = 0; c < TSR_CLASSES; c++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++)
            for (int z = 0; z < 2; z++)
                estimate(m->count[c][b][z], m->more[c][b][z], m->lattice && z, m->bits[c][b][z]);
    memset(m->count, 0, sizeof m->count);
    if (m->lattice) update_parities(m);
}

_Static_assert(sizeof tsr_rates_data == sizeof((tsr_rate_model *)0)->more / sizeof(float),
               "models/rates.bin has the wrong size");

/* A trained estimate, and its bits while nothing has been counted. */
typedef struct trained {
    float more;
    unary_bits bits;
} trained;

static trained trained_of(float more) {
    return (trained){more, bits_of(more)};
}

static void load_row(const int8_t *in, const trained coded[256], const trained geometric[2],
                     float *more, float *bits) {
    unary_bits unary[TSR_RATE_LEVELS];
    for (unsigned u = 0; u < TSR_RATE_LEVELS; u++) {
        const trained *t = in[u] == -128 ? &geometric[u > 0] : &coded[(uint8_t)in[u]];
        more[u] = t->more;
        unary[u] = t->bits;
    }
    sum_bits(unary, 0, bits);
}

/* Where nothing was seen in training: a geometric law of the bucket's mean level. */
static void load_prior(tsr_rate_model *m) {
    const int8_t *in = tsr_rates_data;
    trained coded[256];
    for (int v = -127; v < 128; v++)
        coded[(uint8_t)v] = trained_of(1.0f / (1.0f + expf((float)(-v * UNIT) / STRETCH_ONE)));
    for (uint32_t b = 0; b < TSR_BUCKETS; b++) {
        trained geometric[2] = {trained_of((float)tsr_geometric(b, 0) / 65536.0f),
                                trained_of((float)tsr_geometric(b, tsr_unary_shift(b)) / 65536.0f)};
        for (uint32_t c = 0; c < TSR_CLASSES; c++)
            for (uint32_t z = 0; z < 2; z++)
                load_row(in + ((c * TSR_BUCKETS + b) * 2 + z) * TSR_RATE_LEVELS, coded, geometric,
                         m->more[c][b][z], m->bits[c][b][z]);
    }
}

void tsr_rate_model_init(tsr_rate_model *m) {
    memset(m->count, 0, sizeof m->count);
    m->lattice = 0;
    load_prior(m);
}

void tsr_rate_model_lattice(tsr_rate_model *m) {
    memset(m->parity_count, 0, sizeof m->parity_count);
    m->lattice = 1;
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

static void count_level(uint32_t *count, uint32_t bucket, int32_t k) {
    uint32_t a = (uint32_t)(k < 0 ? -k : k), u = a ? ((a - 1) >> tsr_unary_shift(bucket)) + 1 : 0;
    count[u < TSR_RATE_LEVELS ? u : TSR_RATE_LEVELS - 1]++;
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
            uint32_t bucket = tsr_energy_bucket(tsr_energy(c, mag, x));
            count_level(m->count[c->cls[b]][bucket][tsr_trellis_q1(t, state)], bucket, k);
            state = t->next[state][k & 1];
        }
    }
}

/* Parities where they are free, then levels. */
static void count_lattice_row(tsr_rate_model *m, const tsr_coef_context *c, uint32_t b,
                              const uint16_t *mag, const int32_t *coordinate) {
    uint32_t w = c->layout->band[b].w, odd = 0;
    for (uint32_t x = 0; x < w; x++) {
        uint32_t at = x % TSR_E8, bucket = tsr_energy_bucket(tsr_energy(c, mag, x));
        uint32_t q1 = (uint32_t)coordinate[x] & 1;
        if (!at) odd = 0;
        if (tsr_e8_complete(x, w) && tsr_e8_parity(at, odd) == TSR_E8_FREE)
            m->parity_count[tsr_e8_parity_context(at, odd)][bucket][q1]++;
        odd |= q1 << at;
        count_level(m->count[c->cls[b]][bucket][q1], bucket, tsr_e8_level(coordinate[x]));
    }
}

void tsr_rate_model_count_lattice(tsr_rate_model *m, tsr_coef_context *c, uint32_t b,
                                  const int32_t *coordinates) {
    const tsr_band *band = &c->layout->band[b];
    tsr_coef_context_band(c, b);
    for (uint32_t y = 0; y < band->h; y++) {
        tsr_coef_context_row(c, b, y);
        count_lattice_row(m, c, b, tsr_mag_row(c, b, y), coordinates + (size_t)y * band->w);
    }
}
