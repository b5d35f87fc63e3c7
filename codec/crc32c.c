/* crc32c.c - CRC-32C by tables of nibbles: four bits at a time, or eight nibbles at once where
 * there are many bytes (Kounavis & Berry 2005, with smaller tables). No state to initialise. */
#include "crc32c.h"

#define WORTH_TABLES 512u /* bytes from which on eight tables pay off */

/* [i]: i reduced by the reflected polynomial 0x82F63B78, four bits at a time. */
static const uint32_t nibble[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static inline uint32_t shift_nibble(uint32_t crc) {
    return crc >> 4 ^ nibble[crc & 15];
}

/* Four bytes at a time, n a multiple of it: t[k] is a nibble with k zero nibbles behind it. */
static uint32_t add_words(uint32_t crc, const uint8_t *p, size_t n) {
    uint32_t t[8][16];
    for (int i = 0; i < 16; i++) {
        t[0][i] = nibble[i];
        for (int k = 1; k < 8; k++) t[k][i] = shift_nibble(t[k - 1][i]);
    }
    for (; n; p += 4, n -= 4) {
        uint32_t w =
            crc ^ (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = 0;
        for (int k = 0; k < 8; k++) crc ^= t[7 - k][w >> 4 * k & 15];
    }
    return crc;
}

uint32_t tsr_crc32c(uint32_t crc, const void *data, size_t n) {
    const uint8_t *p = data;
    size_t words = n < WORTH_TABLES ? 0 : n & ~(size_t)3;
    crc = words ? add_words(~crc, p, words) : ~crc;
    for (size_t i = words; i < n; i++) crc = shift_nibble(shift_nibble(crc ^ p[i]));
    return ~crc;
}
