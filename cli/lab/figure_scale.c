/* figure_scale.c - quantization error against resolution: the same pictures at smaller scales, the
 * quality at one rate in bits per pixel. */
#include <math.h>

#include "figure.h"
#include "html_text.h"
#include "sweep/sweep_csv.h"

double tsr_figure_scale_rate(const tsr_report *r) {
    static const double rates[] = {0.5, 0.75, 0.35, 1, 0.25, 1.5, 0.15, 2, 0.1, 3};
    double best = rates[0];
    size_t most = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        size_t n = 0;
        for (size_t k = 0; k < r->n_scales; k++)
            for (size_t c = 0; c < r->names.n_codecs; c++)
                n += isfinite(tsr_report_quality_at(&r->scaled[k], c, rates[i]));
        if (n > most) most = n, best = rates[i];
    }
    return best;
}

/* From the smallest scale, at the left, to 1. */
static double place_x(const tsr_plot *p, const tsr_report *r, size_t k) {
    double t = r->n_scales > 1 ? 1 - (double)k / (double)(r->n_scales - 1) : 0.5;
    return p->left + 30 + t * (p->right - p->left - 60);
}

static void put_scale_ticks(const tsr_plot *p, const tsr_report *r) {
    for (size_t k = 0; k < r->n_scales; k++) {
        double x = place_x(p, r, k);
        fprintf(p->canvas->f,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
                x, x, p->top, p->bottom, x, p->bottom + 17);
        fprintf(p->canvas->f, k ? "1/%.0f</text>\n" : "1</text>\n", 1 / r->scale[k]);
    }
    fprintf(
        p->canvas->f,
        "<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">scale of the pictures' "
        "sides</text>\n",
        (p->left + p->right) / 2, p->bottom + 37);
}

/* The line and points of a codec; returns whether it has any, and the last one. */
static int put_codec(const tsr_plot *p, const tsr_report *r, size_t c, double rate, double *x,
                     double *y) {
    FILE *f = p->canvas->f;
    int n = 0;
    fputs("<g", f);
    tsr_plot_class(f, c, "");
    fputs("><polyline class=\"line\" points=\"", f);
    for (size_t k = r->n_scales; k-- > 0;) {
        double q = tsr_report_quality_at(&r->scaled[k], c, rate);
        if (!isfinite(q)) continue;
        *x = place_x(p, r, k);
        *y = tsr_plot_y(p, q);
        fprintf(f, "%s%.1f,%.1f", n++ ? " " : "", *x, *y);
    }
    fputs("\"/>", f);
    for (size_t k = 0; k < r->n_scales; k++) {
        double q = tsr_report_quality_at(&r->scaled[k], c, rate);
        if (!isfinite(q)) continue;
        fprintf(f, "<circle class=\"pt\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"", place_x(p, r, k),
                tsr_plot_y(p, q));
        if (!p->canvas->standalone) {
            fputs(" data-t=\"", f);
            tsr_html_print(f, "%s\nscale 1/%.0f\n%.2f dB", r->names.codecs[c], 1 / r->scale[k], q);
            fputc('"', f);
        }
        fputs("/>", f);
    }
    fputs("</g>\n", f);
    return n > 0;
}

void tsr_figure_scale(const tsr_canvas *canvas, const tsr_report *r) {
    size_t n = r->names.n_codecs, n_labels = 0;
    double rate = tsr_figure_scale_rate(r);
    double height = canvas->narrow ? 320 : fmax(360, 14.0 * (double)n + 90);
    char title[80];
    snprintf(title, sizeof title, "%s at %.4g bits per pixel", tsr_lab_metric_title(r->metric),
             rate);
    tsr_plot p = {.canvas = canvas,
                  .width = canvas->narrow ? 380 : 1040,
                  .height = height,
                  .left = 42,
                  .right = canvas->narrow ? 372 : 840,
                  .top = 30,
                  .bottom = height - 48,
                  .y = tsr_axis_begin(title, 0)};
    tsr_plot_label *labels = tsr_lab_pool_alloc(&r->lab->pool, n, sizeof *labels);
    if (!labels) return;
    for (size_t k = 0; k < r->n_scales; k++)
        for (size_t c = 0; c < n; c++)
            tsr_axis_cover(&p.y, tsr_report_quality_at(&r->scaled[k], c, rate));
    tsr_axis_end(&p.y);
    tsr_plot_begin(&p, title);
    put_scale_ticks(&p, r);
    for (size_t c = 0; c < n; c++) {
        double x = 0, y = 0;
        if (put_codec(&p, r, c, rate, &x, &y))
            labels[n_labels++] =
                (tsr_plot_label){.x = x, .y = y, .codec = c, .text = r->names.codecs[c]};
    }
    if (!canvas->narrow) tsr_plot_labels(&p, labels, n_labels);
    tsr_plot_end(&p);
}

void tsr_figure_scale_data(FILE *f, const tsr_report *r) {
    double rate = tsr_figure_scale_rate(r);
    fputs("codec,scale,bpp,db,bd_rate_percent\n", f);
    for (size_t c = 0; c < r->names.n_codecs; c++)
        for (size_t k = 0; k < r->n_scales; k++) {
            double q = tsr_report_quality_at(&r->scaled[k], c, rate);
            double bd = tsr_bd_value(tsr_bd_pair_of(&r->scaled_table[k], c, r->anchor));
            tsr_csv_print(f, r->names.codecs[c]);
            fprintf(f, ",%.6g,%.4g,", r->scale[k], rate);
            if (isfinite(q)) fprintf(f, "%.4f", q);
            putc(',', f);
            if (isfinite(bd)) fprintf(f, "%.4f", bd);
            putc('\n', f);
        }
}
