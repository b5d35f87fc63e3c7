/* test_svd_parts.c - bases, rotations, range coder, and the decompositions by LAPACKE. */
#include <math.h>
#include <stdlib.h>

#include "../../tests/unit/tsr_test.h"
#include "../common/lapack_eig.h"
#include "svd_range.h"
#include "svd_test.h"

/* ---- the fixed basis ---- */

static void check_frame(unsigned block, int overlap) {
    lapped_frame f = tsr_lapped_frame(block, overlap);
    enum { BLOCKS = 3 };
    float x[BLOCKS * LAPPED_MAX_BLOCK * LAPPED_LANES], y[BLOCKS * LAPPED_MAX_BLOCK * LAPPED_LANES];
    uint32_t seed = block;
    size_t n = BLOCKS * block;
    for (size_t i = 0; i < n * LAPPED_LANES; i++) y[i] = x[i] = (float)(next_random(&seed) % 256);
    tsr_lapped_analyse(&f, y, n, LAPPED_LANES, LAPPED_LANES);
    tsr_lapped_synthesise(&f, y, n, LAPPED_LANES, LAPPED_LANES);
    for (size_t i = 0; i < n * LAPPED_LANES; i++) CU_ASSERT(fabsf(x[i] - y[i]) < 1e-3f);
    for (unsigned a = 0; a < block; a++)
        for (unsigned b = 0; b < block; b++) {
            double dot = 0;
            for (unsigned i = 0; i < block; i++)
                dot += (double)f.basis[a * block + i] * f.basis[b * block + i];
            CU_ASSERT(fabs(dot - (a == b)) < 1e-6);
        }
}

static void test_frames(void) {
    for (unsigned block = 4; block <= 32; block *= 2)
        for (int overlap = 0; overlap < 2; overlap++) check_frame(block, overlap);
}

/* A constant has a first component only, whatever the overlap. */
static void test_constant(void) {
    for (int overlap = 0; overlap < 2; overlap++) {
        lapped_frame f = tsr_lapped_frame(8, overlap);
        float x[24 * LAPPED_LANES];
        for (size_t i = 0; i < 24 * LAPPED_LANES; i++) x[i] = 100.0f;
        tsr_lapped_analyse(&f, x, 24, LAPPED_LANES, LAPPED_LANES);
        for (size_t i = 0; i < 24 * LAPPED_LANES; i++)
            if (i / LAPPED_LANES % 8) CU_ASSERT(fabsf(x[i]) < 1e-3f);
    }
}

static void test_norms(void) {
    float fine[LAPPED_MAX_BLOCK], coarse[LAPPED_MAX_BLOCK];
    for (unsigned block = 8; block <= 32; block *= 2)
        for (int overlap = 0; overlap < 2; overlap++) {
            lapped_frame f = tsr_lapped_frame(block, overlap), c = tsr_lapped_frame(4, overlap);
            tsr_lapped_norms(&f, &c, fine, coarse);
            for (unsigned k = 0; k < block; k++)
                CU_ASSERT(overlap ? fine[k] > 0.8f && fine[k] < 1.3f : fabsf(fine[k] - 1) < 1e-5f);
            for (unsigned k = 0; k < 4; k++)
                CU_ASSERT(overlap ? coarse[k] > 0.7f && coarse[k] < 1.3f
                                  : fabsf(coarse[k] - 1) < 1e-5f);
        }
}

/* ---- rotations ---- */

/* The rotated unit vectors are orthonormal, and go back to where they were. */
static void check_rotation(const svd_group *g) {
    float m[SVD_GROUP][SVD_GROUP] = {{0}}, *row[SVD_GROUP];
    for (unsigned k = 0; k < SVD_GROUP; k++) {
        m[k][k] = 1.0f;
        row[k] = m[k];
    }
    tsr_svd_rotate(g, row, 0, g->n);
    for (unsigned a = 0; a < g->n; a++)
        for (unsigned b = 0; b < g->n; b++) {
            double dot = 0;
            for (unsigned i = 0; i < g->n; i++) dot += (double)m[a][i] * m[b][i];
            CU_ASSERT(fabs(dot - (a == b)) < 1e-5);
        }
    tsr_svd_rotate_back(g, row, 0, g->n);
    for (unsigned a = 0; a < g->n; a++)
        for (unsigned b = 0; b < g->n; b++) CU_ASSERT(fabsf(m[a][b] - (a == b)) < 1e-5f);
}

