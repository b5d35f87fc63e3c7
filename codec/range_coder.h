/* range_coder.h - binary range coder with carry propagation (Martin 1979; the byte-wise carry of
 * LZMA).
 *
 * Probabilities have 16 bits: p = P(bit == 1) * 65536, 1 .. 65535. Integers only. The encoder drops
 * trailing zero bytes and the decoder reads zeros past the end, so an empty stream is legal.
 */
#ifndef TSR_RANGE_CODER_H
#define TSR_RANGE_CODER_H

#include "buffer.h"

typedef struct tsr_rc {
    uint32_t range;
    /* encoder */
    uint64_t low;
    uint64_t pending; /* bytes held back for a carry: the cache and 0xFFs after it */
    uint8_t cache;
    tsr_buffer *out;
    size_t start;
    /* decoder */
    uint32_t code;
    const uint8_t *next, *end;
} tsr_rc;

void tsr_rc_encode_start(tsr_rc *rc, tsr_buffer *out);
void tsr_rc_encode_end(tsr_rc *rc);
void tsr_rc_decode_start(tsr_rc *rc, const uint8_t *data, size_t size);

/* Encoder: moves the settled top byte of low out. */
void tsr_rc_shift(tsr_rc *rc);

static inline void tsr_rc_encode(tsr_rc *rc, int bit, uint32_t p) {
    uint32_t bound = (uint32_t)((uint64_t)rc->range * p >> 16);
    if (bit) {
        rc->range = bound;
    } else {
        rc->low += bound;
        rc->range -= bound;
    }
    while (rc->range < 1u << 24) {
        rc->range <<= 8;
        tsr_rc_shift(rc);
    }
}

/* Decoder: whole bytes until range has its top byte again. */
static inline void tsr_rc_fill(tsr_rc *rc) {
    unsigned shift = (unsigned)__builtin_clz(rc->range) & 24u;
    if (__builtin_expect(rc->end - rc->next >= 4, 1)) {
        /* Without a branch on what nobody can predict; a shift of 0 takes nothing. */
        uint32_t ahead = (uint32_t)rc->next[0] << 24 | (uint32_t)rc->next[1] << 16 |
                         (uint32_t)rc->next[2] << 8 | rc->next[3];
        rc->code = rc->code << shift | (uint32_t)((uint64_t)ahead << shift >> 32);
        rc->next += shift >> 3;
    } else {
        for (unsigned i = 0; i < shift; i += 8)
            rc->code = rc->code << 8 | (rc->next < rc->end ? *rc->next++ : 0u);
    }
    rc->range <<= shift;
}

static inline int tsr_rc_decode(tsr_rc *rc, uint32_t p) {
    uint32_t bound = (uint32_t)((uint64_t)rc->range * p >> 16);
    int bit = rc->code < bound;
    if (bit) {
        rc->range = bound;
    } else {
        rc->code -= bound;
        rc->range -= bound;
    }
    tsr_rc_fill(rc);
    return bit;
}

/* The same for bits that are as good as random, by which nobody branches. */
static inline int tsr_rc_decode_random(tsr_rc *rc, uint32_t p) {
    uint32_t bound = (uint32_t)((uint64_t)rc->range * p >> 16);
    uint32_t one = -(uint32_t)(rc->code < bound); /* all ones or zero */
    rc->code -= bound & ~one;
    rc->range = (bound & one) | ((rc->range - bound) & ~one);
    tsr_rc_fill(rc);
    return (int)(one & 1);
}

/* Either direction, chosen by a compile-time constant: models are written once for both. */
static inline int tsr_rc_code(tsr_rc *rc, int bit, uint32_t p, int decoding) {
    if (decoding) return tsr_rc_decode(rc, p);
    tsr_rc_encode(rc, bit, p);
    return bit;
}

static inline int tsr_rc_code_random(tsr_rc *rc, int bit, uint32_t p, int decoding) {
    if (decoding) return tsr_rc_decode_random(rc, p);
    tsr_rc_encode(rc, bit, p);
    return bit;
}

#endif
