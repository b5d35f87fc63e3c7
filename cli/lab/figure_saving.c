/* figure_saving.c - what each codec saves against the anchor at each quality: the ratio of the
 * rates of the mean curves. A BD-rate is the mean of the logarithm of this; here one sees where it
 * comes from, and codecs that lie too close together on curves. */
#include <math.h>

#include "figure.h"
#include "html_text.h"
#include "sweep/sweep_csv.h"

#define STEPS 60   /* of a curve */
#define LIMIT 60.0 /* percent; beyond it a codec is no near relative, and is cut off */

/* Where two curves are both defined; 0: nowhere. */
static int overlap(const tsr_rd_fit *a, const tsr_rd_fit *b, double *lo, double *hi) {
    if (a->n < 2 || b->n < 2) return 0;
    *lo = fmax(a->x[0], b->x[0]);
    *hi = fmin(a->x[a->n - 1], b->x[b->n - 1]);
    return *hi - *lo >= TSR_BD_MIN_DB;
}

/* Whether pictures were measured one by one with both; else the mean curves are compared. */
static int by_picture(const tsr_report *r, size_t codec) {
    return tsr_bd_pair_of(tsr_report_table(r), codec, r->anchor)->n_compared > 0;
}

/* ln of the ratio of rates at this quality: the mean over the pictures whose curves both reach it,
 * NAN when that are fewer than three quarters of those compared. */
static double log_ratio(const tsr_report *r, size_t codec, double db) {
    const tsr_study *s = tsr_report_study(r);
    size_t n = 0, all = tsr_bd_pair_of(tsr_report_table(r), codec, r->anchor)->n_compared;
    double sum = 0, lo, hi;
    for (size_t i = 0; i < r->names.n_images; i++) {
        const tsr_rd_fit *a = &tsr_study_curve(s, r->anchor, i)->fit;
        const tsr_rd_fit *b = &tsr_study_curve(s, codec, i)->fit;
        if (!overlap(a, b, &lo, &hi) || db < lo || db > hi) continue;
        sum += tsr_rd_fit_at(b, db) - tsr_rd_fit_at(a, db);
        n++;
    }
    return n && 4 * n >= 3 * all ? sum / (double)n : NAN;
}

static double saving_at(const tsr_report *r, size_t codec, double db) {
    const tsr_study *s = tsr_report_study(r);
    if (by_picture(r, codec)) return 100 * expm1(log_ratio(r, codec, db));
    return 100 * expm1(tsr_rd_fit_at(&s->means[codec].fit, db) -
                       tsr_rd_fit_at(&s->means[r->anchor].fit, db));
}

/* The range of quality in which there may be something to show; 0: none. */
static int range_of(const tsr_report *r, size_t codec, double *lo, double *hi) {
    const tsr_study *s = tsr_report_study(r);
    if (!by_picture(r, codec))
        return overlap(&s->means[r->anchor].fit, &s->means[codec].fit, lo, hi);
    *lo = INFINITY;
    *hi = -INFINITY;
    for (size_t i = 0; i < r->names.n_images; i++) {
        double from, to;
        if (!overlap(&tsr_study_curve(s, r->anchor, i)->fit, &tsr_study_curve(s, codec, i)->fit,
                     &from, &to))
            continue;
        *lo = fmin(*lo, from);
        *hi = fmax(*hi, to);
    }
    return *hi > *lo;
}

static double step(double lo, double hi, int i) {
    return lo + (hi - lo) * i / STEPS;
}

/* One page holds the figure in two widths. */
static const char *area_name(const tsr_plot *p) {
    return p->canvas->narrow ? "saving-area-narrow" : "saving-area";
}

static void put_line(const tsr_plot *p, const tsr_report *r, size_t c, double lo, double hi) {
    FILE *f = p->canvas->f;
    fputs("<g", f);
    tsr_plot_class(f, c, "");
    fprintf(f, "><polyline class=\"line\" clip-path=\"url(#%s)\" points=\"", area_name(p));
    for (int i = 0; i <= STEPS; i++) {
        double v = saving_at(r, c, step(lo, hi, i));
        if (isfinite(v)) fprintf(f, " %.1f,%.1f", tsr_plot_x(p, step(lo, hi, i)), tsr_plot_y(p, v));
    }
    fputs("\"/>", f);
    for (int i = 0; i <= STEPS && !p->canvas->standalone; i += 3) {
        double db = step(lo, hi, i), v = saving_at(r, c, db);
        if (!(v >= p->y.lo && v <= p->y.hi)) continue;
        fprintf(f, "<circle class=\"probe\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\" data-t=\"",
                tsr_plot_x(p, db), tsr_plot_y(p, v));
        tsr_html_print(f, "%s\n%.1f dB\n%+.1f %%", r->names.codecs[c], db, v);
        fputs("\"/>", f);
    }
    fputs("</g>\n", f);
}

