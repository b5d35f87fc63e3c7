/* nn_net_build.c - declaring a net: each call checks its operands and appends a value. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn_net_internal.h"

enum { MAX_NODES = 4096, MAX_CHANNELS = 65536, MAX_DOWN = 1 << 12 };

nn_net *tsr_nn_net_new(const char *name) {
    nn_net *net = calloc(1, sizeof *net);
    if (net) snprintf(net->name, sizeof net->name, "%s", name);
    return net;
}

void tsr_nn_net_free(nn_net *net) {
    if (!net) return;
    free(net->node);
    free(net);
}

static nn_id TSR_PRINTF(2, 3) fail(nn_net *net, const char *fmt, ...) {
    if (net->fault) return -1;
    net->fault = TSR_ERR_ARGUMENT;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(net->text, sizeof net->text, fmt, ap);
    va_end(ap);
    return -1;
}

/* The value, or NULL with the mistake recorded. */
static const nn_node *value(nn_net *net, nn_id x, const char *what) {
    if (!net->fault && x >= 0 && (uint32_t)x < net->n) return &net->node[x];
    fail(net, "net %s: %s: no such value", net->name, what);
    return NULL;
}

static tsr_status room_for_one(nn_net *net) {
    if (net->n < net->room) return TSR_OK;
    if (net->n >= MAX_NODES) return TSR_ERR_LIMIT;
    uint32_t room = net->room ? 2 * net->room : 32;
    nn_node *node = realloc(net->node, room * sizeof *node);
    if (!node) return TSR_ERR_MEMORY;
    net->node = node;
    net->room = room;
    return TSR_OK;
}

static nn_id append(nn_net *net, nn_node node) {
    if (net->fault) return -1;
    if (net->finished) return fail(net, "net %s: already finished", net->name);
    if (node.c == 0 || node.c > MAX_CHANNELS || node.down > MAX_DOWN)
        return fail(net, "net %s: value %u: %u channels at 1/%u of the size", net->name, net->n,
                    node.c, node.down);
    tsr_status s = room_for_one(net);
    if (s) {
        fail(net, "net %s: %s", net->name, s == TSR_ERR_LIMIT ? "too many values" : "no memory");
        net->fault = s;
        return -1;
    }
    node.w = node.bias = node.mean = node.variance = NN_NO_OFFSET;
    net->node[net->n] = node;
    return (nn_id)net->n++;
}

static nn_id append_layer(nn_net *net, const char *layer, nn_node node) {
    if (net->fault) return -1;
    if (strlen(net->name) + strlen(layer) + 4 > NN_MAX_NAME)
        return fail(net, "net %s: long name '%s'", net->name, layer);
    snprintf(node.layer, sizeof node.layer, "%s", layer);
    node.needs = 1;
    return append(net, node);
}

nn_id tsr_nn_input(nn_net *net, const char *name, uint32_t channels, uint32_t down,
                   uint32_t flags) {
    nn_node node = {.kind = NODE_INPUT, .in = {-1, -1, -1}, .c = channels, .down = down};
    snprintf(node.layer, sizeof node.layer, "%s", name);
    node.needs = !(flags & NN_NO_GRAD);
    return append(net, node);
}

nn_id tsr_nn_output(nn_net *net, nn_id x) {
    if (!value(net, x, "output")) return -1;
    net->node[x].output = 1;
    return x;
}

/* ---------------------------------------------------------------- layers with weights */

static nn_node weighted(uint32_t kind, nn_id x, const nn_node *a, uint32_t channels, nn_opt o) {
    nn_node node = {.kind = kind, .in = {x, -1, -1}, .c = channels, .down = a->down, .opt = o};
    node.conv = (nn_conv){.in = a->c, .out = channels, .k = 1, .stride = 1, .pad = o.pad};
    return node;
}

static nn_id pointwise_skip(nn_net *net, const char *layer, nn_id x, uint32_t channels, nn_id skip,
                            nn_opt o) {
    const nn_node *a = value(net, x, layer);
    if (!a) return -1;
    nn_node node = weighted(NODE_POINTWISE, x, a, channels, o);
    node.in[NN_SECOND] = skip;
    return append_layer(net, layer, node);
}

nn_id tsr_nn_pointwise(nn_net *net, const char *layer, nn_id x, uint32_t channels, nn_opt o) {
    return pointwise_skip(net, layer, x, channels, -1, o);
}

nn_id tsr_nn_linear(nn_net *net, const char *layer, nn_id x, uint32_t features, nn_opt o) {
    const nn_node *a = value(net, x, layer);
    if (a && a->down != 0) return fail(net, "net %s: %s: needs a vector", net->name, layer);
    return pointwise_skip(net, layer, x, features, -1, o);
}

