/* test_metrics.c - the figures of tsr_compare: by hand, by closed formula, and against a second
 * computation with another method (metrics_reference.py, whose output is the table below). */
#include <math.h>
#include <string.h>

#include <tessera/metrics.h>

#include "test_picture.h"
#include "tsr_test.h"

typedef struct figures {
    uint32_t width, height;
    unsigned channels, depth;
    double mse, psnr, psnr_rgb, psnr_y, psnr_last, ssim, ms_ssim;
    uint32_t max_error;
    double psnr_hvs, psnr_hvs_m;
} figures;

/* Printed by metrics_reference.py. */
static const figures REFERENCE[] = {
    {40, 31, 3, 8, 42.9317204301, 31.8030206828, 31.8030206828, 35.6137892606, 31.8535945577,
     0.835192766569, NAN, 11, 35.020444, 37.855081},
    {11, 11, 1, 8, 23.1239669421, 34.4901802103, 34.4901802103, 34.4901802103, 34.4901802103,
     0.538870563804, NAN, 11, 33.087209, 33.617662},
    {53, 29, 4, 16, 2841849.90452, 31.7934547108, 31.8066315322, 35.6626037137, 31.7541624386,
     0.8425075557, NAN, 2827, 35.352425, 38.431984},
    {33, 47, 2, 8, 43.3455834945, 31.7613550731, 31.7709910475, 31.7709910475, 31.7517404313,
     0.806156379323, NAN, 11, 30.895044, 33.023161},
    {181, 187, 3, 8, 43.5157916507, 31.7443347214, 31.7443347214, 35.4946709633, 31.9243840272,
     0.939696518442, 0.995225043496, 11, 35.170996, 40.509567},
    {256, 176, 1, 16, 3010710.2486, 31.542776466, 31.542776466, 31.542776466, 31.542776466,
     0.938594675699, 0.995125955745, 2827, 30.851417, 35.529798},
};

static tsr_image make(uint32_t w, uint32_t h, unsigned channels, unsigned depth) {
    tsr_image im = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_image_alloc(&im, w, h, channels, depth, 0, NULL), TSR_OK);
    return im;
}

