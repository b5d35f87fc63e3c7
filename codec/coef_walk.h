/* coef_walk.h - the order in which coefficients are coded, the same for every entropy coder.
 *
 * A band begins with a flag "not empty". Detail bands are cut into 16 x 16 blocks; at the first row
 * of a row of blocks a flag for each says whether it holds a non-zero level; rows then run in
 * raster order through the flagged blocks. Low bands have no blocks: each level is predicted from
 * its neighbours (median edge detector of LOCO-I) and the difference is coded. With a codebook, the
 * REAL detail bands are coded by vectors of 2 x 2: pairs of rows, left to right.
 *
 * With parts (parts.h) a walk goes through the bands that are not cut, or through its part of those
 * that are; part 0 goes on in the statistics of the former, the others in copies of them.
 *
 * Everything is inlined into the coder with a constant direction, so that encoder and decoder are
 * one text.
 */
#ifndef TSR_COEF_WALK_H
#define TSR_COEF_WALK_H

#include "band_meter.h"
#include "coef_span.h"
#include "lattice.h"
#include "prob.h"
#include "trellis.h"
#include "vector_span.h"

/* State shared by all coders; begins their own state. */
typedef struct tsr_walk {
    tsr_parts parts;
    uint32_t part;               /* what tsr_walk_layer() goes through, or TSR_NO_PART */
    const uint8_t *const *state; /* encoder: [parts][bands] of the trellis, where part begins */
    tsr_coef_context ctx;
    tsr_vector_context vec;
    tsr_trellis trellis;
    uint32_t lattice; /* see tsr_symbols */
    tsr_rc rc;
    uint8_t **blocks;         /* [bands] non-zero levels of each block, at most 255; row-major */
    tsr_prob band_flag[2][5]; /* low or detail, orientation + parent's emptiness */
    tsr_prob block_flag[2][3][4][4];                  /* chroma, left + up, parent, plane A */
    tsr_prob index[3][4096];                          /* bit trees of INDEX bands */
    tsr_prob inward[2][2][TSR_BUCKETS / 4];           /* see tsr_vector_code_inward() */
    tsr_prob parity[2][TSR_E8_CONTEXTS][TSR_BUCKETS]; /* chroma, tsr_e8_parity_context() */
} tsr_walk;

tsr_status tsr_walk_begin(tsr_walk *w, const tsr_symbols *s, tsr_parts_wish wish,
                          tsr_job *j) TSR_MUST_CHECK;

/* *w, a copy of the walk of part 0, becomes that of part k. */
tsr_status tsr_walk_fork(tsr_walk *w, uint32_t k, tsr_job *j) TSR_MUST_CHECK;

/* Codes one level (or low-band residual) at column x of the current row: m is the row of
 * magnitudes; q1 is 0 or 1, plus TSR_NOT_ZERO for a level that is not 0. Returns the level; the
 * caller stores it. */
typedef int32_t (*tsr_level_fn)(void *model, uint32_t b, const uint16_t *m, uint32_t x, uint32_t q1,
                                int32_t level, int decoding);
/* Called before a level is coded, for the next one of its row, at column x: its quantizer if the
 * level before it turns out to be 0. May be NULL. */
typedef void (*tsr_ahead_fn)(void *model, const uint16_t *m, uint32_t x, uint32_t q1);
/* Codes the vector at (x, y), whose energies are in the walk's vec: value has its four values in
 * 1/16 step, 0 outside of the band. A decoder sets them; both set their magnitudes. */
typedef void (*tsr_vector_fn)(void *model, uint32_t b, uint32_t x, uint32_t y, unsigned outside,
                              int32_t *value, int decoding);
/* Called when the features of the block's columns x0 .. x0 + TSR_BLOCK - 1 of row y have been
 * computed, the band's edge notwithstanding; may be NULL. */
typedef void (*tsr_span_fn)(void *model, uint32_t b, uint32_t y, uint32_t x0);

/* What a coder brings along. */
typedef struct tsr_walk_coder {
    tsr_level_fn level;
    tsr_span_fn span;
    tsr_ahead_fn ahead;
    tsr_vector_fn vector;
} tsr_walk_coder;

