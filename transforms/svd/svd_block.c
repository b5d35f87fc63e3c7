/* svd_block.c - block mode: the order of the bands, and the stages put together.
 *
 * Stage 0 cuts the planes into blocks; the grid of their first components, a small picture, is cut
 * once more (stage 1). Coarse to fine: stage 1 before stage 0, in each the octaves of max(u, v), in
 * an octave plane by plane, in a plane along the anti-diagonals. An octave of a stage is a layer.
 * Between analysis and the bands the data basis rotates groups of components of stage 0.
 */
#include <string.h>

#include "svd_internal.h"

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

static void append(svd *st, uint32_t stage, uint32_t plane, uint32_t k) {
    uint32_t block = st->grid[stage].frame.block;
    st->band[stage][plane * block * block + k] = st->bands;
    st->order[st->bands++] =
        (svd_component){(uint8_t)stage, (uint8_t)plane, (uint8_t)(k % block), (uint8_t)(k / block)};
}

static void append_stage(svd *st, uint32_t stage, uint16_t *list) {
    uint32_t block = st->grid[stage].frame.block;
    for (uint32_t octave = stage ? 0 : 1; octave <= octave_of(block - 1, 0); octave++) {
        uint32_t n = list_octave(block, octave, list);
        for (uint32_t p = 0; p < st->g.planes; p++)
            for (uint32_t i = 0; i < n; i++) append(st, stage, p, list[i]);
    }
}

static tsr_status order_bands(svd *st, const tsr_env *env) {
    size_t total = 0;
    for (uint32_t s = 0; s < SVD_STAGES; s++) {
        size_t n = (size_t)st->g.planes * svd_block_size(&st->grid[s]);
        st->band[s] = env->alloc(env, n * sizeof *st->band[s]);
        if (!st->band[s]) return TSR_ERR_MEMORY;
        total += n;
    }
    uint32_t size = svd_block_size(&st->grid[0]);
    st->order = env->alloc(env, total * sizeof *st->order);
    st->zigzag = env->alloc(env, size * sizeof *st->zigzag);
    if (!st->order || !st->zigzag) return TSR_ERR_MEMORY;
    for (uint32_t s = SVD_STAGES; s-- > 0;) append_stage(st, s, st->zigzag);
    for (uint32_t octave = 0, n = 0; n < size; octave++)
        n += list_octave(st->grid[0].frame.block, octave, st->zigzag + n);
    return TSR_OK;
}

static void set_grid(svd_grid *g, unsigned block, int overlap, uint32_t w, uint32_t h) {
    *g = (svd_grid){.frame = tsr_svd_frame(block, overlap), .w = w, .h = h};
    g->nx = (w + block - 1) / block;
    g->ny = (h + block - 1) / block;
}

tsr_status tsr_svd_block_configure(svd *st, unsigned block, int overlap, const tsr_env *env) {
    svd_grid *fine = &st->grid[0], *coarse = &st->grid[1];
    set_grid(fine, block, overlap, st->g.width, st->g.height);
    set_grid(coarse, SVD_COARSE_BLOCK, overlap, fine->nx, fine->ny);
    tsr_svd_norms(&fine->frame, &coarse->frame, fine->norm, coarse->norm);
    for (unsigned k = 0; k < SVD_COARSE_BLOCK; k++) coarse->norm[k] /= fine->norm[0];
    return order_bands(st, env);
}

/* ---- layout ---- */

static uint8_t orientation(const svd_component *c) {
    if (!c->u && !c->v) return TSR_ORIENT_LOW;
    if (c->u > 2 * c->v) return TSR_ORIENT_H;
    return c->v > 2 * c->u ? TSR_ORIENT_V : TSR_ORIENT_D;
}

/* Band of component (u, v) of the same stage and plane; none outside, or when it is split. */
static uint32_t near_band(const svd *st, const svd_component *c, int u, int v) {
    if (u < 0 || v < 0 || (!c->stage && !u && !v)) return TSR_NO_BAND;
    uint32_t block = st->grid[c->stage].frame.block;
    return st->band[c->stage][(c->plane * block + (uint32_t)v) * block + (uint32_t)u];
}

static uint32_t parent_band(const svd *st, const svd_component *c) {
    if (c->u && c->v) return near_band(st, c, c->u - 1, c->v - 1);
    return near_band(st, c, c->u ? c->u - 2 : 0, c->v ? c->v - 2 : 0);
}

static void set_refs(const svd *st, const svd_component *c, tsr_band *b) {
    for (int r = 0; r < TSR_REFS; r++) b->ref[r] = TSR_NO_BAND;
    if (c->u || c->v) {
        b->ref[TSR_REF_PARENT] = parent_band(st, c);
        b->ref[TSR_REF_SISTER_A] = near_band(st, c, c->u - 1, c->v);
        b->ref[TSR_REF_SISTER_B] = near_band(st, c, c->u, c->v - 1);
    }
    svd_component other = *c;
    for (uint8_t p = 0; p < c->plane && p < 2; p++) {
        other.plane = p ? (uint8_t)(c->plane - 1) : 0;
        b->ref[p ? TSR_REF_PLANE_B : TSR_REF_PLANE_A] = near_band(st, &other, c->u, c->v);
    }
}

