/* fit_nonneg.c - iteratively re-weighted non-negative least squares. */
#include "fit_nonneg.h"

#include <math.h>
#include <string.h>

#define ROUNDS 5
#define SWEEPS 400

typedef struct normal_equations {
    int n;
    double a[TSR_NONNEG_MAX][TSR_NONNEG_MAX], b[TSR_NONNEG_MAX];
} normal_equations;

static void add_sample(normal_equations *q, const uint16_t *f, uint32_t y, double times,
                       const double *w) {
    double e = 0;
    for (int i = 0; i < q->n; i++) e += w[i] * f[i];
    e = e < 0.05 ? 0.05 : e;
    double weight = times / (0.8 * e * e + 1.5 * e);
    for (int i = 0; i < q->n; i++) {
        if (!f[i]) continue;
        double wf = weight * f[i];
        q->b[i] += wf * y;
        for (int k = 0; k <= i; k++) q->a[i][k] += wf * f[k];
    }
}

/* Coordinate descent with clipping at zero; a little ridge keeps unused features out. */
static void solve(normal_equations *q, double *w) {
    for (int i = 0; i < q->n; i++)
        for (int k = 0; k < i; k++) q->a[k][i] = q->a[i][k];
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int i = 0; i < q->n; i++) {
            double r = q->b[i], d = q->a[i][i] * 1.001 + 1e-6;
            for (int k = 0; k < q->n; k++)
                if (k != i) r -= q->a[i][k] * w[k];
            w[i] = r > 0 ? r / d : 0;
        }
}

void tsr_fit_nonneg(tsr_nonneg_fn sample, const void *data, uint32_t n, int features, double *w) {
    for (int i = 0; i < features; i++) w[i] = i < 5 ? 0.2 : 0.01;
    for (int round = 0; round < ROUNDS; round++) {
        normal_equations q;
        memset(&q, 0, sizeof q);
        q.n = features;
        for (uint32_t i = 0; i < n; i++) {
            uint16_t f[TSR_NONNEG_MAX];
            float times = 1;
            uint32_t y = sample(data, i, f, &times);
            add_sample(&q, f, y, times, w);
        }
        solve(&q, w);
    }
}

uint8_t tsr_fit_weight_code(double w) {
    double v = floor(w * 256 + 0.5);
    return (uint8_t)(v > 255 ? 255 : v);
}
