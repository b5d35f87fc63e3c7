/* svd_range.c - the range coder of the side information. */
#include "svd_range.h"

enum { MOVE = 4, TOP = 1 << 24, MAX_PREFIX = 14 };

void tsr_svd_range_encode(svd_range *r, uint8_t *out, size_t cap) {
    *r = (svd_range){.range = UINT32_MAX, .out = out, .cap = cap, .run = 1, .first = 1};
}

static uint8_t next_byte(svd_range *r) {
    size_t i = r->place++;
    return i < r->cap ? r->in[i] : 0;
}

void tsr_svd_range_decode(svd_range *r, const uint8_t *data, size_t size) {
    *r = (svd_range){.decoding = 1, .range = UINT32_MAX, .in = data, .cap = size};
    for (int i = 0; i < 4; i++) r->code = r->code << 8 | next_byte(r);
}

static void put(svd_range *r, uint8_t byte) {
    if (r->first) { /* stands before the data, for a carry that never comes: always 0 */
        r->first = 0;
        return;
    }
    if (r->place < r->cap) r->out[r->place] = byte;
    r->place++;
    if (byte) r->used = r->place;
}

/* Moves the top byte of low out; bytes wait while a carry could still reach them. */
static void shift_low(svd_range *r) {
    if ((uint32_t)r->low < 0xff000000u || r->low >> 32) {
        uint8_t carry = (uint8_t)(r->low >> 32);
        for (uint64_t i = 0; i < r->run; i++) put(r, (uint8_t)((i ? 0xff : r->pending) + carry));
        r->run = 0;
        r->pending = (uint8_t)(r->low >> 24);
    }
    r->run++;
    r->low = (r->low & 0x00ffffffu) << 8;
}

static void normalise(svd_range *r) {
    while (r->range < TOP) {
        r->range <<= 8;
        if (r->decoding)
            r->code = r->code << 8 | next_byte(r);
        else
            shift_low(r);
    }
}

/* Splits the range at `bound`: below it a 0, above it a 1. */
static uint32_t split(svd_range *r, uint32_t bound, uint32_t bit) {
    if (r->decoding) bit = r->code >= bound;
    if (bit) {
        r->low += bound;
        r->code -= bound;
        r->range -= bound;
    } else {
        r->range = bound;
    }
    normalise(r);
    return bit;
}

uint32_t tsr_svd_range_bit(svd_range *r, svd_bit *p, uint32_t bit) {
    bit = split(r, (r->range >> 11) * *p, bit);
    if (bit)
        *p = (svd_bit)(*p - (*p >> MOVE));
    else
        *p = (svd_bit)(*p + ((2048 - *p) >> MOVE));
    return bit;
}

uint32_t tsr_svd_range_raw(svd_range *r, uint32_t value, unsigned bits) {
    uint32_t out = 0;
    while (bits-- > 0) out = out << 1 | split(r, r->range >> 1, value >> bits & 1);
    return out;
}

uint32_t tsr_svd_range_number(svd_range *r, svd_bit *p, uint32_t value) {
    unsigned wanted = 0, n = 0;
    if (r->decoding) value = 0;
    while ((value + 1) >> (wanted + 1)) wanted++;
    while (n < MAX_PREFIX && tsr_svd_range_bit(r, &p[n], n < wanted)) n++;
    return (1u << n) - 1 + tsr_svd_range_raw(r, value + 1 - (1u << n), n);
}

size_t tsr_svd_range_end(svd_range *r) {
    for (int i = 0; i < 5; i++) shift_low(r);
    return r->used;
}
