/* blas_load.h - OpenBLAS, opened with the first large product of a training. Others are not looked
 * for: the reference BLAS, which may be behind libblas.so.3, is slower than the trainer's kernels.
 */
#ifndef TSR_BLAS_LOAD_H
#define TSR_BLAS_LOAD_H

#include <stddef.h>
#include <stdint.h>

/* Whether it is there, in the build and on the machine. Its threads are set to one for the whole
 * process: the trainer has its own, which call this at the same time. */
int tsr_blas_available(void);

/* tsr_op_gemm by it; only where it is available. m, n, k and strides are below 2^31. */
void tsr_blas_gemm(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                   const float *b, size_t ldb, int add, float *c, size_t ldc);

#endif
