/* train_prior_vector.c - trains the network that advises the entropy coder `mix` about vectors of a
 * codebook.
 *
 * As train_prior.c, but a sample is a vector with all its decisions. What is known inside the
 * vector, a level of each coefficient before, is an input of which one of four is 1; each
 * coefficient has weights of its own for it, and so they are rows of biases in the model.
 */
#include <string.h>

#include "train_advice.h"

enum { STATES = TSR_PRIOR_V_CLASSES, INPUTS = TSR_PRIOR_V_INPUTS, BATCH = ADVICE_BATCH };
enum { LEVELS = TSR_PRIOR_V_LEVELS, COEFFICIENTS = 4, INSIDE = 1 + LEVELS * (COEFFICIENTS - 1) };

#define STRETCH_UNIT 256.0

typedef struct vector_task {
    const tsr_prior_vector_sample *sample;
    nn_id x, inside, y[1 + COEFFICIENTS];
} vector_task;

static const char *const inside_names[] = {"inside0", "inside1", "inside2", "inside3"},
                         *const third_names[] = {"third0", "third1", "third2", "third3"};

static void declare(void *task, nn_net *net) {
    vector_task *p = task;
    nn_opt zero = {.init = NN_INIT_ZERO};
    p->x = tsr_nn_input(net, "x", INPUTS + STATES, 1, NN_NO_GRAD);
    p->inside = tsr_nn_input(net, "inside", INSIDE, 1, NN_NO_GRAD);
    nn_id h = tsr_nn_pointwise(net, "first", p->x, ADVICE_WIDTH, (nn_opt){.act = NN_RELU});
    h = tsr_nn_pointwise(net, "second", h, ADVICE_WIDTH, (nn_opt){0});
    p->y[0] = tsr_nn_pointwise(net, "third", tsr_nn_activation(net, h, NN_RELU), 1, zero);
    for (uint32_t i = 0; i < COEFFICIENTS; i++) {
        nn_id known = tsr_nn_slice(net, p->inside, 0, 1 + LEVELS * i);
        known = tsr_nn_pointwise(net, inside_names[i], known, ADVICE_WIDTH,
                                 (nn_opt){.init = NN_INIT_ZERO, .no_bias = 1});
        nn_id g = tsr_nn_activation(net, tsr_nn_add(net, h, known), NN_RELU);
        p->y[1 + i] = tsr_nn_pointwise(net, third_names[i], g, TSR_PRIOR_BINS, zero);
    }
    for (uint32_t i = 0; i <= COEFFICIENTS; i++) tsr_nn_output(net, p->y[i]);
}

static void draw(void *task, advice_trainer *t) {
    const vector_task *p = task;
    float *x = tsr_nn_run_value(t->run, p->x).data;
    float *inside = tsr_nn_run_value(t->run, p->inside).data;
    memset(x + (size_t)INPUTS * BATCH, 0, (size_t)STATES * BATCH * sizeof *x);
    memset(inside, 0, (size_t)INSIDE * BATCH * sizeof *inside);
    for (uint32_t i = 0; i < BATCH; i++) {
        const tsr_prior_vector_sample *s = &p->sample[t->drawn[i]];
        for (size_t k = 0; k < INPUTS; k++)
            x[k * BATCH + i] = (float)s->input[k] / TSR_PRIOR_CODE_ONE;
        x[(size_t)(INPUTS + s->cls) * BATCH + i] = 1;
        inside[i] = 1;
        for (size_t k = 0; k + 1 < COEFFICIENTS; k++)
            inside[(1 + LEVELS * k + s->level[k]) * BATCH + i] = 1;
    }
}

static void find_loss(void *task, advice_trainer *t, double bits[2]) {
    const vector_task *p = task;
    for (unsigned n = 0; n < TSR_PRIOR_V_OUTPUTS; n++) {
        nn_id id = p->y[n ? 1 + (n - 1) / TSR_PRIOR_BINS : 0];
        size_t first = (size_t)(n ? (n - 1) % TSR_PRIOR_BINS : 0) * BATCH;
        const float *y = tsr_nn_run_value(t->run, id).data + first;
        float *dy = tsr_nn_run_grad(t->run, id).data + first;
        for (uint32_t i = 0; i < BATCH; i++) {
            const tsr_prior_vector_sample *s = &p->sample[t->drawn[i]];
            dy[i] = s->asked >> n & 1 ? tsr_advice_cost(s->mix[n] / STRETCH_UNIT, (double)y[i],
                                                        s->bits >> n & 1, bits)
                                      : 0;
        }
    }
}

/* Rows of what is known inside: of coefficient 0 one, of the others one for each level before; the
 * first level's have the coefficient's own. */
static uint8_t *put_inside(uint8_t *out, const advice_trainer *t) {
    char name[] = "prior/inside0.w";
    for (uint32_t i = 0; i < COEFFICIENTS; i++) {
        size_t row = 1 + LEVELS * i;
        float own[ADVICE_WIDTH];
        name[sizeof "prior/inside" - 1] = (char)('0' + i);
        const float *w = tsr_advice_tensor(t, name);
        for (size_t k = 0; k < ADVICE_WIDTH; k++) own[k] = w[k * row];
        if (!i) {
            out = tsr_advice_put_list(out, own, ADVICE_WIDTH);
            continue;
        }
        out = tsr_advice_put_inputs(out, w, row, 1, LEVELS, own, ADVICE_OTHER);
        out = tsr_advice_put_inputs(out, w, row, 1 + LEVELS, LEVELS * (i - 1), NULL, ADVICE_OTHER);
    }
    return out;
}

/* Weights or biases of the outputs, n numbers each. */
static uint8_t *put_outputs(uint8_t *out, const advice_trainer *t, char part, size_t n) {
    char first[] = "prior/third.w", name[] = "prior/third0.w";
    first[sizeof first - 2] = name[sizeof name - 2] = part;
    out = tsr_advice_put_list(out, tsr_advice_tensor(t, first), n);
    for (uint32_t i = 0; i < COEFFICIENTS; i++) {
        name[sizeof name - 4] = (char)('0' + i);
        out = tsr_advice_put_list(out, tsr_advice_tensor(t, name), n * TSR_PRIOR_BINS);
    }
    return out;
}

/* docs/format.md 5.10 has the layout. */
static tsr_status put_model(void *task, const advice_trainer *t, tsr_blob *model, tsr_diag *d) {
    size_t rows = 1 + LEVELS * (1 + 2 + 3) + TSR_PRIOR_V_OUTPUTS;
    tsr_status s = tsr_advice_model_alloc(
        model, tsr_advice_layers_size(INPUTS, STATES) + rows * ADVICE_WIDTH + TSR_PRIOR_V_OUTPUTS,
        d);
    if (s) return s;
    uint8_t *out = tsr_advice_put_layers(model->data, t, INPUTS, STATES);
    out = put_inside(out, t);
    out = put_outputs(out, t, 'w', ADVICE_WIDTH);
    put_outputs(out, t, 'b', 1);
    return TSR_OK;
}

tsr_status tsr_train_prior_vector(const tsr_prior_options *o, const tsr_prior_vector_sample *sample,
                                  size_t n, double bits[2], tsr_blob *model, tsr_diag *d) {
    static const advice_kind kind = {declare, draw, find_loss, put_model};
    vector_task task = {.sample = sample};
    return tsr_advice_train(&kind, &task, o, n, bits, model, d);
}
