/* postfilter_kernel.h - the loops of the post filter over the pixels of a row, compiled for several
 * instruction sets with equal results.
 */
#ifndef TSR_POSTFILTER_KERNEL_H
#define TSR_POSTFILTER_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Thresholds of one set: strength against multiples of the squared step. */
typedef struct tsr_class_rule {
    float strength[7];
} tsr_class_rule;

/* Products of the gradient, one row. */
typedef struct tsr_gradient_sums {
    int32_t *xx, *yy, *xy;
} tsr_gradient_sums;

typedef struct tsr_filter_kernels {
    /* Planes to integers with TSR_FILTER_FRACTION fractional bits, clipped; NaN becomes the least.
     */
    void (*load)(const float *in, int16_t *out, uint32_t n);
    /* Sums over 5 columns of the products of the gradient of a row, whose neighbours above and
     * below are up and down; columns -3 .. w+2 are read. tmp: 3 (w + 4) entries. */
    void (*gradients)(const int16_t *up, const int16_t *row, const int16_t *down, uint32_t w,
                      int32_t *tmp, const tsr_gradient_sums *out);
    /* Classes of a row from the sums of 5 rows. */
    void (*classify)(const tsr_class_rule *r, const tsr_gradient_sums s[5], uint32_t w,
                     uint8_t *cls);
    /* acc += two weights of each pixel's class times the symmetric differences of a at offset oa
     * and of b at ob; pairs[class] packs the weights. */
    void (*add_taps)(int32_t *acc, const int32_t *pairs, const uint8_t *cls, const int16_t *a,
                     ptrdiff_t oa, const int16_t *b, ptrdiff_t ob, uint32_t n);
} tsr_filter_kernels;

extern const tsr_filter_kernels tsr_filter_kernels_plain, tsr_filter_kernels_avx2,
    tsr_filter_kernels_avx512;

/* For TSR_CPU_* bits. */
const tsr_filter_kernels *tsr_filter_kernels_select(uint32_t cpu);

#endif
