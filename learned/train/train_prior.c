/* train_prior.c - trains the network that advises the entropy coder `mix`.
 *
 * The samples come from a coder without it: inputs, the bit, and the stretched probability p that
 * the contexts gave. Minimised are the bits of squash(p + output), so that the network learns what
 * the contexts do not know. Batches of random samples, Adam, rate falling along a cosine. Biases by
 * class and quantizer are weights of inputs of which one is 1. Then everything is rounded to the
 * integers of the coder.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/train.h>

#include "nn_net.h"
#include "nn_optim.h"
#include "nn_rng.h"

enum { SIDE = 64, BATCH = SIDE * SIDE, WIDTH = 32 };
enum { STATES = TSR_PRIOR_STATES, INPUTS = TSR_PRIOR_INPUTS };

#define STRETCH_UNIT 256.0
#define FIRST_SCALE  1024.0f /* of weights in the model: of the first layer, of the others */
#define OTHER_SCALE  4096.0f

typedef struct trainer {
    const tsr_prior_sample *sample;
    size_t n;
    nn_store *store;
    nn_net *net;
    nn_id x, y;
    nn_run *run;
    nn_optim *optim;
    float *grad;
    uint32_t drawn[BATCH];
    nn_rng rng;
} trainer;

static tsr_status declare(trainer *t, uint64_t seed, tsr_diag *d) {
    t->store = tsr_nn_store_new(seed);
    t->net = t->store ? tsr_nn_net_new("prior") : NULL;
    if (!t->net) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a network");
    nn_opt hidden = {.act = NN_RELU};
    t->x = tsr_nn_input(t->net, "x", INPUTS + STATES, 1, NN_NO_GRAD);
    nn_id h = tsr_nn_pointwise(t->net, "first", t->x, WIDTH, hidden);
    h = tsr_nn_pointwise(t->net, "second", h, WIDTH, hidden);
    t->y = tsr_nn_pointwise(t->net, "third", h, TSR_PRIOR_BINS, (nn_opt){.init = NN_INIT_ZERO});
    tsr_nn_output(t->net, t->y);
    return tsr_nn_net_finish(t->net, t->store, d);
}

static tsr_status prepare(trainer *t, uint64_t seed, uint64_t steps, tsr_diag *d) {
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    o.rate = 4e-3f;
    o.schedule = NN_SCHEDULE_COSINE;
    o.warmup = steps < 1000 ? steps / 10 : 100;
    o.steps = steps;
    t->rng = tsr_nn_rng_seed(seed);
    tsr_status s = declare(t, seed, d);
    if (!s) s = tsr_nn_run_new(&t->run, t->net, 1, SIDE, SIDE, 1, d);
    if (!s) s = tsr_nn_optim_new(&t->optim, &o, t->store, d);
    if (s) return s;
    t->grad = malloc(tsr_nn_store_size(t->store) * sizeof *t->grad);
    return t->grad ? TSR_OK
                   : tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a gradient");
}

static void close_trainer(trainer *t) {
    free(t->grad);
    tsr_nn_optim_free(t->optim);
    tsr_nn_run_free(t->run);
    tsr_nn_net_free(t->net);
    tsr_nn_store_free(t->store);
    free(t);
}

static void draw_batch(trainer *t) {
    float *x = tsr_nn_run_value(t->run, t->x).data;
    memset(x + (size_t)INPUTS * BATCH, 0, (size_t)STATES * BATCH * sizeof *x);
    for (uint32_t i = 0; i < BATCH; i++) {
        t->drawn[i] = tsr_nn_rng_below(&t->rng, (uint32_t)t->n);
        const tsr_prior_sample *s = &t->sample[t->drawn[i]];
        for (size_t k = 0; k < INPUTS; k++)
            x[k * BATCH + i] = (float)s->input[k] / TSR_PRIOR_CODE_ONE;
        x[(size_t)(INPUTS + 2 * s->cls + s->q1) * BATCH + i] = 1;
    }
}

/* Bits of a bit whose stretched probability is z. */
static double cost(double z, int bit) {
    return log1p(exp(bit ? -z : z)) / log(2);
}

