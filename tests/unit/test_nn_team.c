/* test_nn_team.c - threads, batches, random numbers: the same bits for every number of threads. */
#include <string.h>
#include <time.h>

#include "nn_check.h"
#include "tsr_test.h"

/* ---------------------------------------------------------------- random numbers */

/* Reference: the authors' C code with the state 1, 2, 3, 4. */
static void test_generator(void) {
    static const uint64_t expected[4] = {11520, 0, 1509978240, 1215971899390074240};
    nn_rng r = {{1, 2, 3, 4}};
    for (int i = 0; i < 4; i++) CU_ASSERT_EQUAL(tsr_nn_rng_next(&r), expected[i]);
    nn_rng a = tsr_nn_rng_seed(9), b = tsr_nn_rng_seed(9), c = tsr_nn_rng_stream(9, 1);
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(&a, &c, sizeof a), 0);
}

static void test_distributions(void) {
    enum { N = 100000 };
    nn_rng r = tsr_nn_rng_seed(4);
    double sum = 0, square = 0, fourth = 0, uniform = 0;
    uint32_t counts[3] = {0};
    for (int i = 0; i < N; i++) {
        double v = tsr_nn_rng_normal(&r);
        sum += v;
        square += v * v;
        fourth += v * v * v * v;
        float u = tsr_nn_rng_uniform(&r);
        CU_ASSERT(u >= 0 && u < 1);
        uniform += u;
        counts[tsr_nn_rng_below(&r, 3)]++;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum / N, 0, 0.015);
    CU_ASSERT_DOUBLE_EQUAL(square / N, 1, 0.02);
    CU_ASSERT_DOUBLE_EQUAL(fourth / N, 3, 0.15);
    CU_ASSERT_DOUBLE_EQUAL(uniform / N, 0.5, 0.005);
    for (int i = 0; i < 3; i++) CU_ASSERT_DOUBLE_EQUAL(counts[i], N / 3.0, 600);
    CU_ASSERT_EQUAL(tsr_nn_rng_below(&r, 1), 0);
    float v = tsr_nn_rng_range(&r, 2, 3);
    CU_ASSERT(v >= 2 && v < 3);
}

/* ---------------------------------------------------------------- teams */

enum { JOBS = 1000 };
typedef struct tally {
    uint8_t done[JOBS], worker[JOBS];
} tally;

static void mark(void *arg, uint32_t i, uint32_t worker) {
    tally *t = arg;
    t->done[i]++;
    t->worker[i] = (uint8_t)worker;
}

static void mark_late(void *arg, uint32_t i, uint32_t worker) {
    nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    mark(arg, i, worker);
}

static void serial(void *host, uint32_t n, nn_job_fn fn, void *arg) {
    for (uint32_t i = n; i-- > 0;) fn(arg, i, i % 2);
    ++*(int *)host;
}

static void test_team(void) {
    int calls = 0;
    nn_team *teams[] = {tsr_nn_team_new(1), tsr_nn_team_new(3),
                        tsr_nn_team_borrow(2, serial, &calls)};
    const uint32_t threads[] = {1, 3, 2};
    for (int k = 0; k < 3; k++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(teams[k]);
        CU_ASSERT_EQUAL(tsr_nn_team_threads(teams[k]), threads[k]);
        for (int round = 0; round < 20; round++) {
            tally t = {0};
            int bad = 0;
            tsr_nn_team_run(teams[k], round ? JOBS : 0, mark, &t);
            for (int i = 0; i < JOBS; i++)
                bad += t.done[i] != (round ? 1 : 0) || t.worker[i] >= threads[k];
            CU_ASSERT_EQUAL(bad, 0);
        }
        tally late = {0}; /* all are done when it returns, not only begun */
        tsr_nn_team_run(teams[k], 4, mark_late, &late);
        for (int i = 0; i < 4; i++) CU_ASSERT_EQUAL(late.done[i], 1);
        tsr_nn_team_free(teams[k]);
    }
    CU_ASSERT_EQUAL(calls, 21);
    tsr_nn_team_free(NULL);
}

/* ---------------------------------------------------------------- training */

enum { MAX_THREADS = 4, BATCH = 6 };

typedef struct trainer {
    nn_store *store;
    nn_net *net;
    nn_id x, y;
    nn_run *run[MAX_THREADS];
    float *data;
} trainer;

static double sample(void *arg, uint32_t first, uint32_t n, uint32_t worker, float *grad) {
    trainer *s = arg;
    nn_tensor x = tsr_nn_run_value(s->run[worker], s->x),
              y = tsr_nn_run_value(s->run[worker], s->y);
    CU_ASSERT_EQUAL(n, x.s.n);
    memcpy(x.data, s->data + first * nn_picture(x.s), nn_count(x.s) * sizeof(float));
    tsr_nn_forward(s->run[worker], tsr_nn_store_read(s->store));
    double loss = tsr_nn_mse(y.data, x.data, nn_count(y.s), 1e-3f,
                             tsr_nn_run_grad(s->run[worker], s->y).data);
    tsr_nn_backward(s->run[worker], tsr_nn_store_read(s->store), grad);
    return loss;
}

typedef struct trained {
    float values[4096];
    double loss[12];
} trained;

