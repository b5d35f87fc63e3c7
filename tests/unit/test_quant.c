/* test_quant.c - the quantizers: bounded errors, the grid of the trellis, reconstruction points
 * there, back and damaged, what the searches gain, independence of threads and of layers to come.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quant_bench.h"
#include "quant_points.h"
#include "rate_model.h"
#include "trellis.h"
#include "tsr_test.h"

static const tsr_quantizer *const scalar[] = {&tsr_quantizer_uniform, &tsr_quantizer_rdo,
                                              &tsr_quantizer_trellis};

static quant_bench bench_a, bench_b;

/* ---------------------------------------------------------------- errors */

static void test_uniform_error(void) {
    static const float steps[] = {0.01f, 1, 37};
    for (int i = 0; i < 3; i++) {
        double largest;
        band_scene_pyramid(&bench_a.scene, 90, 70, 3, 3, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, steps[i], 3, 1);
        quant_bench_quantize(&bench_a, &tsr_quantizer_uniform, steps[i]);
        quant_bench_error(&bench_a, &largest);
        CU_ASSERT(largest <= 1 - 0.34 + 0.5 + 1e-3); /* dead zone, and an offset of half a step */
        quant_bench_close(&bench_a);
    }
}

/* Low bands are rounded to the nearest by all of them. */
static void test_low_band_error(void) {
    for (int i = 0; i < 3; i++) {
        double largest;
        band_scene_flat(&bench_a.scene, 50, 40, 3, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, 2, 30, 2);
        quant_bench_quantize(&bench_a, scalar[i], 2);
        quant_bench_error(&bench_a, &largest);
        CU_ASSERT(largest <= 0.5 + 1e-3);
        quant_bench_close(&bench_a);
    }
}

/* With many levels the mean squared error is that of theory: step^2 / 12 for the uniform grid, less
 * for the trellis, whose union grid is twice as fine; the searches trade some error for rate. */
static void test_high_rate(void) {
    static const double low[] = {0.080, 0.080, 0.040}, high[] = {0.105, 0.130, 0.080};
    for (int i = 0; i < 3; i++) {
        double largest, mse;
        band_scene_pyramid(&bench_a.scene, 128, 128, 1, 1, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, 1, 40, 3);
        quant_bench_quantize(&bench_a, scalar[i], 1);
        mse = quant_bench_error(&bench_a, &largest) / (128 * 128);
        if (!(mse > low[i] && mse < high[i])) printf("%s: %g\n", scalar[i]->h.name, mse);
        CU_ASSERT(mse > low[i] && mse < high[i]);
        CU_ASSERT(largest < 2.5);
        quant_bench_close(&bench_a);
    }
}

/* Coefficients beyond all bounds saturate; bands of other domains are left alone. */
static void test_extremes(void) {
    static const float wild[] = {1e30f, -1e30f, INFINITY, -INFINITY, 0, -0.0f, 1e-30f, 3e9f};
    for (int i = 0; i < 3; i++) {
        band_scene_pyramid(&bench_a.scene, 16, 16, 3, 1, TSR_DOMAIN_REAL);
        bench_a.scene.band[3].domain = TSR_DOMAIN_INT;
        quant_bench_open(&bench_a, 1);
        for (uint32_t b = 0; b < bench_a.layout.n; b++)
            for (size_t k = 0; k < 64; k++) bench_a.coeffs.data[b].f[k] = wild[(k + b) % 8];
        for (size_t k = 0; k < 64; k++) bench_a.symbols.data[3][k] = (int32_t)k - 9;
        quant_bench_quantize(&bench_a, scalar[i], 1);
        for (uint32_t b = 0; b < bench_a.layout.n; b++)
            for (size_t k = 0; k < 64; k++) CU_ASSERT(abs(bench_a.symbols.data[b][k]) < 1 << 24);
        for (size_t k = 0; k < 64; k++) CU_ASSERT_EQUAL(bench_a.symbols.data[3][k], (int32_t)k - 9);
        quant_bench_close(&bench_a);
    }
}

