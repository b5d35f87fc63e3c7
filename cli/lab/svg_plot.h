/* svg_plot.h - the drawing of one plot as SVG: axes, ticks, curves, labels that do not overlap.
 *
 * Colours come from classes: a codec's group is of the classes k<i> (the codec, for the filter of
 * the HTML page), c<i> (colour) and d<i> (dashes). A figure for a file carries its style sheet; in
 * the HTML page the page's own gives the colours of light and dark.
 */
#ifndef TSR_SVG_PLOT_H
#define TSR_SVG_PLOT_H

#include <stddef.h>
#include <stdio.h>

/* Where figures go, and for what. */
typedef struct tsr_canvas {
    FILE *f;
    int standalone; /* a file of its own: with style sheet and background */
    int narrow;     /* for the width of a phone: no labels beside the plot */
} tsr_canvas;

typedef struct tsr_axis {
    double lo, hi; /* lo > hi: nothing covered yet */
    int log;
    const char *title; /* with unit */
} tsr_axis;

typedef struct tsr_plot {
    const tsr_canvas *canvas;
    double width, height;            /* of the drawing, in its units: pixels at full size */
    double left, right, top, bottom; /* edges of the plot within it */
    tsr_axis x, y;
} tsr_plot;

/* An axis that covers nothing; values are added; the end makes room at both ends. */
tsr_axis tsr_axis_begin(const char *title, int log);
void tsr_axis_cover(tsr_axis *a, double v);
void tsr_axis_end(tsr_axis *a);

/* At most max positions of ticks, max <= 16; returns how many. */
#define TSR_AXIS_TICKS 16
unsigned tsr_axis_ticks(const tsr_axis *a, unsigned max, double ticks[TSR_AXIS_TICKS]);

/* Opens the drawing and draws grid, ticks, titles; the end closes it. label is for screen readers.
 */
void tsr_plot_begin(const tsr_plot *p, const char *label);
void tsr_plot_end(const tsr_plot *p);

/* Positions in the drawing. */
double tsr_plot_x(const tsr_plot *p, double v);
double tsr_plot_y(const tsr_plot *p, double v);

/* " class=\"k3 c3 d0 extra\"" of a codec, with a space in front. */
void tsr_plot_class(FILE *f, size_t codec, const char *extra);

/* A label beside the right edge with a thin line from the point it belongs to. */
typedef struct tsr_plot_label {
    double x, y; /* the point */
    double at;   /* height of the label, set by tsr_plot_labels */
    size_t codec;
    const char *text;
} tsr_plot_label;

/* Draws n labels, moved up and down until none overlaps; the array is sorted. */
void tsr_plot_labels(const tsr_plot *p, tsr_plot_label *labels, size_t n);

/* Colours of the codecs as CSS: rules ".c0{--c:#..}", for the dark theme only below an element with
 * data-theme="dark"; and their dashes. */
void tsr_plot_colours(FILE *f, int dark);
void tsr_plot_dashes(FILE *f);

/* The number of distinct colours; more codecs repeat them with dashes. */
#define TSR_PLOT_COLOURS 12

#endif
