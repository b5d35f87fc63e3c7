/* test_nn_vq.c - nearest codewords against a plain search, codebook losses, moving averages. */
#include <string.h>

#include "nn_check.h"
#include "tsr_test.h"

enum { KK = 37, D = 5, NN = 700, STRIDE = 720 };

typedef struct scene {
    nn_codebook cb;
    float *x, *rate, *work;
    int32_t index[NN];
} scene;

static scene scene_new(void) {
    scene s = {.cb = {KK, D, check_random(KK * D, 1)}};
    s.x = check_random(D * STRIDE, 2);
    s.rate = check_random(KK, 3);
    s.work = tsr_nn_alloc(tsr_nn_vq_work(KK, D));
    return s;
}

static void scene_free(scene *s) {
    free(s->cb.word), free(s->x), free(s->rate), free(s->work);
}

static double plain_distance(const scene *s, size_t p, uint32_t k) {
    double sum = 0;
    for (uint32_t j = 0; j < D; j++) {
        double e = (double)s->x[j * STRIDE + p] - s->cb.word[k * D + j];
        sum += e * e;
    }
    return sum;
}

static void test_nearest(void) {
    scene s = scene_new();
    for (int with_rate = 0; with_rate < 2; with_rate++) {
        double got =
            tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, with_rate ? s.rate : NULL, s.index, s.work);
        double expected = 0;
        int bad = 0;
        for (size_t p = 0; p < NN; p++) {
            double best = INFINITY, cost;
            for (uint32_t k = 0; k < KK; k++) {
                cost = plain_distance(&s, p, k) + (with_rate ? s.rate[k] : 0);
                if (cost < best) best = cost;
            }
            uint32_t k = (uint32_t)s.index[p];
            cost = plain_distance(&s, p, k) + (with_rate ? s.rate[k] : 0);
            bad += cost > best + 1e-4;
            expected += plain_distance(&s, p, k);
        }
        CU_ASSERT_EQUAL(bad, 0);
        CU_ASSERT_DOUBLE_EQUAL(got, expected, 1e-3);
    }
    /* Of equal codewords the first. */
    memcpy(s.cb.word + 7 * D, s.cb.word + 2 * D, D * sizeof(float));
    for (uint32_t j = 0; j < D; j++) s.x[j * STRIDE] = s.cb.word[2 * D + j];
    tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, 1, NULL, s.index, s.work);
    CU_ASSERT_EQUAL(s.index[0], 2);
    scene_free(&s);
}

static void test_straight_through(void) {
    scene s = scene_new();
    float *q = tsr_nn_alloc(D * STRIDE), *dq = check_random(D * STRIDE, 5);
    float *dx = tsr_nn_alloc(D * STRIDE), *dword = tsr_nn_alloc(KK * D);
    double sums[KK * D] = {0};
    int bad = 0;
    tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, NULL, s.index, s.work);
    tsr_nn_vq_lookup(&s.cb, s.index, NN, q, STRIDE);
    tsr_nn_vq_backward(&s.cb, s.index, NN, dq, STRIDE, dx, STRIDE, dword);
    for (uint32_t j = 0; j < D; j++)
        for (size_t p = 0; p < NN; p++) {
            uint32_t w = (uint32_t)s.index[p] * D + j;
            bad += q[j * STRIDE + p] != s.cb.word[w] || dx[j * STRIDE + p] != dq[j * STRIDE + p];
            sums[w] += dq[j * STRIDE + p];
        }
    CU_ASSERT_EQUAL(bad, 0);
    for (int i = 0; i < KK * D; i++) CU_ASSERT_DOUBLE_EQUAL(dword[i], sums[i], 1e-4);
    free(q), free(dq), free(dx), free(dword);
    scene_free(&s);
}

/* ---------------------------------------------------------------- losses */

static double codebook_term(void *arg) { /* indices fixed */
    scene *s = arg;
    return tsr_nn_vq_loss(&s->cb, s->index, NN, s->x, STRIDE, 1, 0, NULL, 0, NULL);
}
static double commitment_term(void *arg) {
    scene *s = arg;
    return tsr_nn_vq_loss(&s->cb, s->index, NN, s->x, STRIDE, 0, 0.25f, NULL, 0, NULL);
}

