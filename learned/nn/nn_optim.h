/* nn_optim.h - gradient descent: SGD, momentum, RMSprop, Adam; schedules, clipping, weight decay.
 *
 * Gradients are those of the mean (or whatever the caller minimises): nothing is divided here.
 */
#ifndef NN_OPTIM_H
#define NN_OPTIM_H

#include "nn_store.h"

enum { NN_SGD, NN_MOMENTUM, NN_RMSPROP, NN_ADAM, NN_OPTIMIZERS };
enum { NN_SCHEDULE_CONSTANT, NN_SCHEDULE_COSINE, NN_SCHEDULE_LINEAR, NN_SCHEDULES };

/* Names in that order, NULL-terminated: "sgd", "momentum", "rmsprop", "adam"; "constant", "cosine",
 * "linear". */
extern const char *const tsr_nn_optimizer_names[];
extern const char *const tsr_nn_schedule_names[];

typedef struct nn_optim_options {
    uint32_t kind;      /* NN_SGD .. NN_ADAM */
    float rate;         /* learning rate */
    float momentum;     /* MOMENTUM: 0.9 */
    float beta1, beta2; /* ADAM: 0.9, 0.999; RMSPROP: beta2 only */
    float epsilon;      /* added to the root: 1e-8 */
    float decay;        /* weight decay, decoupled: w -= rate * decay * w */
    float clip;         /* largest L2 norm of the whole gradient; 0: no limit */
    uint32_t schedule;  /* of the rate, after the warm-up */
    uint64_t warmup;    /* steps in which the rate grows linearly from 0 */
    uint64_t steps;     /* where COSINE and LINEAR end; afterwards the last rate stays */
    float last;         /* last rate / rate: 0.02 */
} nn_optim_options;

/* Usual values for a kind: rate 1e-2 (SGD), 1e-2, 1e-3, 1e-3; the ones named above; no decay, no
 * clipping, constant. */
nn_optim_options tsr_nn_optim_defaults(uint32_t kind);

typedef struct nn_optim nn_optim;

/* Moments for all tensors of the store, which must not grow afterwards. Errors: ARGUMENT (an option
 * out of range), MEMORY. */
tsr_status tsr_nn_optim_new(nn_optim **o, const nn_optim_options *options, const nn_store *s,
                            tsr_diag *d) TSR_MUST_CHECK;
void tsr_nn_optim_free(nn_optim *o);

/* Options may be changed between steps (kind excepted). */
nn_optim_options *tsr_nn_optim_options(nn_optim *o);

/* Rate of step number `step`, counted from 0. A schedule by time: set options.steps anew, or use
 * tsr_nn_optim_step_at. */
float tsr_nn_optim_rate(const nn_optim_options *o, uint64_t step);

typedef struct nn_step {
    float rate;  /* that was used */
    double norm; /* L2 norm of the gradient of all tensors that are not frozen, before clipping */
    int clipped;
} nn_step;

/* One step: changes the store's values; grad is scaled in place when clipped. When the norm is not
 * finite nothing changes and FORMAT is returned: the run diverges. info may be NULL. */
tsr_status tsr_nn_optim_step(nn_optim *o, nn_store *s, float *grad, nn_step *info,
                             tsr_diag *d) TSR_MUST_CHECK;

/* The same with the schedule's position given as a fraction 0..1 (for runs limited by time). */
tsr_status tsr_nn_optim_step_at(nn_optim *o, nn_store *s, float *grad, double fraction,
                                nn_step *info, tsr_diag *d) TSR_MUST_CHECK;

/* Checkpoints. Moment i < moments: store-sized arrays, saved with tsr_nn_store_save(); steps: done
 * so far. */
uint32_t tsr_nn_optim_moments(const nn_optim *o);
float *tsr_nn_optim_moment(nn_optim *o, uint32_t i);
uint64_t tsr_nn_optim_steps(const nn_optim *o);
void tsr_nn_optim_set_steps(nn_optim *o, uint64_t steps);

#endif
