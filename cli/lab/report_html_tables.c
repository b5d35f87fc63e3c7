/* report_html_tables.c - the tables of the page. */
#include <math.h>
#include <string.h>

#include "html_text.h"
#include "report_html.h"
#include "svg_plot.h"

/* ---------------------------------------------------------------- cells */

static void put_codec(FILE *f, const tsr_report *r, size_t c) {
    fputs("<th scope=\"row\" title=\"", f);
    tsr_html_put(f, r->names.codecs[c]);
    fprintf(f, "\"><span class=\"key c%zu\"></span>", c % TSR_PLOT_COLOURS);
    tsr_html_put(f, r->names.codecs[c]);
    fputs("</th>", f);
}

static void open_row(FILE *f, const tsr_report *r, size_t c) {
    fprintf(f, "<tr class=\"k%zu%s\">", c, c == r->anchor ? " anchor" : "");
    put_codec(f, r, c);
}

static void put_percent(FILE *f, double v) {
    if (isfinite(v))
        fprintf(f, "<td>%+.2f</td>", v);
    else
        fputs("<td>&ndash;</td>", f);
}

/* The colour of a percentage: full at a factor of two in rate either way. */
static void put_heat(FILE *f, double v, const char *classes) {
    if (!isfinite(v)) {
        fprintf(f, "<td class=\"heat %s\">&ndash;</td>", classes);
        return;
    }
    double strength = fmin(fabs(log1p(v / 100)) / log(2), 1) * 0.55;
    fprintf(f, "<td class=\"heat %s %s\" style=\"--h:%.2f\">%+.1f</td>", v < 0 ? "save" : "cost",
            classes, strength, fabs(v) < 0.05 ? 0.0 : v);
}

/* Names too long to stand side by side are turned. */
static const char *heatmap_class(const tsr_report *r) {
    for (size_t i = 0; i < r->names.n_codecs; i++)
        if (strlen(r->names.codecs[i]) > 12) return "heatmap tall";
    return "heatmap";
}

static void put_title(FILE *f, const char *title, const char *text) {
    fprintf(f, "<section><h2>%s</h2>\n<p class=\"dim small\">%s</p>\n", title, text);
}

/* ---------------------------------------------------------------- against the anchor */

static void put_interval(FILE *f, double lo, double hi) {
    if (isfinite(lo))
        fprintf(f, "<td>%+.2f to %+.2f</td>", lo, hi);
    else
        fputs("<td>&ndash;</td>", f);
}

static void put_overlap(FILE *f, const tsr_bd *bd) {
    if (isfinite(bd->lo))
        fprintf(f, "<td>%.1f&ndash;%.1f</td><td>%.0f %%</td>", bd->lo, bd->hi, bd->share * 100);
    else
        fputs("<td>&ndash;</td><td>&ndash;</td>", f);
}

void tsr_html_against(FILE *f, const tsr_report *r) {
    const tsr_bd_table *t = tsr_report_table(r);
    char flags[8];
    fputs("<div class=\"scroll\"><table><thead><tr><th class=\"left\">codec</th><th>mean, "
          "%</th><th>95 % interval</th><th>mean curve, %</th><th>overlap, "
          "dB</th><th>share</th><th>pictures</th><th>flags</th></tr></thead><tbody>\n",
          f);
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        const tsr_bd_pair *p = tsr_bd_pair_of(t, t->order[i], r->anchor);
        open_row(f, r, t->order[i]);
        put_percent(f, p->mean);
        put_interval(f, p->lo95, p->hi95);
        put_percent(f, p->curve.percent);
        put_overlap(f, &p->curve);
        fprintf(f, "<td>%zu</td><td class=\"flag\">%s</td></tr>\n", p->n_compared,
                tsr_report_flags(tsr_bd_pair_flags(p), flags));
    }
    fputs("</tbody></table></div>\n", f);
}