/* Rows of band b that the walk goes through. */
static inline tsr_rows tsr_walk_rows(const tsr_walk *w, uint32_t b) {
    return tsr_parts_rows(&w->parts, &w->ctx.layout->band[b], b, w->part);
}

/* Context of the flag of block (bx, by), from what is known of it. */
tsr_prob *tsr_walk_block_context(tsr_walk *w, uint32_t b, uint32_t bx, uint32_t by);
tsr_prob *tsr_walk_band_context(tsr_walk *w, uint32_t b);

/* Codes an INDEX band; not inlined: there are few. */
void tsr_walk_index_band(tsr_walk *w, uint32_t b, int32_t *data, int decoding);

static inline uint32_t tsr_blocks_across(uint32_t n) {
    return (n + TSR_BLOCK - 1) / TSR_BLOCK;
}

/* Fills in the magnitudes of a whole band, as coding it would. */
void tsr_coef_context_fill(tsr_coef_context *c, uint32_t b, const int32_t *levels,
                           const tsr_trellis *t);

/* The same for a detail band of lattice coordinates. */
void tsr_coef_context_fill_lattice(tsr_coef_context *c, uint32_t b, const int32_t *x);

int tsr_any_nonzero(const int32_t *p, size_t n);

/* Is a level of the walk's rows of band b non-zero? */
int tsr_walk_any(const tsr_walk *w, uint32_t b, const int32_t *data);

/* Takes over what the stages before say of the walk's rows of band b. */
void tsr_walk_begin_band(tsr_walk *w, const tsr_symbols *s, uint32_t b);

/* The trellis' state where the walk's rows of band b begin: the encoder says it where it follows
 * from what is in another part. */
uint32_t tsr_walk_first_state(tsr_walk *w, uint32_t b, int decoding);

/* Is a level of block (bx, by) non-zero? */
int tsr_block_nonzero(const tsr_band *band, const int32_t *data, uint32_t bx, uint32_t by);

static inline int32_t tsr_low_prediction(const int32_t *p, size_t stride, uint32_t x, uint32_t y) {
    if (!y) return x ? p[-1] : 0;
    const int32_t *up = p - stride;
    if (!x) return up[0];
    int64_t w = p[-1], n = up[0], nw = up[-1], g = w + n - nw;
    int64_t lo = w < n ? w : n, hi = w < n ? n : w;
    return (int32_t)(g < lo ? lo : g > hi ? hi : g);
}

/* Features of a block's columns of one row: only what is coded is worth computing. */
TSR_INLINE void tsr_walk_features(tsr_walk *w, void *model, const tsr_walk_coder *coder, uint32_t b,
                                  uint32_t y, uint32_t x0) {
    w->ctx.span(&w->ctx, b, y, x0, TSR_BLOCK);
    if (coder->span) coder->span(model, b, y, x0);
}

TSR_INLINE void tsr_walk_low_band(tsr_walk *w, void *model, const tsr_walk_coder *coder, uint32_t b,
                                  int32_t *data, int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    int later = w->vec.earlier.n != 0; /* a remainder: its neighbours say nothing of its value */
    for (uint32_t y = 0; y < band->h; y++) {
        uint16_t *m = tsr_mag_row(&w->ctx, b, y);
        for (uint32_t x = 0; x < band->w; x++) {
            int32_t *p = data + (size_t)y * band->w + x,
                    pred = later ? 0 : tsr_low_prediction(p, band->w, x, y);
            if (x % TSR_BLOCK == 0) tsr_walk_features(w, model, coder, b, y, x);
            int32_t r = coder->level(model, b, m, x, 0, decoding ? 0 : *p - pred, decoding);
            if (decoding) *p = (int32_t)((uint32_t)pred + (uint32_t)r);
            m[x] = tsr_clip_mag(2 * (uint32_t)(r < 0 ? -r : r));
        }
    }
}

/* The quantizer of the level at column x: from the trellis' state, or from the parity of a
 * lattice's coordinate, which is coded where it is free. state: of the trellis, or the odd
 * coordinates of the vector so far. */
