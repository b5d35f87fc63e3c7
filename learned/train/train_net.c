/* train_net.c - declaration of the networks, and their weights in both forms. */
#include "train_net.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 40, BIASES = 3 };

/* ---- the declaration ---- */

/* A layer and the bias that depends on the step. */
static nn_id biased(train_net *t, const char *layer, nn_id x) {
    char name[NAME + 2];
    snprintf(name, sizeof name, "%s.c", layer);
    return tsr_nn_condition(t->net, name, x, t->l);
}

static nn_id pointwise(train_net *t, const char *layer, nn_id x, uint32_t out, uint32_t init) {
    nn_opt o = {.init = init, .no_bias = 1};
    return biased(t, layer, tsr_nn_pointwise(t->net, layer, x, out, o));
}

static nn_id depthwise(train_net *t, const char *layer, nn_id x) {
    nn_opt o = {.init = NN_INIT_UNIT, .no_bias = 1};
    return biased(t, layer, tsr_nn_depthwise(t->net, layer, x, 3, o));
}

static nn_id block(train_net *t, uint32_t i, nn_id h) {
    char name[NAME];
    uint32_t width = t->shape.width;
    snprintf(name, sizeof name, "b%u.dw", i);
    nn_id g = depthwise(t, name, h);
    if (t->shape.pointwise == 2) {
        snprintf(name, sizeof name, "b%u.pw1", i);
        g = pointwise(t, name, g, width, NN_INIT_HE);
    }
    g = tsr_nn_activation(t->net, g, NN_RELU);
    snprintf(name, sizeof name, t->shape.pointwise == 2 ? "b%u.pw2" : "b%u.pw", i);
    return tsr_nn_add(t->net, h, pointwise(t, name, g, width, NN_INIT_ZERO));
}

tsr_status tsr_train_net_build(train_net *t, const char *name, const tsr_vqvae_net *shape,
                               nn_store *store, int input_gradient, tsr_diag *d) {
    *t = (train_net){.name = name, .shape = *shape};
    t->shape.param = NULL;
    if (!tsr_vqvae_net_legal(shape))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "a network of %u channels and %u blocks is beyond the limits",
                            shape->width, shape->blocks);
    t->net = tsr_nn_net_new(name);
    if (!t->net) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a network");
    t->x = tsr_nn_input(t->net, "x", shape->channels, 1, input_gradient ? 0 : NN_NO_GRAD);
    t->l = tsr_nn_input(t->net, "l", BIASES, 0, NN_NO_GRAD);
    nn_id h = pointwise(t, "head", t->x, shape->width, NN_INIT_UNIT);
    for (uint32_t i = 0; i < shape->blocks; i++) h = block(t, i, h);
    t->y = tsr_nn_output(t->net, pointwise(t, "tail", h, shape->channels, NN_INIT_ZERO));
    return tsr_nn_net_finish(t->net, store, d);
}

void tsr_train_net_free(train_net *t) {
    tsr_nn_net_free(t->net);
    t->net = NULL;
}

/* ---- inputs ---- */

/* Low bands are hundreds of steps large, the others about one; l is -2 .. 3. Weights learn at the
 * same pace when their inputs are of one size; the factors become part of the weights in the end.
 */
static const float input_scale[] = {0.125f, 1, 1, 1};
static const float bias_scale[BIASES] = {1, 0.375f, 0.125f};

static void put_condition(const train_net *t, nn_run *r, float step) {
    float l = log2f(step / 32.0f), *v = tsr_nn_run_value(r, t->l).data;
    v[0] = bias_scale[0];
    v[1] = bias_scale[1] * l;
    v[2] = bias_scale[2] * l * l;
}

void tsr_train_net_feed(const train_net *t, nn_run *r, const float *u, float step) {
    nn_tensor x = tsr_nn_run_value(r, t->x);
    size_t plane = nn_plane(x.s);
    for (uint32_t c = 0; c < x.s.c; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++) x.data[i] = u[i] * input_scale[c / 3];
    put_condition(t, r, step);
}

