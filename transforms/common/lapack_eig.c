/* lapack_eig.c - symmetric eigenproblems and truncated singular value decompositions.
 *
 * The truncated SVD is the randomized subspace iteration of Halko, Martinsson and Tropp, SIAM
 * Review 53 (2011), algorithms 4.4 and 5.1, with OVERSAMPLE extra vectors and ITERATIONS power
 * steps from a fixed pseudo-random start. Cost: (2 ITERATIONS + 2) m n (rank + OVERSAMPLE)
 * multiplications. LAPACKE is opened by the first tsr_lapack_available().
 */
#include "lapack_eig.h"

#define OVERSAMPLE 8u
#define ITERATIONS 3u

static uint32_t subspace(uint32_t m, uint32_t n, uint32_t rank) {
    uint32_t least = m < n ? m : n;
    return rank + OVERSAMPLE < least ? rank + OVERSAMPLE : least;
}

/* y (m x l), z (n x l), left factor (l x l), s and tau (l each). */
size_t tsr_svd_work_size(uint32_t m, uint32_t n, uint32_t rank) {
    uint64_t l = subspace(m, n, rank);
    uint64_t total = (uint64_t)m * l + (uint64_t)n * l + l * l + 2 * l;
    return total < SIZE_MAX / sizeof(double) ? (size_t)total : 0;
}

#ifdef TSR_HAVE_LAPACKE

#include <lapacke.h>
#include <pthread.h>

#include <tessera/library.h>

#define FUNCTIONS(X) X(dsyevd) X(dgelqf) X(dorglq) X(dgesvd)
#define POINTER(f)   __typeof__(LAPACKE_##f) *f;
#define SYMBOL(f)    {.name = "LAPACKE_" #f, .to = &lapacke.f},

static struct {
    FUNCTIONS(POINTER)
    int open;
} lapacke;

/* OpenBLAS, where it is the BLAS: its threads would compete with ours, and its results depend on
 * their number. */
static void open_lapacke(void) {
    static const char *const names[] = {"liblapacke.so.3", NULL};
    void (*set_threads)(int) = NULL;
    const tsr_symbol symbols[] = {
        FUNCTIONS(SYMBOL){.name = "openblas_set_num_threads", .to = &set_threads, .optional = 1}};
    lapacke.open = !tsr_library_open(names, symbols, sizeof symbols / sizeof *symbols, NULL);
    if (lapacke.open && set_threads) set_threads(1);
}

int tsr_lapack_available(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_lapacke);
    return lapacke.open;
}

static tsr_status status_of(lapack_int info) {
    if (!info) return TSR_OK;
    return info == LAPACK_WORK_MEMORY_ERROR ? TSR_ERR_MEMORY : TSR_ERR_INTERNAL;
}

/* A symmetric matrix by rows is the same matrix by columns: its eigenvectors come out as rows. */
tsr_status tsr_eig_symmetric(uint32_t n, double *a, double *value) {
    if (!tsr_lapack_available()) return TSR_ERR_UNSUPPORTED;
    lapack_int size = (lapack_int)n;
    return status_of(lapacke.dsyevd(LAPACK_COL_MAJOR, 'V', 'L', size, a, size, value));
}

/* Fills columns with numbers in -1..1 from a linear congruential generator (Knuth's MMIX). */
static void fill_start(double *z, size_t n) {
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        z[i] = (double)(int64_t)x / 9223372036854775808.0;
    }
}

/* The l columns of y (m x l) and z (n x l) are stored side by side: y[i * l + k]. To LAPACK, which
 * counts by columns, these are the l x m and l x n transposes. */

/* y = a z. */
static void times(const float *a, uint32_t m, uint32_t n, uint32_t l, const double *z, double *y) {
    for (size_t i = 0; i < (size_t)m * l; i++) y[i] = 0.0;
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++) {
            double aij = a[(size_t)i * n + j];
            for (uint32_t k = 0; k < l; k++) y[(size_t)i * l + k] += aij * z[(size_t)j * l + k];
        }
}

/* z = a' y. */
static void times_transposed(const float *a, uint32_t m, uint32_t n, uint32_t l, const double *y,
                             double *z) {
    for (size_t i = 0; i < (size_t)n * l; i++) z[i] = 0.0;
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++) {
            double aij = a[(size_t)i * n + j];
            for (uint32_t k = 0; k < l; k++) z[(size_t)j * l + k] += aij * y[(size_t)i * l + k];
        }
}

/* Replaces the l columns of q (n x l) with an orthonormal basis of their span. */
static lapack_int orthonormalise(double *q, uint32_t n, uint32_t l, double *tau) {
    lapack_int rows = (lapack_int)l, cols = (lapack_int)n;
    lapack_int info = lapacke.dgelqf(LAPACK_COL_MAJOR, rows, cols, q, rows, tau);
    return info ? info : lapacke.dorglq(LAPACK_COL_MAJOR, rows, cols, rows, q, rows, tau);
}

/* u = y left, v = right: the leading `rank` columns of each, one after the other. */
static void write_factors(const double *y, const double *left, const double *right, uint32_t m,
                          uint32_t n, uint32_t l, uint32_t rank, float *u, float *v) {
    for (uint32_t k = 0; k < rank; k++) {
        for (uint32_t i = 0; i < m; i++) {
            double sum = 0.0;
            for (uint32_t t = 0; t < l; t++) sum += y[(size_t)i * l + t] * left[(size_t)k * l + t];
            u[(size_t)k * m + i] = (float)sum;
        }
        for (uint32_t j = 0; j < n; j++) v[(size_t)k * n + j] = (float)right[(size_t)j * l + k];
    }
}

tsr_status tsr_svd_truncated(const float *a, uint32_t m, uint32_t n, uint32_t rank, float *u,
                             float *s, float *v, double *work) {
    if (!tsr_lapack_available()) return TSR_ERR_UNSUPPORTED;
    uint32_t l = subspace(m, n, rank);
    double *y = work, *z = y + (size_t)m * l, *left = z + (size_t)n * l;
    double *value = left + (size_t)l * l, *tau = value + l;
    lapack_int rows = (lapack_int)l, cols = (lapack_int)n, info = 0;
    fill_start(z, (size_t)n * l);
    for (uint32_t i = 0; i <= ITERATIONS && !info; i++) {
        info = orthonormalise(z, n, l, tau);
        times(a, m, n, l, z, y);
        if (!info) info = orthonormalise(y, m, l, tau);
        times_transposed(a, m, n, l, y, z);
    }
    /* a ~ y z'; z' = left diag(value) right. */
    if (!info)
        info = lapacke.dgesvd(LAPACK_COL_MAJOR, 'S', 'O', rows, cols, z, rows, value, left, rows,
                              NULL, rows, tau);
    if (info) return status_of(info);
    write_factors(y, left, z, m, n, l, rank, u, v);
    for (uint32_t k = 0; k < rank; k++) s[k] = (float)value[k];
    return TSR_OK;
}

#else

int tsr_lapack_available(void) {
    return 0;
}

tsr_status tsr_eig_symmetric(uint32_t n, double *a, double *value) {
    return TSR_ERR_UNSUPPORTED;
}

tsr_status tsr_svd_truncated(const float *a, uint32_t m, uint32_t n, uint32_t rank, float *u,
                             float *s, float *v, double *work) {
    return TSR_ERR_UNSUPPORTED;
}

#endif
