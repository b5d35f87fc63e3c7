/* train_prior.c - trains the network that advises the entropy coder `mix` about levels.
 *
 * The samples come from a coder without it: inputs, the bit, and the stretched probability p that
 * the contexts gave, so that the network learns what the contexts do not know. Biases by class and
 * quantizer are weights of inputs of which one is 1.
 */
#include <string.h>

#include "train_advice.h"

enum { STATES = TSR_PRIOR_STATES, INPUTS = TSR_PRIOR_INPUTS, BATCH = ADVICE_BATCH };

#define STRETCH_UNIT 256.0

typedef struct prior_task {
    const tsr_prior_sample *sample;
    nn_id x, y;
} prior_task;

static void declare(void *task, nn_net *net) {
    prior_task *p = task;
    nn_opt hidden = {.act = NN_RELU};
    p->x = tsr_nn_input(net, "x", INPUTS + STATES, 1, NN_NO_GRAD);
    nn_id h = tsr_nn_pointwise(net, "first", p->x, ADVICE_WIDTH, hidden);
    h = tsr_nn_pointwise(net, "second", h, ADVICE_WIDTH, hidden);
    p->y = tsr_nn_pointwise(net, "third", h, TSR_PRIOR_BINS, (nn_opt){.init = NN_INIT_ZERO});
    tsr_nn_output(net, p->y);
}

static void draw(void *task, advice_trainer *t) {
    const prior_task *p = task;
    float *x = tsr_nn_run_value(t->run, p->x).data;
    memset(x + (size_t)INPUTS * BATCH, 0, (size_t)STATES * BATCH * sizeof *x);
    for (uint32_t i = 0; i < BATCH; i++) {
        const tsr_prior_sample *s = &p->sample[t->drawn[i]];
        for (size_t k = 0; k < INPUTS; k++)
            x[k * BATCH + i] = (float)s->input[k] / TSR_PRIOR_CODE_ONE;
        x[(size_t)(INPUTS + 2 * s->cls + s->q1) * BATCH + i] = 1;
    }
}

static void find_loss(void *task, advice_trainer *t, double bits[2]) {
    const prior_task *p = task;
    const float *y = tsr_nn_run_value(t->run, p->y).data;
    float *dy = tsr_nn_run_grad(t->run, p->y).data;
    memset(dy, 0, (size_t)TSR_PRIOR_BINS * BATCH * sizeof *dy);
    for (uint32_t i = 0; i < BATCH; i++) {
        const tsr_prior_sample *s = &p->sample[t->drawn[i]];
        size_t at = (size_t)s->bin * BATCH + i;
        dy[at] = tsr_advice_cost(s->mix / STRETCH_UNIT, (double)y[at], s->bit, bits);
    }
}

/* docs/format.md 5.10 has the layout. */
static tsr_status put_model(void *task, const advice_trainer *t, tsr_blob *model, tsr_diag *d) {
    size_t n = (size_t)ADVICE_WIDTH * TSR_PRIOR_BINS;
    tsr_status s = tsr_advice_model_alloc(
        model, tsr_advice_layers_size(INPUTS, STATES) + n + TSR_PRIOR_BINS, d);
    if (s) return s;
    uint8_t *out = tsr_advice_put_layers(model->data, t, INPUTS, STATES);
    out = tsr_advice_put_list(out, tsr_advice_tensor(t, "prior/third.w"), n);
    tsr_advice_put_list(out, tsr_advice_tensor(t, "prior/third.b"), TSR_PRIOR_BINS);
    return TSR_OK;
}

tsr_status tsr_train_prior(const tsr_prior_options *o, const tsr_prior_sample *sample, size_t n,
                           double bits[2], tsr_blob *model, tsr_diag *d) {
    static const advice_kind kind = {declare, draw, find_loss, put_model};
    prior_task task = {.sample = sample};
    return tsr_advice_train(&kind, &task, o, n, bits, model, d);
}