void tsr_html_metrics(FILE *f, const tsr_report *r) {
    int n = 0;
    for (int m = 0; m < TSR_LAB_METRICS; m++) n += r->has[m];
    if (n < 2) return;
    fputs("<h3>By metric</h3>\n<div class=\"scroll\"><table class=\"heatmap\"><thead><tr><th "
          "class=\"left\">codec</th>",
          f);
    for (int m = 0; m < TSR_LAB_METRICS; m++)
        if (r->has[m]) fprintf(f, "<th>%s</th>", tsr_lab_metric_title((tsr_lab_metric)m));
    fputs("</tr></thead><tbody>\n", f);
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = tsr_report_table(r)->order[i];
        open_row(f, r, c);
        for (int m = 0; m < TSR_LAB_METRICS; m++) {
            if (!r->has[m]) continue;
            const tsr_bd_pair *p = tsr_bd_pair_of(&r->table[m], c, r->anchor);
            put_heat(f, tsr_bd_value(p), isnan(p->mean) ? "curve" : "");
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div>\n", f);
}

/* ---------------------------------------------------------------- matrix, grid */

static void put_matrix_cell(FILE *f, const tsr_report *r, size_t test, size_t anchor) {
    char classes[40];
    const tsr_bd_pair *p = tsr_bd_pair_of(tsr_report_table(r), test, anchor);
    if (test == anchor) {
        fprintf(f, "<td class=\"self k%zu\">&middot;</td>", anchor);
        return;
    }
    snprintf(classes, sizeof classes, "k%zu%s", anchor, isnan(p->mean) ? " curve" : "");
    put_heat(f, tsr_bd_value(p), classes);
}

void tsr_html_matrix(FILE *f, const tsr_report *r) {
    const size_t *order = tsr_report_table(r)->order;
    size_t n = r->names.n_codecs;
    if (n < 3) return;
    put_title(
        f, "All pairs",
        "BD-rate in percent of the codec of a row against that of a column. Blue: the row needs "
        "fewer bits; orange: more; full colour at a factor of two. <i>Italics</i>: of mean "
        "curves.");
    fprintf(f, "<div class=\"scroll\"><table class=\"%s\"><thead><tr><th></th>", heatmap_class(r));
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "<th class=\"top k%zu\" title=\"", order[i]);
        tsr_html_put(f, r->names.codecs[order[i]]);
        fputs("\">", f);
        tsr_html_put_short(f, r->names.codecs[order[i]], 30);
        fputs("</th>", f);
    }
    fputs("</tr></thead><tbody>\n", f);
    for (size_t i = 0; i < n; i++) {
        open_row(f, r, order[i]);
        for (size_t k = 0; k < n; k++) put_matrix_cell(f, r, order[i], order[k]);
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div></section>\n", f);
}

