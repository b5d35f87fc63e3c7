/* report_html_crops.c - details of pictures with a slider between two codecs. */
#include <math.h>
#include <string.h>

#include "html_text.h"
#include "report_html.h"

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
