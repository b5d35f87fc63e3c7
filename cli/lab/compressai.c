/* compressai.c - the JSON form that CompressAI's plot and comparison tools read. */
#include "compressai.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io.h"
#include "json.h"

/* A list of the form: its name, and how a row holds it. */
typedef struct list {
    const char *name;
    size_t offset; /* of a double in tsr_lab_row */
    int timed;     /* only of rows with repeats */
} list;

static const list lists[] = {
    {"bpp", offsetof(tsr_lab_row, bpp), 0},
    {"psnr-rgb", offsetof(tsr_lab_row, metric[TSR_LAB_PSNR_RGB]), 0},
    {"psnr-y", offsetof(tsr_lab_row, metric[TSR_LAB_PSNR_Y]), 0},
    {"ssim-rgb", offsetof(tsr_lab_row, metric[TSR_LAB_SSIM]), 0},
    {"ms-ssim-rgb", offsetof(tsr_lab_row, metric[TSR_LAB_MS_SSIM]), 0},
    {"psnr-hvs", offsetof(tsr_lab_row, metric[TSR_LAB_PSNR_HVS]), 0},
    {"encoding_time", offsetof(tsr_lab_row, enc_s), 1},
    {"decoding_time", offsetof(tsr_lab_row, dec_s), 1},
};
enum { LISTS = sizeof lists / sizeof *lists };

/* A point: a row, or the mean of the rows of one setting. */
typedef struct point {
    const char *setting;
    double v[LISTS];
    size_t n;
} point;

static point point_of(const tsr_lab_row *r) {
    point p = {.setting = r->setting, .n = 1};
    for (int k = 0; k < LISTS; k++) {
        memcpy(&p.v[k], (const char *)r + lists[k].offset, sizeof(double));
        if (lists[k].timed && !r->repeats) p.v[k] = NAN;
    }
    return p;
}

static int by_setting(const void *a, const void *b) {
    const point *p = a, *q = b;
    return strcmp(p->setting, q->setting);
}

static int by_rate(const void *a, const void *b) {
    const point *p = a, *q = b;
    return (p->v[0] > q->v[0]) - (p->v[0] < q->v[0]);
}

/* Means of the points of equal setting; those of fewer than n_images pictures are left out. */
static size_t merge(point *p, size_t n, size_t n_images) {
    size_t kept = 0, out = 0;
    if (n) qsort(p, n, sizeof *p, by_setting);
    for (size_t i = 0; i < n; i++) {
        point *last = kept ? &p[kept - 1] : NULL;
        if (!last || strcmp(last->setting, p[i].setting)) {
            p[kept++] = p[i];
            continue;
        }
        for (int k = 0; k < LISTS; k++) last->v[k] += p[i].v[k];
        last->n++;
    }
    for (size_t i = 0; i < kept; i++) {
        if (p[i].n != n_images) continue;
        for (int k = 0; k < LISTS; k++) p[i].v[k] /= (double)p[i].n;
        p[out++] = p[i];
    }
    if (out) qsort(p, out, sizeof *p, by_rate);
    return out;
}

/* Lists with a number at every point; those that lack one are left out. */
static void put_lists(tsr_json *j, const point *p, size_t n) {
    for (int k = 0; k < LISTS; k++) {
        size_t known = 0;
        for (size_t i = 0; i < n; i++) known += isfinite(p[i].v[k]) != 0;
        if (!n || known != n) continue;
        tsr_json_array(j, lists[k].name);
        for (size_t i = 0; i < n; i++) tsr_json_number(j, NULL, p[i].v[k]);
        tsr_json_end(j);
    }
    tsr_json_array(j, "setting");
    for (size_t i = 0; i < n; i++) tsr_json_text(j, NULL, p[i].setting);
    tsr_json_end(j);
}

/* Points of the curve of one picture. */
static size_t points_of(const tsr_lab_curve *c, point *out) {
    for (size_t i = 0; i < c->n; i++) out[i] = point_of(c->points[i].row);
    return c->n;
}

static void put_images(tsr_json *j, const tsr_report *r, size_t codec, point *room) {
    tsr_json_object(j, "images");
    for (size_t i = 0; i < r->names.n_images; i++) {
        size_t n = points_of(tsr_study_curve(tsr_report_study(r), codec, i), room);
        if (!n) continue;
        tsr_json_object(j, r->names.images[i]);
        put_lists(j, room, n);
        tsr_json_end(j);
    }
    tsr_json_end(j);
}

static void put_codec(FILE *f, const tsr_report *r, size_t codec, point *room) {
    const tsr_study *s = tsr_report_study(r);
    size_t n = 0, pictures = s->n_pictures[codec];
    for (size_t i = 0; i < r->names.n_images; i++)
        n += points_of(tsr_study_curve(s, codec, i), room + n);
    if (!pictures)
        for (size_t i = 0; i < s->means[codec].n; i++)
            room[n++] = point_of(s->means[codec].points[i].row);
    n = merge(room, n, pictures ? pictures : 1);
    tsr_json j = tsr_json_begin(f);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "name", r->names.codecs[codec]);
    tsr_json_text(&j, "description", "written by tessera report");
    tsr_json_object(&j, "results");
    put_lists(&j, room, n);
    tsr_json_end(&j);
    if (pictures) put_images(&j, r, codec, room);
    tsr_json_end(&j);
}

/* Letters, digits and ._+- of a codec's name stay, everything else becomes '_'. */
static char file_character(char c) {
    return isalnum((unsigned char)c) || strchr("._+-", c) ? c : '_';
}

static int is_same_file(const char *a, const char *b) {
    while (*a && *b && file_character(*a) == file_character(*b)) a++, b++;
    return !*a && !*b;
}

/* Where several names become one, the later ones get a number. */
static const char *file_name(const tsr_report *r, const char *folder, size_t codec) {
    const char *name = r->names.codecs[codec];
    size_t before = 0;
    for (size_t i = 0; i < codec; i++) before += is_same_file(r->names.codecs[i], name) != 0;
    char *path = before
                     ? tsr_lab_pool_print(&r->lab->pool, "%s/%s.%zu.json", folder, name, before + 1)
                     : tsr_lab_pool_print(&r->lab->pool, "%s/%s.json", folder, name);
    char *s = path ? path + strlen(folder) + 1 : NULL;
    if (s && *s == '.') *s = '_';
    for (; s && *s; s++) *s = file_character(*s);
    return path;
}

static tsr_status write_codec(const tsr_report *r, const char *folder, size_t codec, point *room,
                              tsr_diag *d) {
    char *text = NULL;
    size_t size = 0;
    const char *path = file_name(r, folder, codec);
    FILE *f = path ? open_memstream(&text, &size) : NULL;
    if (!f) return tsr_lab_pool_error(d);
    put_codec(f, r, codec, room);
    int bad = ferror(f);
    bad = fclose(f) || bad;
    tsr_status s = bad ? tsr_lab_pool_error(d) : tsr_write_file(path, text, size, d);
    free(text);
    return s;
}

tsr_status tsr_compressai_write(const tsr_report *r, const char *folder, tsr_diag *d) {
    point *room = tsr_lab_pool_alloc(&r->lab->pool, r->lab->n_rows, sizeof *room);
    if (!room) return tsr_lab_pool_error(d);
    if (mkdir(folder, 0777) && errno != EEXIST)
        return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot make the folder: %s",
                            strerror(errno));
    tsr_status s = TSR_OK;
    for (size_t c = 0; c < r->names.n_codecs && !s; c++) s = write_codec(r, folder, c, room, d);
    return s;
}
