/* figure_rsvg.c - an SVG figure as PNG and PDF, with librsvg and cairo: the module
 * tessera-raster.so.
 */
#include <cairo-pdf.h>
#include <librsvg/rsvg.h>
#include <stdlib.h>
#include <string.h>

#include "figure.h"
#include "module.h"

#define PNG_SCALE 2

static cairo_status_t append(void *to, const unsigned char *data, unsigned n) {
    tsr_blob *b = to;
    uint8_t *bigger = realloc(b->data, b->size + n);
    if (!bigger) return CAIRO_STATUS_NO_MEMORY;
    memcpy(bigger + b->size, data, n);
    *b = (tsr_blob){bigger, b->size + n};
    return CAIRO_STATUS_SUCCESS;
}

/* Renders onto a surface and finishes it; 0 on success. */
static int render(RsvgHandle *svg, cairo_surface_t *surface, double scale, double w, double h) {
    const RsvgRectangle whole = {0, 0, w, h};
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    int ok = rsvg_handle_render_document(svg, cr, &whole, NULL);
    ok = ok && cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    return !ok;
}

static int render_png(RsvgHandle *svg, double w, double h, tsr_blob *png) {
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(w * PNG_SCALE), (int)(h * PNG_SCALE));
    int bad = render(svg, s, PNG_SCALE, w, h);
    bad = bad || cairo_surface_write_to_png_stream(s, append, png) != CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(s);
    return bad;
}

/* The date is fixed: the same rows give the same bytes. */
static int render_pdf(RsvgHandle *svg, double w, double h, tsr_blob *pdf) {
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(append, pdf, w * 0.75, h * 0.75);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    int bad = render(svg, s, 0.75, w, h);
    cairo_surface_finish(s);
    bad = bad || cairo_surface_status(s) != CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(s);
    return bad;
}

static tsr_status raster(const void *svg, size_t size, tsr_blob *png, tsr_blob *pdf, tsr_diag *d) {
    gdouble w = 0, h = 0;
    RsvgHandle *handle = rsvg_handle_new_from_data(svg, size, NULL);
    int bad = !handle || !rsvg_handle_get_intrinsic_size_in_pixels(handle, &w, &h);
    bad = bad || render_png(handle, w, h, png) || render_pdf(handle, w, h, pdf);
    if (handle) g_object_unref(handle);
    if (!bad) return TSR_OK;
    tsr_blob_free(png);
    tsr_blob_free(pdf);
    return tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET, "a figure cannot be rendered");
}

static const tsr_rasterizer rsvg = {raster};

TSR_MODULE(rsvg);
