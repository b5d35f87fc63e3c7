/* mix_start.h - the trained state in which the `mix` coder begins.
 *
 * models/mixstart.bin, all bytes signed: for each context set, quantizer and slot below
 * TSR_START_SLOTS the stretched probability in units of 22 (-128: never seen, the built-in start
 * applies); then the weights of the two mixers in 1/16 (as pairs low byte, high byte of 12
 * fractional bits).
 */
#ifndef TSR_MIX_START_H
#define TSR_MIX_START_H

#include "mix_model.h"

#define TSR_START_SLOTS  6u
#define TSR_START_UNIT   22
#define TSR_START_UNSEEN (-128)
#define TSR_START_COUNT  24u /* how much a trained probability is trusted */

extern const uint32_t tsr_mix_context_size[TSR_MIX_CONTEXTS];

#define TSR_START_BYTES 538684u /* of the model */

/* Overwrites counters and weights of *m with the shipped model. */
void tsr_mix_start_load(tsr_mix_model *m);

/* Training: a probability from counts of zeros and ones, TSR_START_UNSEEN for fewer than `least`;
 * a table of weights. */
int8_t tsr_mix_start_code(const tsr_logistic *t, const uint32_t n[2], uint32_t least);
void tsr_mix_start_put_weights(tsr_buffer *out, const void *table, size_t bytes);

/* Training: codes all levels for what m counts and learns; m has begun with them. */
void tsr_mix_train(tsr_mix_model *m, const tsr_symbols *s);

/* Counters of all trained probabilities but TSR_START_UNSEEN. */
void tsr_mix_start_counters(tsr_counter table[256], const tsr_logistic *t);

/* Reads the first `trained` slots of each row; returns what follows them. */
const int8_t *tsr_mix_start_slots(const tsr_mix_slots *s, size_t rows, unsigned near,
                                  unsigned trained, const tsr_counter table[256], const int8_t *in);

/* Reads a table of weights; returns what follows it. */
const int8_t *tsr_mix_start_weights(void *table, size_t bytes, const int8_t *in);

#endif
