/* nn_train_kernels.h - inner loops of the trainer that BLAS does not have.
 *
 * Compiled once for each instruction set, with fused multiply-add where it exists: results differ
 * in the last bits between machines, never between runs on one machine.
 */
#ifndef NN_TRAIN_KERNELS_H
#define NN_TRAIN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { NN_SLACK = 64 }; /* floats that correlate() and dots() may touch behind the arrays */

/* c = act(c0 + bias + a b): m x n, inner k. Element (i, l) of a is a[i * row + l * column], rows of
 * b and of c, c0 have n floats and lie ldb and ldc apart. c0 (NULL: 0) may be c; bias (NULL: 0) has
 * m. */
typedef struct nn_product {
    uint32_t m, n, k, act;
    const float *a, *b, *c0, *bias;
    size_t row, column, ldb, ldc;
    float *c;
} nn_product;

typedef struct nn_train_kernels {
    const char *name;
    /* Any kernel: y[i] = sum over taps t of w[t] x[i + off[t]], i < n rounded up to at most
     * NN_SLACK. */
    void (*correlate)(float *y, const float *x, const ptrdiff_t *off, const float *w, uint32_t taps,
                      size_t n);
    /* dw[t] += sum over i of dy[i] x[i + off[t]], i < n rounded up likewise: dy is 0 there. */
    void (*dots)(float *dw, const float *dy, const float *x, const ptrdiff_t *off, uint32_t taps,
                 size_t n);
    /* A plane of h x width samples to rows `stride` apart. */
    void (*copy_rows)(float *to, size_t stride, const float *from, uint32_t h, uint32_t width);
    /* 3 x 3 on a plane with a border of 1 and rows `stride` apart, NN_SLACK readable behind it: y
     * (h x w) = or += its correlation with w. */
    void (*correlate3)(float *y, const float *padded, size_t stride, const float w[9], uint32_t h,
                       uint32_t width, int add);
    /* dw += the correlation of that plane with dy (h x w). */
    void (*dots3)(float dw[9], const float *padded, size_t stride, const float *dy, uint32_t h,
                  uint32_t width);
    /* y = act(y + bias) */
    void (*bias_act)(float *y, size_t n, float bias, uint32_t act);
    /* dy *= slope of act at the result y (y not read when linear); returns the sum of the new dy.
     */
    float (*act_slope)(float *dy, const float *y, size_t n, uint32_t act);
    void (*add)(float *y, const float *x, size_t n);                    /* y += x */
    void (*add_to)(float *y, const float *a, const float *b, size_t n); /* y = a + b */
    void (*axpy)(float *y, const float *x, size_t n, float f);          /* y += f x */
    void (*product)(const nn_product *p);
    /* c += a b^T: c is m x n, a m x k, b n x k, rows lda, ldb, ldc apart. */
    void (*product_t)(uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                      const float *b, size_t ldb, float *c, size_t ldc);
} nn_train_kernels;

extern const nn_train_kernels tsr_nn_train_plain;
#ifdef NN_HAVE_X86
extern const nn_train_kernels tsr_nn_train_avx2, tsr_nn_train_avx512;
#endif

/* The fastest ones of this processor. */
const nn_train_kernels *tsr_nn_train_kernels(void);

#endif
