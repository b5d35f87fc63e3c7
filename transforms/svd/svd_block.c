/* svd_block.c - block mode: between the fixed basis of lapped blocks and the bands, the data basis
 * rotates groups of components of stage 0.
 */
#include <string.h>

#include "svd_internal.h"

uint32_t tsr_svd_candidate_band(const svd *st, uint32_t comp) {
    const lapped_blocks *l = &st->lapped;
    uint32_t plane = comp / SVD_CANDIDATES, rank = comp % SVD_CANDIDATES;
    return l->band[0][plane * lapped_grid_size(&l->grid[0]) + l->zigzag[rank]];
}

tsr_status tsr_svd_block_analysis(svd *st, const tsr_planes *in, const tsr_goal *goal,
                                  tsr_coeffs *out, const tsr_env *env) {
    tsr_status s = tsr_lapped_forward(&st->lapped, in, out->data, env);
    return s ? s : tsr_svd_learn(st, goal, out, env);
}

/* ---- the data basis undone ---- */

typedef struct undo {
    const svd *st;
    float *const *array; /* [candidate component]: its copy, or NULL */
} undo;

static tsr_status undo_row(void *arg, uint32_t y, uint32_t worker) {
    const undo *u = arg;
    const lapped_grid *g = &u->st->lapped.grid[0];
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
    size_t bytes = lapped_grid_blocks(&st->lapped.grid[0]) * sizeof(float);
    for (uint32_t i = 0; i < st->n_groups; i++)
        for (unsigned k = 0; k < st->group[i].n; k++) {
            uint32_t c = st->group[i].comp[k];
            if (array[c]) continue;
            array[c] = env->alloc(env, bytes);
            if (!array[c]) return TSR_ERR_MEMORY;
            memcpy(array[c], in->data[tsr_svd_candidate_band(st, c)].f, bytes);
        }
    undo u = {st, array};
    return env->parallel_for(env, st->lapped.grid[0].ny, undo_row, &u);
}

tsr_status tsr_svd_block_synthesis(svd *st, const tsr_coeffs *in, tsr_planes *out,
                                   const tsr_env *env) {
    float *array[TSR_MAX_PLANES * SVD_CANDIDATES] = {NULL};
    tsr_samples *data = env->alloc(env, in->n * sizeof *data);
    if (!data) return TSR_ERR_MEMORY;
    tsr_status s = undo_basis(st, in, array, env);
    if (s) return s;
    memcpy(data, in->data, in->n * sizeof *data);
    for (uint32_t c = 0; c < TSR_MAX_PLANES * SVD_CANDIDATES; c++)
        if (array[c]) data[tsr_svd_candidate_band(st, c)].f = array[c];
    return tsr_lapped_backward(&st->lapped, data, out, env);
}
