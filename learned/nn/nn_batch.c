/* nn_batch.c - a batch over the threads: gradients per slot, summed in the order of the slots. */
#include <stdlib.h>
#include <string.h>

#include "nn_team.h"

enum { MAX_SLOTS = 16, SUM_BLOCK = 1 << 14 };

struct nn_grads {
    size_t size;
    uint32_t slots;
    float *slot[MAX_SLOTS];
    double loss[MAX_SLOTS];
};

nn_grads *tsr_nn_grads_new(size_t size) {
    nn_grads *g = calloc(1, sizeof *g);
    if (g) g->size = size;
    return g;
}

void tsr_nn_grads_free(nn_grads *g) {
    if (!g) return;
    for (uint32_t i = 0; i < g->slots; i++) free(g->slot[i]);
    free(g);
}

static int provide_slots(nn_grads *g, uint32_t n) {
    while (g->slots < n) {
        g->slot[g->slots] = tsr_nn_alloc(g->size);
        if (!g->slot[g->slots]) return 0;
        g->slots++;
    }
    return 1;
}

typedef struct batch_job {
    const nn_batch *b;
    nn_grads *g;
    uint32_t slots;
} batch_job;

static void run_slot(void *arg, uint32_t i, uint32_t worker) {
    batch_job *j = arg;
    const nn_batch *b = j->b;
    float *grad = j->g->slot[i];
    uint32_t first = (uint32_t)((uint64_t)b->samples * i / j->slots);
    uint32_t end = (uint32_t)((uint64_t)b->samples * (i + 1) / j->slots);
    memset(grad, 0, j->g->size * sizeof *grad);
    double loss = 0;
    if (b->together)
        loss = b->fn(b->arg, first, end - first, worker, grad);
    else
        for (uint32_t s = first; s < end; s++) loss += b->fn(b->arg, s, 1, worker, grad);
    j->g->loss[i] = loss;
}

/* Adds the other slots to slot 0, one block of parameters. */
static void sum_block(void *arg, uint32_t i, uint32_t worker) {
    batch_job *j = arg;
    size_t from = (size_t)i * SUM_BLOCK, to = from + SUM_BLOCK;
    if (to > j->g->size) to = j->g->size;
    float *sum = j->g->slot[0];
    for (uint32_t s = 1; s < j->slots; s++) {
        const float *other = j->g->slot[s];
        for (size_t p = from; p < to; p++) sum[p] += other[p];
    }
    (void)worker;
}

/* The loss travels with the all-reduce as two floats: a float and what it left over. */
static tsr_status reduce_ranks(const nn_batch *b, nn_grads *g, double *loss) {
    float pair[2] = {(float)*loss, (float)(*loss - (double)(float)*loss)};
    tsr_status s = b->allreduce(b->allreduce_arg, g->slot[0], g->size);
    if (s) return s;
    s = b->allreduce(b->allreduce_arg, pair, 2);
    *loss = (double)pair[0] + pair[1];
    return s;
}

tsr_status tsr_nn_batch_run(const nn_batch *b, nn_grads *g, float **grad, double *loss,
                            tsr_diag *d) {
    uint32_t slots = b->slots ? b->slots : MAX_SLOTS;
    if (slots > b->samples) slots = b->samples;
    if (slots > MAX_SLOTS) slots = MAX_SLOTS;
    if (slots == 0)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "a batch without samples");
    if (!provide_slots(g, slots))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %u gradients", slots);
    batch_job j = {b, g, slots};
    tsr_nn_team_run(b->team, slots, run_slot, &j);
    tsr_nn_team_run(b->team, (uint32_t)((g->size + SUM_BLOCK - 1) / SUM_BLOCK), sum_block, &j);
    *loss = 0;
    for (uint32_t i = 0; i < slots; i++) *loss += g->loss[i];
    *grad = g->slot[0];
    if (!b->allreduce) return TSR_OK;
    tsr_status s = reduce_ranks(b, g, loss);
    return s ? tsr_diag_set(d, s, TSR_NO_OFFSET, "summing the gradients of all ranks failed") : s;
}
