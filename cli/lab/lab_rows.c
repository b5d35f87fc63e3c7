/* lab_rows.c - the set of rows: metrics, adding, matching of picture names, one row for each
 * codec, setting and picture. */
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab.h"

/* ---------------------------------------------------------------- metrics */

static const struct {
    const char *word, *title;
} metrics[TSR_LAB_METRICS] = {
    {"psnr_rgb", "PSNR RGB (dB)"}, {"psnr_y", "PSNR Y (dB)"},     {"ssim", "SSIM (dB)"},
    {"ms_ssim", "MS-SSIM (dB)"},   {"psnr_hvs", "PSNR-HVS (dB)"},
};

const char *tsr_lab_metric_word(tsr_lab_metric m) {
    return metrics[m].word;
}

const char *tsr_lab_metric_title(tsr_lab_metric m) {
    return metrics[m].title;
}

double tsr_lab_metric_db(tsr_lab_metric m, double value) {
    double db = m == TSR_LAB_SSIM || m == TSR_LAB_MS_SSIM ? -10 * log10(1 - value) : value;
    return isfinite(db) ? db : NAN;
}

int tsr_lab_row_ok(const tsr_lab_row *r) {
    return !strcmp(r->status, "ok") && r->bpp > 0;
}

/* ---------------------------------------------------------------- adding */

tsr_status tsr_lab_grow(tsr_lab *lab, void *array, size_t n, size_t *cap, size_t size,
                        tsr_diag *d) {
    void **p = array;
    if (n < *cap) return TSR_OK;
    size_t room = *cap ? *cap * 2 : 64;
    void *bigger = tsr_lab_pool_alloc(&lab->pool, room, size);
    if (!bigger) return tsr_lab_pool_error(d);
    if (n) memcpy(bigger, *p, n * size);
    *p = bigger;
    *cap = room;
    return TSR_OK;
}

tsr_status tsr_lab_add(tsr_lab *lab, const tsr_lab_row *r, tsr_diag *d) {
    tsr_status s = tsr_lab_grow(lab, &lab->rows, lab->n_rows, &lab->cap_rows, sizeof *r, d);
    if (!s) lab->rows[lab->n_rows++] = *r;
    return s;
}

tsr_status tsr_lab_note(tsr_lab *lab, tsr_diag *d, const char *fmt, ...) {
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tsr_status s =
        tsr_lab_grow(lab, &lab->notes, lab->n_notes, &lab->cap_notes, sizeof *lab->notes, d);
    if (s) return s;
    lab->notes[lab->n_notes] = tsr_lab_pool_copy(&lab->pool, text, strlen(text));
    return lab->notes[lab->n_notes++] ? TSR_OK : tsr_lab_pool_error(d);
}

void tsr_lab_free(tsr_lab *lab) {
    tsr_lab_pool_free(&lab->pool);
    *lab = (tsr_lab){0};
}

/* ---------------------------------------------------------------- names of pictures */

/* Length of the name without the extension of a picture format. */
static size_t stem_length(const char *name) {
    static const char *const known[] = {".png",  ".ppm", ".pgm",  ".pnm", ".pam", ".jpg",
                                        ".jpeg", ".tif", ".tiff", ".bmp", ".webp"};
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) return strlen(name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcasecmp(dot, known[i])) return (size_t)(dot - name);
    return strlen(name);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts names and removes those that occur twice; returns how many are left. */
static size_t sort_unique(const char **names, size_t n) {
    size_t kept = 0;
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(names[kept - 1], names[i])) names[kept++] = names[i];
    return kept;
}

/* Whether a.png and a.jpg are both there: sorted, names of one stem stand together, but for what
 * sorts between '.' and its end. */
static int is_ambiguous(const char *const *names, size_t n, const char *name) {
    size_t stem = stem_length(name);
    for (size_t i = 0; i < n; i++)
        if (stem_length(names[i]) == stem && names[i][stem] && !strncmp(names[i], name, stem) &&
            strcmp(names[i], name))
            return 1;
    return 0;
}

/* For each of the sorted names the name that rows get. */
static const char **short_names(tsr_lab *lab, const char *const *names, size_t n) {
    const char **out = tsr_lab_pool_alloc(&lab->pool, n, sizeof *out);
    for (size_t i = 0; out && i < n; i++) {
        size_t stem = stem_length(names[i]);
        out[i] = !names[i][stem] || is_ambiguous(names, n, names[i])
                     ? names[i]
                     : tsr_lab_pool_copy(&lab->pool, names[i], stem);
        if (!out[i]) return NULL;
    }
    return out;
}

/* Removes the extension of a picture's name wherever it tells nothing apart, so that rows about
 * kodim01.png and kodim01 are about one picture. */
