/* test_nn_optim.c - optimizers on a quadratic, schedules, clipping, decay, frozen tensors. */
#include <string.h>

#include "nn_check.h"
#include "tsr_test.h"

enum { SIZE = 6 };
static const float curvature[SIZE] = {0.5f, 1, 1.5f, 2, 2.5f, 3},
                   optimum[SIZE] = {1, -2, 3, 0, 5, -1};

static nn_store *quadratic(void) {
    nn_store *s = tsr_nn_store_new(1);
    const uint32_t dim = SIZE;
    size_t offset;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_store_add(s, "w", 1, &dim, NN_INIT_ZERO, 1, 0, &offset, NULL),
                          TSR_OK);
    return s;
}

/* sum of curvature / 2 (w - optimum)^2 */
static double gradient(const nn_store *s, float *grad) {
    const float *w = tsr_nn_store_read(s);
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
        grad[i] = curvature[i] * (w[i] - optimum[i]);
        sum += 0.5 * (double)grad[i] * (w[i] - optimum[i]);
    }
    return sum;
}

static double descend(nn_optim_options o, int steps) {
    nn_store *s = quadratic();
    nn_optim *opt;
    float grad[16] = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
    for (int i = 0; i < steps; i++) {
        gradient(s, grad);
        CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, NULL, NULL), TSR_OK);
    }
    double loss = gradient(s, grad);
    CU_ASSERT_EQUAL(tsr_nn_optim_steps(opt), (uint64_t)steps);
    tsr_nn_optim_free(opt);
    tsr_nn_store_free(s);
    return loss;
}

static void test_convergence(void) {
    static const float rates[NN_OPTIMIZERS] = {0.2f, 0.05f, 0.02f, 0.1f};
    for (uint32_t kind = 0; kind < NN_OPTIMIZERS; kind++) {
        nn_optim_options o = tsr_nn_optim_defaults(kind);
        o.rate = rates[kind];
        o.schedule = NN_SCHEDULE_COSINE;
        o.steps = 800;
        o.last = 0;
        CU_ASSERT(descend(o, 800) < 1e-4);
        CU_ASSERT(descend(o, 3) > 1);
    }
}

/* The first steps by hand: g = c (w - t), w = 0, so g = -c t. */
static void test_first_steps(void) {
    for (uint32_t kind = 0; kind < NN_OPTIMIZERS; kind++) {
        nn_store *s = quadratic();
        nn_optim_options o = tsr_nn_optim_defaults(kind);
        nn_optim *opt;
        float grad[16] = {0}, g = curvature[4] * -optimum[4];
        o.rate = 0.1f;
        CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
        gradient(s, grad);
        CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, NULL, NULL), TSR_OK);
        double expected = kind <= NN_MOMENTUM  ? -0.1 * g
                          : kind == NN_RMSPROP ? -0.1 * g / sqrt(0.001 * g * g)
                                               : 0.1; /* Adam: the sign */
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_store_read(s)[4], expected, 1e-4 * fabs(expected));
        CU_ASSERT_EQUAL(tsr_nn_store_read(s)[3], 0); /* no gradient, no step */
        tsr_nn_optim_free(opt);
        tsr_nn_store_free(s);
    }
}

static void test_schedules(void) {
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    o.rate = 1;
    o.warmup = 10;
    o.steps = 110;
    o.last = 0.1f;
    for (uint32_t k = 0; k < NN_SCHEDULES; k++) {
        o.schedule = k;
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 0), 0.1, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 9), 1, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 60), k ? 0.55 : 1, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 110), k ? 0.1 : 1, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 5000), k ? 0.1 : 1, 1e-6);
    }
    o.schedule = NN_SCHEDULE_COSINE;
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_optim_rate(&o, 35), 0.1 + 0.9 * 0.853553, 1e-5);
    CU_ASSERT_STRING_EQUAL(tsr_nn_schedule_names[NN_SCHEDULE_COSINE], "cosine");
    CU_ASSERT_STRING_EQUAL(tsr_nn_optimizer_names[NN_RMSPROP], "rmsprop");
    /* By fraction: the same curve. */
    nn_store *s = quadratic();
    nn_optim *opt;
    nn_step info;
    float grad[16] = {0};
    o.warmup = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_optim_step_at(opt, s, grad, 0.25, &info, NULL), TSR_OK);
    CU_ASSERT_DOUBLE_EQUAL(info.rate, 0.1 + 0.9 * 0.853553, 1e-5);
    tsr_nn_optim_free(opt);
    tsr_nn_store_free(s);
}

