/* lapped_frame.h - the fixed basis of a block along one axis: overlap filters, then a block basis.
 */
#ifndef LAPPED_FRAME_H
#define LAPPED_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    LAPPED_MAX_BLOCK = 32,   /* largest block side */
    LAPPED_COARSE_BLOCK = 4, /* side of the second stage's blocks */
    LAPPED_LANES = 4,        /* signals treated side by side */
    LAPPED_MAX_TAPS = 8,     /* largest overlap filter */
    LAPPED_MAX_FILTERS = 2
};

/* A filter of `taps` neighbouring samples: with the half sums s_i = (x_i + x_(taps-1-i)) / 2 and
 * half differences d_i = (x_i - x_(taps-1-i)) / 2 it gives s_i + e_i and s_i - e_i, e = Z d. */
typedef struct lapped_filter {
    unsigned centred; /* 1: on the middle of each block; 0: on each border between blocks */
    const float *forward, *inverse; /* Z and its inverse, (taps / 2) x (taps / 2), row-major */
} lapped_filter;

/* Analysis applies the stages in order, then multiplies each block with the basis. */
typedef struct lapped_frame {
    unsigned block, taps, n_filters;
    lapped_filter stage[LAPPED_MAX_FILTERS];
    const float *basis; /* block x block orthonormal, row k = component k */
} lapped_frame;

/* The frame of a block side (4, 8, 16 or 32), with or without overlap. */
lapped_frame tsr_lapped_frame(unsigned block, int overlap);

/* Rows of `lanes` independent signals, a multiple of LAPPED_LANES: sample i of signal c is
 * x[i * stride + c]. All of it in place. */

/* One filter, z forward or inverse of a stage, on rows 0 .. taps-1. */
void tsr_lapped_filter(const lapped_frame *f, const float *z, float *x, size_t stride,
                       size_t lanes);

/* y = basis x, and x = basis' y, on the rows of one block. */
void tsr_lapped_project(const lapped_frame *f, float *x, size_t stride, size_t lanes);
void tsr_lapped_expand(const lapped_frame *f, float *x, size_t stride, size_t lanes);

/* Whole signals of n rows, n a multiple of block. */
void tsr_lapped_analyse(const lapped_frame *f, float *x, size_t n, size_t stride, size_t lanes);
void tsr_lapped_synthesise(const lapped_frame *f, float *x, size_t n, size_t stride, size_t lanes);

/* L2 norms of the synthesis functions of the components of `fine`, norm[fine->block], and of the
 * components of `coarse` on the grid of component 0 of `fine`, coarse_norm[coarse->block]. */
void tsr_lapped_norms(const lapped_frame *fine, const lapped_frame *coarse, float *norm,
                      float *coarse_norm);

/* Row of the first filter of a stage, and number of filters, for a signal of `blocks` blocks. */
static inline size_t lapped_filter_start(const lapped_frame *f, const lapped_filter *s) {
    return s->centred ? (f->block - f->taps) / 2 : f->block - f->taps / 2;
}

static inline size_t lapped_filter_count(const lapped_filter *s, size_t blocks) {
    return s->centred ? blocks : blocks - 1;
}

#endif
