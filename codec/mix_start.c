/* mix_start.c - the shipped start state. */
#include "mix_start.h"

#include "mixstart_data.h"

/* A build without its model would write streams that no other build can read. */
_Static_assert(sizeof tsr_mixstart_data == TSR_START_BYTES,
               "models/mixstart.bin has the wrong size");

#define WEIGHT_SHIFT 4 /* 12 fractional bits in the file, 16 in the coder */

const int8_t *tsr_mix_start_weights(void *table, size_t bytes, const int8_t *in) {
    tsr_mixer_weights *w = table;
    for (size_t i = 0; i < bytes / sizeof *w; i++)
        for (unsigned k = 0; k < TSR_MIX_INPUTS; k++, in += 2) {
            int32_t v = (uint8_t)in[0] + in[1] * 256;
            w[i].w[k] = v * (1 << WEIGHT_SHIFT);
        }
    return in;
}

void tsr_mix_start_counters(tsr_counter table[256], const tsr_logistic *t) {
    for (int v = -127; v < 128; v++)
        table[(uint8_t)v] = tsr_counter_start(tsr_squash(t, v * TSR_START_UNIT), TSR_START_COUNT);
}

const int8_t *tsr_mix_start_slots(const tsr_mix_slots *s, size_t rows, unsigned near,
                                  unsigned trained, const tsr_counter table[256],
                                  const int8_t *in) {
    for (size_t row = 0; row < rows; row++)
        for (unsigned slot = 0; slot < trained; slot++, in++)
            if (*in != TSR_START_UNSEEN) *tsr_mix_slot(s, row, near, slot) = table[(uint8_t)*in];
    return in;
}

void tsr_mix_start_load(tsr_mix_model *m) {
    tsr_counter table[256];
    size_t rows = 0;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) rows += tsr_mix_context_size[i] * 2;
    tsr_mix_start_counters(table, &m->logistic);
    const int8_t *in = tsr_mix_start_slots(&m->slots, rows, TSR_MIX_NEAR, TSR_START_SLOTS, table,
                                           tsr_mixstart_data);
    in = tsr_mix_start_weights(m->by_class, sizeof m->by_class, in);
    tsr_mix_start_weights(m->by_energy, sizeof m->by_energy, in);
}