static tsr_status match_images(tsr_lab *lab, tsr_diag *d) {
    size_t n = 0;
    const char **names = tsr_lab_pool_alloc(&lab->pool, lab->n_rows + lab->n_images, sizeof *names);
    if (!names) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < lab->n_rows; i++) names[n++] = lab->rows[i].image;
    for (size_t i = 0; i < lab->n_images; i++) names[n++] = lab->images[i].image;
    n = sort_unique(names, n);
    const char **shorter = short_names(lab, names, n);
    if (!shorter) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < lab->n_rows + lab->n_images; i++) {
        const char **image =
            i < lab->n_rows ? &lab->rows[i].image : &lab->images[i - lab->n_rows].image;
        const char **at = bsearch(image, names, n, sizeof *names, by_text);
        *image = shorter[at - names];
    }
    return TSR_OK;
}

/* ---------------------------------------------------------------- order, duplicates */

static int by_number(double a, double b) {
    if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* The same codec, setting and picture? Else their order. */
static int by_identity(const tsr_lab_row *x, const tsr_lab_row *y) {
    int c = strcmp(x->codec, y->codec);
    if (!c) c = -by_number(x->scale, y->scale);
    if (!c) c = strcmp(x->image, y->image);
    if (!c) c = strcmp(x->setting, y->setting);
    return c;
}

/* Within one identity the row to keep comes first. */
static int by_preference(const void *a, const void *b) {
    const tsr_lab_row *x = a, *y = b;
    int c = by_identity(x, y);
    if (!c) c = tsr_lab_row_ok(y) - tsr_lab_row_ok(x);
    if (!c) c = (y->repeats > x->repeats) - (y->repeats < x->repeats);
    if (!c) c = by_number(x->bytes, y->bytes);
    if (!c) c = by_number(x->bpp, y->bpp);
    for (int m = 0; !c && m < TSR_LAB_METRICS; m++) c = by_number(x->metric[m], y->metric[m]);
    if (!c) c = by_number(x->enc_s, y->enc_s);
    if (!c) c = by_number(x->dec_s, y->dec_s);
    return c ? c : strcmp(x->message, y->message);
}

/* For figures: by codec, scale, picture, rate. */
static int by_rate(const void *a, const void *b) {
    const tsr_lab_row *x = a, *y = b;
    int c = strcmp(x->codec, y->codec);
    if (!c) c = -by_number(x->scale, y->scale);
    if (!c) c = strcmp(x->image, y->image);
    if (!c) c = by_number(x->bpp, y->bpp);
    return c ? c : strcmp(x->setting, y->setting);
}

static int differs(double a, double b) {
    return isfinite(a) && isfinite(b) && a != b;
}

/* A row that repeats another may know what that one does not: figures of a timing pass. */
static void fill_in(tsr_lab_row *keep, const tsr_lab_row *more) {
    for (int m = 0; m < TSR_LAB_METRICS; m++)
        if (isnan(keep->metric[m])) keep->metric[m] = more->metric[m];
    if (isnan(keep->pixels)) keep->pixels = more->pixels;
    if (isnan(keep->bytes)) keep->bytes = more->bytes;
    if (isnan(keep->max_error)) keep->max_error = more->max_error;
}

static tsr_status remove_duplicates(tsr_lab *lab, tsr_diag *d) {
    size_t kept = 0, conflicts = 0;
    const tsr_lab_row *example = NULL;
    if (lab->n_rows) qsort(lab->rows, lab->n_rows, sizeof *lab->rows, by_preference);
    for (size_t i = 0; i < lab->n_rows; i++) {
        tsr_lab_row *r = &lab->rows[i], *keep = kept ? &lab->rows[kept - 1] : NULL;
        if (!keep || by_identity(keep, r)) {
            lab->rows[kept++] = *r;
        } else if (tsr_lab_row_ok(r)) {
            int conflict = differs(keep->bytes, r->bytes);
            conflicts += conflict;
            if (conflict) example = keep;
            if (!conflict) fill_in(keep, r);
        }
    }
    lab->n_rows = kept;
    if (!conflicts) return TSR_OK;
    return tsr_lab_note(
        lab, d,
        "%zu rows repeat a codec, setting and picture with another size and were left "
        "out (%s, %s, %s): give the sources labels to compare them",
        conflicts, example->codec, example->setting, example->image);
}

static int is_wanted(const char *codec, const char *const *only, size_t n_only) {
    for (size_t i = 0; i < n_only; i++)
        if (!fnmatch(only[i], codec, 0)) return 1;
    return !n_only;
}

tsr_status tsr_lab_finish(tsr_lab *lab, const char *const *only, size_t n_only, tsr_diag *d) {
    size_t kept = 0;
    for (size_t i = 0; i < lab->n_rows; i++)
        if (is_wanted(lab->rows[i].codec, only, n_only)) lab->rows[kept++] = lab->rows[i];
    lab->n_rows = kept;
    tsr_status s = match_images(lab, d);
    if (!s) s = remove_duplicates(lab, d);
    if (!s && lab->n_rows) qsort(lab->rows, lab->n_rows, sizeof *lab->rows, by_rate);
    return s;
}
