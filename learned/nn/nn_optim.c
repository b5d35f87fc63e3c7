/* nn_optim.c - optimizers, each one loop over the parameters.
 *
 * Momentum: Polyak 1964; RMSprop: Tieleman and Hinton 2012; Adam: Kingma and Ba 2015, algorithm 1;
 * decoupled weight decay and the cosine schedule: Loshchilov and Hutter 2019 and 2017.
 */
#include "nn_optim.h"

#include <math.h>
#include <stdlib.h>

const char *const tsr_nn_optimizer_names[] = {"sgd", "momentum", "rmsprop", "adam", NULL};
const char *const tsr_nn_schedule_names[] = {"constant", "cosine", "linear", NULL};

enum { MAX_MOMENTS = 2 };

struct nn_optim {
    nn_optim_options o;
    size_t size;
    uint32_t moments;
    float *moment[MAX_MOMENTS];
    uint64_t steps;
};

nn_optim_options tsr_nn_optim_defaults(uint32_t kind) {
    return (nn_optim_options){.kind = kind,
                              .rate = kind <= NN_MOMENTUM ? 1e-2f : 1e-3f,
                              .momentum = 0.9f,
                              .beta1 = 0.9f,
                              .beta2 = 0.999f,
                              .epsilon = 1e-8f,
                              .schedule = NN_SCHEDULE_CONSTANT,
                              .last = 0.02f};
}

static int in_range(float v, float low, float high) {
    return v >= low && v <= high;
}

static const char *fault(const nn_optim_options *o) {
    if (o->kind >= NN_OPTIMIZERS) return "unknown optimizer";
    if (o->schedule >= NN_SCHEDULES) return "unknown schedule";
    if (!in_range(o->rate, 0, 1e6f)) return "learning rate outside 0 .. 1e6";
    if (!in_range(o->momentum, 0, 0.99999f)) return "momentum outside 0 .. 0.99999";
    if (!in_range(o->beta1, 0, 0.99999f)) return "beta1 outside 0 .. 0.99999";
    if (!in_range(o->beta2, 0, 0.9999999f)) return "beta2 outside 0 .. 0.9999999";
    if (!in_range(o->epsilon, 1e-30f, 1)) return "epsilon outside 1e-30 .. 1";
    if (!in_range(o->decay, 0, 1e6f)) return "weight decay outside 0 .. 1e6";
    if (!in_range(o->clip, 0, 1e30f)) return "clipping norm outside 0 .. 1e30";
    if (!in_range(o->last, 0, 1)) return "last rate outside 0 .. 1";
    return NULL;
}

tsr_status tsr_nn_optim_new(nn_optim **out, const nn_optim_options *options, const nn_store *s,
                            tsr_diag *d) {
    *out = NULL;
    const char *why = fault(options);
    if (why) return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "optimizer: %s", why);
    nn_optim *o = calloc(1, sizeof *o);
    int ok = o != NULL;
    if (ok) {
        *o = (nn_optim){.o = *options, .size = tsr_nn_store_size(s)};
        o->moments = options->kind == NN_SGD ? 0 : options->kind == NN_ADAM ? 2 : 1;
    }
    for (uint32_t i = 0; ok && i < o->moments; i++)
        ok = (o->moment[i] = tsr_nn_alloc(o->size)) != NULL;
    if (!ok) {
        tsr_nn_optim_free(o);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "optimizer: no memory");
    }
    *out = o;
    return TSR_OK;
}

void tsr_nn_optim_free(nn_optim *o) {
    if (!o) return;
    for (uint32_t i = 0; i < MAX_MOMENTS; i++) free(o->moment[i]);
    free(o);
}

nn_optim_options *tsr_nn_optim_options(nn_optim *o) {
    return &o->o;
}
uint32_t tsr_nn_optim_moments(const nn_optim *o) {
    return o->moments;
}
float *tsr_nn_optim_moment(nn_optim *o, uint32_t i) {
    return i < o->moments ? o->moment[i] : NULL;
}
uint64_t tsr_nn_optim_steps(const nn_optim *o) {
    return o->steps;
}
void tsr_nn_optim_set_steps(nn_optim *o, uint64_t steps) {
    o->steps = steps;
}

/* ---------------------------------------------------------------- rates */

static double schedule_factor(const nn_optim_options *o, double fraction) {
    double t = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    if (o->schedule == NN_SCHEDULE_COSINE)
        return o->last + (1 - o->last) * 0.5 * (1 + cos(3.141592653589793 * t));
    if (o->schedule == NN_SCHEDULE_LINEAR) return 1 + (o->last - 1) * t;
    return 1;
}

