/* lab.h - the measured rows a report is made from, whoever measured them. */
#ifndef TSR_LAB_H
#define TSR_LAB_H

#include "lab_pool.h"

typedef enum tsr_lab_metric {
    TSR_LAB_PSNR_RGB,
    TSR_LAB_PSNR_Y,
    TSR_LAB_SSIM,
    TSR_LAB_MS_SSIM,
    TSR_LAB_PSNR_HVS,
    TSR_LAB_METRICS
} tsr_lab_metric;

/* One picture through one codec at one setting. What is not known is NAN. */
typedef struct tsr_lab_row {
    const char *codec;   /* a spec, a label or a peer */
    const char *setting; /* "q=57", "lossless", ... */
    const char *image;   /* without the end "@1/2" and without ".png" where that is unambiguous;
                            "average": the mean over a corpus, as published */
    const char *status;  /* "ok", or why there is no result */
    const char *message;
    double scale;  /* of the picture's sides: 1, 1/2, 1/4 */
    double pixels; /* of the picture */
    double bytes, bpp;
    double metric[TSR_LAB_METRICS]; /* as measured: dB, or 0..1 for SSIM and MS-SSIM */
    double max_error;
    double enc_s, dec_s; /* seconds */
    int repeats;         /* runs behind the seconds; 0: for orientation only */
} tsr_lab_row;

/* A picture that rows are about, as listed by a sweep. */
typedef struct tsr_lab_image {
    const char *image;  /* as in the rows */
    const char *path;   /* as given to the sweep */
    const char *folder; /* of the results */
} tsr_lab_image;

typedef struct tsr_lab {
    tsr_lab_pool pool;
    tsr_lab_row *rows; /* after tsr_lab_finish: sorted by codec, scale, image, rate; each once */
    size_t n_rows, cap_rows;
    tsr_lab_image *images;
    size_t n_images, cap_images;
    const char **notes; /* one sentence each: what was left out, and why */
    size_t n_notes, cap_notes;
    const char **sources; /* what was read */
    size_t n_sources, cap_sources;
    const char *reading;  /* the file that is or was read last, for messages */
    const char *run_json; /* text of the run.json found first, or NULL */
    size_t run_json_size;
} tsr_lab;

/* The word of a metric in files and options ("ms_ssim"), its name and unit in figures ("MS-SSIM
 * (dB)"). */
const char *tsr_lab_metric_word(tsr_lab_metric m);
const char *tsr_lab_metric_title(tsr_lab_metric m);

/* A value as measured on the axis it is compared on: dB. SSIM and MS-SSIM become -10 log10(1 - x);
 * what has no finite value there (equal pictures) is NAN. */
double tsr_lab_metric_db(tsr_lab_metric m, double value);

/* Whether the row is a result: ok, with a positive rate. */
int tsr_lab_row_ok(const tsr_lab_row *r);

/* ---------------------------------------------------------------- lab_read.c */

/* Reads an operand into *lab: a folder with results.csv, a CSV file with such columns, a JSON file
 * in the form of CompressAI; "LABEL=PATH" puts LABEL before the names of its codecs (JSON: in place
 * of it). Errors: IO, FORMAT with the line, LIMIT, MEMORY. */
tsr_status tsr_lab_read(tsr_lab *lab, const char *operand, tsr_diag *d) TSR_MUST_CHECK;

/* What an operand names: the path behind a label, if it has one. */
const char *tsr_lab_operand_path(const char *operand);

/* The same from memory; text[size] must be a zero, and is writable for CSV. source is for messages.
 */
tsr_status tsr_lab_read_csv(tsr_lab *lab, const char *label, const char *source, char *text,
                            size_t size, tsr_diag *d) TSR_MUST_CHECK;

/* lab_read_json.c */
tsr_status tsr_lab_read_json(tsr_lab *lab, const char *label, const char *source, const char *text,
                             size_t size, tsr_diag *d) TSR_MUST_CHECK;

/* For the readers: a copy in which nothing can reach a terminal as an escape (NULL: no memory). */
char *tsr_lab_printable(tsr_lab_pool *pool, const char *text);

/* Takes "@1/2", or "@1-2" as in a file's name, from the end of the row's picture or from before its
 * extension: the scale of its sides. */
tsr_status tsr_lab_split_scale(tsr_lab_pool *pool, tsr_lab_row *r, tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- lab_rows.c */

/* Appends a copy of a row, of a sentence (printf). */
tsr_status tsr_lab_add(tsr_lab *lab, const tsr_lab_row *r, tsr_diag *d) TSR_MUST_CHECK;
tsr_status tsr_lab_note(tsr_lab *lab, tsr_diag *d, const char *fmt, ...)
    TSR_PRINTF(3, 4) TSR_MUST_CHECK;

/* Grows an array of *cap elements of size bytes so that one more fits; the old ones are kept. */
tsr_status tsr_lab_grow(tsr_lab *lab, void *array, size_t n, size_t *cap, size_t size,
                        tsr_diag *d) TSR_MUST_CHECK;

/* After the last read: matches names of pictures, sorts, and makes one row of those with equal
 * codec, setting and picture: of several results that which was timed more often, then the one with
 * fewer bytes; a difference in bytes is noted. Rows of codecs that match none of the n_only
 * patterns (fnmatch) are removed. The result does not depend on the order of the rows. */
tsr_status tsr_lab_finish(tsr_lab *lab, const char *const *only, size_t n_only,
                          tsr_diag *d) TSR_MUST_CHECK;

void tsr_lab_free(tsr_lab *lab);

#endif
