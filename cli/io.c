/* io.c - tells picture formats apart by their first bytes and hands over to the format's own file.
 */
#include "io.h"

#include <string.h>
#include <strings.h>

#include "exif.h"
#include "io_formats.h"

/* ---------------------------------------------------------------- reading */

typedef tsr_status (*reader_fn)(const uint8_t *, size_t, const tsr_io_limits *, tsr_image *,
                                tsr_diag *);

typedef struct signature {
    const char *name;
    reader_fn read; /* NULL: known by name only */
    uint8_t at, size;
    char bytes[13];
} signature;

static const signature signatures[] = {
    {"PNG", tsr_png_read, 0, 8, "\x89PNG\r\n\x1a\n"},
    {"JPEG", tsr_jpeg_read, 0, 3, "\xff\xd8\xff"},
    {"PGM", tsr_pnm_read, 0, 2, "P2"},
    {"PPM", tsr_pnm_read, 0, 2, "P3"},
    {"PGM", tsr_pnm_read, 0, 2, "P5"},
    {"PPM", tsr_pnm_read, 0, 2, "P6"},
    {"PAM", tsr_pnm_read, 0, 2, "P7"},
    {"PBM bitmap", NULL, 0, 2, "P1"},
    {"PBM bitmap", NULL, 0, 2, "P4"},
    {"PFM", NULL, 0, 3, "Pf\n"},
    {"PFM", NULL, 0, 3, "PF\n"},
    {"GIF", NULL, 0, 4, "GIF8"},
    {"BMP", NULL, 0, 2, "BM"},
    {"TIFF", NULL, 0, 4, "II*\0"},
    {"TIFF", NULL, 0, 4, "MM\0*"},
    {"WebP", NULL, 8, 4, "WEBP"},
    {"AVIF", NULL, 4, 8, "ftypavif"},
    {"HEIF", NULL, 4, 7, "ftyphei"},
    {"JPEG 2000", NULL, 0, 12, "\0\0\0\x0cjP  \r\n\x87\n"},
    {"JPEG 2000", NULL, 0, 4, "\xff\x4f\xff\x51"},
    {"JPEG XL", NULL, 0, 2, "\xff\x0a"},
    {"JPEG XL", NULL, 0, 12, "\0\0\0\x0cJXL \r\n\x87\n"},
};

/* The first signature that the data matches as far as it goes. */
static const signature *sniff(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        const signature *s = &signatures[i];
        if (size <= s->at) continue;
        size_t n = size - s->at < s->size ? size - s->at : s->size;
        if (!memcmp(data + s->at, s->bytes, n)) return s;
    }
    return NULL;
}

static tsr_status read_any(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                           tsr_image *im, tsr_diag *d) {
    if (!size) return tsr_diag_set(d, TSR_ERR_TRUNCATED, 0, "the file is empty");
    const signature *s = sniff(data, size);
    if (!s)
        return tsr_diag_set(d, TSR_ERR_FORMAT, 0,
                            "this is no picture in PNG, JPEG, PGM, PPM or PAM format");
    if (size < (size_t)s->at + s->size)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, size, "the file ends after %zu bytes", size);
    if (!s->read)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, 0,
                            "%s is not read; PNG, JPEG, PGM, PPM and PAM are", s->name);
    return s->read(data, size, limits, im, d);
}

tsr_status tsr_image_read(const void *data, size_t size, const tsr_io_limits *limits, tsr_image *im,
                          tsr_diag *d) {
    *im = (tsr_image){0};
    tsr_status st = read_any(data, size, limits, im, d);
    if (st)
        tsr_image_free(im);
    else
        im->orientation = tsr_exif_orientation(im->exif.data, im->exif.size);
    return st;
}

/* ---------------------------------------------------------------- writing */

tsr_status tsr_image_write(const tsr_image *im, tsr_io_format format, tsr_blob *out, tsr_diag *d) {
    *out = (tsr_blob){0};
    if (!im->pixels || !im->width || !im->height || im->width > TSR_MAX_SIDE ||
        im->height > TSR_MAX_SIDE || im->channels < 1 || im->channels > TSR_MAX_CHANNELS ||
        (im->depth != 8 && im->depth != 16))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "a picture of %ux%u pixels, %u channels, %u bits cannot be written",
                            im->width, im->height, im->channels, im->depth);
    switch (format) {
    case TSR_IO_PNG:
        return tsr_png_write(im, out, d);
    case TSR_IO_JPEG:
        return tsr_jpeg_write(im, out, d);
    case TSR_IO_PNM:
        return tsr_pnm_write(im, 0, out, d);
    case TSR_IO_PAM:
        return tsr_pnm_write(im, 1, out, d);
    }
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "picture format %d is not known",
                        (int)format);
}

int tsr_io_format_by_name(const char *path_or_extension, tsr_io_format *out) {
    static const struct {
        char extension[5];
        tsr_io_format format;
    } known[] = {{"png", TSR_IO_PNG},  {"jpg", TSR_IO_JPEG},  {"jpeg", TSR_IO_JPEG},
                 {"jpe", TSR_IO_JPEG}, {"jfif", TSR_IO_JPEG}, {"pnm", TSR_IO_PNM},
                 {"pgm", TSR_IO_PNM},  {"ppm", TSR_IO_PNM},   {"pam", TSR_IO_PAM}};
    const char *slash = strrchr(path_or_extension, '/');
    const char *name = slash ? slash + 1 : path_or_extension;
    const char *dot = strrchr(name, '.');
    if (slash && !dot) return 0;
    const char *extension = dot ? dot + 1 : name;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strncasecmp(extension, known[i].extension, 5)) {
            *out = known[i].format;
            return 1;
        }
    return 0;
}