static void test_rotations(void) {
    uint32_t seed = 3;
    for (int i = 0; i < 200; i++) {
        svd_group g = random_group(&seed, 4 * SVD_CANDIDATES);
        check_rotation(&g);
    }
}

/* ---- range coder ---- */

static void test_range_coder(void) {
    enum { COUNT = 3000 };
    static uint8_t data[3 * COUNT];
    for (uint32_t skew = 1; skew < 4; skew++) {
        svd_bit p[15], q[15], flag = SVD_EVEN, flag2 = SVD_EVEN;
        for (int i = 0; i < 15; i++) p[i] = q[i] = SVD_EVEN;
        svd_range r;
        uint32_t seed = skew;
        tsr_svd_range_encode(&r, data, sizeof data);
        for (int i = 0; i < COUNT; i++) {
            uint32_t x = next_random(&seed);
            tsr_svd_range_bit(&r, &flag, x % skew == 1);
            tsr_svd_range_number(&r, p, x % 0x7fff >> (4 * skew));
            tsr_svd_range_raw(&r, x & 7, 3);
        }
        size_t size = tsr_svd_range_end(&r);
        CU_ASSERT(size > 0 && size <= sizeof data);
        tsr_svd_range_decode(&r, data, size);
        seed = skew;
        uint32_t wrong = 0;
        for (int i = 0; i < COUNT; i++) {
            uint32_t x = next_random(&seed);
            wrong += tsr_svd_range_bit(&r, &flag2, 0) != (x % skew == 1);
            wrong += tsr_svd_range_number(&r, q, 0) != x % 0x7fff >> (4 * skew);
            wrong += tsr_svd_range_raw(&r, 0, 3) != (x & 7);
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT(r.place >= size);
    }
}

/* ---- decompositions ---- */

static void test_eigen(void) {
    double a[9] = {4, 1, 0, -9, 3, 1, -9, -9, 2}, value[3]; /* the lower triangle is not read */
    tsr_status s = tsr_eig_symmetric(3, a, value);
    if (!tsr_lapack_available()) {
        CU_ASSERT_EQUAL(s, TSR_ERR_UNSUPPORTED);
        return;
    }
    CU_ASSERT_EQUAL(s, TSR_OK);
    const double m[3][3] = {{4, 1, 0}, {1, 3, 1}, {0, 1, 2}};
    CU_ASSERT(fabs(value[0] - (3 - sqrt(3))) < 1e-12 && fabs(value[1] - 3) < 1e-12);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) sum += m[i][j] * a[3 * k + j];
            CU_ASSERT(fabs(sum - value[k] * a[3 * k + i]) < 1e-12);
        }
}

static void test_truncated_svd(void) {
    enum { M = 40, N = 27, RANK = 3 };
    float a[M * N], u[RANK * M], s[RANK], v[RANK * N];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++)
            a[i * N + j] = (float)(5 * sin(0.3 * i) * cos(0.2 * j) + 2 * cos(0.1 * i) * j / N + 1);
    double *work = calloc(tsr_svd_work_size(M, N, RANK), sizeof *work);
    CU_ASSERT_PTR_NOT_NULL_FATAL(work);
    tsr_status status = tsr_svd_truncated(a, M, N, RANK, u, s, v, work);
    free(work);
    if (!tsr_lapack_available()) {
        CU_ASSERT_EQUAL(status, TSR_ERR_UNSUPPORTED);
        return;
    }
    CU_ASSERT_EQUAL(status, TSR_OK);
    CU_ASSERT(s[0] >= s[1] && s[1] >= s[2] && s[2] > 0);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < RANK; k++) sum += (double)s[k] * u[k * M + i] * v[k * N + j];
            CU_ASSERT(fabs(sum - a[i * N + j]) < 1e-4);
        }
}

TSR_TEST_MAIN("svd parts", {"block bases invert and are orthonormal", test_frames},
              {"a constant needs one component", test_constant},
              {"norms of the synthesis functions", test_norms},
              {"rotations are orthonormal", test_rotations},
              {"range coder round trip", test_range_coder}, {"eigenvectors", test_eigen},
              {"truncated SVD", test_truncated_svd})
