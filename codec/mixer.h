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

/* Vectors written out: left to themselves, compilers take these loops apart. */
typedef int32_t tsr_mix_lanes __attribute__((vector_size(4 * TSR_MIX_INPUTS)));
typedef int32_t tsr_mix_half_lanes __attribute__((vector_size(2 * TSR_MIX_INPUTS)));

static inline tsr_mix_lanes tsr_mix_load(const int32_t *p) {
    tsr_mix_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline int32_t tsr_mix_sum(tsr_mix_lanes v) {
    tsr_mix_half_lanes h[2], t;
    int32_t s = 0;
    memcpy(h, &v, sizeof v);
    t = h[0] + h[1];
    for (unsigned i = 0; i < TSR_MIX_INPUTS / 2; i++) s += t[i];
    return s;
}

static inline int32_t tsr_mix_dot(tsr_mix_lanes x, const int32_t *w) {
    return tsr_mix_sum((x * tsr_mix_load(w)) >> 10) >> 6;
}

static inline tsr_mix_lanes tsr_mix_select(tsr_mix_lanes mask, tsr_mix_lanes a, tsr_mix_lanes b) {
    return (a & mask) | (b & ~mask);
}

/* err: (bit - p) * 65536; |err * rate| < 2^21. */
static inline void tsr_mix_train(tsr_mix_lanes x, int32_t *w, int32_t err, int32_t rate) {
    const tsr_mix_lanes limit = (tsr_mix_lanes){0} + 0x7ffff; /* |w| < 8: products above fit */
    tsr_mix_lanes v = tsr_mix_load(w) + ((x * ((err * rate) >> 4) + 0x8000) >> 16);
    v = tsr_mix_select(v > limit, limit, v);
    v = tsr_mix_select(v < -limit, -limit, v);
    memcpy(w, &v, sizeof v);
}

/* A vector of f(0), f(1), ... in registers: going through memory would wait for the stores. */
#define TSR_MIX_EACH(f)                                                                            \
    ((tsr_mix_lanes){f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11),     \
                     f(12), f(13), f(14), f(15)})

/* tsr_counter_update for the first n counters at once; equal results. d * rate of 38 bits is
 * shifted in two parts of 31. old: the counters' values. */
static inline __attribute__((always_inline)) void
tsr_counters_update(tsr_counter *const *c, unsigned n, unsigned slot, tsr_mix_lanes old, int bit,
                    uint32_t limit, const uint16_t *rate) {
#define RATE(i) (i < n ? rate[(uint32_t)old[i] & 1023u] : 0)
    tsr_mix_lanes r = TSR_MIX_EACH(RATE), count = old & 1023, p = (old >> 10) & 0x3fffff;
#undef RATE
    tsr_mix_lanes d = (bit ? 0x3fffff : 0) - p;
    p += ((d >> 8) * r + (((d & 255) * r) >> 8)) >> 8;
    count -= count < (int32_t)limit; /* a true comparison is -1 */
    old = (p << 10) | count;
    for (unsigned i = 0; i < n; i++) c[i][slot] = (uint32_t)old[i];
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
