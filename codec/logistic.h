/* logistic.h - probabilities in the logistic domain: stretch(p) = ln(p / (1 - p)), squash its
 * inverse.
 *
 * Stretched values have 8 fractional bits, |x| <= 2816 (11 nats); probabilities have 16 bits.
 * Integers only.
 */
#ifndef TSR_LOGISTIC_H
#define TSR_LOGISTIC_H

#include <stdint.h>

#define TSR_STRETCH_MAX 2816

typedef struct tsr_logistic {
    uint16_t squash[2 * TSR_STRETCH_MAX + 1];
    int32_t stretch[4096]; /* by the top 12 bits of a probability */
} tsr_logistic;

void tsr_logistic_init(tsr_logistic *t);

/* P(1) of 65536 of a stretched value, which is clipped. */
static inline uint32_t tsr_squash(const tsr_logistic *t, int32_t x) {
    x = x > TSR_STRETCH_MAX ? TSR_STRETCH_MAX : x < -TSR_STRETCH_MAX ? -TSR_STRETCH_MAX : x;
    return t->squash[x + TSR_STRETCH_MAX];
}

#endif
