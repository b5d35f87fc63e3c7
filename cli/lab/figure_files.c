/* figure_files.c - writes the figures beside the report: SVG, data as CSV, PNG and PDF. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "figure.h"
#include "io.h"

/* A figure: its file name, its drawing and its data. */
typedef struct figure {
    const char *name;
    void (*draw)(const tsr_canvas *c, const tsr_report *r);
    void (*data)(FILE *f, const tsr_report *r);
} figure;

static void draw_encode(const tsr_canvas *c, const tsr_report *r) {
    tsr_figure_speed(c, r, 0);
}

static void draw_decode(const tsr_canvas *c, const tsr_report *r) {
    tsr_figure_speed(c, r, 1);
}

enum { BD, SAVING, SPEED_ENCODE, SPEED_DECODE, RESOLUTION, PER_IMAGE, FIGURES };

static const figure figures[FIGURES] = {
    [BD] = {"bd_rate", tsr_figure_bd, tsr_figure_bd_data},
    [SAVING] = {"rate_saving", tsr_figure_saving, tsr_figure_saving_data},
    [SPEED_ENCODE] = {"speed_encode", draw_encode, tsr_figure_speed_data},
    [SPEED_DECODE] = {"speed_decode", draw_decode, tsr_figure_speed_data},
    [RESOLUTION] = {"resolution", tsr_figure_scale, tsr_figure_scale_data},
    [PER_IMAGE] = {"images", NULL, tsr_figure_image_data},
};

static int is_there(const tsr_report *r, unsigned which) {
    switch (which) {
    case SPEED_ENCODE:
    case SPEED_DECODE:
        return tsr_figure_has_speed(r, which == SPEED_DECODE);
    case RESOLUTION:
        return r->n_scales > 1;
    case PER_IMAGE:
        return r->names.n_images > 0;
    default:
        return 1;
    }
}

/* ---------------------------------------------------------------- writing */

typedef struct writer {
    const tsr_report *r;
    const char *folder;
    tsr_diag *d;
} writer;

static tsr_status write_one(writer *w, const char *name, const char *suffix, const void *data,
                            size_t size) {
    char *path = tsr_lab_pool_print(&w->r->lab->pool, "%s/%s.%s", w->folder, name, suffix);
    return path ? tsr_write_file(path, data, size, w->d) : tsr_lab_pool_error(w->d);
}

/* Closes a memory stream; frees what it made when that is not complete. */
static tsr_status close_stream(FILE *f, char **text, tsr_diag *d) {
    int bad = ferror(f);
    if (!fclose(f) && !bad) return TSR_OK;
    free(*text);
    *text = NULL;
    return tsr_lab_pool_error(d);
}

static tsr_status write_rasters(writer *w, const char *name, const char *svg, size_t size) {
    tsr_blob png = {0}, pdf = {0};
    if (!tsr_figure_has_raster()) return TSR_OK;
    tsr_status s = tsr_figure_raster(svg, size, &png, &pdf, w->d);
    if (!s) s = write_one(w, name, "png", png.data, png.size);
    if (!s) s = write_one(w, name, "pdf", pdf.data, pdf.size);
    tsr_blob_free(&png);
    tsr_blob_free(&pdf);
    return s;
}

/* Draws by a callback into memory and writes what comes. m is the metric, for curves. */
static tsr_status write_drawing(writer *w, const char *name, const figure *g, int m) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) return tsr_lab_pool_error(w->d);
    const tsr_canvas c = {.f = f, .standalone = 1};
    if (g)
        g->draw(&c, w->r);
    else
        tsr_figure_rd(&c, w->r, (tsr_lab_metric)m);
    tsr_status s = close_stream(f, &text, w->d);
    if (!s) s = write_one(w, name, "svg", text, size);
    if (!s) s = write_rasters(w, name, text, size);
    free(text);
    return s;
}

static tsr_status write_data(writer *w, const char *name, const figure *g, int m) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) return tsr_lab_pool_error(w->d);
    if (g)
        g->data(f, w->r);
    else
        tsr_figure_rd_data(f, w->r, (tsr_lab_metric)m);
    tsr_status s = close_stream(f, &text, w->d);
    if (!s) s = write_one(w, name, "csv", text, size);
    free(text);
    return s;
}

tsr_status tsr_figure_files(const tsr_report *r, const char *folder, tsr_diag *d) {
    writer w = {r, folder, d};
    tsr_status s = TSR_OK;
    if (mkdir(folder, 0777) && errno != EEXIST)
        return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot make the folder: %s",
                            strerror(errno));
    for (int m = 0; m < TSR_LAB_METRICS && !s; m++) {
        char name[32];
        if (!r->has[m]) continue;
        snprintf(name, sizeof name, "rd_%s", tsr_lab_metric_word((tsr_lab_metric)m));
        s = write_drawing(&w, name, NULL, m);
        if (!s) s = write_data(&w, name, NULL, m);
    }
    for (unsigned i = 0; i < FIGURES && !s; i++) {
        if (!is_there(r, i)) continue;
        if (figures[i].draw) s = write_drawing(&w, figures[i].name, &figures[i], 0);
        if (!s) s = write_data(&w, figures[i].name, &figures[i], 0);
    }
    return s;
}
