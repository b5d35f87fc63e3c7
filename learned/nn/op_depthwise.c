/* op_depthwise.c - depthwise convolution: each plane with a kernel of its own.
 *
 * A plane with borders is one line of samples to the kernels: all rows in one loop, whatever their
 * length. Cost: taps multiply-adds a sample forward, twice that backward; two copies of the plane.
 */
#include <assert.h>
#include <string.h>

#include "op_window.h"

/* Zeros that the gradient plane needs in front: as far as a tap reaches back. */
static size_t margin(const op_window *v) {
    return (size_t)(v->padded_h - v->h + 1) * v->stride;
}

size_t tsr_op_depthwise_work(const nn_conv *c, nn_shape x) {
    op_window v = tsr_op_window(c, x.h, x.w);
    return 3 * op_window_size(&v) + margin(&v);
}

/* The usual kernel, for which there are special loops. */
static int is_3x3(const nn_conv *c) {
    return c->k == 3 && !c->causal;
}

void tsr_op_depthwise_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                              nn_tensor y, uint32_t act, float *work) {
    assert(c->in == c->out && c->in == x.s.c && c->stride == 1);
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    op_window v = tsr_op_window(c, x.s.h, x.s.w);
    size_t plane = nn_plane(x.s);
    float *padded = work, *result = work + op_window_size(&v);
    for (size_t p = 0; p < (size_t)x.s.n * x.s.c; p++) {
        uint32_t ch = (uint32_t)(p % x.s.c);
        float *to = y.data + p * plane;
        if (p == 0)
            tsr_op_window_fill(&v, x.data, padded);
        else
            tsr_op_window_refill(&v, x.data + p * plane, padded);
        const float *kernel = w + (size_t)ch * v.taps;
        if (is_3x3(c)) {
            kern->correlate3(to, padded, v.stride, kernel, v.h, v.w, 0);
        } else {
            kern->correlate(result, padded, v.off, kernel, v.taps, (size_t)v.h * v.stride);
            for (uint32_t r = 0; r < v.h; r++)
                memcpy(to + (size_t)r * v.w, result + (size_t)r * v.stride, v.w * sizeof *to);
        }
        if (bias || act) kern->bias_act(to, plane, bias ? bias[ch] : 0, act);
    }
}

/* The gradient of the result as a line of the padded plane's geometry, zero between the rows. */
static void spread(const op_window *v, const float *dy, float *line) {
    for (uint32_t r = 0; r < v->h; r++) {
        memcpy(line, dy + (size_t)r * v->w, v->w * sizeof *line);
        memset(line + v->w, 0, (v->stride - v->w) * sizeof *line);
        line += v->stride;
    }
}

/* What the backward pass of all planes shares. */
typedef struct back_job {
    const nn_train_kernels *kern;
    op_window v;
    int special;
    ptrdiff_t back[NN_MAX_KERNEL * NN_MAX_KERNEL]; /* -off */
    float *padded, *dx, *line;
} back_job;

static void weight_gradient(const back_job *j, const float *x, const float *dy, float *dw) {
    tsr_op_window_refill(&j->v, x, j->padded);
    if (j->special)
        j->kern->dots3(dw, j->padded, j->v.stride, dy, j->v.h, j->v.w);
    else
        j->kern->dots(dw, j->line, j->padded, j->v.off, j->v.taps, (size_t)j->v.h * j->v.stride);
}

/* Correlation with the kernel turned round. */
static void input_gradient(const back_job *j, const float *w, const float *dy, float *to, int add) {
    if (j->special && j->v.pad == NN_PAD_ZERO) {
        float turned[9];
        for (unsigned t = 0; t < 9; t++) turned[t] = w[8 - t];
        tsr_op_window_refill(&j->v, dy, j->padded);
        j->kern->correlate3(to, j->padded, j->v.stride, turned, j->v.h, j->v.w, add);
        return;
    }
    j->kern->correlate(j->dx, j->line, j->back, w, j->v.taps, (size_t)j->v.padded_h * j->v.stride);
    tsr_op_window_fold(&j->v, j->dx, to, add);
}

static back_job job_new(const nn_conv *c, nn_shape x, float *work) {
    back_job j = {.kern = tsr_nn_train_kernels(), .v = tsr_op_window(c, x.h, x.w)};
    size_t size = op_window_size(&j.v);
    j.special = is_3x3(c);
    for (uint32_t t = 0; t < j.v.taps; t++) j.back[t] = -j.v.off[t];
    j.padded = work;
    j.dx = work + size;
    j.line = work + 2 * size + margin(&j.v);
    memset(work, 0, size * sizeof *work); /* the border, and behind it */
    memset(work + 2 * size, 0, (size + margin(&j.v)) * sizeof *work);
    return j;
}

void tsr_op_depthwise_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                               float *work) {
    back_job j = job_new(c, x.s, work);
    size_t plane = nn_plane(x.s);
    for (size_t p = 0; p < (size_t)x.s.n * x.s.c; p++) {
        uint32_t ch = (uint32_t)(p % x.s.c);
        float *dy = g->dy.data + p * plane;
        if (g->dbias || g->act) {
            float sum = j.kern->act_slope(dy, g->y ? g->y + p * plane : NULL, plane, g->act);
            if (g->dbias) g->dbias[ch] += sum;
        }
        if (!j.special || j.v.pad != NN_PAD_ZERO) spread(&j.v, dy, j.line);
        if (g->dw) weight_gradient(&j, x.data + p * plane, dy, g->dw + (size_t)ch * j.v.taps);
        if (g->dx) input_gradient(&j, w + (size_t)ch * j.v.taps, dy, g->dx + p * plane, g->add);
    }
}
