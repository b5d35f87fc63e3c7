/* test_train_prior.c - training of the network of the `mix` coder: learns what the contexts do not
 * know, forgets nothing on the way to integers, and does the same every time. */
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

static void test_nothing(void) {
    tsr_prior_options o = {.epochs = 1};
    tsr_blob model;
    tsr_diag d;
    double bits[2];
    CU_ASSERT_EQUAL(tsr_train_prior(&o, NULL, 0, bits, &model, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(model.data);
}

TSR_TEST_MAIN("training of the network of mix", {"learns", test_learns}, {"nothing", test_nothing})
