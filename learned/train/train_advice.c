/* train_advice.c - trains networks that advise the entropy coder `mix`. */
#include "train_advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static tsr_status declare(advice_trainer *t, uint64_t seed, tsr_diag *d) {
    t->store = tsr_nn_store_new(seed);
    t->net = t->store ? tsr_nn_net_new("prior") : NULL;
    if (!t->net) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a network");
    t->kind->declare(t->task, t->net);
    return tsr_nn_net_finish(t->net, t->store, d);
}

static tsr_status prepare(advice_trainer *t, uint64_t seed, uint64_t steps, tsr_diag *d) {
    nn_optim_options o = tsr_nn_optim_defaults(NN_ADAM);
    o.rate = 4e-3f;
    o.schedule = NN_SCHEDULE_COSINE;
    o.warmup = steps < 1000 ? steps / 10 : 100;
    o.steps = steps;
    t->rng = tsr_nn_rng_seed(seed);
    tsr_status s = declare(t, seed, d);
    if (!s) s = tsr_nn_run_new(&t->run, t->net, 1, ADVICE_SIDE, ADVICE_SIDE, 1, d);
    if (!s) s = tsr_nn_optim_new(&t->optim, &o, t->store, d);
    if (s) return s;
    t->grad = malloc(tsr_nn_store_size(t->store) * sizeof *t->grad);
    return t->grad ? TSR_OK
                   : tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a gradient");
}

static void close_trainer(advice_trainer *t) {
    free(t->grad);
    tsr_nn_optim_free(t->optim);
    tsr_nn_run_free(t->run);
    tsr_nn_net_free(t->net);
    tsr_nn_store_free(t->store);
    free(t);
}

/* Bits of a bit whose stretched probability is z. */
static double cost(double z, int bit) {
    return log1p(exp(bit ? -z : z)) / log(2);
}

float tsr_advice_cost(double z, double y, int bit, double bits[2]) {
    bits[0] += cost(z, bit) / ADVICE_BATCH;
    bits[1] += cost(z + y, bit) / ADVICE_BATCH;
    return (float)((1 / (1 + exp(-z - y)) - bit) / ADVICE_BATCH);
}

static tsr_status run_steps(advice_trainer *t, uint64_t steps, double bits[2], tsr_diag *d) {
    tsr_status s = TSR_OK;
    uint64_t last = (steps + 9) / 10;
    for (uint64_t i = 0; i < steps && !s; i++) {
        double sum[2] = {0};
        memset(t->grad, 0, tsr_nn_store_size(t->store) * sizeof *t->grad);
        for (uint32_t k = 0; k < ADVICE_BATCH; k++)
            t->drawn[k] = tsr_nn_rng_below(&t->rng, (uint32_t)t->n);
        t->kind->draw(t->task, t);
        tsr_nn_forward(t->run, tsr_nn_store_read(t->store));
        t->kind->loss(t->task, t, sum);
        tsr_nn_backward(t->run, tsr_nn_store_read(t->store), t->grad);
        s = tsr_nn_optim_step(t->optim, t->store, t->grad, NULL, d);
        for (int k = 0; k < 2 && i + last >= steps; k++) bits[k] += sum[k] / (double)last;
    }
    return s;
}

tsr_status tsr_advice_train(const advice_kind *kind, void *task, const tsr_prior_options *o,
                            size_t n, double bits[2], tsr_blob *model, tsr_diag *d) {
    bits[0] = bits[1] = 0;
    *model = (tsr_blob){0};
    if (!n || n > UINT32_MAX)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%zu samples to learn from", n);
    advice_trainer *t = calloc(1, sizeof *t);
    if (!t) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    t->kind = kind;
    t->task = task;
    t->n = n;
    uint64_t steps = (uint64_t)(o->epochs * (double)n / ADVICE_BATCH) + 1;
    tsr_status s = prepare(t, o->seed, steps, d);
    if (!s) s = run_steps(t, steps, bits, d);
    if (!s) s = kind->put(task, t, model, d);
    close_trainer(t);
    return s;
}

/* ---- the model ---- */

tsr_status tsr_advice_model_alloc(tsr_blob *model, size_t numbers, tsr_diag *d) {
    *model = (tsr_blob){malloc(2 * numbers), 2 * numbers};
    if (model->data) return TSR_OK;
    *model = (tsr_blob){0};
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
}

static uint8_t *put_weight(uint8_t *out, float w, float scale) {
    long v = lrintf(w * scale);
    v = v > 32767 ? 32767 : v < -32767 ? -32767 : v;
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)((unsigned long)v >> 8);
    return out + 2;
}

const float *tsr_advice_tensor(const advice_trainer *t, const char *name) {
    const nn_entry *e = tsr_nn_store_find(t->store, name);
    return tsr_nn_store_read(t->store) + e->offset;
}

uint8_t *tsr_advice_put_inputs(uint8_t *out, const float *w, size_t row, size_t first, size_t n,
                               const float *bias, float scale) {
    for (size_t i = first; i < first + n; i++)
        for (size_t k = 0; k < ADVICE_WIDTH; k++)
            out = put_weight(out, w[k * row + i] + (bias ? bias[k] : 0), scale);
    return out;
}

uint8_t *tsr_advice_put_list(uint8_t *out, const float *w, size_t n) {
    for (size_t i = 0; i < n; i++) out = put_weight(out, w[i], ADVICE_OTHER);
    return out;
}

size_t tsr_advice_layers_size(size_t inputs, size_t states) {
    return (inputs + states + ADVICE_WIDTH + 1) * ADVICE_WIDTH;
}

uint8_t *tsr_advice_put_layers(uint8_t *out, const advice_trainer *t, size_t inputs,
                               size_t states) {
    const float *first = tsr_advice_tensor(t, "prior/first.w"),
                *bias = tsr_advice_tensor(t, "prior/first.b");
    size_t row = inputs + states;
    out = tsr_advice_put_inputs(out, first, row, 0, inputs, NULL, ADVICE_FIRST);
    out = tsr_advice_put_inputs(out, first, row, inputs, states, bias, ADVICE_FIRST);
    out = tsr_advice_put_inputs(out, tsr_advice_tensor(t, "prior/second.w"), ADVICE_WIDTH, 0,
                                ADVICE_WIDTH, NULL, ADVICE_OTHER);
    return tsr_advice_put_list(out, tsr_advice_tensor(t, "prior/second.b"), ADVICE_WIDTH);
}
