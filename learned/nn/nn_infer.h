/* nn_infer.h - layers for decoders: the same bits on every machine (tier T1).
 *
 * Every sample of every layer is a sum in a fixed order, rounded to float after each operation:
 * bias first, then channel by channel (pointwise) or tap by tap (others), no fused multiply-add, no
 * libm. Vectors run across pixels, never along a sum, so plain C, AVX2 and AVX-512 agree to the
 * bit.
 */
#ifndef NN_INFER_H
#define NN_INFER_H

#include <tessera/plugin.h>

#include "nn_ops.h" /* NN_LINEAR, NN_RELU, NN_LEAKY */

typedef struct nn_kernels {
    const char *name;
    /* y[o][p] = act(bias[o] + sum_i w[o * in + i] x[i][p]) for p < n; planes x_stride, y_stride
     * floats apart; y must not overlap x. bias may be NULL: 0. */
    void (*pointwise)(const float *w, const float *bias, uint32_t in, uint32_t out, const float *x,
                      size_t x_stride, float *y, size_t y_stride, size_t n, uint32_t act);
    /* One row of one channel: y[p] = act(bias + sum over taps t of w[t] row[t][p]), p < n. No row
     * may overlap y. */
    void (*taps)(const float *w, float bias, uint32_t taps, const float *const *row, float *y,
                 size_t n, uint32_t act);
} nn_kernels;

/* Plain C, always there. The others are the same code for wider vectors, equal to the bit. */
extern const nn_kernels tsr_infer_plain;
#ifdef NN_HAVE_X86
extern const nn_kernels tsr_infer_avx2, tsr_infer_avx512;
#endif

/* The fastest kernels within cpu (TSR_CPU_*). */
const nn_kernels *tsr_infer_kernels(uint32_t cpu);

#endif