/* Where a line leaves the plot to the right or at its upper or lower edge: there is its label. */
static void end_of(const tsr_plot *p, const tsr_report *r, size_t c, double lo, double hi,
                   tsr_plot_label *l) {
    *l = (tsr_plot_label){.x = p->right, .y = p->top, .codec = c, .text = r->names.codecs[c]};
    for (int i = STEPS; i >= 0; i--) {
        double db = step(lo, hi, i), v = saving_at(r, c, db);
        if (!(v >= p->y.lo && v <= p->y.hi)) continue;
        l->x = tsr_plot_x(p, db);
        l->y = tsr_plot_y(p, v);
        return;
    }
}

/* What is beyond the limit does not widen the axis. Returns whether anything is within. */
static int cover(tsr_plot *p, const tsr_report *r, size_t c) {
    double lo, hi;
    int any = 0;
    if (!range_of(r, c, &lo, &hi)) return 0;
    for (int i = 0; i <= STEPS; i++) {
        double db = step(lo, hi, i), v = saving_at(r, c, db);
        if (!(fabs(v) <= LIMIT)) continue;
        tsr_axis_cover(&p->x, db);
        tsr_axis_cover(&p->y, v);
        any = 1;
    }
    return any;
}

static void put_area(const tsr_plot *p) {
    fprintf(p->canvas->f,
            "<clipPath id=\"%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%.1f\"/></clipPath>\n",
            area_name(p), p->left, p->top, p->right - p->left, p->bottom - p->top);
}

void tsr_figure_saving(const tsr_canvas *canvas, const tsr_report *r) {
    size_t n = r->names.n_codecs, n_labels = 0;
    double lo, hi, height = canvas->narrow ? 320 : fmax(420, 14.0 * (double)n + 90);
    char title[200];
    snprintf(title, sizeof title, "rate against %.60s at equal quality (%%)",
             r->names.codecs[r->anchor]);
    tsr_plot p = {.canvas = canvas,
                  .width = canvas->narrow ? 380 : 1040,
                  .height = height,
                  .left = 42,
                  .right = canvas->narrow ? 372 : 840,
                  .top = 30,
                  .bottom = height - 48,
                  .x = tsr_axis_begin(tsr_lab_metric_title(r->metric), 0),
                  .y = tsr_axis_begin(title, 0)};
    tsr_plot_label *labels = tsr_lab_pool_alloc(&r->lab->pool, n, sizeof *labels);
    char *shown = tsr_lab_pool_alloc(&r->lab->pool, n, 1);
    if (!labels || !shown) return;
    for (size_t c = 0; c < n; c++) shown[c] = (char)cover(&p, r, c);
    tsr_axis_end(&p.x);
    tsr_axis_end(&p.y);
    tsr_plot_begin(&p, title);
    put_area(&p);
    for (size_t c = 0; c < n; c++) {
        if (!shown[c]) continue;
        range_of(r, c, &lo, &hi);
        put_line(&p, r, c, lo, hi);
        end_of(&p, r, c, lo, hi, &labels[n_labels++]);
    }
    if (!canvas->narrow) tsr_plot_labels(&p, labels, n_labels);
    tsr_plot_end(&p);
}

void tsr_figure_saving_data(FILE *f, const tsr_report *r) {
    double lo, hi;
    fputs("codec,anchor,db,rate_percent\n", f);
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        if (!range_of(r, c, &lo, &hi)) continue;
        for (int i = 0; i <= STEPS; i++) {
            if (!isfinite(saving_at(r, c, step(lo, hi, i)))) continue;
            tsr_csv_print(f, r->names.codecs[c]);
            putc(',', f);
            tsr_csv_print(f, r->names.codecs[r->anchor]);
            fprintf(f, ",%.4f,%.4f\n", step(lo, hi, i), saving_at(r, c, step(lo, hi, i)));
        }
    }
}
