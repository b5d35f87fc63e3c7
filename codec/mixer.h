/* mixer.h - logistic mixing of context models (Mahoney 2005, PAQ), integers only.
 *
 * Each context owns a counter of P(1). A mixer adds the stretched probabilities with weights that
 * depend on a small context, and learns the weights by gradient descent on coding cost. Two mixers
 * with different contexts are averaged in the logistic domain; adaptive probability maps (APM)
 * correct what is left.
 */
#ifndef TSR_MIXER_H
#define TSR_MIXER_H

#include "logistic.h"

#define TSR_MIX_INPUTS 16u /* of a mixer, padded: one or two vectors */

/* P(1) in 22 bits, count in 10: as the slow half of tsr_prob. */
typedef uint32_t tsr_counter;

typedef struct tsr_mixer_weights {
    int32_t w[TSR_MIX_INPUTS]; /* 16 fractional bits */
} tsr_mixer_weights;

/* One decision under way. */
typedef struct tsr_mix {
    int32_t x[TSR_MIX_INPUTS]; /* stretched inputs; unused ones stay 0 */
    tsr_counter *c[TSR_MIX_INPUTS];
    tsr_mixer_weights *a, *b;
    int32_t dot_a, dot_b; /* outputs of the two mixers, stretched */
    uint32_t p_a, p_b;
} tsr_mix;

#define TSR_APM_KNOTS 33
typedef struct tsr_apm {
    uint16_t p[TSR_APM_KNOTS]; /* at stretch -2816 .. 2816 in steps of 176 */
} tsr_apm;

static inline tsr_counter tsr_counter_start(uint32_t p16, uint32_t count) {
    return p16 << 16 | count;
}

static inline void tsr_counter_update(tsr_counter *c, int bit, uint32_t limit,
                                      const uint16_t *rate) {
    uint32_t n = *c & 1023u;
    int32_t p = (int32_t)(*c >> 10);
    p += (int32_t)(((int64_t)((bit ? (1 << 22) - 1 : 0) - p) * rate[n]) >> 16);
    *c = (uint32_t)p << 10 | (n < limit ? n + 1 : n);
}

static inline int32_t tsr_mix_dot(const int32_t *x, const int32_t *w) {
    int32_t sum = 0;
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) sum += (x[i] * w[i]) >> 10;
    return sum >> 6;
}

/* err: (bit - p) * 65536; |err * rate| < 2^21. */
static inline void tsr_mix_train(const int32_t *x, int32_t *w, int32_t err, int32_t rate) {
    int32_t e = (err * rate) >> 4;
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) {
        int32_t v = w[i] + ((x[i] * e + 0x8000) >> 16);
        v = v > 0x7ffff ? 0x7ffff : v; /* |w| < 8, so that the products above fit */
        w[i] = v < -0x7ffff ? -0x7ffff : v;
    }
}

/* Refined probability and the knot to train. */
static inline uint32_t tsr_apm_refine(const tsr_apm *a, int32_t x, uint32_t *knot) {
    x = x > TSR_STRETCH_MAX - 1 ? TSR_STRETCH_MAX - 1 : x < -TSR_STRETCH_MAX ? -TSR_STRETCH_MAX : x;
    uint32_t pos = (uint32_t)(x + TSR_STRETCH_MAX), i = pos / 176, f = pos % 176;
    *knot = f >= 88 ? i + 1 : i;
    return (a->p[i] * (176 - f) + a->p[i + 1] * f) / 176;
}

static inline void tsr_apm_train(tsr_apm *a, uint32_t knot, int bit) {
    a->p[knot] = (uint16_t)(a->p[knot] + (((bit ? 65535 : 0) - (int32_t)a->p[knot]) >> 6));
}

#endif
