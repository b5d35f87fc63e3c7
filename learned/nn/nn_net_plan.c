/* nn_net_plan.c - the memory of a run: where values and gradients lie.
 *
 * Forward and backward are simulated; each buffer takes the first gap between those alive at that
 * time. A gradient is alive from the last reader of its value to the value's own layer. Sums pass
 * their gradient on to an operand without a copy when that is the first one to arrive there.
 */
#include <stdlib.h>
#include <string.h>

#include "nn_net_internal.h"

enum { PLACE = 16 }; /* floats */

/* Buffers alive, sorted by place. */
typedef struct block {
    size_t at, size;
} block;

typedef struct planner {
    const nn_net *net;
    nn_plan *plan;
    block *alive; /* room for 3 a node */
    uint32_t n_alive;
    int training;
} planner;

static size_t take(planner *pl, size_t size) {
    size = (size + PLACE - 1) / PLACE * PLACE;
    size_t at = 0;
    uint32_t i = 0;
    for (; i < pl->n_alive && pl->alive[i].at - at < size; i++)
        at = pl->alive[i].at + pl->alive[i].size;
    memmove(pl->alive + i + 1, pl->alive + i, (pl->n_alive - i) * sizeof *pl->alive);
    pl->alive[i] = (block){at, size};
    pl->n_alive++;
    if (at + size > pl->plan->total) pl->plan->total = at + size;
    return at;
}

static void release(planner *pl, size_t at) {
    for (uint32_t i = 0; i < pl->n_alive; i++)
        if (pl->alive[i].at == at) {
            pl->n_alive--;
            memmove(pl->alive + i, pl->alive + i + 1, (pl->n_alive - i) * sizeof *pl->alive);
            return;
        }
}

/* ---------------------------------------------------------------- forward */

static int reads(const nn_node *node, nn_id x) {
    for (uint32_t o = 0; o < NN_OPERANDS; o++)
        if (node->in[o] == x) return 1;
    return 0;
}

static uint32_t last_reader(const nn_net *net, uint32_t x) {
    for (uint32_t i = net->n; i-- > x + 1;)
        if (reads(&net->node[i], (nn_id)x)) return i;
    return x;
}

static int keeps_value(const planner *pl, uint32_t x) {
    const nn_node *node = &pl->net->node[x];
    return pl->training || node->kind == NODE_INPUT || node->output;
}

/* Inputs first: they are written before anything is computed. */
static void place_inputs(planner *pl) {
    for (uint32_t i = 0; i < pl->net->n; i++)
        if (pl->net->node[i].kind == NODE_INPUT)
            pl->plan->place[i].value = take(pl, nn_count(pl->plan->place[i].shape));
}

static void place_values(planner *pl) {
    place_inputs(pl);
    for (uint32_t i = 0; i < pl->net->n; i++) {
        const nn_node *node = &pl->net->node[i];
        nn_place *p = &pl->plan->place[i];
        if (node->kind == NODE_FOLDED) continue;
        if (node->kind != NODE_INPUT) p->value = take(pl, nn_count(p->shape));
        if (node->kind == NODE_BATCH_NORM) p->stats = take(pl, 4 * (size_t)node->c);
        for (uint32_t o = 0; o < i; o++)
            if (reads(node, (nn_id)o) && !keeps_value(pl, o) && last_reader(pl->net, o) == i)
                release(pl, pl->plan->place[o].value);
        if (last_reader(pl->net, i) == i && !keeps_value(pl, i)) release(pl, p->value);
    }
}

/* ---------------------------------------------------------------- backward */

/* Whether the gradient of an operand is dy itself. */
static int passes(const nn_node *x, uint32_t operand) {
    if (operand == NN_X) return x->kind == NODE_ADD || x->kind == NODE_BROADCAST;
    return operand == NN_SECOND && x->kind == NODE_POINTWISE;
}

/* Decides where the gradient of an operand of node i goes: added, in the buffer of dy, or in a new
 * one. Returns 1 when the buffer of dy has gone to the operand. */
