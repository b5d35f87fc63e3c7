/* report_html_crops.c - details of pictures with a slider between two codecs, and the bytes of the
 * streams by part. */
#include <math.h>
#include <string.h>

#include "html_text.h"
#include "report_html.h"
#include "svg_plot.h"

static const char *name_of(const tsr_crop *c) {
    return c->codec ? c->codec : "original";
}

static void put_facts(FILE *f, const tsr_report *r, const tsr_crop *c) {
    if (!c->row) {
        fputs("original", f);
        return;
    }
    double db = tsr_lab_metric_db(r->metric, c->row->metric[r->metric]);
    tsr_html_print(f, "%s, %s: %.3f bpp, %.2f dB, %llu bytes%s", c->codec, c->row->setting,
                   c->row->bpp, db, (unsigned long long)c->bytes,
                   c->differs ? " (not the bytes of the measured row)" : "");
}

static void put_choice(FILE *f, const tsr_crop_image *im, const char *class, const char *label) {
    fprintf(f, "<label>%s<select class=\"%s\">", label, class);
    for (size_t i = 0; i < im->n; i++) {
        fputs("<option>", f);
        tsr_html_put(f, name_of(&im->crops[i]));
        fputs("</option>", f);
    }
    fputs("</select></label>\n", f);
}

static void put_stage(FILE *f, const tsr_crop_image *im) {
    fprintf(f,
            "<div class=\"stage\"><div class=\"viewer\" style=\"aspect-ratio:%u/%u\"><div "
            "class=\"two-up\">"
            "<img class=\"a\" alt=\"\" draggable=\"false\"><img class=\"b\" alt=\"\" "
            "draggable=\"false\"></div>"
            "<div class=\"bar\"></div><span class=\"tag ta\"></span><span class=\"tag "
            "tb\"></span></div>\n"
            "<div class=\"controls\">",
            im->w, im->h);
    put_choice(f, im, "choose-a", "A, left");
    put_choice(f, im, "choose-b", "B, right");
    fputs("<label>position<input type=\"range\" min=\"0\" max=\"100\" step=\"0.1\" "
          "value=\"50\"></label>\n"
          "<label class=\"check\"><input class=\"diff-box\" type=\"checkbox\">difference, 8 "
          "times</label>\n"
          "<dl></dl></div></div>\n",
          f);
}

static void put_strip(FILE *f, const tsr_report *r, const tsr_crop_image *im) {
    fputs("<div class=\"strip\">\n", f);
    for (size_t i = 0; i < im->n; i++) {
        const tsr_crop *c = &im->crops[i];
        fprintf(f, "<figure><img width=\"%u\" height=\"%u\" alt=\"", im->w, im->h);
        tsr_html_print(f, "%s, detail, %s", im->image, name_of(c));
        fputs("\" data-name=\"", f);
        tsr_html_put(f, name_of(c));
        fputs("\" data-facts=\"", f);
        put_facts(f, r, c);
        fprintf(f, "\" src=\"data:image/png;base64,%s\"><b title=\"", c->base64);
        tsr_html_put(f, name_of(c));
        fputs("\">", f);
        tsr_html_put(f, name_of(c));
        fputs("</b>", f);
        if (c->row)
            tsr_html_print(f, "%.3f bpp, %.2f dB", c->row->bpp,
                           tsr_lab_metric_db(r->metric, c->row->metric[r->metric]));
        fputs("</figure>\n", f);
    }
    fputs("</div>\n", f);
}

static void put_caption(FILE *f, const tsr_report *r, const tsr_crops *c,
                        const tsr_crop_image *im) {
    fputs("<h3>", f);
    tsr_html_put(f, im->image);
    fputs("</h3><p class=\"dim small\">", f);
    if (isfinite(im->bd))
        tsr_html_print(f, "%s of %s against %s: %+.1f %%. ", im->why, r->names.codecs[c->compared],
                       r->names.codecs[r->anchor], im->bd);
    fprintf(f, "%u &times; %u pixels at %u, %u.</p>\n", im->w, im->h, im->x, im->y);
}

void tsr_html_crops(FILE *f, const tsr_report *r, const tsr_crops *c) {
    if (!c->n && !c->why_none) return;
    fputs("<section><h2>Details at nearly equal rate</h2>\n", f);
    if (c->why_none) {
        fprintf(f, "<p class=\"dim\">%s</p></section>\n", c->why_none);
        return;
    }
    fputs("<p class=\"dim small\">Each codec at the measured setting whose rate is nearest, coded "
          "again for "
          "this page. Move over the picture, or use the slider; a click on a small picture makes "
          "it B, with "
          "shift A.</p>\n",
          f);
    for (size_t i = 0; i < c->n; i++) {
        fputs("<div class=\"crop\">", f);
        put_caption(f, r, c, &c->images[i]);
        put_stage(f, &c->images[i]);
        put_strip(f, r, &c->images[i]);
        fputs("</div>\n", f);
    }
    fputs("</section>\n", f);
}

/* ---------------------------------------------------------------- rate anatomy */

/* A bar of the parts, and the parts by name in the same colours. */
static void put_parts(FILE *f, const tsr_info *info) {
    fputs("<td><span class=\"bytes\">", f);
    for (uint32_t k = 0; k < info->n_parts; k++) {
        const tsr_part *p = &info->parts[k];
        if (!p->bytes) continue;
        fprintf(f, "<i class=\"c%u\" style=\"background:var(--c);flex:%llu\" title=\"",
                k % TSR_PLOT_COLOURS, (unsigned long long)p->bytes);
        tsr_html_print(f, "%s: %llu bytes", p->name, (unsigned long long)p->bytes);
        fputs("\"></i>", f);
    }
    fputs("</span></td><td class=\"left parts\">", f);
    for (uint32_t k = 0; k < info->n_parts; k++) {
        if (!info->parts[k].bytes) continue;
        fprintf(f, "<span><i class=\"c%u\"></i>", k % TSR_PLOT_COLOURS);
        tsr_html_print(f, "%s %llu", info->parts[k].name, (unsigned long long)info->parts[k].bytes);
        fputs("</span> ", f);
    }
    fputs("</td>", f);
}

void tsr_html_anatomy(FILE *f, const tsr_crops *c) {
    int open = 0;
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->images[i].n; k++) {
            const tsr_crop *crop = &c->images[i].crops[k];
            if (!crop->info) continue;
            if (!open++)
                fputs("<section><h2>Where the bytes go</h2>\n<p class=\"dim small\">Parts of the "
                      "streams "
                      "above; their sum is the file.</p>\n<div "
                      "class=\"scroll\"><table><thead><tr><th "
                      "class=\"left\">codec</th><th class=\"left\">picture</th><th>bytes</th><th "
                      "class=\"left\">share</th><th class=\"left\">parts, "
                      "bytes</th></tr></thead><tbody>\n",
                      f);
            fprintf(f, "<tr class=\"k%zu\"><th scope=\"row\">", crop->index);
            tsr_html_put(f, crop->codec);
            fputs("</th><td class=\"left\">", f);
            tsr_html_put(f, c->images[i].image);
            fprintf(f, "</td><td>%llu</td>", (unsigned long long)crop->bytes);
            put_parts(f, crop->info);
            fputs("</tr>\n", f);
        }
    if (open) fputs("</tbody></table></div></section>\n", f);
}
