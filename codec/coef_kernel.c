/* coef_kernel.c - features of a stretch of columns for one instruction set (KERNEL_ISA); integers
 * only. */
#include "coef_span.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

void JOIN(tsr_coef_span_, KERNEL_ISA)(const tsr_coef_context *c, uint32_t b, uint32_t y, uint32_t x,
                                      uint32_t n) {
    tsr_coef_context_span(c, b, y, x, n);
}