static int place_operand(planner *pl, uint32_t i, uint32_t operand, int may_take) {
    const nn_node *x = &pl->net->node[i];
    nn_id o = x->in[operand];
    if (o < 0 || !pl->net->node[o].needs) return 0;
    nn_place *p = &pl->plan->place[i], *to = &pl->plan->place[o];
    if (to->grad != NN_NO_OFFSET) {
        p->add[operand] = 1;
        return 0;
    }
    int taken = may_take && passes(x, operand);
    to->grad = taken ? p->grad : take(pl, nn_count(to->shape));
    return taken;
}

static void place_node_gradients(planner *pl, uint32_t i) {
    const nn_node *x = &pl->net->node[i];
    nn_place *p = &pl->plan->place[i];
    p->skip = !x->needs || p->grad == NN_NO_OFFSET;
    if (p->skip || x->kind == NODE_INPUT) return;
    /* The buffer that an operand takes over must not be written for another operand. */
    int gone = 0, may_take = !x->output && x->in[NN_X] != x->in[NN_SECOND];
    for (uint32_t o = 0; o < NN_OPERANDS; o++) gone |= place_operand(pl, i, o, may_take);
    if (!gone && !x->output) release(pl, p->grad);
}

static void place_gradients(planner *pl) {
    const nn_net *net = pl->net;
    for (uint32_t i = 0; i < net->n; i++)
        if (net->node[i].output)
            pl->plan->place[i].grad = take(pl, nn_count(pl->plan->place[i].shape));
    for (uint32_t i = net->n; i-- > 0;) place_node_gradients(pl, i);
}

/* ---------------------------------------------------------------- all */

static tsr_status set_shapes(planner *pl, uint32_t n, uint32_t h, uint32_t w, tsr_diag *d) {
    const nn_net *net = pl->net;
    for (uint32_t i = 0; i < net->n; i++) {
        nn_place *p = &pl->plan->place[i];
        *p = (nn_place){.value = NN_NO_OFFSET,
                        .grad = NN_NO_OFFSET,
                        .stats = NN_NO_OFFSET,
                        .shape = tsr_nn_node_shape(&net->node[i], n, h, w)};
        tsr_status s = tsr_nn_shape_check(p->shape, net->name, d);
        if (s) return s;
    }
    return TSR_OK;
}

static void find_work(planner *pl) {
    const nn_net *net = pl->net;
    for (uint32_t i = 0; i < net->n; i++) {
        const nn_node *x = &net->node[i];
        const nn_layer_kind *k = tsr_nn_layer(x->kind);
        size_t size = x->in[NN_CONDITION] >= 0 ? x->c : 0; /* biases of a sample */
        if (k->work) size += k->work(x, pl->plan->place[x->in[NN_X]].shape);
        if (size > pl->plan->work) pl->plan->work = size;
    }
}

tsr_status tsr_nn_plan_make(nn_plan *p, const nn_net *net, uint32_t n, uint32_t h, uint32_t w,
                            int training, tsr_diag *d) {
    *p = (nn_plan){0};
    if (!net->finished || h == 0 || w == 0 || h % net->align || w % net->align)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "net %s: %u x %u is not a multiple of %u", net->name, w, h, net->align);
    planner pl = {.net = net, .plan = p, .training = training};
    p->place = calloc(net->n, sizeof *p->place);
    pl.alive = calloc(3 * (size_t)net->n, sizeof *pl.alive);
    tsr_status s = TSR_OK;
    if (!p->place || !pl.alive)
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "net %s: no memory", net->name);
    if (!s) s = set_shapes(&pl, n, h, w, d);
    if (!s) {
        place_values(&pl);
        if (training) place_gradients(&pl);
        find_work(&pl);
    }
    free(pl.alive);
    if (s) tsr_nn_plan_free(p);
    return s;
}

void tsr_nn_plan_free(nn_plan *p) {
    free(p->place);
    *p = (nn_plan){0};
}
