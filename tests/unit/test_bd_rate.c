/* test_bd_rate.c - interpolation, BD-rate and bootstrap against values computed elsewhere.
 *
 * The curves are measurements of one picture. The expected BD-rates, slopes and integrals are those
 * of scipy 1.10 (PchipInterpolator: derivative, value, integrate).
 */
#include <math.h>

#include "lab/bd_rate.h"
#include "lab/bootstrap.h"
#include "tsr_test.h"

typedef struct point {
    double bpp, db;
} point;

static const point jpeg2000[] = {{0.049764, 21.4538}, {0.098938, 22.7961}, {0.150269, 23.7152},
                                 {0.199972, 24.4380}, {0.299683, 25.5664}, {0.398560, 26.4885},
                                 {0.597168, 28.1117}, {0.800008, 29.5419}, {0.999634, 30.8021},
                                 {1.499634, 33.4824}, {1.998657, 36.3427}, {2.999776, 40.9812}};
static const point avif[] = {{0.061340, 23.1142}, {0.172201, 25.4332}, {0.318502, 27.2669},
                             {0.532572, 29.3178}, {0.836812, 31.6972}, {1.231079, 34.3028},
                             {1.680766, 36.8618}, {2.104146, 38.9650}, {2.601440, 41.0709}};
static const point jpeg[] = {{0.256429, 22.1269}, {0.431620, 24.8989}, {0.585347, 26.1752},
                             {0.770182, 27.3636}, {0.945374, 28.3727}, {1.137248, 29.2968},
                             {1.316264, 30.0505}, {1.515340, 30.8282}, {1.813375, 31.9455},
                             {2.288534, 33.7123}, {3.058126, 36.3953}, {3.956930, 39.6076}};
#define N(a) (sizeof(a) / sizeof *(a))

static tsr_lab_pool pool;

/* Points are handed over backwards: the order must not matter. */
static tsr_rd_fit fit_of(const point *p, size_t n) {
    double bpp[16], db[16];
    tsr_rd_fit f;
    tsr_diag d;
    tsr_diag_init(&d);
    for (size_t i = 0; i < n; i++) {
        bpp[i] = p[n - 1 - i].bpp;
        db[i] = p[n - 1 - i].db;
    }
    CU_ASSERT_EQUAL_FATAL(tsr_rd_fit_make(&pool, bpp, db, n, &f, &d), TSR_OK);
    return f;
}

