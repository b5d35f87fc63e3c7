/* test_train_prior.c - training of the networks of the `mix` coder: they learn what the contexts do
 * not know, forget nothing on the way to integers, and do the same every time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/train.h>

#include "test_picture.h"
#include "tsr_test.h"

enum { SAMPLES = 40000, WIDTH = 32, ROWS = TSR_PRIOR_INPUTS + TSR_PRIOR_STATES };

/* Bits that follow one input of bin 0, the state of bin 1, and nothing in bin 2; the contexts know
 * nothing. */
static tsr_prior_sample *make_samples(void) {
    tsr_prior_sample *s = calloc(SAMPLES, sizeof *s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    uint64_t r = 3;
    for (int i = 0; i < SAMPLES; i++) {
        for (unsigned k = 0; k < TSR_PRIOR_INPUTS; k++)
            s[i].input[k] = (uint8_t)test_random_below(&r, 40);
        s[i].cls = (uint8_t)test_random_below(&r, TSR_PRIOR_STATES / 2);
        s[i].q1 = (uint8_t)test_random_below(&r, 2);
        s[i].bin = (uint8_t)test_random_below(&r, TSR_PRIOR_BINS);
        int clue = s[i].bin == 0 ? s[i].input[7] >= 20 : s[i].bin == 1 ? s[i].q1 : 0;
        s[i].bit = s[i].bin == 2 || test_random_below(&r, 10) ? (uint8_t)clue : !clue;
        if (s[i].bin == 2) s[i].bit = (uint8_t)test_random_below(&r, 2);
    }
    return s;
}

static double weight(const tsr_blob *model, size_t i, double scale) {
    return (int16_t)(model->data[2 * i] | model->data[2 * i + 1] << 8) / scale;
}

/* Output of a sample's bin, by the numbers of the model as docs/format.md 5.10 lays them out. */
static double output(const tsr_blob *model, const tsr_prior_sample *s) {
    double h[WIDTH], out;
    size_t second = (size_t)ROWS * WIDTH, bias = second + WIDTH * WIDTH, third = bias + WIDTH;
    for (size_t k = 0; k < WIDTH; k++) {
        h[k] = weight(model, (TSR_PRIOR_INPUTS + 2u * s->cls + s->q1) * WIDTH + k, 1024);
        for (size_t i = 0; i < TSR_PRIOR_INPUTS; i++)
            h[k] += s->input[i] / 16.0 * weight(model, i * WIDTH + k, 1024);
        h[k] = h[k] > 0 ? h[k] : 0;
    }
    out = weight(model, third + TSR_PRIOR_BINS * WIDTH + s->bin, 4096);
    for (size_t k = 0; k < WIDTH; k++) {
        double v = weight(model, bias + k, 4096);
        for (size_t i = 0; i < WIDTH; i++) v += h[i] * weight(model, second + i * WIDTH + k, 4096);
        if (v > 0) out += v * weight(model, third + s->bin * (size_t)WIDTH + k, 4096);
    }
    return out;
}

static double model_bits(const tsr_blob *model, const tsr_prior_sample *s, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double z = output(model, &s[i]) + s[i].mix / 256.0;
        sum += log2(1 + exp(s[i].bit ? -z : z));
    }
    return sum / n;
}

