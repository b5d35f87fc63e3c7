/* test_quant_blocks.c - block quantizers: bounds of buckets, centres, the moments that block
 * truncation keeps, sizes of all kinds, side information there, back and damaged. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quant_bench.h"
#include "quant_side.h"
#include "tsr_test.h"

static quant_bench bench;

enum { K, BLOCK, CENTRES };      /* parameters of buckets */
enum { BTC_BLOCK, BTC_MOMENTS }; /* of btc */

/* One band of the picture itself (low) or of detail. */
static void open_band(uint32_t w, uint32_t h, int low) {
    band_scene_flat(&bench.scene, w, h, 1, TSR_DOMAIN_REAL);
    if (!low) bench.scene.band[0].orient = TSR_ORIENT_D;
    quant_bench_open(&bench, 1);
}

/* Runs fn for each block of the band: its first sample, size and the row length. */
typedef void (*block_fn)(const float *c, const float *d, uint32_t w, uint32_t h, size_t row,
                         float step);

static void each_block(uint32_t side, block_fn fn) {
    const tsr_band *b = &bench.layout.band[0];
    for (uint32_t y = 0; y < b->h; y += side)
        for (uint32_t x = 0; x < b->w; x += side) {
            size_t at = (size_t)y * b->w + x;
            fn(bench.coeffs.data[0].f + at, bench.decoded.data[0].f + at,
               b->w - x < side ? b->w - x : side, b->h - y < side ? b->h - y : side, b->w,
               tsr_band_step(&bench.task, 0));
        }
}

/* ---------------------------------------------------------------- buckets */

static uint32_t most; /* buckets, for bucket_bounds() */

/* Decoded values lie in the block's range, rounded outwards to half steps, and are at most half a
 * bucket off; there are no more different ones than buckets. */
static void bucket_bounds(const float *c, const float *d, uint32_t w, uint32_t h, size_t row,
                          float step) {
    float least = INFINITY, greatest = -INFINITY, different[256];
    uint32_t n = 0;
    for (uint32_t i = 0; i < w * h; i++) {
        float v = c[i / w * row + i % w];
        least = v < least ? v : least;
        greatest = v > greatest ? v : greatest;
    }
    double lo = floor(least / (step / 2)) * step / 2, hi = ceil(greatest / (step / 2)) * step / 2;
    double buckets = ceil((hi - lo) / step - 1e-6);
    buckets = buckets < 1 ? 1 : buckets < most ? buckets : most;
    for (uint32_t i = 0; i < w * h; i++) {
        float v = c[i / w * row + i % w], out = d[i / w * row + i % w];
        CU_ASSERT(fabs((double)v - out) <= (hi - lo) / buckets / 2 + 1e-4 * step);
        CU_ASSERT(out >= lo - 1e-4 * step && out <= hi + 1e-4 * step);
        uint32_t k = 0;
        while (k < n && different[k] != out) k++;
        if (k == n && n < 256) different[n++] = out;
    }
    CU_ASSERT(n <= buckets);
}

static void test_bucket_bounds(void) {
    static const uint32_t ks[] = {0, 1, 2, 5, 16}, sides[] = {4, 7, 16};
    for (int k = 0; k < 5; k++)
        for (int s = 0; s < 3; s++) {
            open_band(45, 38, 1);
            quant_bench_fill(&bench, 3, 5, 1);
            quant_bench_defaults(&bench, &tsr_quantizer_buckets);
            bench.v[K].i = ks[k];
            bench.v[BLOCK].i = sides[s];
            most = ks[k] ? ks[k] : 65536;
            quant_bench_run(&bench, &tsr_quantizer_buckets, 3);
            each_block(sides[s], bucket_bounds);
            quant_bench_close(&bench);
        }
}

/* Detail: zero is decoded for the bucket that holds it, so errors stay below a bucket, or the block
 * has become zero. */