static void test_interpolation(void) {
    static const double x[] = {0, 1, 2.5, 3, 5, 6}, y[] = {0, 2, 2.2, 2.2, 1.0, 4};
    static const double slope[] = {2.7466666667, 0.2654867257, 0, 0, 0, 4.2};
    point p[6];
    for (int i = 0; i < 6; i++) p[i] = (point){exp(y[i]), x[i]};
    tsr_rd_fit f = fit_of(p, 6);
    CU_ASSERT_EQUAL(f.n, 6);
    for (int i = 0; i < 6; i++) CU_ASSERT_DOUBLE_EQUAL(f.slope[i], slope[i], 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_at(&f, 0.3), 0.8190343363, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_at(&f, 1.7), 2.1428761717, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_at(&f, 4.1), 1.5103, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_at(&f, 6), 4, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_integral(&f, 0.4, 5.7), 9.6287424690, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(tsr_rd_fit_integral(&f, 1.2, 1.2), 0, 1e-12);
    CU_ASSERT_TRUE(f.not_monotone);
    tsr_lab_pool_free(&pool);
}

static void test_bd_rates(void) {
    tsr_rd_fit j2k = fit_of(jpeg2000, N(jpeg2000)), av = fit_of(avif, N(avif)),
               jp = fit_of(jpeg, N(jpeg));
    CU_ASSERT_DOUBLE_EQUAL(tsr_bd_rate(&j2k, &av).percent, -28.652772, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(tsr_bd_rate(&j2k, &jp).percent, 64.126976, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(tsr_bd_rate(&av, &jp).percent, 124.839689, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(tsr_bd_rate(&av, &j2k).percent, 40.159615, 1e-4);
    CU_ASSERT_EQUAL(tsr_bd_rate(&j2k, &j2k).percent, 0);
    tsr_bd bd = tsr_bd_rate(&j2k, &av);
    CU_ASSERT_EQUAL(bd.flags, 0);
    CU_ASSERT_DOUBLE_EQUAL(bd.lo, 23.1142, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bd.hi, 40.9812, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bd.share, (40.9812 - 23.1142) / (41.0709 - 23.1142), 1e-9);
    tsr_lab_pool_free(&pool);
}

static void test_two_points(void) {
    static const point a[] = {{1, 30}, {2, 36}}, b[] = {{0.5, 30}, {1.1, 36}};
    tsr_rd_fit fa = fit_of(a, 2), fb = fit_of(b, 2);
    tsr_bd bd = tsr_bd_rate(&fa, &fb);
    CU_ASSERT_DOUBLE_EQUAL(bd.percent, -47.559558, 1e-4);
    CU_ASSERT_EQUAL(bd.flags, TSR_BD_FEW_POINTS);
    tsr_lab_pool_free(&pool);
}

static void test_flags(void) {
    static const point a[] = {{.25, 28}, {.5, 31.5}, {1, 35}, {2, 39}};
    static const point back[] = {{0.2, 28}, {0.4, 31}, {0.35, 32}, {0.8, 35}, {1.6, 38.5}};
    static const point near_top[] = {{1.8, 38}, {2.2, 39.5}, {3, 42}, {4, 45}};
    static const point above[] = {{2, 38.7}, {2.2, 39.5}, {3, 42}, {4, 45}};
    static const point one[] = {{1, 34}};
    tsr_rd_fit fa = fit_of(a, 4), fb = fit_of(back, 5), ft = fit_of(near_top, 4),
               fo = fit_of(above, 4), f1 = fit_of(one, 1), f0 = fit_of(NULL, 0);
    tsr_bd bd = tsr_bd_rate(&fa, &fb);
    CU_ASSERT_DOUBLE_EQUAL(bd.percent, -19.072948, 1e-4);
    CU_ASSERT_EQUAL(bd.flags, TSR_BD_NOT_MONOTONE);
    CU_ASSERT_EQUAL(tsr_bd_rate(&fa, &ft).flags, TSR_BD_THIN);
    CU_ASSERT_TRUE(isfinite(tsr_bd_rate(&fa, &ft).percent));
    CU_ASSERT_EQUAL(tsr_bd_rate(&fa, &fo).flags, TSR_BD_NO_OVERLAP);
    CU_ASSERT_TRUE(isnan(tsr_bd_rate(&fa, &fo).percent));
    CU_ASSERT_TRUE(isnan(tsr_bd_rate(&fa, &f1).percent));
    CU_ASSERT_TRUE(isnan(tsr_bd_rate(&f0, &fa).percent));
    tsr_lab_pool_free(&pool);
}

/* Several points of one quality: the cheapest counts, and the curve is flagged. */
static void test_equal_quality(void) {
    static const point p[] = {{0.2, 30}, {0.3, 30}, {0.5, 34}, {1, 38}};
    tsr_rd_fit f = fit_of(p, 4);
    CU_ASSERT_EQUAL(f.n, 3);
    CU_ASSERT_DOUBLE_EQUAL(f.y[0], log(0.2), 1e-12);
    CU_ASSERT_TRUE(f.not_monotone);
    tsr_lab_pool_free(&pool);
}

static void test_bootstrap(void) {
    double v[24], lo, hi, lo2, hi2, sum = 0;
    for (int i = 0; i < 24; i++) sum += v[i] = -20 + i % 7 - 0.3 * (i % 5);
    tsr_bootstrap_mean(v, 24, TSR_BOOTSTRAP_SEED, &lo, &hi);
    tsr_bootstrap_mean(v, 24, TSR_BOOTSTRAP_SEED, &lo2, &hi2);
    CU_ASSERT_EQUAL(lo, lo2);
    CU_ASSERT_EQUAL(hi, hi2);
    CU_ASSERT_TRUE(lo < sum / 24 && sum / 24 < hi);
    /* About 1.96 standard errors either way. */
    double mean = sum / 24, var = 0;
    for (int i = 0; i < 24; i++) var += (v[i] - mean) * (v[i] - mean) / 24;
    double error = sqrt(var / 24);
    CU_ASSERT_DOUBLE_EQUAL((hi - lo) / 2, 1.96 * error, 0.15 * error);
    tsr_bootstrap_mean(v, 24, 7, &lo2, &hi2);
    CU_ASSERT_TRUE(lo != lo2 || hi != hi2);
    tsr_bootstrap_mean(v, 1, 7, &lo, &hi);
    CU_ASSERT_TRUE(isnan(lo) && isnan(hi));
}

/* The generator is pinned: intervals of a paper can be had again. */
static void test_bootstrap_values(void) {
    const double v[] = {1, 2, 4, 8};
    double lo, hi;
    tsr_bootstrap_mean(v, 4, TSR_BOOTSTRAP_SEED, &lo, &hi);
    CU_ASSERT_DOUBLE_EQUAL(lo, 1.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(hi, 6.5, 1e-12);
}

TSR_TEST_MAIN("bd_rate", {"interpolation equals PCHIP of others", test_interpolation},
              {"BD-rates equal those of others", test_bd_rates}, {"two points", test_two_points},
              {"thin overlap, no overlap, curves that fall back", test_flags},
              {"points of equal quality", test_equal_quality},
              {"bootstrap: repeatable, and as wide as it should be", test_bootstrap},
              {"bootstrap: pinned values", test_bootstrap_values})
