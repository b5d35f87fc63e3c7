/* nn_net_layers.c - how each kind of value is computed and differentiated. */
#include <string.h>

#include "nn_net_internal.h"

static const float *weights(const nn_call *c) {
    return c->params + c->node->w;
}

static const float *biases(const nn_call *c) {
    return c->node->bias == NN_NO_OFFSET ? NULL : c->params + c->node->bias;
}

static nn_back back(const nn_call *c) {
    const nn_node *n = c->node;
    int wants = c->grad != NULL;
    return (nn_back){.dy = c->dy,
                     .y = c->y.data,
                     .act = n->opt.act,
                     .add = c->add[NN_X],
                     .dx = c->dx[NN_X],
                     .dw = wants ? c->grad + n->w : NULL,
                     .dbias = wants && n->bias != NN_NO_OFFSET ? c->grad + n->bias : NULL};
}

static void set_or_add(float *to, const float *from, size_t n, int add) {
    if (add)
        tsr_op_add(to, from, n);
    else
        memcpy(to, from, n * sizeof *to);
}

/* The gradient of an operand that is added as it is. */
static void pass_on(const nn_call *c, uint32_t operand) {
    float *dx = c->dx[operand];
    if (dx && dx != c->dy.data) set_or_add(dx, c->dy.data, nn_count(c->dy.s), c->add[operand]);
}

/* ---------------------------------------------------------------- weights */

/* With a condition the biases differ from sample to sample: such a layer runs sample by sample, on
 * the biases that begin its work memory. */
static nn_tensor sample_of(nn_tensor t, uint32_t i) {
    if (t.data) t.data += i * nn_picture(t.s);
    t.s.n = 1;
    return t;
}

static nn_call sample_call(const nn_call *c, uint32_t i) {
    nn_call one = *c;
    one.in[NN_X] = sample_of(c->in[NN_X], i);
    one.in[NN_SECOND] = sample_of(c->in[NN_SECOND], i);
    one.y = sample_of(c->y, i);
    one.dy = sample_of(c->dy, i);
    one.work = c->work + c->node->c;
    if (c->dx[NN_X]) one.dx[NN_X] += i * nn_picture(c->in[NN_X].s);
    return one;
}

typedef void (*forward_fn)(const nn_call *c, const float *bias);
typedef void (*backward_fn)(const nn_call *c, const nn_back *g);

static void run_forward(const nn_call *c, forward_fn fn) {
    if (!c->in[NN_CONDITION].data) {
        fn(c, biases(c));
        return;
    }
    for (uint32_t i = 0; i < c->y.s.n; i++) {
        nn_call one = sample_call(c, i);
        const float *condition = c->in[NN_CONDITION].data + (size_t)i * c->node->c;
        memcpy(c->work, condition, c->node->c * sizeof(float));
        if (biases(c)) tsr_op_add(c->work, biases(c), c->node->c);
        fn(&one, c->work);
    }
}

static void run_backward(const nn_call *c, backward_fn fn) {
    uint32_t n = c->node->c;
    if (!c->in[NN_CONDITION].data) {
        nn_back g = back(c);
        fn(c, &g);
        return;
    }
    for (uint32_t i = 0; i < c->dy.s.n; i++) {
        nn_call one = sample_call(c, i);
        nn_back g = back(&one);
        float *bias_gradient = g.dbias, *condition = c->dx[NN_CONDITION];
        g.dbias = c->work;
        memset(c->work, 0, n * sizeof(float));
        fn(&one, &g);
        if (bias_gradient) tsr_op_add(bias_gradient, c->work, n);
        if (condition) set_or_add(condition + (size_t)i * n, c->work, n, c->add[NN_CONDITION]);
    }
}

static void pointwise_sample(const nn_call *c, const float *bias) {
    tsr_op_pointwise_forward(c->in[NN_X], weights(c), bias, c->in[NN_SECOND].data, c->y,
                             c->node->opt.act);
}

static void pointwise(const nn_call *c) {
    run_forward(c, pointwise_sample);
}

static void pointwise_sample_back(const nn_call *c, const nn_back *g) {
    tsr_op_pointwise_backward(c->in[NN_X], weights(c), g);
}

