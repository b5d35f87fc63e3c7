/* nn_net_finish.c - a declared net gets its parameters; counts and a table of its layers. */
#include <stdio.h>
#include <stdlib.h>

#include "nn_net_internal.h"

/* ---------------------------------------------------------------- what needs a gradient */

static void find_needs(nn_net *net) {
    for (uint32_t i = 0; i < net->n; i++) {
        nn_node *x = &net->node[i];
        if (x->kind == NODE_INPUT || x->kind == NODE_DETACH || x->needs) continue;
        for (uint32_t o = 0; o < NN_OPERANDS; o++)
            if (x->in[o] >= 0 && net->node[x->in[o]].needs) x->needs = 1;
    }
}

static uint32_t lcm(uint32_t a, uint32_t b) {
    uint32_t x = a, y = b;
    while (y) {
        uint32_t r = x % y;
        x = y;
        y = r;
    }
    return a / x * b;
}

static tsr_status find_align(nn_net *net, tsr_diag *d) {
    net->align = 1;
    for (uint32_t i = 0; i < net->n; i++)
        if (net->node[i].down) net->align = lcm(net->align, net->node[i].down);
    if (net->align > 1 << 12)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "net %s: grids have no common size",
                            net->name);
    return TSR_OK;
}

/* ---------------------------------------------------------------- parameters */

typedef struct parameter {
    const char *suffix;
    uint32_t n_dims, dim[NN_MAX_DIMS];
    int init;
    uint32_t fan_in, flags;
} parameter;

static tsr_status declare(nn_net *net, const nn_node *x, nn_store *store, const parameter *p,
                          size_t *offset, tsr_diag *d) {
    char name[2 * NN_MAX_NAME + 16];
    snprintf(name, sizeof name, "%s/%s%s", net->name, x->layer, p->suffix);
    tsr_status s =
        tsr_nn_store_add(store, name, p->n_dims, p->dim, p->init, p->fan_in, p->flags, offset, d);
    if (s || p->flags & NN_STATE) return s;
    net->parameters += tsr_nn_store_find(store, name)->count;
    return TSR_OK;
}

static tsr_status declare_batch_norm(nn_net *net, nn_node *x, nn_store *store, tsr_diag *d) {
    const parameter gamma = {".gamma", 1, {x->c}, NN_INIT_ONE, 1, NN_NO_DECAY};
    const parameter beta = {".beta", 1, {x->c}, NN_INIT_ZERO, 1, NN_NO_DECAY};
    const parameter mean = {".mean", 1, {x->c}, NN_INIT_ZERO, 1, NN_STATE};
    const parameter variance = {".variance", 1, {x->c}, NN_INIT_ONE, 1, NN_STATE};
    tsr_status s = declare(net, x, store, &gamma, &x->w, d);
    if (!s) s = declare(net, x, store, &beta, &x->bias, d);
    if (!s) s = declare(net, x, store, &mean, &x->mean, d);
    if (!s) s = declare(net, x, store, &variance, &x->variance, d);
    return s;
}

/* Layers that are a convolution of some kind: out x in x k x k; causal kernels: number of taps. */
static parameter kernel(const nn_node *x) {
    const nn_conv *c = &x->conv;
    parameter p = {".w", 2, {c->out, c->in}, (int)x->opt.init, c->in, 0};
    uint32_t taps = tsr_op_conv_taps(c);
    if (x->kind == NODE_POINTWISE) return p;
    if (x->kind == NODE_TRANSPOSED) {
        p.dim[0] = c->in;
        p.dim[1] = c->out;
    }
    /* Each sample of a transposed result sees taps / stride^2 samples of each operand plane. */
    p.fan_in = c->in * taps;
    if (x->kind == NODE_TRANSPOSED) p.fan_in = c->in * ((taps - 1) / (c->stride * c->stride) + 1);
    if (x->kind == NODE_DEPTHWISE) {
        p.n_dims = 1;
        p.fan_in = taps;
    }
    p.dim[p.n_dims++] = c->causal ? taps : c->k;
    if (!c->causal) p.dim[p.n_dims++] = c->k;
    return p;
}

