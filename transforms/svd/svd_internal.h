/* svd_internal.h - the state of one instance and what its parts offer each other. */
#ifndef SVD_INTERNAL_H
#define SVD_INTERNAL_H

#include <tessera/plugin.h>

#include "lapped_blocks.h"

enum {
    SVD_CANDIDATES = 64, /* components of a plane that the data basis may touch, in zigzag order */
    SVD_GROUP = 8,       /* most components that a group rotates among each other */
    SVD_GROUP_ANGLES = SVD_GROUP * (SVD_GROUP - 1) / 2,
    SVD_MAX_GROUPS = 96,
    SVD_RIGHT_ANGLE = 32, /* angles are in units of pi / 64 */
    SVD_MAX_TERMS = 256,
    SVD_TERM_GROUP = 16, /* terms of the plane SVD in one band */
    SVD_SCALES = 1024    /* singular values are coded as 2^((i - 256) / 16), i below this */
};

/* A group of components and the rotations that turn their fixed basis vectors into those of the
 * data: pairs (0,1), (0,2) .. (n-2,n-1) by angle[], undone in the reverse order. */
typedef struct svd_group {
    uint8_t n;                      /* 2 .. SVD_GROUP */
    uint8_t coarse;                 /* angles are multiples of 2^coarse units, coarse 0 .. 2 */
    uint8_t comp[SVD_GROUP];        /* plane * SVD_CANDIDATES + zigzag rank 1 .., ascending */
    int8_t angle[SVD_GROUP_ANGLES]; /* -SVD_RIGHT_ANGLE .. SVD_RIGHT_ANGLE */
} svd_group;

typedef struct svd {
    tsr_geometry g;
    int plane_mode;
    uint32_t rank;      /* most components of the data basis */
    uint32_t precision; /* 0: chosen; otherwise 1 + the only `coarse` tried */
    uint32_t terms;     /* plane mode: most terms */

    lapped_blocks lapped; /* block mode */

    uint32_t n_groups; /* the data basis */
    svd_group group[SVD_MAX_GROUPS];

    uint32_t kept[TSR_MAX_PLANES]; /* plane mode: terms in use, and their singular values */
    uint16_t scale[TSR_MAX_PLANES][SVD_MAX_TERMS];
} svd;

/* ---- block mode ---- */

tsr_status tsr_svd_block_analysis(svd *st, const tsr_planes *in, const tsr_goal *goal,
                                  tsr_coeffs *out, const tsr_env *env);
tsr_status tsr_svd_block_synthesis(svd *st, const tsr_coeffs *in, tsr_planes *out,
                                   const tsr_env *env);

/* The band of a candidate component. */
uint32_t tsr_svd_candidate_band(const svd *st, uint32_t comp);

/* Rotates the values first .. first+n-1 of a group's arrays from the fixed to the data basis, or
 * back. */
void tsr_svd_rotate(const svd_group *g, float *const *comp, size_t first, size_t n);
void tsr_svd_rotate_back(const svd_group *g, float *const *comp, size_t first, size_t n);

/* Chooses the data basis for these coefficients (still in the fixed basis) and rotates them. */
tsr_status tsr_svd_learn(svd *st, const tsr_goal *goal, const tsr_coeffs *c, const tsr_env *env);

/* ---- plane mode ---- */

uint32_t tsr_svd_plane_layout(const svd *st, tsr_band *out, uint32_t cap);
tsr_status tsr_svd_plane_analysis(svd *st, const tsr_planes *in, const tsr_goal *goal,
                                  tsr_coeffs *out, const tsr_env *env);
tsr_status tsr_svd_plane_synthesis(const svd *st, const tsr_coeffs *in, tsr_planes *out,
                                   const tsr_env *env);

/* ---- side information ---- */

size_t tsr_svd_side_save(const svd *st, uint8_t *out, size_t cap);
tsr_status tsr_svd_side_load(svd *st, const uint8_t *data, size_t size, const tsr_env *env);

/* Bits that a group of the data basis takes in the side information, about. */
double tsr_svd_group_bits(const svd_group *g, uint32_t candidates);

#endif
