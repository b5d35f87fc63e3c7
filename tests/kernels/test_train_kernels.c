/* test_train_kernels.c - the trainer's inner loops of every instruction set against plain C, within
 * the rounding of a sum in another order.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn_ops.h"
#include "nn_rng.h"
#include "nn_train_kernels.h"
#include "tsr_test.h"

enum { MAX_TABLES = 2, ROOM = 1 << 16, SIDE_H = 11 };

static uint32_t others(const nn_train_kernels *table[MAX_TABLES]) {
    uint32_t n = 0;
#ifdef NN_HAVE_X86
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        table[n++] = &tsr_nn_train_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        table[n++] = &tsr_nn_train_avx512;
#endif
    return n;
}

/* Operands and results of one call. */
typedef struct arrays {
    float *a, *b, *c, *y; /* ROOM each; y receives results */
} arrays;

/* Copies of from; NULL: random numbers. */
static arrays arrays_new(const arrays *from) {
    nn_rng r = tsr_nn_rng_seed(1);
    float *p[4], *const source[4] = {from ? from->a : NULL, from ? from->b : NULL,
                                     from ? from->c : NULL, from ? from->y : NULL};
    for (int i = 0; i < 4; i++) {
        p[i] = malloc(ROOM * sizeof(float));
        if (!p[i]) abort();
        if (source[i])
            memcpy(p[i], source[i], ROOM * sizeof(float));
        else
            for (size_t k = 0; k < ROOM; k++) p[i][k] = tsr_nn_rng_normal(&r);
    }
    return (arrays){p[0], p[1], p[2], p[3]};
}

static void arrays_free(arrays *m) {
    free(m->a), free(m->b), free(m->c), free(m->y);
}

/* A call with a size; what it wrote is in y. */
typedef void (*call_fn)(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act);

static void call_product(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    uint32_t rows = size % 23 + 1, inner = size % 7 * 60 + 1;
    k->product(&(nn_product){.m = rows,
                             .n = size,
                             .k = inner,
                             .act = act,
                             .a = m->a,
                             .b = m->b,
                             .c0 = size % 2 ? m->y : NULL,
                             .bias = size % 3 ? m->c : NULL,
                             .row = act ? inner : 1,
                             .column = act ? 1 : rows,
                             .ldb = size + 3,
                             .c = m->y,
                             .ldc = size + 2});
}
static void call_product_t(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->product_t(size % 9 + 1, size % 11 + 1, size, m->a, size + 1, m->b, size + 2, m->y, 16);
}
static void call_correlate(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    static const ptrdiff_t off[12] = {0, 1, 2, 40, 41, 42, 80, 81, 82, 5, 6, 7};
    k->correlate(m->y, m->a, off, m->b, act ? 9 : 12, size);
    memset(m->y + size, 0, NN_SLACK * sizeof(float)); /* how far it goes is its own affair */
}
static void call_dots(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    static const ptrdiff_t off[13] = {0, 1, 2, 40, 41, 42, 80, 81, 82, 5, 6, 7, 9};
    memset(m->b + size, 0, NN_SLACK * sizeof(float));
    k->dots(m->y, m->b, m->a, off, 13, size);
}
static void call_correlate3(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->correlate3(m->y, m->a, size + 2, m->b, SIDE_H, size, act != 0);
}
static void call_dots3(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->dots3(m->y, m->a, size + 2, m->b, SIDE_H, size);
}
static void call_copy(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->copy_rows(m->y, size + 5, m->a, SIDE_H, size);
}
static void call_bias(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->bias_act(m->y, size, 0.25f, act);
}
static void call_slope(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    m->y[size] = k->act_slope(m->y, m->a, size, act);
}
static void call_sums(const nn_train_kernels *k, arrays *m, uint32_t size, uint32_t act) {
    k->add(m->y, m->a, size);
    k->axpy(m->y, m->b, size, 0.5f);
    k->add_to(m->y + size, m->a, m->b, size);
}

static double difference(const arrays *x, const arrays *y) {
    double worst = 0;
    for (size_t i = 0; i < ROOM; i++) {
        double d = fabs((double)x->y[i] - y->y[i]);
        if (!(d <= worst)) worst = d; /* not a number counts */
    }
    return worst;
}

static void compare(call_fn fn, double limit) {
    static const uint32_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100};
    const nn_train_kernels *table[MAX_TABLES];
    uint32_t tables = others(table), changed = 0;
    arrays before = arrays_new(NULL);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (uint32_t act = 0; act < NN_ACTIVATIONS; act++) {
            arrays plain = arrays_new(&before);
            fn(&tsr_nn_train_plain, &plain, sizes[s], act);
            changed += difference(&before, &plain) > 0;
            for (uint32_t t = 0; t < tables; t++) {
                arrays other = arrays_new(&before);
                fn(table[t], &other, sizes[s], act);
                CU_ASSERT(difference(&plain, &other) <= limit);
                arrays_free(&other);
            }
            arrays_free(&plain);
        }
    arrays_free(&before);
    CU_ASSERT(changed > 30);
}

static void test_products(void) {
    compare(call_product, 2e-4);
    compare(call_product_t, 1e-4);
}
static void test_depthwise(void) {
    compare(call_correlate, 1e-5);
    compare(call_dots, 1e-4);
    compare(call_correlate3, 1e-5);
    compare(call_dots3, 1e-3);
    compare(call_copy, 0);
}
static void test_elementwise(void) {
    compare(call_bias, 0);
    compare(call_slope, 1e-5);
    compare(call_sums, 1e-6);
}

TSR_TEST_MAIN("training kernels", {"products", test_products}, {"depthwise", test_depthwise},
              {"elementwise", test_elementwise})
