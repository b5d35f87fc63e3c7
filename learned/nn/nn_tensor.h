/* nn_tensor.h - what a tensor is: float samples, N x C x H x W, planar, without padding.
 *
 * Sample (n, c, y, x) lies at ((n * C + c) * H + y) * W + x. A vector per sample, for instance a
 * condition, has H = W = 1. Tensors are views: they own nothing.
 */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include <tessera/status.h>

typedef struct nn_shape {
    uint32_t n, c, h, w;
} nn_shape;

typedef struct nn_tensor {
    float *data;
    nn_shape s;
} nn_tensor;

/* Samples of a plane, of a picture (C planes), of all. Shapes that come from outside are checked by
 * tsr_nn_shape_check() first. */
static inline size_t nn_plane(nn_shape s) {
    return (size_t)s.h * s.w;
}
static inline size_t nn_picture(nn_shape s) {
    return s.c * nn_plane(s);
}
static inline size_t nn_count(nn_shape s) {
    return s.n * nn_picture(s);
}

/* LIMIT unless all sides are at least 1 and the tensor has at most 2^31 - 1 samples. */
tsr_status tsr_nn_shape_check(nn_shape s, const char *what, tsr_diag *d) TSR_MUST_CHECK;

/* 64-byte aligned float arrays with room for n samples, zeroed; NULL: no memory (or overflow). Free
 * with free(). */
float *tsr_nn_alloc(size_t n);

#endif
