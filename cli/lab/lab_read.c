/* lab_read.c - reads rows: results.csv of a sweep and CSV files of others with such columns, the
 * JSON of CompressAI, the list of pictures and the description of a run. Nothing in them is
 * trusted.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "io.h"
#include "lab.h"
#include "lab_csv.h"

#define MAX_FILE_BYTES (1u << 30)
#define MAX_REDUCTION  64 /* of a picture's sides, as sweep makes them */

/* ---------------------------------------------------------------- columns */

enum column {
    CODEC,
    SETTING,
    IMAGE,
    SCALE,
    WIDTH,
    HEIGHT,
    BYTES,
    BPP,
    METRIC, /* and the TSR_LAB_METRICS - 1 behind it */
    MAX_ERROR = METRIC + TSR_LAB_METRICS,
    ENC_S,
    DEC_S,
    REPEATS,
    STATUS,
    MESSAGE,
    COLUMNS
};

static const char *column_name(unsigned c) {
    static const char *const names[COLUMNS] = {
        [CODEC] = "codec",         [SETTING] = "setting", [IMAGE] = "image", [SCALE] = "scale",
        [WIDTH] = "width",         [HEIGHT] = "height",   [BYTES] = "bytes", [BPP] = "bpp",
        [MAX_ERROR] = "max_error", [ENC_S] = "enc_s",     [DEC_S] = "dec_s", [REPEATS] = "repeats",
        [STATUS] = "status",       [MESSAGE] = "message"};
    return c >= METRIC && c < MAX_ERROR ? tsr_lab_metric_word((tsr_lab_metric)(c - METRIC))
                                        : names[c];
}

/* Least and largest number a column may hold. */
static void column_range(unsigned c, double *lo, double *hi) {
    *lo = 0;
    *hi = 1e15;
    if (c >= METRIC && c < MAX_ERROR) *lo = -1000, *hi = 1000;
    if (c == METRIC + TSR_LAB_SSIM || c == METRIC + TSR_LAB_MS_SSIM) *lo = -1, *hi = 1;
    if (c == BPP) *hi = 1e6;
    if (c == REPEATS) *hi = 1e6;
}

typedef struct table {
    tsr_lab *lab;
    const char *label;
    tsr_csv csv;
    int at[COLUMNS]; /* the field of each column, or -1 */
    unsigned n_fields;
    tsr_diag *d;
} table;

static tsr_status bad_field(table *t, unsigned c, const char *why) {
    return tsr_diag_set(t->d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "line %u, %s: %s", t->csv.line,
                        column_name(c), why);
}

static const char *field(const table *t, unsigned c) {
    return t->at[c] < 0 ? "" : t->csv.field[t->at[c]];
}

/* NAN for a field that is empty, not there, or says that there is no number. */
static tsr_status take_number(table *t, unsigned c, double *out) {
    char *end;
    double lo, hi;
    const char *text = field(t, c);
    *out = NAN;
    if (!*text) return TSR_OK;
    double v = strtod(text, &end);
    if (*end || strpbrk(text, "xX \t")) return bad_field(t, c, "not a number");
    if (!isfinite(v)) return TSR_OK;
    column_range(c, &lo, &hi);
    if (v < lo || v > hi) return bad_field(t, c, "out of range");
    *out = v;
    return TSR_OK;
}

char *tsr_lab_printable(tsr_lab_pool *pool, const char *text) {
    char *copy = tsr_lab_pool_copy(pool, text, strlen(text));
    for (char *s = copy; s && *s; s++)
        if (iscntrl((unsigned char)*s)) *s = '?';
    return copy;
}

static tsr_status take_text(table *t, unsigned c, const char *none, const char **out) {
    const char *text = field(t, c);
    if (!*text) text = none;
    *out = tsr_lab_printable(&t->lab->pool, text);
    return *out ? TSR_OK : tsr_lab_pool_error(t->d);
}

/* ---------------------------------------------------------------- rows of CSV */

/* N of "@1/N" or "@1-N", up to MAX_REDUCTION, at the end of a name or before its extension: *end. 0
 * when it is something else. */
static unsigned reduction(const char *at, const char **end) {
    unsigned n = 0;
    if (strncmp(at, "@1/", 3) && strncmp(at, "@1-", 3)) return 0;
    for (at += 3; isdigit((unsigned char)*at) && n <= MAX_REDUCTION; at++)
        n = n * 10 + (unsigned)(*at - '0');
    *end = at;
    return n <= MAX_REDUCTION && (!*at || *at == '.') ? n : 0;
}

