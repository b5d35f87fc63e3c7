/* nn_bench.c - images per second of a training step, and the share of the peak GEMM rate.
 *
 *     nn_bench [THREADS [SECONDS [CHANNELS BLOCKS]]]
 *
 * The network is that of the transform vqvae, as the trainer declares it, of the size of the model
 * that comes with the library unless told otherwise; forward, backward and an Adam step on batches
 * of 8 pictures of 128 x 128. nn_bench_torch.py does the same in PyTorch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "train_net.h"

enum { CHANNELS = TSR_VQVAE_CHANNELS, BATCH = 8, SIDE = 128, MAX_THREADS = 64 };
static const float quantization_step = 32;

typedef struct bench {
    nn_store *store;
    train_net net;
    nn_run *run[MAX_THREADS];
    nn_team *team;
    nn_grads *grads;
    nn_optim *optim;
    float *picture, *target; /* BATCH of CHANNELS x SIDE/2 x SIDE/2 */
    size_t n;                /* samples of a picture */
} bench;

/* Seconds of wall clock or of this process' processors. */
static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(tsr_status s, const tsr_diag *d) {
    if (!s) return;
    fprintf(stderr, "nn_bench: %s\n", d->text);
    exit(1);
}

static void start(bench *b, uint32_t threads, const tsr_vqvae_net *shape, tsr_diag *d) {
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    nn_rng rng = tsr_nn_rng_seed(1);
    b->store = tsr_nn_store_new(1);
    must(tsr_train_net_build(&b->net, "bench", shape, b->store, 0, d), d);
    b->team = tsr_nn_team_new(threads);
    b->grads = tsr_nn_grads_new(tsr_nn_store_size(b->store));
    must(tsr_nn_optim_new(&b->optim, &o, b->store, d), d);
    for (uint32_t i = 0; i < threads; i++)
        must(tsr_nn_run_new(&b->run[i], b->net.net, 1, SIDE / 2, SIDE / 2, 1, d), d);
    b->n = (size_t)CHANNELS * SIDE / 2 * SIDE / 2;
    b->picture = tsr_nn_alloc(b->n * BATCH);
    b->target = tsr_nn_alloc(b->n * BATCH);
    for (size_t i = 0; i < b->n * BATCH; i++) {
        b->picture[i] = tsr_nn_rng_normal(&rng);
        b->target[i] = 0.5f * b->picture[i];
    }
}

static void stop(bench *b, uint32_t threads) {
    for (uint32_t i = 0; i < threads; i++) tsr_nn_run_free(b->run[i]);
    tsr_nn_team_free(b->team);
    tsr_nn_grads_free(b->grads);
    tsr_nn_optim_free(b->optim);
    tsr_train_net_free(&b->net);
    tsr_nn_store_free(b->store);
    free(b->picture);
    free(b->target);
}

static double sample(void *arg, uint32_t first, uint32_t n, uint32_t worker, float *grad) {
    bench *b = arg;
    nn_run *run = b->run[worker];
    const float *params = tsr_nn_store_read(b->store);
    double loss = 0;
    for (uint32_t i = first; i < first + n; i++) {
        tsr_train_net_feed(&b->net, run, b->picture + i * b->n, quantization_step);
        tsr_nn_forward(run, params);
        loss += tsr_nn_mse(tsr_nn_run_value(run, b->net.y).data, b->target + i * b->n, b->n,
                           1.0f / (float)(b->n * BATCH), tsr_nn_run_grad(run, b->net.y).data);
        tsr_nn_backward(run, params, grad);
    }
    return loss;
}

static double step(bench *b, tsr_diag *d) {
    nn_batch batch = {.team = b->team, .samples = BATCH, .fn = sample, .arg = b};
    float *grad;
    double loss;
    must(tsr_nn_batch_run(&batch, b->grads, &grad, &loss, d), d);
    must(tsr_nn_optim_step(b->optim, b->store, grad, NULL, d), d);
    return loss;
}

/* Multiply-adds per second of processor of a large product. */
static double gemm_rate(void) {
    enum { N = 768, ROUNDS = 8 };
    float *a = tsr_nn_alloc(N * N), *b = tsr_nn_alloc(N * N), *c = tsr_nn_alloc(N * N);
    double best = 0;
    for (int r = 0; r < ROUNDS; r++) {
        double t = now(CLOCK_PROCESS_CPUTIME_ID);
        tsr_op_gemm(0, 0, N, N, N, a, N, b, N, 0, c, N);
        double rate = (double)N * N * N / (now(CLOCK_PROCESS_CPUTIME_ID) - t);
        if (rate > best) best = rate;
    }
    free(a), free(b), free(c);
    return best;
}

/* Images per second: all in all, of the fastest step, per second of processor. */
typedef struct rates {
    double all, best, cpu, loss;
} rates;

static rates measure(bench *b, double seconds, tsr_diag *d) {
    double begin = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    rates r = {0};
    uint32_t steps = 0;
    for (double t = begin; t < begin + seconds; steps++) {
        double start_of_step = t;
        r.loss = step(b, d);
        t = now(CLOCK_MONOTONIC);
        if (BATCH / (t - start_of_step) > r.best) r.best = BATCH / (t - start_of_step);
    }
    r.all = BATCH * steps / (now(CLOCK_MONOTONIC) - begin);
    r.cpu = BATCH * steps / (now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    return r;
}

int main(int argc, char **argv) {
    uint32_t threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 2;
    double seconds = argc > 2 ? atof(argv[2]) : 5;
    tsr_vqvae_net shape = {.channels = CHANNELS,
                           .width = argc > 4 ? (uint32_t)atoi(argv[3]) : 64,
                           .blocks = argc > 4 ? (uint32_t)atoi(argv[4]) : 8,
                           .pointwise = 1};
    if (threads < 1 || threads > MAX_THREADS) return 1;
    bench b = {0};
    tsr_diag d = {0};
    start(&b, threads, &shape, &d);
    double peak = gemm_rate();
    rates r = measure(&b, seconds, &d);
    /* Backward is twice forward, but for the first layer's missing input gradient. */
    double macs = tsr_nn_net_macs(b.net.net) * (SIDE / 2) * (SIDE / 2) * 3;
    printf("threads %u: %.1f images/s on average, %.1f at best, %.1f a second of processor, loss "
           "%.5f\n",
           threads, r.all, r.best, r.cpu, r.loss);
    printf("%zu parameters, %.0f MAC forward for each position of the half-size grid\n",
           tsr_nn_net_parameters(b.net.net), tsr_nn_net_macs(b.net.net));
    printf("a second of processor: %.1f GMAC, %.0f %% of a large product's by %s, %.1f\n",
           r.cpu * macs * 1e-9, 100 * r.cpu * macs / peak, tsr_op_gemm_name(), peak * 1e-9);
    stop(&b, threads);
    return 0;
}