TSR_INLINE uint32_t tsr_walk_quantizer(tsr_walk *w, uint32_t b, const uint16_t *m, uint32_t x,
                                       uint32_t *state, int32_t value, int decoding) {
    if (!w->lattice) return tsr_trellis_q1(&w->trellis, *state);
    uint32_t at = x % TSR_E8;
    if (!at) *state = 0;
    if (!tsr_e8_complete(x, w->ctx.layout->band[b].w)) return 0;
    uint32_t parity = tsr_e8_parity(at, *state);
    if (parity == TSR_E8_FREE) {
        uint32_t bucket = tsr_energy_bucket(tsr_energy(&w->ctx, m, x));
        tsr_prob *p = &w->parity[tsr_plane_kind(w->ctx.layout, b) != 0]
                                [tsr_e8_parity_context(at, *state)][bucket];
        parity = (uint32_t)tsr_prob_code(&w->rc, p, value & 1, decoding);
    }
    *state |= parity << at;
    return parity ? 1 | TSR_NOT_ZERO : 0;
}

/* Levels [x0, x1) of one row; returns how many are not zero. */
TSR_INLINE uint32_t tsr_walk_span(tsr_walk *w, void *model, const tsr_walk_coder *coder, uint32_t b,
                                  uint16_t *m, int32_t *p, uint32_t x0, uint32_t x1,
                                  uint32_t *state, int decoding) {
    uint32_t count = 0;
    for (uint32_t x = x0; x < x1; x++) {
        uint32_t q = tsr_walk_quantizer(w, b, m, x, state, decoding ? 0 : p[x], decoding);
        int32_t k = decoding ? 0 : w->lattice ? tsr_e8_level(p[x]) : p[x];
        if (coder->ahead && !w->lattice && x + 1 < x1)
            coder->ahead(model, m, x + 1, tsr_trellis_q1(&w->trellis, w->trellis.next[*state][0]));
        k = coder->level(model, b, m, x, q, k, decoding);
        if (decoding) p[x] = w->lattice ? tsr_e8_coordinate(k, q) : k;
        if (k) {
            uint32_t a = (uint32_t)(k < 0 ? -k : k);
            m[x] = tsr_clip_mag(2 * a - (q & 1));
            count++;
        }
        if (!w->lattice) *state = w->trellis.next[*state][k & 1];
    }
    return count;
}

TSR_INLINE void tsr_walk_flags(tsr_walk *w, uint32_t b, uint32_t by, const int32_t *data,
                               int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    uint32_t n = tsr_blocks_across(band->w);
    for (uint32_t bx = 0; bx < n; bx++) {
        int bit = decoding ? 0 : tsr_block_nonzero(band, data, bx, by);
        bit = tsr_prob_code(&w->rc, tsr_walk_block_context(w, b, bx, by), bit, decoding);
        w->blocks[b][(size_t)by * n + bx] = (uint8_t)bit;
    }
}

TSR_INLINE void tsr_walk_detail_band(tsr_walk *w, void *model, const tsr_walk_coder *coder,
                                     uint32_t b, int32_t *data, int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    tsr_rows rows = tsr_walk_rows(w, b);
    uint32_t across = tsr_blocks_across(band->w), state = tsr_walk_first_state(w, b, decoding);
    for (uint32_t y = rows.from; y < rows.end; y++) {
        uint8_t *flag = w->blocks[b] + (size_t)(y / TSR_BLOCK) * across;
        if (y % TSR_BLOCK == 0) tsr_walk_flags(w, b, y / TSR_BLOCK, data, decoding);
        uint16_t *m = tsr_mag_row(&w->ctx, b, y);
        for (uint32_t bx = 0; bx < across; bx++) {
            uint32_t x0 = bx * TSR_BLOCK, x1 = x0 + TSR_BLOCK < band->w ? x0 + TSR_BLOCK : band->w;
            if (!flag[bx]) {
                if (!w->lattice) state = tsr_trellis_skip(&w->trellis, state, x1 - x0);
                continue;
            }
            tsr_walk_features(w, model, coder, b, y, x0);
            uint32_t c = flag[bx] + tsr_walk_span(w, model, coder, b, m, data + (size_t)y * band->w,
                                                  x0, x1, &state, decoding);
            flag[bx] = (uint8_t)(c < 255 ? c : 255);
        }
    }
}

