/* buffer.c - growing byte buffer and bounds-checked reader. */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void tsr_buffer_free(tsr_buffer *b) {
    free(b->data);
    *b = (tsr_buffer){0};
}

static int reserve(tsr_buffer *b, size_t n) {
    if (b->failed) return 0;
    if (n <= b->cap - b->size) return 1;
    size_t need = b->size + n, cap = b->cap ? b->cap * 2 : 256;
    if (cap < need) cap = need;
    uint8_t *p = need < b->size ? NULL : realloc(b->data, cap);
    if (!p) {
        b->failed = 1;
        return 0;
    }
    b->data = p;
    b->cap = cap;
    return 1;
}

void tsr_put_bytes(tsr_buffer *b, const void *p, size_t n) {
    if (!n || !reserve(b, n)) return;
    memcpy(b->data + b->size, p, n);
    b->size += n;
}

void tsr_put_u8(tsr_buffer *b, uint8_t v) {
    tsr_put_bytes(b, &v, 1);
}

void tsr_put_u32(tsr_buffer *b, uint32_t v) {
    uint8_t t[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    tsr_put_bytes(b, t, 4);
}

void tsr_put_varint(tsr_buffer *b, uint64_t v) {
    for (; v >= 128; v >>= 7) tsr_put_u8(b, (uint8_t)(v | 128));
    tsr_put_u8(b, (uint8_t)v);
}

void tsr_put_svarint(tsr_buffer *b, int64_t v) {
    tsr_put_varint(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

size_t tsr_varint_size(uint64_t v) {
    size_t n = 1;
    for (; v >= 128; v >>= 7) n++;
    return n;
}

const uint8_t *tsr_get_bytes(tsr_reader *r, size_t n) {
    if (r->failed || n > r->size - r->pos) {
        r->failed = 1;
        return NULL;
    }
    r->pos += n;
    return r->data + r->pos - n;
}

uint8_t tsr_get_u8(tsr_reader *r) {
    const uint8_t *p = tsr_get_bytes(r, 1);
    return p ? *p : 0;
}

uint32_t tsr_get_u32(tsr_reader *r) {
    const uint8_t *p = tsr_get_bytes(r, 4);
    return p ? p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

uint64_t tsr_get_varint(tsr_reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t c = tsr_get_u8(r);
        uint64_t bits = c & 127u;
        if (shift == 63 && bits > 1) break;
        v |= bits << shift;
        if (c < 128) {
            if (!c && shift) break; /* overlong: one value, one code */
            return r->failed ? 0 : v;
        }
    }
    r->failed = 1;
    return 0;
}

int64_t tsr_get_svarint(tsr_reader *r) {
    uint64_t u = tsr_get_varint(r);
    return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
}
