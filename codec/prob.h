/* prob.h - adaptive binary probability: the mean of a fast and a slow estimate.
 *
 * The slow one averages exactly at first (rate 1/n) and then with a long window; the fast one
 * follows local changes.
 */
#ifndef TSR_PROB_H
#define TSR_PROB_H

#include "range_coder.h"

#define TSR_PROB_FAST  5   /* window 2^5 */
#define TSR_PROB_LIMIT 255 /* slowest rate about 1/256 */

typedef struct tsr_prob {
    uint32_t slow; /* 22 bits of P(1), 10 bits of count */
    uint16_t fast; /* 16 bits of P(1) */
} tsr_prob;

/* 65536 / (n + 1.6) */
extern const uint16_t tsr_prob_rate[TSR_PROB_LIMIT + 1];

/* p: P(1) of 65536 to start from; count: how much to trust it. */
static inline tsr_prob tsr_prob_start(uint32_t p, uint32_t count) {
    return (tsr_prob){p << 16 | count, (uint16_t)p};
}

/* Sets a table of `bytes` bytes. */
void tsr_prob_fill(tsr_prob *table, size_t bytes, tsr_prob value);

static inline uint32_t tsr_prob_value(const tsr_prob *s) {
    uint32_t p = ((s->slow >> 16) + s->fast) >> 1;
    return p < 24 ? 24 : p > 65512 ? 65512 : p;
}

static inline void tsr_prob_update(tsr_prob *s, int bit) {
    uint32_t n = s->slow & 1023u;
    int32_t p = (int32_t)(s->slow >> 10);
    p += (int32_t)(((int64_t)((bit ? (1 << 22) - 1 : 0) - p) * tsr_prob_rate[n]) >> 16);
    s->slow = (uint32_t)p << 10 | (n < TSR_PROB_LIMIT ? n + 1 : n);
    s->fast = (uint16_t)(s->fast + (((bit ? 65535 : 0) - (int32_t)s->fast) >> TSR_PROB_FAST));
}

static inline int tsr_prob_code(tsr_rc *rc, tsr_prob *s, int bit, int decoding) {
    bit = tsr_rc_code(rc, bit, tsr_prob_value(s), decoding);
    tsr_prob_update(s, bit);
    return bit;
}

/* n raw bits, most significant first. */
static inline uint32_t tsr_rc_code_raw(tsr_rc *rc, uint32_t v, unsigned n, int decoding) {
    uint32_t out = 0;
    for (unsigned i = n; i-- > 0;)
        out = out << 1 | (uint32_t)tsr_rc_code_random(rc, v >> i & 1, 32768, decoding);
    return out;
}

#endif
