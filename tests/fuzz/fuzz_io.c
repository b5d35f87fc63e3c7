/* fuzz_io.c - any bytes as a picture: no crash, no leak, failures own nothing, and whatever is read
 * survives a lossless round trip through PNG (metadata included) and PAM. A PNG is tried a second
 * time with its CRCs put right, or hardly any damage would come past them. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "fuzz.h"
#include "io.h"

static const tsr_io_limits limits = {1u << 20, 1u << 24};

static void require(int condition) {
    if (!condition) abort();
}

static int same_blob(const tsr_blob *a, const tsr_blob *b) {
    return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static void round_trip(const tsr_image *im, tsr_io_format format) {
    tsr_blob file;
    tsr_image back;
    tsr_diag d;
    require(!tsr_image_write(im, format, &file, &d));
    require(!tsr_image_read(file.data, file.size, NULL, &back, &d));
    require(back.width == im->width && back.height == im->height && back.channels == im->channels &&
            back.depth == im->depth);
    require(!memcmp(back.pixels, im->pixels, tsr_image_bytes(im)));
    if (format == TSR_IO_PNG)
        require(same_blob(&im->icc, &back.icc) && same_blob(&im->exif, &back.exif) &&
                im->orientation == back.orientation);
    tsr_image_free(&back);
    tsr_blob_free(&file);
}

static void try_picture(const uint8_t *data, size_t size) {
    tsr_image im;
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_status st = tsr_image_read(data, size, &limits, &im, &d);
    if (st) {
        require(!im.pixels && !im.icc.data && !im.exif.data);
        require(d.status == st && d.text[0] && !strchr(d.text, '\n'));
        require(d.offset == TSR_NO_OFFSET || d.offset <= size);
        return;
    }
    require((uint64_t)im.width * im.height <= limits.max_pixels);
    require(tsr_image_bytes(&im) <= limits.max_bytes);
    round_trip(&im, TSR_IO_PNG);
    round_trip(&im, TSR_IO_PAM);
    tsr_image_free(&im);
}

/* Computes every chunk's CRC anew. */
static void repair_png(uint8_t *png, size_t size) {
    for (size_t at = 8; size - at >= 12;) {
        uint32_t n = (uint32_t)png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3];
        if (n > size - at - 12) return;
        uint32_t crc = (uint32_t)crc32(0, png + at + 4, n + 4);
        for (int i = 0; i < 4; i++) png[at + 8 + n + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + (size_t)n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_picture(data, size);
    if (size < 8 || memcmp(data, "\x89PNG", 4)) return 0;
    uint8_t *repaired = malloc(size);
    require(repaired != NULL);
    memcpy(repaired, data, size);
    repair_png(repaired, size);
    try_picture(repaired, size);
    free(repaired);
    return 0;
}