/* ---------------------------------------------------------------- the trellis */

/* Without offsets every value lies on the grid of half steps: even places under Q0, odd ones or
 * zero under Q1; and the signs are those of the coefficients. */
static void check_grid(quant_bench *b, uint32_t band) {
    tsr_trellis tr;
    uint32_t state = 0;
    float half = tsr_band_step(&b->task, band) * 0.5f;
    tsr_trellis_init(&tr, b->symbols.states);
    for (size_t k = 0; k < tsr_band_size(&b->layout.band[band]); k++) {
        int32_t level = b->symbols.data[band][k];
        double index = b->decoded.data[band].f[k] / (double)half;
        long place = lround(index);
        CU_ASSERT_DOUBLE_EQUAL(index, place, 1e-3);
        CU_ASSERT(tsr_trellis_q1(&tr, state) ? place == 0 || place % 2 != 0 : place % 2 == 0);
        CU_ASSERT(!level || (level > 0) == (b->coeffs.data[band].f[k] > 0));
        state = tr.next[state][level & 1];
    }
}

static void test_trellis_grid(void) {
    for (int64_t states = 0; 4u << states <= TSR_TRELLIS_MAX; states++) {
        band_scene_pyramid(&bench_a.scene, 60, 44, 1, 2, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, 3, 2, 4);
        quant_bench_begin(&bench_a, &tsr_quantizer_trellis, 3);
        bench_a.v[0].i = states;
        bench_a.symbols.states = tsr_quantizer_trellis.states(bench_a.v);
        CU_ASSERT_EQUAL(bench_a.symbols.states, 4u << states);
        CU_ASSERT_EQUAL(tsr_quantizer_trellis.quantize(bench_a.state, &bench_a.task), TSR_OK);
        tsr_points none = {0};
        tsr_points_dequantize(&none, &bench_a.task);
        for (uint32_t b = 1; b < bench_a.layout.n; b++) check_grid(&bench_a, b);
        quant_bench_close(&bench_a);
    }
}

/* More states find a better path: D + lambda R must not grow (beyond the coder's noise). */
static void test_more_states(void) {
    double cost[8];
    int machines = 0;
    for (int64_t states = 0; 4u << states <= TSR_TRELLIS_MAX; states++) {
        double largest;
        band_scene_pyramid(&bench_a.scene, 128, 128, 1, 3, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, 1, 1.5, 5);
        quant_bench_begin(&bench_a, &tsr_quantizer_trellis, 1);
        bench_a.v[0].i = states;
        bench_a.symbols.states = 4u << states;
        CU_ASSERT_EQUAL(tsr_quantizer_trellis.quantize(bench_a.state, &bench_a.task), TSR_OK);
        CU_ASSERT_EQUAL(tsr_quantizer_trellis.dequantize(bench_a.state, &bench_a.task), TSR_OK);
        cost[machines++] =
            quant_bench_error(&bench_a, &largest) + bench_a.v[1].r * quant_bench_bits(&bench_a);
        quant_bench_close(&bench_a);
    }
    for (int i = 1; i < machines; i++) CU_ASSERT(cost[i] < cost[i - 1] * 1.002);
    CU_ASSERT(cost[machines - 1] < cost[0]);
}

/* ---------------------------------------------------------------- what searching gains */

static double lagrangian(const tsr_quantizer *q, double mean, double lambda, uint64_t seed) {
    double largest;
    band_scene_pyramid(&bench_a.scene, 120, 100, 3, 3, TSR_DOMAIN_REAL);
    quant_bench_open(&bench_a, 1);
    quant_bench_fill(&bench_a, 5, mean, seed);
    quant_bench_quantize(&bench_a, q, 5);
    double d = quant_bench_error(&bench_a, &largest), r = quant_bench_bits(&bench_a);
    quant_bench_close(&bench_a);
    return d + lambda * r;
}

