/* test_quant_lattice.c - E8: its points, the nearest of them, their coding, what they gain. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lattice.h"
#include "quant_bench.h"
#include "tsr_test.h"

static quant_bench bench;

/* ---------------------------------------------------------------- the lattice */

static int is_codeword(unsigned odd) {
    for (uint32_t at = 0; at < TSR_E8; at++) {
        uint32_t parity = tsr_e8_parity(at, odd & ((1u << at) - 1));
        if (parity != TSR_E8_FREE && parity != (odd >> at & 1)) return 0;
    }
    return 1;
}

/* 16 words, closed under addition, of weights 0, 4 (14 of them) and 8: the extended Hamming code is
 * the only such. */
static void test_code(void) {
    unsigned weight[9] = {0}, words = 0;
    for (unsigned a = 0; a < 256; a++) {
        if (!is_codeword(a)) continue;
        words++;
        weight[__builtin_popcount(a)]++;
        for (unsigned b = 0; b < 256; b++)
            if (is_codeword(b)) CU_ASSERT(is_codeword(a ^ b));
    }
    CU_ASSERT(words == 16 && weight[0] == 1 && weight[4] == 14 && weight[8] == 1);
}

/* 240 shortest vectors, of squared length 4 on this grid (Conway & Sloane, table 4.9). */
static void test_shortest(void) {
    int shortest = 0, shorter = 0;
    for (long n = 0; n < 390625; n++) { /* 5^8: all of -2 .. 2 */
        int32_t length = 0;
        unsigned odd = 0;
        long rest = n;
        for (int i = 0; i < 8; i++, rest /= 5) {
            int32_t x = (int32_t)(rest % 5) - 2;
            length += x * x;
            odd |= (unsigned)(x & 1) << i;
        }
        if (!is_codeword(odd)) continue;
        shortest += length == 4;
        shorter += length > 0 && length < 4;
    }
    CU_ASSERT_EQUAL(shortest, 240);
    CU_ASSERT_EQUAL(shorter, 0);
}

static void test_levels(void) {
    for (int32_t x = -1001; x <= 1001; x++) {
        int32_t k = tsr_e8_level(x);
        CU_ASSERT_EQUAL(tsr_e8_coordinate(k, x & 1), x);
        CU_ASSERT((x & 1) == 0 || k != 0);
        CU_ASSERT(abs(k) == (abs(x) + 1) / 2);
    }
}

/* ---------------------------------------------------------------- the search */

/* One row of n coefficients as a detail band of step 2: a coordinate is a unit. */
static void open_row(uint32_t n, double lambda) {
    band_scene_flat(&bench.scene, n, 1, 1, TSR_DOMAIN_REAL);
    bench.scene.band[0].orient = TSR_ORIENT_D;
    bench.scene.band[0].level = 1;
    bench.scene.band[0].gain = 1;
    quant_bench_open(&bench, 1);
    quant_bench_defaults(&bench, &tsr_quantizer_lattice);
    bench.v[0].r = lambda;
    bench.v[1].i = 1;
}

/* Squared distance to the nearest point: for each codeword the nearest numbers of its parities. */
static double brute_force(const float *c) {
    double best = INFINITY;
    for (unsigned odd = 0; odd < 256; odd++) {
        double sum = 0;
        if (!is_codeword(odd)) continue;
        for (int i = 0; i < 8; i++) {
            double parity = odd >> i & 1, x = parity + 2 * round((c[i] - parity) / 2);
            sum += (c[i] - x) * (c[i] - x);
        }
        best = sum < best ? sum : best;
    }
    return best;
}

static void test_nearest(void) {
    enum { VECTORS = 3000 };
    uint64_t r = 1;
    double total = 0;
    open_row(VECTORS * TSR_E8, 0);
    float *c = bench.coeffs.data[0].f;
    for (int i = 0; i < VECTORS * 8; i++)
        c[i] = (float)((int)test_random_below(&r, 40001) - 20000) / 1000.0f;
    quant_bench_run(&bench, &tsr_quantizer_lattice, 2);
    for (int v = 0; v < VECTORS; v++) {
        double distance = 0;
        unsigned odd = 0;
        for (int i = 0; i < 8; i++) {
            int32_t x = bench.symbols.data[0][v * 8 + i];
            double d = c[v * 8 + i] - x;
            distance += d * d;
            odd |= (unsigned)(x & 1) << i;
        }
        CU_ASSERT(is_codeword(odd));
        CU_ASSERT_DOUBLE_EQUAL(distance, brute_force(c + v * 8), 1e-4);
        total += distance;
    }
    /* second moment a dimension for a cell of volume 1: 929/12960 (Conway & Sloane 1982, table I)
     */
    CU_ASSERT_DOUBLE_EQUAL(total / (VECTORS * 8) / 2, 929.0 / 12960, 0.0015);
    quant_bench_close(&bench);
}

