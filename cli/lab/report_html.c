/* report_html.c - the frame of the page: head, facts, filter, figures, notes. */
#include "report_html.h"

#include <stdarg.h>

#include "figure.h"
#include "html_text.h"

#define FEW    8   /* codecs that a button reduces many to: the best, and the anchor */
#define PANELS 120 /* pictures with a small plot of their own */

/* ---------------------------------------------------------------- head */

static void put_head(FILE *f, const char *title) {
    fputs(
        "<!DOCTYPE html>\n<html lang=\"en\" data-theme=\"light\">\n<head>\n<meta "
        "charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        "<meta name=\"generator\" content=\"tessera report\">\n<title>",
        f);
    tsr_html_put(f, title);
    fputs("</title>\n<style>\n", f);
    fputs(tsr_report_css, f);
    tsr_plot_colours(f, 0);
    fputs("\n@media screen{", f);
    tsr_plot_colours(f, 1);
    fputs("}\n", f);
    tsr_plot_dashes(f);
    fputs("\n</style>\n</head>\n<body>\n", f);
}

static void put_fact(FILE *f, const char *term, const char *fmt, ...) TSR_PRINTF(3, 4);

static void put_fact(FILE *f, const char *term, const char *fmt, ...) {
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(f, "<div><dt>%s</dt><dd>", term);
    tsr_html_put(f, text);
    fputs("</dd></div>\n", f);
}

static void put_header(FILE *f, const tsr_report *r, const char *title) {
    fputs("<header>\n<button id=\"theme\" type=\"button\">Dark</button>\n<h1>", f);
    tsr_html_put(f, title);
    fputs("</h1>\n<dl class=\"facts\">\n", f);
    put_fact(f, "codecs", "%zu", r->names.n_codecs);
    put_fact(f, "pictures", "%zu", r->names.n_images);
    if (r->n_failed)
        put_fact(f, "measurements", "%zu, %zu failed", r->lab->n_rows - r->n_failed, r->n_failed);
    else
        put_fact(f, "measurements", "%zu", r->lab->n_rows);
    put_fact(f, "quality", "%s", tsr_lab_metric_title(r->metric));
    put_fact(f, "anchor", "%s", r->names.codecs[r->anchor]);
    fputs("</dl>\n</header>\n", f);
}

static void put_filter(FILE *f, const tsr_report *r) {
    fputs("<nav id=\"filter\" aria-label=\"codecs shown\"><div>\n"
          "<button type=\"button\" value=\"all\">all</button><button type=\"button\" "
          "value=\"none\">none</button>\n",
          f);
    if (r->names.n_codecs > FEW)
        fprintf(f, "<button type=\"button\" value=\"few\" data-n=\"%d\">best %d</button>\n", FEW,
                FEW);
    for (size_t i = 0; i < r->names.n_codecs; i++) {
        size_t c = tsr_report_table(r)->order[i];
        fprintf(f, "<label title=\"");
        tsr_html_put(f, r->names.codecs[c]);
        fprintf(
            f,
            "\"><input type=\"checkbox\" value=\"%zu\"%s checked><svg class=\"swatch c%zu d%zu\" "
            "viewBox=\"0 0 20 10\"><line class=\"line\" x2=\"20\" y1=\"5\" y2=\"5\"/></svg><span>",
            c, c == r->anchor ? " data-anchor" : "", c % TSR_PLOT_COLOURS,
            c / TSR_PLOT_COLOURS % 4);
        tsr_html_put_short(f, r->names.codecs[c], 36);
        fputs("</span></label>\n", f);
    }
    fputs("</div></nav>\n", f);
}

/* ---------------------------------------------------------------- figures */

/* A figure in two widths; CSS shows one. */
static void put_both(FILE *f, const tsr_report *r,
                     void (*draw)(const tsr_canvas *, const tsr_report *)) {
    const tsr_canvas wide = {.f = f}, narrow = {.f = f, .narrow = 1};
    fputs("<div class=\"wide\">", f);
    draw(&wide, r);
    fputs("</div><div class=\"narrow\">", f);
    draw(&narrow, r);
    fputs("</div>\n", f);
}

static void put_tabs(FILE *f, const tsr_report *r) {
    int n = 0;
    for (int m = 0; m < TSR_LAB_METRICS; m++) n += r->has[m];
    if (n < 2) return;
    fputs("<p class=\"tabs\">", f);
    for (int m = 0; m < TSR_LAB_METRICS; m++)
        if (r->has[m])
            fprintf(f, "<button type=\"button\" value=\"rd-%s\"%s>%s</button> ",
                    tsr_lab_metric_word((tsr_lab_metric)m),
                    (int)r->metric == m ? " data-first" : "",
                    tsr_lab_metric_title((tsr_lab_metric)m));
    fputs("</p>\n", f);
}