static void test_rdo_gains(void) {
    static const double means[] = {0.15, 0.4, 1, 3, 10};
    for (int i = 0; i < 5; i++)
        CU_ASSERT(lagrangian(&tsr_quantizer_rdo, means[i], 0.1, 6) <
                  lagrangian(&tsr_quantizer_uniform, means[i], 0.1, 6));
}

/* ---------------------------------------------------------------- reconstruction points */

static void random_points(tsr_points *p, uint32_t layers, uint64_t *r) {
    memset(p, 0, sizeof *p);
    for (uint32_t l = 0; l < layers && l < TSR_POINT_LAYERS; l++)
        for (int k = 0; k < 6 && test_random_below(r, 3); k++)
            p->offset[l][k / 3][k % 3] = (int8_t)((int)test_random_below(r, 16) - 8);
}

static void test_points_round_trip(void) {
    uint64_t r = 7;
    for (unsigned i = 0; i < 2000; i++) {
        tsr_points p, back = {0};
        tsr_layout l = {.layers = 1 + i % 12};
        tsr_buffer b = {0};
        tsr_diag d;
        random_points(&p, l.layers, &r);
        tsr_points_save(&p, &l, &b);
        tsr_reader in = {.data = b.data, .size = b.size};
        CU_ASSERT_EQUAL(tsr_points_load(&back, &l, &in, &d), TSR_OK);
        CU_ASSERT_EQUAL(memcmp(&p, &back, sizeof p), 0);
        CU_ASSERT_EQUAL(in.pos, b.size);
        for (size_t n = 0; n < b.size; n++) {
            in = (tsr_reader){.data = b.data, .size = n};
            CU_ASSERT_EQUAL(tsr_points_load(&back, &l, &in, &d), TSR_ERR_FORMAT);
            CU_ASSERT_STRING_EQUAL(d.text, "reconstruction points are corrupt");
        }
        tsr_buffer_free(&b);
    }
}

/* A mask that names layers the picture does not have; all offsets that bytes can hold are legal. */
static void test_hostile_points(void) {
    uint8_t bytes[1 + 3 * TSR_POINT_LAYERS];
    for (unsigned mask = 0; mask < 256; mask++)
        for (uint32_t layers = 1; layers < 10; layers++) {
            tsr_points p = {0};
            tsr_layout l = {.layers = layers};
            tsr_reader in = {.data = bytes, .size = sizeof bytes};
            memset(bytes, 0x88, sizeof bytes);
            bytes[0] = (uint8_t)mask;
            tsr_status s = tsr_points_load(&p, &l, &in, NULL);
            CU_ASSERT_EQUAL(s, layers < 8 && mask >> layers ? TSR_ERR_FORMAT : TSR_OK);
            if (!s && mask & 1) CU_ASSERT(p.offset[0][0][0] == -8 && p.offset[0][1][2] == -8);
        }
}

/* Fitted points never make the error larger than none. */
static void test_points_help(void) {
    for (int i = 0; i < 3; i++) {
        double largest;
        band_scene_pyramid(&bench_a.scene, 120, 100, 3, 3, TSR_DOMAIN_REAL);
        quant_bench_open(&bench_a, 1);
        quant_bench_fill(&bench_a, 5, 0.8, 8);
        quant_bench_quantize(&bench_a, scalar[i], 5);
        double with = quant_bench_error(&bench_a, &largest);
        tsr_points none = {0};
        tsr_points_dequantize(&none, &bench_a.task);
        double without = quant_bench_error(&bench_a, &largest);
        CU_ASSERT(scalar[i] == &tsr_quantizer_uniform ? with < without : with <= without);
        quant_bench_close(&bench_a);
    }
}

/* ---------------------------------------------------------------- order and threads */

