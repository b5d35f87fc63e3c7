/* svd_frame.h - the fixed basis of a block along one axis: overlap filters, then a block basis. */
#ifndef SVD_FRAME_H
#define SVD_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    SVD_MAX_BLOCK = 32,   /* largest block side */
    SVD_COARSE_BLOCK = 4, /* side of the second stage's blocks */
    SVD_LANES = 4,        /* signals treated side by side */
    SVD_MAX_TAPS = 8,     /* largest overlap filter */
    SVD_MAX_STAGES = 2
};

/* A filter of `taps` neighbouring samples: with the half sums s_i = (x_i + x_(taps-1-i)) / 2 and
 * half differences d_i = (x_i - x_(taps-1-i)) / 2 it gives s_i + e_i and s_i - e_i, e = Z d. */
typedef struct svd_stage {
    unsigned centred; /* 1: on the middle of each block; 0: on each border between blocks */
    const float *forward, *inverse; /* Z and its inverse, (taps / 2) x (taps / 2), row-major */
} svd_stage;

/* Analysis applies the stages in order, then multiplies each block with the basis. */
typedef struct svd_frame {
    unsigned block, taps, n_stages;
    svd_stage stage[SVD_MAX_STAGES];
    const float *basis; /* block x block orthonormal, row k = component k */
} svd_frame;

/* The frame of a block side (4, 8, 16 or 32), with or without overlap. */
svd_frame tsr_svd_frame(unsigned block, int overlap);

/* Rows of `lanes` independent signals, a multiple of SVD_LANES: sample i of signal c is
 * x[i * stride + c]. All of it in place. */

/* One filter, z forward or inverse of a stage, on rows 0 .. taps-1. */
void tsr_svd_filter(const svd_frame *f, const float *z, float *x, size_t stride, size_t lanes);

/* y = basis x, and x = basis' y, on the rows of one block. */
void tsr_svd_project(const svd_frame *f, float *x, size_t stride, size_t lanes);
void tsr_svd_expand(const svd_frame *f, float *x, size_t stride, size_t lanes);

/* Whole signals of n rows, n a multiple of block. */
void tsr_svd_analyse(const svd_frame *f, float *x, size_t n, size_t stride, size_t lanes);
void tsr_svd_synthesise(const svd_frame *f, float *x, size_t n, size_t stride, size_t lanes);

/* L2 norms of the synthesis functions of the components of `fine`, norm[fine->block], and of the
 * components of `coarse` on the grid of component 0 of `fine`, coarse_norm[coarse->block]. */
void tsr_svd_norms(const svd_frame *fine, const svd_frame *coarse, float *norm, float *coarse_norm);

/* Row of the first filter of a stage, and number of filters, for a signal of `blocks` blocks. */
static inline size_t svd_stage_start(const svd_frame *f, const svd_stage *s) {
    return s->centred ? (f->block - f->taps) / 2 : f->block - f->taps / 2;
}

static inline size_t svd_stage_count(const svd_stage *s, size_t blocks) {
    return s->centred ? blocks : blocks - 1;
}

#endif
