/* fit_pair.c - a picture before and after coding, for those who train on the difference. */
#include <stdlib.h>
#include <string.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "step.h"

/* All planes are one allocation, owned by original[0]. */
static tsr_status take(tsr_coded_pair *pair, const tsr_encoder *e) {
    size_t n = (size_t)e->im->width * e->im->height;
    uint32_t planes = e->planes.n;
    float *all = malloc(n * 2 * planes * sizeof *all);
    if (!all)
        return tsr_diag_set(e->job->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for planes");
    *pair = (tsr_coded_pair){.width = e->im->width,
                             .height = e->im->height,
                             .planes = planes,
                             .step = tsr_step_value(e->header.step_index),
                             .bytes = e->file.size};
    for (uint32_t p = 0; p < planes; p++) {
        pair->original[p] = all + n * p;
        pair->decoded[p] = all + n * (planes + p);
        memcpy(pair->original[p], e->planes.p[p].s.f, n * sizeof *all);
        memcpy(pair->decoded[p], e->synthesis.p[p].s.f, n * sizeof *all);
    }
    return TSR_OK;
}

static tsr_status visit(void *pair, tsr_encoder *e) {
    tsr_status s = tsr_encoder_reconstruct(e);
    if (!s) s = tsr_filters_apply(&e->synthesis, &e->filters, e->job);
    return s ? s : take(pair, e);
}

tsr_status tsr_coded_pair_make(tsr_coded_pair *pair, tsr_context *ctx, const tsr_image *im,
                               const tsr_encode_options *o, tsr_diag *d) {
    tsr_encode_options own = *o;
    if (!own.postfilter) own.postfilter = TSR_POSTFILTER_OFF;
    if (!own.effort) own.effort = TSR_DEFAULT_EFFORT;
    *pair = (tsr_coded_pair){0};
    tsr_diag_init(d);
    if (o->target == TSR_TARGET_LOSSLESS)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "lossless coding leaves no difference to train on");
    return tsr_encoder_visit(ctx, im, &own, visit, pair, d);
}

void tsr_coded_pair_free(tsr_coded_pair *pair) {
    if (pair) free(pair->original[0]);
    if (pair) *pair = (tsr_coded_pair){0};
}
