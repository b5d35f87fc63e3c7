/* lab_crop.c - chooses pictures and codecs, codes them again and cuts out the detail. */
#include "lab_crop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab_recode.h"
#include "picture.h"

typedef struct cropper {
    tsr_cli *cli;
    const tsr_report *r;
    tsr_lab_pool *pool;
    double bpp;
    size_t codecs[TSR_CROP_CODECS]; /* to be shown, the compared one and the anchor among them */
    size_t n_codecs;
    tsr_crops *out;
} cropper;

/* ---------------------------------------------------------------- choice */

/* The best codecs that can be run here, and the anchor. */
static void choose_codecs(cropper *c) {
    const tsr_bd_table *t = tsr_report_table(c->r);
    int anchor_runs = tsr_lab_can_recode(c->cli->ctx, c->r->names.codecs[c->r->anchor]);
    size_t room = TSR_CROP_CODECS - (anchor_runs != 0);
    c->out->compared = SIZE_MAX;
    for (size_t k = 0; k < c->r->names.n_codecs && c->n_codecs < room; k++) {
        size_t codec = t->order[k];
        if (codec == c->r->anchor || !tsr_lab_can_recode(c->cli->ctx, c->r->names.codecs[codec]))
            continue;
        if (c->out->compared == SIZE_MAX) c->out->compared = codec;
        c->codecs[c->n_codecs++] = codec;
    }
    if (anchor_runs) c->codecs[c->n_codecs++] = c->r->anchor;
}

static const tsr_lab_image *source_of(const cropper *c, size_t image) {
    const tsr_lab *lab = c->r->lab;
    for (size_t i = 0; i < lab->n_images; i++)
        if (!strcmp(lab->images[i].image, c->r->names.images[image])) return &lab->images[i];
    return NULL;
}

/* The original's file: as the sweep was told, from here or from its own folder; NULL: not there. */
static const char *path_of(const cropper *c, size_t image) {
    const tsr_lab_image *source = source_of(c, image);
    if (!source) return NULL;
    if (!access(source->path, R_OK)) return source->path;
    const char *beside = tsr_lab_pool_print(c->pool, "%s/%s", source->folder, source->path);
    return beside && !access(beside, R_OK) ? beside : NULL;
}

static double bd_at(const cropper *c, size_t image) {
    return c->out->compared == SIZE_MAX
               ? NAN
               : tsr_bd_image(tsr_report_table(c->r), c->out->compared, c->r->anchor, image);
}