tsr_status tsr_lab_split_scale(tsr_lab_pool *pool, tsr_lab_row *r, tsr_diag *d) {
    const char *at = strrchr(r->image, '@'), *end;
    unsigned below = at && at > r->image ? reduction(at, &end) : 0;
    if (!below) return TSR_OK;
    r->scale = 1.0 / below;
    r->image = tsr_lab_pool_print(pool, "%.*s%s", (int)(at - r->image), r->image, end);
    return r->image ? TSR_OK : tsr_lab_pool_error(d);
}

static tsr_status take_texts(table *t, tsr_lab_row *r) {
    tsr_status s = take_text(t, CODEC, "", &r->codec);
    if (!s && !*r->codec) s = bad_field(t, CODEC, "empty");
    if (!s) s = take_text(t, SETTING, "", &r->setting);
    if (!s) s = take_text(t, IMAGE, "average", &r->image);
    if (!s) s = take_text(t, STATUS, "ok", &r->status);
    if (!s) s = take_text(t, MESSAGE, "", &r->message);
    if (!s && t->label) {
        r->codec = tsr_lab_pool_print(&t->lab->pool, "%s: %s", t->label, r->codec);
        if (!r->codec) s = tsr_lab_pool_error(t->d);
    }
    return s;
}

static tsr_status take_numbers(table *t, tsr_lab_row *r) {
    double width, height, repeats;
    const struct {
        unsigned column;
        double *to;
    } wanted[] = {{SCALE, &r->scale}, {WIDTH, &width},    {HEIGHT, &height},
                  {BYTES, &r->bytes}, {BPP, &r->bpp},     {MAX_ERROR, &r->max_error},
                  {ENC_S, &r->enc_s}, {DEC_S, &r->dec_s}, {REPEATS, &repeats}};
    tsr_status s = TSR_OK;
    for (size_t i = 0; !s && i < sizeof wanted / sizeof *wanted; i++)
        s = take_number(t, wanted[i].column, wanted[i].to);
    for (unsigned m = 0; !s && m < TSR_LAB_METRICS; m++)
        s = take_number(t, METRIC + m, &r->metric[m]);
    if (s) return s;
    r->pixels = width * height;
    r->repeats = repeats > 0 ? (int)repeats : 0;
    if (isnan(r->scale)) r->scale = 1;
    if (isnan(r->bpp)) r->bpp = r->bytes * 8 / r->pixels;
    if (isnan(r->pixels)) r->pixels = r->bytes * 8 / r->bpp;
    return TSR_OK;
}

/* Also of what was computed: bytes of a picture without pixels. */
static int has_rate(const tsr_lab_row *r) {
    double lo, hi;
    column_range(BPP, &lo, &hi);
    return r->bpp > lo && r->bpp <= hi;
}

static tsr_status take_row(table *t) {
    tsr_lab_row r = {0};
    tsr_status s = take_texts(t, &r);
    if (!s) s = take_numbers(t, &r);
    if (!s) s = tsr_lab_split_scale(&t->lab->pool, &r, t->d);
    if (!s && !(r.scale > 0 && r.scale <= 1)) s = bad_field(t, SCALE, "not within 0..1");
    if (!s && !strcmp(r.status, "ok") && !has_rate(&r)) s = bad_field(t, BPP, "no rate");
    return s ? s : tsr_lab_add(t->lab, &r, t->d);
}

static tsr_status take_header(table *t) {
    int more, has_metric = 0;
    tsr_status s = tsr_csv_next(&t->csv, &more, t->d);
    if (s) return s;
    if (!more) return tsr_diag_set(t->d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "no header line");
    t->n_fields = t->csv.n;
    for (unsigned c = 0; c < COLUMNS; c++) t->at[c] = tsr_csv_find(&t->csv, column_name(c));
    for (unsigned m = 0; m < TSR_LAB_METRICS; m++) has_metric |= t->at[METRIC + m] >= 0;
    if (t->at[CODEC] < 0) return bad_field(t, CODEC, "there is no such column");
    if (t->at[BPP] < 0 && (t->at[BYTES] < 0 || t->at[WIDTH] < 0 || t->at[HEIGHT] < 0))
        return bad_field(t, BPP, "there is no such column");
    if (!has_metric)
        return tsr_diag_set(t->d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "line %u: no column with a quality (psnr_rgb, psnr_y, ssim, ms_ssim, "
                            "psnr_hvs)",
                            t->csv.line);
    return TSR_OK;
}

tsr_status tsr_lab_read_csv(tsr_lab *lab, const char *label, const char *source, char *text,
                            size_t size, tsr_diag *d) {
    int more = 0;
    table *t = tsr_lab_pool_alloc(&lab->pool, 1, sizeof *t);
    if (!t) return tsr_lab_pool_error(d);
    t->lab = lab;
    t->label = label;
    t->d = d;
    t->csv = tsr_csv_begin(text, size);
    tsr_status s = take_header(t);
    if (!s) s = tsr_csv_next(&t->csv, &more, d);
    while (!s && more) {
        if (t->csv.n == t->n_fields)
            s = take_row(t);
        else if (t->csv.cut) /* the last line of a run that was killed */
            s = tsr_lab_note(lab, d, "%s: line %u is cut short and was left out", source,
                             t->csv.line);
        else
            s = tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                             "line %u: %u fields, the header has %u", t->csv.line, t->csv.n,
                             t->n_fields);
        if (!s) s = tsr_csv_next(&t->csv, &more, d);
    }
    return s;
}