static void put_curves(FILE *f, const tsr_report *r) {
    const tsr_canvas wide = {.f = f}, narrow = {.f = f, .narrow = 1};
    fputs("<section><h2>Rate and distortion</h2>\n", f);
    put_tabs(f, r);
    for (int m = 0; m < TSR_LAB_METRICS; m++) {
        if (!r->has[m]) continue;
        fprintf(f, "<figure id=\"rd-%s\"><div class=\"wide\">",
                tsr_lab_metric_word((tsr_lab_metric)m));
        tsr_figure_rd(&wide, r, (tsr_lab_metric)m);
        fputs("</div><div class=\"narrow\">", f);
        tsr_figure_rd(&narrow, r, (tsr_lab_metric)m);
        fputs("</div><figcaption>Each point is one setting: rate and quality of the decoded files, "
              "averaged over the pictures.",
              f);
        if (m == TSR_LAB_SSIM || m == TSR_LAB_MS_SSIM)
            fputs(" In dB: &minus;10 log<sub>10</sub>(1 &minus; x).", f);
        fputs("</figcaption></figure>\n", f);
    }
    if (r->names.n_images > 1) {
        size_t n = r->names.n_images < PANELS ? r->names.n_images : PANELS;
        fputs("<details><summary>Curves of each picture</summary>\n<div class=\"panels\">\n", f);
        for (size_t i = 0; i < n; i++) {
            fputs("<figure><figcaption>", f);
            tsr_html_put(f, r->names.images[i]);
            fputs("</figcaption>", f);
            tsr_figure_image(&wide, r, i);
            fputs("</figure>\n", f);
        }
        fputs("</div>\n", f);
        if (n < r->names.n_images)
            fprintf(f, "<p class=\"dim small\">The first %zu of %zu pictures.</p>\n", n,
                    r->names.n_images);
        fputs("</details>\n", f);
    }
    fputs("</section>\n", f);
}

static void put_saving_figure(FILE *f, const tsr_report *r) {
    if (r->names.n_codecs < 2) return;
    fputs("<figure>", f);
    put_both(f, r, tsr_figure_saving);
    fputs("<figcaption>Where the BD-rate comes from: rate against that of the anchor at each "
          "quality, the geometric mean over the pictures that reach it, drawn where at least three "
          "quarters of them do. What is more than 60 % away is cut off.</figcaption></figure>\n",
          f);
}

static void put_bd_figure(FILE *f, const tsr_report *r) {
    fputs("<figure>", f);
    put_both(f, r, tsr_figure_bd);
    fputs("<figcaption>Dots: pictures. Diamond: their mean; bar: its 95 % bootstrap interval. "
          "Hollow: "
          "of the mean curves, where some codecs have nothing else.</figcaption></figure>\n",
          f);
}

static void put_speed(FILE *f, const tsr_report *r) {
    const tsr_canvas wide = {.f = f}, narrow = {.f = f, .narrow = 1};
    fputs("<section><h2>Speed</h2>\n", f);
    if (!r->n_timed) {
        fputs("<p class=\"dim\">No timed rows. Times taken while other jobs run are no figure; "
              "<code>tessera sweep --time</code> measures one job at a time.</p></section>\n",
              f);
        return;
    }
    fputs("<figure><div class=\"wide two\">", f);
    for (int decode = 0; decode < 2; decode++)
        if (tsr_figure_has_speed(r, decode)) tsr_figure_speed(&wide, r, decode);
    fputs("</div><div class=\"narrow\">", f);
    for (int decode = 0; decode < 2; decode++)
        if (tsr_figure_has_speed(r, decode)) tsr_figure_speed(&narrow, r, decode);
    fputs("</div><figcaption>Pixels of all timed rows divided by their seconds. Dashed: the codecs "
          "that "
          "no other one beats in both speed and rate.</figcaption></figure></section>\n",
          f);
}

static void put_resolution(FILE *f, const tsr_report *r) {
    if (r->n_scales < 2) return;
    fputs("<section><h2>Quantization error against resolution</h2>\n<figure>", f);
    put_both(f, r, tsr_figure_scale);
    fputs("<figcaption>The same pictures at smaller scales, quality at one rate by the mean "
          "curves.</figcaption></figure>\n",
          f);
    tsr_html_scales(f, r);
    fputs("</section>\n", f);
}

