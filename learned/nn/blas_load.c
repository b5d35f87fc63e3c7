/* blas_load.c - single-precision matrix products by OpenBLAS, by way of CBLAS. */
#include "blas_load.h"

#ifdef NN_HAVE_BLAS

#include <cblas.h>
#include <pthread.h>

#include <tessera/library.h>

static struct {
    __typeof__(cblas_sgemm) *sgemm;
    __typeof__(openblas_set_num_threads) *set_threads;
    int open;
} blas;

static void open_blas(void) {
    static const char *const names[] = {"libopenblas.so.0", NULL};
    const tsr_symbol symbols[] = {{.name = "cblas_sgemm", .to = &blas.sgemm},
                                  {.name = "openblas_set_num_threads", .to = &blas.set_threads}};
    blas.open = !tsr_library_open(names, symbols, 2, NULL);
    if (blas.open) blas.set_threads(1);
}

int tsr_blas_available(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_blas);
    return blas.open;
}

void tsr_blas_gemm(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                   const float *b, size_t ldb, int add, float *c, size_t ldc) {
    blas.sgemm(CblasRowMajor, a_t ? CblasTrans : CblasNoTrans, b_t ? CblasTrans : CblasNoTrans,
               (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, add ? 1 : 0, c, (int)ldc);
}

#else

int tsr_blas_available(void) {
    return 0;
}

/* Never called. */
void tsr_blas_gemm(int a_t, int b_t, uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                   const float *b, size_t ldb, int add, float *c, size_t ldc) {}

#endif
