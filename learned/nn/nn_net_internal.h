/* nn_net_internal.h - what a net and a run consist of. */
#ifndef NN_NET_INTERNAL_H
#define NN_NET_INTERNAL_H

#include "nn_net.h"

enum {
    NODE_INPUT,
    NODE_FOLDED, /* part of a later layer: no value */
    NODE_POINTWISE,
    NODE_CONV,
    NODE_DEPTHWISE,
    NODE_TRANSPOSED,
    NODE_BATCH_NORM,
    NODE_BIAS, /* bias and activation, each may be absent */
    NODE_ADD,
    NODE_BROADCAST, /* operand 0 + vector operand 1 */
    NODE_CONCAT,
    NODE_SLICE,
    NODE_SCALE,
    NODE_DETACH,
    NODE_SPACE_TO_DEPTH,
    NODE_DEPTH_TO_SPACE,
    NODE_AVERAGE2,
    NODE_WAVELET,
    NODE_WAVELET_INVERSE,
    NODE_KINDS
};

#define NN_NO_OFFSET SIZE_MAX

/* Operands: what the layer works on; the second one of a sum or concatenation, or what is added to
 * a pointwise result; a vector that is added to all pixels of the result of a layer with weights.
 */
enum { NN_X, NN_SECOND, NN_CONDITION, NN_OPERANDS };

typedef struct nn_node {
    uint32_t kind;
    nn_id in[NN_OPERANDS]; /* -1: none */
    uint32_t c, down;      /* of the result */
    nn_conv conv;          /* with weights: also in, out of pointwise layers */
    nn_opt opt;
    uint32_t arg; /* block size, first channel */
    float factor;
    int needs;               /* its gradient leads to parameters or to an input that wants it */
    int output;              /* 1: marked */
    char layer[NN_MAX_NAME]; /* "" without weights */
    size_t w, bias;          /* offsets in the store or NN_NO_OFFSET; batch norm: gamma, beta */
    size_t mean, variance;   /* batch norm */
} nn_node;

struct nn_net {
    char name[NN_MAX_NAME];
    nn_node *node;
    uint32_t n, room;
    uint32_t align; /* least common multiple of all downs */
    int finished;
    tsr_status fault; /* of the first mistake in the declaration */
    char text[200];
    size_t parameters;
};

/* ---------------------------------------------------------------- layers */

/* Operands and results of one layer for one call. */
typedef struct nn_call {
    const nn_node *node;
    nn_tensor in[NN_OPERANDS], y; /* data NULL: none */
    const float *params;          /* the store's values */
    float *work;
    float *stats; /* batch norm: 4 c floats: mean, 1 / deviation; batch mean, batch variance */
    int training;
    /* Backward only. */
    nn_tensor dy;
    float *dx[NN_OPERANDS]; /* NULL: not wanted; dy.data: has its gradient already */
    int add[NN_OPERANDS];
    float *grad; /* store-sized or NULL */
} nn_call;

typedef struct nn_layer_kind {
    const char *name;
    void (*forward)(const nn_call *c);
    void (*backward)(const nn_call *c);
    size_t (*work)(const nn_node *n, nn_shape a); /* floats; NULL: none */
    /* Multiply-adds for each pixel of the finer one of operand and result; NULL: none. */
    double (*macs)(const nn_node *n, nn_shape a);
} nn_layer_kind;

const nn_layer_kind *tsr_nn_layer(uint32_t kind);

/* Makes sums, conditions and activations part of the layer before them. */
void tsr_nn_net_fold(nn_net *net);

/* ---------------------------------------------------------------- runs */

/* Where things of one node lie in the memory of a run, in floats; NN_NO_OFFSET: nowhere. */
typedef struct nn_place {
    size_t value, grad, stats;
    nn_shape shape;
    int skip;             /* backward does not come here */
    int add[NN_OPERANDS]; /* its gradient for that operand is not the first one */
} nn_place;

typedef struct nn_plan {
    nn_place *place; /* one for each node */
    size_t total, work;
} nn_plan;

/* Lays out a run. Without training values share memory once they are no longer read. */
tsr_status tsr_nn_plan_make(nn_plan *p, const nn_net *net, uint32_t n, uint32_t h, uint32_t w,
                            int training, tsr_diag *d) TSR_MUST_CHECK;
void tsr_nn_plan_free(nn_plan *p);

nn_shape tsr_nn_node_shape(const nn_node *node, uint32_t n, uint32_t h, uint32_t w);

#endif
