/* dct_internal.h - state of the dct transform and what its files offer each other.
 *
 * A plane is cut into blocks of nx x ny samples, each transformed by the orthonormal DCT. The
 * lowest coefficients of all blocks form a small picture of their own, to which a second stage
 * applies the same method. Each frequency (u, v) of each stage and plane is a band of one
 * coefficient a block.
 */
#ifndef DCT_INTERNAL_H
#define DCT_INTERNAL_H

#include <tessera/plugin.h>

#include "dct_lap.h"

#define DCT_MAX_BLOCK  32u
#define DCT_MAX_FREQS  (DCT_MAX_BLOCK * DCT_MAX_BLOCK)
#define DCT_MAX_STAGES 2u

/* One stage: a picture of w x h values in bx x by blocks of nx x ny. */
typedef struct dct_stage {
    uint32_t w, h;      /* the picture */
    uint32_t nx, ny;    /* the block: powers of two, 1 .. DCT_MAX_BLOCK; not above the next power of
                           two of w, h, so that thin pictures are not blown up */
    uint32_t bx, by;    /* blocks across and down; the last ones may reach over the edge */
    const dct_lap *lap; /* filter across block boundaries, or NULL */
} dct_stage;

/* Which coefficients a band holds. */
typedef struct dct_band_id {
    uint8_t stage, plane, u, v;
} dct_band_id;

typedef struct dct {
    tsr_geometry g;
    uint32_t stages; /* 1, or 2 with a second stage on the lowest coefficients */
    dct_stage stage[DCT_MAX_STAGES];
    uint32_t n_bands;
    dct_band_id *id;                /* [n_bands] in coding order */
    uint32_t *band[DCT_MAX_STAGES]; /* [plane][v][u] -> band; TSR_NO_BAND where a stage follows */
} dct;

static inline uint32_t dct_stage_freqs(const dct_stage *s) {
    return s->nx * s->ny;
}

static inline uint32_t dct_band_index(const dct *d, uint32_t stage, uint32_t plane, uint32_t u,
                                      uint32_t v) {
    const dct_stage *s = &d->stage[stage];
    return d->band[stage][plane * dct_stage_freqs(s) + v * s->nx + u];
}

/* floor(log2(n)), n > 0. */
static inline uint32_t dct_log2(uint32_t n) {
    return 31u - (uint32_t)__builtin_clz(n);
}

/* n * m floats of the host's memory, or NULL. */
static inline float *dct_alloc(const tsr_env *env, size_t n, size_t m) {
    if (m && n > SIZE_MAX / sizeof(float) / m) return NULL;
    return env->alloc(env, n * m * sizeof(float));
}

/* Fills d->id, d->band and d->n_bands from the stages. Errors: MEMORY. */
tsr_status tsr_dct_order_bands(dct *d, const tsr_env *env) TSR_MUST_CHECK;

/* Describes bands 0 .. n-1 in coding order. */
void tsr_dct_describe_bands(const dct *d, tsr_band *out, uint32_t n);

/* Squared norms of the 1-D synthesis functions of `stage` along x (down == 0) or y, away from the
 * edges: norm[k] for k = 0 .. nx-1 or ny-1. The 2-D gain of (u, v) is the product of two of them.
 */
void tsr_dct_axis_norms(const dct *d, uint32_t stage, int down, double *norm);

/* Forward transforms of one stage, plane after plane with the same memory. */
typedef struct dct_forward {
    const dct_stage *s;
    struct tsr_fft_dct *plan;
    float *work;        /* by * ny rows of bx * nx samples */
    float *blocks;      /* for each worker: bx blocks of ny rows of nx */
    size_t blocks_size; /* floats of one worker, a multiple of 16 for alignment */
    float scale_x[DCT_MAX_BLOCK], scale_y[DCT_MAX_BLOCK]; /* to orthonormal coefficients */
    const float *picture;
    float *const *coef;
} dct_forward;

/* Errors: UNSUPPORTED (built without FFTW), LIMIT, MEMORY. tsr_dct_forward_end() follows in any
 * case. */
tsr_status tsr_dct_forward_begin(dct_forward *f, const dct_stage *s,
                                 const tsr_env *env) TSR_MUST_CHECK;

/* Transforms a picture (s->h rows of s->w) into coef[v * nx + u][block], one coefficient a block.
 */
tsr_status tsr_dct_forward_run(dct_forward *f, const float *picture, float *const *coef,
                               const tsr_env *env) TSR_MUST_CHECK;

void tsr_dct_forward_end(dct_forward *f);

/* Inverse transforms of one stage. */
typedef struct dct_backward {
    const dct_stage *s;
    float *work;    /* by * ny rows of bx * nx samples */
    float *scratch; /* for each worker: [ny][nx][pitch], blocks side by side */
    size_t pitch;   /* bx rounded up to whole lanes */
    const float *const *coef;
    float *picture;
} dct_backward;

/* Errors: LIMIT, MEMORY. There is nothing to end. */
tsr_status tsr_dct_backward_begin(dct_backward *b, const dct_stage *s,
                                  const tsr_env *env) TSR_MUST_CHECK;

/* The inverse of tsr_dct_forward_run(), exact on every machine: strict order, no library functions.
 */
tsr_status tsr_dct_backward_run(dct_backward *b, const float *const *coef, float *picture,
                                const tsr_env *env) TSR_MUST_CHECK;

#endif