/* ---------------------------------------------------------------- notes */

static void put_failures(FILE *f, const tsr_report *r) {
    size_t shown = 0;
    if (!r->n_failed) return;
    fprintf(
        f,
        "<details><summary>Rows without a result: %zu</summary><div class=\"scroll\"><table><thead>"
        "<tr><th class=\"left\">codec</th><th class=\"left\">setting</th><th class=\"left\">picture"
        "</th><th class=\"left\">status</th><th class=\"left\">message</th></tr></thead><tbody>\n",
        r->n_failed);
    for (size_t i = 0; i < r->lab->n_rows && shown < 200; i++) {
        const tsr_lab_row *row = &r->lab->rows[i];
        const char *const cells[] = {row->codec, row->setting, row->image, row->status,
                                     row->message};
        if (tsr_lab_row_ok(row)) continue;
        shown++;
        fputs("<tr>", f);
        for (int k = 0; k < 5; k++) {
            fputs("<td class=\"left\">", f);
            tsr_html_put_short(f, cells[k], 120);
            fputs("</td>", f);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div>", f);
    if (shown < r->n_failed) fprintf(f, "<p class=\"dim small\">The first %zu.</p>", shown);
    fputs("</details>\n", f);
}

static void put_missing(FILE *f, const tsr_report *r) {
    const tsr_study *s = tsr_report_study(r);
    for (size_t c = 0; c < r->names.n_codecs; c++) {
        if (s->n_left_out[c]) {
            fputs("<li>", f);
            tsr_html_put(f, r->names.codecs[c]);
            fprintf(f, ": %zu settings miss a picture and are not in its mean curve.</li>\n",
                    s->n_left_out[c]);
        }
        if (s->n_pictures[c] && s->n_pictures[c] != r->names.n_images) {
            fputs("<li>", f);
            tsr_html_put(f, r->names.codecs[c]);
            fprintf(f, ": %zu of %zu pictures.</li>\n", s->n_pictures[c], r->names.n_images);
        }
    }
}

static void put_method(FILE *f, const tsr_report *r) {
    fputs("<section><h2>Method</h2>\n<p>Rate: all bytes of the file &times; 8 / pixels. PSNR RGB: "
          "one mean "
          "squared error over the three 8-bit channels after rounding, per picture, then averaged. "
          "BD-rate: "
          "piecewise cubic Hermite interpolation (PCHIP) of the logarithm of the rate over "
          "quality, averaged "
          "over the range of quality that both curves cover; negative means fewer bits at equal "
          "quality. "
          "Per picture, then averaged; the 95 % interval is that of the percentile bootstrap over "
          "pictures ",
          f);
    fputs("(2000 draws, fixed seed). A BD-rate in <i>italics</i> is that of mean curves. ", f);
    tsr_html_put(f, "Flags: ");
    tsr_html_put(f, tsr_report_flags_legend);
    fputs(".</p>\n<ul class=\"notes\">\n", f);
    for (size_t i = 0; i < r->lab->n_notes; i++) {
        fputs("<li>", f);
        tsr_html_put(f, r->lab->notes[i]);
        fputs("</li>\n", f);
    }
    put_missing(f, r);
    fputs("</ul>\n", f);
    put_failures(f, r);
    tsr_html_run(f, r);
    fputs("</section>\n", f);
}

void tsr_report_html(FILE *f, const tsr_report *r, const tsr_crops *crops, const char *title) {
    if (!title) title = "Rate-distortion report";
    put_head(f, title);
    put_header(f, r, title);
    put_filter(f, r);
    fputs("<main>\n", f);
    tsr_html_gate(f, r);
    put_curves(f, r);
    fputs("<section><h2>BD-rate against ", f);
    tsr_html_put(f, r->names.codecs[r->anchor]);
    fputs("</h2>\n", f);
    put_bd_figure(f, r);
    put_saving_figure(f, r);
    tsr_html_against(f, r);
    tsr_html_metrics(f, r);
    fputs("</section>\n", f);
    tsr_html_grid(f, r);
    tsr_html_matrix(f, r);
    tsr_html_images(f, r);
    put_speed(f, r);
    put_resolution(f, r);
    tsr_html_crops(f, r, crops);
    tsr_html_anatomy(f, crops);
    tsr_html_lossless(f, r);
    put_method(f, r);
    fputs("</main>\n<div id=\"tip\" role=\"status\"></div>\n<script>\n", f);
    fputs(tsr_report_js, f);
    fputs("</script>\n</body>\n</html>\n", f);
}
