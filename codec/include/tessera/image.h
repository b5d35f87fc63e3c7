/* image.h - a picture as users hand it over: interleaved integer samples plus metadata. */
#ifndef TESSERA_IMAGE_H
#define TESSERA_IMAGE_H

#include <tessera/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSR_MAX_CHANNELS 4
#define TSR_MAX_SIDE     0x3fffffffu /* largest width or height any format may claim */

/* Owned bytes; data == NULL exactly when size == 0. */
typedef struct tsr_blob {
    uint8_t *data;
    size_t size;
} tsr_blob;

/* A picture. Rows are contiguous (no padding), top to bottom; samples of a pixel are interleaved in
 * the order grey | grey,alpha | R,G,B | R,G,B,A; alpha is not premultiplied. Samples are uint8_t
 * when depth == 8, uint16_t in host byte order when depth == 16. Values span the whole range
 * 0 .. 2^depth - 1. The picture owns pixels, icc and exif. */
typedef struct tsr_image {
    uint32_t width, height; /* 1 .. TSR_MAX_SIDE */
    uint8_t channels;       /* 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA */
    uint8_t depth;          /* 8 or 16 bits per sample */
    uint8_t
        orientation; /* EXIF orientation 1..8; 0: unknown (treated as 1). Pixels are as stored. */
    uint8_t reserved;
    void *pixels;  /* width * height * channels * depth / 8 bytes, from malloc */
    tsr_blob icc;  /* ICC profile, verbatim */
    tsr_blob exif; /* EXIF block starting at the TIFF header ("II*" or "MM*"), verbatim */
} tsr_image;

/* Allocates pixels (uninitialised) for a picture of this shape; every other field is reset first,
 * so *im must not own anything. Errors: TSR_ERR_ARGUMENT (shape), TSR_ERR_LIMIT (more than
 * max_bytes of pixels; 0: no limit but the address space), TSR_ERR_MEMORY. On error *im owns
 * nothing. */
TSR_EXPORT tsr_status tsr_image_alloc(tsr_image *im, uint32_t width, uint32_t height,
                                      unsigned channels, unsigned depth, uint64_t max_bytes,
                                      tsr_diag *d) TSR_MUST_CHECK;

/* Frees what *im owns and zeroes it. im may be NULL or already freed. */
TSR_EXPORT void tsr_image_free(tsr_image *im);

/* Copies n bytes into a fresh blob. n == 0 gives an empty blob. */
TSR_EXPORT tsr_status tsr_blob_copy(tsr_blob *b, const void *data, size_t n) TSR_MUST_CHECK;
TSR_EXPORT void tsr_blob_free(tsr_blob *b);

/* Bytes of one row. */
static inline size_t tsr_image_row_bytes(const tsr_image *im) {
    return (size_t)im->width * im->channels * (im->depth / 8u);
}

/* Bytes of all pixels. */
static inline size_t tsr_image_bytes(const tsr_image *im) {
    return tsr_image_row_bytes(im) * im->height;
}

#ifdef __cplusplus
}
#endif
#endif
