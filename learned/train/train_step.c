/* train_step.c - one step of training: the gradient of a batch, and what it does to the weights.
 *
 * The decoder's network learns on frozen, truly quantized samples. With u the decoded and t the
 * original samples in units of the quantization step, a crop's loss is the mean of (u + D(u) - t)^2
 * times a weight (tsr_train_factor). The error of the bands is that of the picture but for the 9/7
 * filters being only nearly orthonormal; with pixel_loss it goes through the inverse lifting first.
 */
#include <math.h>

#include "train_session.h"

/* Squared error over step^2 a sample without a network: usual, and what is very little. */
static const double MEAN_ERROR = 0.025, LEAST_ERROR = 0.005;

/* Divergence: the loss is so many times that without a network, at once or over RECENT iterations.
 */
enum { RECENT = 32, EXPLODED_AT_ONCE = 1000, EXPLODED = 4 };

nn_rng tsr_train_sample_rng(const train_session *s, uint64_t number) {
    return tsr_nn_rng_stream(s->o->seed ^ 0x5eedc809u, number);
}

const train_tile *tsr_train_random_tile(const train_session *s, nn_rng *rng) {
    return tsr_train_window_tile(s->window,
                                 tsr_nn_rng_below(rng, tsr_train_window_size(s->window)));
}

/* factor * sum of squares of e, and its gradient (may be e). */
static double band_loss(nn_tensor e, float factor, float *gradient) {
    double sum = 0;
    size_t n = nn_count(e.s);
    for (size_t i = 0; i < n; i++) {
        sum += (double)e.data[i] * e.data[i];
        gradient[i] = 2 * factor * e.data[i];
    }
    return factor * sum;
}

/* The same of the pixels that the bands make. pixels, work: a crop each. */
static double pixel_loss(nn_tensor e, float factor, float *gradient, float *pixels, float *work) {
    nn_tensor p = {pixels, {1, e.s.c / 4, 2 * e.s.h, 2 * e.s.w}};
    tsr_op_wavelet_inverse(e, pixels, work);
    double loss = band_loss(p, factor, pixels);
    tsr_op_wavelet_inverse_adjoint(p, gradient, 0, work);
    return loss;
}

static uint32_t processes_of(const train_session *s) {
    return s->o->processes ? s->o->processes : 1;
}

/* Errors count relative to what they are without the network: PSNR is relative, too. In units of
 * the step alone, coarse steps and smooth pictures would count for little, most of their samples
 * being zero. The constant keeps what has hardly any error from counting for ever. */
float tsr_train_factor(const train_session *s, double base, size_t n) {
    double weight = MEAN_ERROR / (base + LEAST_ERROR);
    return (float)(weight / ((double)n * s->o->batch * processes_of(s)));
}

static double decoder_sample(train_session *s, train_worker *w, uint64_t number, double *base,
                             float *grad) {
    nn_rng rng = tsr_train_sample_rng(s, number);
    const float *params = tsr_nn_store_read(s->store);
    const train_tile *t = tsr_train_random_tile(s, &rng);
    train_view v = tsr_train_view_random(t, s->o->crop / 2, &rng);
    tsr_train_net_input(&s->decoder, w->run, t, &v, w->error);
    tsr_nn_forward(w->run, params);
    nn_tensor y = tsr_nn_run_value(w->run, s->decoder.y);
    nn_tensor dy = tsr_nn_run_grad(w->run, s->decoder.y), e = {w->error, y.s};
    size_t n = nn_count(y.s);
    *base = band_loss(e, 1.0f / (float)n, dy.data);
    float factor = tsr_train_factor(s, *base, n);
    *base *= factor * (double)n;
    for (size_t i = 0; i < n; i++) e.data[i] += y.data[i];
    double loss = s->o->pixel_loss ? pixel_loss(e, factor, dy.data, w->pixels, w->work)
                                   : band_loss(e, factor, dy.data);
    tsr_nn_backward(w->run, params, grad);
    return loss;
}

/* Samples are numbered through all iterations and processes: each has a generator of its own. */
static double sample(void *arg, uint32_t first, uint32_t n, uint32_t worker, float *grad) {
    train_session *s = arg;
    train_worker *w = &s->worker[worker];
    uint64_t batch = s->iteration * processes_of(s) + s->o->process;
    uint64_t number = batch * s->o->batch + first;
    if (s->stage == TSR_TRAIN_JOINT)
        return tsr_train_joint_sample(s, w, number, &s->base[first], grad);
    return decoder_sample(s, w, number, &s->base[first], grad);
}

static void meter_add(train_meter *m, double loss, double base, double norm, double seconds) {
    m->loss += loss;
    m->base += base;
    m->norm += norm;
    m->seconds += seconds;
    m->n++;
}

static int has_diverged(train_session *s, double loss, double base) {
    if (!isfinite(loss) || loss > EXPLODED_AT_ONCE * base) return 1;
    meter_add(&s->recent, loss, base, 0, 0);
    if (s->recent.n < RECENT) return 0;
    int bad = s->recent.loss > EXPLODED * s->recent.base;
    s->recent = (train_meter){0};
    return bad;
}

static tsr_status diverged(train_session *s, double loss) {
    const char *what = isfinite(loss) ? "has exploded" : "is not a number";
    unsigned long long it = (unsigned long long)s->iteration;
    if (s->have_checkpoint)
        return tsr_diag_set(s->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "diverged in iteration %llu: the loss %s; the last good state is kept: "
                            "resume with a lower learning rate",
                            it, what);
    return tsr_diag_set(s->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                        "diverged in iteration %llu: the loss %s; nothing was saved yet: "
                        "begin again with a lower learning rate",
                        it, what);
}

/* The loss of the batch without the network, that of all processes. */
static tsr_status total_base(train_session *s, double *base) {
    float sum = 0;
    for (uint32_t i = 0; i < s->o->batch; i++) sum += (float)s->base[i];
    tsr_status status = s->o->processes > 1 ? s->o->sum(s->o->user, &sum, 1) : TSR_OK;
    *base = sum;
    return status;
}

tsr_status tsr_train_step(train_session *s, double fraction) {
    float *grad;
    double loss, base = 0, start = tsr_train_clock();
    nn_step info = {0};
    nn_batch b = {.team = s->team,
                  .samples = s->o->batch,
                  .fn = sample,
                  .arg = s,
                  .allreduce = s->o->processes > 1 ? s->o->sum : NULL,
                  .allreduce_arg = s->o->user};
    tsr_status status = tsr_nn_batch_run(&b, s->grads, &grad, &loss, s->diag);
    if (status) return status;
    status = total_base(s, &base);
    if (status) return status;
    if (has_diverged(s, loss, base)) return diverged(s, loss);
    status = tsr_nn_optim_step_at(s->optim, s->store, grad, fraction, &info, s->diag);
    if (status == TSR_ERR_FORMAT) return diverged(s, NAN);
    if (status) return status;
    s->iteration++;
    s->progress.rate = info.rate;
    meter_add(&s->meter, loss, base, info.norm, tsr_train_clock() - start);
    return TSR_OK;
}
