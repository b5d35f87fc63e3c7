/* nn_loss.c - squared error, softmax cross-entropy, discretised logistic likelihood. */
#include "nn_loss.h"

#include <math.h>

static const double bits_per_nat = 1.4426950408889634;

double tsr_nn_mse(const float *x, const float *t, size_t n, float factor, float *dx) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float e = x[i] - t[i];
        sum += (double)e * e;
        if (dx) dx[i] = 2 * factor * e;
    }
    return sum * factor;
}

/* Bits of one position; dz: its gradient. */
static double softmax_position(const float *z, size_t stride, uint32_t k, uint32_t target,
                               float factor, float *dz) {
    float top = z[0];
    for (uint32_t i = 1; i < k; i++)
        if (z[i * stride] > top) top = z[i * stride];
    double sum = 0;
    for (uint32_t i = 0; i < k; i++) {
        float e = expf(z[i * stride] - top);
        sum += e;
        if (dz) dz[i * stride] = e;
    }
    if (dz) {
        float scale = (float)(factor * bits_per_nat / sum);
        for (uint32_t i = 0; i < k; i++) dz[i * stride] *= scale;
        dz[target * stride] -= (float)(factor * bits_per_nat);
    }
    return (log(sum) + top - z[target * stride]) * bits_per_nat;
}

double tsr_nn_softmax_bits(const float *z, size_t stride, uint32_t k, const int32_t *target,
                           size_t n, float factor, float *dz) {
    double sum = 0;
    for (size_t p = 0; p < n; p++)
        if (target[p] >= 0 && (uint32_t)target[p] < k)
            sum +=
                softmax_position(z + p, stride, k, (uint32_t)target[p], factor, dz ? dz + p : NULL);
        else
            for (uint32_t i = 0; i < k && dz; i++) dz[i * stride + p] = 0;
    return sum * factor;
}

/* ---------------------------------------------------------------- logistic
 *
 * With a = (x + 1/2 - m) / s, b = (x - 1/2 - m) / s and sigma the logistic function, the
 * probability is sigma(a) - sigma(b) = sigma(a) sigma(-b) (1 - e^(b - a)), whose factors keep their
 * precision in both tails. b - a = -1 / s.
 */

static double softplus(double x) { /* log(1 + e^x) = -log sigma(-x) */
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static const float log_scale_limit = 7;

typedef struct logistic_point {
    double nats, dx, ds; /* dm = -dx */
} logistic_point;

static logistic_point logistic(double x, double m, float log_scale) {
    int inside = log_scale >= -log_scale_limit && log_scale <= log_scale_limit;
    double s = inside ? log_scale : log_scale > 0 ? log_scale_limit : -log_scale_limit;
    double r = exp(-s), a = (x + 0.5 - m) * r, b = (x - 0.5 - m) * r;
    double gap = -expm1(-r); /* 1 - e^(b - a) */
    logistic_point p;
    p.nats = softplus(-a) + softplus(b) - log(gap);
    /* d softplus(-a) / da = -sigma(-a), d softplus(b) / db = sigma(b) */
    double da = -sigmoid(-a), db = sigmoid(b);
    p.dx = (da + db) * r;
    /* a, b scale as e^-s; d log(1 - e^-r) / ds = -r e^-r / (1 - e^-r) */
    p.ds = inside ? -(a * da + b * db) + r * exp(-r) / gap : 0;
    return p;
}

double tsr_nn_logistic_bits(const float *x, const float *m, const float *s, size_t n, float factor,
                            float *dx, float *dm, float *ds) {
    double sum = 0, k = factor * bits_per_nat;
    for (size_t i = 0; i < n; i++) {
        logistic_point p = logistic(x[i], m[i], s[i]);
        sum += p.nats;
        if (dx) dx[i] = (float)(k * p.dx);
        if (dm) dm[i] = (float)(-k * p.dx);
        if (ds) ds[i] = (float)(k * p.ds);
    }
    return sum * k;
}

void tsr_nn_round(const float *x, size_t n, float *q) {
    for (size_t i = 0; i < n; i++) q[i] = rintf(x[i]);
}
