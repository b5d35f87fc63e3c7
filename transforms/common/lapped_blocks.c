/* lapped_blocks.c - the order of the bands of lapped blocks, and both stages put together. */
#include "lapped_blocks.h"

/* ---- order ---- */

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* 0 for the first component, else 1 + floor(log2(max(u, v))). */
static uint32_t octave_of(uint32_t u, uint32_t v) {
    uint32_t octave = 0;
    for (uint32_t m = larger(u, v); m; m >>= 1) octave++;
    return octave;
}

/* Writes the components of an octave as v * block + u along the anti-diagonals; their number. */
static uint32_t list_octave(uint32_t block, uint32_t octave, uint16_t *out) {
    uint32_t n = 0;
    for (uint32_t sum = 0; sum < 2 * block - 1; sum++)
        for (uint32_t v = 0; v <= sum && v < block; v++)
            if (sum - v < block && octave_of(sum - v, v) == octave)
                out[n++] = (uint16_t)(v * block + sum - v);
    return n;
}

static void append(lapped_blocks *l, uint32_t stage, uint32_t plane, uint32_t k) {
    uint32_t block = l->grid[stage].frame.block;
    l->band[stage][plane * block * block + k] = l->bands;
    l->order[l->bands++] = (lapped_component){(uint8_t)stage, (uint8_t)plane, (uint8_t)(k % block),
                                              (uint8_t)(k / block)};
}

static void append_stage(lapped_blocks *l, uint32_t stage, uint16_t *list) {
    uint32_t block = l->grid[stage].frame.block;
    for (uint32_t octave = stage ? 0 : 1; octave <= octave_of(block - 1, 0); octave++) {
        uint32_t n = list_octave(block, octave, list);
        for (uint32_t p = 0; p < l->planes; p++)
            for (uint32_t i = 0; i < n; i++) append(l, stage, p, list[i]);
    }
}

static tsr_status order_bands(lapped_blocks *l, const tsr_env *env) {
    size_t total = 0;
    for (uint32_t s = 0; s < LAPPED_STAGES; s++) {
        size_t n = (size_t)l->planes * lapped_grid_size(&l->grid[s]);
        l->band[s] = env->alloc(env, n * sizeof *l->band[s]);
        if (!l->band[s]) return TSR_ERR_MEMORY;
        total += n;
    }
    uint32_t size = lapped_grid_size(&l->grid[0]);
    l->order = env->alloc(env, total * sizeof *l->order);
    l->zigzag = env->alloc(env, size * sizeof *l->zigzag);
    if (!l->order || !l->zigzag) return TSR_ERR_MEMORY;
    for (uint32_t s = LAPPED_STAGES; s-- > 0;) append_stage(l, s, l->zigzag);
    for (uint32_t octave = 0, n = 0; n < size; octave++)
        n += list_octave(l->grid[0].frame.block, octave, l->zigzag + n);
    return TSR_OK;
}

static void set_grid(lapped_grid *g, unsigned block, int overlap, uint32_t w, uint32_t h) {
    *g = (lapped_grid){.frame = tsr_lapped_frame(block, overlap), .w = w, .h = h};
    g->nx = (w + block - 1) / block;
    g->ny = (h + block - 1) / block;
}

tsr_status tsr_lapped_configure(lapped_blocks *l, const tsr_geometry *g, unsigned block,
                                int overlap, const tsr_env *env) {
    *l = (lapped_blocks){.planes = g->planes};
    lapped_grid *fine = &l->grid[0], *coarse = &l->grid[1];
    set_grid(fine, block, overlap, g->width, g->height);
    set_grid(coarse, LAPPED_COARSE_BLOCK, overlap, fine->nx, fine->ny);
    tsr_lapped_norms(&fine->frame, &coarse->frame, fine->norm, coarse->norm);
    for (unsigned k = 0; k < LAPPED_COARSE_BLOCK; k++) coarse->norm[k] /= fine->norm[0];
    return order_bands(l, env);
}

/* ---- layout ---- */

static uint8_t orientation(const lapped_component *c) {
    if (!c->u && !c->v) return TSR_ORIENT_LOW;
    if (c->u > 2 * c->v) return TSR_ORIENT_H;
    return c->v > 2 * c->u ? TSR_ORIENT_V : TSR_ORIENT_D;
}

/* Band of component (u, v) of the same stage and plane; none outside, or when it is split. */
static uint32_t near_band(const lapped_blocks *l, const lapped_component *c, int u, int v) {
    if (u < 0 || v < 0 || (!c->stage && !u && !v)) return TSR_NO_BAND;
    uint32_t block = l->grid[c->stage].frame.block;
    return l->band[c->stage][(c->plane * block + (uint32_t)v) * block + (uint32_t)u];
}