/* Twelve steps of Adam; together: two samples to a call. */
static void train(uint32_t threads, uint32_t together, nn_allreduce_fn allreduce, trained *out) {
    trainer s = {.store = tsr_nn_store_new(1), .net = tsr_nn_net_new("t")};
    s.x = tsr_nn_input(s.net, "x", 4, 1, NN_NO_GRAD);
    nn_id h = tsr_nn_ds_block(s.net, "d", tsr_nn_pointwise(s.net, "in", s.x, 9, (nn_opt){0}), 3,
                              (nn_opt){0});
    if (together) h = tsr_nn_batch_norm(s.net, "bn", h);
    s.y = tsr_nn_output(s.net, tsr_nn_pointwise(s.net, "out", h, 4, (nn_opt){0}));
    CU_ASSERT_EQUAL_FATAL(tsr_nn_net_finish(s.net, s.store, NULL), TSR_OK);
    for (uint32_t i = 0; i < threads; i++)
        CU_ASSERT_EQUAL_FATAL(tsr_nn_run_new(&s.run[i], s.net, together ? 2 : 1, 12, 10, 1, NULL),
                              TSR_OK);
    s.data = check_random(BATCH * 4 * 12 * 10, 3);
    nn_team *team = tsr_nn_team_new(threads);
    nn_grads *grads = tsr_nn_grads_new(tsr_nn_store_size(s.store));
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    nn_optim *optim;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_optim_new(&optim, &o, s.store, NULL), TSR_OK);
    nn_batch b = {.team = team,
                  .samples = BATCH,
                  .slots = together ? BATCH / 2 : 0,
                  .together = together,
                  .fn = sample,
                  .arg = &s,
                  .allreduce = allreduce};
    for (int i = 0; i < 12; i++) {
        float *grad;
        CU_ASSERT_EQUAL(tsr_nn_batch_run(&b, grads, &grad, &out->loss[i], NULL), TSR_OK);
        CU_ASSERT_EQUAL(tsr_nn_optim_step(optim, s.store, grad, NULL, NULL), TSR_OK);
    }
    CU_ASSERT_FATAL(tsr_nn_store_size(s.store) <= 4096);
    memset(out->values, 0, sizeof out->values);
    memcpy(out->values, tsr_nn_store_read(s.store), tsr_nn_store_size(s.store) * sizeof(float));
    tsr_nn_optim_free(optim);
    tsr_nn_grads_free(grads);
    tsr_nn_team_free(team);
    for (uint32_t i = 0; i < threads; i++) tsr_nn_run_free(s.run[i]);
    tsr_nn_net_free(s.net);
    tsr_nn_store_free(s.store);
    free(s.data);
}

static void test_threads(void) {
    for (uint32_t together = 0; together < 2; together++) {
        static trained one, other;
        train(1, together, NULL, &one);
        CU_ASSERT(one.loss[11] < one.loss[0]);
        for (uint32_t threads = 1; threads <= MAX_THREADS; threads++) {
            train(threads, together, NULL, &other);
            CU_ASSERT_EQUAL(memcmp(&one, &other, sizeof one), 0);
        }
    }
}

/* Two ranks with equal data: everything is there twice. */
static tsr_status twice(void *arg, float *data, size_t n) {
    for (size_t i = 0; i < n; i++) data[i] *= 2;
    return TSR_OK;
}
static tsr_status broken(void *arg, float *data, size_t n) {
    return TSR_ERR_IO;
}

static void test_allreduce(void) {
    static trained one, both;
    train(2, 0, NULL, &one);
    train(2, 0, twice, &both);
    CU_ASSERT_DOUBLE_EQUAL(both.loss[0], 2 * one.loss[0], 1e-12);
    /* Adam does not see the length of the gradient, but for its epsilon. */
    double worst = 0;
    for (int i = 0; i < 4096; i++) worst = fmax(worst, fabs(one.values[i] - both.values[i]));
    CU_ASSERT(worst < 1e-4);
}

static double nothing(void *arg, uint32_t first, uint32_t n, uint32_t worker, float *grad) {
    grad[0] += (float)(first + n);
    return 0;
}

static void test_batch_errors(void) {
    nn_grads *grads = tsr_nn_grads_new(5);
    nn_batch b = {.team = tsr_nn_team_new(2), .samples = 0, .fn = nothing};
    float *grad;
    double loss;
    CU_ASSERT_EQUAL(tsr_nn_batch_run(&b, grads, &grad, &loss, NULL), TSR_ERR_ARGUMENT);
    b.samples = 40; /* more than slots */
    CU_ASSERT_EQUAL(tsr_nn_batch_run(&b, grads, &grad, &loss, NULL), TSR_OK);
    CU_ASSERT_EQUAL(grad[0], 39 * 40 / 2 + 40);
    CU_ASSERT_EQUAL(grad[4], 0);
    b.allreduce = broken;
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_nn_batch_run(&b, grads, &grad, &loss, &d), TSR_ERR_IO);
    CU_ASSERT_NOT_EQUAL(d.text[0], 0);
    tsr_nn_team_free(b.team);
    tsr_nn_grads_free(grads);
}

TSR_TEST_MAIN("teams and batches", {"generator", test_generator},
              {"distributions", test_distributions}, {"team", test_team},
              {"training does not depend on threads", test_threads}, {"all-reduce", test_allreduce},
              {"batch errors", test_batch_errors})
