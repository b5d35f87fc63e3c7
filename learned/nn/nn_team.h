/* nn_team.h - threads that share the samples of a batch, and the sum of their gradients.
 *
 * A batch is cut into `slots` equal runs of samples. Each slot has a gradient of its own, its
 * samples are taken in order, and slots are summed in order: losses and gradients are the same bits
 * for every number of threads. Ranks (MPI) are joined by an all-reduce that the caller supplies.
 */
#ifndef NN_TEAM_H
#define NN_TEAM_H

#include "nn_tensor.h"

typedef struct nn_team nn_team;

/* threads >= 1, the caller included. NULL: no memory or no thread. */
nn_team *tsr_nn_team_new(uint32_t threads);

/* A team on somebody else's pool: run(host, n, fn, arg) calls fn(arg, i, worker) for i = 0 .. n-1
 * on workers 0 .. threads-1 and returns when all are done. */
typedef void (*nn_job_fn)(void *arg, uint32_t i, uint32_t worker);
typedef void (*nn_run_fn)(void *host, uint32_t n, nn_job_fn fn, void *arg);
nn_team *tsr_nn_team_borrow(uint32_t threads, nn_run_fn run, void *host);

void tsr_nn_team_free(nn_team *t);
uint32_t tsr_nn_team_threads(const nn_team *t);

/* fn(arg, i, worker) for i = 0 .. n-1 in any order on all threads; not from inside a job. */
void tsr_nn_team_run(nn_team *t, uint32_t n, nn_job_fn fn, void *arg);

/* Computes samples first .. first + n - 1 of the batch (n == 1 unless `together`), ADDS their
 * gradient to grad (store-sized, never shared with another call) and returns their loss. `worker` <
 * threads selects the nn_run and other buffers to use. */
typedef double (*nn_sample_fn)(void *arg, uint32_t first, uint32_t n, uint32_t worker, float *grad);

/* Sums data[0 .. n-1] over all ranks in place, in an order that is the same in every run. */
typedef tsr_status (*nn_allreduce_fn)(void *arg, float *data, size_t n);

typedef struct nn_batch {
    nn_team *team;
    uint32_t samples;  /* in this rank's batch */
    uint32_t slots;    /* 1 .. 16, at most samples; 0: as many as that allows */
    uint32_t together; /* 1: fn gets all samples of a slot at once (batch norm), else one by one */
    nn_sample_fn fn;
    void *arg;
    nn_allreduce_fn allreduce; /* NULL: a single rank */
    void *allreduce_arg;
} nn_batch;

/* Gradients of the slots. size: floats, tsr_nn_store_size(). NULL: no memory. */
typedef struct nn_grads nn_grads;
nn_grads *tsr_nn_grads_new(size_t size);
void tsr_nn_grads_free(nn_grads *g);

/* Runs the batch. *grad points to the sum of all gradients (valid until the next call), *loss is
 * the sum of all losses, over all ranks. Errors: MEMORY, or what allreduce returns. */
tsr_status tsr_nn_batch_run(const nn_batch *b, nn_grads *g, float **grad, double *loss,
                            tsr_diag *d) TSR_MUST_CHECK;

#endif
