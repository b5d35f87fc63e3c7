/* op_window.c - borders of planes, their adjoint, and the taps of a kernel. */
#include "op_window.h"

#include <assert.h>
#include <string.h>

uint32_t tsr_op_conv_taps(const nn_conv *c) {
    if (!c->causal) return c->k * c->k;
    return c->k / 2 * c->k + c->k / 2 + (c->causal == 2);
}

/* Samples missing around a line of n. */
static uint32_t missing(const nn_conv *c, uint32_t n) {
    uint32_t last = (n - 1) / c->stride * c->stride + c->k;
    return last > n ? last - n : 0;
}

op_window tsr_op_window(const nn_conv *c, uint32_t h, uint32_t w) {
    assert(c->k >= 1 && c->k <= NN_MAX_KERNEL && c->stride >= 1);
    uint32_t my = missing(c, h), mx = missing(c, w);
    op_window v = {.h = h, .w = w, .step = c->stride, .pad = c->pad};
    v.out_h = (h - 1) / c->stride + 1;
    v.out_w = (w - 1) / c->stride + 1;
    v.front_y = my / 2;
    v.front_x = mx / 2;
    v.padded_h = h + my;
    v.stride = w + mx;
    v.taps = tsr_op_conv_taps(c);
    for (uint32_t t = 0; t < v.taps; t++) v.off[t] = (ptrdiff_t)(t / c->k) * v.stride + t % c->k;
    return v;
}

uint32_t tsr_op_reflect(int64_t i, uint32_t n) {
    if (n == 1) return 0;
    int64_t period = 2 * (int64_t)n - 2;
    i = (i % period + period) % period;
    return (uint32_t)(i < n ? i : period - i);
}

static void fill_row(const op_window *v, const float *x, float *row) {
    memcpy(row + v->front_x, x, v->w * sizeof *x);
    for (uint32_t i = 0; i < v->front_x; i++)
        row[i] = v->pad == NN_PAD_REFLECT ? x[tsr_op_reflect((int64_t)i - v->front_x, v->w)] : 0;
    for (uint32_t i = v->front_x + v->w; i < v->stride; i++)
        row[i] = v->pad == NN_PAD_REFLECT ? x[tsr_op_reflect((int64_t)i - v->front_x, v->w)] : 0;
}

void tsr_op_window_border(const op_window *v, const float *x, float *padded) {
    for (uint32_t y = 0; y < v->padded_h; y++) {
        int64_t from = (int64_t)y - v->front_y;
        float *row = padded + (size_t)y * v->stride;
        if (from >= 0 && from < v->h)
            fill_row(v, x + (size_t)from * v->w, row);
        else if (v->pad == NN_PAD_REFLECT)
            fill_row(v, x + (size_t)tsr_op_reflect(from, v->h) * v->w, row);
        else
            memset(row, 0, v->stride * sizeof *row);
    }
}

void tsr_op_window_fill(const op_window *v, const float *x, float *padded) {
    tsr_op_window_border(v, x, padded);
    memset(padded + (size_t)v->padded_h * v->stride, 0, 2 * NN_SLACK * sizeof *padded);
}

void tsr_op_window_refill(const op_window *v, const float *x, float *padded) {
    if (v->pad == NN_PAD_REFLECT)
        tsr_op_window_border(v, x, padded);
    else
        tsr_nn_train_kernels()->copy_rows(padded + (size_t)v->front_y * v->stride + v->front_x,
                                          v->stride, x, v->h, v->w);
}

/* Borders of a reflection go back to where their samples came from. */
static void fold_reflection(const op_window *v, float *padded) {
    for (uint32_t y = 0; y < v->padded_h; y++) {
        uint32_t to = tsr_op_reflect((int64_t)y - v->front_y, v->h) + v->front_y;
        float *row = padded + (size_t)y * v->stride, *home = padded + (size_t)to * v->stride;
        for (uint32_t x = 0; x < v->stride; x++) {
            uint32_t at = tsr_op_reflect((int64_t)x - v->front_x, v->w) + v->front_x;
            if (to != y || at != x) home[at] += row[x];
        }
    }
}

void tsr_op_window_fold(const op_window *v, float *padded, float *dx, int add) {
    if (v->pad == NN_PAD_REFLECT) fold_reflection(v, padded);
    const float *from = padded + (size_t)v->front_y * v->stride + v->front_x;
    for (uint32_t y = 0; y < v->h; y++, from += v->stride, dx += v->w)
        if (add)
            for (uint32_t x = 0; x < v->w; x++) dx[x] += from[x];
        else
            memcpy(dx, from, v->w * sizeof *dx);
}
