/* nn_net_run.c - forward and backward passes of a net over its memory. */
#include <assert.h>
#include <stdlib.h>

#include "nn_net_internal.h"

struct nn_run {
    const nn_net *net;
    nn_plan plan;
    float *memory, *work;
    int training;
};

tsr_status tsr_nn_run_new(nn_run **out, const nn_net *net, uint32_t n, uint32_t h, uint32_t w,
                          int training, tsr_diag *d) {
    *out = NULL;
    nn_run *r = calloc(1, sizeof *r);
    if (!r) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "net %s: no memory", net->name);
    *r = (nn_run){.net = net, .training = training};
    tsr_status s = tsr_nn_plan_make(&r->plan, net, n, h, w, training, d);
    if (!s) {
        r->memory = tsr_nn_alloc(r->plan.total);
        r->work = tsr_nn_alloc(r->plan.work);
        if (!r->memory || !r->work)
            s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "net %s: no memory for %zu floats",
                             net->name, r->plan.total + r->plan.work);
    }
    if (s) {
        tsr_nn_run_free(r);
        return s;
    }
    *out = r;
    return TSR_OK;
}

void tsr_nn_run_free(nn_run *r) {
    if (!r) return;
    tsr_nn_plan_free(&r->plan);
    free(r->memory);
    free(r->work);
    free(r);
}

static nn_tensor at(const nn_run *r, size_t offset, nn_shape shape) {
    return (nn_tensor){offset == NN_NO_OFFSET ? NULL : r->memory + offset, shape};
}

static nn_tensor value(const nn_run *r, nn_id x) {
    if (x < 0) return (nn_tensor){0};
    assert((uint32_t)x < r->net->n);
    return at(r, r->plan.place[x].value, r->plan.place[x].shape);
}

static nn_tensor gradient(const nn_run *r, nn_id x) {
    if (x < 0) return (nn_tensor){0};
    assert((uint32_t)x < r->net->n);
    return at(r, r->plan.place[x].grad, r->plan.place[x].shape);
}

nn_tensor tsr_nn_run_value(nn_run *r, nn_id x) {
    return value(r, x);
}

nn_tensor tsr_nn_run_grad(nn_run *r, nn_id x) {
    return gradient(r, x);
}

static nn_call call(const nn_run *r, uint32_t i, const float *params) {
    const nn_node *node = &r->net->node[i];
    const nn_place *p = &r->plan.place[i];
    return (nn_call){.node = node,
                     .in = {value(r, node->in[0]), value(r, node->in[1]), value(r, node->in[2])},
                     .y = value(r, (nn_id)i),
                     .params = params,
                     .work = r->work,
                     .stats = p->stats == NN_NO_OFFSET ? NULL : r->memory + p->stats,
                     .training = r->training};
}

void tsr_nn_forward(nn_run *r, const float *params) {
    for (uint32_t i = 0; i < r->net->n; i++) {
        nn_call c = call(r, i, params);
        tsr_nn_layer(c.node->kind)->forward(&c);
    }
}

static int wanted(const nn_run *r, nn_id x) {
    return x >= 0 && r->net->node[x].needs;
}

void tsr_nn_backward(nn_run *r, const float *params, float *grad) {
    assert(r->training);
    for (uint32_t i = r->net->n; i-- > 0;) {
        const nn_place *p = &r->plan.place[i];
        if (p->skip) continue;
        nn_call c = call(r, i, params);
        c.dy = gradient(r, (nn_id)i);
        for (uint32_t o = 0; o < NN_OPERANDS; o++) {
            nn_id x = c.node->in[o];
            c.dx[o] = wanted(r, x) ? gradient(r, x).data : NULL;
            c.add[o] = p->add[o];
        }
        c.grad = grad;
        tsr_nn_layer(c.node->kind)->backward(&c);
    }
}

void tsr_nn_run_statistics(const nn_run *r, float *params, float momentum) {
    for (uint32_t i = 0; i < r->net->n; i++) {
        const nn_node *x = &r->net->node[i];
        if (x->kind != NODE_BATCH_NORM) continue;
        const float *batch = r->memory + r->plan.place[i].stats + 2 * (size_t)x->c;
        for (uint32_t c = 0; c < x->c; c++) {
            float *mean = params + x->mean + c, *variance = params + x->variance + c;
            *mean += momentum * (batch[c] - *mean);
            *variance += momentum * (batch[x->c + c] - *variance);
        }
    }
}
