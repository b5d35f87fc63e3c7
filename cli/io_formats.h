/* io_formats.h - one reader and one writer for each picture format, and what they share.
 *
 * Every reader gets *im zeroed and may leave things in it when it fails: tsr_image_read frees them.
 * Every writer leaves *out empty when it fails. Shapes are checked by tsr_image_write.
 */
#ifndef TSR_CLI_IO_FORMATS_H
#define TSR_CLI_IO_FORMATS_H

#include "io.h"

/* Bytes that grow; owned, from malloc. */
typedef struct tsr_io_sink {
    uint8_t *data;
    size_t size, cap;
} tsr_io_sink;

/* Makes room for at least n more bytes. Returns 0 when there is no memory; the sink is then
 * unchanged. */
int tsr_io_sink_grow(tsr_io_sink *s, size_t n) TSR_MUST_CHECK;

/* Appends n bytes; the same result. */
int tsr_io_sink_put(tsr_io_sink *s, const void *data, size_t n) TSR_MUST_CHECK;

/* Checks a header's size against the limits: FORMAT when a side is zero, else LIMIT. */
tsr_status tsr_io_size_check(uint64_t width, uint64_t height, const tsr_io_limits *limits,
                             tsr_diag *d) TSR_MUST_CHECK;

/* tsr_io_size_check, then tsr_image_alloc within limits->max_bytes. */
tsr_status tsr_io_image_alloc(tsr_image *im, uint64_t width, uint64_t height, unsigned channels,
                              unsigned depth, const tsr_io_limits *limits,
                              tsr_diag *d) TSR_MUST_CHECK;

/* A copy of a metadata block; MEMORY with its text. */
tsr_status tsr_io_metadata_copy(tsr_blob *to, const void *data, size_t size,
                                tsr_diag *d) TSR_MUST_CHECK;

tsr_status tsr_png_read(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                        tsr_image *im, tsr_diag *d) TSR_MUST_CHECK;
tsr_status tsr_png_write(const tsr_image *im, tsr_blob *out, tsr_diag *d) TSR_MUST_CHECK;

tsr_status tsr_jpeg_read(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                         tsr_image *im, tsr_diag *d) TSR_MUST_CHECK;
tsr_status tsr_jpeg_write(const tsr_image *im, tsr_blob *out, tsr_diag *d) TSR_MUST_CHECK;

/* How a JPEG file is written. */
typedef struct tsr_jpeg_settings {
    int quality;      /* 0..100 */
    int across, down; /* chroma subsampling: 1 or 2 */
    int baseline;     /* 1: quantizer steps stay below 256 */
    int progressive;  /* 1: the library's usual scans */
    int optimised;    /* 1: Huffman tables made for this picture */
} tsr_jpeg_settings;

tsr_status tsr_jpeg_write_as(const tsr_image *im, const tsr_jpeg_settings *s, tsr_blob *out,
                             tsr_diag *d) TSR_MUST_CHECK;

/* data starts with "P" and a digit. */
tsr_status tsr_pnm_read(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                        tsr_image *im, tsr_diag *d) TSR_MUST_CHECK;
/* pam: 1 writes P7, 0 writes P5 or P6. */
tsr_status tsr_pnm_write(const tsr_image *im, int pam, tsr_blob *out, tsr_diag *d) TSR_MUST_CHECK;

#endif
