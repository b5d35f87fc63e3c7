/* op_rearrange.c - layers that move samples: space to depth, pooling, borders. */
#include <assert.h>
#include <string.h>

#include "op_window.h"

/* One row of one small channel: every b-th sample of a row of the large one. */
static void pick(float *to, const float *from, uint32_t n, uint32_t b, int add) {
    if (add)
        for (uint32_t i = 0; i < n; i++) to[i] += from[(size_t)i * b];
    else
        for (uint32_t i = 0; i < n; i++) to[i] = from[(size_t)i * b];
}

static void place(float *to, const float *from, uint32_t n, uint32_t b, int add) {
    if (add)
        for (uint32_t i = 0; i < n; i++) to[(size_t)i * b] += from[i];
    else
        for (uint32_t i = 0; i < n; i++) to[(size_t)i * b] = from[i];
}

/* Between a tensor of shape s and one with b x b times larger planes and fewer of them. */
static void rearrange(nn_shape s, uint32_t b, float *small, float *large, int to_small, int add) {
    size_t large_w = (size_t)s.w * b, large_plane = nn_plane(s) * b * b;
    for (size_t k = 0; k < (size_t)s.n * s.c; k++) {
        size_t plane = k / (b * b), cell = k % (b * b);
        float *corner = large + plane * large_plane + cell / b * large_w + cell % b;
        for (uint32_t y = 0; y < s.h; y++) {
            float *in_small = small + k * nn_plane(s) + (size_t)y * s.w;
            float *in_large = corner + (size_t)y * b * large_w;
            if (to_small)
                pick(in_small, in_large, s.w, b, add);
            else
                place(in_large, in_small, s.w, b, add);
        }
    }
}

void tsr_op_space_to_depth(nn_tensor x, uint32_t b, float *y, int add) {
    assert(x.s.h % b == 0 && x.s.w % b == 0);
    nn_shape small = {x.s.n, x.s.c * b * b, x.s.h / b, x.s.w / b};
    rearrange(small, b, y, x.data, 1, add);
}

void tsr_op_depth_to_space(nn_tensor x, uint32_t b, float *y, int add) {
    assert(x.s.c % (b * b) == 0);
    rearrange(x.s, b, x.data, y, 0, add);
}

void tsr_op_average2_forward(nn_tensor x, float *y) {
    assert(x.s.h % 2 == 0 && x.s.w % 2 == 0);
    size_t rows = (size_t)x.s.n * x.s.c * (x.s.h / 2);
    for (size_t r = 0; r < rows; r++, y += x.s.w / 2) {
        const float *a = x.data + 2 * r * x.s.w, *b = a + x.s.w;
        for (uint32_t i = 0; i < x.s.w / 2; i++)
            y[i] = 0.25f * ((a[2 * i] + a[2 * i + 1]) + (b[2 * i] + b[2 * i + 1]));
    }
}

void tsr_op_average2_backward(nn_tensor dy, float *dx, int add) {
    size_t rows = (size_t)dy.s.n * dy.s.c * dy.s.h, w = 2 * (size_t)dy.s.w;
    if (!add) memset(dx, 0, rows * 2 * w * sizeof *dx);
    for (size_t r = 0; r < rows; r++) {
        const float *g = dy.data + r * dy.s.w;
        float *a = dx + 2 * r * w, *b = a + w;
        for (size_t i = 0; i < w; i++) {
            a[i] += 0.25f * g[i / 2];
            b[i] += 0.25f * g[i / 2];
        }
    }
}

/* A border of b samples on each side is the padding of a kernel of 2 b + 1. */
static op_window border(nn_shape s, uint32_t b, uint32_t mode) {
    nn_conv c = {.in = 1, .out = 1, .k = 1, .stride = 1, .pad = mode};
    op_window v = tsr_op_window(&c, s.h, s.w);
    v.front_y = v.front_x = b;
    v.padded_h += 2 * b;
    v.stride += 2 * b;
    return v;
}

void tsr_op_pad_forward(nn_tensor x, uint32_t b, uint32_t mode, float *y) {
    op_window v = border(x.s, b, mode);
    size_t from = nn_plane(x.s), to = (size_t)v.padded_h * v.stride;
    for (size_t p = 0; p < (size_t)x.s.n * x.s.c; p++)
        tsr_op_window_border(&v, x.data + p * from, y + p * to);
}

void tsr_op_pad_backward(nn_tensor dy, uint32_t b, uint32_t mode, float *dx, int add) {
    op_window v = border((nn_shape){1, 1, dy.s.h - 2 * b, dy.s.w - 2 * b}, b, mode);
    size_t from = nn_plane(dy.s), to = (size_t)v.h * v.w;
    for (size_t p = 0; p < (size_t)dy.s.n * dy.s.c; p++)
        tsr_op_window_fold(&v, dy.data + p * from, dx + p * to, add);
}
