/* lab_text.c - a report as aligned tables for a terminal. */
#include <math.h>
#include <string.h>

#include "lab_report.h"

#define NAME_WIDTH    34 /* longer names of codecs are cut at the end */
#define MATRIX_CODECS 14 /* more make lines that no terminal shows */

static int name_width(const tsr_lab_names *n) {
    size_t w = 5;
    for (size_t i = 0; i < n->n_codecs; i++)
        if (strlen(n->codecs[i]) > w) w = strlen(n->codecs[i]);
    return w > NAME_WIDTH ? NAME_WIDTH : (int)w;
}

static void put_name(FILE *f, const char *name, int width) {
    int cut = (int)strlen(name) > width;
    fprintf(f, "%-*.*s%s", cut ? width - 2 : width, cut ? width - 2 : width, name, cut ? ".." : "");
}

static void put_percent(FILE *f, double v) {
    if (isfinite(v))
        fprintf(f, "  %+8.2f", v);
    else
        fprintf(f, "  %8s", "-");
}

/* ---------------------------------------------------------------- against the anchor */

static void put_range(FILE *f, double lo, double hi, int digits) {
    char text[40] = "-";
    if (isfinite(lo)) snprintf(text, sizeof text, "%+.*f .. %+.*f", digits, lo, digits, hi);
    fprintf(f, "  %-20s", text);
}

static void put_overlap(FILE *f, const tsr_bd *bd) {
    char text[40] = "-", share[16] = "-";
    if (isfinite(bd->lo)) {
        snprintf(text, sizeof text, "%.1f-%.1f", bd->lo, bd->hi);
        snprintf(share, sizeof share, "%.0f %%", bd->share * 100);
    }
    fprintf(f, "  %-10s %6s", text, share);
}

static void put_against(FILE *f, const tsr_report *r, size_t codec, int width) {
    const tsr_bd_pair *p = tsr_bd_pair_of(tsr_report_table(r), codec, r->anchor);
    char flags[8];
    put_name(f, r->names.codecs[codec], width);
    put_percent(f, p->mean);
    put_range(f, p->lo95, p->hi95, 2);
    put_percent(f, p->curve.percent);
    put_overlap(f, &p->curve);
    fprintf(f, "  %7zu  %s\n", p->n_compared, tsr_report_flags(tsr_bd_pair_flags(p), flags));
}

static void put_anchor_table(FILE *f, const tsr_report *r, int width) {
    const tsr_bd_table *t = tsr_report_table(r);
    fprintf(f, "\nBD-rate against %s in percent; negative: fewer bits at equal quality\n\n",
            r->names.codecs[r->anchor]);
    fprintf(f, "%-*s  %8s  %-20s  %8s  %-10s %6s  %7s  %s\n", width, "codec", "mean",
            "95 % interval", "of mean", "overlap", "", "images", "flags");
    fprintf(f, "%-*s  %8s  %-20s  %8s  %-10s %6s\n", width, "", "", "", "curve", "dB", "share");
    for (size_t i = 0; i < r->names.n_codecs; i++) put_against(f, r, t->order[i], width);
    fprintf(f, "\n%s\n", tsr_report_flags_legend);
}

/* ---------------------------------------------------------------- matrix, grid */

static void put_matrix(FILE *f, const tsr_report *r, int width) {
    const tsr_bd_table *t = tsr_report_table(r);
    size_t n = r->names.n_codecs;
    if (n < 3) return;
    if (n > MATRIX_CODECS) {
        fprintf(f, "\nThe matrix of %zu codecs is in the HTML and with --json.\n", n);
        return;
    }
    fprintf(f,
            "\nBD-rate of the codec of a row against that of a column, percent (* of the mean "
            "curves)\n\n%-*s",
            width + 5, "");
    for (size_t i = 0; i < n; i++) fprintf(f, "  %4s[%2zu] ", "", i + 1);
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "\n[%2zu] ", i + 1);
        put_name(f, r->names.codecs[t->order[i]], width);
        for (size_t k = 0; k < n; k++) {
            const tsr_bd_pair *p = tsr_bd_pair_of(t, t->order[i], t->order[k]);
            put_percent(f, i == k ? NAN : tsr_bd_value(p));
            fputc(isnan(p->mean) && isfinite(p->curve.percent) ? '*' : ' ', f);
        }
    }
    fputc('\n', f);
}

static void put_grid(FILE *f, const tsr_report *r) {
    const tsr_lab_grid *g = &r->grid;
    int width = 9;
    if (!g->n_rows) return;
    for (size_t i = 0; i < g->n_rows; i++)
        if ((int)strlen(g->rows[i]) > width) width = (int)strlen(g->rows[i]);
    fprintf(f, "\nTransforms and quantizers: BD-rate against %s, percent\n\n%-*s",
            r->names.codecs[r->anchor], width, "transform");
    for (size_t k = 0; k < g->n_columns; k++) fprintf(f, "  %14.14s", g->columns[k]);
    for (size_t i = 0; i < g->n_rows; i++) {
        fprintf(f, "\n%-*s", width, g->rows[i]);
        for (size_t k = 0; k < g->n_columns; k++) {
            size_t c = g->codec[i * g->n_columns + k];
            fprintf(f, "%6s", "");
            put_percent(f, c == SIZE_MAX
                               ? NAN
                               : tsr_bd_value(tsr_bd_pair_of(tsr_report_table(r), c, r->anchor)));
        }
    }
    fputc('\n', f);
}