/* Pictures whose originals are there, by falling BD-rate; those without one last, by name. */
static size_t order_images(const cropper *c, size_t *order) {
    size_t n = 0;
    for (size_t i = 0; i < c->r->names.n_images; i++) {
        double v = bd_at(c, i);
        if (!path_of(c, i)) continue;
        size_t k = n++;
        for (; k > 0; k--) {
            double before = bd_at(c, order[k - 1]);
            if (!(v > before || (isnan(before) && !isnan(v)))) break;
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    return n;
}

static const tsr_lab_row *nearest_row(const cropper *c, size_t codec, size_t image) {
    const tsr_lab_curve *curve = tsr_study_curve(tsr_report_study(c->r), codec, image);
    const tsr_lab_row *best = NULL;
    for (size_t i = 0; i < curve->n; i++) {
        const tsr_lab_row *row = curve->points[i].row;
        if (!best || fabs(log(row->bpp / c->bpp)) < fabs(log(best->bpp / c->bpp))) best = row;
    }
    return best;
}

/* ---------------------------------------------------------------- making */

static const char *as_base64(tsr_lab_pool *pool, const tsr_blob *b) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = tsr_lab_pool_alloc(pool, b->size / 3 + 2, 4), *to = text; /* room for the zero */
    for (size_t i = 0; text && i < b->size; i += 3) {
        size_t left = b->size - i;
        uint32_t v = (uint32_t)b->data[i] << 16 | (left > 1 ? (uint32_t)b->data[i + 1] << 8 : 0) |
                     (left > 2 ? b->data[i + 2] : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = left > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[v & 63] : '=';
    }
    return text;
}

/* The detail as a PNG; metadata is left out. */
static tsr_status cut(cropper *c, const tsr_image *im, const tsr_crop_image *at, const char **out,
                      tsr_diag *d) {
    tsr_image part;
    tsr_blob png = {0};
    tsr_status s = tsr_image_alloc(&part, at->w, at->h, im->channels, im->depth, 0, d);
    if (s) return s;
    size_t pixel = tsr_image_row_bytes(im) / im->width;
    for (uint32_t y = 0; y < at->h; y++)
        memcpy((char *)part.pixels + y * tsr_image_row_bytes(&part),
               (const char *)im->pixels + (at->y + y) * tsr_image_row_bytes(im) + at->x * pixel,
               tsr_image_row_bytes(&part));
    s = tsr_image_write(&part, TSR_IO_PNG, &png, d);
    if (!s) *out = as_base64(c->pool, &png);
    if (!s && !*out) s = tsr_lab_pool_error(d);
    tsr_blob_free(&png);
    tsr_image_free(&part);
    return s;
}

static tsr_status add_codec(cropper *c, tsr_crop_image *to, const tsr_image *im, size_t codec,
                            const tsr_lab_row *row) {
    tsr_diag *d = &c->cli->diag;
    tsr_blob stream;
    tsr_image decoded;
    tsr_crop *crop = &to->crops[to->n];
    tsr_status s = tsr_lab_recode(c->cli->ctx, im, row, &stream, &decoded, d);
    if (s) return s;
    *crop = (tsr_crop){.codec = row->codec, .index = codec, .row = row, .bytes = stream.size};
    crop->differs = isfinite(row->bytes) && (double)stream.size != row->bytes;
    crop->anatomy = tsr_lab_anatomy_read(c->cli->ctx, c->pool, &stream);
    s = cut(c, &decoded, to, &crop->base64, d);
    if (!s) to->n++;
    tsr_blob_free(&stream);
    tsr_image_free(&decoded);
    return s;
}

/* A failure of one codec is a note; only what would hit every one ends it. */
static tsr_status add_codecs(cropper *c, tsr_crop_image *to, const tsr_image *im, size_t image) {
    tsr_status s = TSR_OK;
    for (size_t k = 0; k < c->n_codecs && !s; k++) {
        const tsr_lab_row *row = nearest_row(c, c->codecs[k], image);
        if (!row) continue;
        s = add_codec(c, to, im, c->codecs[k], row);
        if (s && s != TSR_ERR_MEMORY && s != TSR_ERR_CANCELLED)
            s = tsr_lab_note(c->r->lab, &c->cli->diag, "no detail of %s by %s: %.300s", to->image,
                             row->codec, c->cli->diag.text);
    }
    return s;
}

static tsr_status add_image(cropper *c, size_t image, const char *why) {
    tsr_crop_image *to = &c->out->images[c->out->n];
    tsr_image im = {0};
    *to = (tsr_crop_image){.image = c->r->names.images[image], .why = why, .bd = bd_at(c, image)};
    tsr_status s = tsr_picture_read(c->cli, path_of(c, image), &im, NULL);
    if (s)
        return s == TSR_ERR_MEMORY || s == TSR_ERR_CANCELLED
                   ? s
                   : tsr_lab_note(c->r->lab, &c->cli->diag, "no details of %s: %.300s", to->image,
                                  c->cli->diag.text);
    tsr_crop_busiest(&im, TSR_CROP_SIDE, &to->x, &to->y, &to->w, &to->h);
    to->crops[0] = (tsr_crop){.index = SIZE_MAX};
    s = cut(c, &im, to, &to->crops[0].base64, &c->cli->diag);
    to->n = 1;
    if (!s) s = add_codecs(c, to, &im, image);
    c->out->n += !s && to->n > 1;
    tsr_image_free(&im);
    return s;
}

static const char *place_text(size_t k, size_t n) {
    if (k == 0) return "Largest BD-rate";
    if (k + 1 == n) return "Least BD-rate";
    return n == 3 ? "Median BD-rate" : "BD-rate between them";
}

tsr_status tsr_crops_make(tsr_cli *cli, const tsr_report *r, unsigned wanted, double bpp,
                          tsr_crops *out) {
    cropper c = {.cli = cli, .r = r, .pool = &r->lab->pool, .bpp = bpp, .out = out};
    *out = (tsr_crops){.compared = SIZE_MAX};
    size_t *order = tsr_lab_pool_alloc(c.pool, r->names.n_images, sizeof *order);
    if (!order) return tsr_lab_pool_error(&cli->diag);
    choose_codecs(&c);
    size_t n = order_images(&c, order);
    if (wanted > n) wanted = (unsigned)n;
    if (!n)
        out->why_none =
            "The originals are not at hand: images.csv of the sweep names none that can "
            "be read from here.";
    else if (!c.n_codecs)
        out->why_none = "No codec of these rows can be run by this build.";
    tsr_status s = TSR_OK;
    tsr_progress_begin(&cli->progress, "details");
    for (size_t k = 0; k < wanted && c.n_codecs && !s; k++) {
        size_t at = wanted > 1 ? k * (n - 1) / (wanted - 1) : 0;
        tsr_progress_update(&cli->progress, NULL, (double)k / wanted);
        s = add_image(&c, order[at], place_text(k, wanted));
    }
    tsr_progress_end(&cli->progress);
    return s;
}
