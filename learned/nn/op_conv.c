/* op_conv.c - convolution and transposed convolution as matrix products (im2col).
 *
 * The matrix of all windows, (channels x taps) rows of pixels, is made for some rows of the result
 * at a time. Transposed convolution is the same with the two directions exchanged.
 * Cost: in x out x taps multiply-adds a sample of the result, and one copy for each tap.
 */
#include <assert.h>
#include <string.h>

#include "op_window.h"

enum { COLUMN_FLOATS = 1 << 16 };

nn_shape tsr_op_conv_shape(const nn_conv *c, nn_shape x) {
    return (nn_shape){x.n, c->out, (x.h - 1) / c->stride + 1, (x.w - 1) / c->stride + 1};
}

/* Rows of the result that are made at a time. */
static uint32_t band_rows(const op_window *v, uint32_t channels) {
    size_t row = (size_t)channels * v->taps * v->out_w, n = COLUMN_FLOATS / row;
    return n < 1 ? 1 : n > v->out_h ? v->out_h : (uint32_t)n;
}

/* The large side of a convolution at work: `channels` padded planes and the column matrix. */
typedef struct conv_job {
    op_window v;
    uint32_t channels, rows;
    float *padded, *column;
} conv_job;

static size_t column_size(const op_window *v, uint32_t channels) {
    return (size_t)channels * v->taps * band_rows(v, channels) * v->out_w;
}

static conv_job job_new(const nn_conv *c, uint32_t channels, uint32_t h, uint32_t w, float *work) {
    conv_job j = {.v = tsr_op_window(c, h, w), .channels = channels};
    j.rows = band_rows(&j.v, channels);
    j.padded = work;
    j.column = work + channels * op_window_size(&j.v);
    return j;
}

static size_t job_work(const nn_conv *c, uint32_t channels, uint32_t h, uint32_t w) {
    op_window v = tsr_op_window(c, h, w);
    return channels * op_window_size(&v) + column_size(&v, channels);
}

static void job_fill(conv_job *j, const float *x) {
    for (uint32_t c = 0; c < j->channels; c++)
        tsr_op_window_fill(&j->v, x + (size_t)c * j->v.h * j->v.w,
                           j->padded + c * op_window_size(&j->v));
}

static void gather(float *to, const float *from, uint32_t n, uint32_t step) {
    if (step == 1)
        memcpy(to, from, n * sizeof *to);
    else
        for (uint32_t i = 0; i < n; i++) to[i] = from[(size_t)i * step];
}

static void scatter(float *to, const float *from, uint32_t n, uint32_t step) {
    if (step == 1)
        for (uint32_t i = 0; i < n; i++) to[i] += from[i];
    else
        for (uint32_t i = 0; i < n; i++) to[(size_t)i * step] += from[i];
}

/* Columns of result rows y0 .. y0 + rows - 1 from the padded planes, or added back to them. */
static void move_columns(const conv_job *j, uint32_t y0, uint32_t rows, int back) {
    const op_window *v = &j->v;
    float *column = j->column;
    for (uint32_t c = 0; c < j->channels; c++)
        for (uint32_t t = 0; t < v->taps; t++)
            for (uint32_t y = y0; y < y0 + rows; y++, column += v->out_w) {
                float *at =
                    j->padded + c * op_window_size(v) + (size_t)y * v->step * v->stride + v->off[t];
                if (back)
                    scatter(at, column, v->out_w, v->step);
                else
                    gather(column, at, v->out_w, v->step);
            }
}

/* y (small side) = w * columns of the padded planes. */
static void product(conv_job *j, const float *w, uint32_t out, float *y, int add) {
    const op_window *v = &j->v;
    size_t plane = (size_t)v->out_h * v->out_w;
    uint32_t k = j->channels * v->taps;
    for (uint32_t y0 = 0; y0 < v->out_h; y0 += j->rows) {
        uint32_t rows = v->out_h - y0 < j->rows ? v->out_h - y0 : j->rows, n = rows * v->out_w;
        move_columns(j, y0, rows, 0);
        tsr_op_gemm(0, 0, out, n, k, w, k, j->column, n, add, y + (size_t)y0 * v->out_w, plane);
    }
}

