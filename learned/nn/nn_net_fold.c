/* nn_net_fold.c - sums, conditions and activations become part of the layer that feeds them.
 *
 * A value that only one layer reads need not be written: the layer with weights that makes it moves
 * to the place of its reader, with the reader's other operand as its own. Each fold saves a pass
 * over memory in both directions.
 */
#include "nn_net_internal.h"

static int is_weighted(uint32_t kind) {
    return kind == NODE_POINTWISE || kind == NODE_CONV || kind == NODE_DEPTHWISE ||
           kind == NODE_TRANSPOSED;
}

static uint32_t count_readers(const nn_net *net, nn_id x) {
    uint32_t n = 0;
    for (uint32_t i = (uint32_t)x + 1; i < net->n; i++)
        for (uint32_t o = 0; o < NN_OPERANDS; o++) n += net->node[i].in[o] == x;
    return n;
}

/* A layer with weights whose value nobody else reads, before its activation. */
static int foldable(const nn_net *net, nn_id x) {
    if (x < 0) return 0;
    const nn_node *node = &net->node[x];
    return is_weighted(node->kind) && node->opt.act == NN_LINEAR && !node->output &&
           count_readers(net, x) == 1;
}

/* Moves layer x to value i, which gets operand `other` in the place `operand`. */
static void fold(nn_net *net, nn_id x, uint32_t i, uint32_t operand, nn_id other, uint32_t act) {
    nn_node moved = net->node[x];
    if (operand < NN_OPERANDS) moved.in[operand] = other;
    moved.opt.act = act;
    moved.output = net->node[i].output;
    net->node[i] = moved;
    net->node[x] =
        (nn_node){.kind = NODE_FOLDED, .in = {-1, -1, -1}, .c = moved.c, .down = moved.down};
}

static void fold_sum(nn_net *net, uint32_t i) {
    const nn_node *sum = &net->node[i];
    for (uint32_t o = NN_X; o <= NN_SECOND; o++) {
        nn_id x = sum->in[o], other = sum->in[1 - o];
        if (x == other || !foldable(net, x)) continue;
        const nn_node *layer = &net->node[x];
        if (layer->kind != NODE_POINTWISE || layer->in[NN_SECOND] >= 0) continue;
        fold(net, x, i, NN_SECOND, other, NN_LINEAR);
        return;
    }
}

void tsr_nn_net_fold(nn_net *net) {
    for (uint32_t i = 0; i < net->n; i++) {
        const nn_node *node = &net->node[i];
        nn_id x = node->in[NN_X];
        if (node->kind == NODE_ADD)
            fold_sum(net, i);
        else if (node->kind == NODE_BROADCAST && foldable(net, x) &&
                 net->node[x].in[NN_CONDITION] < 0)
            fold(net, x, i, NN_CONDITION, node->in[NN_SECOND], NN_LINEAR);
        else if (node->kind == NODE_BIAS && !node->layer[0] && foldable(net, x))
            fold(net, x, i, NN_OPERANDS, -1, node->opt.act);
    }
}
