/* test_vector_fit.c - the search of a codebook against every shape in turn, and what fits codebooks
 * and weights to samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec_test.h"
#include "fit_lloyd.h"
#include "fit_nonneg.h"
#include "tsr_test.h"

static double uniform(uint64_t *r) {
    return (double)(test_random(r) >> 11) / 9007199254740992.0;
}

/* Magnitudes of a random scale, and energies that fit them more or less. */
static tsr_vector_input random_input(uint64_t *r, int whole) {
    static const unsigned outside[] = {0, 10, 12, 14};
    tsr_vector_input v = {.cls = (uint32_t)test_random_below(r, TSR_VECTOR_CLASSES)};
    double scale = pow(2, uniform(r) * 7 - 4);
    v.outside = whole ? 0 : outside[test_random_below(r, 4)];
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        if (v.outside >> i & 1) continue;
        v.y[i] = (float)(-log(1 - uniform(r)) * scale);
        v.energy[i] = (uint32_t)(scale * 512 * (0.2 + uniform(r)));
        v.total += v.energy[i];
    }
    return v;
}

static float distance(const tsr_vector_input *v, const tsr_book *b, const tsr_vector_choice *c) {
    float d = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        float e = v->y[i] - (float)tsr_choice_magnitude(b, c, i) / TSR_VECTOR_SCALE;
        if (!(v->outside >> i & 1)) d += e * e;
    }
    return d;
}

/* Where bits cost nothing, nothing is closer: not zero, not a shape, not the grid. */
static void test_nearest(void) {
    codec_test_job t;
    tsr_codebook cb;
    uint64_t r = 7;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_codebook_builtin(&cb, TSR_CODEBOOK_EC, &t.job), TSR_OK);
    tsr_vector_rate *rate = tsr_vector_rate_new(&cb, &t.job);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rate);
    for (int run = 0; run < 4000; run++) {
        tsr_vector_input v = random_input(&r, run & 1);
        const tsr_book *b = tsr_class_book(&cb, v.cls);
        tsr_vector_choice k = tsr_vector_cheapest(rate, &v, 0), zero = {.shape = TSR_GRID};
        float best = distance(&v, b, &zero);
        for (uint32_t i = 0; i < b->shapes && !v.outside; i++) {
            tsr_vector_choice c = {.shape = (int)i};
            float d = distance(&v, b, &c);
            best = d < best ? d : best;
        }
        CU_ASSERT(k.cost <= best + 1e-5f);
        CU_ASSERT_DOUBLE_EQUAL(k.cost, distance(&v, b, &k), 1e-4 * (1 + k.cost));
    }
    codec_test_job_close(&t);
}

/* What is best at one lambda is not beaten by what is best at another. */
static void test_lambda(void) {
    static const float lambda[] = {0.02f, 0.1f, 0.4f};
    codec_test_job t;
    tsr_codebook cb;
    uint64_t r = 11;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_codebook_builtin(&cb, TSR_CODEBOOK_EC, &t.job), TSR_OK);
    tsr_vector_rate *rate = tsr_vector_rate_new(&cb, &t.job);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rate);
    for (int run = 0; run < 4000; run++) {
        tsr_vector_input v = random_input(&r, 1);
        const tsr_book *b = tsr_class_book(&cb, v.cls);
        tsr_vector_choice k[3];
        float d[3], bits[3];
        for (int i = 0; i < 3; i++) {
            k[i] = tsr_vector_cheapest(rate, &v, lambda[i]);
            d[i] = distance(&v, b, &k[i]);
            bits[i] = (k[i].cost - d[i]) / lambda[i];
            CU_ASSERT(bits[i] > 0);
        }
        for (int i = 0; i < 3; i++)
            for (int n = 0; n < 3; n++) /* points of the grid are rounded one by one */
                CU_ASSERT(k[n].shape == TSR_GRID ||
                          k[i].cost <= (d[n] + lambda[i] * bits[n]) * 1.0001f + 1e-4f);
    }
    codec_test_job_close(&t);
}

