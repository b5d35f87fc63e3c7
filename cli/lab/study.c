/* study.c - from rows to curves. */
#include "study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- names */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t sort_unique(const char **names, size_t n) {
    size_t kept = 0;
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(names[kept - 1], names[i])) names[kept++] = names[i];
    return kept;
}

static int is_average(const tsr_lab_row *r) {
    return !strcmp(r->image, "average");
}

tsr_status tsr_lab_names_make(tsr_lab *lab, tsr_lab_names *names, tsr_diag *d) {
    *names = (tsr_lab_names){
        .codecs = tsr_lab_pool_alloc(&lab->pool, lab->n_rows, sizeof *names->codecs),
        .images = tsr_lab_pool_alloc(&lab->pool, lab->n_rows, sizeof *names->images)};
    if (!names->codecs || !names->images) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < lab->n_rows; i++) {
        names->codecs[names->n_codecs++] = lab->rows[i].codec;
        if (!is_average(&lab->rows[i])) names->images[names->n_images++] = lab->rows[i].image;
    }
    names->n_codecs = sort_unique(names->codecs, names->n_codecs);
    names->n_images = sort_unique(names->images, names->n_images);
    return TSR_OK;
}

static size_t find(const char *const *names, size_t n, const char *name) {
    const char *const *at = n ? bsearch(&name, names, n, sizeof *names, by_text) : NULL;
    return at ? (size_t)(at - names) : SIZE_MAX;
}

size_t tsr_lab_codec_index(const tsr_lab_names *names, const char *codec) {
    return find(names->codecs, names->n_codecs, codec);
}

size_t tsr_lab_image_index(const tsr_lab_names *names, const char *image) {
    return find(names->images, names->n_images, image);
}

/* ---------------------------------------------------------------- curves */

static int has_point(const tsr_lab_row *r, tsr_lab_metric m, double scale) {
    return r->scale == scale && tsr_lab_row_ok(r) && !isnan(tsr_lab_metric_db(m, r->metric[m]));
}

int tsr_lab_has(const tsr_lab *lab, tsr_lab_metric metric, double scale) {
    for (size_t i = 0; i < lab->n_rows; i++)
        if (has_point(&lab->rows[i], metric, scale)) return 1;
    return 0;
}

static int by_rate(const void *a, const void *b) {
    const tsr_lab_point *p = a, *q = b;
    if (p->bpp != q->bpp) return p->bpp < q->bpp ? -1 : 1;
    return (p->db > q->db) - (p->db < q->db);
}

/* Sorts the points and fits them. */
static tsr_status finish_curve(tsr_lab_pool *pool, tsr_lab_curve *c, tsr_diag *d) {
    double *bpp = tsr_lab_pool_alloc(pool, c->n, sizeof *bpp),
           *db = tsr_lab_pool_alloc(pool, c->n, sizeof *db);
    if (!bpp || !db) return tsr_lab_pool_error(d);
    if (c->n) qsort(c->points, c->n, sizeof *c->points, by_rate);
    for (size_t i = 0; i < c->n; i++) {
        bpp[i] = c->points[i].bpp;
        db[i] = c->points[i].db;
    }
    return tsr_rd_fit_make(pool, bpp, db, c->n, &c->fit, d);
}

/* The curve of rows[0..n-1], which are of one codec, picture and scale. */
static tsr_status curve_of_rows(tsr_study *s, const tsr_lab_row *rows, size_t n, tsr_lab_curve *c,
                                tsr_diag *d) {
    c->points = tsr_lab_pool_alloc(&s->lab->pool, n, sizeof *c->points);
    if (!c->points) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < n; i++)
        if (has_point(&rows[i], s->metric, s->scale))
            c->points[c->n++] = (tsr_lab_point){
                rows[i].bpp, tsr_lab_metric_db(s->metric, rows[i].metric[s->metric]),
                rows[i].setting, &rows[i]};
    return finish_curve(&s->lab->pool, c, d);
}

/* How many rows from rows[0] on are of one codec, picture and scale. */
static size_t run_length(const tsr_lab_row *rows, size_t n) {
    size_t i = 1;
    while (i < n && rows[i].scale == rows->scale && !strcmp(rows[i].codec, rows->codec) &&
           !strcmp(rows[i].image, rows->image))
        i++;
    return i;
}