static void put(tsr_image *im, size_t i, int v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

/* One sample of the test picture, the same integers as picture() of metrics_reference.py. */
static int sample(int x, int y, int c, unsigned depth, int distorted) {
    int v = (3 * x * x + 5 * x * y + 2 * y * y + 4000 * c) / 97 % 512;
    v = v > 511 - v ? 511 - v : v;
    v = (v * 3 + (x / 16 + y / 16 + c) % 2 * 200) / 4;
    if (distorted) v += (x * 7 + y * 13 + c * 5 + x * y) % 23 - 11;
    v = v < 0 ? 0 : v > 255 ? 255 : v;
    return depth == 8 ? v : v * 257 - (v > 127 ? (x + 2 * y) % 129 : 0);
}

static tsr_image picture(const figures *f, int distorted) {
    tsr_image im = make(f->width, f->height, f->channels, f->depth);
    size_t i = 0;
    for (uint32_t y = 0; y < f->height; y++)
        for (uint32_t x = 0; x < f->width; x++)
            for (unsigned c = 0; c < f->channels; c++)
                put(&im, i++, sample((int)x, (int)y, (int)c, f->depth, distorted));
    return im;
}

static tsr_image flat(uint32_t w, uint32_t h, int v) {
    tsr_image im = make(w, h, 1, 8);
    memset(im.pixels, v, tsr_image_bytes(&im));
    return im;
}

/* Compares and frees both. */
static tsr_metrics compare(tsr_image a, tsr_image b) {
    tsr_metrics m = {0};
    CU_ASSERT_EQUAL(tsr_compare(&a, &b, &m, NULL), TSR_OK);
    tsr_image_free(&a);
    tsr_image_free(&b);
    return m;
}

static int near(double got, double want, double relative) {
    if (isnan(want)) return isnan(got);
    int ok = fabs(got - want) <= relative * fabs(want);
    if (!ok) printf("\n    got %.14g, expected %.14g\n", got, want);
    return ok;
}

static void test_reference(void) {
    for (size_t i = 0; i < sizeof REFERENCE / sizeof *REFERENCE; i++) {
        const figures *f = &REFERENCE[i];
        tsr_metrics m = compare(picture(f, 0), picture(f, 1));
        CU_ASSERT(near(m.mse, f->mse, 1e-11));
        CU_ASSERT(near(m.psnr, f->psnr, 1e-11));
        CU_ASSERT(near(m.psnr_rgb, f->psnr_rgb, 1e-11));
        CU_ASSERT(near(m.psnr_y, f->psnr_y, 1e-11));
        CU_ASSERT(near(m.psnr_channel[f->channels - 1], f->psnr_last, 1e-11));
        CU_ASSERT(near(m.ssim, f->ssim, 1e-9));
        CU_ASSERT(near(m.ms_ssim, f->ms_ssim, 1e-9));
        CU_ASSERT_EQUAL(m.max_error, f->max_error);
        /* the papers' tables have six decimals */
        CU_ASSERT(near(m.psnr_hvs, f->psnr_hvs, 3e-7));
        CU_ASSERT(near(m.psnr_hvs_m, f->psnr_hvs_m, 3e-7));
        for (unsigned c = f->channels; c < TSR_MAX_CHANNELS; c++)
            CU_ASSERT(isnan(m.psnr_channel[c]));
    }
}

static void test_by_hand(void) {
    tsr_image a = make(2, 1, 4, 8), b = make(2, 1, 4, 8);
    memcpy(a.pixels, (uint8_t[]){10, 20, 30, 255, 0, 0, 0, 0}, 8);
    memcpy(b.pixels, (uint8_t[]){13, 20, 26, 255, 0, 0, 0, 12}, 8);
    tsr_metrics m = compare(a, b);
    /* errors 3, 4 and 12: 9 + 16 + 144 over 8 samples, 9 + 16 over the 6 colour samples */
    CU_ASSERT(near(m.mse, 169.0 / 8, 1e-15));
    CU_ASSERT(near(m.psnr, 10 * log10(65025.0 * 8 / 169), 1e-14));
    CU_ASSERT(near(m.psnr_rgb, 10 * log10(65025.0 * 6 / 25), 1e-14));
    CU_ASSERT(near(m.psnr_channel[0], 10 * log10(65025.0 * 2 / 9), 1e-14));
    CU_ASSERT_EQUAL(m.psnr_channel[1], INFINITY);
    /* luma moves by .299 * 3 - .114 * 4 = .441 in one of two pixels */
    CU_ASSERT(near(m.psnr_y, 10 * log10(65025.0 * 2 / (0.441 * 0.441)), 1e-12));
    CU_ASSERT_EQUAL(m.max_error, 12);
    CU_ASSERT(isnan(m.ssim) && isnan(m.ms_ssim));
}

static void test_largest_error_16(void) {
    tsr_image a = make(40000, 3, 1, 16), b = make(40000, 3, 1, 16);
    memset(a.pixels, 0, tsr_image_bytes(&a));
    memset(b.pixels, 255, tsr_image_bytes(&b));
    tsr_metrics m = compare(a, b);
    CU_ASSERT_EQUAL(m.mse, 65535.0 * 65535.0);
    CU_ASSERT_EQUAL(m.psnr, 0);
    CU_ASSERT_EQUAL(m.max_error, 65535);
}

static void test_identical(void) {
    for (size_t i = 0; i < sizeof REFERENCE / sizeof *REFERENCE; i++) {
        const figures *f = &REFERENCE[i];
        tsr_metrics m = compare(picture(f, 1), picture(f, 1));
        CU_ASSERT(m.mse == 0 && m.max_error == 0);
        CU_ASSERT(m.psnr == INFINITY && m.psnr_rgb == INFINITY && m.psnr_y == INFINITY);
        CU_ASSERT_EQUAL(m.ssim, 1);
        CU_ASSERT(m.psnr_hvs == INFINITY && m.psnr_hvs_m == INFINITY);
        CU_ASSERT(isnan(f->ms_ssim) ? isnan(m.ms_ssim) : m.ms_ssim == 1);
    }
}

/* Without variance the index is the luminance term alone: (2ab + C1) / (a^2 + b^2 + C1). */
static void test_constant_shift(void) {
    const double c1 = 2.55 * 2.55;
    tsr_metrics m = compare(flat(200, 177, 100), flat(200, 177, 120));
    double want = (2 * 100 * 120 + c1) / (100 * 100 + 120 * 120 + c1);
    CU_ASSERT(near(m.ssim, want, 1e-9));
    CU_ASSERT(near(m.ms_ssim, pow(want, 0.1333), 1e-9));
    CU_ASSERT_EQUAL(m.mse, 400);
}

/* A shift by 20 is 160 in the DC coefficient of every block and nothing else; its weight
 * is 1.608443 (first entry of the table of Egiazarian 2006), and nothing masks it. */
static void test_hvs_of_shift(void) {
    double mse = 160 * 160 * 1.608443 * 1.608443 / 64;
    tsr_metrics m = compare(flat(27, 16, 100), flat(27, 16, 120));
    CU_ASSERT(near(m.psnr_hvs, 10 * log10(65025 / mse), 3e-7));
    CU_ASSERT(near(m.psnr_hvs_m, 10 * log10(65025 / mse), 3e-7));
}

/* Outside of whole blocks nothing counts. */
static void test_hvs_counts_whole_blocks(void) {
    tsr_image a = flat(17, 25, 90), b = flat(17, 25, 90);
    ((uint8_t *)b.pixels)[16] = 200;          /* right of the second block */
    ((uint8_t *)b.pixels)[17 * 24 + 3] = 200; /* below the third row of blocks */
    CU_ASSERT_EQUAL(compare(a, b).psnr_hvs, INFINITY);
    CU_ASSERT(isnan(compare(flat(7, 90, 1), flat(7, 90, 2)).psnr_hvs));
    CU_ASSERT(isnan(compare(flat(90, 7, 1), flat(90, 7, 2)).psnr_hvs_m));
    CU_ASSERT(!isnan(compare(flat(8, 8, 1), flat(8, 8, 2)).psnr_hvs));
}

static void test_smallest_sizes(void) {
    CU_ASSERT(isnan(compare(flat(10, 400, 1), flat(10, 400, 2)).ssim));
    CU_ASSERT(isnan(compare(flat(400, 10, 1), flat(400, 10, 2)).ssim));
    CU_ASSERT(!isnan(compare(flat(11, 11, 1), flat(11, 11, 2)).ssim));
    CU_ASSERT(isnan(compare(flat(175, 300, 1), flat(175, 300, 2)).ms_ssim));
    CU_ASSERT(!isnan(compare(flat(176, 176, 1), flat(176, 176, 2)).ms_ssim));
    CU_ASSERT_EQUAL(compare(flat(1, 1, 7), flat(1, 1, 9)).mse, 4);
}

static void check_refused(tsr_image a, tsr_image b, const char *text) {
    tsr_metrics m;
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_compare(&a, &b, &m, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(d.status, TSR_ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(d.text, text);
    tsr_image_free(&a);
    tsr_image_free(&b);
}

static void test_other_shape(void) {
    check_refused(make(3, 4, 3, 8), make(5, 4, 3, 8), "the pictures differ in width: 3 and 5");
    check_refused(make(3, 4, 3, 8), make(3, 6, 3, 8), "the pictures differ in height: 4 and 6");
    check_refused(make(3, 4, 3, 8), make(3, 4, 1, 8),
                  "the pictures differ in number of channels: 3 and 1");
    check_refused(make(3, 4, 3, 8), make(3, 4, 3, 16),
                  "the pictures differ in bit depth: 8 and 16");
}

/* Parts that are not asked for are NAN, the others as in the whole comparison. */
static void test_parts(void) {
    tsr_image a = test_picture(200, 180, 3, 8, 1), b = test_picture(200, 180, 3, 8, 2);
    tsr_metrics all, some;
    CU_ASSERT_EQUAL_FATAL(tsr_compare(&a, &b, &all, NULL), TSR_OK);
    for (uint32_t parts = 0; parts <= TSR_METRIC_ALL; parts++) {
        CU_ASSERT_EQUAL_FATAL(tsr_compare_parts(&a, &b, parts, &some, NULL), TSR_OK);
        CU_ASSERT(some.psnr_rgb == all.psnr_rgb && some.psnr_y == all.psnr_y &&
                  some.max_error == all.max_error);
        CU_ASSERT(parts & TSR_METRIC_SSIM ? some.ssim == all.ssim && some.ms_ssim == all.ms_ssim
                                          : isnan(some.ssim) && isnan(some.ms_ssim));
        CU_ASSERT(parts & TSR_METRIC_HVS
                      ? some.psnr_hvs == all.psnr_hvs && some.psnr_hvs_m == all.psnr_hvs_m
                      : isnan(some.psnr_hvs) && isnan(some.psnr_hvs_m));
    }
    tsr_image_free(&a);
    tsr_image_free(&b);
}

TSR_TEST_MAIN("metrics", {"equal to the second computation", test_reference},
              {"squared errors by hand", test_by_hand},
              {"16-bit sums do not overflow", test_largest_error_16},
              {"identical pictures", test_identical},
              {"SSIM of constants by formula", test_constant_shift},
              {"PSNR-HVS of a shift by formula", test_hvs_of_shift},
              {"PSNR-HVS of whole blocks only", test_hvs_counts_whole_blocks},
              {"sizes at which SSIM and MS-SSIM begin", test_smallest_sizes},
              {"other shapes are refused by name", test_other_shape},
              {"parts of a comparison", test_parts})
