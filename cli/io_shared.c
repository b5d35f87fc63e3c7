/* io_shared.c - what the picture formats share: growing buffers, checked sizes, copies of metadata.
 */
#include <stdlib.h>
#include <string.h>

#include "io_formats.h"

int tsr_io_sink_grow(tsr_io_sink *s, size_t n) {
    if (s->cap - s->size >= n) return 1;
    if (n > SIZE_MAX / 2 - s->size) return 0;
    size_t cap = s->cap ? s->cap * 2 : 65536;
    if (cap < s->size + n) cap = s->size + n;
    uint8_t *grown = realloc(s->data, cap);
    if (!grown) return 0;
    s->data = grown;
    s->cap = cap;
    return 1;
}

int tsr_io_sink_put(tsr_io_sink *s, const void *data, size_t n) {
    if (!tsr_io_sink_grow(s, n)) return 0;
    memcpy(s->data + s->size, data, n);
    s->size += n;
    return 1;
}

tsr_status tsr_io_size_check(uint64_t width, uint64_t height, const tsr_io_limits *limits,
                             tsr_diag *d) {
    if (!width || !height)
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "the picture is %llux%llu pixels",
                            (unsigned long long)width, (unsigned long long)height);
    if (width > TSR_MAX_SIDE || height > TSR_MAX_SIDE)
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "the picture is %llux%llu pixels, no side may exceed %u",
                            (unsigned long long)width, (unsigned long long)height, TSR_MAX_SIDE);
    uint64_t max = limits ? limits->max_pixels : 0;
    if (max && width * height > max)
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "the picture is %llux%llu pixels, the limit is %llu pixels in all",
                            (unsigned long long)width, (unsigned long long)height,
                            (unsigned long long)max);
    return TSR_OK;
}

tsr_status tsr_io_image_alloc(tsr_image *im, uint64_t width, uint64_t height, unsigned channels,
                              unsigned depth, const tsr_io_limits *limits, tsr_diag *d) {
    tsr_status st = tsr_io_size_check(width, height, limits, d);
    if (st) return st;
    return tsr_image_alloc(im, (uint32_t)width, (uint32_t)height, channels, depth,
                           limits ? limits->max_bytes : 0, d);
}

tsr_status tsr_io_metadata_copy(tsr_blob *to, const void *data, size_t size, tsr_diag *d) {
    if (tsr_blob_copy(to, data, size))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %zu bytes of metadata",
                            size);
    return TSR_OK;
}