static void pointwise_back(const nn_call *c) {
    run_backward(c, pointwise_sample_back);
    pass_on(c, NN_SECOND);
}

static double pointwise_macs(const nn_node *n, nn_shape a) {
    (void)a;
    return (double)n->conv.in * n->conv.out;
}

static void conv_sample(const nn_call *c, const float *bias) {
    tsr_op_conv_forward(&c->node->conv, c->in[NN_X], weights(c), bias, c->y, c->node->opt.act,
                        c->work);
}

static void conv(const nn_call *c) {
    run_forward(c, conv_sample);
}

static void conv_sample_back(const nn_call *c, const nn_back *g) {
    tsr_op_conv_backward(&c->node->conv, c->in[NN_X], weights(c), g, c->work);
}

static void conv_back(const nn_call *c) {
    run_backward(c, conv_sample_back);
}

static size_t conv_work(const nn_node *n, nn_shape a) {
    return tsr_op_conv_work(&n->conv, a);
}

static double conv_macs(const nn_node *n, nn_shape a) {
    (void)a;
    return (double)n->conv.in * n->conv.out * tsr_op_conv_taps(&n->conv) /
           (n->conv.stride * n->conv.stride);
}

static void depthwise_sample(const nn_call *c, const float *bias) {
    tsr_op_depthwise_forward(&c->node->conv, c->in[NN_X], weights(c), bias, c->y, c->node->opt.act,
                             c->work);
}

static void depthwise(const nn_call *c) {
    run_forward(c, depthwise_sample);
}

static void depthwise_sample_back(const nn_call *c, const nn_back *g) {
    tsr_op_depthwise_backward(&c->node->conv, c->in[NN_X], weights(c), g, c->work);
}

static void depthwise_back(const nn_call *c) {
    run_backward(c, depthwise_sample_back);
}

static size_t depthwise_work(const nn_node *n, nn_shape a) {
    return tsr_op_depthwise_work(&n->conv, a);
}

static double depthwise_macs(const nn_node *n, nn_shape a) {
    (void)a;
    return (double)n->c * tsr_op_conv_taps(&n->conv);
}

static void transposed_sample(const nn_call *c, const float *bias) {
    tsr_op_transposed_forward(&c->node->conv, c->in[NN_X], weights(c), bias, c->y, c->node->opt.act,
                              c->work);
}

static void transposed(const nn_call *c) {
    run_forward(c, transposed_sample);
}

static void transposed_sample_back(const nn_call *c, const nn_back *g) {
    tsr_op_transposed_backward(&c->node->conv, c->in[NN_X], weights(c), g, c->work);
}

static void transposed_back(const nn_call *c) {
    run_backward(c, transposed_sample_back);
}

static size_t transposed_work(const nn_node *n, nn_shape a) {
    return tsr_op_transposed_work(&n->conv, a);
}

static void batch_norm(const nn_call *c) {
    uint32_t ch = c->node->c;
    if (c->training)
        tsr_op_batch_norm_statistics(c->in[NN_X], c->stats, c->stats + 2 * ch, c->stats + 3 * ch);
    else
        tsr_op_batch_norm_running(c->params + c->node->mean, c->params + c->node->variance, ch,
                                  c->stats);
    tsr_op_batch_norm_forward(c->in[NN_X], c->stats, weights(c), biases(c), c->y);
}

static void batch_norm_back(const nn_call *c) {
    nn_back g = back(c);
    tsr_op_batch_norm_backward(c->in[NN_X], c->stats, weights(c), c->dy, c->training, c->dx[NN_X],
                               c->add[NN_X], g.dw, g.dbias);
}

static void bias(const nn_call *c) {
    memcpy(c->y.data, c->in[NN_X].data, nn_count(c->y.s) * sizeof(float));
    tsr_op_bias_forward(c->y, biases(c), c->node->opt.act);
}

static void bias_back(const nn_call *c) {
    nn_back g = back(c);
    tsr_op_bias_backward(g.y, c->dy, g.act, g.dbias);
    pass_on(c, NN_X);
}

/* ---------------------------------------------------------------- sums */

static void add(const nn_call *c) {
    tsr_op_sum(c->y.data, c->in[NN_X].data, c->in[NN_SECOND].data, nn_count(c->y.s));
}