static void test_bucket_detail(void) {
    double largest;
    open_band(64, 64, 0);
    quant_bench_fill(&bench, 2, 6, 2);
    quant_bench_quantize(&bench, &tsr_quantizer_buckets, 2);
    quant_bench_error(&bench, &largest);
    CU_ASSERT(largest <= 1 + 1e-3);
    int zeros = 0;
    for (int i = 0; i < 64 * 64; i++) {
        float c = bench.coeffs.data[0].f[i], d = bench.decoded.data[0].f[i];
        zeros += d == 0;
        CU_ASSERT((bench.symbols.data[0][i] == 0) == (d == 0) || fabsf(c) < 2);
    }
    CU_ASSERT(zeros > 64);
    quant_bench_close(&bench);
}

/* A block of small coefficients costs more than it is worth. */
static void test_bucket_empty(void) {
    open_band(64, 64, 0);
    quant_bench_fill(&bench, 2, 0.1, 3);
    quant_bench_quantize(&bench, &tsr_quantizer_buckets, 2);
    for (int i = 0; i < 64 * 64; i++) CU_ASSERT_EQUAL(bench.decoded.data[0].f[i], 0.0f);
    CU_ASSERT(quant_bench_side_bits(&bench, &tsr_quantizer_buckets) <= 16);
    quant_bench_close(&bench);
}

/* Values of a few clusters get a centre each, within the grid of an eighth of a step. */
static void test_bucket_means(void) {
    static const float cluster[] = {-31, -4.5f, 12.25f, 60};
    uint64_t r = 4;
    for (int low = 0; low < 2; low++) {
        open_band(40, 40, low);
        for (int i = 0; i < 1600; i++)
            bench.coeffs.data[0].f[i] = cluster[test_random_below(&r, 4)];
        quant_bench_defaults(&bench, &tsr_quantizer_buckets);
        bench.v[K].i = 4;
        bench.v[BLOCK].i = 8;
        bench.v[CENTRES].i = 1;
        quant_bench_run(&bench, &tsr_quantizer_buckets, 2);
        for (int i = 0; i < 1600; i++) {
            double e = fabs((double)bench.coeffs.data[0].f[i] - bench.decoded.data[0].f[i]);
            CU_ASSERT(e <= tsr_band_step(&bench.task, 0) / 8 * 1.001);
        }
        quant_bench_close(&bench);
    }
}

/* At the same number of buckets means are never worse than middles; more buckets are better. */
static void test_bucket_order(void) {
    double before[2] = {INFINITY, INFINITY}, largest;
    for (int64_t k = 1; k <= 16; k *= 2) {
        double error[2];
        for (int means = 0; means < 2; means++) {
            open_band(64, 48, 1);
            quant_bench_fill(&bench, 1, 30, 5);
            quant_bench_defaults(&bench, &tsr_quantizer_buckets);
            bench.v[K].i = k;
            bench.v[CENTRES].i = means;
            quant_bench_run(&bench, &tsr_quantizer_buckets, 1);
            error[means] = quant_bench_error(&bench, &largest);
            CU_ASSERT(error[means] < before[means] || (k == 2 && !means)); /* both off zero */
            before[means] = error[means];
            quant_bench_close(&bench);
        }
        CU_ASSERT(error[1] < error[0]);
    }
}