static void test_losses(void) {
    scene s = scene_new();
    float *dx = tsr_nn_alloc(D * STRIDE), *dword = tsr_nn_alloc(KK * D);
    tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, NULL, s.index, s.work);
    double both = tsr_nn_vq_loss(&s.cb, s.index, NN, s.x, STRIDE, 1, 0.25f, dx, STRIDE, dword);
    CU_ASSERT_DOUBLE_EQUAL(both, codebook_term(&s) + commitment_term(&s), 1e-3);
    CU_ASSERT(check_gradient(codebook_term, &s, s.cb.word, KK * D, dword, 1e-2f) < 1e-2);
    CU_ASSERT(check_gradient(commitment_term, &s, s.x, D * STRIDE, dx, 1e-2f) < 1e-2);
    free(dx), free(dword);
    scene_free(&s);
}

/* ---------------------------------------------------------------- moving averages */

/* Without memory an update is one round of Lloyd's algorithm: codewords become means. */
static void test_ema(void) {
    scene s = scene_new();
    nn_vq_ema e;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_vq_ema_init(&e, &s.cb, NULL), TSR_OK);
    double before = tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, NULL, s.index, s.work),
           after = before;
    double mean[D] = {0};
    uint32_t members = 0;
    for (size_t p = 0; p < NN; p++)
        if (s.index[p] == s.index[0]) {
            members++;
            for (uint32_t j = 0; j < D; j++) mean[j] += s.x[j * STRIDE + p];
        }
    int32_t first = s.index[0];
    tsr_nn_vq_ema_add(&e, s.index, NN / 2, s.x, STRIDE);
    tsr_nn_vq_ema_add(&e, s.index + NN / 2, NN - NN / 2, s.x + NN / 2, STRIDE);
    tsr_nn_vq_ema_update(&e, &s.cb, 0);
    for (uint32_t j = 0; j < D; j++)
        CU_ASSERT_DOUBLE_EQUAL(s.cb.word[(uint32_t)first * D + j], mean[j] / members, 1e-4);
    for (int round = 0; round < 10; round++) {
        double now = tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, NULL, s.index, s.work);
        CU_ASSERT(now <= after * 1.001);
        after = now;
        tsr_nn_vq_ema_add(&e, s.index, NN, s.x, STRIDE);
        tsr_nn_vq_ema_update(&e, &s.cb, 0);
    }
    CU_ASSERT(after < 0.8 * before);
    tsr_nn_vq_ema_free(&e);
    scene_free(&s);
}

static void test_revival(void) {
    scene s = scene_new();
    nn_vq_ema e;
    nn_rng rng = tsr_nn_rng_seed(1);
    for (uint32_t j = 0; j < D; j++) s.cb.word[j] = s.cb.word[4 * D + j] = 1000; /* 0 and 4: dead */
    CU_ASSERT_EQUAL_FATAL(tsr_nn_vq_ema_init(&e, &s.cb, NULL), TSR_OK);
    tsr_nn_vq_nearest(&s.cb, s.x, STRIDE, NN, NULL, s.index, s.work);
    tsr_nn_vq_ema_add(&e, s.index, NN, s.x, STRIDE);
    tsr_nn_vq_ema_update(&e, &s.cb, 0.5f);
    CU_ASSERT_EQUAL(tsr_nn_vq_revive(&e, &s.cb, 0.75f, 0, s.x, STRIDE, NN, &rng), 1);
    CU_ASSERT(s.cb.word[0] > 500);
    int found = 0;
    for (size_t p = 0; p < NN; p++) {
        int same = 1;
        for (uint32_t j = 0; j < D; j++) same &= s.cb.word[4 * D + j] == s.x[j * STRIDE + p];
        found |= same;
    }
    CU_ASSERT_EQUAL(found, 1);
    CU_ASSERT_EQUAL(tsr_nn_vq_revive(&e, &s.cb, 0.75f, KK, s.x, STRIDE, NN, &rng), 1); /* word 0 */
    CU_ASSERT_EQUAL(tsr_nn_vq_revive(&e, &s.cb, 0.75f, KK, s.x, STRIDE, NN, &rng), 0);
    tsr_nn_vq_ema_free(&e);
    scene_free(&s);
}

TSR_TEST_MAIN("vector quantization", {"nearest codeword", test_nearest},
              {"straight-through", test_straight_through}, {"codebook losses", test_losses},
              {"moving averages", test_ema}, {"revival", test_revival})
