/* nn_vq.h - vector quantization: nearest codewords, straight-through gradient, codebook losses.
 *
 * Vectors lie across planes: component j of vector p is x[j * stride + p], so that the channels of
 * a tensor need no copy. A codebook is k rows of d floats.
 */
#ifndef NN_VQ_H
#define NN_VQ_H

#include "nn_rng.h"
#include "nn_tensor.h"

typedef struct nn_codebook {
    uint32_t k, d; /* 1 .. 65536 codewords of 1 .. 256 components */
    float *word;   /* k * d */
} nn_codebook;

/* index[p] = argmin over i of |x_p - c_i|^2 + rate[i] (rate NULL: 0), the smallest i of equals, for
 * p < n. Returns the sum of |x_p - c_index|^2. work: tsr_nn_vq_work(k, d) floats. */
double tsr_nn_vq_nearest(const nn_codebook *cb, const float *x, size_t stride, size_t n,
                         const float *rate, int32_t *index, float *work);
size_t tsr_nn_vq_work(uint32_t k, uint32_t d);

/* q_p = c_index[p]. */
void tsr_nn_vq_lookup(const nn_codebook *cb, const int32_t *index, size_t n, float *q,
                      size_t stride);

/* Straight-through: dx += dq, as if quantization were the identity; and when dword is not NULL the
 * gradient through the codewords: dword[index[p]] += dq_p. */
void tsr_nn_vq_backward(const nn_codebook *cb, const int32_t *index, size_t n, const float *dq,
                        size_t dq_stride, float *dx, size_t dx_stride, float *dword);

/* Loss sum_p a |sg(x) - c|^2 + b |x - sg(c)|^2 (van den Oord et al. 2017, eq. 3): returned, and its
 * gradients added to dword (codebook term, weight a) and dx (commitment, weight b); NULL: not
 * wanted. */
double tsr_nn_vq_loss(const nn_codebook *cb, const int32_t *index, size_t n, const float *x,
                      size_t x_stride, float a, float b, float *dx, size_t dx_stride, float *dword);

/* Exponential moving averages instead of a gradient (van den Oord et al. 2017, appendix A.1). */
typedef struct nn_vq_ema {
    uint32_t k, d;
    float *count, *sum; /* running: k, k * d */
    double *batch;      /* of this batch: k * (d + 1) */
} nn_vq_ema;

tsr_status tsr_nn_vq_ema_init(nn_vq_ema *e, const nn_codebook *cb, tsr_diag *d) TSR_MUST_CHECK;
void tsr_nn_vq_ema_free(nn_vq_ema *e);
/* Counts the vectors of a batch; call it in a fixed order of samples. */
void tsr_nn_vq_ema_add(nn_vq_ema *e, const int32_t *index, size_t n, const float *x, size_t stride);
/* Ends the batch: averages move by 1 - decay, codewords become sum / count (Laplace smoothed). */
void tsr_nn_vq_ema_update(nn_vq_ema *e, nn_codebook *cb, float decay);
/* Codewords with a running count below `least` (codeword `keep` excepted; k: none) become a random
 * one of the n vectors, counted once. Returns how many. */
uint32_t tsr_nn_vq_revive(nn_vq_ema *e, nn_codebook *cb, float least, uint32_t keep, const float *x,
                          size_t stride, size_t n, nn_rng *rng);

#endif
