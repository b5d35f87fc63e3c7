/* svg_plot.c - axes, ticks and labels of a plot as SVG 1.1. */
#include "svg_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html_text.h"

/* ---------------------------------------------------------------- colours */

static const char *const colours[2][TSR_PLOT_COLOURS] = {
    {"#2563b0", "#c8372d", "#1e8449", "#b0720c", "#7a3fb0", "#0b8793", "#d0590f", "#b0307f",
     "#667a1e", "#44566c", "#8a5a44", "#5a5fd6"},
    {"#6fa8f5", "#f5857c", "#5fca8c", "#e3b04b", "#bb93ee", "#45c4d1", "#f79a5c", "#ee86c4",
     "#b3c860", "#a9bacd", "#cf9f86", "#9ea2ff"}};

static const char *const dashes[] = {"none", "7 3", "2 3", "8 3 2 3"};
#define DASHES (sizeof dashes / sizeof *dashes)

void tsr_plot_colours(FILE *f, int dark) {
    for (int i = 0; i < TSR_PLOT_COLOURS; i++)
        fprintf(f, "%s.c%d{--c:%s}", dark ? "[data-theme=dark] " : "", i, colours[dark][i]);
}

void tsr_plot_dashes(FILE *f) {
    for (size_t i = 1; i < DASHES; i++)
        fprintf(f, ".d%zu .line{stroke-dasharray:%s}", i, dashes[i]);
}

void tsr_plot_class(FILE *f, size_t codec, const char *extra) {
    fprintf(f, " class=\"k%zu c%zu d%zu%s%s\"", codec, codec % TSR_PLOT_COLOURS,
            codec / TSR_PLOT_COLOURS % DASHES, *extra ? " " : "", extra);
}

/* Renderers of SVG files know no custom properties: every colour is written out. */
static void put_style(FILE *f) {
    fputs("<style>text{font:12px Helvetica,Arial,sans-serif;fill:#333}"
          ".bg{fill:#fff}.grid{stroke:#e3e3e3}.axis{stroke:#888}.zero{stroke:#888}"
          ".title{fill:#111}.line{fill:none;stroke-width:1.8}.leader{stroke-width:.8;opacity:.5}"
          ".front{fill:none;stroke:#777;stroke-dasharray:3 3}.dot{opacity:.35}"
          ".small "
          "text{font-size:10px}.hollow{fill:#fff;stroke-width:1.5}.ci{stroke-width:2.5}.lab{paint-"
          "order:stroke;stroke:#fff;stroke-width:3px}",
          f);
    for (int i = 0; i < TSR_PLOT_COLOURS; i++)
        fprintf(f,
                ".c%d .line,.c%d .leader,.c%d .ci,.c%d .hollow{stroke:%s}.c%d .pt,.c%d .lab,.c%d "
                ".dot{fill:%s}",
                i, i, i, i, colours[0][i], i, i, i, colours[0][i]);
    tsr_plot_dashes(f);
    fputs("</style>\n", f);
}

/* ---------------------------------------------------------------- axes */

tsr_axis tsr_axis_begin(const char *title, int log) {
    return (tsr_axis){.lo = 1, .hi = 0, .log = log, .title = title};
}

void tsr_axis_cover(tsr_axis *a, double v) {
    if (!isfinite(v) || (a->log && !(v > 0))) return;
    if (a->lo > a->hi) a->lo = a->hi = v;
    a->lo = fmin(a->lo, v);
    a->hi = fmax(a->hi, v);
}

void tsr_axis_end(tsr_axis *a) {
    if (a->lo > a->hi) a->lo = a->hi = 1;
    if (a->log) {
        double room = fmax(0.04 * log(a->hi / a->lo), 0.05);
        a->lo *= exp(-room);
        a->hi *= exp(room);
    } else {
        double room = fmax(0.04 * (a->hi - a->lo), 1e-3 * fmax(fabs(a->hi), 1));
        a->lo -= room;
        a->hi += room;
    }
}

static unsigned log_ticks(const tsr_axis *a, const double *steps, unsigned n_steps, unsigned max,
                          double *ticks) {
    unsigned n = 0;
    for (int e = (int)floor(log10(a->lo)); e <= (int)ceil(log10(a->hi)); e++)
        for (unsigned i = 0; i < n_steps; i++) {
            double v = steps[i] * pow(10, e);
            if (v < a->lo || v > a->hi) continue;
            if (n == max) return max + 1;
            ticks[n++] = v;
        }
    return n;
}

static unsigned linear_ticks(const tsr_axis *a, unsigned max, double *ticks) {
    static const double steps[] = {1, 2, 5};
    double raw = (a->hi - a->lo) / max;
    for (int e = (int)floor(log10(raw)); e < 300; e++)
        for (int i = 0; i < 3; i++) {
            double step = steps[i] * pow(10, e);
            double first = ceil(a->lo / step), last = floor(a->hi / step);
            if (last - first + 1 > max) continue;
            unsigned n = 0;
            for (double k = first; k <= last && n < max; k++)
                ticks[n++] = k * step + 0.0; /* no -0 */
            return n;
        }
    return 0;
}

unsigned tsr_axis_ticks(const tsr_axis *a, unsigned max, double ticks[TSR_AXIS_TICKS]) {
    static const double all[] = {1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9}, some[] = {1, 2, 5}, few[] = {1};
    if (!a->log) return linear_ticks(a, max, ticks);
    unsigned n = log_ticks(a, all, 10, max, ticks);
    if (n > max) n = log_ticks(a, some, 3, max, ticks);
    if (n > max) n = log_ticks(a, few, 1, max, ticks);
    return n > max ? max : n;
}