/* Half of the vectors near zero, half near (1.4, 0, 0, 0). */
static void fill_samples(tsr_lloyd_sample *s, uint32_t n) {
    uint64_t r = 3;
    for (uint32_t i = 0; i < n; i++) {
        s[i] = (tsr_lloyd_sample){.weight = 1};
        for (unsigned p = 0; p < TSR_VECTOR; p++) s[i].v.y[p] = (float)uniform(&r) * 0.2f;
        if (i & 1) s[i].v.y[0] += 1.3f;
        for (unsigned p = 0; p < TSR_VECTOR; p++) s[i].v.energy[p] = 100;
        s[i].v.total = 400;
    }
}

enum { N = 3000, SHAPES = 6 };

static void fit(const tsr_lloyd_sample *s, float lambda,
                uint8_t (*shape)[TSR_MAX_SHAPES][TSR_VECTOR]) {
    static const uint8_t map[TSR_VECTOR_CLASSES];
    static const tsr_vector_weights weight[TSR_VECTOR_CLASSES];
    tsr_lloyd_options o = {.shapes = SHAPES, .rounds = 8, .lambda = lambda, .seed = 5};
    tsr_codebook cb = {.books = 1, .map = map, .weight = weight};
    tsr_buffer rates = {0};
    codec_test_job t;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_fit_lloyd(s, N, &o, &cb, shape, &rates, &t.job), TSR_OK);
    CU_ASSERT_EQUAL(rates.size,
                    TSR_VECTOR_CLASSES * (TSR_VECTOR_LEVELS + TSR_VECTOR_KINDS * TSR_BUCKETS) +
                        TSR_MAX_SHAPES * TSR_VECTOR_LEVELS);
    tsr_buffer_free(&rates);
    codec_test_job_close(&t);
}

static void test_lloyd(void) {
    static uint8_t a[1][TSR_MAX_SHAPES][TSR_VECTOR], b[1][TSR_MAX_SHAPES][TSR_VECTOR];
    tsr_lloyd_sample *s = malloc(N * sizeof *s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    fill_samples(s, N);
    for (int kind = 0; kind < 2; kind++) {
        float lambda = kind ? 0 : 0.1f;
        int found = 0;
        fit(s, lambda, a);
        fit(s, lambda, b);
        CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0); /* a seed, a result */
        tsr_book book = {.shapes = SHAPES, .shape = (const uint8_t(*)[TSR_VECTOR])a[0]};
        CU_ASSERT(tsr_book_index(&book));
        for (int k = 0; k < SHAPES; k++) {
            const uint8_t *c = a[0][k];
            for (int i = 0; i < k; i++) CU_ASSERT_NOT_EQUAL(memcmp(a[0][i], c, TSR_VECTOR), 0);
            /* without rates the signs of small magnitudes cost nothing and stay */
            found |= abs(c[0] - 22) <= 2 && (kind ? c[1] <= 4 : !c[1] && !c[2] && !c[3]);
        }
        CU_ASSERT(found);
    }
    free(s);
}

/* y = f0 / 2 + f1 / 4; the third feature goes against it. */
static uint32_t linear_sample(const void *data, uint32_t i, uint16_t *f, float *weight) {
    uint64_t r = 1000 + i;
    f[0] = (uint16_t)(4 * test_random_below(&r, 50));
    f[1] = (uint16_t)(4 * test_random_below(&r, 50));
    f[2] = (uint16_t)(400 - f[0] - f[1]);
    *weight = 1;
    return f[0] / 2u + f[1] / 4u;
}

static void test_nonneg(void) {
    double w[3];
    tsr_fit_nonneg(linear_sample, NULL, 2000, 3, w);
    CU_ASSERT_DOUBLE_EQUAL(w[0], 0.5, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(w[1], 0.25, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(w[2], 0, 0.001);
    CU_ASSERT_EQUAL(tsr_fit_weight_code(0.5), 128);
    CU_ASSERT_EQUAL(tsr_fit_weight_code(7), 255);
}

TSR_TEST_MAIN("fit of codebooks", {"nearest", test_nearest}, {"lambda", test_lambda},
              {"lloyd", test_lloyd}, {"weights", test_nonneg})
