/* nn_net.h - networks declared in a few lines.
 *
 * A net is a list of values, each made from earlier ones by a layer:
 *
 *     nn_net *net = tsr_nn_net_new("post");
 *     nn_id x = tsr_nn_input(net, "x", 3, 1, NN_NO_GRAD);
 *     nn_id step = tsr_nn_input(net, "step", 3, 0, NN_NO_GRAD);    // l, l^2, 1
 *     nn_id h = tsr_nn_space_to_depth(net, x, 2);
 *     h = tsr_nn_pointwise(net, "in", h, 32, (nn_opt){0});
 *     h = tsr_nn_condition(net, "cond", h, step);
 *     for (int i = 0; i < 4; i++) h = tsr_nn_ds_block(net, name[i], h, 3, (nn_opt){.act =
 * NN_RELU}); h = tsr_nn_pointwise(net, "out", h, 12, (nn_opt){.init = NN_INIT_ZERO});
 *     tsr_nn_output(net, tsr_nn_add(net, x, tsr_nn_depth_to_space(net, h, 2)));
 *     status = tsr_nn_net_finish(net, store, &diag);
 *
 * Forward, backward, memory, parameters, MAC per pixel, initial values, save and load follow from
 * that. A mistake (unequal channels, an id < 0) makes the layer return -1 and net_finish fail with
 * the text of the first one, so that a declaration needs no checks of its own.
 *
 * Sizes: each value has a number of channels and a `down`: it has h / down rows and w / down
 * columns, where h x w is the base grid a run is made for. down == 0: one vector per sample, 1 x 1.
 *
 * A finished net is immutable and shared by all threads; what changes is in an nn_run, one for each
 * worker.
 */
#ifndef NN_NET_H
#define NN_NET_H

#include "nn_ops.h"
#include "nn_store.h"

typedef int32_t nn_id; /* a value of a net; negative: the declaration failed */
typedef struct nn_net nn_net;

/* name: prefix of the tensors in the store, "name/layer.w". NULL: no memory. */
nn_net *tsr_nn_net_new(const char *name);
void tsr_nn_net_free(nn_net *net);

enum {                /* flags of tsr_nn_input */
       NN_NO_GRAD = 1 /* backward does not compute the gradient of this input */
};

/* Options of layers with weights; zeros are the usual case. */
typedef struct nn_opt {
    uint32_t act;    /* NN_LINEAR, NN_RELU, NN_LEAKY: applied to the result */
    uint32_t init;   /* NN_INIT_HE (default), NN_INIT_ZERO, NN_INIT_UNIT */
    uint32_t pad;    /* NN_PAD_ZERO (default), NN_PAD_REFLECT */
    uint32_t stride; /* 0 and 1: none */
    int no_bias;
} nn_opt;

nn_id tsr_nn_input(nn_net *net, const char *name, uint32_t channels, uint32_t down, uint32_t flags);

/* Marks a value whose gradient the caller supplies to backward. At least one per net. */
nn_id tsr_nn_output(nn_net *net, nn_id x);

/* Layers with weights. `layer` names the tensors. Kernels are k x k, "same" padding. */
nn_id tsr_nn_pointwise(nn_net *net, const char *layer, nn_id x, uint32_t channels, nn_opt o);
nn_id tsr_nn_conv(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k, nn_opt o);
nn_id tsr_nn_depthwise(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o);
/* Result at stride times the size. */
nn_id tsr_nn_transposed(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k,
                        nn_opt o);
/* Only taps before the present position in raster order; self: the present one, too. */
nn_id tsr_nn_causal(nn_net *net, const char *layer, nn_id x, uint32_t channels, uint32_t k,
                    int self, nn_opt o);
nn_id tsr_nn_causal_depthwise(nn_net *net, const char *layer, nn_id x, uint32_t k, int self,
                              nn_opt o);
nn_id tsr_nn_linear(nn_net *net, const char *layer, nn_id x, uint32_t features, nn_opt o);
nn_id tsr_nn_batch_norm(nn_net *net, const char *layer, nn_id x);
nn_id tsr_nn_bias(nn_net *net, const char *layer, nn_id x);

