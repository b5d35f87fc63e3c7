/* op_pointwise.c - 1 x 1 convolutions and linear layers: matrix products over blocks of pixels.
 *
 * A block's planes stay in the second-level cache between the product and what goes before and
 * after it.
 */
#include <assert.h>
#include <string.h>

#include "nn_ops.h"
#include "nn_train_kernels.h"

enum { BLOCK_FLOATS = 1 << 16 };

/* Pixels of a block. */
static size_t block_size(uint32_t in, uint32_t out, size_t plane) {
    size_t n = BLOCK_FLOATS / (in + out) / 64 * 64;
    if (n < 256) n = 256;
    return n < plane ? n : plane;
}

/* Planes of one sample: the channels are contiguous, a batch is a matrix. */
static void forward_linear(nn_tensor x, const float *w, const float *bias, const float *skip,
                           nn_tensor y, uint32_t act) {
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    if (skip) memcpy(y.data, skip, nn_count(y.s) * sizeof *skip);
    tsr_op_gemm(0, 1, x.s.n, y.s.c, x.s.c, x.data, x.s.c, w, x.s.c, skip != NULL, y.data, y.s.c);
    for (uint32_t i = 0; i < y.s.n && bias; i++) kern->add(y.data + (size_t)i * y.s.c, bias, y.s.c);
    if (act) kern->bias_act(y.data, nn_count(y.s), 0, act);
}

void tsr_op_pointwise_forward(nn_tensor x, const float *w, const float *bias, const float *skip,
                              nn_tensor y, uint32_t act) {
    size_t plane = nn_plane(x.s);
    assert(x.s.n == y.s.n && plane == nn_plane(y.s));
    if (plane == 1) {
        forward_linear(x, w, bias, skip, y, act);
        return;
    }
    for (uint32_t i = 0; i < x.s.n; i++) {
        size_t at = i * nn_picture(y.s);
        tsr_nn_train_kernels()->product(&(nn_product){.m = y.s.c,
                                                      .n = (uint32_t)plane,
                                                      .k = x.s.c,
                                                      .act = act,
                                                      .a = w,
                                                      .row = x.s.c,
                                                      .column = 1,
                                                      .b = x.data + i * nn_picture(x.s),
                                                      .ldb = plane,
                                                      .c0 = skip ? skip + at : NULL,
                                                      .bias = bias,
                                                      .c = y.data + at,
                                                      .ldc = plane});
    }
}

static void backward_block(const float *x, const float *w, const nn_back *g, size_t at, float *dx,
                           nn_shape in, uint32_t n) {
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    size_t plane = nn_plane(in);
    uint32_t out = g->dy.s.c;
    float *dy = g->dy.data + at;
    for (uint32_t o = 0; o < out && (g->act || g->dbias); o++) {
        const float *y = g->y ? g->y + at + o * plane : NULL;
        float sum = kern->act_slope(dy + o * plane, y, n, g->act);
        if (g->dbias) g->dbias[o] += sum;
    }
    if (dx) tsr_op_gemm(1, 0, in.c, n, out, w, in.c, dy, plane, g->add, dx, plane);
    if (g->dw) tsr_op_gemm(0, 1, out, in.c, n, dy, plane, x, plane, 1, g->dw, in.c);
}

static void backward_linear(nn_tensor x, const float *w, const nn_back *g) {
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    uint32_t in = x.s.c, out = g->dy.s.c, n = x.s.n;
    float *dy = g->dy.data;
    if (g->act) kern->act_slope(dy, g->y, nn_count(g->dy.s), g->act);
    for (uint32_t i = 0; i < n && g->dbias; i++) kern->add(g->dbias, dy + (size_t)i * out, out);
    if (g->dx) tsr_op_gemm(0, 0, n, in, out, dy, out, w, in, g->add, g->dx, in);
    if (g->dw) tsr_op_gemm(1, 0, out, in, n, dy, out, x.data, in, 1, g->dw, in);
}

void tsr_op_pointwise_backward(nn_tensor x, const float *w, const nn_back *g) {
    size_t plane = nn_plane(x.s), step = block_size(x.s.c, g->dy.s.c, plane);
    assert(x.s.n == g->dy.s.n && plane == nn_plane(g->dy.s));
    if (plane == 1) {
        backward_linear(x, w, g);
        return;
    }
    for (uint32_t i = 0; i < x.s.n; i++)
        for (size_t p = 0; p < plane; p += step) {
            size_t n = plane - p < step ? plane - p : step, in_at = i * nn_picture(x.s) + p;
            backward_block(x.data + in_at, w, g, i * nn_picture(g->dy.s) + p,
                           g->dx ? g->dx + in_at : NULL, x.s, (uint32_t)n);
        }
}
