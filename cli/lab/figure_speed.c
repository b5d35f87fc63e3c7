/* figure_speed.c - throughput against BD-rate, and the Pareto front: the codecs that no other beats
 * in both. */
#include <math.h>
#include <string.h>

#include "figure.h"
#include "html_text.h"
#include "sweep/sweep_csv.h"

static double speed_of(const tsr_report *r, size_t codec, int decode) {
    return decode ? r->speed[codec].dec : r->speed[codec].enc;
}

static double bd_of(const tsr_report *r, size_t codec) {
    return tsr_bd_value(tsr_bd_pair_of(tsr_report_table(r), codec, r->anchor));
}

static int is_shown(const tsr_report *r, size_t codec, int decode) {
    return isfinite(speed_of(r, codec, decode)) && isfinite(bd_of(r, codec));
}

int tsr_figure_has_speed(const tsr_report *r, int decode) {
    for (size_t c = 0; c < r->names.n_codecs; c++)
        if (is_shown(r, c, decode)) return 1;
    return 0;
}

static int is_on_front(const tsr_report *r, size_t codec, int decode) {
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        if (c == codec || !is_shown(r, c, decode)) continue;
        double faster = speed_of(r, c, decode) - speed_of(r, codec, decode);
        double fewer = bd_of(r, codec) - bd_of(r, c);
        if (faster >= 0 && fewer >= 0 && (faster > 0 || fewer > 0)) return 0;
    }
    return 1;
}

/* The codecs in order of BD-rate are, on the front, in order of speed. */
static void put_front(const tsr_plot *p, const tsr_report *r, int decode) {
    FILE *f = p->canvas->f;
    const char *begin = "<path class=\"front\" d=\"M";
    int any = 0;
    for (size_t k = 0; k < r->names.n_codecs; k++) {
        size_t c = tsr_report_table(r)->order[k];
        if (!is_shown(r, c, decode) || !is_on_front(r, c, decode)) continue;
        fprintf(f, "%s%.1f %.1f", any ? "L" : begin, tsr_plot_x(p, speed_of(r, c, decode)),
                tsr_plot_y(p, bd_of(r, c)));
        any = 1;
    }
    if (any) fputs("\"/>\n", f);
}

static void put_point(const tsr_plot *p, const tsr_report *r, size_t c, int decode, double x,
                      double y) {
    FILE *f = p->canvas->f;
    fputs("<g", f);
    tsr_plot_class(f, c, "");
    fprintf(f, "><circle class=\"pt\" r=\"4\" cx=\"%.1f\" cy=\"%.1f\"", x, y);
    if (!p->canvas->standalone) {
        fputs(" data-t=\"", f);
        tsr_html_print(f, "%s\n%s %.3g Mpixel/s\n%+.2f %%", r->names.codecs[c],
                       decode ? "decodes" : "encodes", speed_of(r, c, decode), bd_of(r, c));
        fputc('"', f);
    }
    fputs("/></g>\n", f);
}

/* A label is as high as this, and a character about as wide as that. */
#define LABEL_HEIGHT 13.0
#define CHAR_WIDTH   6.6
#define MAX_CHARS    22

static double text_width(const char *text) {
    size_t n = strlen(text);
    return CHAR_WIDTH * (double)(n < MAX_CHARS ? n : MAX_CHARS);
}

/* Whether every label can stand beside its point, to the left of it in the right half, without
 * covering another one. */
static int fit_beside(const tsr_plot *p, const tsr_plot_label *l, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            double xi = l[i].x, xk = l[k].x, middle = (p->left + p->right) / 2;
            double from_i = xi > middle ? xi - 8 - text_width(l[i].text) : xi - 5;
            double from_k = xk > middle ? xk - 8 - text_width(l[k].text) : xk - 5;
            double gap = fmax(from_i, from_k) - fmin(from_i + 13 + text_width(l[i].text),
                                                     from_k + 13 + text_width(l[k].text));
            if (gap < 0 && fabs(l[i].y - l[k].y) < LABEL_HEIGHT) return 0;
        }
    return 1;
}

