/* test_nn_loss.c - losses against formulas in double and against finite differences. */
#include "nn_check.h"
#include "tsr_test.h"

#define LIMIT 1e-2

static void test_mse(void) {
    const float x[3] = {1, 2, 5}, t[3] = {1, 0, 2};
    float dx[3];
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_mse(x, t, 3, 0.5f, dx), 6.5, 1e-12);
    CU_ASSERT_EQUAL(dx[0], 0);
    CU_ASSERT_EQUAL(dx[1], 2);
    CU_ASSERT_EQUAL(dx[2], 3);
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_mse(x, t, 3, 1, NULL), 13, 1e-12);
}

/* ---------------------------------------------------------------- softmax */

enum { K = 5, N = 12, STRIDE = 14 };

typedef struct softmax_case {
    float z[K * STRIDE];
    int32_t target[N];
} softmax_case;

static double softmax_loss(void *arg) {
    softmax_case *c = arg;
    return tsr_nn_softmax_bits(c->z, STRIDE, K, c->target, N, 0.7f, NULL);
}

static void test_softmax(void) {
    softmax_case c;
    float dz[K * STRIDE] = {0};
    double expected = 0;
    check_fill(c.z, K * STRIDE, 1);
    for (int p = 0; p < N; p++) c.target[p] = p == 3 ? -1 : p == 4 ? K : p % K;
    for (int p = 0; p < N; p++) {
        double sum = 0;
        for (int i = 0; i < K; i++) sum += exp((double)c.z[i * STRIDE + p]);
        if (p != 3 && p != 4)
            expected -= log2(exp((double)c.z[c.target[p] * STRIDE + p]) / sum) * 0.7;
    }
    double got = tsr_nn_softmax_bits(c.z, STRIDE, K, c.target, N, 0.7f, dz);
    CU_ASSERT_DOUBLE_EQUAL(got, expected, 1e-5);
    CU_ASSERT(check_gradient(softmax_loss, &c, c.z, K * STRIDE, dz, 1e-2f) < LIMIT);
    for (int i = 0; i < K; i++) CU_ASSERT_EQUAL(dz[i * STRIDE + 3], 0);
    /* Huge logits neither overflow nor lose the answer. */
    float big[2] = {1000, -1000}, db[2];
    const int32_t first = 0, second = 1;
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_softmax_bits(big, 1, 2, &first, 1, 1, db), 0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_softmax_bits(big, 1, 2, &second, 1, 1, db), 2885.39, 0.01);
}

/* ---------------------------------------------------------------- logistic */

typedef struct logistic_case {
    float x[N], m[N], s[N];
} logistic_case;

static double logistic_loss(void *arg) {
    logistic_case *c = arg;
    return tsr_nn_logistic_bits(c->x, c->m, c->s, N, 1.5f, NULL, NULL, NULL);
}

static double bits_of(float x, float m, float s) {
    return tsr_nn_logistic_bits(&x, &m, &s, 1, 1, NULL, NULL, NULL);
}

static void test_logistic(void) {
    logistic_case c;
    float dx[N], dm[N], ds[N];
    check_fill(c.x, N, 1);
    check_fill(c.m, N, 2);
    check_fill(c.s, N, 3);
    for (int i = 0; i < N; i++) c.x[i] *= 3;
    tsr_nn_logistic_bits(c.x, c.m, c.s, N, 1.5f, dx, dm, ds);
    CU_ASSERT(check_gradient(logistic_loss, &c, c.x, N, dx, 1e-2f) < LIMIT);
    CU_ASSERT(check_gradient(logistic_loss, &c, c.m, N, dm, 1e-2f) < LIMIT);
    CU_ASSERT(check_gradient(logistic_loss, &c, c.s, N, ds, 1e-2f) < LIMIT);
    for (int k = 0; k < 3; k++) {
        static const float scales[3] = {-3, 0, 2.5f};
        double sum = 0;
        for (int v = -400; v <= 400; v++) sum += exp2(-bits_of((float)v, 0.3f, scales[k]));
        CU_ASSERT_DOUBLE_EQUAL(sum, 1, 1e-6); /* a distribution over the integers */
    }
}

/* Far out the probability is about (e^(1/2s) - e^(-1/2s)) e^(-x/s): bits grow by log2(e) / s for
 * each step, without end. The gradient stays finite and points home. */
static void test_logistic_tails(void) {
    CU_ASSERT_DOUBLE_EQUAL(bits_of(1001, 0, 0) - bits_of(1000, 0, 0), 1.442695, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(bits_of(-1001, 0, 0) - bits_of(-1000, 0, 0), 1.442695, 1e-4);
    const float x[2] = {3000, -3000}, m[2] = {0, 0}, s[2] = {-6, -6};
    float dx[2], ds[2];
    CU_ASSERT(isfinite(tsr_nn_logistic_bits(x, m, s, 2, 1, dx, NULL, ds)));
    CU_ASSERT(isfinite(dx[0]) && dx[0] > 0);
    CU_ASSERT(isfinite(dx[1]) && dx[1] < 0);
    CU_ASSERT(isfinite(ds[0]) && ds[0] < 0);
    /* Beyond the limits of the log-scale: the value there, no gradient. */
    const float far[2] = {9, -20};
    tsr_nn_logistic_bits(x, m, far, 2, 1, NULL, NULL, ds);
    CU_ASSERT_EQUAL(ds[0], 0);
    CU_ASSERT_EQUAL(ds[1], 0);
    CU_ASSERT_EQUAL(bits_of(3, 0, 9), bits_of(3, 0, 7));
}

static void test_round(void) {
    const float x[6] = {0.5f, 1.5f, -0.5f, 2.4f, -2.6f, 7}, expected[6] = {0, 2, 0, 2, -3, 7};
    float q[6];
    tsr_nn_round(x, 6, q);
    for (int i = 0; i < 6; i++) CU_ASSERT_EQUAL(q[i], expected[i]);
}

TSR_TEST_MAIN("losses", {"squared error", test_mse}, {"softmax", test_softmax},
              {"logistic", test_logistic}, {"logistic tails", test_logistic_tails},
              {"rounding", test_round})
