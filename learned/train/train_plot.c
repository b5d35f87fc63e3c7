/* train_plot.c - the curves of a training log as SVG: loss relative to that without the networks,
 * and the gain on the validation pictures, over the iterations. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train_log.h"

enum { WIDTH = 760, PANEL = 240, LEFT = 70, RIGHT = 90, TOP = 30, GAP = 60, TICKS = 5 };
enum { COLUMN_LOSS = 3, COLUMN_BASE = 4, COLUMN_VAL = 7, MAX_COLUMNS = 32 };

typedef struct text_out {
    char *p;
    size_t size, room;
    int failed;
} text_out;

static void put(text_out *o, const char *fmt, ...) TSR_PRINTF(2, 3);
static void put(text_out *o, const char *fmt, ...) {
    va_list ap;
    enum { LINE = 512 };
    if (o->size + LINE > o->room) {
        size_t room = 2 * o->room + LINE;
        char *p = o->failed ? NULL : realloc(o->p, room);
        if (!p) {
            o->failed = 1;
            return;
        }
        o->p = p;
        o->room = room;
    }
    va_start(ap, fmt);
    o->size += (size_t)vsnprintf(o->p + o->size, LINE, fmt, ap);
    va_end(ap);
}

/* Reads the numbers of a line; an empty field is NAN. Returns the next line. */
static const char *read_row(const char *line, double *v) {
    for (int i = 0; i < MAX_COLUMNS; i++) v[i] = NAN;
    for (int i = 0; *line && *line != '\n'; i++) {
        char *after;
        double x = strtod(line, &after);
        if (after != line && i < MAX_COLUMNS) v[i] = x;
        line += strcspn(line, ",\n");
        if (*line == ',') line++;
    }
    return *line ? line + 1 : line;
}

/* One curve: the difference or the ratio of two columns. */
typedef struct curve {
    int column, other, ratio;
    const char *name, *colour;
} curve;

static double value_of(const curve *c, const double *v) {
    return c->ratio ? v[c->column] / v[c->other] : v[c->column] - v[c->other];
}

typedef struct range {
    double low, high, tick;
} range;

static void widen(range *r, double v) {
    if (!isfinite(v)) return;
    if (v < r->low) r->low = v;
    if (v > r->high) r->high = v;
}

/* Ends and distance of the ticks: 1, 2 or 5 times a power of ten, about TICKS of them. */
static void round_range(range *r) {
    if (r->high - r->low < 1e-6) r->high = r->low + 1e-6;
    double raw = (r->high - r->low) / TICKS, power = pow(10, floor(log10(raw))), f = raw / power;
    r->tick = power * (f <= 1 ? 1 : f <= 2 ? 2 : f <= 5 ? 5 : 10);
    r->low = r->tick * floor(r->low / r->tick + 1e-9);
    r->high = r->tick * ceil(r->high / r->tick - 1e-9);
}

typedef struct panel {
    const char *title;
    const curve *curves;
    int n, top;
    double start; /* a value that the vertical axis includes */
    range x, y;
} panel;

static void measure(panel *p, const char *rows) {
    double v[MAX_COLUMNS];
    p->x = (range){0, 1, 1};
    p->y = (range){p->start, p->start, 1};
    while (*rows) {
        rows = read_row(rows, v);
        widen(&p->x, v[0]);
        for (int i = 0; i < p->n; i++) widen(&p->y, value_of(&p->curves[i], v));
    }
    round_range(&p->x);
    round_range(&p->y);
}

static double place_x(const panel *p, double v) {
    return LEFT + (v - p->x.low) / (p->x.high - p->x.low) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const panel *p, double v) {
    return p->top + PANEL - (v - p->y.low) / (p->y.high - p->y.low) * PANEL;
}

static void put_axes(text_out *o, const panel *p) {
    put(o, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n", LEFT, p->top - 10, p->title);
    for (double y = p->y.low; y < p->y.high + p->y.tick / 2; y += p->y.tick) {
        double at = place_y(p, y);
        put(o, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>\n", LEFT, at, WIDTH - RIGHT);
        put(o, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n", LEFT - 6, at + 4,
            fabs(y) < p->y.tick / 2 ? 0 : y);
    }
    for (double x = p->x.low; x < p->x.high + p->x.tick / 2; x += p->x.tick)
        put(o, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n", place_x(p, x),
            p->top + PANEL + 16, x);
}

static void put_curve(text_out *o, const panel *p, const curve *c, const char *rows, int label) {
    double v[MAX_COLUMNS], last = NAN;
    int points = 0;
    while (*rows) {
        rows = read_row(rows, v);
        double y = value_of(c, v);
        if (!isfinite(y) || !isfinite(v[0])) continue;
        put(o, points++ ? "L%.1f %.1f" : "<path fill=\"none\" stroke-width=\"1.5\" d=\"M%.1f %.1f",
            place_x(p, v[0]), place_y(p, y));
        last = y;
    }
    if (!points) return;
    put(o, "\" stroke=\"%s\"/>\n<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>\n", c->colour,
        WIDTH - RIGHT + 6, place_y(p, last) + 4 - 3 * label, c->colour, c->name);
}

static void put_panel(text_out *o, panel *p, const char *rows) {
    measure(p, rows);
    put_axes(o, p);
    for (int i = 0; i < p->n; i++) put_curve(o, p, &p->curves[i], rows, i);
}

char *tsr_train_plot(const char *log) {
    static const curve loss_curve = {COLUMN_LOSS, COLUMN_BASE, 1, "training", "#c33"};
    static const char *const colours[TSR_TRAIN_STEPS] = {"#c33", "#393", "#33c"};
    curve gains[TSR_TRAIN_STEPS];
    char names[TSR_TRAIN_STEPS][24];
    text_out o = {0};
    const char *rows = strchr(log, '\n');
    rows = rows ? rows + 1 : "";
    for (int k = 0; k < TSR_TRAIN_STEPS; k++) {
        int at = COLUMN_VAL + 3 * k;
        snprintf(names[k], sizeof names[k], "step %g", tsr_train_val_steps[k]);
        gains[k] = (curve){at + 2, at + 1, 0, names[k], colours[k]};
    }
    panel loss = {.title = "loss, relative to that without the networks",
                  .curves = &loss_curve,
                  .n = 1,
                  .top = TOP,
                  .start = 1};
    panel gain = {.title = "gain on the validation pictures, dB",
                  .curves = gains,
                  .n = TSR_TRAIN_STEPS,
                  .top = TOP + PANEL + GAP};
    put(&o,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "font-family=\"sans-serif\" font-size=\"11\">\n",
        WIDTH, TOP + 2 * PANEL + GAP + 40);
    put(&o, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
    put_panel(&o, &loss, rows);
    put_panel(&o, &gain, rows);
    put(&o, "<text x=\"%d\" y=\"%d\">iterations</text>\n</svg>\n", LEFT,
        TOP + 2 * PANEL + GAP + 34);
    if (!o.failed) return o.p;
    free(o.p);
    return NULL;
}