void tsr_html_grid(FILE *f, const tsr_report *r) {
    const tsr_lab_grid *g = &r->grid;
    if (!g->n_rows) return;
    put_title(f, "Transforms and quantizers", "BD-rate against the anchor in percent.");
    fputs("<div class=\"scroll\"><table class=\"heatmap\"><thead><tr><th "
          "class=\"left\">transform</th>",
          f);
    for (size_t k = 0; k < g->n_columns; k++) {
        fputs("<th>", f);
        tsr_html_put(f, g->columns[k]);
        fputs("</th>", f);
    }
    fputs("</tr></thead><tbody>\n", f);
    for (size_t i = 0; i < g->n_rows; i++) {
        fputs("<tr><th scope=\"row\">", f);
        tsr_html_put(f, g->rows[i]);
        fputs("</th>", f);
        for (size_t k = 0; k < g->n_columns; k++) {
            size_t c = g->codec[i * g->n_columns + k];
            double v = c == SIZE_MAX
                           ? NAN
                           : tsr_bd_value(tsr_bd_pair_of(tsr_report_table(r), c, r->anchor));
            put_heat(f, v, "");
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div></section>\n", f);
}

/* ---------------------------------------------------------------- pictures */

static void put_extreme(FILE *f, const tsr_report *r, size_t codec, size_t image) {
    fputs("<td class=\"left\">", f);
    tsr_html_put(f, r->names.images[image]);
    fputs("</td>", f);
    put_percent(f, tsr_bd_image(tsr_report_table(r), codec, r->anchor, image));
}

static void put_best_and_worst(FILE *f, const tsr_report *r) {
    fputs("<div class=\"scroll\"><table><thead><tr><th class=\"left\">codec</th><th "
          "class=\"left\">best "
          "picture</th><th>%</th><th class=\"left\">worst "
          "picture</th><th>%</th></tr></thead><tbody>\n",
          f);
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = tsr_report_table(r)->order[i];
        const tsr_bd_pair *p = tsr_bd_pair_of(tsr_report_table(r), c, r->anchor);
        if (c == r->anchor || p->best == SIZE_MAX) continue;
        open_row(f, r, c);
        put_extreme(f, r, c, p->best);
        put_extreme(f, r, c, p->worst);
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div>\n", f);
}

static int is_per_image(const tsr_report *r, size_t c) {
    return c != r->anchor && isfinite(tsr_bd_pair_of(tsr_report_table(r), c, r->anchor)->mean);
}

static void put_image_map(FILE *f, const tsr_report *r) {
    const size_t *order = tsr_report_table(r)->order;
    size_t n = r->names.n_codecs;
    fprintf(f,
            "<details><summary>BD-rate of each picture and codec</summary><div "
            "class=\"scroll\"><table class=\"%s\"><thead><tr><th class=\"left\">picture</th>",
            heatmap_class(r));
    for (size_t i = 0; i < n; i++) {
        if (!is_per_image(r, order[i])) continue;
        fprintf(f, "<th class=\"top k%zu\" title=\"", order[i]);
        tsr_html_put(f, r->names.codecs[order[i]]);
        fputs("\">", f);
        tsr_html_put_short(f, r->names.codecs[order[i]], 30);
        fputs("</th>", f);
    }
    fputs("</tr></thead><tbody>\n", f);
    for (size_t k = 0; k < r->names.n_images; k++) {
        fputs("<tr><th scope=\"row\">", f);
        tsr_html_put(f, r->names.images[k]);
        fputs("</th>", f);
        for (size_t i = 0; i < n; i++) {
            char classes[24];
            if (!is_per_image(r, order[i])) continue;
            snprintf(classes, sizeof classes, "k%zu", order[i]);
            put_heat(f, tsr_bd_image(tsr_report_table(r), order[i], r->anchor, k), classes);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div></details>\n", f);
}

void tsr_html_images(FILE *f, const tsr_report *r) {
    size_t n = 0;
    for (size_t c = 0; c < r->names.n_codecs; c++) n += is_per_image(r, c) != 0;
    if (!n || r->names.n_images < 2) return;
    put_title(f, "Picture by picture", "BD-rate against the anchor in percent.");
    put_best_and_worst(f, r);
    put_image_map(f, r);
    fputs("</section>\n", f);
}

/* ---------------------------------------------------------------- scales, lossless, baseline */

void tsr_html_scales(FILE *f, const tsr_report *r) {
    fputs("<div class=\"scroll\"><table class=\"heatmap\"><caption class=\"small\">BD-rate against "
          "the "
          "anchor in percent, by scale</caption><thead><tr><th class=\"left\">codec</th>",
          f);
    for (size_t k = 0; k < r->n_scales; k++)
        fprintf(f, k ? "<th>1/%.0f</th>" : "<th>1</th>", 1 / r->scale[k]);
    fputs("</tr></thead><tbody>\n", f);
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = tsr_report_table(r)->order[i];
        open_row(f, r, c);
        for (size_t k = 0; k < r->n_scales; k++)
            put_heat(f, tsr_bd_value(tsr_bd_pair_of(&r->scaled_table[k], c, r->anchor)), "");
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div>\n", f);
}

/* Mean rate of a codec over its pictures without any error; n is how many. */
static double lossless_rate(const tsr_report *r, size_t codec, size_t *n) {
    double sum = 0;
    *n = 0;
    for (size_t i = 0; i < r->lab->n_rows; i++) {
        const tsr_lab_row *row = &r->lab->rows[i];
        if (strcmp(row->codec, r->names.codecs[codec]) || row->scale != 1 || !tsr_lab_row_ok(row) ||
            row->max_error != 0)
            continue;
        sum += row->bpp;
        ++*n;
    }
    return *n ? sum / (double)*n : NAN;
}

void tsr_html_lossless(FILE *f, const tsr_report *r) {
    int open = 0;
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t n, c = tsr_report_table(r)->order[i];
        double rate = lossless_rate(r, c, &n);
        if (!n) continue;
        if (!open++) {
            put_title(f, "Lossless", "Rows whose decoded picture is the original.");
            fputs(
                "<div class=\"scroll\"><table><thead><tr><th class=\"left\">codec</th><th>bits per "
                "pixel</th><th>rows</th></tr></thead><tbody>\n",
                f);
        }
        open_row(f, r, c);
        fprintf(f, "<td>%.4f</td><td>%zu</td></tr>\n", rate, n);
    }
    if (open) fputs("</tbody></table></div></section>\n", f);
}

void tsr_html_gate(FILE *f, const tsr_report *r) {
    const tsr_gate *g = r->gate;
    if (!g) return;
    fprintf(f,
            "<section><h2>Against the baseline</h2>\n<p>%zu codecs, %zu curves compared with their "
            "older selves; %zu beyond the limits.</p>\n<ul class=\"notes\">\n",
            g->n_codecs, g->n_images, g->n_failed);
    for (size_t i = 0; i < g->n; i++) {
        const char *text = tsr_gate_text(&r->lab->pool, g, &g->finds[i]);
        fprintf(f, "<li%s>", g->finds[i].fails ? " class=\"fail\"" : "");
        tsr_html_put(f, text ? text : "");
        fputs("</li>\n", f);
    }
    fputs("</ul></section>\n", f);
}