static void test_bucket_check(void) {
    tsr_value v[3] = {{.i = 5}, {.i = 2}, {.i = 0}};
    tsr_diag d;
    CU_ASSERT_EQUAL(tsr_quantizer_buckets.check(v, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(d.text, "buckets: k=5 is more than the 4 coefficients of a block");
    v[K].i = 4;
    CU_ASSERT_EQUAL(tsr_quantizer_buckets.check(v, &d), TSR_OK);
}

/* ---------------------------------------------------------------- block truncation */

static int absolute;
static uint32_t checked;

/* Mean and variance, or mean and mean absolute deviation, are those of the coefficients, within the
 * half of a half step to which they are rounded. */
static void moments_kept(const float *c, const float *d, uint32_t w, uint32_t h, size_t row,
                         float step) {
    double n = w * h, mean[2] = {0, 0}, spread[2] = {0, 0};
    for (uint32_t i = 0; i < w * h; i++) {
        mean[0] += c[i / w * row + i % w] / n;
        mean[1] += d[i / w * row + i % w] / n;
    }
    for (uint32_t i = 0; i < w * h; i++) {
        double a = c[i / w * row + i % w] - mean[0], b = d[i / w * row + i % w] - mean[1];
        spread[0] += absolute ? fabs(a) / n : a * a / n;
        spread[1] += absolute ? fabs(b) / n : b * b / n;
    }
    if (!absolute) spread[0] = sqrt(spread[0]), spread[1] = sqrt(spread[1]);
    /* one level may be enough, or nearer in a block with a far outlier */
    if (spread[0] < 2 * step || spread[1] < 1e-3 * step) return;
    checked++;
    CU_ASSERT_DOUBLE_EQUAL(mean[0], mean[1], 0.2501 * step);
    CU_ASSERT_DOUBLE_EQUAL(spread[0], spread[1], 0.2501 * step);
}

static void test_moments(void) {
    for (absolute = 0; absolute < 2; absolute++)
        for (int64_t side = 2; side <= 16; side += 7)
            for (int low = 0; low < 2; low++) {
                open_band(43, 36, low);
                /* spreads far above the step: two levels everywhere */
                quant_bench_fill(&bench, 1, 200, 6);
                quant_bench_defaults(&bench, &tsr_quantizer_btc);
                bench.v[BTC_BLOCK].i = side;
                bench.v[BTC_MOMENTS].i = absolute;
                quant_bench_run(&bench, &tsr_quantizer_btc, 1);
                checked = 0;
                each_block((uint32_t)side, moments_kept);
                CU_ASSERT(checked > 3 && checked * (uint64_t)(side * side) > 43 * 36 / 2);
                quant_bench_close(&bench);
            }
}

static uint32_t flat_blocks, all_blocks;

static void count_levels(const float *c, const float *d, uint32_t w, uint32_t h, size_t row,
                         float step) {
    uint32_t n = 1;
    float a = d[0], b = d[0];
    (void)c, (void)step;
    for (uint32_t i = 1; i < w * h; i++) {
        float v = d[i / w * row + i % w];
        if (v == a || v == b) continue;
        b = v;
        n++;
    }
    CU_ASSERT(n <= 2);
    flat_blocks += n == 1;
    all_blocks++;
}

/* Never more than two levels; the larger the step, the more blocks have one. */
static void test_two_levels(void) {
    uint32_t before = 0;
    for (float step = 1; step < 300; step *= 4) {
        open_band(50, 61, 1);
        quant_bench_fill(&bench, 1, 20, 7);
        quant_bench_quantize(&bench, &tsr_quantizer_btc, step);
        flat_blocks = all_blocks = 0;
        each_block(4, count_levels);
        CU_ASSERT(flat_blocks >= before);
        before = flat_blocks;
        quant_bench_close(&bench);
    }
    CU_ASSERT_EQUAL(flat_blocks, all_blocks);
}

/* ---------------------------------------------------------------- both */

/* Side information of layouts of many shapes, and of wild coefficients. */
static void test_side(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {1, 50}, {33, 2}, {64, 64}, {61, 45}};
    static const float wild[] = {1e30f, -1e30f, INFINITY, -INFINITY, 0, -0.0f, 1e-30f, 3e9f};
    for (int i = 0; i < 5; i++)
        for (int variant = 0; variant < 4; variant++)
            for (int extreme = 0; extreme < 2; extreme++) {
                const tsr_quantizer *q = variant & 2 ? &tsr_quantizer_btc : &tsr_quantizer_buckets;
                band_scene_pyramid(&bench.scene, sizes[i][0], sizes[i][1], 2, 2, TSR_DOMAIN_REAL);
                if (variant & 1)
                    band_scene_flat(&bench.scene, sizes[i][0], sizes[i][1], 4, TSR_DOMAIN_REAL);
                quant_bench_open(&bench, 1);
                quant_bench_fill(&bench, 2, 3, 8);
                for (uint32_t b = 0; b < bench.layout.n && extreme; b++)
                    for (size_t k = 0; k < tsr_band_size(&bench.layout.band[b]); k++)
                        bench.coeffs.data[b].f[k] = wild[(k + k / 8 + b) % 8];
                quant_bench_defaults(&bench, q);
                if (q == &tsr_quantizer_buckets) bench.v[CENTRES].i = variant & 1;
                if (q == &tsr_quantizer_btc) bench.v[BTC_MOMENTS].i = variant & 1;
                quant_bench_run(&bench, q, 2);
                for (uint32_t b = 0; b < bench.layout.n; b++)
                    for (size_t k = 0; k < tsr_band_size(&bench.layout.band[b]); k++)
                        CU_ASSERT(abs(bench.symbols.data[b][k]) < 1 << 24);
                quant_bench_check_side(&bench, q, 9);
                quant_bench_close(&bench);
            }
}

/* Levels that no encoder writes are taken as the nearest legal ones. */
static void test_wild_levels(void) {
    static const int32_t wild[] = {INT32_MIN + 1, INT32_MAX, -70000, 70000, 3, -3};
    const tsr_quantizer *const q[] = {&tsr_quantizer_buckets, &tsr_quantizer_btc};
    for (int i = 0; i < 4; i++) {
        open_band(32, 32, i & 1);
        quant_bench_fill(&bench, 2, 5, 10);
        quant_bench_quantize(&bench, q[i / 2], 2);
        for (int k = 0; k < 1024; k++) bench.symbols.data[0][k] = wild[k % 6];
        CU_ASSERT_EQUAL(q[i / 2]->dequantize(bench.state, &bench.task), TSR_OK);
        for (int k = 0; k < 1024; k++) CU_ASSERT(fabsf(bench.decoded.data[0].f[k]) < 1000);
        quant_bench_close(&bench);
    }
}

/* Numbers come back from the coder, the largest ones too. */
static void test_numbers(void) {
    enum { N = 4000 };
    static int32_t number[N];
    tsr_side c;
    tsr_buffer out = {0};
    uint64_t r = 11;
    for (int i = 0; i < N; i++) {
        int32_t a = (int32_t)(test_random(&r) >> 39 >> test_random_below(&r, 26));
        number[i] = a > (1 << 25) - 2 ? (1 << 25) - 2 : a;
        if (i % 3 && test_random(&r) & 1) number[i] = -number[i];
    }
    for (int decoding = 0; decoding < 2; decoding++) {
        tsr_reader in = {.data = out.data, .size = out.size};
        if (decoding)
            tsr_side_decode_start(&c, &in);
        else
            tsr_side_encode_start(&c, &out);
        for (int i = 0; i < N; i++) {
            unsigned kind = (unsigned)i % TSR_SIDE_KINDS, context = (unsigned)i % TSR_SIDE_CONTEXTS;
            int32_t v = decoding ? 0 : number[i];
            v = i % 3 ? tsr_side_number(&c, kind, context, v)
                      : (int32_t)tsr_side_count(&c, kind, context, (uint32_t)v);
            CU_ASSERT_EQUAL(v, number[i]);
        }
        if (!decoding) tsr_side_encode_end(&c);
    }
    tsr_buffer_free(&out);
}

TSR_TEST_MAIN("block quantizers", {"bounds of buckets", test_bucket_bounds},
              {"buckets of detail", test_bucket_detail}, {"empty blocks", test_bucket_empty},
              {"centres of clusters", test_bucket_means}, {"means and middles", test_bucket_order},
              {"refused parameters", test_bucket_check}, {"moments", test_moments},
              {"two levels", test_two_levels}, {"side information", test_side},
              {"wild levels", test_wild_levels}, {"numbers", test_numbers})
