/* io.h - pictures in the usual formats, to and from memory and files.
 *
 * The formats read are PNG, JPEG, PGM, PPM and PAM, told apart by content and never by name. Pixels
 * come as stored: the EXIF orientation is reported in tsr_image.orientation and not applied.
 *
 * Texts in tsr_diag name neither the file nor the offset: the caller puts the path in front and the
 * offset (tsr_diag.offset, when it is known) behind.
 */
#ifndef TSR_CLI_IO_H
#define TSR_CLI_IO_H

#include <tessera/image.h>

typedef enum tsr_io_format {
    TSR_IO_PNG,
    TSR_IO_JPEG,
    TSR_IO_PNM, /* PGM or PPM by the number of channels */
    TSR_IO_PAM
} tsr_io_format;

/* Checked on a file's header before anything of the picture's size is allocated. */
typedef struct tsr_io_limits {
    uint64_t max_pixels; /* width * height; 0: no limit */
    uint64_t max_bytes;  /* of the decoded samples; 0: no limit */
} tsr_io_limits;

/* Reads a whole file; path "-" is standard input. out must own nothing; on error it owns nothing.
 * An empty file gives an empty blob. max_bytes 0: no limit. Errors: IO (the system's reason is in
 * the text), LIMIT, MEMORY. */
tsr_status tsr_read_file(const char *path, uint64_t max_bytes, tsr_blob *out,
                         tsr_diag *d) TSR_MUST_CHECK;

/* Decodes a picture from memory. 1-, 2- and 4-bit samples and palettes become 8-bit grey, RGB or
 * RGBA, transparent colours become alpha; ICC profile and EXIF block are carried over. *im must own
 * nothing; on error it owns nothing. Errors: FORMAT (not a picture, or corrupt), TRUNCATED (ends
 * too early, however late that is), UNSUPPORTED (another format, CMYK, ...), LIMIT, MEMORY. */
tsr_status tsr_image_read(const void *data, size_t size, const tsr_io_limits *limits, tsr_image *im,
                          tsr_diag *d) TSR_MUST_CHECK;

/* Encodes a picture; free *out with tsr_blob_free. PNG takes every picture, lossless, with ICC and
 * EXIF. JPEG takes 8-bit grey and RGB (quality 95, no chroma subsampling), with ICC and EXIF. PNM
 * takes grey and RGB, PAM every picture; neither has room for ICC and EXIF: they are left out.
 * Errors: UNSUPPORTED (the format cannot hold this picture; the text says what can), MEMORY. */
tsr_status tsr_image_write(const tsr_image *im, tsr_io_format format, tsr_blob *out,
                           tsr_diag *d) TSR_MUST_CHECK;

/* Writes a file whole or not at all: to a temporary name in the same folder, renamed when complete
 * and removed on any failure and on SIGINT, SIGTERM and SIGHUP. An existing file keeps its mode; a
 * symbolic link is followed. path "-" is standard output; that and other destinations that are no
 * regular file (/dev/null, a FIFO) are written directly. A closed pipe is an error, not a signal.
 * Not for several threads at once. Errors: IO, CANCELLED (a signal came whose handler returned). */
tsr_status tsr_write_file(const char *path, const void *data, size_t size,
                          tsr_diag *d) TSR_MUST_CHECK;

/* The format meant by a path ("a/b.PNG"), an extension (".png") or a bare name ("png"). Returns 1
 * and sets *out, or 0 when it is none of png, jpg, jpeg, jpe, jfif, pnm, pgm, ppm, pam. */
int tsr_io_format_by_name(const char *path_or_extension, tsr_io_format *out);

#endif