void tsr_train_net_input(const train_net *t, nn_run *r, const train_tile *tile, const train_view *v,
                         float *error) {
    nn_tensor x = tsr_nn_run_value(r, t->x);
    size_t n = nn_count(x.s);
    float unit = 1.0f / tile->step;
    tsr_train_tile_view(tile, 1, v, x.data);
    tsr_train_tile_view(tile, 0, v, error);
    for (size_t i = 0; i < n; i++) {
        x.data[i] *= unit;
        error[i] = x.data[i] - unit * error[i];
    }
    tsr_train_net_feed(t, r, x.data, tile->step);
}

void tsr_train_net_gradient(const train_net *t, nn_run *r, float *g) {
    nn_tensor dx = tsr_nn_run_grad(r, t->x);
    size_t plane = nn_plane(dx.s);
    for (uint32_t c = 0; c < dx.s.c; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++)
            g[i] += dx.data[i] * input_scale[c / 3];
}

/* ---- both forms ---- */

/* The name that biased() and its callers gave layer i. */
static void layer_name(const tsr_vqvae_net *n, uint32_t i, char name[NAME]) {
    static const char *const one[] = {"dw", "pw"}, *const two[] = {"dw", "pw1", "pw2"};
    uint32_t each = 1 + n->pointwise;
    if (i == 0)
        snprintf(name, NAME, "head");
    else if (i + 1 == tsr_vqvae_net_layers(n))
        snprintf(name, NAME, "tail");
    else
        snprintf(name, NAME, "b%u.%s", (i - 1) / each,
                 n->pointwise == 2 ? two[(i - 1) % each] : one[(i - 1) % each]);
}

/* The place of a tensor of layer i among the values: ".w", or ".c.w": out x BIASES. */
static float *place(const train_net *t, const nn_store *store, float *values, uint32_t i,
                    const char *what) {
    char layer[NAME], name[NN_MAX_NAME];
    layer_name(&t->shape, i, layer);
    snprintf(name, sizeof name, "%s/%s%s", t->name, layer, what);
    /* The store is only searched. */
    const nn_entry *e = tsr_nn_store_find((nn_store *)store, name);
    assert(e);
    return values + e->offset;
}

/* Training has the bands orthonormal, the transform has them as its wavelet gives them: low bands
 * by 2, 1, 1 and 1/2 smaller. Multiplies what belongs to the bands' channels of the first layer
 * (columns) and of the last (rows), by powers of two. */
static void rescale(const tsr_vqvae_net *n, int to_wavelet) {
    static const float unit[] = {2, 1, 1, 0.5f};
    tsr_vqvae_layer head = tsr_vqvae_net_layer(n, 0);
    tsr_vqvae_layer tail = tsr_vqvae_net_layer(n, tsr_vqvae_net_layers(n) - 1);
    for (uint32_t c = 0; c < n->channels; c++) {
        float in = unit[c / 3] * input_scale[c / 3], out = 1 / unit[c / 3];
        if (!to_wavelet) {
            in = 1 / in;
            out = 1 / out;
        }
        for (uint32_t k = 0; k < head.out; k++) head.weight[k * head.in + c] *= in;
        for (uint32_t k = 0; k < tail.in; k++) tail.weight[c * tail.in + k] *= out;
        for (uint32_t k = 0; k < BIASES; k++) tail.bias[k * tail.out + c] *= out;
    }
}

void tsr_train_net_export(const train_net *t, const nn_store *store, const float *values,
                          const tsr_vqvae_net *to) {
    float *from = (float *)values; /* only read */
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(to); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(to, i);
        const float *bias = place(t, store, from, i, ".c.w");
        memcpy(l.weight, place(t, store, from, i, ".w"), l.n_weights * sizeof(float));
        for (uint32_t k = 0; k < l.out; k++)
            for (uint32_t j = 0; j < BIASES; j++)
                l.bias[j * l.out + k] = bias_scale[j] * bias[BIASES * k + j];
    }
    rescale(to, 1);
}

void tsr_train_net_import(const train_net *t, const nn_store *store, float *values,
                          const tsr_vqvae_net *from) {
    rescale(from, 0);
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(from); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(from, i);
        float *bias = place(t, store, values, i, ".c.w");
        memcpy(place(t, store, values, i, ".w"), l.weight, l.n_weights * sizeof(float));
        for (uint32_t k = 0; k < l.out; k++)
            for (uint32_t j = 0; j < BIASES; j++)
                bias[BIASES * k + j] = l.bias[j * l.out + k] / bias_scale[j];
    }
    rescale(from, 1);
}
