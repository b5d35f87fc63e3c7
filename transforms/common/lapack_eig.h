/* lapack_eig.h - the decompositions that encoders need, by LAPACKE. No decoder calls these. */
#ifndef TSR_COMMON_LAPACK_EIG_H
#define TSR_COMMON_LAPACK_EIG_H

#include <tessera/status.h>

/* 1 when there is LAPACKE, in the build and on the machine; otherwise the functions below return
 * TSR_ERR_UNSUPPORTED. The first call opens it, and sets OpenBLAS, if that is the BLAS below it, to
 * one thread for the whole process: the bytes of a stream must not depend on the number of cores.
 */
int tsr_lapack_available(void);

/* Eigen-decomposition of a symmetric n x n matrix, n >= 1. a is row-major, only its upper triangle
 * is read; it is overwritten with the eigenvectors, one a row, unit length, by ascending value[n].
 * Errors: UNSUPPORTED, MEMORY, INTERNAL (no convergence, or not finite). */
tsr_status tsr_eig_symmetric(uint32_t n, double *a, double *value) TSR_MUST_CHECK;

/* Rank-`rank` singular value decomposition of the m x n row-major matrix a, 1 <= rank <= min(m, n):
 * u[k * m + i], s[k] descending, v[k * n + j] with a(i, j) ~ sum_k s[k] u(k, i) v(k, j); u and v
 * have unit length. work holds tsr_svd_work_size() doubles. Errors as above. */
tsr_status tsr_svd_truncated(const float *a, uint32_t m, uint32_t n, uint32_t rank, float *u,
                             float *s, float *v, double *work) TSR_MUST_CHECK;

/* Doubles of work memory; 0 when the sizes overflow. */
size_t tsr_svd_work_size(uint32_t m, uint32_t n, uint32_t rank);

#endif