/* Its adjoint: padded planes = transposed w * y, columns added where they came from. */
static void product_adjoint(conv_job *j, const float *w, uint32_t out, const float *y) {
    const op_window *v = &j->v;
    size_t plane = (size_t)v->out_h * v->out_w;
    uint32_t k = j->channels * v->taps;
    memset(j->padded, 0, j->channels * op_window_size(v) * sizeof *j->padded);
    for (uint32_t y0 = 0; y0 < v->out_h; y0 += j->rows) {
        uint32_t rows = v->out_h - y0 < j->rows ? v->out_h - y0 : j->rows, n = rows * v->out_w;
        tsr_op_gemm(1, 0, k, n, out, w, k, y + (size_t)y0 * v->out_w, plane, 0, j->column, n);
        move_columns(j, y0, rows, 1);
    }
}

static void job_fold(conv_job *j, float *dx, int add) {
    for (uint32_t c = 0; c < j->channels; c++)
        tsr_op_window_fold(&j->v, j->padded + c * op_window_size(&j->v),
                           dx + (size_t)c * j->v.h * j->v.w, add);
}

/* dw += y * transposed columns. */
static void weight_gradient(conv_job *j, uint32_t out, const float *y, float *dw) {
    const op_window *v = &j->v;
    size_t plane = (size_t)v->out_h * v->out_w;
    uint32_t k = j->channels * v->taps;
    for (uint32_t y0 = 0; y0 < v->out_h; y0 += j->rows) {
        uint32_t rows = v->out_h - y0 < j->rows ? v->out_h - y0 : j->rows, n = rows * v->out_w;
        move_columns(j, y0, rows, 0);
        tsr_op_gemm(0, 1, out, k, n, y + (size_t)y0 * v->out_w, plane, j->column, n, 1, dw, k);
    }
}

/* ---------------------------------------------------------------- convolution */

size_t tsr_op_conv_work(const nn_conv *c, nn_shape x) {
    return job_work(c, c->in, x.h, x.w);
}

void tsr_op_conv_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                         nn_tensor y, uint32_t act, float *work) {
    assert(x.s.c == c->in && y.s.c == c->out);
    conv_job j = job_new(c, c->in, x.s.h, x.s.w, work);
    for (uint32_t i = 0; i < x.s.n; i++) {
        job_fill(&j, x.data + i * nn_picture(x.s));
        product(&j, w, c->out, y.data + i * nn_picture(y.s), 0);
    }
    tsr_op_bias_forward(y, bias, act);
}

void tsr_op_conv_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                          float *work) {
    conv_job j = job_new(c, c->in, x.s.h, x.s.w, work);
    tsr_op_bias_backward(g->y, g->dy, g->act, g->dbias);
    for (uint32_t i = 0; i < x.s.n; i++) {
        const float *dy = g->dy.data + i * nn_picture(g->dy.s);
        if (g->dw) {
            job_fill(&j, x.data + i * nn_picture(x.s));
            weight_gradient(&j, c->out, dy, g->dw);
        }
        if (g->dx) {
            product_adjoint(&j, w, c->out, dy);
            job_fold(&j, g->dx + i * nn_picture(x.s), g->add);
        }
    }
}

/* ---------------------------------------------------------------- transposed */

nn_shape tsr_op_transposed_shape(const nn_conv *c, nn_shape x) {
    return (nn_shape){x.n, c->out, x.h * c->stride, x.w * c->stride};
}

size_t tsr_op_transposed_work(const nn_conv *c, nn_shape x) {
    return job_work(c, c->out, x.h * c->stride, x.w * c->stride);
}

void tsr_op_transposed_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                               nn_tensor y, uint32_t act, float *work) {
    assert(x.s.c == c->in && y.s.c == c->out);
    conv_job j = job_new(c, c->out, y.s.h, y.s.w, work);
    for (uint32_t i = 0; i < x.s.n; i++) {
        product_adjoint(&j, w, c->in, x.data + i * nn_picture(x.s));
        job_fold(&j, y.data + i * nn_picture(y.s), 0);
    }
    tsr_op_bias_forward(y, bias, act);
}

void tsr_op_transposed_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                                float *work) {
    conv_job j = job_new(c, c->out, g->dy.s.h, g->dy.s.w, work);
    tsr_op_bias_backward(g->y, g->dy, g->act, g->dbias);
    for (uint32_t i = 0; i < x.s.n; i++) {
        job_fill(&j, g->dy.data + i * nn_picture(g->dy.s));
        if (g->dw) weight_gradient(&j, c->in, x.data + i * nn_picture(x.s), g->dw);
        if (g->dx) product(&j, w, c->in, g->dx + i * nn_picture(x.s), g->add);
    }
}
