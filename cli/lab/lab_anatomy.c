/* lab_anatomy.c - gathers the bands of a stream by level and orientation. */
#include "lab_anatomy.h"

static tsr_lab_band *band_of(tsr_lab_anatomy *to, const tsr_band_share *s) {
    size_t i = 0;
    while (i < to->n_bands && !(to->band[i].level == s->level && to->band[i].orient == s->orient))
        i++;
    if (i == to->n_bands)
        to->band[to->n_bands++] = (tsr_lab_band){.level = s->level, .orient = s->orient};
    return &to->band[i];
}

static void gather(tsr_lab_anatomy *to, const tsr_anatomy *a) {
    for (uint32_t b = 0; b < a->n_bands; b++) {
        const tsr_band_share *s = &a->band[b];
        tsr_lab_band *band = band_of(to, s);
        band->plane[s->plane] += s->bytes;
        band->bytes += s->bytes;
        to->plane[s->plane] += s->bytes;
        if (to->n_planes <= s->plane) to->n_planes = s->plane + 1u;
    }
    to->frame = to->info.bytes - a->bytes;
}

const tsr_lab_anatomy *tsr_lab_anatomy_read(tsr_context *ctx, tsr_lab_pool *pool,
                                            const tsr_blob *stream) {
    tsr_diag d;
    tsr_diag_init(&d);
    if (!tsr_is_stream(stream->data, stream->size)) return NULL;
    tsr_lab_anatomy *to = tsr_lab_pool_alloc(pool, 1, sizeof *to);
    if (!to) return NULL;
    to->info.struct_size = sizeof to->info;
    if (tsr_inspect(ctx, stream->data, stream->size, &to->info, &d)) return NULL;
    tsr_anatomy a = {.struct_size = sizeof a};
    if (!tsr_anatomy_read(ctx, stream->data, stream->size, &a, &d)) {
        to->band = tsr_lab_pool_alloc(pool, a.n_bands, sizeof *to->band);
        if (to->band) gather(to, &a);
        tsr_anatomy_free(&a);
    }
    return to;
}
