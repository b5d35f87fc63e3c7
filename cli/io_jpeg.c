/* io_jpeg.c - JPEG, read and written with libjpeg-turbo; ICC profile (APP2) and EXIF block (APP1).
 *
 * The library's warnings about damaged data are failures here: a picture that is partly guesswork
 * must not become the reference of a measurement. Metadata: ICC.1:2010 annex B.4 (profile split
 * over APP2 markers), Exif 2.3 section 4.5.5 (APP1).
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "io_formats.h"

#define MAX_SCANS     500 /* of a progressive file; real ones have about ten */
#define EXIF_MARKER   (JPEG_APP0 + 1)
#define ICC_MARKER    (JPEG_APP0 + 2)
#define MAX_EXIF      (65533 - 6)          /* a marker's payload less "Exif\0\0" */
#define MAX_ICC       (255 * (65533 - 14)) /* 255 markers less "ICC_PROFILE\0", index, count */
#define ROWS_PER_CALL 16

static const uint8_t exif_head[6] = "Exif\0"; /* and the second 0 */

/* ---------------------------------------------------------------- errors of libjpeg */

/* One libjpeg call sequence and how it ends when it fails. err is the first member, so that the
 * library's pointer to it is a pointer to the job. */
typedef struct jpeg_job {
    struct jpeg_error_mgr err;
    jmp_buf fail;
    tsr_status status; /* once failed */
    tsr_diag *d;
    struct jpeg_progress_mgr progress;
    struct jpeg_destination_mgr dest;
    tsr_io_sink out; /* writing */
    size_t size;     /* reading: of the file */
    union {
        struct jpeg_decompress_struct in;
        struct jpeg_compress_struct out;
    } j;
} jpeg_job;

static _Noreturn void job_fail(jpeg_job *job, tsr_status status, const char *what) {
    uint64_t offset = TSR_NO_OFFSET;
    if (job->size && job->j.in.src) offset = job->size - job->j.in.src->bytes_in_buffer;
    if (status == TSR_ERR_TRUNCATED) offset = job->size;
    job->status = tsr_diag_set(job->d, status, offset, "JPEG: %s", what);
    longjmp(job->fail, 1);
}

static tsr_status error_class(int code) {
    switch (code) {
    case JERR_OUT_OF_MEMORY:
        return TSR_ERR_MEMORY;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
        return TSR_ERR_TRUNCATED;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE: /* the height is in a DNL marker */
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return TSR_ERR_UNSUPPORTED;
    default:
        return TSR_ERR_FORMAT;
    }
}

static _Noreturn void on_error(j_common_ptr j) {
    char text[JMSG_LENGTH_MAX];
    j->err->format_message(j, text);
    job_fail((jpeg_job *)j->err, error_class(j->err->msg_code), text);
}

/* level -1 is a warning. Two of them are about version numbers and harm nothing. */
static void on_message(j_common_ptr j, int level) {
    int code = j->err->msg_code;
    if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) on_error(j);
}

static void init_errors(jpeg_job *job) {
    jpeg_std_error(&job->err);
    job->err.error_exit = on_error;
    job->err.emit_message = on_message;
}

/* ---------------------------------------------------------------- reading */

/* A progressive file may repeat scans at will, and each costs a pass over the picture. */
static void on_progress(j_common_ptr j) {
    if (j->is_decompressor && ((j_decompress_ptr)j)->input_scan_number > MAX_SCANS)
        job_fail((jpeg_job *)j->err, TSR_ERR_FORMAT, "too many scans");
}

static void read_exif(jpeg_job *job, tsr_image *im) {
    jpeg_saved_marker_ptr m = job->j.in.marker_list;
    for (; m; m = m->next) {
        if (m->marker != EXIF_MARKER || m->data_length <= sizeof exif_head ||
            memcmp(m->data, exif_head, sizeof exif_head))
            continue;
        job->status = tsr_io_metadata_copy(&im->exif, m->data + sizeof exif_head,
                                           m->data_length - sizeof exif_head, job->d);
        if (job->status) longjmp(job->fail, 1);
        return;
    }
}

static void read_icc(jpeg_job *job, tsr_image *im) {
    JOCTET *icc = NULL;
    unsigned size = 0;
    if (jpeg_read_icc_profile(&job->j.in, &icc, &size)) im->icc = (tsr_blob){icc, size};
}

static void allocate(jpeg_job *job, const tsr_io_limits *limits, tsr_image *im) {
    j_decompress_ptr j = &job->j.in;
    int grey = j->jpeg_color_space == JCS_GRAYSCALE;
    if (j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK)
        job_fail(job, TSR_ERR_UNSUPPORTED, "CMYK pictures are not read: convert to RGB first");
    if (!grey && j->jpeg_color_space != JCS_YCbCr && j->jpeg_color_space != JCS_RGB)
        job_fail(job, TSR_ERR_UNSUPPORTED, "only grey and RGB pictures are read");
    job->status =
        tsr_io_image_alloc(im, j->image_width, j->image_height, grey ? 1 : 3, 8, limits, job->d);
    if (job->status) longjmp(job->fail, 1);
    j->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
}

static void read_rows(j_decompress_ptr j, tsr_image *im) {
    size_t stride = tsr_image_row_bytes(im);
    while (j->output_scanline < j->output_height) {
        JSAMPROW rows[ROWS_PER_CALL];
        JDIMENSION n = j->output_height - j->output_scanline;
        if (n > ROWS_PER_CALL) n = ROWS_PER_CALL;
        for (JDIMENSION i = 0; i < n; i++)
            rows[i] = (JSAMPROW)im->pixels + (j->output_scanline + i) * stride;
        jpeg_read_scanlines(j, rows, n);
    }
}