/* ---------------------------------------------------------------- pictures, speed, scales */

static void put_extreme(FILE *f, const tsr_report *r, size_t codec, size_t image) {
    if (image == SIZE_MAX) {
        fprintf(f, "  %-24s %8s", "-", "");
        return;
    }
    fprintf(f, "  %-24.24s %+8.2f", r->names.images[image],
            tsr_bd_image(tsr_report_table(r), codec, r->anchor, image));
}

static void put_images(FILE *f, const tsr_report *r, int width) {
    const tsr_bd_table *t = tsr_report_table(r);
    if (r->names.n_images < 2) return;
    fprintf(f, "\nPictures of least and largest BD-rate against %s, percent\n\n%-*s  %-33s  %s\n",
            r->names.codecs[r->anchor], width, "codec", "best", "worst");
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = t->order[i];
        const tsr_bd_pair *p = tsr_bd_pair_of(t, c, r->anchor);
        if (c == r->anchor || p->best == SIZE_MAX) continue;
        put_name(f, r->names.codecs[c], width);
        put_extreme(f, r, c, p->best);
        put_extreme(f, r, c, p->worst);
        fputc('\n', f);
    }
}

static void put_speed_value(FILE *f, double v) {
    if (isfinite(v))
        fprintf(f, "  %10.3g", v);
    else
        fprintf(f, "  %10s", "-");
}

static void put_speed(FILE *f, const tsr_report *r, int width) {
    const tsr_bd_table *t = tsr_report_table(r);
    if (!r->n_timed) return;
    fprintf(f, "\nSpeed over the timed rows, megapixels a second\n\n%-*s  %10s  %10s  %8s  %6s\n",
            width, "codec", "encode", "decode", "BD-rate", "rows");
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = t->order[i];
        const tsr_lab_speed *v = &r->speed[c];
        if (!v->rows) continue;
        put_name(f, r->names.codecs[c], width);
        put_speed_value(f, v->enc);
        put_speed_value(f, v->dec);
        put_percent(f, tsr_bd_value(tsr_bd_pair_of(t, c, r->anchor)));
        fprintf(f, "  %6zu\n", v->rows);
    }
}

static void put_scales(FILE *f, const tsr_report *r, int width) {
    if (r->n_scales < 2) return;
    fprintf(f, "\nBD-rate against %s by resolution of the pictures, percent\n\n%-*s",
            r->names.codecs[r->anchor], width, "codec");
    for (size_t k = 0; k < r->n_scales; k++) {
        char name[16];
        snprintf(name, sizeof name, "1/%.0f", 1 / r->scale[k]);
        fprintf(f, "  %8s", k ? name : "1");
    }
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = tsr_report_table(r)->order[i];
        fputc('\n', f);
        put_name(f, r->names.codecs[c], width);
        for (size_t k = 0; k < r->n_scales; k++)
            put_percent(f, tsr_bd_value(tsr_bd_pair_of(&r->scaled_table[k], c, r->anchor)));
    }
    fputc('\n', f);
}

static void put_gate(FILE *f, const tsr_report *r) {
    const tsr_gate *g = r->gate;
    if (!g) return;
    fprintf(f, "\nAgainst the baseline: %zu codecs, %zu curves compared, %zu beyond the limits\n\n",
            g->n_codecs, g->n_images, g->n_failed);
    for (size_t i = 0; i < g->n; i++) {
        char *text = tsr_gate_text(&r->lab->pool, g, &g->finds[i]);
        fprintf(f, "%s %s\n", g->finds[i].fails ? "FAIL" : "ok  ", text ? text : "");
    }
}

static void put_notes(FILE *f, const tsr_report *r) {
    if (r->lab->n_notes || r->n_failed) fputc('\n', f);
    for (size_t i = 0; i < r->lab->n_notes; i++) fprintf(f, "note: %s\n", r->lab->notes[i]);
    if (r->n_failed) fprintf(f, "note: rows without a result: %zu\n", r->n_failed);
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        const tsr_study *s = tsr_report_study(r);
        if (s->n_left_out[c])
            fprintf(f, "note: %s: %zu settings miss a picture and are not in its mean curve\n",
                    r->names.codecs[c], s->n_left_out[c]);
        if (s->n_pictures[c] && s->n_pictures[c] != r->names.n_images)
            fprintf(f, "note: %s: %zu of %zu pictures\n", r->names.codecs[c], s->n_pictures[c],
                    r->names.n_images);
    }
}

void tsr_report_text(FILE *f, const tsr_report *r) {
    int width = name_width(&r->names);
    fprintf(f, "%zu codecs, %zu pictures, %zu rows; %s\n", r->names.n_codecs, r->names.n_images,
            r->lab->n_rows, tsr_lab_metric_title(r->metric));
    put_anchor_table(f, r, width);
    put_matrix(f, r, width);
    put_grid(f, r);
    put_images(f, r, width);
    put_speed(f, r, width);
    put_scales(f, r, width);
    put_gate(f, r);
    put_notes(f, r);
}