static int kernel_ok(nn_net *net, const char *layer, const nn_node *a, uint32_t k,
                     uint32_t stride) {
    if (a->down == 0)
        fail(net, "net %s: %s: a vector has no neighbours", net->name, layer);
    else if (k == 0 || k > NN_MAX_KERNEL || stride > k)
        fail(net, "net %s: %s: kernel %u, stride %u", net->name, layer, k, stride);
    return net->fault == TSR_OK;
}

/* Convolutions of all kinds; causal as in nn_conv. */
static nn_id windowed(nn_net *net, const char *layer, uint32_t kind, nn_id x, uint32_t channels,
                      uint32_t k, uint32_t causal, nn_opt o) {
    const nn_node *a = value(net, x, layer);
    uint32_t stride = o.stride ? o.stride : 1;
    if (!a || !kernel_ok(net, layer, a, k, stride)) return -1;
    if (causal && k % 2 == 0) return fail(net, "net %s: %s: even kernel", net->name, layer);
    if (stride > 1 && (causal || kind == NODE_DEPTHWISE))
        return fail(net, "net %s: %s: no stride here", net->name, layer);
    nn_node node = weighted(kind, x, a, kind == NODE_DEPTHWISE ? a->c : channels, o);
    node.conv.k = k;
    node.conv.stride = stride;
    node.conv.causal = causal;
    if (tsr_op_conv_taps(&node.conv) == 0)
        return fail(net, "net %s: %s: a kernel without taps", net->name, layer);
    if (kind == NODE_TRANSPOSED && a->down % stride != 0)
        return fail(net, "net %s: %s: finer than the base grid", net->name, layer);
    node.down = kind == NODE_TRANSPOSED ? a->down / stride : a->down * stride;
    return append_layer(net, layer, node);
}

nn_id tsr_nn_conv(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k,
                  nn_opt o) {
    return windowed(net, layer, NODE_CONV, x, channels, k, 0, o);
}

nn_id tsr_nn_depthwise(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o) {
    return windowed(net, layer, NODE_DEPTHWISE, x, 0, k, 0, o);
}

nn_id tsr_nn_transposed(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k,
                        nn_opt o) {
    return windowed(net, layer, NODE_TRANSPOSED, x, channels, k, 0, o);
}

nn_id tsr_nn_causal(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k,
                    int self, nn_opt o) {
    return windowed(net, layer, NODE_CONV, x, channels, k, self ? 2 : 1, o);
}

nn_id tsr_nn_causal_depthwise(nn_net *net, const char *layer, nn_id x, uint32_t k, int self,
                              nn_opt o) {
    return windowed(net, layer, NODE_DEPTHWISE, x, 0, k, self ? 2 : 1, o);
}

nn_id tsr_nn_batch_norm(nn_net *net, const char *layer, nn_id x) {
    const nn_node *a = value(net, x, layer);
    if (!a) return -1;
    return append_layer(net, layer, weighted(NODE_BATCH_NORM, x, a, a->c, (nn_opt){0}));
}

nn_id tsr_nn_bias(nn_net *net, const char *layer, nn_id x) {
    const nn_node *a = value(net, x, layer);
    if (!a) return -1;
    return append_layer(net, layer, weighted(NODE_BIAS, x, a, a->c, (nn_opt){0}));
}

/* ---------------------------------------------------------------- blocks */

static nn_id part(nn_net *net, char *name, const char *layer, const char *suffix) {
    if (snprintf(name, NN_MAX_NAME, "%s/%s", layer, suffix) >= NN_MAX_NAME)
        return fail(net, "net %s: long name '%s'", net->name, layer);
    return 0;
}

nn_id tsr_nn_ds_block(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o) {
    const nn_node *a = value(net, x, layer);
    char dw[NN_MAX_NAME], pw1[NN_MAX_NAME], pw2[NN_MAX_NAME];
    if (!a || part(net, dw, layer, "dw") || part(net, pw1, layer, "pw1") ||
        part(net, pw2, layer, "pw2"))
        return -1;
    uint32_t c = a->c, act = o.act ? o.act : NN_RELU;
    /* The biases of pw1 do what biases of dw would. */
    nn_id h =
        tsr_nn_depthwise(net, dw, x, k, (nn_opt){.init = NN_INIT_UNIT, .pad = o.pad, .no_bias = 1});
    h = pointwise_skip(net, pw1, h, c, -1, (nn_opt){.act = act});
    return pointwise_skip(net, pw2, h, c, x, (nn_opt){.init = NN_INIT_ZERO});
}

nn_id tsr_nn_residual(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o) {
    const nn_node *a = value(net, x, layer);
    char first[NN_MAX_NAME], second[NN_MAX_NAME];
    if (!a || part(net, first, layer, "conv1") || part(net, second, layer, "conv2")) return -1;
    uint32_t c = a->c, act = o.act ? o.act : NN_RELU;
    nn_id h = tsr_nn_conv(net, first, x, c, k, (nn_opt){.act = act, .pad = o.pad});
    h = tsr_nn_conv(net, second, h, c, k, (nn_opt){.init = NN_INIT_ZERO, .pad = o.pad});
    return tsr_nn_add(net, x, h);
}

