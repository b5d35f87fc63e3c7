/* sweep_row.h - a row of results: one picture coded by one codec at one setting.
 *
 * A row is kept as the texts of its columns, so that reading a file and writing it again changes no
 * byte. The columns and their order are those of results.csv; docs/sweep.md describes them.
 */
#ifndef TSR_SWEEP_ROW_H
#define TSR_SWEEP_ROW_H

#include <stdio.h>

#include <tessera/metrics.h>

typedef enum tsr_column {
    TSR_COL_CODEC,
    TSR_COL_SETTING,
    TSR_COL_IMAGE,
    TSR_COL_WIDTH,
    TSR_COL_HEIGHT,
    TSR_COL_BYTES,
    TSR_COL_BPP,
    TSR_COL_PSNR_RGB,
    TSR_COL_PSNR_Y,
    TSR_COL_SSIM,
    TSR_COL_MS_SSIM,
    TSR_COL_PSNR_HVS,
    TSR_COL_MAX_ERROR,
    TSR_COL_ENC_S,
    TSR_COL_DEC_S,
    TSR_COL_REPEATS,
    TSR_COL_STATUS,
    TSR_COL_MESSAGE,
    TSR_COL_IMAGE_SHA256,
    TSR_COL_KEY,
    TSR_COLUMNS
} tsr_column;

typedef struct tsr_row {
    char *text;                     /* owned: all columns, each NUL-terminated */
    const char *field[TSR_COLUMNS]; /* into text; "" for what is missing */
} tsr_row;

/* What coding a picture gave. Plain data: travels between processes of one program. */
typedef struct tsr_sweep_result {
    tsr_status status;
    char message[240]; /* of a failure */
    uint64_t bytes;
    tsr_metrics metrics;
    double enc_s, dec_s; /* NAN: not measured */
    uint32_t repeats;    /* runs that the times are the median of; 0: of the parallel pass */
} tsr_sweep_result;

/* What a row says besides: whose result it is. Text is the caller's. */
typedef struct tsr_row_subject {
    const char *codec, *setting, *image, *image_sha256, *key;
    uint32_t width, height;
    uint32_t metrics; /* bit i: column i is wanted; others stay empty */
} tsr_row_subject;

/* Makes a row; 0 when there is no memory. Free with tsr_row_free. */
int tsr_row_make(tsr_row *row, const tsr_row_subject *s, const tsr_sweep_result *r) TSR_MUST_CHECK;

/* A copy of a row with some columns replaced: with[i] != NULL. 0 when there is no memory. */
int tsr_row_change(tsr_row *row, const tsr_row *from,
                   const char *const with[TSR_COLUMNS]) TSR_MUST_CHECK;

/* Reads a line of CSV (RFC 4180, without its newline). Returns 1; 0 when it is no row (another
 * number of columns, quotes that do not match); -1 when there is no memory. */
int tsr_row_parse(tsr_row *row, const char *line, size_t len) TSR_MUST_CHECK;
void tsr_row_free(tsr_row *row);

/* The header line and a row of results.csv, a line of results.jsonl. */
void tsr_row_print_header(FILE *f);
void tsr_row_print_csv(FILE *f, const tsr_row *row);
void tsr_row_print_json(FILE *f, const tsr_row *row);

/* The name of a column, and the column of a name (TSR_COLUMNS: none). */
const char *tsr_column_name(tsr_column c);
tsr_column tsr_column_find(const char *name, size_t len);

/* "ok", "argument", "memory", ...: a status as rows name it. */
const char *tsr_status_word(tsr_status s);

/* The status of such a word; TSR_ERR_INTERNAL for an unknown one. */
tsr_status tsr_status_of_word(const char *word);

#endif