/* All calls of libjpeg that can fail: those end here, with job->status set. */
static void read_picture(jpeg_job *job, const uint8_t *data, const tsr_io_limits *limits,
                         tsr_image *im) {
    if (setjmp(job->fail)) return;
    j_decompress_ptr j = &job->j.in;
    j->err = &job->err;
    jpeg_create_decompress(j);
    job->progress.progress_monitor = on_progress;
    j->progress = &job->progress;
    jpeg_mem_src(j, data, job->size);
    jpeg_save_markers(j, EXIF_MARKER, 0xffff);
    jpeg_save_markers(j, ICC_MARKER, 0xffff);
    jpeg_read_header(j, TRUE);
    allocate(job, limits, im);
    read_exif(job, im);
    read_icc(job, im);
    jpeg_start_decompress(j);
    read_rows(j, im);
    jpeg_finish_decompress(j);
}

tsr_status tsr_jpeg_read(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                         tsr_image *im, tsr_diag *d) {
    jpeg_job job = {.d = d, .size = size};
    init_errors(&job);
    read_picture(&job, data, limits, im);
    jpeg_destroy_decompress(&job.j.in);
    return job.status;
}

/* ---------------------------------------------------------------- writing */

static jpeg_job *job_of(j_compress_ptr j) {
    return (jpeg_job *)j->err;
}

static void on_dest_init(j_compress_ptr j) {
    jpeg_job *job = job_of(j);
    if (!tsr_io_sink_grow(&job->out, 1)) job_fail(job, TSR_ERR_MEMORY, "no memory for the file");
    job->dest.next_output_byte = job->out.data + job->out.size;
    job->dest.free_in_buffer = job->out.cap - job->out.size;
}

static boolean on_dest_full(j_compress_ptr j) {
    job_of(j)->out.size = job_of(j)->out.cap;
    on_dest_init(j);
    return TRUE;
}

static void on_dest_end(j_compress_ptr j) {
    job_of(j)->out.size = job_of(j)->out.cap - job_of(j)->dest.free_in_buffer;
}

static void write_exif(jpeg_job *job, const tsr_blob *exif) {
    jpeg_write_m_header(&job->j.out, EXIF_MARKER, (unsigned)(sizeof exif_head + exif->size));
    for (size_t i = 0; i < sizeof exif_head; i++) jpeg_write_m_byte(&job->j.out, exif_head[i]);
    for (size_t i = 0; i < exif->size; i++) jpeg_write_m_byte(&job->j.out, exif->data[i]);
}

static void configure(j_compress_ptr j, const tsr_image *im, const tsr_jpeg_settings *s) {
    j->image_width = im->width;
    j->image_height = im->height;
    j->input_components = im->channels;
    j->in_color_space = im->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(j);
    jpeg_set_quality(j, s->quality, s->baseline);
    if (im->channels == 3) {
        j->comp_info[0].h_samp_factor = s->across;
        j->comp_info[0].v_samp_factor = s->down;
    }
    j->optimize_coding = s->optimised;
    if (s->progressive) jpeg_simple_progression(j);
}

/* All calls of libjpeg that can fail: those end here, with job->status set. */
static void write_picture(jpeg_job *job, const tsr_image *im, const tsr_jpeg_settings *s) {
    if (setjmp(job->fail)) return;
    j_compress_ptr j = &job->j.out;
    j->err = &job->err;
    jpeg_create_compress(j);
    job->dest.init_destination = on_dest_init;
    job->dest.empty_output_buffer = on_dest_full;
    job->dest.term_destination = on_dest_end;
    j->dest = &job->dest;
    configure(j, im, s);
    jpeg_start_compress(j, TRUE);
    if (im->exif.size) write_exif(job, &im->exif);
    if (im->icc.size) jpeg_write_icc_profile(j, im->icc.data, (unsigned)im->icc.size);
    size_t stride = tsr_image_row_bytes(im);
    while (j->next_scanline < j->image_height) {
        JSAMPROW row = (JSAMPROW)im->pixels + j->next_scanline * stride;
        jpeg_write_scanlines(j, &row, 1);
    }
    jpeg_finish_compress(j);
}

static tsr_status check_picture(const tsr_image *im, tsr_diag *d) {
    const char *why = NULL;
    if (im->depth != 8)
        why = "JPEG holds 8 bits a sample only: write .png, .ppm or .pam";
    else if (im->channels != 1 && im->channels != 3)
        why = "JPEG has no alpha channel: write .png or .pam";
    else if (im->width > JPEG_MAX_DIMENSION || im->height > JPEG_MAX_DIMENSION)
        why = "JPEG holds no side above 65500 pixels: write .png, .ppm or .pam";
    else if (im->icc.size > MAX_ICC || im->exif.size > MAX_EXIF)
        why = "JPEG has no room for this much metadata: write .png, or drop the metadata";
    return why ? tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "%s", why) : TSR_OK;
}

tsr_status tsr_jpeg_write_as(const tsr_image *im, const tsr_jpeg_settings *s, tsr_blob *out,
                             tsr_diag *d) {
    tsr_status st = check_picture(im, d);
    if (st) return st;
    jpeg_job job = {.d = d};
    init_errors(&job);
    write_picture(&job, im, s);
    jpeg_destroy_compress(&job.j.out);
    if (job.status)
        free(job.out.data);
    else
        *out = (tsr_blob){job.out.data, job.out.size};
    return job.status;
}

tsr_status tsr_jpeg_write(const tsr_image *im, tsr_blob *out, tsr_diag *d) {
    static const tsr_jpeg_settings settings = {
        .quality = 95, .across = 1, .down = 1, .baseline = 1};
    return tsr_jpeg_write_as(im, &settings, out, d);
}
