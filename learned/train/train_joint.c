/* train_joint.c - encoder and decoder network together, through a model of what lies between them.
 *
 * In units of the step, with x the original bands: c = x + E(x); the low bands of c pass through
 * coarser levels of the 9/7; Q quantizes, straight-through in the backward pass (its derivative is
 * taken as that of the identity); u is what the levels make; the loss of a crop is
 *
 *     |u + D(u) - x|^2 + lambda bits
 *
 * with lambda = 0.11, which is about what the quantizers charge for a bit in units of step^2.
 */
#include <string.h>

#include "train_quantize.h"
#include "train_session.h"

static const float LAMBDA = 0.11f;

enum { PLANES = 3, LOW = PLANES, HIGH = TRAIN_CHANNELS - PLANES };

/* Coarser levels that a crop of this side has: sides stay even and not less than 4. */
static uint32_t levels_of(uint32_t side) {
    uint32_t n = 0;
    for (; side % 2 == 0 && side >= 8; side /= 2) n++;
    return n;
}

size_t tsr_train_joint_work(uint32_t side) {
    size_t n = (size_t)TRAIN_CHANNELS * side * side;
    nn_shape low = {1, LOW, side, side};
    return 4 * n + tsr_op_wavelet_work(low);
}

/* Arrays of one crop: TRAIN_CHANNELS planes each. */
typedef struct crop_work {
    float *levels; /* what the quantizer leaves, then the gradient by it */
    float *slope;  /* of the bits */
    float *a, *b;  /* the pyramid of the low bands: one level in each */
    float *lift;
} crop_work;

/* Quantizes `planes` planes of side x side at c in place. */
static double quantize_planes(float *c, uint32_t planes, uint32_t side, float *slope, float *copy) {
    double bits = 0;
    size_t n = (size_t)side * side;
    for (uint32_t p = 0; p < planes; p++, c += n, slope += n) {
        memcpy(copy, c, n * sizeof *c);
        bits += tsr_train_quantize(copy, side, side, c, slope);
    }
    return bits;
}

/* Low bands of side x side at c: levels of the wavelet, quantized, and back. slope receives the
 * derivative of the bits by c. The coarsest low band is taken as it is. */
static double quantize_low(float *c, uint32_t side, uint32_t levels, float *slope, crop_work *w) {
    size_t n = (size_t)side * side;
    if (!levels) {
        memset(slope, 0, LOW * n * sizeof *slope);
        return 0;
    }
    nn_tensor low = {c, {1, LOW, side, side}};
    crop_work inner = *w;
    float *bands = w->a, *gradient = w->b;
    inner.a += LOW * n;
    inner.b += LOW * n;
    tsr_op_wavelet_forward(low, bands, w->lift);
    double bits = quantize_low(bands, side / 2, levels - 1, gradient, &inner);
    bits += quantize_planes(bands + LOW * n / 4, HIGH, side / 2, gradient + LOW * n / 4, inner.a);
    low.data = slope;
    nn_tensor half = {bands, {1, 4 * LOW, side / 2, side / 2}};
    tsr_op_wavelet_inverse(half, c, w->lift);
    half.data = gradient;
    tsr_op_wavelet_forward_adjoint(half, slope, 0, w->lift);
    return bits;
}

/* Replaces coefficients c by what a decoder has of them. */
static double code(float *c, uint32_t side, crop_work *w) {
    size_t n = (size_t)side * side;
    double bits = quantize_low(c, side, levels_of(side), w->slope, w);
    return bits + quantize_planes(c + LOW * n, HIGH, side, w->slope + LOW * n, w->a);
}

static double squares(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)(a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* x to the encoder's input and to `x`, in units of the step. */
static void draw(train_session *s, train_worker *w, uint64_t number, float *x, float *step) {
    nn_rng rng = tsr_train_sample_rng(s, number);
    const train_tile *t = tsr_train_random_tile(s, &rng);
    train_view v = tsr_train_view_random(t, s->o->crop / 2, &rng);
    size_t n = (size_t)TRAIN_CHANNELS * v.w * v.h;
    tsr_train_tile_view(t, 0, &v, x);
    for (size_t i = 0; i < n; i++) x[i] /= t->step;
    *step = t->step;
}

/* The loss without networks: what it is measured against. */
static double base_loss(const float *x, uint32_t side, crop_work *w) {
    size_t n = (size_t)TRAIN_CHANNELS * side * side;
    memcpy(w->levels, x, n * sizeof *x);
    double bits = code(w->levels, side, w);
    return squares(w->levels, x, n) + LAMBDA * bits;
}

double tsr_train_joint_sample(train_session *s, train_worker *w, uint64_t number, double *base,
                              float *grad) {
    uint32_t side = s->o->crop / 2;
    size_t n = (size_t)TRAIN_CHANNELS * side * side;
    float *x = w->error, *u = w->pixels, step;
    crop_work k = {w->work, w->work + n, w->work + 2 * n, w->work + 3 * n, w->work + 4 * n};
    const float *params = tsr_nn_store_read(s->store);
    draw(s, w, number, x, &step);
    *base = base_loss(x, side, &k) / (double)n;
    /* encoder and quantizer */
    tsr_train_net_feed(&s->encoder, w->encoder_run, x, step);
    tsr_nn_forward(w->encoder_run, params);
    const float *e = tsr_nn_run_value(w->encoder_run, s->encoder.y).data;
    for (size_t i = 0; i < n; i++) u[i] = x[i] + e[i];
    double bits = code(u, side, &k);
    /* decoder */
    tsr_train_net_feed(&s->decoder, w->run, u, step);
    tsr_nn_forward(w->run, params);
    const float *y = tsr_nn_run_value(w->run, s->decoder.y).data;
    float *dy = tsr_nn_run_grad(w->run, s->decoder.y).data;
    float factor = tsr_train_factor(s, *base, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float error = u[i] + y[i] - x[i];
        sum += (double)error * error;
        dy[i] = k.levels[i] = 2 * factor * error;
    }
    tsr_nn_backward(w->run, params, grad);
    tsr_train_net_gradient(&s->decoder, w->run, k.levels);
    /* back through the quantizer */
    float *de = tsr_nn_run_grad(w->encoder_run, s->encoder.y).data;
    for (size_t i = 0; i < n; i++) de[i] = k.levels[i] + factor * LAMBDA * k.slope[i];
    tsr_nn_backward(w->encoder_run, params, grad);
    *base *= factor * (double)n;
    return factor * (sum + LAMBDA * bits);
}
