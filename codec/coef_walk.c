/* coef_walk.c - the parts of the walk that need no specialisation. */
#include "coef_walk.h"

#include <string.h>

static uint8_t *alloc_blocks(const tsr_band *band, uint32_t gaps, tsr_job *j) {
    size_t rows = (size_t)tsr_blocks_across(band->h) + gaps;
    return tsr_job_alloc(j, tsr_blocks_across(band->w) * rows + 1, 1);
}

tsr_status tsr_walk_begin(tsr_walk *w, const tsr_symbols *s, tsr_parts_wish wish, tsr_job *j) {
    tsr_status st = tsr_parts_init(&w->parts, s->whole, wish, j);
    w->part = TSR_NO_PART;
    if (!st) st = tsr_coef_context_init(&w->ctx, s->layout, &w->parts, j);
    if (!st) st = tsr_vector_context_init(&w->vec, &w->ctx, s->codebook, j);
    if (st) return st;
    tsr_trellis_init(&w->trellis, s->states);
    w->lattice = s->lattice;
    for (uint32_t c = 0; c < TSR_E8_CONTEXTS; c++)
        for (uint32_t i = 0; i < TSR_BUCKETS; i++)
            w->parity[0][c][i] = w->parity[1][c][i] = tsr_prob_start(tsr_e8_parity_start(c, i), 3);
    w->blocks = tsr_job_alloc(j, s->layout->n, sizeof *w->blocks);
    if (!w->blocks) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < s->layout->n; b++) {
        uint32_t gaps = tsr_parts_gaps(&w->parts, b, 1, w->parts.n - 1);
        w->blocks[b] = alloc_blocks(&s->layout->band[b], gaps, j);
        if (!w->blocks[b]) return tsr_job_memory_status(j);
    }
    tsr_prob_fill((tsr_prob *)w->band_flag, sizeof w->band_flag, tsr_prob_start(48000, 1));
    tsr_prob_fill((tsr_prob *)w->block_flag, sizeof w->block_flag, tsr_prob_start(32768, 1));
    tsr_prob_fill((tsr_prob *)w->inward, sizeof w->inward, tsr_prob_start(40000, 4));
    tsr_prob_fill((tsr_prob *)w->index, sizeof w->index, tsr_prob_start(32768, 2));
    return TSR_OK;
}

tsr_status tsr_walk_fork(tsr_walk *w, uint32_t k, tsr_job *j) {
    const tsr_layout *l = w->ctx.layout;
    uint8_t *const *first = w->blocks;
    w->part = k;
    tsr_status st = tsr_coef_context_fork(&w->ctx, &w->parts, k, j);
    if (!st) st = tsr_vector_context_init(&w->vec, &w->ctx, w->vec.book, j);
    if (st) return st;
    w->blocks = tsr_job_alloc(j, l->n, sizeof *w->blocks);
    if (!w->blocks) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++)
        w->blocks[b] =
            first[b] + (size_t)tsr_parts_gaps(&w->parts, b, 1, k) * tsr_blocks_across(l->band[b].w);
    return TSR_OK;
}

int tsr_walk_any(const tsr_walk *w, uint32_t b, const int32_t *data) {
    size_t width = w->ctx.layout->band[b].w;
    tsr_rows rows = tsr_walk_rows(w, b);
    return tsr_any_nonzero(data + rows.from * width, (rows.end - rows.from) * width);
}

void tsr_walk_begin_band(tsr_walk *w, const tsr_symbols *s, uint32_t b) {
    w->vec.earlier = tsr_stages_before(s, b);
    memset(w->vec.before, 0, sizeof w->vec.before);
    if (w->vec.earlier.n && tsr_codebook_wants(w->vec.book, &w->ctx.layout->band[b]))
        tsr_vector_context_fill(&w->ctx, b, tsr_walk_rows(w, b), &w->vec.earlier, NULL);
}

uint32_t tsr_walk_first_state(tsr_walk *w, uint32_t b, int decoding) {
    uint32_t states = w->trellis.states;
    if (!states || w->part == TSR_NO_PART || !w->part) return 0;
    unsigned bits = (unsigned)__builtin_ctz(states);
    return tsr_rc_code_raw(&w->rc, decoding ? 0 : w->state[w->part][b], bits, decoding);
}

/* Number of coded levels known of the block of `ref` that covers block (bx, by) of b. */
static uint32_t ref_count(const tsr_walk *w, uint32_t b, int role, uint32_t bx, uint32_t by) {
    const tsr_band *band = &w->ctx.layout->band[b];
    uint32_t r = band->ref[role];
    if (r == TSR_NO_BAND) return 0;
    const tsr_band *ref = &w->ctx.layout->band[r];
    if (tsr_band_halves(band, ref)) {
        bx /= 2;
        by /= 2;
    }
    uint32_t nx = tsr_blocks_across(ref->w), ny = tsr_blocks_across(ref->h);
    return bx < nx && by < ny ? w->blocks[r][(size_t)by * nx + bx] : 0;
}

static uint32_t count_class(uint32_t n) {
    return n == 0 ? 0 : n < 4 ? 1 : n < 13 ? 2 : 3;
}

tsr_prob *tsr_walk_block_context(tsr_walk *w, uint32_t b, uint32_t bx, uint32_t by) {
    uint32_t across = tsr_blocks_across(w->ctx.layout->band[b].w);
    const uint8_t *here = w->blocks[b] + (size_t)by * across + bx;
    uint32_t left = bx && here[-1], up = by && *(here - across);
    uint32_t parent = count_class(ref_count(w, b, TSR_REF_PARENT, bx, by));
    uint32_t other = ref_count(w, b, TSR_REF_PLANE_A, bx, by);
    if (w->ctx.layout->band[b].ref[TSR_REF_PLANE_A] == TSR_NO_BAND)
        other = ref_count(w, b, TSR_REF_SISTER_A, bx, by);
    return &w->block_flag[tsr_plane_kind(w->ctx.layout, b) != 0][left + up][parent]
                         [count_class(other)];
}