static tsr_status declare_node(nn_net *net, nn_node *x, nn_store *store, tsr_diag *d) {
    const parameter bias = {".b", 1, {x->c}, NN_INIT_ZERO, 1, NN_NO_DECAY};
    if (x->kind == NODE_INPUT || !x->layer[0]) return TSR_OK;
    if (x->kind == NODE_BATCH_NORM) return declare_batch_norm(net, x, store, d);
    if (x->kind == NODE_BIAS) return declare(net, x, store, &bias, &x->bias, d);
    parameter w = kernel(x);
    tsr_status s = declare(net, x, store, &w, &x->w, d);
    if (!s && !x->opt.no_bias) s = declare(net, x, store, &bias, &x->bias, d);
    return s;
}

tsr_status tsr_nn_net_finish(nn_net *net, nn_store *store, tsr_diag *d) {
    if (net->fault) return tsr_diag_set(d, net->fault, TSR_NO_OFFSET, "%s", net->text);
    uint32_t outputs = 0;
    for (uint32_t i = 0; i < net->n; i++) outputs += net->node[i].output != 0;
    if (!outputs || net->finished)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "net %s: %s", net->name,
                            outputs ? "finished twice" : "no output");
    tsr_nn_net_fold(net);
    find_needs(net);
    tsr_status s = find_align(net, d);
    for (uint32_t i = 0; i < net->n && !s; i++) s = declare_node(net, &net->node[i], store, d);
    net->finished = !s;
    return s;
}

/* ---------------------------------------------------------------- counts */

size_t tsr_nn_net_parameters(const nn_net *net) {
    return net->parameters;
}

uint32_t tsr_nn_net_align(const nn_net *net) {
    return net->align;
}

uint32_t tsr_nn_net_channels(const nn_net *net, nn_id x) {
    return x >= 0 && (uint32_t)x < net->n ? net->node[x].c : 0;
}

uint32_t tsr_nn_net_down(const nn_net *net, nn_id x) {
    return x >= 0 && (uint32_t)x < net->n ? net->node[x].down : 0;
}

nn_shape tsr_nn_node_shape(const nn_node *x, uint32_t n, uint32_t h, uint32_t w) {
    if (x->down == 0) return (nn_shape){n, x->c, 1, 1};
    return (nn_shape){n, x->c, h / x->down, w / x->down};
}

/* Per sample of the base grid; layers on vectors are once a picture and count nothing. */
static double node_macs(const nn_net *net, const nn_node *x) {
    const nn_layer_kind *k = tsr_nn_layer(x->kind);
    if (!k->macs || x->down == 0) return 0;
    const nn_node *a = &net->node[x->in[NN_X]];
    double finer = a->down < x->down ? a->down : x->down;
    return k->macs(x, (nn_shape){1, a->c, 1, 1}) / (finer * finer);
}

double tsr_nn_net_macs(const nn_net *net) {
    double sum = 0;
    for (uint32_t i = 0; i < net->n; i++) sum += node_macs(net, &net->node[i]);
    return sum;
}

static size_t node_parameters(const nn_node *x) {
    if (x->kind == NODE_INPUT || !x->layer[0]) return 0;
    if (x->kind == NODE_BATCH_NORM) return 2 * (size_t)x->c;
    if (x->kind == NODE_BIAS) return x->c;
    parameter w = kernel(x);
    size_t count = x->opt.no_bias ? 0 : x->c, product = 1;
    for (uint32_t i = 0; i < w.n_dims; i++) product *= w.dim[i];
    return count + product;
}

char *tsr_nn_net_describe(const nn_net *net) {
    enum { LINE = 200 };
    size_t room = ((size_t)net->n + 3) * LINE, used;
    char *text = malloc(room);
    if (!text) return NULL;
    used = (size_t)snprintf(text, room, "%-28s %-15s %8s %6s %10s %10s\n", net->name, "layer",
                            "channels", "grid", "parameters", "MAC/pixel");
    for (uint32_t i = 0; i < net->n; i++) {
        const nn_node *x = &net->node[i];
        if (x->kind == NODE_FOLDED) continue;
        char grid[16] = "vector";
        if (x->down) snprintf(grid, sizeof grid, "1/%u", x->down);
        used += (size_t)snprintf(text + used, room - used, "%-28s %-15s %8u %6s %10zu %10.1f\n",
                                 x->layer, tsr_nn_layer(x->kind)->name, x->c, grid,
                                 node_parameters(x), node_macs(net, x));
    }
    snprintf(text + used, room - used, "%-28s %-15s %8s %6s %10zu %10.1f\n", "total", "", "", "",
             net->parameters, tsr_nn_net_macs(net));
    return text;
}