/* Two of three bins can be guessed with 90 %: 0.469 bits each; the third cannot. */
static void test_learns(void) {
    tsr_prior_options o = {.epochs = 40, .seed = 2};
    tsr_prior_sample *s = make_samples();
    tsr_blob a, b;
    tsr_diag d;
    double bits[2], again[2], least = (2 * 0.469 + 1) / 3;
    CU_ASSERT_EQUAL_FATAL(tsr_train_prior(&o, s, SAMPLES, bits, &a, &d), TSR_OK);
    CU_ASSERT_DOUBLE_EQUAL(bits[0], 1, 1e-6);
    CU_ASSERT(bits[1] < least + 0.05);
    CU_ASSERT_EQUAL_FATAL(a.size,
                          2 * ((ROWS + WIDTH + 1 + TSR_PRIOR_BINS) * WIDTH + TSR_PRIOR_BINS));
    CU_ASSERT_DOUBLE_EQUAL(model_bits(&a, s, 2000), least, 0.06);
    CU_ASSERT_EQUAL_FATAL(tsr_train_prior(&o, s, SAMPLES, again, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(a.data, b.data, a.size), 0);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    free(s);
}

/* ---------------------------------------------------------------- vectors */

enum { V_SAMPLES = 20000, V_ROWS = TSR_PRIOR_V_INPUTS + TSR_PRIOR_V_CLASSES, V_OUTPUTS = 13 };

/* The flag follows an input; the first bin of coefficient 1, the class; that of coefficient 3, what
 * the levels of coefficients 0 and 2 were; the contexts know nothing. */
static tsr_prior_vector_sample *make_vectors(void) {
    tsr_prior_vector_sample *s = calloc(V_SAMPLES, sizeof *s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    uint64_t r = 5;
    for (int i = 0; i < V_SAMPLES; i++) {
        for (unsigned k = 0; k < TSR_PRIOR_V_INPUTS; k++)
            s[i].input[k] = (uint8_t)test_random_below(&r, 40);
        s[i].cls = (uint8_t)test_random_below(&r, TSR_PRIOR_V_CLASSES);
        for (unsigned k = 0; k < 4; k++)
            s[i].level[k] = (uint8_t)test_random_below(&r, TSR_PRIOR_V_LEVELS);
        unsigned flag = s[i].input[100] >= 20, second = s[i].cls >= 36,
                 last = s[i].level[0] + s[i].level[2] > 2;
        s[i].asked = 1 | 1 << 4 | 1 << 10;
        s[i].bits = (uint16_t)(flag | second << 4 | last << 10);
        if (!test_random_below(&r, 10)) s[i].bits ^= s[i].asked;
    }
    return s;
}

/* The output by the numbers of the model as docs/format.md 5.10 lays them out. */
static double vector_output(const tsr_blob *m, const tsr_prior_vector_sample *s, unsigned n) {
    static const size_t first_row[] = {0, 1, 5, 13};
    double h[WIDTH], out;
    size_t second = (size_t)V_ROWS * WIDTH, bias = second + WIDTH * WIDTH, inside = bias + WIDTH,
           third = inside + 25 * WIDTH, i = (n + 2) / 3 - 1;
    for (size_t k = 0; k < WIDTH; k++) {
        h[k] = weight(m, (TSR_PRIOR_V_INPUTS + (size_t)s->cls) * WIDTH + k, 1024);
        for (size_t x = 0; x < TSR_PRIOR_V_INPUTS; x++)
            h[k] += s->input[x] / 16.0 * weight(m, x * WIDTH + k, 1024);
        h[k] = h[k] > 0 ? h[k] : 0;
    }
    out = weight(m, third + V_OUTPUTS * WIDTH + n, 4096);
    for (size_t k = 0; k < WIDTH; k++) {
        double v = weight(m, bias + k, 4096);
        for (size_t x = 0; x < WIDTH; x++) v += h[x] * weight(m, second + x * WIDTH + k, 4096);
        if (n && !i) v += weight(m, inside + k, 4096);
        for (size_t x = 0; n && x < i; x++)
            v += weight(m, inside + (first_row[i] + 4 * x + s->level[x]) * WIDTH + k, 4096);
        if (v > 0) out += v * weight(m, third + n * WIDTH + k, 4096);
    }
    return out;
}

static double vector_bits(const tsr_blob *model, const tsr_prior_vector_sample *s, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (unsigned k = 0; k < V_OUTPUTS; k++) {
            if (!(s[i].asked >> k & 1)) continue;
            double z = vector_output(model, &s[i], k);
            sum += log2(1 + exp(s[i].bits >> k & 1 ? -z : z));
        }
    return sum / n;
}

/* Three decisions that can be guessed with 90 %, 0.469 bits each. */
static void test_learns_vectors(void) {
    tsr_prior_options o = {.epochs = 50, .seed = 2};
    tsr_prior_vector_sample *s = make_vectors();
    tsr_blob a, b;
    tsr_diag d;
    double bits[2], again[2], least = 3 * 0.469;
    CU_ASSERT_EQUAL_FATAL(tsr_train_prior_vector(&o, s, V_SAMPLES, bits, &a, &d), TSR_OK);
    CU_ASSERT_DOUBLE_EQUAL(bits[0], 3, 1e-6);
    CU_ASSERT(bits[1] < least + 0.3);
    CU_ASSERT_EQUAL_FATAL(a.size, 2 * ((V_ROWS + WIDTH + 1 + 25 + V_OUTPUTS) * WIDTH + V_OUTPUTS));
    CU_ASSERT_DOUBLE_EQUAL(vector_bits(&a, s, 2000), bits[1], 0.1);
    CU_ASSERT_EQUAL_FATAL(tsr_train_prior_vector(&o, s, V_SAMPLES, again, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(a.data, b.data, a.size), 0);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    free(s);
}

static void test_nothing(void) {
    tsr_prior_options o = {.epochs = 1};
    tsr_blob model;
    tsr_diag d;
    double bits[2];
    CU_ASSERT_EQUAL(tsr_train_prior(&o, NULL, 0, bits, &model, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(model.data);
    CU_ASSERT_EQUAL(tsr_train_prior_vector(&o, NULL, 0, bits, &model, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(model.data);
}

TSR_TEST_MAIN("training of the network of mix", {"learns", test_learns},
              {"learns vectors", test_learns_vectors}, {"nothing", test_nothing})
