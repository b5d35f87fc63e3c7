/* figure_raster.c - an SVG figure as PNG and PDF, by the module of librsvg. */
#include "figure.h"
#include "module.h"

int tsr_figure_has_raster(void) {
    return tsr_module_open("raster", 0, NULL) != NULL;
}

tsr_status tsr_figure_raster(const void *svg, size_t size, tsr_blob *png, tsr_blob *pdf,
                             tsr_diag *d) {
    const tsr_rasterizer *r = tsr_module_open("raster", 0, d);
    return r ? r->raster(svg, size, png, pdf, d) : TSR_ERR_UNSUPPORTED;
}
