/* mixer.h - logistic mixing of context models (Mahoney 2005, PAQ), integers only.
 *
 * Each context owns a counter of P(1). A mixer adds the stretched probabilities with weights that
 * depend on a small context, and learns the weights by gradient descent on coding cost. Two mixers
 * with different contexts are averaged in the logistic domain; adaptive probability maps (APM)
 * correct what is left.
 */
#ifndef TSR_MIXER_H
#define TSR_MIXER_H

#include <string.h>

#include "logistic.h"

#define TSR_MIX_INPUTS 16u /* of a mixer, padded: one or two vectors */

/* P(1) in 22 bits, count in 10: as the slow half of tsr_prob. */
typedef uint32_t tsr_counter;

typedef struct tsr_mixer_weights {
    int32_t w[TSR_MIX_INPUTS]; /* 16 fractional bits */
} tsr_mixer_weights;

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

/* Where a stretched probability lies between two knots, in 1/176. */
typedef struct tsr_apm_place {
    uint32_t knot, part;
} tsr_apm_place;

static inline tsr_apm_place tsr_apm_find(int32_t x) {
    x = x > TSR_STRETCH_MAX - 1 ? TSR_STRETCH_MAX - 1 : x < -TSR_STRETCH_MAX ? -TSR_STRETCH_MAX : x;
    uint32_t pos = (uint32_t)(x + TSR_STRETCH_MAX);
    return (tsr_apm_place){pos / 176, pos % 176};
}

static inline uint32_t tsr_apm_refine(const tsr_apm *a, tsr_apm_place at) {
    const uint16_t *p = a->p + at.knot;
    return (p[0] * (176 - at.part) + p[1] * at.part) / 176;
}

/* Trains the nearer knot. */
static inline void tsr_apm_train(tsr_apm *a, tsr_apm_place at, int bit) {
    uint16_t *p = a->p + at.knot + (at.part >= 88);
    *p = (uint16_t)(*p + (((bit ? 65535 : 0) - (int32_t)*p) >> 6));
}

#endif
