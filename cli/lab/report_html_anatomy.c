/* report_html_anatomy.c - the bytes of the streams behind the details: bars by part, plane and
 * level, and a table by band. */
#include "html_text.h"
#include "report_html.h"
#include "svg_plot.h"

/* One piece of a bar; colour < 0: what is outside the bands. */
typedef struct piece {
    char name[64];
    int colour;
    uint64_t bytes;
} piece;

#define MOST_PIECES 64

typedef struct split {
    const char *by;
    piece piece[MOST_PIECES];
    size_t n;
} split;

/* Pieces beyond the room go to the last one. */
static void add(split *s, int colour, uint64_t bytes, const char *fmt, const char *name,
                unsigned number) {
    if (!bytes) return;
    if (s->n == MOST_PIECES) {
        s->piece[s->n - 1].bytes += bytes;
        return;
    }
    piece *p = &s->piece[s->n++];
    *p = (piece){.colour = colour, .bytes = bytes};
    snprintf(p->name, sizeof p->name, fmt, name, number);
}

/* ---------------------------------------------------------------- bars */

static void put_colour(FILE *f, const piece *p) {
    if (p->colour < 0)
        fputs("<i class=\"rest\"", f);
    else
        fprintf(f, "<i class=\"c%d\"", p->colour % (int)TSR_PLOT_COLOURS);
}

/* A bar, and its pieces by name in the same colours. */
static void put_split(FILE *f, const split *s) {
    fprintf(f, "<dt>%s</dt><dd><span class=\"bytes\">", s->by);
    for (size_t i = 0; i < s->n; i++) {
        put_colour(f, &s->piece[i]);
        fprintf(f, " style=\"flex:%llu\" title=\"", (unsigned long long)s->piece[i].bytes);
        tsr_html_print(f, "%s: %llu bytes", s->piece[i].name,
                       (unsigned long long)s->piece[i].bytes);
        fputs("\"></i>", f);
    }
    fputs("</span><span class=\"parts\">", f);
    for (size_t i = 0; i < s->n; i++) {
        fputs("<span>", f);
        put_colour(f, &s->piece[i]);
        fputs("></i>", f);
        tsr_html_print(f, "%s %llu", s->piece[i].name, (unsigned long long)s->piece[i].bytes);
        fputs("</span> ", f);
    }
    fputs("</span></dd>\n", f);
}

static void put_by_part(FILE *f, const tsr_lab_anatomy *a) {
    split s = {.by = "part"};
    for (uint32_t i = 0; i < a->info.n_parts; i++)
        add(&s, (int)i, a->info.parts[i].bytes, "%s", a->info.parts[i].name, 0);
    put_split(f, &s);
}

static void put_by_plane(FILE *f, const tsr_lab_anatomy *a) {
    split s = {.by = "plane"};
    add(&s, -1, a->frame, "%s", "frame", 0);
    for (unsigned p = 0; p < a->n_planes; p++) add(&s, (int)p, a->plane[p], "%s %u", "plane", p);
    put_split(f, &s);
}

/* Bands of a level follow each other in a stream. */
static void put_by_level(FILE *f, const tsr_lab_anatomy *a) {
    split s = {.by = "level"};
    add(&s, -1, a->frame, "%s", "frame", 0);
    for (size_t i = 0; i < a->n_bands;) {
        unsigned level = a->band[i].level;
        uint64_t bytes = 0;
        for (; i < a->n_bands && a->band[i].level == level; i++) bytes += a->band[i].bytes;
        add(&s, (int)level, bytes, "%s %u", "level", level);
    }
    put_split(f, &s);
}

/* ---------------------------------------------------------------- bands */

static void put_numbers(FILE *f, const tsr_lab_anatomy *a, const uint64_t *plane, uint64_t all) {
    for (unsigned p = 0; plane && p < a->n_planes; p++)
        fprintf(f, "<td>%llu</td>", (unsigned long long)plane[p]);
    if (!plane) fprintf(f, "<td colspan=\"%u\"></td>", a->n_planes);
    fprintf(f, "<td>%llu</td><td>%.1f</td></tr>\n", (unsigned long long)all,
            100.0 * (double)all / (double)a->info.bytes);
}

static void put_bands(FILE *f, const tsr_lab_anatomy *a) {
    fputs("<details><summary>By band</summary><div class=\"scroll\"><table "
          "class=\"bands\"><thead><tr><th "
          "class=\"left\">level</th><th class=\"left\">band</th>",
          f);
    for (unsigned p = 0; p < a->n_planes; p++) fprintf(f, "<th>plane %u</th>", p);
    fputs("<th>bytes</th><th>%</th></tr></thead><tbody>\n", f);
    fputs("<tr><td></td><td class=\"left\">frame</td>", f);
    put_numbers(f, a, NULL, a->frame);
    for (size_t i = 0; i < a->n_bands; i++) {
        const tsr_lab_band *b = &a->band[i];
        fprintf(f, "<tr><td class=\"left\">%u</td><td class=\"left\">%s</td>", b->level,
                tsr_orient_name(b->orient));
        put_numbers(f, a, b->plane, b->bytes);
    }
    fputs("</tbody><tfoot><tr><td></td><th class=\"left\">file</th>", f);
    put_numbers(f, a, a->plane, a->info.bytes);
    fputs("</tfoot></table></div></details>\n", f);
}

/* ---------------------------------------------------------------- streams */

static void put_stream(FILE *f, const tsr_crop *crop) {
    const tsr_lab_anatomy *a = crop->anatomy;
    fprintf(f, "<div class=\"stream k%zu\"><p><b>", crop->index);
    tsr_html_put(f, crop->codec);
    fprintf(f, "</b> %llu bytes</p>\n<dl>\n", (unsigned long long)a->info.bytes);
    put_by_part(f, a);
    if (a->n_bands) put_by_plane(f, a);
    if (a->n_bands) put_by_level(f, a);
    fputs("</dl>\n", f);
    if (a->n_bands) put_bands(f, a);
    fputs("</div>\n", f);
}

/* Returns whether there was one. */
static int put_picture(FILE *f, const tsr_crop_image *im) {
    int n = 0;
    for (size_t k = 0; k < im->n; k++) {
        if (!im->crops[k].anatomy) continue;
        if (!n++) {
            fputs("<h3>", f);
            tsr_html_put(f, im->image);
            fputs("</h3>\n<div class=\"streams\">\n", f);
        }
        put_stream(f, &im->crops[k]);
    }
    if (n) fputs("</div>\n", f);
    return n > 0;
}

static int any_stream(const tsr_crops *c) {
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->images[i].n; k++)
            if (c->images[i].crops[k].anatomy) return 1;
    return 0;
}

void tsr_html_anatomy(FILE *f, const tsr_crops *c) {
    if (!any_stream(c)) return;
    fputs("<section><h2>Where the bytes go</h2>\n<p class=\"dim small\">The streams of Tessera "
          "above, by part of the file, by plane and by level of the transform; each adds up to the "
          "file. A level halves the resolution of the one before; frame is what belongs to no "
          "band: headers, side information, sizes of layers.</p>\n",
          f);
    for (size_t i = 0; i < c->n; i++) put_picture(f, &c->images[i]);
    fputs("</section>\n", f);
}
