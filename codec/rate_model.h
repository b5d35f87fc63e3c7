/* rate_model.h - what a level costs in bits, for the encoder's search.
 *
 * Static estimates by class of the band, energy bucket of the neighbourhood and active quantizer,
 * counted on the levels of the pass before and smoothed with a geometric law. Encoder only: floats.
 */
#ifndef TSR_RATE_MODEL_H
#define TSR_RATE_MODEL_H

#include "buffer.h"
#include "coef_context.h"
#include "lattice.h"
#include "trellis.h"

#define TSR_RATE_LEVELS 20u /* 0 .. 18 in units of the bucket's shift, then longer ones */

typedef struct tsr_rate_model {
    float bits[TSR_CLASSES][TSR_BUCKETS][2][TSR_RATE_LEVELS]; /* sign included */
    float more[TSR_CLASSES][TSR_BUCKETS][2]
              [TSR_RATE_LEVELS]; /* trained P(level beyond u | at least u) */
    uint32_t count[TSR_CLASSES][TSR_BUCKETS][2][TSR_RATE_LEVELS];
    /* lattices: */
    uint32_t lattice; /* see tsr_rate_model_lattice() */
    float parity_bits[TSR_E8_CONTEXTS][TSR_BUCKETS][2];
    uint32_t parity_count[TSR_E8_CONTEXTS][TSR_BUCKETS][2];
} tsr_rate_model;

/* Trained estimates, without any counts. */
void tsr_rate_model_init(tsr_rate_model *m);

/* After it: levels are those of lattice coordinates, odd ones are never zero and parities cost. */
void tsr_rate_model_lattice(tsr_rate_model *m);

/* Adds the levels of band b (detail bands). The magnitudes of b and its references must be in c. */
void tsr_rate_model_count(tsr_rate_model *m, tsr_coef_context *c, uint32_t b, const int32_t *levels,
                          const tsr_trellis *t);

/* The same for lattice coordinates. */
void tsr_rate_model_count_lattice(tsr_rate_model *m, tsr_coef_context *c, uint32_t b,
                                  const int32_t *coordinates);

/* Turns the counts into estimates and clears them. */
void tsr_rate_model_update(tsr_rate_model *m);

/* Training: the counts as the bytes of models/rates.bin, stretched probabilities in units of 22. */
void tsr_rate_model_save(const tsr_rate_model *m, tsr_buffer *out);

/* Bits of a level of magnitude a. */
static inline float tsr_rate_bits(const float *bits, uint32_t bucket, uint32_t a) {
    if (!a) return bits[0];
    unsigned s = tsr_unary_shift(bucket);
    uint32_t u = ((a - 1) >> s) + 1;
    if (u < TSR_RATE_LEVELS - 1) return bits[u] + (float)s;
    uint32_t beyond = u - (TSR_RATE_LEVELS - 1) + 1;
    return bits[TSR_RATE_LEVELS - 1] + (float)s + 2.0f * (float)(31 - __builtin_clz(beyond));
}

#endif
