/* op_batch_norm.c - batch normalisation (Ioffe and Szegedy 2015, algorithm 1). */
#include <math.h>
#include <string.h>

#include "nn_ops.h"

static const double epsilon = 1e-5;

/* Sums of a plane's samples and of their products with another plane. */
typedef struct plane_sums {
    double one, product;
} plane_sums;

static plane_sums sums_over_batch(nn_shape s, uint32_t c, const float *a, const float *b) {
    plane_sums sum = {0, 0};
    size_t plane = nn_plane(s);
    for (uint32_t i = 0; i < s.n; i++) {
        const float *pa = a + ((size_t)i * s.c + c) * plane,
                    *pb = b + ((size_t)i * s.c + c) * plane;
        for (size_t p = 0; p < plane; p++) {
            sum.one += pa[p];
            sum.product += (double)pa[p] * pb[p];
        }
    }
    return sum;
}

void tsr_op_batch_norm_statistics(nn_tensor x, float *stats, float *mean, float *variance) {
    double n = (double)x.s.n * (double)nn_plane(x.s);
    for (uint32_t c = 0; c < x.s.c; c++) {
        plane_sums sum = sums_over_batch(x.s, c, x.data, x.data);
        double m = sum.one / n, v = sum.product / n - m * m;
        if (v < 0) v = 0;
        mean[c] = (float)m;
        variance[c] = (float)v;
        stats[c] = (float)m;
        stats[x.s.c + c] = (float)(1 / sqrt(v + epsilon));
    }
}

void tsr_op_batch_norm_running(const float *mean, const float *variance, uint32_t c, float *stats) {
    for (uint32_t i = 0; i < c; i++) {
        double v = variance[i] > 0 ? variance[i] : 0;
        stats[i] = mean[i];
        stats[c + i] = (float)(1 / sqrt(v + epsilon));
    }
}

void tsr_op_batch_norm_forward(nn_tensor x, const float *stats, const float *gamma,
                               const float *beta, nn_tensor y) {
    size_t plane = nn_plane(x.s);
    for (size_t p = 0; p < (size_t)x.s.n * x.s.c; p++) {
        size_t c = p % x.s.c;
        float scale = stats[x.s.c + c] * gamma[c], shift = beta[c] - stats[c] * scale;
        const float *from = x.data + p * plane;
        float *to = y.data + p * plane;
        for (size_t i = 0; i < plane; i++) to[i] = from[i] * scale + shift;
    }
}

/* With xn = (x - mean) / deviation: dx = gamma / deviation * (dy - mean(dy) - xn mean(dy xn)). */
void tsr_op_batch_norm_backward(nn_tensor x, const float *stats, const float *gamma, nn_tensor dy,
                                int training, float *dx, int add, float *dgamma, float *dbeta) {
    size_t plane = nn_plane(x.s);
    double n = (double)x.s.n * (double)plane;
    for (uint32_t c = 0; c < x.s.c; c++) {
        plane_sums sum = sums_over_batch(x.s, c, dy.data, x.data);
        double mean = stats[c], inverse = stats[x.s.c + c];
        double along = (sum.product - mean * sum.one) * inverse; /* sum of dy xn */
        if (dgamma) dgamma[c] += (float)along;
        if (dbeta) dbeta[c] += (float)sum.one;
        if (!dx) continue;
        double k = gamma[c] * inverse, slope = training ? -k * along * inverse / n : 0;
        float scale = (float)k, by_x = (float)slope;
        float shift = training ? (float)(-k * sum.one / n - mean * slope) : 0;
        for (uint32_t i = 0; i < x.s.n; i++) {
            size_t at = ((size_t)i * x.s.c + c) * plane;
            if (!add) memset(dx + at, 0, plane * sizeof *dx);
            for (size_t p = at; p < at + plane; p++)
                dx[p] += scale * dy.data[p] + by_x * x.data[p] + shift;
        }
    }
}