tsr_prob *tsr_walk_band_context(tsr_walk *w, uint32_t b) {
    const tsr_band *band = &w->ctx.layout->band[b];
    uint32_t parent = band->ref[TSR_REF_PARENT], empty = 0;
    if (parent != TSR_NO_BAND) {
        size_t by = tsr_walk_rows(w, parent).from / TSR_BLOCK;
        empty = w->blocks[parent][by * tsr_blocks_across(w->ctx.layout->band[parent].w)] == 0;
    }
    return &w->band_flag[tsr_plane_kind(w->ctx.layout, b) != 0]
                        [band->orient == TSR_ORIENT_LOW ? 4 : 2 * empty];
}

static void fill_low(tsr_coef_context *c, uint32_t b, const int32_t *k) {
    const tsr_band *band = &c->layout->band[b];
    for (uint32_t y = 0; y < band->h; y++)
        for (uint32_t x = 0; x < band->w; x++, k++) {
            int32_t r = *k - tsr_low_prediction(k, band->w, x, y);
            tsr_mag_row(c, b, y)[x] = tsr_clip_mag(2 * (uint32_t)(r < 0 ? -r : r));
        }
}

/* Magnitudes of a row of n levels that begins in `state`; returns the state after it. */
static uint32_t fill_row(uint16_t *m, const int32_t *k, uint32_t n, const tsr_trellis *t,
                         uint32_t state) {
    for (size_t x = 0; x < n;) {
        size_t run = tsr_zero_run(k + x, n - x);
        memset(m + x, 0, run * sizeof *m);
        state = tsr_trellis_skip(t, state, run);
        size_t end = x + run + 16 < n ? x + run + 16 : n;
        for (x += run; x < end; x++) {
            uint32_t a = (uint32_t)(k[x] < 0 ? -k[x] : k[x]);
            m[x] = a ? tsr_clip_mag(2 * a - tsr_trellis_q1(t, state)) : 0;
            state = t->next[state][k[x] & 1];
        }
    }
    return state;
}

void tsr_coef_context_fill(tsr_coef_context *c, uint32_t b, const int32_t *k,
                           const tsr_trellis *t) {
    const tsr_band *band = &c->layout->band[b];
    uint32_t state = 0;
    if (band->domain == TSR_DOMAIN_INDEX) return;
    if (band->orient == TSR_ORIENT_LOW) {
        fill_low(c, b, k);
        return;
    }
    for (uint32_t y = 0; y < band->h; y++, k += band->w)
        state = fill_row(tsr_mag_row(c, b, y), k, band->w, t, state);
}

void tsr_coef_context_fill_lattice(tsr_coef_context *c, uint32_t b, const int32_t *x) {
    const tsr_band *band = &c->layout->band[b];
    for (uint32_t y = 0; y < band->h; y++) {
        uint16_t *m = tsr_mag_row(c, b, y);
        for (uint32_t i = 0; i < band->w; i++, x++)
            m[i] = tsr_clip_mag((uint32_t)(*x < 0 ? -*x : *x));
    }
}

uint32_t tsr_e8_parity_start(uint32_t context, uint32_t bucket) {
    return context & 1 ? 30000 : tsr_geometric(bucket, 0) / 2;
}

int tsr_any_nonzero(const int32_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i]) return 1;
    return 0;
}

int tsr_block_nonzero(const tsr_band *band, const int32_t *data, uint32_t bx, uint32_t by) {
    uint32_t x0 = bx * TSR_BLOCK, y0 = by * TSR_BLOCK;
    uint32_t n = band->w - x0 < TSR_BLOCK ? band->w - x0 : TSR_BLOCK;
    for (uint32_t y = y0; y < band->h && y < y0 + TSR_BLOCK; y++)
        if (tsr_any_nonzero(data + (size_t)y * band->w + x0, n)) return 1;
    return 0;
}

/* ---- INDEX bands: a bit tree, its top 12 bits adaptive, in the context of the neighbours'
 * equality ---- */

static uint32_t code_index(tsr_walk *w, tsr_prob *tree, unsigned bits, uint32_t v, int decoding) {
    unsigned adaptive = bits < 12 ? bits : 12;
    uint32_t node = 1;
    for (unsigned i = 0; i < adaptive; i++) {
        int bit = tsr_prob_code(&w->rc, &tree[node], v >> (bits - 1 - i) & 1, decoding);
        node = node << 1 | (uint32_t)bit;
    }
    uint32_t top = node - (1u << adaptive);
    unsigned rest = bits - adaptive;
    return top << rest | tsr_rc_code_raw(&w->rc, v & ((1u << rest) - 1), rest, decoding);
}

void tsr_walk_index_band(tsr_walk *w, uint32_t b, int32_t *data, int decoding) {
    const tsr_band *band = &w->ctx.layout->band[b];
    unsigned bits = 32u - (unsigned)__builtin_clz(band->alphabet - 1);
    for (uint32_t y = 0; y < band->h; y++)
        for (uint32_t x = 0; x < band->w; x++) {
            int32_t *p = data + (size_t)y * band->w + x;
            int32_t left = x ? p[-1] : 0, up = y ? p[-(ptrdiff_t)band->w] : 0;
            tsr_prob *tree = w->index[left || up ? (left == up ? 2 : 1) : 0];
            uint32_t v = code_index(w, tree, bits, (uint32_t)*p, decoding);
            if (decoding) *p = (int32_t)(v < band->alphabet ? v : band->alphabet - 1);
        }
}