/* Blocks. */
/* x + PW(act(PW(DW x))), last PW zero-initialised: starts as the identity. Default act: relu. */
nn_id tsr_nn_ds_block(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o);
/* x + conv(relu(conv x)), k x k, last one zero-initialised. */
nn_id tsr_nn_residual(nn_net *net, const char *layer, nn_id x, uint32_t k, nn_opt o);
/* x + linear(vector), the same for all pixels: biases that depend on a condition. Zero-initialised.
 */
nn_id tsr_nn_condition(nn_net *net, const char *layer, nn_id x, nn_id vector);

/* Layers without weights. */
nn_id tsr_nn_activation(nn_net *net, nn_id x, uint32_t act);
nn_id tsr_nn_add(nn_net *net, nn_id a, nn_id b); /* b may have down == 0: added to all pixels */
nn_id tsr_nn_concat(nn_net *net, nn_id a, nn_id b);
nn_id tsr_nn_slice(nn_net *net, nn_id x, uint32_t first, uint32_t channels);
nn_id tsr_nn_scale(nn_net *net, nn_id x, float factor);
nn_id tsr_nn_detach(nn_net *net, nn_id x); /* the value without its gradient */
nn_id tsr_nn_space_to_depth(nn_net *net, nn_id x, uint32_t b);
nn_id tsr_nn_depth_to_space(nn_net *net, nn_id x, uint32_t b);
nn_id tsr_nn_average2(nn_net *net, nn_id x);
nn_id tsr_nn_wavelet(nn_net *net, nn_id x, int inverse);

/* Allocates the parameters in the store (initialised there). Errors: those of the declaration, with
 * the text of the first one: ARGUMENT (a mistake), LIMIT (more than 4096 values), MEMORY; ARGUMENT
 * (no output; finished twice; tsr_nn_net_align() would be above 4096); those of tsr_nn_store_add().
 */
tsr_status tsr_nn_net_finish(nn_net *net, nn_store *store, tsr_diag *d) TSR_MUST_CHECK;

size_t tsr_nn_net_parameters(const nn_net *net);
/* Multiply-adds of the forward pass for one sample of the base grid. */
double tsr_nn_net_macs(const nn_net *net);
/* The base grid must be a multiple of this: the least common multiple of all downs, at most 4096.
 */
uint32_t tsr_nn_net_align(const nn_net *net);
uint32_t tsr_nn_net_channels(const nn_net *net, nn_id x);
uint32_t tsr_nn_net_down(const nn_net *net, nn_id x);
/* One line for each layer: name, shape, parameters, MAC per base pixel. free() the text; NULL: no
 * memory. */
char *tsr_nn_net_describe(const nn_net *net);

/* ---------------------------------------------------------------- running */

typedef struct nn_run nn_run;

/* Memory for n samples of h x w (multiples of align). training: backward will be called, batch norm
 * uses the batch. Not for two threads at once. Errors: ARGUMENT, LIMIT, MEMORY. */
tsr_status tsr_nn_run_new(nn_run **r, const nn_net *net, uint32_t n, uint32_t h, uint32_t w,
                          int training, tsr_diag *d) TSR_MUST_CHECK;
void tsr_nn_run_free(nn_run *r);

/* The tensor of a value: write inputs before forward, read outputs after it. Other values may have
 * become part of a later layer (data NULL) or, without training, have been overwritten. */
nn_tensor tsr_nn_run_value(nn_run *r, nn_id x);

/* The gradient of an output (write it, all of it, before backward) or of an input (valid after
 * backward, unless NN_NO_GRAD). */
nn_tensor tsr_nn_run_grad(nn_run *r, nn_id x);

/* params: tsr_nn_store_read(). */
void tsr_nn_forward(nn_run *r, const float *params);

/* After forward with the same params. ADDS to grad (store-sized, same offsets); NULL: only the
 * gradients of the inputs are computed. */
void tsr_nn_backward(nn_run *r, const float *params, float *grad);

/* Batch norm: moves the running statistics in the store towards those of the last forward of this
 * run. Call it for the runs in a fixed order; momentum: weight of the new ones, 0.1. */
void tsr_nn_run_statistics(const nn_run *r, float *params, float momentum);

#endif