double tsr_plot_x(const tsr_plot *p, double v) {
    const tsr_axis *a = &p->x;
    double t = a->log ? log(v / a->lo) / log(a->hi / a->lo) : (v - a->lo) / (a->hi - a->lo);
    return p->left + t * (p->right - p->left);
}

double tsr_plot_y(const tsr_plot *p, double v) {
    const tsr_axis *a = &p->y;
    double t = a->log ? log(v / a->lo) / log(a->hi / a->lo) : (v - a->lo) / (a->hi - a->lo);
    return p->bottom - t * (p->bottom - p->top);
}

/* ---------------------------------------------------------------- frame */

static void put_x_ticks(const tsr_plot *p) {
    double ticks[TSR_AXIS_TICKS];
    double room = (p->right - p->left) / (p->x.log ? 42 : 52);
    unsigned n = tsr_axis_ticks(&p->x, room < 3 ? 3 : room > 12 ? 12 : (unsigned)room, ticks);
    FILE *f = p->canvas->f;
    for (unsigned i = 0; i < n; i++) {
        double x = tsr_plot_x(p, ticks[i]);
        fprintf(f, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x, x,
                p->top, p->bottom);
        fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.4g</text>\n", x,
                p->bottom + 17, ticks[i]);
    }
}

static void put_y_ticks(const tsr_plot *p) {
    double ticks[TSR_AXIS_TICKS];
    double room = (p->bottom - p->top) / 40;
    unsigned n = tsr_axis_ticks(&p->y, room < 3 ? 3 : room > 12 ? 12 : (unsigned)room, ticks);
    FILE *f = p->canvas->f;
    for (unsigned i = 0; i < n; i++) {
        double y = tsr_plot_y(p, ticks[i]);
        fprintf(f, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                p->left, p->right, y, y);
        fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n", p->left - 7,
                y + 4, ticks[i]);
    }
}

void tsr_plot_begin(const tsr_plot *p, const char *label) {
    FILE *f = p->canvas->f;
    fprintf(f, "<svg%s class=\"plot\" viewBox=\"0 0 %.0f %.0f\"",
            p->canvas->standalone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", p->width,
            p->height);
    if (p->canvas->standalone) fprintf(f, " width=\"%.0f\" height=\"%.0f\"", p->width, p->height);
    fputs(" role=\"img\" aria-label=\"", f);
    tsr_html_put(f, label);
    fputs("\">\n", f);
    if (p->canvas->standalone) {
        put_style(f);
        fprintf(f, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", p->width, p->height);
    }
    if (p->x.title) put_x_ticks(p);
    if (p->y.title) put_y_ticks(p);
    fprintf(f, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", p->left,
            p->right, p->bottom, p->bottom);
    if (p->x.title && *p->x.title) {
        fprintf(f, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
                (p->left + p->right) / 2, p->bottom + 37);
        tsr_html_put(f, p->x.title);
        fputs("</text>\n", f);
    }
    if (p->y.title && *p->y.title) {
        fprintf(f, "<text class=\"title\" x=\"4\" y=\"%.1f\">", p->top - 10);
        tsr_html_put(f, p->y.title);
        fputs("</text>\n", f);
    }
}

void tsr_plot_end(const tsr_plot *p) {
    fputs("</svg>\n", p->canvas->f);
}

/* ---------------------------------------------------------------- labels */

#define LABEL_HEIGHT 14.0
#define LABEL_CHARS  26

static int by_height(const void *a, const void *b) {
    const tsr_plot_label *p = a, *q = b;
    if (p->y != q->y) return p->y < q->y ? -1 : 1;
    return (p->codec > q->codec) - (p->codec < q->codec);
}

/* Down until none overlaps, then up from the lower end of the drawing. */
static void place_labels(const tsr_plot *p, tsr_plot_label *l, size_t n) {
    double limit = p->bottom + 4;
    qsort(l, n, sizeof *l, by_height);
    for (size_t i = 0; i < n; i++) {
        l[i].at = fmax(l[i].y, p->top - 2);
        if (i && l[i].at < l[i - 1].at + LABEL_HEIGHT) l[i].at = l[i - 1].at + LABEL_HEIGHT;
    }
    for (size_t i = n; i-- > 0; limit = l[i].at - LABEL_HEIGHT)
        if (l[i].at > limit) l[i].at = limit;
}

void tsr_plot_labels(const tsr_plot *p, tsr_plot_label *l, size_t n) {
    FILE *f = p->canvas->f;
    if (!n) return;
    place_labels(p, l, n);
    for (size_t i = 0; i < n; i++) {
        fputs("<g", f);
        tsr_plot_class(f, l[i].codec, "end");
        if (!p->canvas->standalone) /* what the page needs to place the labels that are shown */
            fprintf(f, " data-x=\"%.1f\" data-y=\"%.1f\" data-top=\"%.1f\" data-bottom=\"%.1f\"",
                    l[i].x, l[i].y, p->top, p->bottom);
        fprintf(f, "><path class=\"leader\" fill=\"none\" d=\"M%.1f %.1fL%.1f %.1fH%.1f\"/>",
                l[i].x + 4, l[i].y, p->right + 6, l[i].at, p->right + 12);
        fprintf(f, "<text class=\"lab\" x=\"%.1f\" y=\"%.1f\">", p->right + 15, l[i].at + 4);
        tsr_html_put_short(f, l[i].text, LABEL_CHARS);
        fputs("</text></g>\n", f);
    }
}