static uint32_t parent_band(const lapped_blocks *l, const lapped_component *c) {
    if (c->u && c->v) return near_band(l, c, c->u - 1, c->v - 1);
    return near_band(l, c, c->u ? c->u - 2 : 0, c->v ? c->v - 2 : 0);
}

static void set_refs(const lapped_blocks *l, const lapped_component *c, tsr_band *b) {
    for (int r = 0; r < TSR_REFS; r++) b->ref[r] = TSR_NO_BAND;
    if (c->u || c->v) {
        b->ref[TSR_REF_PARENT] = parent_band(l, c);
        b->ref[TSR_REF_SISTER_A] = near_band(l, c, c->u - 1, c->v);
        b->ref[TSR_REF_SISTER_B] = near_band(l, c, c->u, c->v - 1);
    }
    lapped_component other = *c;
    for (uint8_t p = 0; p < c->plane && p < 2; p++) {
        other.plane = p ? (uint8_t)(c->plane - 1) : 0;
        b->ref[p ? TSR_REF_PLANE_B : TSR_REF_PLANE_A] = near_band(l, &other, c->u, c->v);
    }
}

uint32_t tsr_lapped_layout(const lapped_blocks *l, tsr_band *out, uint32_t cap) {
    uint32_t octaves = octave_of(l->grid[0].frame.block - 1, 0);
    uint32_t coarse = octave_of(LAPPED_COARSE_BLOCK - 1, 0);
    for (uint32_t i = 0; i < l->bands && i < cap; i++) {
        const lapped_component *c = &l->order[i];
        const lapped_grid *g = &l->grid[c->stage];
        uint32_t octave = octave_of(c->u, c->v);
        out[i] = (tsr_band){
            .w = g->nx,
            .h = g->ny,
            .domain = TSR_DOMAIN_REAL,
            .plane = c->plane,
            .orient = orientation(c),
            .level = (uint8_t)(octaves + 1 - octave + (c->stage ? coarse : 0)),
            .layer = (uint16_t)(octave + (c->stage ? 0 : coarse)),
            .gain = 1.0f,
        };
        set_refs(l, c, &out[i]);
    }
    return l->bands;
}

/* ---- forward and backward ---- */

/* Arrays of all components of a plane's stage; component 0 of stage 0 is the grid of stage 1. */
static void component_arrays(const lapped_blocks *l, const tsr_samples *data, uint32_t stage,
                             uint32_t plane, float *first, float **comp) {
    uint32_t size = lapped_grid_size(&l->grid[stage]);
    for (uint32_t k = 0; k < size; k++)
        comp[k] = stage || k ? data[l->band[stage][plane * size + k]].f : first;
}

static tsr_status alloc_arrays(const lapped_blocks *l, lapped_work *w, float **first, float ***comp,
                               const tsr_env *env) {
    *first = env->alloc(env, lapped_grid_blocks(&l->grid[0]) * sizeof(float));
    *comp = env->alloc(env, lapped_grid_size(&l->grid[0]) * sizeof(float *));
    if (!*first || !*comp) return TSR_ERR_MEMORY;
    return tsr_lapped_work_alloc(w, &l->grid[0], env);
}

tsr_status tsr_lapped_forward(const lapped_blocks *l, const tsr_planes *in, const tsr_samples *data,
                              const tsr_env *env) {
    lapped_work work;
    float *first, **comp;
    tsr_status s = alloc_arrays(l, &work, &first, &comp, env);
    for (uint32_t p = 0; p < in->n && !s; p++) {
        component_arrays(l, data, 0, p, first, comp);
        s = tsr_lapped_grid_analyse(&l->grid[0], in->p[p].s.f, comp, &work, env);
        if (s) break;
        component_arrays(l, data, 1, p, NULL, comp);
        s = tsr_lapped_grid_analyse(&l->grid[1], first, comp, &work, env);
        if (!s && env->progress(env, (p + 1.0) / (in->n + 1.0))) s = TSR_ERR_CANCELLED;
    }
    return s;
}

tsr_status tsr_lapped_backward(const lapped_blocks *l, const tsr_samples *data, tsr_planes *out,
                               const tsr_env *env) {
    lapped_work work;
    float *first, **comp;
    tsr_status s = alloc_arrays(l, &work, &first, &comp, env);
    for (uint32_t p = 0; p < out->n && !s; p++) {
        component_arrays(l, data, 1, p, NULL, comp);
        s = tsr_lapped_grid_synthesise(&l->grid[1], (const float *const *)comp, first, &work, env);
        if (s) break;
        component_arrays(l, data, 0, p, first, comp);
        s = tsr_lapped_grid_synthesise(&l->grid[0], (const float *const *)comp, out->p[p].s.f,
                                       &work, env);
        if (!s && env->progress(env, (p + 1.0) / out->n)) s = TSR_ERR_CANCELLED;
    }
    return s;
}