static void test_clipping(void) {
    nn_store *s = quadratic();
    nn_optim_options o = tsr_nn_optim_defaults(NN_SGD);
    nn_optim *opt;
    nn_step info;
    float grad[16] = {3, 4};
    o.rate = 1;
    o.clip = 2;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, &info, NULL), TSR_OK);
    CU_ASSERT_DOUBLE_EQUAL(info.norm, 5, 1e-6);
    CU_ASSERT_EQUAL(info.clipped, 1);
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_store_read(s)[0], -1.2, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_store_read(s)[1], -1.6, 1e-6);
    /* Not a number: nothing moves, and that is said. */
    tsr_diag d = {0};
    grad[2] = NAN;
    CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, &info, &d), TSR_ERR_FORMAT);
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_store_read(s)[0], -1.2, 1e-6);
    CU_ASSERT_NOT_EQUAL(d.text[0], 0);
    tsr_nn_optim_free(opt);
    tsr_nn_store_free(s);
}

/* Decay shrinks, except for tensors marked so; frozen ones, state and padding never move. */
static void test_flags(void) {
    nn_store *s = tsr_nn_store_new(1);
    const uint32_t dim = 3;
    size_t w, b, f, t;
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "a/w", 1, &dim, NN_INIT_ONE, 1, 0, &w, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "a/b", 1, &dim, NN_INIT_ONE, 1, NN_NO_DECAY, &b, NULL),
                    TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "f/w", 1, &dim, NN_INIT_ONE, 1, 0, &f, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "t", 1, &dim, NN_INIT_ONE, 1, NN_STATE, &t, NULL), TSR_OK);
    nn_optim_options o = tsr_nn_optim_defaults(NN_SGD);
    nn_optim *opt;
    o.rate = 0.1f;
    o.decay = 0.5f;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
    float *grad = tsr_nn_alloc(tsr_nn_store_size(s));
    tsr_nn_store_freeze(s, "f/", 1);
    grad[f] = grad[t] = 1;
    CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, NULL, NULL), TSR_OK);
    const float *v = tsr_nn_store_read(s);
    CU_ASSERT_DOUBLE_EQUAL(v[w], 0.95, 1e-6);
    CU_ASSERT_EQUAL(v[b], 1);
    CU_ASSERT_EQUAL(v[f], 1);
    CU_ASSERT_EQUAL(v[t], 1);
    tsr_nn_store_freeze(s, "f/", 0);
    tsr_nn_store_rate(s, "f/", 3);
    CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, NULL, NULL), TSR_OK);
    CU_ASSERT_DOUBLE_EQUAL(v[f], 1 - 0.1 * 3 * 0.5 - 0.1 * 3, 1e-6);
    free(grad);
    tsr_nn_optim_free(opt);
    tsr_nn_store_free(s);
}

static void test_options(void) {
    nn_store *s = quadratic();
    nn_optim *opt;
    nn_optim_options good = tsr_nn_optim_defaults(NN_ADAM), bad[6];
    for (int i = 0; i < 6; i++) bad[i] = good;
    bad[0].kind = 99;
    bad[1].rate = -1;
    bad[2].beta1 = 1;
    bad[3].epsilon = 0;
    bad[4].clip = NAN;
    bad[5].schedule = 7;
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(tsr_nn_optim_new(&opt, &bad[i], s, NULL), TSR_ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(opt);
    }
    tsr_nn_store_free(s);
}

/* A checkpoint in the middle: moments and steps restored give the same end, bit for bit. */
static void test_resume(void) {
    float end[2][SIZE];
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    for (int resumed = 0; resumed < 2; resumed++) {
        nn_store *s = quadratic();
        nn_optim *opt;
        float grad[16] = {0};
        CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&opt, &o, s, NULL), TSR_OK);
        for (int i = 0; i < 20; i++) {
            if (i == 10 && resumed) {
                nn_optim *fresh;
                CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&fresh, &o, s, NULL), TSR_OK);
                for (uint32_t m = 0; m < tsr_nn_optim_moments(opt); m++)
                    memcpy(tsr_nn_optim_moment(fresh, m), tsr_nn_optim_moment(opt, m),
                           tsr_nn_store_size(s) * sizeof(float));
                tsr_nn_optim_set_steps(fresh, tsr_nn_optim_steps(opt));
                tsr_nn_optim_free(opt);
                opt = fresh;
            }
            gradient(s, grad);
            CU_ASSERT_EQUAL(tsr_nn_optim_step(opt, s, grad, NULL, NULL), TSR_OK);
        }
        memcpy(end[resumed], tsr_nn_store_read(s), sizeof end[0]);
        tsr_nn_optim_free(opt);
        tsr_nn_store_free(s);
    }
    CU_ASSERT_EQUAL(memcmp(end[0], end[1], sizeof end[0]), 0);
}

TSR_TEST_MAIN("optimizers", {"convergence", test_convergence}, {"first steps", test_first_steps},
              {"schedules", test_schedules}, {"clipping and not a number", test_clipping},
              {"decay and frozen tensors", test_flags}, {"options", test_options},
              {"resume", test_resume})
