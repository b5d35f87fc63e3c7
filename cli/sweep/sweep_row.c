/* sweep_row.c - rows of results: from a result, from a line of CSV, to CSV and JSON. */
#include "sweep_row.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sweep_csv.h"

typedef enum column_type { TEXT, WHOLE, REAL } column_type;

static const struct {
    const char *name;
    column_type type;
    int digits; /* after the point */
} columns[TSR_COLUMNS] = {
    [TSR_COL_CODEC] = {"codec", TEXT, 0},
    [TSR_COL_SETTING] = {"setting", TEXT, 0},
    [TSR_COL_IMAGE] = {"image", TEXT, 0},
    [TSR_COL_WIDTH] = {"width", WHOLE, 0},
    [TSR_COL_HEIGHT] = {"height", WHOLE, 0},
    [TSR_COL_BYTES] = {"bytes", WHOLE, 0},
    [TSR_COL_BPP] = {"bpp", REAL, 6},
    [TSR_COL_PSNR_RGB] = {"psnr_rgb", REAL, 4},
    [TSR_COL_PSNR_Y] = {"psnr_y", REAL, 4},
    [TSR_COL_SSIM] = {"ssim", REAL, 6},
    [TSR_COL_MS_SSIM] = {"ms_ssim", REAL, 6},
    [TSR_COL_PSNR_HVS] = {"psnr_hvs", REAL, 4},
    [TSR_COL_MAX_ERROR] = {"max_error", WHOLE, 0},
    [TSR_COL_ENC_S] = {"enc_s", REAL, 6},
    [TSR_COL_DEC_S] = {"dec_s", REAL, 6},
    [TSR_COL_REPEATS] = {"repeats", WHOLE, 0},
    [TSR_COL_STATUS] = {"status", TEXT, 0},
    [TSR_COL_MESSAGE] = {"message", TEXT, 0},
    [TSR_COL_IMAGE_SHA256] = {"image_sha256", TEXT, 0},
    [TSR_COL_KEY] = {"key", TEXT, 0},
};

const char *tsr_column_name(tsr_column c) {
    return columns[c].name;
}

tsr_column tsr_column_find(const char *name, size_t len) {
    unsigned i = 0;
    while (i < TSR_COLUMNS &&
           (strlen(columns[i].name) != len || strncmp(columns[i].name, name, len)))
        i++;
    return (tsr_column)i;
}

/* ---------------------------------------------------------------- statuses */

/* In the order of the values 0, -1, -2, ... */
static const char *const status_words[] = {"ok",     "argument",  "memory",      "limit", "io",
                                           "format", "truncated", "unsupported", "model", "abi",
                                           "target", "cancelled", "internal"};
enum { STATUSES = sizeof status_words / sizeof *status_words };

const char *tsr_status_word(tsr_status s) {
    return s <= 0 && s > -STATUSES ? status_words[-s] : "internal";
}

tsr_status tsr_status_of_word(const char *word) {
    for (int i = 0; i < STATUSES; i++)
        if (!strcmp(word, status_words[i])) return -i;
    return TSR_ERR_INTERNAL;
}

/* ---------------------------------------------------------------- making rows */

/* Joins texts to a row. */
static int join(tsr_row *row, const char *const field[TSR_COLUMNS]) {
    size_t size = 0;
    for (unsigned i = 0; i < TSR_COLUMNS; i++) size += strlen(field[i]) + 1;
    char *at = malloc(size);
    *row = (tsr_row){.text = at};
    if (!at) return 0;
    for (unsigned i = 0; i < TSR_COLUMNS; i++) {
        size_t n = strlen(field[i]) + 1;
        memcpy(at, field[i], n);
        row->field[i] = at;
        /* a line of the file is a row: no text may break it */
        for (; *at; at++)
            if (iscntrl((unsigned char)*at)) *at = ' ';
        at++;
    }
    return 1;
}

