/* nn_ops.h - operations on tensors, each with its gradient. One thread each: parallelism is over
 * samples, outside.
 *
 * Convention of all backward functions: dy is the gradient of the result, dx that of the operand.
 * dx is overwritten when `add` is 0, added to when it is 1. Gradients of weights are always added
 * to. NULL: not wanted. Shapes are the caller's duty (asserted).
 */
#ifndef NN_OPS_H
#define NN_OPS_H

#include "nn_tensor.h"

enum { NN_LINEAR, NN_RELU, NN_LEAKY, NN_ACTIVATIONS }; /* LEAKY: slope 1/8 below zero */
enum { NN_PAD_ZERO, NN_PAD_REFLECT };                  /* reflect: ... 2 1 [0 1 2 ... */
enum { NN_MAX_KERNEL = 15 };

/* A convolution of stride s with "same" padding: the result has ceil(h / s) x ceil(w / s) samples;
 * of the missing samples the smaller half is in front. */
typedef struct nn_conv {
    uint32_t in, out; /* channels; depthwise: equal */
    uint32_t k;       /* kernel k x k, 1 .. NN_MAX_KERNEL */
    uint32_t stride;  /* 1 .. k; more than 1 not for depthwise and causal ones */
    uint32_t pad;     /* NN_PAD_* */
    uint32_t causal;  /* 0: all taps; 1: those before the centre in raster order; 2: and the centre.
                         k odd */
} nn_conv;

/* Taps of a kernel: k * k, or those that a causal one keeps. Weights are out x in x taps
 * (depthwise: channels x taps), taps in raster order. */
uint32_t tsr_op_conv_taps(const nn_conv *c);
nn_shape tsr_op_conv_shape(const nn_conv *c, nn_shape x);
/* Floats of scratch for one sample, forward or backward. */
size_t tsr_op_conv_work(const nn_conv *c, nn_shape x);

/* y = act(w * x + bias), bias may be NULL. */
void tsr_op_conv_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                         nn_tensor y, uint32_t act, float *work);

/* What the backward pass of a layer with weights is given and asked for. */
typedef struct nn_back {
    nn_tensor dy;   /* gradient of the result; multiplied by the slope of act in place */
    const float *y; /* the result; read unless act is NN_LINEAR */
    uint32_t act;
    int add;      /* dx is added to */
    float *dx;    /* NULL: not wanted, as all that follow */
    float *dw;    /* added to */
    float *dbias; /* added to */
} nn_back;

void tsr_op_conv_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                          float *work);

/* Transposed convolution: the adjoint of the convolution c from c->out channels to c->in. x has
 * c->in channels, y c->out and stride times the size; weights are in x out x taps. */
nn_shape tsr_op_transposed_shape(const nn_conv *c, nn_shape x);
size_t tsr_op_transposed_work(const nn_conv *c, nn_shape x);
void tsr_op_transposed_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                               nn_tensor y, uint32_t act, float *work);
void tsr_op_transposed_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                                float *work);

/* 1 x 1 convolution, and a linear layer when the planes are 1 x 1; w is out x in. y = act(w x +
 * bias
 * + skip); skip has the shape of y or is NULL. Its gradient is that before the activation. */
void tsr_op_pointwise_forward(nn_tensor x, const float *w, const float *bias, const float *skip,
                              nn_tensor y, uint32_t act);
void tsr_op_pointwise_backward(nn_tensor x, const float *w, const nn_back *g);

/* Depthwise; c->in == c->out, stride 1. */
size_t tsr_op_depthwise_work(const nn_conv *c, nn_shape x);
void tsr_op_depthwise_forward(const nn_conv *c, nn_tensor x, const float *w, const float *bias,
                              nn_tensor y, uint32_t act, float *work);
void tsr_op_depthwise_backward(const nn_conv *c, nn_tensor x, const float *w, const nn_back *g,
                               float *work);

/* Bias and activation in place, on every channel; bias may be NULL. Backward multiplies dy by the
 * slope found from the RESULT y and adds the sums over planes to dbias. */
void tsr_op_bias_forward(nn_tensor y, const float *bias, uint32_t act);
void tsr_op_bias_backward(const float *y, nn_tensor dy, uint32_t act, float *dbias);

/* y += x; y = a + b; y += f x */
void tsr_op_add(float *y, const float *x, size_t n);
void tsr_op_sum(float *y, const float *a, const float *b, size_t n);
void tsr_op_axpy(float *y, const float *x, size_t n, float f);

/* Batch norm over n, h, w of each channel: y = (x - mean) / sqrt(var + 1e-5) * gamma + beta. stats:
 * 2 * channels, mean and 1 / deviation of this batch; made by _statistics() (training) or from the
 * running ones. */
void tsr_op_batch_norm_statistics(nn_tensor x, float *stats, float *mean, float *variance);
void tsr_op_batch_norm_running(const float *mean, const float *variance, uint32_t c, float *stats);
void tsr_op_batch_norm_forward(nn_tensor x, const float *stats, const float *gamma,
                               const float *beta, nn_tensor y);
/* training: the statistics depend on x. */
void tsr_op_batch_norm_backward(nn_tensor x, const float *stats, const float *gamma, nn_tensor dy,
                                int training, float *dx, int add, float *dgamma, float *dbeta);

/* Rearrangement: channel (c * b + i) * b + j of the small tensor holds the samples (b y + i, b x +
 * j) of channel c of the large one. Sides of the large one are multiples of b. */
void tsr_op_space_to_depth(nn_tensor x, uint32_t b, float *y, int add);
void tsr_op_depth_to_space(nn_tensor x, uint32_t b, float *y, int add);

/* Mean of 2 x 2 samples; even sides. y: the small tensor. */
void tsr_op_average2_forward(nn_tensor x, float *y);
void tsr_op_average2_backward(nn_tensor dy, float *dx, int add);

/* One level of the 9/7 wavelet on every plane: the lifting steps and borders of
 * transforms/wavelet's cdf97. Even sides. y has 4 C channels of half the size: all LL, then HL
 * (high along x), LH, HH. Scaling is near-orthonormal: that transform's bands times 2, 1, 1, 1/2.
 */
size_t tsr_op_wavelet_work(nn_shape picture); /* floats */
/* _adjoint is the gradient of the same direction. */
void tsr_op_wavelet_forward(nn_tensor x, float *y, float *work);
void tsr_op_wavelet_inverse(nn_tensor y, float *x, float *work);
void tsr_op_wavelet_forward_adjoint(nn_tensor dy, float *dx, int add, float *work);
void tsr_op_wavelet_inverse_adjoint(nn_tensor dx, float *dy, int add, float *work);

/* Borders around every plane; y has (h + 2 b) x (w + 2 b) samples. backward is the adjoint and may
 * change dy. */
void tsr_op_pad_forward(nn_tensor x, uint32_t b, uint32_t mode, float *y);
void tsr_op_pad_backward(nn_tensor dy, uint32_t b, uint32_t mode, float *dx, int add);

/* c = a * b, or c += a * b when add is 1: row-major, m x n, inner k. a_t, b_t: the operand is
 * stored transposed, at most one of them. By BLAS if there is one: tsr_op_gemm_name(). */
void tsr_op_gemm(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                 const float *b, size_t ldb, int add, float *c, size_t ldc);
const char *tsr_op_gemm_name(void);

#endif