/* Gradient of the mean cost, in nats; adds the costs in bits. */
static void find_loss(trainer *t, double bits[2]) {
    const float *y = tsr_nn_run_value(t->run, t->y).data;
    float *dy = tsr_nn_run_grad(t->run, t->y).data;
    memset(dy, 0, (size_t)TSR_PRIOR_BINS * BATCH * sizeof *dy);
    for (uint32_t i = 0; i < BATCH; i++) {
        const tsr_prior_sample *s = &t->sample[t->drawn[i]];
        size_t at = (size_t)s->bin * BATCH + i;
        double mix = s->mix / STRETCH_UNIT, z = mix + (double)y[at];
        dy[at] = (float)((1 / (1 + exp(-z)) - s->bit) / BATCH);
        bits[0] += cost(mix, s->bit) / BATCH;
        bits[1] += cost(z, s->bit) / BATCH;
    }
}

static tsr_status run_steps(trainer *t, uint64_t steps, double bits[2], tsr_diag *d) {
    tsr_status s = TSR_OK;
    uint64_t last = (steps + 9) / 10;
    for (uint64_t i = 0; i < steps && !s; i++) {
        double sum[2] = {0};
        memset(t->grad, 0, tsr_nn_store_size(t->store) * sizeof *t->grad);
        draw_batch(t);
        tsr_nn_forward(t->run, tsr_nn_store_read(t->store));
        find_loss(t, sum);
        tsr_nn_backward(t->run, tsr_nn_store_read(t->store), t->grad);
        s = tsr_nn_optim_step(t->optim, t->store, t->grad, NULL, d);
        for (int k = 0; k < 2 && i + last >= steps; k++) bits[k] += sum[k] / (double)last;
    }
    return s;
}

/* ---- the model ---- */

static uint8_t *put_weight(uint8_t *out, float w, float scale) {
    long v = lrintf(w * scale);
    v = v > 32767 ? 32767 : v < -32767 ? -32767 : v;
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)((unsigned long)v >> 8);
    return out + 2;
}

static const float *tensor(const trainer *t, const char *name) {
    const nn_entry *e = tsr_nn_store_find(t->store, name);
    return tsr_nn_store_read(t->store) + e->offset;
}

/* Weights of n inputs from `first` on, input by input, of a layer of WIDTH units with `row` inputs;
 * bias: added to each. */
static uint8_t *put_inputs(uint8_t *out, const float *w, size_t row, size_t first, size_t n,
                           const float *bias, float scale) {
    for (size_t i = first; i < first + n; i++)
        for (size_t k = 0; k < WIDTH; k++)
            out = put_weight(out, w[k * row + i] + (bias ? bias[k] : 0), scale);
    return out;
}

static uint8_t *put_list(uint8_t *out, const float *w, size_t n) {
    for (size_t i = 0; i < n; i++) out = put_weight(out, w[i], OTHER_SCALE);
    return out;
}

/* docs/format.md 5.8 has the layout. */
static tsr_status put_model(const trainer *t, tsr_blob *model, tsr_diag *d) {
    size_t row = INPUTS + STATES, n = (row + WIDTH + 1 + TSR_PRIOR_BINS) * WIDTH + TSR_PRIOR_BINS;
    uint8_t *out = malloc(2 * n);
    if (!out) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
    *model = (tsr_blob){out, 2 * n};
    const float *first = tensor(t, "prior/first.w"), *bias = tensor(t, "prior/first.b");
    out = put_inputs(out, first, row, 0, INPUTS, NULL, FIRST_SCALE);
    out = put_inputs(out, first, row, INPUTS, STATES, bias, FIRST_SCALE);
    out = put_inputs(out, tensor(t, "prior/second.w"), WIDTH, 0, WIDTH, NULL, OTHER_SCALE);
    out = put_list(out, tensor(t, "prior/second.b"), WIDTH);
    out = put_list(out, tensor(t, "prior/third.w"), (size_t)WIDTH * TSR_PRIOR_BINS);
    put_list(out, tensor(t, "prior/third.b"), TSR_PRIOR_BINS);
    return TSR_OK;
}

tsr_status tsr_train_prior(const tsr_prior_options *o, const tsr_prior_sample *sample, size_t n,
                           double bits[2], tsr_blob *model, tsr_diag *d) {
    bits[0] = bits[1] = 0;
    *model = (tsr_blob){0};
    if (!n || n > UINT32_MAX)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%zu samples to learn from", n);
    trainer *t = calloc(1, sizeof *t);
    if (!t) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    t->sample = sample;
    t->n = n;
    uint64_t steps = (uint64_t)(o->epochs * (double)n / BATCH) + 1;
    tsr_status s = prepare(t, o->seed, steps, d);
    if (!s) s = run_steps(t, steps, bits, d);
    if (!s) s = put_model(t, model, d);
    close_trainer(t);
    return s;
}
