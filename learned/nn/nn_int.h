/* nn_int.h - layers for decoders in integers: faster than floats, and the same result on every
 * machine because sums are exact (tier T1).
 *
 * Inputs and outputs are words of 16 bits, sums have 32; that none overflows is the caller's to
 * see to. Values lie position after position, the channels of one beside each other, so that
 * vectors run across channels.
 */
#ifndef NN_INT_H
#define NN_INT_H

#include <tessera/plugin.h>

enum {
    NN_INT_OUT = 16, /* outputs of a pointwise layer are padded to a multiple of this */
    NN_INT_TAPS = 9,
    NN_INT_CHANNELS = 32 /* channels of a depthwise layer are padded to a multiple of this */
};

/* A pointwise layer as the kernels want it. */
typedef struct nn_int_product {
    uint32_t in, out;            /* multiples of 2 and of NN_INT_OUT */
    const int16_t *w;            /* from tsr_int_pack() */
    const int32_t *bias, *shift; /* of each output; shift 0 .. 31 */
} nn_int_product;

/* A 3x3 depthwise layer. */
typedef struct nn_int_taps {
    uint32_t channels;           /* a multiple of NN_INT_CHANNELS */
    const int16_t *w;            /* [9][channels] */
    const int32_t *bias, *shift; /* of each channel */
} nn_int_taps;

typedef struct nn_int_kernels {
    const char *name;
    /* y[i] = floor(float(v + 32768.5)) - 32768, v = clamp(x[i] * factor, -32768, 32767) (not a
     * number: -32768), for i < n. */
    void (*quantize)(const float *x, float factor, int16_t *y, size_t n);
    /* For p < n: y[p * y_stride + o] = bias[o] + sum over i of w[o][i] x[p * x_stride + i]. */
    void (*sums)(const nn_int_product *a, const int16_t *x, size_t x_stride, int32_t *y,
                 size_t y_stride, size_t n);
    /* The same >> shift[o], clipped to 16 bits; added to what lies at `before`, in the manner of y,
     * and clipped again, where that is not NULL. y may be before. */
    void (*words)(const nn_int_product *a, const int16_t *x, size_t x_stride, const int16_t *before,
                  int16_t *y, size_t y_stride, size_t n);
    /* One row of a depthwise layer with relu: max(0, clip((bias + sum of w x) >> shift)) for
     * positions 0 .. n - 1; row[k]: position 0 of row k - 1, with a position before it and one
     * behind the last. Positions follow one another without gap. */
    void (*taps)(const nn_int_taps *a, const int16_t *const row[3], int16_t *y, size_t n);
} nn_int_kernels;

/* Plain C, always there. */
extern const nn_int_kernels tsr_int_plain;
#ifdef NN_HAVE_X86
extern const nn_int_kernels tsr_int_avx2, tsr_int_avx512;
#endif

/* The fastest kernels within cpu (TSR_CPU_*). */
const nn_int_kernels *tsr_int_kernels(uint32_t cpu);

/* Arranges w[out][in] for the kernels, with zeros for the padding: [out / 16][in / 2][16][2]. */
void tsr_int_pack(int16_t *to, const int16_t *w, uint32_t in, uint32_t out);

#endif