/* The last coordinates of a row that fill no vector are even, and as near as even ones can be. */
static void test_left_over(void) {
    uint64_t r = 2;
    for (uint32_t n = 1; n < 24; n++) {
        open_row(n, 0);
        for (uint32_t i = 0; i < n; i++)
            bench.coeffs.data[0].f[i] = (float)((int)test_random_below(&r, 2001) - 1000) / 100.0f;
        quant_bench_run(&bench, &tsr_quantizer_lattice, 2);
        for (uint32_t i = n & ~7u; i < n; i++) {
            int32_t x = bench.symbols.data[0][i];
            CU_ASSERT_EQUAL(x & 1, 0);
            CU_ASSERT(fabs(bench.coeffs.data[0].f[i] - (double)x) <= 1 + 1e-5);
        }
        quant_bench_close(&bench);
    }
}

static double lagrangian(const tsr_quantizer *q, float step, double mean, double lambda) {
    double largest;
    band_scene_pyramid(&bench.scene, 128, 112, 3, 3, TSR_DOMAIN_REAL);
    quant_bench_open(&bench, 1);
    quant_bench_fill(&bench, 5, mean, 3);
    quant_bench_quantize(&bench, q, step);
    double unit = (double)step / 5;
    double d = quant_bench_error(&bench, &largest) * unit * unit, bits = quant_bench_bits(&bench);
    quant_bench_close(&bench);
    return d + lambda * bits;
}

/* With its own larger step the lattice beats independent levels at the rates where it should: error
 * + lambda * bits, in units of one step. */
static void test_gain(void) {
    static const double means[] = {1, 3, 10};
    for (int i = 0; i < 3; i++) {
        double scalar = lagrangian(&tsr_quantizer_rdo, 5, means[i], 0.11),
               lattice = lagrangian(&tsr_quantizer_lattice, 7, means[i], 0.11);
        if (!(lattice < scalar)) printf("mean %g: %g, rdo %g\n", means[i], lattice, scalar);
        CU_ASSERT(lattice < scalar);
    }
}

/* A larger lambda gives fewer bits and a larger error. */
static void test_lambda(void) {
    double bits_before = INFINITY, error_before = 0, largest;
    static const double lambdas[] = {0, 0.03, 0.08, 0.2, 0.6};
    for (int i = 0; i < 5; i++) {
        band_scene_pyramid(&bench.scene, 100, 90, 1, 2, TSR_DOMAIN_REAL);
        quant_bench_open(&bench, 1);
        quant_bench_fill(&bench, 5, 1.2, 4);
        quant_bench_defaults(&bench, &tsr_quantizer_lattice);
        bench.v[0].r = lambdas[i];
        quant_bench_run(&bench, &tsr_quantizer_lattice, 5);
        double bits = quant_bench_bits(&bench), error = quant_bench_error(&bench, &largest);
        CU_ASSERT(bits < bits_before && error > error_before);
        bits_before = bits;
        error_before = error;
        quant_bench_close(&bench);
    }
}

static void test_extremes(void) {
    static const float wild[] = {1e30f, -1e30f, INFINITY, -INFINITY, 0, -0.0f, 1e-30f, 3e9f};
    open_row(64, 0.05);
    for (int k = 0; k < 64; k++) bench.coeffs.data[0].f[k] = wild[(k + k / 8) % 8];
    quant_bench_run(&bench, &tsr_quantizer_lattice, 2);
    for (int k = 0; k < 64; k++) CU_ASSERT(abs(bench.symbols.data[0][k]) < 1 << 24);
    quant_bench_close(&bench);
}

TSR_TEST_MAIN("quantizer lattice", {"the code", test_code}, {"shortest vectors", test_shortest},
              {"levels", test_levels}, {"nearest point", test_nearest},
              {"ends of rows", test_left_over}, {"gain over rdo", test_gain},
              {"lambda", test_lambda}, {"extremes", test_extremes})
