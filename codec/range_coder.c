/* range_coder.c - start, carry handling and end of the range coder. */
#include "range_coder.h"

void tsr_rc_encode_start(tsr_rc *rc, tsr_buffer *out) {
    *rc = (tsr_rc){.range = UINT32_MAX, .out = out, .start = out->size};
}

/* The first byte (nothing pending yet) is never held back: no carry can reach beyond it. */
void tsr_rc_shift(tsr_rc *rc) {
    if (!rc->pending || rc->low < 0xff000000u || rc->low > UINT32_MAX) {
        uint8_t carry = (uint8_t)(rc->low >> 32);
        for (uint8_t byte = rc->cache; rc->pending; rc->pending--, byte = 0xff)
            tsr_put_u8(rc->out, (uint8_t)(byte + carry));
        rc->cache = (uint8_t)(rc->low >> 24);
    }
    rc->pending++;
    rc->low = (rc->low & 0x00ffffffu) << 8;
}

/* Ends with the value of [low, low + range) that has the most trailing zeros, then drops zero
 * bytes. */
void tsr_rc_encode_end(tsr_rc *rc) {
    uint64_t last = rc->low + rc->range - 1;
    for (unsigned keep = 0; keep <= 32; keep++) {
        uint64_t v = last >> (32 - keep) << (32 - keep);
        if (v < rc->low) continue;
        rc->low = v;
        break;
    }
    for (int i = 0; i < 5; i++) tsr_rc_shift(rc);
    tsr_buffer *b = rc->out;
    while (b->size > rc->start && !b->data[b->size - 1]) b->size--;
}

void tsr_rc_decode_start(tsr_rc *rc, const uint8_t *data, size_t size) {
    *rc = (tsr_rc){.range = UINT32_MAX, .next = data, .end = data + size};
    for (int i = 0; i < 4; i++) rc->code = rc->code << 8 | (rc->next < rc->end ? *rc->next++ : 0u);
}
