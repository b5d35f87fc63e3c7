/* test_infer.c - the decoders' layers: every instruction set gives the bits of plain C, and those
 * are the sums in the promised order.
 *
 * With --bench: the rate of each.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nn_infer.h"
#include "tsr_test.h"

enum { MAX_TABLES = 3 };

static uint32_t usable(const nn_kernels *table[MAX_TABLES]) {
    static const uint32_t masks[MAX_TABLES] = {0, TSR_CPU_AVX2, TSR_CPU_AVX512};
    uint32_t n = 0;
    for (int i = 0; i < MAX_TABLES; i++) {
        const nn_kernels *k = tsr_infer_kernels(tsr_cpu_detect() & masks[i]);
        if (n == 0 || k != table[n - 1]) table[n++] = k;
    }
    return n;
}

/* Values of many sizes, so that another order of summation shows. */
static float *values(size_t n, uint32_t seed) {
    float *x = malloc(n * sizeof *x);
    if (!x) abort();
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = ((float)(seed >> 8) - 0x800000) * ldexpf(1, (int)(seed & 15) - 26);
    }
    return x;
}

static float activated(float v, uint32_t act) {
    return v > 0 || act == NN_LINEAR ? v : act == NN_RELU ? 0 : v * 0.125f;
}

/* ---------------------------------------------------------------- pointwise */

typedef struct product {
    uint32_t in, out, act;
    size_t n, stride;
    float *w, *bias, *x;
} product;

static product product_new(uint32_t in, uint32_t out, size_t n, uint32_t act) {
    product p = {in, out, act, n, n + 5, NULL, NULL, NULL};
    p.w = values((size_t)in * out, 1);
    p.bias = values(out, 2);
    p.x = values(in * p.stride, 3);
    return p;
}

static void product_free(product *p) {
    free(p->w), free(p->bias), free(p->x);
}

static void run_product(const nn_kernels *k, const product *p, const float *bias, float *y) {
    for (size_t i = 0; i < p->out * p->stride; i++) y[i] = -77; /* beyond n: not touched */
    k->pointwise(p->w, bias, p->in, p->out, p->x, p->stride, y, p->stride, p->n, p->act);
}

static void expect_product(const product *p, const float *bias, float *y) {
    for (size_t i = 0; i < p->out * p->stride; i++) y[i] = -77;
    for (uint32_t o = 0; o < p->out; o++)
        for (size_t q = 0; q < p->n; q++) {
            volatile float sum = bias ? bias[o] : 0;
            for (uint32_t c = 0; c < p->in; c++) {
                volatile float term = p->w[o * p->in + c] * p->x[c * p->stride + q];
                sum = sum + term;
            }
            y[o * p->stride + q] = activated(sum, p->act);
        }
}

static void test_pointwise(void) {
    static const size_t lengths[] = {1, 2, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100, 131};
    static const uint32_t channels[][2] = {{1, 1}, {3, 2}, {12, 32}, {32, 13}, {48, 7}, {5, 96}};
    const nn_kernels *table[MAX_TABLES];
    uint32_t tables = usable(table), bad = 0;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
        for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++)
            for (uint32_t act = 0; act < NN_ACTIVATIONS; act++) {
                product p = product_new(channels[c][0], channels[c][1], lengths[l], act);
                size_t bytes = p.out * p.stride * sizeof(float);
                float *expected = malloc(bytes), *y = malloc(bytes);
                const float *bias = l % 3 ? p.bias : NULL;
                expect_product(&p, bias, expected);
                for (uint32_t t = 0; t < tables; t++) {
                    run_product(table[t], &p, bias, y);
                    bad += memcmp(y, expected, bytes) != 0;
                }
                free(expected), free(y);
                product_free(&p);
            }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_STRING_EQUAL(table[0]->name, "plain");
}

/* ---------------------------------------------------------------- taps */

static void test_taps(void) {
    static const size_t lengths[] = {1, 3, 15, 16, 17, 63, 64, 65, 80, 129, 200};
    static const uint32_t counts[] = {1, 4, 9, 12, 25};
    const nn_kernels *table[MAX_TABLES];
    uint32_t tables = usable(table), bad = 0;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
            for (uint32_t act = 0; act < NN_ACTIVATIONS; act++) {
                size_t n = lengths[l];
                float *w = values(counts[c], 1), *x = values(n + counts[c], 2), bias = w[0];
                float expected[201], y[201];
                const float *row[25];
                for (uint32_t t = 0; t < counts[c]; t++) row[t] = x + t; /* unaligned */
                for (size_t q = 0; q < n; q++) {
                    volatile float sum = bias;
                    for (uint32_t t = 0; t < counts[c]; t++) {
                        volatile float term = w[t] * row[t][q];
                        sum = sum + term;
                    }
                    expected[q] = activated(sum, act);
                }
                expected[n] = -77;
                for (uint32_t t = 0; t < tables; t++) {
                    y[n] = -77;
                    table[t]->taps(w, bias, counts[c], row, y, n, act);
                    bad += memcmp(y, expected, (n + 1) * sizeof(float)) != 0;
                }
                free(w), free(x);
            }
    CU_ASSERT_EQUAL(bad, 0);
}

/* ---------------------------------------------------------------- timing */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double product_rate(const nn_kernels *k, uint32_t in, uint32_t out, size_t n) {
    product p = product_new(in, out, n, NN_RELU);
    float *y = malloc(p.out * p.stride * sizeof(float));
    double best = 0;
    for (int round = 0; round < 30; round++) {
        double t = now();
        for (int i = 0; i < 20; i++)
            k->pointwise(p.w, p.bias, in, out, p.x, p.stride, y, p.stride, n, NN_RELU);
        best = fmax(best, 20.0 * in * out * (double)n / (now() - t));
    }
    free(y);
    product_free(&p);
    return best * 1e-9;
}

static double taps_rate(const nn_kernels *k, size_t n) {
    float *x = values(3 * (n + 2), 1), *y = malloc(n * sizeof *y), w[9];
    const float *row[9];
    double best = 0;
    for (int t = 0; t < 9; t++) row[t] = x + (size_t)(t / 3) * (n + 2) + t % 3, w[t] = (float)t;
    for (int round = 0; round < 30; round++) {
        double t = now();
        for (int i = 0; i < 500; i++) k->taps(w, 1, 9, row, y, n, NN_RELU);
        best = fmax(best, 500 * 9.0 * (double)n / (now() - t));
    }
    free(x), free(y);
    return best * 1e-9;
}

static int bench(void) {
    const nn_kernels *table[MAX_TABLES];
    uint32_t n = usable(table);
    for (uint32_t i = 0; i < n; i++)
        printf(
            "%-7s pointwise 12->32 %.1f, 32->32 %.1f, 96->96 %.1f, 32->12 %.1f (140 pixels: %.1f), "
            "3x3 taps %.1f GMAC/s\n",
            table[i]->name, product_rate(table[i], 12, 32, 256),
            product_rate(table[i], 32, 32, 256), product_rate(table[i], 96, 96, 256),
            product_rate(table[i], 32, 12, 256), product_rate(table[i], 32, 32, 140),
            taps_rate(table[i], 256));
    return 0;
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"pointwise", test_pointwise}, {"taps", test_taps}, CU_TEST_INFO_NULL};
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) return bench();
    return tsr_test_run("infer", tests);
}
