/* nn_loss.h - losses with their gradients. Sums are in double, in a fixed order. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include "nn_tensor.h"

/* Returns factor * sum (x - t)^2; dx (NULL: not wanted) = its gradient, 2 factor (x - t). */
double tsr_nn_mse(const float *x, const float *t, size_t n, float factor, float *dx);

/* Softmax cross-entropy over k planes: logit of class i at position p is z[i * stride + p], p < n,
 * classes target[p] in 0 .. k-1 (others, for instance -1: position left out). Returns bits (log 2)
 * times factor; dz (NULL or same layout) = gradient. */
double tsr_nn_softmax_bits(const float *z, size_t stride, uint32_t k, const int32_t *target,
                           size_t n, float factor, float *dz);

/* Bits of x under a logistic density of mean m and scale exp(s), integrated over [x - 1/2, x +
 * 1/2]: -log2(F((x + 1/2 - m) / e^s) - F((x - 1/2 - m) / e^s)), F(t) = 1 / (1 + e^-t). Works for
 * integers and for x with additive noise. Exact far into the tails; s is used within [-7, 7] (its
 * gradient is 0 outside). Returns the sum times factor; dx, dm, ds: gradients, each may be NULL. */
double tsr_nn_logistic_bits(const float *x, const float *m, const float *s, size_t n, float factor,
                            float *dx, float *dm, float *ds);

/* Straight-through quantizer: q = round(x), ties to even; its gradient is that of the identity. */
void tsr_nn_round(const float *x, size_t n, float *q);

#endif
