/* op_gemm.c - matrix products: OpenBLAS where it is there and pays, or the trainer's own kernels.
 */
#include <assert.h>
#include <string.h>

#include "blas_load.h"
#include "nn_ops.h"
#include "nn_train_kernels.h"

const nn_train_kernels *tsr_nn_train_kernels(void) {
#ifdef NN_HAVE_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return &tsr_nn_train_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &tsr_nn_train_avx2;
#endif
    return &tsr_nn_train_plain;
}

enum { SMALL = 256 };

/* Few rows: the kernels, which need not pack a, are faster than a BLAS made for large matrices. */
static void by_kernels(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a,
                       size_t lda, const float *b, size_t ldb, int add, float *c, size_t ldc) {
    const nn_train_kernels *kern = tsr_nn_train_kernels();
    if (!b_t) {
        kern->product(&(nn_product){.m = m,
                                    .n = n,
                                    .k = k,
                                    .a = a,
                                    .row = a_t ? 1 : lda,
                                    .column = a_t ? lda : 1,
                                    .b = b,
                                    .ldb = ldb,
                                    .c0 = add ? c : NULL,
                                    .c = c,
                                    .ldc = ldc});
        return;
    }
    for (uint32_t i = 0; i < m && !add; i++) memset(c + i * ldc, 0, n * sizeof *c);
    kern->product_t(m, n, k, a, lda, b, ldb, c, ldc);
}

void tsr_op_gemm(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                 const float *b, size_t ldb, int add, float *c, size_t ldc) {
    assert(!(a_t && b_t) && m <= INT32_MAX && n <= INT32_MAX && k <= INT32_MAX);
    int large = m > SMALL || (b_t ? n : k) > SMALL;
    if (large && tsr_blas_available())
        tsr_blas_gemm(a_t, b_t, m, n, k, a, lda, b, ldb, add, c, ldc);
    else
        by_kernels(a_t, b_t, m, n, k, a, lda, b, ldb, add, c, ldc);
}

const char *tsr_op_gemm_name(void) {
    return tsr_blas_available() ? "cblas" : tsr_nn_train_kernels()->name;
}
