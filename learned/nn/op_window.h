/* op_window.h - where the taps of a kernel lie in a plane with borders. */
#ifndef OP_WINDOW_H
#define OP_WINDOW_H

#include "nn_ops.h"
#include "nn_train_kernels.h"

/* A plane of h x w samples with borders on all sides, padded_h x stride samples, which the window
 * moves over in steps: result sample (y, x) is the sum over taps of padded[y * step * stride + x *
 * step + off[t]]. */
typedef struct op_window {
    uint32_t h, w, out_h, out_w, step;
    uint32_t front_y, front_x, padded_h, stride;
    uint32_t pad; /* NN_PAD_* */
    uint32_t taps;
    ptrdiff_t off[NN_MAX_KERNEL * NN_MAX_KERNEL];
} op_window;

op_window tsr_op_window(const nn_conv *c, uint32_t h, uint32_t w);

/* Floats of a padded plane, with room behind it for kernels that work in blocks. */
static inline size_t op_window_size(const op_window *v) {
    return (size_t)v->padded_h * v->stride + 2 * NN_SLACK;
}

/* Fills a padded plane from x (h x w): all op_window_size() floats of it. */
void tsr_op_window_fill(const op_window *v, const float *x, float *padded);

/* The same for a plane that was filled with this window before: a border of zeros is there already.
 */
void tsr_op_window_refill(const op_window *v, const float *x, float *padded);

/* The same without the room behind the plane. */
void tsr_op_window_border(const op_window *v, const float *x, float *padded);

/* The adjoint: dx (h x w) = or += what the samples of the padded plane stand for. Adds the borders
 * of a reflection to the inside of `padded` on the way. */
void tsr_op_window_fold(const op_window *v, float *padded, float *dx, int add);

/* Source of a border sample, i in -n .. 2 n or so: 2 1 [0 1 2 ... n-1] n-2 ... */
uint32_t tsr_op_reflect(int64_t i, uint32_t n);

#endif
