/* dct_layout.c - the order of the bands and what the entropy coder may look at for each.
 *
 * Coarse to fine: the second stage before the first, in each the octaves of max(u, v), in an octave
 * plane by plane, in a plane along the anti-diagonals. One octave of one stage is a layer.
 */
#include "dct_internal.h"

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* 0 for the lowest frequency, else 1 + floor(log2(max(u, v))). */
static uint32_t octave_of(uint32_t u, uint32_t v) {
    uint32_t m = larger(u, v);
    return m ? 1 + dct_log2(m) : 0;
}

static int is_split(const dct *d, uint32_t stage, uint32_t u, uint32_t v) {
    return !u && !v && stage + 1 < d->stages;
}

static void append(dct *d, uint32_t stage, uint32_t plane, uint32_t u, uint32_t v) {
    const dct_stage *s = &d->stage[stage];
    d->id[d->n_bands] = (dct_band_id){(uint8_t)stage, (uint8_t)plane, (uint8_t)u, (uint8_t)v};
    d->band[stage][plane * dct_stage_freqs(s) + v * s->nx + u] = d->n_bands++;
}

static void append_octave(dct *d, uint32_t stage, uint32_t plane, uint32_t octave) {
    const dct_stage *s = &d->stage[stage];
    for (uint32_t sum = 0; sum < s->nx + s->ny - 1; sum++)
        for (uint32_t v = 0; v <= sum && v < s->ny; v++) {
            uint32_t u = sum - v;
            if (u < s->nx && octave_of(u, v) == octave && !is_split(d, stage, u, v))
                append(d, stage, plane, u, v);
        }
}

tsr_status tsr_dct_order_bands(dct *d, const tsr_env *env) {
    size_t total = 0;
    for (uint32_t s = 0; s < d->stages; s++) {
        size_t n = (size_t)d->g.planes * dct_stage_freqs(&d->stage[s]);
        d->band[s] = env->alloc(env, n * sizeof *d->band[s]);
        if (!d->band[s]) return TSR_ERR_MEMORY;
        for (size_t i = 0; i < n; i++) d->band[s][i] = TSR_NO_BAND;
        total += n;
    }
    d->id = env->alloc(env, total * sizeof *d->id);
    if (!d->id) return TSR_ERR_MEMORY;
    d->n_bands = 0;
    for (uint32_t s = d->stages; s-- > 0;)
        for (uint32_t o = 0; o <= dct_log2(larger(d->stage[s].nx, d->stage[s].ny)); o++)
            for (uint32_t p = 0; p < d->g.planes; p++) append_octave(d, s, p, o);
    return TSR_OK;
}

static uint8_t orient_of(uint32_t u, uint32_t v) {
    if (!u && !v) return TSR_ORIENT_LOW;
    return u > 2 * v ? TSR_ORIENT_H : v > 2 * u ? TSR_ORIENT_V : TSR_ORIENT_D;
}

/* 1 for the finest octave of the picture. */
static uint8_t level_of(const dct *d, uint32_t stage, uint32_t u, uint32_t v) {
    uint32_t level = 0;
    for (uint32_t s = 0; s <= stage; s++) level += dct_log2(larger(d->stage[s].nx, d->stage[s].ny));
    uint32_t m = larger(u, v);
    return (uint8_t)(m ? level - dct_log2(m) : level);
}

/* The band of (u, v), none for the lowest frequency: its values are not comparable. */
static uint32_t detail_band(const dct *d, const dct_band_id *id, uint32_t u, uint32_t v) {
    return u || v ? dct_band_index(d, id->stage, id->plane, u, v) : TSR_NO_BAND;
}

/* Along the diagonal towards lower frequencies, or two steps along an axis. */
static uint32_t parent_of(const dct *d, const dct_band_id *id) {
    uint32_t u = id->u, v = id->v;
    if (u && v) return detail_band(d, id, u - 1, v - 1);
    if (u > 2) return detail_band(d, id, u - 2, 0);
    return v > 2 ? detail_band(d, id, 0, v - 2) : TSR_NO_BAND;
}

static void set_refs(const dct *d, const dct_band_id *id, uint32_t *ref) {
    uint32_t u = id->u, v = id->v;
    ref[TSR_REF_PARENT] = parent_of(d, id);
    ref[TSR_REF_SISTER_A] = u ? detail_band(d, id, u - 1, v) : TSR_NO_BAND;
    ref[TSR_REF_SISTER_B] = v ? detail_band(d, id, u, v - 1) : TSR_NO_BAND;
    ref[TSR_REF_PLANE_A] = id->plane ? dct_band_index(d, id->stage, 0, u, v) : TSR_NO_BAND;
    ref[TSR_REF_PLANE_B] = id->plane > 1 ? dct_band_index(d, id->stage, 1, u, v) : TSR_NO_BAND;
}

void tsr_dct_describe_bands(const dct *d, tsr_band *out, uint32_t n) {
    double norm[DCT_MAX_STAGES][2][DCT_MAX_BLOCK];
    for (uint32_t s = 0; s < d->stages; s++)
        for (int down = 0; down < 2; down++) tsr_dct_axis_norms(d, s, down, norm[s][down]);
    for (uint32_t i = 0; i < n; i++) {
        const dct_band_id *id = &d->id[i], *last = i ? id - 1 : id;
        const dct_stage *s = &d->stage[id->stage];
        int new_layer =
            id->stage != last->stage || octave_of(id->u, id->v) != octave_of(last->u, last->v);
        out[i] = (tsr_band){
            .w = s->bx,
            .h = s->by,
            .domain = TSR_DOMAIN_REAL,
            .plane = id->plane,
            .orient = orient_of(id->u, id->v),
            .level = level_of(d, id->stage, id->u, id->v),
            .layer = (uint16_t)(i ? out[i - 1].layer + new_layer : 0),
            .gain = (float)(norm[id->stage][0][id->u] * norm[id->stage][1][id->v]),
        };
        set_refs(d, id, out[i].ref);
    }
}
