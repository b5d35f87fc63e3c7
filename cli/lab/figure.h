/* figure.h - the figures of a report, each as SVG and with its data as CSV. */
#ifndef TSR_FIGURE_H
#define TSR_FIGURE_H

#include <tessera/image.h>

#include "lab_report.h"
#include "svg_plot.h"

/* Rate-distortion curves, means over pictures, of one metric. */
void tsr_figure_rd(const tsr_canvas *c, const tsr_report *r, tsr_lab_metric m);
void tsr_figure_rd_data(FILE *f, const tsr_report *r, tsr_lab_metric m);

/* The curves of one picture, small, on the axes of all pictures. */
void tsr_figure_image(const tsr_canvas *c, const tsr_report *r, size_t image);
void tsr_figure_image_data(FILE *f, const tsr_report *r);

/* BD-rate of each codec: pictures, their mean, its interval. */
void tsr_figure_bd(const tsr_canvas *c, const tsr_report *r);
void tsr_figure_bd_data(FILE *f, const tsr_report *r);

/* Rate of each codec against the anchor's over quality: geometric mean over the pictures. */
void tsr_figure_saving(const tsr_canvas *c, const tsr_report *r);
void tsr_figure_saving_data(FILE *f, const tsr_report *r);

/* Throughput against BD-rate with the codecs that no other beats in both. */
void tsr_figure_speed(const tsr_canvas *c, const tsr_report *r, int decode);
int tsr_figure_has_speed(const tsr_report *r, int decode); /* whether there is a point to draw */
void tsr_figure_speed_data(FILE *f, const tsr_report *r);

/* Quality at one rate over the resolution of the pictures. */
void tsr_figure_scale(const tsr_canvas *c, const tsr_report *r);
void tsr_figure_scale_data(FILE *f, const tsr_report *r);

/* The rate of that figure, bits per pixel: the round one at which most codecs have a quality. */
double tsr_figure_scale_rate(const tsr_report *r);

/* Writes the figures that there are into a folder, which is made: NAME.svg, NAME.csv, and with
 * librsvg NAME.png and NAME.pdf. Errors: IO, MEMORY. */
tsr_status tsr_figure_files(const tsr_report *r, const char *folder, tsr_diag *d) TSR_MUST_CHECK;

/* figure_raster.c: an SVG as PNG (2 pixels a unit) and PDF. UNSUPPORTED without librsvg or the
 * module that uses it. */
tsr_status tsr_figure_raster(const void *svg, size_t size, tsr_blob *png, tsr_blob *pdf,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Whether these are there. */
int tsr_figure_has_raster(void);

/* What the module does. */
typedef struct tsr_rasterizer {
    tsr_status (*raster)(const void *svg, size_t size, tsr_blob *png, tsr_blob *pdf, tsr_diag *d);
} tsr_rasterizer;

#endif