/* ---------------------------------------------------------------- files */

/* The text stays in the pool, ended by a zero; size may be NULL. */
static tsr_status read_text(tsr_lab *lab, const char *path, char **text, size_t *size,
                            tsr_diag *d) {
    tsr_blob file;
    lab->reading = path;
    tsr_status s = tsr_read_file(path, MAX_FILE_BYTES, &file, d);
    if (s) return s;
    *text = tsr_lab_pool_copy(&lab->pool, file.data ? (const char *)file.data : "", file.size);
    *size = file.size;
    tsr_blob_free(&file);
    return *text ? TSR_OK : tsr_lab_pool_error(d);
}

/* images.csv: image, path, ... */
static tsr_status read_images(tsr_lab *lab, const char *folder, char *text, size_t size,
                              tsr_diag *d) {
    int more;
    tsr_csv *csv = tsr_lab_pool_alloc(&lab->pool, 1, sizeof *csv);
    if (!csv) return tsr_lab_pool_error(d);
    *csv = tsr_csv_begin(text, size);
    tsr_status s = tsr_csv_next(csv, &more, d);
    int image = s || !more ? -1 : tsr_csv_find(csv, "image"), path = tsr_csv_find(csv, "path");
    unsigned n = csv->n;
    if (image < 0 || path < 0) return s;
    for (s = tsr_csv_next(csv, &more, d); !s && more; s = tsr_csv_next(csv, &more, d)) {
        if (csv->n != n) continue;
        s = tsr_lab_grow(lab, &lab->images, lab->n_images, &lab->cap_images, sizeof *lab->images,
                         d);
        if (s) break;
        lab->images[lab->n_images++] = (tsr_lab_image){csv->field[image], csv->field[path], folder};
    }
    return s;
}

static tsr_status read_folder(tsr_lab *lab, const char *label, const char *folder, tsr_diag *d) {
    char *text;
    size_t size;
    struct stat info;
    const char *results = tsr_lab_pool_print(&lab->pool, "%s/results.csv", folder);
    const char *images = tsr_lab_pool_print(&lab->pool, "%s/images.csv", folder);
    const char *run = tsr_lab_pool_print(&lab->pool, "%s/run.json", folder);
    const char *keep = tsr_lab_pool_copy(&lab->pool, folder, strlen(folder));
    if (!results || !images || !run || !keep) return tsr_lab_pool_error(d);
    tsr_status s = read_text(lab, results, &text, &size, d);
    if (!s) s = tsr_lab_read_csv(lab, label, results, text, size, d);
    if (!s && !stat(images, &info)) {
        s = read_text(lab, images, &text, &size, d);
        if (!s) s = read_images(lab, keep, text, size, d);
    }
    if (!s && !lab->run_json && !stat(run, &info)) {
        s = read_text(lab, run, &text, &size, d);
        if (!s) lab->run_json = text, lab->run_json_size = size;
    }
    return s;
}

const char *tsr_lab_operand_path(const char *operand) {
    struct stat info;
    const char *eq = strchr(operand, '=');
    return eq && stat(operand, &info) ? eq + 1 : operand;
}

static tsr_status read_any(tsr_lab *lab, const char *label, const char *path, tsr_diag *d) {
    struct stat info;
    char *text;
    size_t size, len = strlen(path);
    if (!stat(path, &info) && S_ISDIR(info.st_mode)) return read_folder(lab, label, path, d);
    tsr_status s = read_text(lab, path, &text, &size, d);
    if (s) return s;
    if (len >= 5 && !strcasecmp(path + len - 5, ".json"))
        return tsr_lab_read_json(lab, label, path, text, size, d);
    return tsr_lab_read_csv(lab, label, path, text, size, d);
}

tsr_status tsr_lab_read(tsr_lab *lab, const char *operand, tsr_diag *d) {
    const char *path = tsr_lab_operand_path(operand), *label = NULL;
    tsr_status s = tsr_lab_grow(lab, &lab->sources, lab->n_sources, &lab->cap_sources,
                                sizeof *lab->sources, d);
    if (s) return s;
    lab->sources[lab->n_sources++] = path;
    if (path != operand) {
        label = tsr_lab_pool_copy(&lab->pool, operand, (size_t)(path - operand) - 1);
        if (!label) return tsr_lab_pool_error(d);
    }
    return read_any(lab, label, path, d);
}
