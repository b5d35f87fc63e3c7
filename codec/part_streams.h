/* part_streams.h - the streams of a layer: one, or one for each part, coded beside each other.
 *
 * Bands that are not cut come first in the stream of part 0. Bytes of a layer that has bands that
 * are cut: the sizes of all streams but the last (varints), then the streams.
 */
#ifndef TSR_PART_STREAMS_H
#define TSR_PART_STREAMS_H

#include "coef_walk.h"

/* What an entropy coder built on tsr_walk brings along. */
typedef struct tsr_part_coder {
    size_t state_size;
    tsr_walk *(*walk)(void *st);
    /* *st, a copy of the state of part 0, becomes that of part k: nothing that changes is shared
     * but what tsr_walk_fork() shares. */
    tsr_status (*fork)(void *st, uint32_t k, tsr_job *j);
    void (*run)(void *st, const tsr_symbols *s, uint32_t layer,
                int decoding); /* tsr_walk_layer() */
} tsr_part_coder;

typedef struct tsr_part_streams {
    const tsr_part_coder *coder;
    tsr_job *job;
    void *state[TSR_MAX_PARTS]; /* [0]: the coder's own; the others when they begin */
} tsr_part_streams;

/* st: the coder's state, whose walk has begun. */
void tsr_part_streams_init(tsr_part_streams *p, const tsr_part_coder *coder, void *st, tsr_job *j);

tsr_status tsr_part_streams_encode(tsr_part_streams *p, const tsr_symbols *s, uint32_t layer,
                                   tsr_buffer *out) TSR_MUST_CHECK;

/* FORMAT: sizes that the bytes do not have. */
tsr_status tsr_part_streams_decode(tsr_part_streams *p, tsr_symbols *s, uint32_t layer,
                                   const uint8_t *data, size_t size) TSR_MUST_CHECK;

#endif
