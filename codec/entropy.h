/* entropy.h - entropy coders: symbols of all bands to bytes and back, layer by layer. */
#ifndef TSR_ENTROPY_H
#define TSR_ENTROPY_H

#include "buffer.h"
#include "layout.h"

/* A coder keeps what it has learnt from one layer to the next; the bytes of a layer can be decoded
 * when all earlier layers have been. begin() is called once, on zeroed state; memory comes from the
 * job. */
typedef struct tsr_entropy {
    tsr_head h;
    tsr_status (*begin)(void *st, const tsr_value *v, const tsr_symbols *s, tsr_job *j);
    tsr_status (*encode)(void *st, const tsr_symbols *s, uint32_t layer, tsr_buffer *out);
    tsr_status (*decode)(void *st, tsr_symbols *s, uint32_t layer, const uint8_t *data,
                         size_t size);
} tsr_entropy;

/* NULL-terminated list of the core's coders. */
extern const tsr_entropy *const tsr_entropies[];

#endif