/* One vector of the band at data; returns how many values are not zero. */
TSR_INLINE uint32_t tsr_walk_vector(tsr_walk *w, void *model, tsr_vector_fn vector, uint32_t b,
                                    uint32_t x, uint32_t y, int32_t *data, int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    unsigned outside = tsr_vector_outside(band, x, y);
    int32_t value[TSR_VECTOR] = {0}, *p = data + (size_t)y * band->w + x;
    uint32_t count = 0;
    for (unsigned i = 0; i < TSR_VECTOR && !decoding; i++)
        if (!(outside >> i & 1)) value[i] = p[(i >> 1) * (size_t)band->w + (i & 1)];
    tsr_vector_find_before(&w->vec, band, x, y, outside);
    tsr_vector_energies(&w->vec, tsr_mag_row(&w->ctx, b, y), w->ctx.mags[b].stride, x, outside);
    vector(model, b, x, y, outside, value, decoding);
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        count += value[i] != 0;
        if (decoding && !(outside >> i & 1)) p[(i >> 1) * (size_t)band->w + (i & 1)] = value[i];
    }
    return count;
}

TSR_INLINE void tsr_walk_vector_band(tsr_walk *w, void *model, tsr_vector_fn vector, uint32_t b,
                                     int32_t *data, int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    uint32_t across = tsr_blocks_across(band->w);
    tsr_rows rows = tsr_walk_rows(w, b);
    tsr_vector_context_band(&w->vec, &w->ctx, b);
    for (uint32_t y = rows.from; y < rows.end; y += 2) {
        uint8_t *flag = w->blocks[b] + (size_t)(y / TSR_BLOCK) * across;
        if (y % TSR_BLOCK == 0) tsr_walk_flags(w, b, y / TSR_BLOCK, data, decoding);
        for (uint32_t bx = 0; bx < across; bx++) {
            uint32_t x = bx * TSR_BLOCK, x1 = x + TSR_BLOCK < band->w ? x + TSR_BLOCK : band->w;
            if (!flag[bx]) continue;
            tsr_vector_context_span(&w->vec, &w->ctx, b, y, x);
            uint32_t c = flag[bx];
            for (; x < x1; x += 2) c += tsr_walk_vector(w, model, vector, b, x, y, data, decoding);
            flag[bx] = (uint8_t)(c < 255 ? c : 255);
        }
    }
}

/* The walk's share of the layer. */
TSR_INLINE void tsr_walk_layer(tsr_walk *w, void *model, const tsr_walk_coder *coder,
                               const tsr_symbols *s, uint32_t layer, int decoding) {
    const tsr_layout *l = s->layout;
    int cut = w->part != TSR_NO_PART;
    for (uint32_t b = 0; b < l->n; b++) {
        const tsr_band *band = &l->band[b];
        if (band->layer != layer || !tsr_band_size(band) || tsr_parts_cut(&w->parts, b) != cut)
            continue;
        if (s->meter) tsr_meter_band(s->meter, b, &w->rc);
        int any = decoding ? 0 : tsr_walk_any(w, b, s->data[b]);
        tsr_walk_begin_band(w, s, b);
        if (!tsr_prob_code(&w->rc, tsr_walk_band_context(w, b), any, decoding)) continue;
        tsr_coef_context_band(&w->ctx, b);
        if (band->domain == TSR_DOMAIN_INDEX)
            tsr_walk_index_band(w, b, s->data[b], decoding);
        else if (band->orient == TSR_ORIENT_LOW)
            tsr_walk_low_band(w, model, coder, b, s->data[b], decoding);
        else if (tsr_codebook_wants(w->vec.book, band))
            tsr_walk_vector_band(w, model, coder->vector, b, s->data[b], decoding);
        else
            tsr_walk_detail_band(w, model, coder, b, s->data[b], decoding);
    }
    if (s->meter) tsr_meter_band(s->meter, TSR_NO_BAND, &w->rc);
}

#endif