/* The numbers of a row; NAN is a missing one. */
static void numbers(const tsr_row_subject *s, const tsr_sweep_result *r, double v[TSR_COLUMNS]) {
    for (unsigned i = 0; i < TSR_COLUMNS; i++) v[i] = NAN;
    if (s->width) {
        v[TSR_COL_WIDTH] = s->width;
        v[TSR_COL_HEIGHT] = s->height;
    }
    if (r->status) return;
    v[TSR_COL_BYTES] = (double)r->bytes;
    v[TSR_COL_BPP] = (double)r->bytes * 8 / ((double)s->width * s->height);
    v[TSR_COL_PSNR_RGB] = r->metrics.psnr_rgb;
    v[TSR_COL_PSNR_Y] = r->metrics.psnr_y;
    v[TSR_COL_SSIM] = r->metrics.ssim;
    v[TSR_COL_MS_SSIM] = r->metrics.ms_ssim;
    v[TSR_COL_PSNR_HVS] = r->metrics.psnr_hvs;
    v[TSR_COL_MAX_ERROR] = r->metrics.max_error;
    v[TSR_COL_ENC_S] = r->enc_s;
    v[TSR_COL_DEC_S] = r->dec_s;
    v[TSR_COL_REPEATS] = r->repeats;
    for (unsigned i = TSR_COL_PSNR_RGB; i <= TSR_COL_MAX_ERROR; i++)
        if (!(s->metrics >> i & 1)) v[i] = NAN;
}

int tsr_row_make(tsr_row *row, const tsr_row_subject *s, const tsr_sweep_result *r) {
    char text[TSR_COLUMNS][40];
    const char *field[TSR_COLUMNS];
    double v[TSR_COLUMNS];
    numbers(s, r, v);
    for (unsigned i = 0; i < TSR_COLUMNS; i++) {
        if (isnan(v[i]))
            text[i][0] = 0;
        else
            snprintf(text[i], sizeof text[i], "%.*f", columns[i].digits, v[i]);
        field[i] = text[i];
    }
    field[TSR_COL_CODEC] = s->codec;
    field[TSR_COL_SETTING] = s->setting;
    field[TSR_COL_IMAGE] = s->image;
    field[TSR_COL_STATUS] = tsr_status_word(r->status);
    field[TSR_COL_MESSAGE] = r->status ? r->message : "";
    field[TSR_COL_IMAGE_SHA256] = s->image_sha256;
    field[TSR_COL_KEY] = s->key;
    return join(row, field);
}

int tsr_row_change(tsr_row *row, const tsr_row *from, const char *const with[TSR_COLUMNS]) {
    const char *field[TSR_COLUMNS];
    for (unsigned i = 0; i < TSR_COLUMNS; i++) field[i] = with[i] ? with[i] : from->field[i];
    return join(row, field);
}

void tsr_row_free(tsr_row *row) {
    free(row->text);
    *row = (tsr_row){0};
}

/* ---------------------------------------------------------------- reading */

int tsr_row_parse(tsr_row *row, const char *line, size_t len) {
    *row = (tsr_row){.text = strndup(line, len)};
    if (!row->text) return -1;
    if (tsr_csv_split(row->text, row->field, TSR_COLUMNS)) return 1;
    tsr_row_free(row);
    return 0;
}

/* ---------------------------------------------------------------- writing */

void tsr_row_print_header(FILE *f) {
    for (unsigned i = 0; i < TSR_COLUMNS; i++) fprintf(f, "%s%s", i ? "," : "", columns[i].name);
    putc('\n', f);
}

void tsr_row_print_csv(FILE *f, const tsr_row *row) {
    for (unsigned i = 0; i < TSR_COLUMNS; i++) {
        if (i) putc(',', f);
        tsr_csv_print(f, row->field[i]);
    }
    putc('\n', f);
}

void tsr_row_print_json(FILE *f, const tsr_row *row) {
    tsr_json j = tsr_json_begin(f);
    j.one_line = 1;
    tsr_json_object(&j, NULL);
    for (unsigned i = 0; i < TSR_COLUMNS; i++) {
        const char *name = columns[i].name, *text = row->field[i];
        if (columns[i].type == TEXT)
            tsr_json_text(&j, name, text);
        else if (columns[i].type == WHOLE && *text)
            tsr_json_int(&j, name, strtoll(text, NULL, 10));
        else
            tsr_json_real(&j, name, *text ? strtod(text, NULL) : NAN, columns[i].digits);
    }
    tsr_json_end(&j);
}
