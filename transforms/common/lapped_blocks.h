/* lapped_blocks.h - planes as overlapping blocks, twice: the first components of all blocks form a
 * small picture that is cut into blocks once more. What svd and klt begin with.
 *
 * Component (u, v) of all blocks of a stage and plane is a band. Coarse to fine: stage 1 before
 * stage 0, in each the octaves of max(u, v), in an octave plane by plane, in a plane along the
 * anti-diagonals. An octave of a stage is a layer. All gains are 1.
 */
#ifndef LAPPED_BLOCKS_H
#define LAPPED_BLOCKS_H

#include <tessera/plugin.h>

#include "lapped_frame.h"

enum { LAPPED_STAGES = 2 }; /* blocks of the picture; blocks of the grid of first components */

/* Component (u, v) of the blocks of a stage: a band. */
typedef struct lapped_component {
    uint8_t stage, plane, u, v;
} lapped_component;

/* The blocks of one stage. */
typedef struct lapped_grid {
    lapped_frame frame;
    uint32_t w, h;                /* samples; stage 1: blocks of stage 0 */
    uint32_t nx, ny;              /* blocks */
    float norm[LAPPED_MAX_BLOCK]; /* of the synthesis functions along one axis */
} lapped_grid;

typedef struct lapped_blocks {
    uint32_t planes;
    lapped_grid grid[LAPPED_STAGES]; /* stage 1 is the coarser one */
    lapped_component *order;         /* [bands] */
    uint32_t *band[LAPPED_STAGES];   /* [plane][v * block + u]: its band; unused for component 0 of
                                        stage 0 */
    uint16_t *zigzag;                /* stage 0: [rank]: v * block + u */
    uint32_t bands;
} lapped_blocks;

static inline uint32_t lapped_grid_size(const lapped_grid *g) {
    return g->frame.block * g->frame.block;
}

static inline size_t lapped_grid_blocks(const lapped_grid *g) {
    return (size_t)g->nx * g->ny;
}

/* block: 8, 16 or 32. The arrays are env's and live as the instance does. Errors: MEMORY. */
tsr_status tsr_lapped_configure(lapped_blocks *l, const tsr_geometry *g, unsigned block,
                                int overlap, const tsr_env *env) TSR_MUST_CHECK;

/* As tsr_transform.layout(). */
uint32_t tsr_lapped_layout(const lapped_blocks *l, tsr_band *out, uint32_t cap);

/* Planes to bands and back: data[band] in the order of the layout. Errors: LIMIT, MEMORY,
 * CANCELLED. */
tsr_status tsr_lapped_forward(const lapped_blocks *l, const tsr_planes *in, const tsr_samples *data,
                              const tsr_env *env) TSR_MUST_CHECK;
tsr_status tsr_lapped_backward(const lapped_blocks *l, const tsr_samples *data, tsr_planes *out,
                               const tsr_env *env) TSR_MUST_CHECK;

/* ---- one grid ---- */

/* Work memory for grids up to the size of g. Errors: LIMIT, MEMORY. */
typedef struct lapped_work {
    float *plane, *lines;
} lapped_work;
tsr_status tsr_lapped_work_alloc(lapped_work *w, const lapped_grid *g,
                                 const tsr_env *env) TSR_MUST_CHECK;

/* A plane of g->w x g->h samples to the component arrays of its blocks and back:
 * comp[v * block + u] has lapped_grid_blocks(g) values, scaled so that errors in them count as in
 * samples. */
tsr_status tsr_lapped_grid_analyse(const lapped_grid *g, const float *src, float *const *comp,
                                   const lapped_work *w, const tsr_env *env) TSR_MUST_CHECK;
tsr_status tsr_lapped_grid_synthesise(const lapped_grid *g, const float *const *comp, float *dst,
                                      const lapped_work *w, const tsr_env *env) TSR_MUST_CHECK;

#endif
