/* coef_context.h - what the neighbourhood of a coefficient says about its magnitude.
 *
 * For every band the magnitudes of what has been coded are kept with a border of zeros. A row of
 * features (neighbours above, same place in reference bands) is computed at once, vectorised; the
 * two neighbours to the left join as the row is coded. The weighted sum of all features is the
 * energy E: an estimate of the magnitude to come, in 1/256 of a half step. Its logarithm selects
 * the statistics. Integers only: encoder, decoder and the encoder's search see the same numbers.
 */
#ifndef TSR_COEF_CONTEXT_H
#define TSR_COEF_CONTEXT_H

#include "layout.h"
#include "parts.h"

#define TSR_MAG_BORDER 4u
#define TSR_MAG_MAX    65535u
#define TSR_BUCKETS    80u /* of the energy, 4 per octave */
#define TSR_CLASSES    39u /* 3 plane kinds x (3 orientations x 4 levels + low) */
#define TSR_BLOCK      16u /* side of the blocks that may be skipped */

/* Magnitudes of a band; (0, 0) is at m, rows are `stride` apart, the border is readable on all
 * sides. */
typedef struct tsr_mags {
    uint16_t *m;
    size_t stride;
} tsr_mags;

enum tsr_feature { /* order of the weights; magnitudes in half steps */
                   TSR_F_W,
                   TSR_F_WW,
                   TSR_F_N,
                   TSR_F_NW,
                   TSR_F_NE,
                   TSR_F_NN,
                   TSR_F_NNX,
                   TSR_F_NXX,
                   TSR_F_PARENT,
                   TSR_F_PARENT_NEAR,
                   TSR_F_PARENT_FAR,
                   TSR_F_SISTER_A,
                   TSR_F_SISTER_A_CROSS,
                   TSR_F_SISTER_B,
                   TSR_F_SISTER_B_CROSS,
                   TSR_F_PLANE_A,
                   TSR_F_PLANE_A_CROSS,
                   TSR_F_PLANE_A_DIAG,
                   TSR_F_PLANE_B,
                   TSR_F_PLANE_B_CROSS,
                   TSR_F_RING,
                   TSR_F_CONST,
                   TSR_FEATURES
};

/* Rows of features of reference bands, expanded to the band's width. */
typedef struct tsr_ref_row {
    uint16_t *centre, *near, *cross,
        *diag; /* near: half-size parents: the two neighbours on the child's
                  side; cross: 4 neighbours; diag: the 4 diagonal ones */
} tsr_ref_row;

typedef struct tsr_coef_context tsr_coef_context;
/* Features of the n columns from x on of row y of band b, in whole blocks: the last one may run
 * over the right edge of the band. x is even. */
typedef void (*tsr_coef_span_fn)(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x,
                                 uint32_t n);
void tsr_coef_span_plain(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x, uint32_t n);
void tsr_coef_span_avx2(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x, uint32_t n);
void tsr_coef_span_avx512(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x,
                          uint32_t n);

struct tsr_coef_context {
    const tsr_layout *layout;
    tsr_coef_span_fn span; /* for this machine */
    tsr_mags *mags;        /* [layout->n] */
    uint8_t *cls;          /* [layout->n] statistics class, < TSR_CLASSES */
    /* the current row: */
    uint32_t *base;            /* energy without W and WW, [widest band + 2 * TSR_BLOCK] */
    tsr_ref_row ref[TSR_REFS]; /* all zero where the band has no such reference */
    const uint8_t *weight;     /* [TSR_FEATURES] of the current band, in 1/256 */
};

/* parts: NULL when nothing is cut. */
tsr_status tsr_coef_context_init(tsr_coef_context *c, const tsr_layout *l, const tsr_parts *parts,
                                 tsr_job *j) TSR_MUST_CHECK;

/* *c, a copy of the context of part 0, becomes that of part k: same magnitudes, rows of its own. */
tsr_status tsr_coef_context_fork(tsr_coef_context *c, const tsr_parts *parts, uint32_t k,
                                 tsr_job *j) TSR_MUST_CHECK;

/* Chooses the weights for band b. */
void tsr_coef_context_band(tsr_coef_context *c, uint32_t b);

/* Computes the features of row y of band b; rows above and reference bands must be final. */
static inline void tsr_coef_context_row(const tsr_coef_context *c, uint32_t b, uint32_t y) {
    c->span(c, b, y, 0, c->layout->band[b].w);
}

/* 0 luma-like, 1 and 2 chroma. */
unsigned tsr_plane_kind(const tsr_layout *l, uint32_t b);

static inline uint16_t *tsr_mag_row(const tsr_coef_context *c, uint32_t b, uint32_t y) {
    return c->mags[b].m + (size_t)y * c->mags[b].stride;
}

static inline uint32_t tsr_energy(const tsr_coef_context *c, const uint16_t *m, uint32_t x) {
    return c->base[x] + c->weight[TSR_F_W] * (uint32_t)m[(ptrdiff_t)x - 1] +
           c->weight[TSR_F_WW] * (uint32_t)m[(ptrdiff_t)x - 2];
}

/* 0 for an energy below 8/256, then four per octave. */
static inline uint32_t tsr_energy_bucket(uint32_t e) {
    if (e < 8) return 0;
    uint32_t log = 31u - (uint32_t)__builtin_clz(e);
    uint32_t b = (log - 3) * 4 + (e >> (log - 2) & 3) + 1;
    return b < TSR_BUCKETS ? b : TSR_BUCKETS - 1;
}

/* Middle of a bucket as an energy. */
static inline uint32_t tsr_bucket_energy(uint32_t bucket) {
    if (!bucket) return 4;
    uint32_t log = (bucket - 1) / 4 + 3;
    return (1u << log) + (((bucket - 1) & 3) * 2 + 1) * (1u << log) / 8;
}

/* Low bits that entropy coders keep out of the unary code of a level: about log2 of the expected
 * level, minus 2. */
static inline unsigned tsr_unary_shift(uint32_t bucket) {
    int log =
        (int)(bucket + 3) / 4 + 2 - 9; /* of the mean level; bucket energies are in 1/512 levels */
    return log > 3 ? (unsigned)(log - 3) : 0;
}

/* P(another unit) of 65536 under a geometric law with the bucket's mean level, in units of 2^shift.
 */
static inline uint32_t tsr_geometric(uint32_t bucket, unsigned shift) {
    uint64_t mean = tsr_bucket_energy(bucket) >> shift; /* in 1/512 */
    uint32_t p = (uint32_t)(mean * 65536 / (mean + 512));
    return p < 400 ? 400 : p > 64000 ? 64000 : p;
}

static inline uint16_t tsr_clip_mag(uint32_t m) {
    return (uint16_t)(m < TSR_MAG_MAX ? m : TSR_MAG_MAX);
}

#endif