static int same_levels(const quant_bench *a, const quant_bench *b, uint32_t end_layer) {
    for (uint32_t i = 0; i < a->layout.n; i++)
        if (a->layout.band[i].layer < end_layer &&
            memcmp(a->symbols.data[i], b->symbols.data[i],
                   tsr_band_size(&a->layout.band[i]) * sizeof(int32_t)))
            return 0;
    return 1;
}

static void test_threads(void) {
    static const uint32_t threads[] = {2, 7};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            band_scene_pyramid(&bench_a.scene, 70, 90, 3, 3, TSR_DOMAIN_REAL);
            bench_b.scene = bench_a.scene;
            quant_bench_open(&bench_a, 1);
            quant_bench_open(&bench_b, threads[k]);
            quant_bench_fill(&bench_a, 5, 1, 9);
            quant_bench_fill(&bench_b, 5, 1, 9);
            quant_bench_quantize(&bench_a, scalar[i], 5);
            quant_bench_quantize(&bench_b, scalar[i], 5);
            CU_ASSERT(same_levels(&bench_a, &bench_b, UINT32_MAX));
            CU_ASSERT_EQUAL(memcmp(bench_a.state, bench_b.state, sizeof(tsr_points)), 0);
            quant_bench_close(&bench_a);
            quant_bench_close(&bench_b);
        }
}

/* Layer by layer: what was decided for a layer stays; for the uniform grid it is what one call
 * decides. */
static void test_layer_by_layer(void) {
    for (int i = 0; i < 3; i++) {
        band_scene_pyramid(&bench_a.scene, 70, 90, 3, 3, TSR_DOMAIN_REAL);
        bench_b.scene = bench_a.scene;
        quant_bench_open(&bench_a, 1);
        quant_bench_open(&bench_b, 1);
        quant_bench_fill(&bench_a, 5, 1, 10);
        quant_bench_begin(&bench_a, scalar[i], 5);
        for (uint32_t layer = 0; layer < bench_a.layout.layers; layer++) {
            bench_a.task.first_layer = layer;
            bench_a.task.end_layer = layer + 1;
            CU_ASSERT_EQUAL(scalar[i]->quantize(bench_a.state, &bench_a.task), TSR_OK);
            CU_ASSERT(same_levels(&bench_a, &bench_b, layer));
            for (uint32_t b = 0; b < bench_a.layout.n; b++)
                memcpy(bench_b.symbols.data[b], bench_a.symbols.data[b],
                       tsr_band_size(&bench_a.layout.band[b]) * sizeof(int32_t));
        }
        quant_bench_fill(&bench_b, 5, 1, 10);
        quant_bench_quantize(&bench_b, scalar[i], 5);
        CU_ASSERT(i > 0 || same_levels(&bench_a, &bench_b, UINT32_MAX));
        quant_bench_close(&bench_a);
        quant_bench_close(&bench_b);
    }
}

/* Trained costs are read from a table; they are those of a model that has counted nothing. */
static void test_trained_rates(void) {
    static tsr_rate_model m;
    static float bits[sizeof m.bits / sizeof(float)];
    tsr_rate_model_init(&m);
    memcpy(bits, m.bits, sizeof bits);
    CU_ASSERT(bits[0] > 0);
    tsr_rate_model_update(&m);
    CU_ASSERT_EQUAL(memcmp(bits, m.bits, sizeof bits), 0);
}

TSR_TEST_MAIN("quantizers", {"error of the uniform grid", test_uniform_error},
              {"error of low bands", test_low_band_error}, {"high rate", test_high_rate},
              {"extremes", test_extremes}, {"grid of the trellis", test_trellis_grid},
              {"more states", test_more_states}, {"rdo gains", test_rdo_gains},
              {"points there and back", test_points_round_trip},
              {"hostile points", test_hostile_points}, {"points help", test_points_help},
              {"threads", test_threads}, {"layer by layer", test_layer_by_layer},
              {"trained rates", test_trained_rates})