static double warm_up(const nn_optim_options *o, uint64_t step) {
    return step < o->warmup ? (double)(step + 1) / (double)o->warmup : 1;
}

float tsr_nn_optim_rate(const nn_optim_options *o, uint64_t step) {
    uint64_t after = step > o->warmup ? step - o->warmup : 0;
    uint64_t span = o->steps > o->warmup ? o->steps - o->warmup : 1;
    double fraction = (double)after / (double)span;
    return (float)(o->rate * warm_up(o, step) * schedule_factor(o, fraction));
}

/* ---------------------------------------------------------------- steps */

static int moves(const nn_entry *e) {
    return !(e->flags & (NN_FROZEN | NN_STATE));
}

static double gradient_norm(const nn_store *s, const float *grad) {
    double sum = 0;
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        if (!moves(e)) continue;
        for (size_t p = e->offset; p < e->offset + e->count; p++) sum += (double)grad[p] * grad[p];
    }
    return sqrt(sum);
}

static void scale_gradient(const nn_store *s, float *grad, float factor) {
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        for (size_t p = e->offset; moves(e) && p < e->offset + e->count; p++) grad[p] *= factor;
    }
}

static void step_adam(const nn_optim *o, float *restrict w, const float *restrict g,
                      float *restrict m, float *restrict v, size_t n, float rate) {
    double t = (double)(o->steps + 1);
    float b1 = o->o.beta1, b2 = o->o.beta2, epsilon = o->o.epsilon;
    float step = (float)(rate / (1 - pow(b1, t))), root = (float)(1 / sqrt(1 - pow(b2, t)));
    for (size_t i = 0; i < n; i++) {
        m[i] = b1 * m[i] + (1 - b1) * g[i];
        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
        w[i] -= step * m[i] / (sqrtf(v[i]) * root + epsilon);
    }
}

static void step_rmsprop(const nn_optim *o, float *restrict w, const float *restrict g,
                         float *restrict v, size_t n, float rate) {
    float b2 = o->o.beta2, epsilon = o->o.epsilon;
    for (size_t i = 0; i < n; i++) {
        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
        w[i] -= rate * g[i] / (sqrtf(v[i]) + epsilon);
    }
}

static void step_momentum(const nn_optim *o, float *restrict w, const float *restrict g,
                          float *restrict m, size_t n, float rate) {
    for (size_t i = 0; i < n; i++) {
        m[i] = o->o.momentum * m[i] + g[i];
        w[i] -= rate * m[i];
    }
}

static void step_entry(nn_optim *o, const nn_entry *e, float *values, const float *grad,
                       float rate) {
    float *w = values + e->offset;
    const float *g = grad + e->offset;
    float *m = o->moments > 0 ? o->moment[0] + e->offset : NULL;
    float *v = o->moments > 1 ? o->moment[1] + e->offset : NULL;
    rate *= e->rate;
    if (o->o.decay > 0 && !(e->flags & NN_NO_DECAY))
        for (size_t i = 0; i < e->count; i++) w[i] -= rate * o->o.decay * w[i];
    switch (o->o.kind) {
    case NN_ADAM:
        step_adam(o, w, g, m, v, e->count, rate);
        break;
    case NN_RMSPROP:
        step_rmsprop(o, w, g, m, e->count, rate);
        break;
    case NN_MOMENTUM:
        step_momentum(o, w, g, m, e->count, rate);
        break;
    default:
        for (size_t i = 0; i < e->count; i++) w[i] -= rate * g[i];
    }
}

static tsr_status take_step(nn_optim *o, nn_store *s, float *grad, float rate, nn_step *info,
                            tsr_diag *d) {
    double norm = gradient_norm(s, grad);
    nn_step made = {rate, norm, o->o.clip > 0 && norm > o->o.clip};
    if (info) *info = made;
    if (!isfinite(norm))
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "step %llu: the gradient is not finite", (unsigned long long)o->steps);
    if (made.clipped) scale_gradient(s, grad, (float)(o->o.clip / norm));
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        if (moves(e)) step_entry(o, e, tsr_nn_store_values(s), grad, rate);
    }
    o->steps++;
    return TSR_OK;
}

tsr_status tsr_nn_optim_step(nn_optim *o, nn_store *s, float *grad, nn_step *info, tsr_diag *d) {
    return take_step(o, s, grad, tsr_nn_optim_rate(&o->o, o->steps), info, d);
}

tsr_status tsr_nn_optim_step_at(nn_optim *o, nn_store *s, float *grad, double fraction,
                                nn_step *info, tsr_diag *d) {
    double rate = o->o.rate * warm_up(&o->o, o->steps) * schedule_factor(&o->o, fraction);
    return take_step(o, s, grad, (float)rate, info, d);
}
