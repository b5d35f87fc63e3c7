/* exif.c - finds the orientation in an EXIF block.
 *
 * An EXIF block is a TIFF file without pictures: byte order, 42, offset of the first directory,
 * which is a count and that many entries of 12 bytes (TIFF 6.0, section 2). Orientation is tag
 * 0x0112, one SHORT (Exif 2.3, section 4.6.4 A). Only the first directory is looked at. Cost: one
 * pass over it.
 */
#include "exif.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

static uint32_t get16(const uint8_t *p, int big) {
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t get32(const uint8_t *p, int big) {
    return big ? get16(p, 1) << 16 | get16(p + 2, 1) : get16(p + 2, 0) << 16 | get16(p, 0);
}

/* The value of an orientation entry, or 0. */
static uint8_t entry_value(const uint8_t *entry, int big) {
    if (get16(entry + 2, big) != TYPE_SHORT || get32(entry + 4, big) != 1) return 0;
    uint32_t v = get16(entry + 8, big);
    return v >= 1 && v <= 8 ? (uint8_t)v : 0;
}

uint8_t tsr_exif_orientation(const uint8_t *data, size_t size) {
    if (size < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M')) return 0;
    int big = data[0] == 'M';
    size_t at = get32(data + 4, big);
    if (get16(data + 2, big) != 42 || at > size - 2) return 0;
    size_t entries = get16(data + at, big);
    at += 2;
    for (; entries && size - at >= ENTRY_BYTES; entries--, at += ENTRY_BYTES)
        if (get16(data + at, big) == TAG_ORIENTATION) return entry_value(data + at, big);
    return 0;
}
