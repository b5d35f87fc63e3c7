/* figure_bd.c - BD-rate of each codec against the anchor: a dot for each picture, the mean, its 95
 * % interval; a hollow mark where only mean curves could be compared. */
#include <math.h>

#include "figure.h"
#include "html_text.h"
#include "sweep/sweep_csv.h"

static const tsr_bd_pair *pair_at(const tsr_report *r, size_t place) {
    const tsr_bd_table *t = tsr_report_table(r);
    return tsr_bd_pair_of(t, t->order[place], r->anchor);
}

static void put_name(const tsr_plot *p, const char *name, double y) {
    FILE *f = p->canvas->f;
    if (p->canvas->narrow)
        fprintf(f, "<text class=\"lab\" x=\"%.1f\" y=\"%.1f\">", p->left, y - 14);
    else
        fprintf(f, "<text class=\"lab\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", p->left - 10,
                y + 4);
    tsr_html_put_short(f, name, p->canvas->narrow ? 44 : 26);
    fputs("</text>\n", f);
}

static void put_dots(const tsr_plot *p, const tsr_report *r, size_t codec, double y) {
    FILE *f = p->canvas->f;
    for (size_t i = 0; i < r->names.n_images; i++) {
        double v = tsr_bd_image(tsr_report_table(r), codec, r->anchor, i);
        if (!isfinite(v)) continue;
        fprintf(f, "<circle class=\"dot\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"", tsr_plot_x(p, v), y);
        if (!p->canvas->standalone) {
            fputs(" data-t=\"", f);
            tsr_html_print(f, "%s\n%s\n%+.2f %%", r->names.codecs[codec], r->names.images[i], v);
            fputc('"', f);
        }
        fputs("/>", f);
    }
    fputc('\n', f);
}

/* A diamond with what the page shows beside the pointer. */
static void put_diamond(const tsr_plot *p, const char *class, double v, double y, const char *tip) {
    FILE *f = p->canvas->f;
    double x = tsr_plot_x(p, v);
    fprintf(f, "<path class=\"%s\" d=\"M%.1f %.1fl5 -5.5l5 5.5l-5 5.5z\"", class, x - 5, y);
    if (!p->canvas->standalone) {
        fputs(" data-t=\"", f);
        tsr_html_put(f, tip);
        fprintf(f, "\" data-x=\"%.1f\" data-y=\"%.1f\"", x, y);
    }
    fputs("/>\n", f);
}

/* The mean of pictures with its interval, and when codecs without pictures are to be compared, the
 * figure of the mean curves. */
static void put_marks(const tsr_plot *p, const tsr_report *r, size_t codec, double y) {
    const tsr_bd_table *t = tsr_report_table(r);
    const tsr_bd_pair *v = tsr_bd_pair_of(t, codec, r->anchor);
    const char *name = r->names.codecs[codec];
    char tip[400];
    if (isfinite(v->lo95))
        fprintf(p->canvas->f,
                "<line class=\"ci\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                tsr_plot_x(p, v->lo95), tsr_plot_x(p, v->hi95), y, y);
    if (isfinite(v->mean)) {
        snprintf(tip, sizeof tip, "%.200s\nmean %+.2f %%\n95 %%: %+.2f .. %+.2f", name, v->mean,
                 v->lo95, v->hi95);
        if (!isfinite(v->lo95)) snprintf(tip, sizeof tip, "%.200s\n%+.2f %%", name, v->mean);
        put_diamond(p, "pt", v->mean, y, tip);
    }
    if (isfinite(v->curve.percent) && (t->by_curve || !isfinite(v->mean))) {
        snprintf(tip, sizeof tip, "%.200s\nmean curve %+.2f %%", name, v->curve.percent);
        put_diamond(p, "hollow", v->curve.percent, y, tip);
    }
}

void tsr_figure_bd(const tsr_canvas *canvas, const tsr_report *r) {
    size_t n = r->names.n_codecs, shown = 0;
    double step = canvas->narrow ? 46 : 30;
    char title[200];
    snprintf(title, sizeof title, "BD-rate against %.60s (%%); to the left: fewer bits",
             r->names.codecs[r->anchor]);
    tsr_plot p = {.canvas = canvas,
                  .width = canvas->narrow ? 380 : 1040,
                  .left = canvas->narrow ? 10 : 200,
                  .right = canvas->narrow ? 370 : 1025,
                  .top = 8,
                  .x = tsr_axis_begin(title, 0)};
    tsr_axis_cover(&p.x, 0);
    for (size_t k = 0; k < n; k++) {
        const tsr_bd_pair *v = pair_at(r, k);
        shown += isfinite(tsr_bd_value(v));
        tsr_axis_cover(&p.x, tsr_bd_value(v));
        if (tsr_report_table(r)->by_curve) tsr_axis_cover(&p.x, v->curve.percent);
        for (size_t i = 0; i < r->names.n_images; i++)
            tsr_axis_cover(&p.x, tsr_bd_image(tsr_report_table(r), tsr_report_table(r)->order[k],
                                              r->anchor, i));
    }
    tsr_axis_end(&p.x);
    p.bottom = p.top + step * (double)shown + 6;
    p.height = p.bottom + 46;
    tsr_plot_begin(&p, "BD-rate by picture");
    double zero = tsr_plot_x(&p, 0), y = p.top + (canvas->narrow ? 32 : 18);
    fprintf(canvas->f, "<line class=\"zero\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
            zero, zero, p.top, p.bottom);
    for (size_t k = 0; k < n; k++) {
        size_t codec = tsr_report_table(r)->order[k];
        if (!isfinite(tsr_bd_value(pair_at(r, k)))) continue;
        fputs("<g", canvas->f);
        tsr_plot_class(canvas->f, codec, "");
        fputc('>', canvas->f);
        put_name(&p, r->names.codecs[codec], y);
        if (codec != r->anchor) put_dots(&p, r, codec, y - 5);
        put_marks(&p, r, codec, y + 5);
        fputs("</g>\n", canvas->f);
        y += step;
    }
    tsr_plot_end(&p);
}

void tsr_figure_bd_data(FILE *f, const tsr_report *r) {
    fputs("codec,anchor,image,bd_rate_percent,low_95,high_95\n", f);
    for (size_t k = 0; k < r->names.n_codecs; k++) {
        size_t c = tsr_report_table(r)->order[k];
        const tsr_bd_pair *p = pair_at(r, k);
        const char *codec = r->names.codecs[c], *anchor = r->names.codecs[r->anchor];
        for (size_t i = 0; i < r->names.n_images; i++) {
            double v = tsr_bd_image(tsr_report_table(r), c, r->anchor, i);
            if (!isfinite(v)) continue;
            tsr_csv_print(f, codec), putc(',', f), tsr_csv_print(f, anchor), putc(',', f);
            tsr_csv_print(f, r->names.images[i]);
            fprintf(f, ",%.4f,,\n", v);
        }
        if (!isfinite(tsr_bd_value(p))) continue;
        tsr_csv_print(f, codec), putc(',', f), tsr_csv_print(f, anchor);
        fprintf(f, ",%s,%.4f,", isnan(p->mean) ? "mean curve" : "mean", tsr_bd_value(p));
        if (isfinite(p->lo95)) fprintf(f, "%.4f,%.4f", p->lo95, p->hi95);
        fputs(isfinite(p->lo95) ? "\n" : ",\n", f);
    }
}