uint32_t tsr_svd_block_layout(const svd *st, tsr_band *out, uint32_t cap) {
    uint32_t octaves = octave_of(st->grid[0].frame.block - 1, 0);
    uint32_t coarse = octave_of(SVD_COARSE_BLOCK - 1, 0);
    for (uint32_t i = 0; i < st->bands && i < cap; i++) {
        const svd_component *c = &st->order[i];
        const svd_grid *g = &st->grid[c->stage];
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
        set_refs(st, c, &out[i]);
    }
    return st->bands;
}

/* ---- analysis and synthesis ---- */

float *tsr_svd_candidate(const svd *st, const tsr_coeffs *c, uint32_t comp) {
    uint32_t plane = comp / SVD_CANDIDATES, rank = comp % SVD_CANDIDATES;
    return c->data[st->band[0][plane * svd_block_size(&st->grid[0]) + st->zigzag[rank]]].f;
}

/* Arrays of all components of a plane's stage; component 0 of stage 0 is the grid of stage 1. */
static void component_arrays(const svd *st, const tsr_coeffs *c, uint32_t stage, uint32_t plane,
                             float *first, float **comp) {
    uint32_t size = svd_block_size(&st->grid[stage]);
    for (uint32_t k = 0; k < size; k++)
        comp[k] = stage || k ? c->data[st->band[stage][plane * size + k]].f : first;
}

static tsr_status alloc_arrays(const svd *st, svd_work *w, float **first, float ***comp,
                               const tsr_env *env) {
    *first = env->alloc(env, svd_blocks(&st->grid[0]) * sizeof(float));
    *comp = env->alloc(env, svd_block_size(&st->grid[0]) * sizeof(float *));
    if (!*first || !*comp) return TSR_ERR_MEMORY;
    return tsr_svd_work_alloc(w, &st->grid[0], env);
}

tsr_status tsr_svd_block_analysis(svd *st, const tsr_planes *in, const tsr_goal *goal,
                                  tsr_coeffs *out, const tsr_env *env) {
    svd_work work;
    float *first, **comp;
    tsr_status s = alloc_arrays(st, &work, &first, &comp, env);
    for (uint32_t p = 0; p < in->n && !s; p++) {
        component_arrays(st, out, 0, p, first, comp);
        s = tsr_svd_grid_analyse(&st->grid[0], in->p[p].s.f, comp, &work, env);
        if (s) break;
        component_arrays(st, out, 1, p, NULL, comp);
        s = tsr_svd_grid_analyse(&st->grid[1], first, comp, &work, env);
        if (!s && env->progress(env, (p + 1.0) / (in->n + 1.0))) s = TSR_ERR_CANCELLED;
    }
    return s ? s : tsr_svd_learn(st, goal, out, env);
}

/* ---- the data basis undone ---- */

typedef struct undo {
    const svd *st;
    float *const *array; /* [candidate component]: its copy, or NULL */
} undo;

static tsr_status undo_row(void *arg, uint32_t y, uint32_t worker) {
    const undo *u = arg;
    const svd_grid *g = &u->st->grid[0];
    for (uint32_t i = u->st->n_groups; i-- > 0;) {
        const svd_group *group = &u->st->group[i];
        float *comp[SVD_GROUP];
        for (unsigned k = 0; k < group->n; k++) comp[k] = u->array[group->comp[k]];
        tsr_svd_rotate_back(group, comp, (size_t)y * g->nx, g->nx);
    }
    return TSR_OK;
}

/* Copies of the arrays that the data basis rotates, in the fixed basis; the others stay NULL. */
static tsr_status undo_basis(const svd *st, const tsr_coeffs *in, float **array,
                             const tsr_env *env) {
    size_t bytes = svd_blocks(&st->grid[0]) * sizeof(float);
    for (uint32_t i = 0; i < st->n_groups; i++)
        for (unsigned k = 0; k < st->group[i].n; k++) {
            uint32_t c = st->group[i].comp[k];
            if (array[c]) continue;
            array[c] = env->alloc(env, bytes);
            if (!array[c]) return TSR_ERR_MEMORY;
            memcpy(array[c], tsr_svd_candidate(st, in, c), bytes);
        }
    undo u = {st, array};
    return env->parallel_for(env, st->grid[0].ny, undo_row, &u);
}

tsr_status tsr_svd_block_synthesis(svd *st, const tsr_coeffs *in, tsr_planes *out,
                                   const tsr_env *env) {
    svd_work work;
    float *first, **comp, *array[TSR_MAX_PLANES * SVD_CANDIDATES] = {NULL};
    tsr_status s = alloc_arrays(st, &work, &first, &comp, env);
    if (!s) s = undo_basis(st, in, array, env);
    for (uint32_t p = 0; p < out->n && !s; p++) {
        component_arrays(st, in, 1, p, NULL, comp);
        s = tsr_svd_grid_synthesise(&st->grid[1], (const float *const *)comp, first, &work, env);
        if (s) break;
        component_arrays(st, in, 0, p, first, comp);
        for (uint32_t r = 1; r < SVD_CANDIDATES; r++)
            if (array[p * SVD_CANDIDATES + r]) comp[st->zigzag[r]] = array[p * SVD_CANDIDATES + r];
        s = tsr_svd_grid_synthesise(&st->grid[0], (const float *const *)comp, out->p[p].s.f, &work,
                                    env);
        if (!s && env->progress(env, (p + 1.0) / out->n)) s = TSR_ERR_CANCELLED;
    }
    return s;
}
