/* test_quant_kmeans.c - k-means on a line against all partitions, and the quantizer made of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kmeans_1d.h"
#include "quant_bench.h"
#include "tsr_test.h"

static quant_bench bench;

enum { K, LAMBDA, PASSES };

/* ---------------------------------------------------------------- on a line */

static double run_error(const float *x, const float *w, uint32_t first, uint32_t end) {
    double sum = 0, weight = 0, mean, error = 0;
    for (uint32_t i = first; i < end; i++) {
        weight += w ? w[i] : 1;
        sum += (w ? w[i] : 1) * (double)x[i];
    }
    mean = sum / weight;
    for (uint32_t i = first; i < end; i++) error += (w ? w[i] : 1) * (x[i] - mean) * (x[i] - mean);
    return error;
}

/* Least error of n points in exactly k runs, by trying all. */
static double exhaustive(const float *x, const float *w, uint32_t n, uint32_t k) {
    double best = INFINITY;
    for (uint32_t borders = 0; borders < 1u << (n - 1); borders++) {
        if ((uint32_t)__builtin_popcount(borders) != k - 1) continue;
        double error = 0;
        uint32_t first = 0;
        for (uint32_t i = 1; i <= n; i++) {
            if (i < n && !(borders >> (i - 1) & 1)) continue;
            error += run_error(x, w, first, i);
            first = i;
        }
        best = error < best ? error : best;
    }
    return best;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void check_line(uint64_t *r, uint32_t n, int weighted) {
    float x[12], w[12], mean[12];
    uint32_t end[12];
    double error[12];
    void *memory = malloc(tsr_kmeans_1d_memory(n, n));
    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    for (uint32_t i = 0; i < n; i++) {
        x[i] = (float)test_random_laplacian(r, 50) + 1000;
        w[i] = (float)(1 + test_random_below(r, 9));
    }
    qsort(x, n, sizeof *x, ascending);
    tsr_kmeans_1d(x, weighted ? w : NULL, n, n, error, memory);
    for (uint32_t k = 1; k <= n; k++) {
        double least = exhaustive(x, weighted ? w : NULL, n, k), own = 0;
        CU_ASSERT_DOUBLE_EQUAL(error[k - 1], least, 1e-6 * least + 1e-6);
        tsr_kmeans_1d_groups(x, n, k, end, mean, memory);
        CU_ASSERT_EQUAL(end[k - 1], n);
        for (uint32_t j = 0; j < k; j++) {
            uint32_t first = j ? end[j - 1] : 0;
            CU_ASSERT(end[j] > first);
            CU_ASSERT(mean[j] >= x[first] - 1e-3f && mean[j] <= x[end[j] - 1] + 1e-3f);
            own += run_error(x, weighted ? w : NULL, first, end[j]);
        }
        CU_ASSERT_DOUBLE_EQUAL(own, least, 1e-6 * least + 1e-6);
    }
    free(memory);
}

static void test_line(void) {
    uint64_t r = 1;
    for (uint32_t n = 1; n <= 12; n++)
        for (int i = 0; i < 6; i++) check_line(&r, n, i & 1);
}

/* ---------------------------------------------------------------- the quantizer */

static void open_pyramid(double mean, uint64_t seed) {
    band_scene_pyramid(&bench.scene, 120, 100, 3, 3, TSR_DOMAIN_REAL);
    quant_bench_open(&bench, 1);
    quant_bench_fill(&bench, 5, mean, seed);
}

/* Levels and decoded values have the same order and sign, level 0 is zero, and with k there are no
 * more than k values in a band. */
static void check_centres(uint32_t b, int64_t k) {
    size_t n = tsr_band_size(&bench.layout.band[b]);
    int32_t least = INT32_MAX, greatest = INT32_MIN;
    static float value[2 * 4096 + 1];
    static char known[2 * 4096 + 1];
    memset(known, 0, sizeof known);
    for (size_t i = 0; i < n; i++) {
        int32_t level = bench.symbols.data[b][i];
        float v = bench.decoded.data[b].f[i];
        CU_ASSERT_FATAL(level >= -4096 && level <= 4096);
        CU_ASSERT((level == 0) == (v == 0) && (level > 0) == (v > 0));
        CU_ASSERT(!known[level + 4096] || value[level + 4096] == v);
        known[level + 4096] = 1;
        value[level + 4096] = v;
        least = level < least ? level : least;
        greatest = level > greatest ? level : greatest;
    }
    CU_ASSERT(!k || greatest - least < k);
    float last = -INFINITY;
    for (int32_t i = least; i <= greatest; i++) {
        if (!known[i + 4096]) continue;
        CU_ASSERT(value[i + 4096] > last);
        last = value[i + 4096];
    }
}

static void test_centres(void) {
    static const int64_t ks[] = {0, 1, 2, 3, 8, 31, 256};
    for (int i = 0; i < 7; i++) {
        open_pyramid(4, 2);
        quant_bench_defaults(&bench, &tsr_quantizer_kmeans);
        bench.v[K].i = ks[i];
        quant_bench_run(&bench, &tsr_quantizer_kmeans, 5);
        for (uint32_t b = 0; b < bench.layout.n; b++)
            if (bench.layout.band[b].orient != TSR_ORIENT_LOW) check_centres(b, ks[i]);
        quant_bench_close(&bench);
    }
}

/* Without a rate term every coefficient is at its nearest centre, and every centre near the mean of
 * what came to it: the two conditions of Lloyd. */
static void test_lloyd(void) {
    enum { N = 128 * 128 };
    static double sum[64], count[64];
    band_scene_pyramid(&bench.scene, 256, 256, 1, 1, TSR_DOMAIN_REAL);
    quant_bench_open(&bench, 1);
    quant_bench_fill(&bench, 1, 3, 3);
    quant_bench_defaults(&bench, &tsr_quantizer_kmeans);
    bench.v[K].i = 9;
    bench.v[LAMBDA].r = 0;
    bench.v[PASSES].i = 8;
    quant_bench_run(&bench, &tsr_quantizer_kmeans, 1);
    float centre[9] = {0}, unit = tsr_band_step(&bench.task, 1);
    memset(sum, 0, sizeof sum);
    memset(count, 0, sizeof count);
    for (int i = 0; i < N; i++) {
        int32_t k = bench.symbols.data[1][i];
        centre[k + 4] = bench.decoded.data[1].f[i];
        sum[abs(k)] += k < 0 ? -bench.coeffs.data[1].f[i] : bench.coeffs.data[1].f[i];
        count[abs(k)]++;
    }
    for (int m = 1; m <= 4; m++) {
        CU_ASSERT(count[m] > 0);
        CU_ASSERT_DOUBLE_EQUAL(centre[4 + m] / unit, sum[m] / count[m] / unit, 0.04);
    }
    for (int i = 0; i < N; i++) {
        float c = bench.coeffs.data[1].f[i];
        double own = fabs((double)c - bench.decoded.data[1].f[i]);
        /* centres moved once more after the last assignment, by little */
        for (int m = 0; m < 9; m++) CU_ASSERT(own <= fabs((double)c - centre[m]) + 0.2 * unit);
    }
    quant_bench_close(&bench);
}

/* error + lambda * bits, in steps^2, side information included */
static double lagrangian(const tsr_quantizer *q, double mean, double lambda) {
    double largest;
    open_pyramid(mean, 4);
    quant_bench_quantize(&bench, q, 5);
    double d = quant_bench_error(&bench, &largest),
           bits = quant_bench_bits(&bench) + quant_bench_side_bits(&bench, q);
    quant_bench_close(&bench);
    return d + lambda * bits;
}

static void test_gain(void) {
    static const double means[] = {0.15, 0.4, 1, 3};
    for (int i = 0; i < 4; i++)
        CU_ASSERT(lagrangian(&tsr_quantizer_kmeans, means[i], 0.1) <
                  lagrangian(&tsr_quantizer_uniform, means[i], 0.1));
}

/* The picture itself: more centres, less error; no more values than centres; with k = 0 rounding.
 */
static void test_picture_itself(void) {
    double before = INFINITY, largest;
    for (int64_t k = 1; k <= 256; k *= 4) {
        int32_t greatest = 0;
        band_scene_flat(&bench.scene, 70, 50, 2, TSR_DOMAIN_REAL);
        quant_bench_open(&bench, 1);
        quant_bench_fill(&bench, 1, 100, 5);
        quant_bench_defaults(&bench, &tsr_quantizer_kmeans);
        bench.v[K].i = k;
        quant_bench_run(&bench, &tsr_quantizer_kmeans, 0.25f);
        double error = quant_bench_error(&bench, &largest);
        CU_ASSERT(error < before);
        before = error;
        for (int i = 0; i < 3500; i++) {
            int32_t level = bench.symbols.data[0][i];
            CU_ASSERT(level >= 0 && level < k);
            greatest = level > greatest ? level : greatest;
        }
        CU_ASSERT(k > 64 || greatest == k - 1);
        quant_bench_close(&bench);
    }
    band_scene_flat(&bench.scene, 70, 50, 2, TSR_DOMAIN_REAL);
    quant_bench_open(&bench, 1);
    quant_bench_fill(&bench, 1, 100, 5);
    quant_bench_quantize(&bench, &tsr_quantizer_kmeans, 2);
    quant_bench_error(&bench, &largest);
    CU_ASSERT(largest <= 0.5 + 1e-3);
    quant_bench_close(&bench);
}

static void test_side(void) {
    static const float wild[] = {1e30f, -1e30f, INFINITY, -INFINITY, 0, -0.0f, 1e-30f, 3e9f};
    for (int i = 0; i < 8; i++) {
        if (i & 1)
            band_scene_flat(&bench.scene, 40, 33, 3, TSR_DOMAIN_REAL);
        else
            band_scene_pyramid(&bench.scene, 61, 45, 3, 3, TSR_DOMAIN_REAL);
        quant_bench_open(&bench, 1);
        quant_bench_fill(&bench, 2, 4, 6);
        for (uint32_t b = 0; b < bench.layout.n && i & 4; b++)
            for (size_t k = 0; k < tsr_band_size(&bench.layout.band[b]); k++)
                bench.coeffs.data[b].f[k] = wild[(k + k / 8 + b) % 8];
        quant_bench_defaults(&bench, &tsr_quantizer_kmeans);
        bench.v[K].i = i & 2 ? 20 : 0;
        quant_bench_run(&bench, &tsr_quantizer_kmeans, 2);
        for (uint32_t b = 0; b < bench.layout.n; b++)
            for (size_t k = 0; k < tsr_band_size(&bench.layout.band[b]); k++)
                CU_ASSERT(abs(bench.symbols.data[b][k]) < 1 << 24);
        quant_bench_check_side(&bench, &tsr_quantizer_kmeans, 7);
        quant_bench_close(&bench);
    }
}

TSR_TEST_MAIN("quantizer kmeans", {"all partitions", test_line}, {"centres", test_centres},
              {"conditions of Lloyd", test_lloyd}, {"gain over uniform", test_gain},
              {"the picture itself", test_picture_itself}, {"side information", test_side})
