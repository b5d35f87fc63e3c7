/* nn_check.h - finite differences against a backward pass.
 *
 * A function f(x) of many floats gives results y; its loss is sum r y with fixed random r. The
 * directional derivative along a random d, (loss(x + h d) - loss(x - h d)) / 2 h, must agree with
 * gradient . d. Losses are summed in double. A whole direction at a time finds every error that a
 * single coordinate would, and is large against the rounding of float.
 */
#ifndef NN_CHECK_H
#define NN_CHECK_H

#include <CUnit/Basic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "nn.h"

static inline void check_fill(float *x, size_t n, uint64_t seed) {
    nn_rng r = tsr_nn_rng_seed(seed);
    for (size_t i = 0; i < n; i++) x[i] = tsr_nn_rng_normal(&r);
}

static inline float *check_random(size_t n, uint64_t seed) {
    float *x = tsr_nn_alloc(n);
    if (!x) abort();
    check_fill(x, n, seed);
    return x;
}

static inline double check_dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

/* The loss as a function of whatever arrays arg points to. */
typedef double (*check_loss_fn)(void *arg);

/* Relative difference between gradient . d and the finite difference, worst of several directions.
 * Directions are sparse for the last half of them, so that single weights count. */
static inline double check_gradient(check_loss_fn loss, void *arg, float *x, size_t n,
                                    const float *gradient, float h) {
    enum { DIRECTIONS = 8 };
    double worst = 0;
    float *d = tsr_nn_alloc(n), *saved = tsr_nn_alloc(n);
    if (!d || !saved) abort();
    for (size_t i = 0; i < n; i++) saved[i] = x[i];
    for (uint32_t k = 0; k < DIRECTIONS; k++) {
        nn_rng r = tsr_nn_rng_seed(1000 + k);
        for (size_t i = 0; i < n; i++) {
            int in = k < DIRECTIONS / 2 || tsr_nn_rng_below(&r, 8) == 0 || i == k % n;
            d[i] = in ? tsr_nn_rng_normal(&r) : 0;
        }
        for (size_t i = 0; i < n; i++) x[i] = saved[i] + h * d[i];
        double up = loss(arg);
        for (size_t i = 0; i < n; i++) x[i] = saved[i] - h * d[i];
        double down = loss(arg);
        double size = sqrt(check_dot(gradient, gradient, n) * check_dot(d, d, n) / (double)n);
        double error = fabs((up - down) / (2 * (double)h) - check_dot(gradient, d, n));
        double relative = error / (size > 1e-6 ? size : 1e-6);
        if (relative > worst) worst = relative;
    }
    for (size_t i = 0; i < n; i++) x[i] = saved[i];
    free(d);
    free(saved);
    return worst;
}

/* ---------------------------------------------------------------- operations */

/* y = f(x, w, b) with its backward pass; r weighs the results. All arrays have their true sizes. */
typedef struct check_op check_op;
struct check_op {
    void (*forward)(check_op *c);
    /* dy = r (a copy that may change) -> dx, dw, db; `add` as in nn_ops.h. */
    void (*backward)(check_op *c, float *dy, int add);
    nn_conv conv;
    nn_tensor x, y;
    float *w, *b, *dx, *dw, *db, *r, *work;
    size_t n_w, n_b;
    uint32_t act, mode;
};

static inline double check_op_loss(void *arg) {
    check_op *c = arg;
    c->forward(c);
    return check_dot(c->y.data, c->r, nn_count(c->y.s));
}

static inline void check_op_free(check_op *c) {
    free(c->x.data);
    free(c->y.data);
    free(c->w);
    free(c->b);
    free(c->dx);
    free(c->dw);
    free(c->db);
    free(c->r);
    free(c->work);
}

/* Shapes x.s, y.s, n_w, n_b and the functions are set; allocates, runs, compares, frees. */
static inline void check_op_run(check_op *c, size_t work, double limit) {
    size_t nx = nn_count(c->x.s), ny = nn_count(c->y.s);
    c->x.data = check_random(nx, 1);
    c->y.data = tsr_nn_alloc(ny);
    c->w = check_random(c->n_w, 2);
    c->b = check_random(c->n_b, 3);
    c->r = check_random(ny, 4);
    c->dx = tsr_nn_alloc(nx);
    c->dw = tsr_nn_alloc(c->n_w);
    c->db = tsr_nn_alloc(c->n_b);
    c->work = tsr_nn_alloc(work);
    float *dy = check_random(ny, 4);
    c->forward(c);
    c->backward(c, dy, 0);
    const float h = 2e-3f;
    CU_ASSERT(check_gradient(check_op_loss, c, c->x.data, nx, c->dx, h) < limit);
    if (c->n_w) CU_ASSERT(check_gradient(check_op_loss, c, c->w, c->n_w, c->dw, h) < limit);
    if (c->n_b) CU_ASSERT(check_gradient(check_op_loss, c, c->b, c->n_b, c->db, h) < limit);
    /* With add, everything is there twice. */
    for (size_t i = 0; i < ny; i++) dy[i] = c->r[i];
    c->forward(c);
    c->backward(c, dy, 1);
    for (size_t i = 0; i < nx; i++) c->dx[i] *= 0.5f;
    for (size_t i = 0; i < c->n_w; i++) c->dw[i] *= 0.5f;
    CU_ASSERT(check_gradient(check_op_loss, c, c->x.data, nx, c->dx, h) < limit);
    if (c->n_w) CU_ASSERT(check_gradient(check_op_loss, c, c->w, c->n_w, c->dw, h) < limit);
    free(dy);
    check_op_free(c);
}

#endif