static void add_back(const nn_call *c) {
    pass_on(c, NN_X);
    pass_on(c, NN_SECOND);
}

static void broadcast(const nn_call *c) {
    memcpy(c->y.data, c->in[NN_X].data, nn_count(c->y.s) * sizeof(float));
    nn_tensor one = {c->y.data, c->y.s};
    one.s.n = 1;
    for (uint32_t i = 0; i < c->y.s.n; i++, one.data += nn_picture(one.s))
        tsr_op_bias_forward(one, c->in[NN_SECOND].data + (size_t)i * c->y.s.c, NN_LINEAR);
}

static void broadcast_back(const nn_call *c) {
    nn_tensor one = {c->dy.data, c->dy.s};
    one.s.n = 1;
    if (c->dx[NN_SECOND] && !c->add[NN_SECOND])
        memset(c->dx[NN_SECOND], 0, (size_t)c->dy.s.n * c->dy.s.c * sizeof(float));
    for (uint32_t i = 0; i < c->dy.s.n && c->dx[NN_SECOND]; i++, one.data += nn_picture(one.s))
        tsr_op_bias_backward(NULL, one, NN_LINEAR, c->dx[NN_SECOND] + (size_t)i * c->dy.s.c);
    pass_on(c, NN_X);
}

static void scale(const nn_call *c) {
    memset(c->y.data, 0, nn_count(c->y.s) * sizeof(float));
    tsr_op_axpy(c->y.data, c->in[NN_X].data, nn_count(c->y.s), c->node->factor);
}

static void scale_back(const nn_call *c) {
    size_t n = nn_count(c->dy.s);
    if (!c->dx[NN_X]) return;
    if (!c->add[NN_X]) memset(c->dx[NN_X], 0, n * sizeof(float));
    tsr_op_axpy(c->dx[NN_X], c->dy.data, n, c->node->factor);
}

static void detach(const nn_call *c) {
    memcpy(c->y.data, c->in[NN_X].data, nn_count(c->y.s) * sizeof(float));
}

static void nothing(const nn_call *c) {
    (void)c;
}

/* ---------------------------------------------------------------- channels */

static void concat(const nn_call *c) {
    size_t na = nn_picture(c->in[NN_X].s), nb = nn_picture(c->in[NN_SECOND].s);
    for (uint32_t i = 0; i < c->y.s.n; i++) {
        float *y = c->y.data + i * (na + nb);
        memcpy(y, c->in[NN_X].data + i * na, na * sizeof *y);
        memcpy(y + na, c->in[NN_SECOND].data + i * nb, nb * sizeof *y);
    }
}

static void concat_back(const nn_call *c) {
    size_t na = nn_picture(c->in[NN_X].s), nb = nn_picture(c->in[NN_SECOND].s);
    for (uint32_t i = 0; i < c->dy.s.n; i++) {
        const float *dy = c->dy.data + i * (na + nb);
        if (c->dx[NN_X]) set_or_add(c->dx[NN_X] + i * na, dy, na, c->add[NN_X]);
        if (c->dx[NN_SECOND]) set_or_add(c->dx[NN_SECOND] + i * nb, dy + na, nb, c->add[NN_SECOND]);
    }
}

static void slice(const nn_call *c) {
    size_t n = nn_picture(c->y.s), from = c->node->arg * nn_plane(c->in[NN_X].s);
    for (uint32_t i = 0; i < c->y.s.n; i++)
        memcpy(c->y.data + i * n, c->in[NN_X].data + i * nn_picture(c->in[NN_X].s) + from,
               n * sizeof(float));
}

static void slice_back(const nn_call *c) {
    size_t n = nn_picture(c->dy.s), from = c->node->arg * nn_plane(c->in[NN_X].s);
    if (!c->dx[NN_X]) return;
    if (!c->add[NN_X]) memset(c->dx[NN_X], 0, nn_count(c->in[NN_X].s) * sizeof(float));
    for (uint32_t i = 0; i < c->dy.s.n; i++)
        tsr_op_add(c->dx[NN_X] + i * nn_picture(c->in[NN_X].s) + from, c->dy.data + i * n, n);
}

/* ---------------------------------------------------------------- grids */

static void space_to_depth(const nn_call *c) {
    tsr_op_space_to_depth(c->in[NN_X], c->node->arg, c->y.data, 0);
}