static tsr_status make_curves(tsr_study *s, tsr_diag *d) {
    const tsr_lab *lab = s->lab;
    tsr_status st = TSR_OK;
    for (size_t i = 0, n; i < lab->n_rows && !st; i += n) {
        const tsr_lab_row *r = &lab->rows[i];
        n = run_length(r, lab->n_rows - i);
        if (r->scale != s->scale) continue;
        size_t codec = tsr_lab_codec_index(s->names, r->codec);
        tsr_lab_curve *c =
            is_average(r)
                ? &s->means[codec]
                : &s->curves[codec * s->names->n_images + tsr_lab_image_index(s->names, r->image)];
        st = curve_of_rows(s, r, n, c, d);
    }
    return st;
}

/* ---------------------------------------------------------------- means */

typedef struct sum {
    const char *setting;
    double bpp, db;
    size_t n;
} sum;

static int by_setting(const void *a, const void *b) {
    const sum *p = a, *q = b;
    return strcmp(p->setting, q->setting);
}

/* Adds up neighbours of equal setting; returns how many settings there are. */
static size_t merge_sums(sum *s, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept && !strcmp(s[kept - 1].setting, s[i].setting)) {
            s[kept - 1].bpp += s[i].bpp;
            s[kept - 1].db += s[i].db;
            s[kept - 1].n++;
        } else {
            s[kept++] = s[i];
        }
    }
    return kept;
}

/* The points of the curves in use, picture by picture. */
static sum *collect(const tsr_study *s, size_t codec, const char *use, size_t *n,
                    size_t *pictures) {
    size_t n_images = s->names->n_images, total = 0;
    for (size_t i = 0; i < n_images; i++) total += use[i] ? tsr_study_curve(s, codec, i)->n : 0;
    sum *out = tsr_lab_pool_alloc(&s->lab->pool, total, sizeof *out);
    *n = *pictures = 0;
    for (size_t i = 0; out && i < n_images; i++) {
        const tsr_lab_curve *c = tsr_study_curve(s, codec, i);
        *pictures += use[i] != 0;
        for (size_t k = 0; use[i] && k < c->n; k++)
            out[(*n)++] = (sum){c->points[k].setting, c->points[k].bpp, c->points[k].db, 1};
    }
    return out;
}

tsr_status tsr_study_mean(const tsr_study *s, size_t codec, const char *use, tsr_lab_curve *out,
                          size_t *left_out, tsr_diag *d) {
    size_t n, pictures, missing = 0;
    sum *sums = collect(s, codec, use, &n, &pictures);
    if (!sums) return tsr_lab_pool_error(d);
    if (n) qsort(sums, n, sizeof *sums, by_setting);
    n = merge_sums(sums, n);
    *out = (tsr_lab_curve){.points = tsr_lab_pool_alloc(&s->lab->pool, n, sizeof *out->points)};
    if (!out->points) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < n; i++) {
        double count = (double)sums[i].n;
        missing += sums[i].n != pictures;
        if (sums[i].n == pictures)
            out->points[out->n++] =
                (tsr_lab_point){sums[i].bpp / count, sums[i].db / count, sums[i].setting, NULL};
    }
    if (left_out) *left_out = missing;
    return finish_curve(&s->lab->pool, out, d);
}

static tsr_status make_means(tsr_study *s, tsr_diag *d) {
    size_t n = s->names->n_images;
    char *use = tsr_lab_pool_alloc(&s->lab->pool, n, 1);
    if (!use) return tsr_lab_pool_error(d);
    tsr_status st = TSR_OK;
    for (size_t c = 0; c < s->names->n_codecs && !st; c++) {
        for (size_t i = 0; i < n; i++) {
            use[i] = tsr_study_curve(s, c, i)->n != 0;
            s->n_pictures[c] += use[i] != 0;
        }
        if (s->n_pictures[c]) st = tsr_study_mean(s, c, use, &s->means[c], &s->n_left_out[c], d);
    }
    return st;
}

tsr_status tsr_study_make(tsr_lab *lab, const tsr_lab_names *names, tsr_lab_metric metric,
                          double scale, tsr_study *out, tsr_diag *d) {
    size_t n = names->n_codecs;
    *out = (tsr_study){
        .lab = lab,
        .names = names,
        .metric = metric,
        .scale = scale,
        .curves = tsr_lab_pool_alloc(&lab->pool, n * (names->n_images + 1), sizeof *out->curves),
        .means = tsr_lab_pool_alloc(&lab->pool, n, sizeof *out->means),
        .n_pictures = tsr_lab_pool_alloc(&lab->pool, n, sizeof *out->n_pictures),
        .n_left_out = tsr_lab_pool_alloc(&lab->pool, n, sizeof *out->n_left_out)};
    if (!out->curves || !out->means || !out->n_pictures || !out->n_left_out)
        return tsr_lab_pool_error(d);
    tsr_status s = make_curves(out, d);
    return s ? s : make_means(out, d);
}
