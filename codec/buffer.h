/* buffer.h - growing byte buffer and bounds-checked reader; all integers little-endian or LEB128.
 */
#ifndef TSR_BUFFER_H
#define TSR_BUFFER_H

#include <tessera/image.h>

/* A byte buffer that grows. After a failed allocation `failed` stays set and writes do nothing, so
 * a sequence of writes needs one check at its end. Owned memory from malloc. */
typedef struct tsr_buffer {
    uint8_t *data;
    size_t size, cap;
    int failed;
} tsr_buffer;

void tsr_buffer_free(tsr_buffer *b);
void tsr_put_bytes(tsr_buffer *b, const void *p, size_t n);
void tsr_put_u8(tsr_buffer *b, uint8_t v);
void tsr_put_u32(tsr_buffer *b, uint32_t v);
void tsr_put_varint(tsr_buffer *b, uint64_t v); /* unsigned LEB128, 1..10 bytes */
void tsr_put_svarint(tsr_buffer *b, int64_t v); /* zigzag LEB128 */

/* Bytes a varint takes. */
size_t tsr_varint_size(uint64_t v);

/* Reads within [pos, size). After reading past the end `failed` stays set and reads give 0. */
typedef struct tsr_reader {
    const uint8_t *data;
    size_t size, pos;
    int failed;
} tsr_reader;

uint8_t tsr_get_u8(tsr_reader *r);
uint32_t tsr_get_u32(tsr_reader *r);
uint64_t tsr_get_varint(tsr_reader *r); /* fails on overlong or > 64-bit codes as well */
int64_t tsr_get_svarint(tsr_reader *r);
/* Pointer to the next n bytes, or NULL (and failed) when there are fewer. */
const uint8_t *tsr_get_bytes(tsr_reader *r, size_t n);

#endif