static void space_to_depth_back(const nn_call *c) {
    if (c->dx[NN_X]) tsr_op_depth_to_space(c->dy, c->node->arg, c->dx[NN_X], c->add[NN_X]);
}

static void depth_to_space(const nn_call *c) {
    tsr_op_depth_to_space(c->in[NN_X], c->node->arg, c->y.data, 0);
}

static void depth_to_space_back(const nn_call *c) {
    if (c->dx[NN_X]) tsr_op_space_to_depth(c->dy, c->node->arg, c->dx[NN_X], c->add[NN_X]);
}

static void average2(const nn_call *c) {
    tsr_op_average2_forward(c->in[NN_X], c->y.data);
}

static void average2_back(const nn_call *c) {
    if (c->dx[NN_X]) tsr_op_average2_backward(c->dy, c->dx[NN_X], c->add[NN_X]);
}

static void wavelet(const nn_call *c) {
    tsr_op_wavelet_forward(c->in[NN_X], c->y.data, c->work);
}

static void wavelet_back(const nn_call *c) {
    if (c->dx[NN_X]) tsr_op_wavelet_forward_adjoint(c->dy, c->dx[NN_X], c->add[NN_X], c->work);
}

static void wavelet_inverse(const nn_call *c) {
    tsr_op_wavelet_inverse(c->in[NN_X], c->y.data, c->work);
}

static void wavelet_inverse_back(const nn_call *c) {
    if (c->dx[NN_X]) tsr_op_wavelet_inverse_adjoint(c->dy, c->dx[NN_X], c->add[NN_X], c->work);
}

static size_t wavelet_work(const nn_node *n, nn_shape a) {
    nn_shape large = a;
    if (n->kind == NODE_WAVELET_INVERSE) large = (nn_shape){a.n, n->c, 2 * a.h, 2 * a.w};
    return tsr_op_wavelet_work(large);
}

static double wavelet_macs(const nn_node *n, nn_shape a) {
    return 9.0 * (n->kind == NODE_WAVELET ? a.c : n->c);
}

static const nn_layer_kind kinds[NODE_KINDS] = {
    [NODE_INPUT] = {"input", nothing, nothing, NULL, NULL},
    [NODE_FOLDED] = {"folded", nothing, nothing, NULL, NULL},
    [NODE_POINTWISE] = {"pointwise", pointwise, pointwise_back, NULL, pointwise_macs},
    [NODE_CONV] = {"conv", conv, conv_back, conv_work, conv_macs},
    [NODE_DEPTHWISE] = {"depthwise", depthwise, depthwise_back, depthwise_work, depthwise_macs},
    [NODE_TRANSPOSED] = {"transposed", transposed, transposed_back, transposed_work, conv_macs},
    [NODE_BATCH_NORM] = {"batch norm", batch_norm, batch_norm_back, NULL, NULL},
    [NODE_BIAS] = {"bias", bias, bias_back, NULL, NULL},
    [NODE_ADD] = {"add", add, add_back, NULL, NULL},
    [NODE_BROADCAST] = {"condition", broadcast, broadcast_back, NULL, NULL},
    [NODE_CONCAT] = {"concat", concat, concat_back, NULL, NULL},
    [NODE_SLICE] = {"slice", slice, slice_back, NULL, NULL},
    [NODE_SCALE] = {"scale", scale, scale_back, NULL, NULL},
    [NODE_DETACH] = {"detach", detach, nothing, NULL, NULL},
    [NODE_SPACE_TO_DEPTH] = {"space to depth", space_to_depth, space_to_depth_back, NULL, NULL},
    [NODE_DEPTH_TO_SPACE] = {"depth to space", depth_to_space, depth_to_space_back, NULL, NULL},
    [NODE_AVERAGE2] = {"average", average2, average2_back, NULL, NULL},
    [NODE_WAVELET] = {"wavelet", wavelet, wavelet_back, wavelet_work, wavelet_macs},
    [NODE_WAVELET_INVERSE] = {"inverse wavelet", wavelet_inverse, wavelet_inverse_back,
                              wavelet_work, wavelet_macs},
};

const nn_layer_kind *tsr_nn_layer(uint32_t kind) {
    return &kinds[kind];
}
