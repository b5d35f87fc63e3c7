/* anatomy.c - the bytes of a stream by band and plane. */
#include <tessera/anatomy.h>

#include <stdlib.h>

#include "anatomy_decode.h"

const char *tsr_orient_name(unsigned orient) {
    static const char *const name[] = {"low", "horizontal", "vertical", "diagonal"};
    return orient < sizeof name / sizeof *name ? name[orient] : "unknown";
}

/* What the meter has counted, with the facts of the layout. */
static tsr_status collect(void *arg, const tsr_band_meter *m, tsr_diag *d) {
    tsr_anatomy *a = arg;
    const tsr_layout *l = m->layout;
    a->band = calloc(l->n, sizeof *a->band);
    if (!a->band)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the anatomy");
    a->n_bands = l->n;
    for (uint32_t b = 0; b < l->n; b++) {
        const tsr_band *band = &l->band[b];
        a->band[b] = (tsr_band_share){.width = band->w,
                                      .height = band->h,
                                      .layer = band->layer,
                                      .plane = band->plane,
                                      .level = band->level,
                                      .orient = band->orient,
                                      .domain = band->domain,
                                      .bytes = m->bytes[b]};
        a->bytes += m->bytes[b];
        a->plane_bytes[band->plane] += m->bytes[b];
    }
    return TSR_OK;
}

tsr_status tsr_anatomy_read(tsr_context *ctx, const void *data, size_t size, tsr_anatomy *a,
                            tsr_diag *d) {
    *a = (tsr_anatomy){.struct_size = sizeof *a};
    tsr_status s = tsr_decode_metered(ctx, data, size, collect, a, d);
    if (s) tsr_anatomy_free(a);
    return s;
}

void tsr_anatomy_free(tsr_anatomy *a) {
    free(a->band);
    *a = (tsr_anatomy){.struct_size = sizeof *a};
}
