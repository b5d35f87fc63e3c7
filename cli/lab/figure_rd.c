/* figure_rd.c - rate-distortion curves: rate on a logarithmic axis, quality in dB. */
#include <math.h>

#include "figure.h"
#include "html_text.h"
#include "sweep/sweep_csv.h"

static const char rate_title[] = "rate (bits per pixel, logarithmic)";

static void cover(tsr_plot *p, const tsr_lab_curve *c) {
    for (size_t i = 0; i < c->n; i++) {
        tsr_axis_cover(&p->x, c->points[i].bpp);
        tsr_axis_cover(&p->y, c->points[i].db);
    }
}

static void put_line(const tsr_plot *p, const tsr_lab_curve *c) {
    FILE *f = p->canvas->f;
    fputs("<polyline class=\"line\" points=\"", f);
    for (size_t i = 0; i < c->n; i++)
        fprintf(f, "%s%.1f,%.1f", i ? " " : "", tsr_plot_x(p, c->points[i].bpp),
                tsr_plot_y(p, c->points[i].db));
    fputs("\"/>\n", f);
}

/* data-t is what the page shows beside the pointer. */
static void put_points(const tsr_plot *p, const tsr_lab_curve *c, const char *codec) {
    FILE *f = p->canvas->f;
    for (size_t i = 0; i < c->n; i++) {
        const tsr_lab_point *v = &c->points[i];
        fprintf(f, "<circle class=\"pt\" r=\"2.6\" cx=\"%.1f\" cy=\"%.1f\"", tsr_plot_x(p, v->bpp),
                tsr_plot_y(p, v->db));
        if (!p->canvas->standalone) {
            fputs(" data-t=\"", f);
            tsr_html_print(f, "%s\n%s\n%.4f bpp\n%.2f dB", codec, v->setting, v->bpp, v->db);
            fputc('"', f);
        }
        fputs("/>", f);
    }
    fputc('\n', f);
}

static void put_curve(const tsr_plot *p, const tsr_report *r, size_t codec,
                      const tsr_lab_curve *c) {
    FILE *f = p->canvas->f;
    if (!c->n) return;
    fputs("<g", f);
    tsr_plot_class(f, codec, "");
    fputs(">\n", f);
    put_line(p, c);
    put_points(p, c, r->names.codecs[codec]);
    fputs("</g>\n", f);
}

/* Labels at the ends of curves; none when there is no memory for them. */
static void put_labels(const tsr_plot *p, const tsr_report *r, const tsr_study *s) {
    size_t n = 0;
    tsr_plot_label *l = tsr_lab_pool_alloc(&r->lab->pool, r->names.n_codecs, sizeof *l);
    for (size_t c = 0; l && c < r->names.n_codecs; c++) {
        const tsr_lab_curve *m = &s->means[c];
        if (!m->n) continue;
        l[n++] = (tsr_plot_label){.x = tsr_plot_x(p, m->points[m->n - 1].bpp),
                                  .y = tsr_plot_y(p, m->points[m->n - 1].db),
                                  .codec = c,
                                  .text = r->names.codecs[c]};
    }
    if (l) tsr_plot_labels(p, l, n);
}

void tsr_figure_rd(const tsr_canvas *canvas, const tsr_report *r, tsr_lab_metric m) {
    const tsr_study *s = &r->study[m];
    size_t n = r->names.n_codecs;
    double height = fmax(canvas->narrow ? 360 : 540, canvas->narrow ? 0 : 14.0 * (double)n + 90);
    tsr_plot p = {.canvas = canvas,
                  .width = canvas->narrow ? 380 : 1040,
                  .height = height,
                  .left = 40,
                  .right = canvas->narrow ? 372 : 840,
                  .top = 30,
                  .bottom = height - 48,
                  .x = tsr_axis_begin(rate_title, 1),
                  .y = tsr_axis_begin(tsr_lab_metric_title(m), 0)};
    for (size_t c = 0; c < n; c++) cover(&p, &s->means[c]);
    tsr_axis_end(&p.x);
    tsr_axis_end(&p.y);
    tsr_plot_begin(&p, "Rate-distortion curves, mean over pictures");
    for (size_t c = 0; c < n; c++) put_curve(&p, r, c, &s->means[c]);
    if (!canvas->narrow) put_labels(&p, r, s);
    tsr_plot_end(&p);
}

static void put_data(FILE *f, const char *codec, const char *image, const tsr_lab_curve *c) {
    for (size_t i = 0; i < c->n; i++) {
        tsr_csv_print(f, codec);
        putc(',', f);
        tsr_csv_print(f, c->points[i].setting);
        if (image) {
            putc(',', f);
            tsr_csv_print(f, image);
        }
        fprintf(f, ",%.6f,%.4f\n", c->points[i].bpp, c->points[i].db);
    }
}

void tsr_figure_rd_data(FILE *f, const tsr_report *r, tsr_lab_metric m) {
    fputs("codec,setting,bpp,db\n", f);
    for (size_t c = 0; c < r->names.n_codecs; c++)
        put_data(f, r->names.codecs[c], NULL, &r->study[m].means[c]);
}

/* ---------------------------------------------------------------- one picture */

void tsr_figure_image(const tsr_canvas *canvas, const tsr_report *r, size_t image) {
    const tsr_study *s = tsr_report_study(r);
    size_t n = r->names.n_codecs * r->names.n_images;
    tsr_plot p = {.canvas = canvas,
                  .width = 230,
                  .height = 170,
                  .left = 26,
                  .right = 226,
                  .top = 8,
                  .bottom = 150,
                  .x = tsr_axis_begin("", 1),
                  .y = tsr_axis_begin("", 0)};
    for (size_t i = 0; i < n; i++) cover(&p, &s->curves[i]);
    tsr_axis_end(&p.x);
    tsr_axis_end(&p.y);
    tsr_plot_begin(&p, r->names.images[image]);
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        const tsr_lab_curve *curve = tsr_study_curve(s, c, image);
        if (!curve->n) continue;
        fputs("<g", canvas->f);
        tsr_plot_class(canvas->f, c, "");
        fputc('>', canvas->f);
        put_line(&p, curve);
        fputs("</g>", canvas->f);
    }
    tsr_plot_end(&p);
}

void tsr_figure_image_data(FILE *f, const tsr_report *r) {
    fputs("codec,setting,image,bpp,db\n", f);
    for (size_t i = 0; i < r->names.n_images; i++)
        for (size_t c = 0; c < r->names.n_codecs; c++)
            put_data(f, r->names.codecs[c], r->names.images[i],
                     tsr_study_curve(tsr_report_study(r), c, i));
}