static void put_beside(const tsr_plot *p, const tsr_plot_label *l) {
    FILE *f = p->canvas->f;
    int left = l->x > (p->left + p->right) / 2;
    fputs("<g", f);
    tsr_plot_class(f, l->codec, "");
    fprintf(f, "><text class=\"lab\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
            l->x + (left ? -8 : 8), l->y + 4, left ? "end" : "start");
    tsr_html_put_short(f, l->text, MAX_CHARS);
    fputs("</text></g>\n", f);
}

/* Labels beside the points where they fit, else beside the plot, which becomes narrower. */
static void put_points(tsr_plot *p, const tsr_report *r, int decode, tsr_plot_label *l, size_t n) {
    int beside = 1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            l[i].x = tsr_plot_x(p, speed_of(r, l[i].codec, decode));
            l[i].y = tsr_plot_y(p, bd_of(r, l[i].codec));
        }
        if (pass || fit_beside(p, l, n)) break;
        beside = 0;
        if (!p->canvas->narrow) p->right -= 150;
    }
    tsr_plot_begin(p, decode ? "Decoding speed against BD-rate" : "Encoding speed against BD-rate");
    put_front(p, r, decode);
    for (size_t i = 0; i < n; i++) put_point(p, r, l[i].codec, decode, l[i].x, l[i].y);
    for (size_t i = 0; i < n && beside; i++) put_beside(p, &l[i]);
    if (!beside && !p->canvas->narrow) tsr_plot_labels(p, l, n);
    tsr_plot_end(p);
}

void tsr_figure_speed(const tsr_canvas *canvas, const tsr_report *r, int decode) {
    size_t n = 0;
    tsr_plot_label *l = tsr_lab_pool_alloc(&r->lab->pool, r->names.n_codecs, sizeof *l);
    if (!l) return;
    for (size_t k = 0; k < r->names.n_codecs; k++) {
        size_t c = tsr_report_table(r)->order[k];
        if (is_shown(r, c, decode))
            l[n++] = (tsr_plot_label){.codec = c, .text = r->names.codecs[c]};
    }
    double height = canvas->narrow ? 340 : fmax(400, 14.0 * (double)n + 90);
    tsr_plot p = {.canvas = canvas,
                  .width = canvas->narrow ? 380 : 500,
                  .height = height,
                  .left = 42,
                  .right = canvas->narrow ? 372 : 490,
                  .top = 30,
                  .bottom = height - 48,
                  .x = tsr_axis_begin(decode ? "decoding speed (Mpixel/s, logarithmic)"
                                             : "encoding speed (Mpixel/s, logarithmic)",
                                      1),
                  .y = tsr_axis_begin("BD-rate (%; lower is better)", 0)};
    for (size_t i = 0; i < n; i++) {
        tsr_axis_cover(&p.x, speed_of(r, l[i].codec, decode));
        tsr_axis_cover(&p.y, bd_of(r, l[i].codec));
    }
    tsr_axis_end(&p.x);
    tsr_axis_end(&p.y);
    put_points(&p, r, decode, l, n);
}

/* A column; empty: not measured. */
static void put_speed(FILE *f, double v) {
    fputc(',', f);
    if (isfinite(v)) fprintf(f, "%.5g", v);
}

void tsr_figure_speed_data(FILE *f, const tsr_report *r) {
    fputs("codec,encode_mpixel_s,decode_mpixel_s,bd_rate_percent,rows\n", f);
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        if (!r->speed[c].rows) continue;
        tsr_csv_print(f, r->names.codecs[c]);
        put_speed(f, r->speed[c].enc);
        put_speed(f, r->speed[c].dec);
        fputc(',', f);
        if (isfinite(bd_of(r, c))) fprintf(f, "%.4f", bd_of(r, c));
        fprintf(f, ",%zu\n", r->speed[c].rows);
    }
}