nn_id tsr_nn_condition(nn_net *net, const char *layer, nn_id x, nn_id vector) {
    const nn_node *a = value(net, x, layer);
    if (!a) return -1;
    nn_opt o = {.init = NN_INIT_ZERO, .no_bias = 1};
    return tsr_nn_add(net, x, tsr_nn_linear(net, layer, vector, a->c, o));
}

/* ---------------------------------------------------------------- layers without weights */

/* Like the operand, but for what the caller changes. */
static nn_node plain(uint32_t kind, nn_id x, const nn_node *a) {
    return (nn_node){
        .kind = kind, .in = {x, -1, -1}, .c = a->c, .down = a->down, .needs = a->needs};
}

nn_id tsr_nn_activation(nn_net *net, nn_id x, uint32_t act) {
    const nn_node *a = value(net, x, "activation");
    if (!a) return -1;
    nn_node node = plain(NODE_BIAS, x, a);
    node.opt.act = act;
    return append(net, node);
}

nn_id tsr_nn_add(nn_net *net, nn_id a, nn_id b) {
    const nn_node *va = value(net, a, "add"), *vb = va ? value(net, b, "add") : NULL;
    if (!vb) return -1;
    if (va->c != vb->c || (va->down != vb->down && vb->down != 0))
        return fail(net, "net %s: add: %u channels at 1/%u and %u at 1/%u", net->name, va->c,
                    va->down, vb->c, vb->down);
    nn_node node = plain(va->down == vb->down ? NODE_ADD : NODE_BROADCAST, a, va);
    node.in[NN_SECOND] = b;
    node.needs |= vb->needs;
    return append(net, node);
}

nn_id tsr_nn_concat(nn_net *net, nn_id a, nn_id b) {
    const nn_node *va = value(net, a, "concat"), *vb = va ? value(net, b, "concat") : NULL;
    if (!vb) return -1;
    if (va->down != vb->down)
        return fail(net, "net %s: concat: 1/%u and 1/%u", net->name, va->down, vb->down);
    nn_node node = plain(NODE_CONCAT, a, va);
    node.in[NN_SECOND] = b;
    node.c += vb->c;
    node.needs |= vb->needs;
    return append(net, node);
}

nn_id tsr_nn_slice(nn_net *net, nn_id x, uint32_t first, uint32_t channels) {
    const nn_node *a = value(net, x, "slice");
    if (!a) return -1;
    if (first >= a->c || channels > a->c - first)
        return fail(net, "net %s: slice: %u + %u of %u channels", net->name, first, channels, a->c);
    nn_node node = plain(NODE_SLICE, x, a);
    node.arg = first;
    node.c = channels;
    return append(net, node);
}

nn_id tsr_nn_scale(nn_net *net, nn_id x, float factor) {
    const nn_node *a = value(net, x, "scale");
    if (!a) return -1;
    nn_node node = plain(NODE_SCALE, x, a);
    node.factor = factor;
    return append(net, node);
}

nn_id tsr_nn_detach(nn_net *net, nn_id x) {
    const nn_node *a = value(net, x, "detach");
    if (!a) return -1;
    nn_node node = plain(NODE_DETACH, x, a);
    node.needs = 0;
    return append(net, node);
}

/* Smaller planes and more of them (down > 0), or the reverse, b x b to one. */
static nn_id regrid(nn_net *net, uint32_t kind, nn_id x, uint32_t b, int smaller, int keep) {
    const nn_node *a = value(net, x, "change of size");
    if (!a) return -1;
    uint32_t cells = keep ? 1 : b * b;
    if (a->down == 0 || b < 1 || b > 16 || (!smaller && (a->down % b || a->c % cells)))
        return fail(net, "net %s: %u channels at 1/%u do not go by %u", net->name, a->c, a->down,
                    b);
    nn_node node = plain(kind, x, a);
    node.arg = b;
    node.c = smaller ? a->c * cells : a->c / cells;
    node.down = smaller ? a->down * b : a->down / b;
    return append(net, node);
}

nn_id tsr_nn_space_to_depth(nn_net *net, nn_id x, uint32_t b) {
    return regrid(net, NODE_SPACE_TO_DEPTH, x, b, 1, 0);
}

nn_id tsr_nn_depth_to_space(nn_net *net, nn_id x, uint32_t b) {
    return regrid(net, NODE_DEPTH_TO_SPACE, x, b, 0, 0);
}

nn_id tsr_nn_average2(nn_net *net, nn_id x) {
    return regrid(net, NODE_AVERAGE2, x, 2, 1, 1);
}

nn_id tsr_nn_wavelet(nn_net *net, nn_id x, int inverse) {
    return regrid(net, inverse ? NODE_WAVELET_INVERSE : NODE_WAVELET, x, 2, !inverse, 0);
}
