/* test_colour.c - colour transforms and planes: rotations are rotations, the KLT decorrelates, what
 * is reversible comes back exactly. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec_test.h"
#include "colour.h"
#include "planes.h"
#include "tsr_test.h"

/* Largest deviation of a b from the identity. */
static double off_identity(float a[3][3], float b[3][3]) {
    double worst = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double sum = i == j ? -1 : 0;
            for (int k = 0; k < 3; k++) sum += (double)a[i][k] * b[k][j];
            if (fabs(sum) > worst) worst = fabs(sum);
        }
    return worst;
}

static double determinant(float m[3][3]) {
    double d = 0;
    for (int k = 0; k < 3; k++)
        d += (double)m[0][k] * ((double)m[1][(k + 1) % 3] * m[2][(k + 2) % 3] -
                                (double)m[1][(k + 2) % 3] * m[2][(k + 1) % 3]);
    return d;
}

static void check_rotation(uint32_t coded) {
    tsr_colour_map m;
    float transposed[3][3];
    tsr_colour_map_init(&m, TSR_COLOUR_KLT, coded);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) transposed[i][j] = m.forward[j][i];
    CU_ASSERT(off_identity(m.forward, m.inverse) < 4e-7);
    CU_ASSERT(off_identity(m.forward, transposed) < 4e-7);
    CU_ASSERT(fabs(determinant(m.forward) - 1) < 4e-7);
}

static void test_any_code_is_a_rotation(void) {
    uint64_t r = 1;
    for (int i = 0; i < 20000; i++) check_rotation((uint32_t)test_random(&r));
    check_rotation(0);
    check_rotation(UINT32_MAX);
}

static void test_ycbcr(void) {
    tsr_colour_map m;
    tsr_colour_map_init(&m, TSR_COLOUR_YCBCR, 0);
    CU_ASSERT(off_identity(m.forward, m.inverse) < 4e-7);
    for (int c = 0; c < 3; c++) { /* an error of one in a plane is an error of one in the picture */
        double norm = 0;
        for (int i = 0; i < 3; i++) norm += (double)m.inverse[i][c] * m.inverse[i][c];
        CU_ASSERT_DOUBLE_EQUAL(norm, 1, 1e-6);
    }
    CU_ASSERT(fabs(m.forward[1][0] + m.forward[1][1] + m.forward[1][2]) <
              1e-6); /* grey has no chroma */
    CU_ASSERT(fabs(m.forward[2][0] + m.forward[2][1] + m.forward[2][2]) < 1e-6);
}

static void test_none(void) {
    tsr_colour_map m;
    static const tsr_colour_map zero;
    tsr_colour_map_init(&m, TSR_COLOUR_NONE, 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            CU_ASSERT(m.forward[i][j] == (i == j) && m.inverse[i][j] == (i == j));
    CU_ASSERT_EQUAL(zero.kind, 0);
}

/* ---------------------------------------------------------------- the KLT of a picture */

/* Samples of 8 bits are summed up in another way than those of 16; it makes no difference. */
static void check_depths(uint32_t w, uint32_t h, unsigned channels) {
    tsr_image a = test_picture(w, h, channels, 8, w), b = test_picture(w, h, channels, 16, w);
    for (size_t i = 0; i < (size_t)w * h * channels; i++)
        ((uint16_t *)b.pixels)[i] = (uint16_t)(((uint8_t *)a.pixels)[i] * 257);
    CU_ASSERT_EQUAL(tsr_colour_klt(&a), tsr_colour_klt(&b));
    tsr_image_free(&a);
    tsr_image_free(&b);
}

static void test_klt_depths(void) {
    check_depths(97, 40, 3);
    check_depths(64, 31, 4);
    check_depths(1, 9, 3);
    check_depths(2, 1, 3);
}

/* Covariance of horizontal and vertical differences of the planes. */
static void plane_covariance(const tsr_planes *p, double c[3][3]) {
    uint32_t w = p->p[0].w, h = p->p[0].h;
    memset(c, 0, 9 * sizeof(double));
    for (size_t y = 0; y + 1 < h; y++)
        for (size_t x = 0; x + 1 < w; x++)
            for (int dir = 0; dir < 2; dir++) {
                double d[3];
                size_t i = y * w + x, next = dir ? i + w : i + 1;
                for (int k = 0; k < 3; k++) d[k] = (double)p->p[k].s.f[next] - p->p[k].s.f[i];
                for (int a = 0; a < 3; a++)
                    for (int b = 0; b < 3; b++) c[a][b] += d[a] * d[b];
            }
}

static double symmetric_determinant(double c[3][3]) {
    return c[0][0] * (c[1][1] * c[2][2] - c[1][2] * c[1][2]) -
           c[0][1] * (c[0][1] * c[2][2] - c[1][2] * c[0][2]) +
           c[0][2] * (c[0][1] * c[1][2] - c[1][1] * c[0][2]);
}

static void check_decorrelation(const tsr_image *im) {
    double c[3][3];
    tsr_planes p;
    tsr_colour_map m;
    codec_test_job t;
    codec_test_job_open(&t, 1, 0);
    tsr_colour_map_init(&m, TSR_COLOUR_KLT, tsr_colour_klt(im));
    CU_ASSERT_EQUAL_FATAL(tsr_planes_from_image(im, im->channels, &m, &p, &t.job), TSR_OK);
    plane_covariance(&p, c);
    CU_ASSERT(c[0][0] >= c[1][1] && c[1][1] >= c[2][2]);
    /* Hadamard: the product of the variances is the determinant exactly when nothing is correlated
     */
    CU_ASSERT(c[0][0] * c[1][1] * c[2][2] < 1.1 * symmetric_determinant(c));
    codec_test_job_close(&t);
}

static void test_klt_decorrelates(void) {
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (unsigned channels = 3; channels <= 4; channels++) {
            tsr_image im = test_picture(90, 70, channels, seed & 1 ? 8 : 16, seed);
            check_decorrelation(&im);
            tsr_image_free(&im);
        }
}

/* Pictures without differences, without colour, with one colour only: a usable rotation all the
 * same. */
static void test_klt_of_poor_pictures(void) {
    tsr_image grey = flat_picture(16, 16, 3, 8, 77), one = flat_picture(1, 1, 3, 16, 9),
              red = flat_picture(16, 16, 3, 8, 0);
    for (int i = 0; i < 256; i++) ((uint8_t *)red.pixels)[3 * i] = (uint8_t)(i * 37);
    tsr_colour_map m;
    tsr_colour_map_init(&m, TSR_COLOUR_KLT, tsr_colour_klt(&grey));
    for (int k = 0; k < 3; k++) CU_ASSERT_DOUBLE_EQUAL(m.forward[0][k], sqrt(1.0 / 3), 0.01);
    check_rotation(tsr_colour_klt(&one));
    tsr_colour_map_init(&m, TSR_COLOUR_KLT, tsr_colour_klt(&red));
    CU_ASSERT_DOUBLE_EQUAL(m.forward[0][0], 1, 0.01);
    tsr_image_free(&grey);
    tsr_image_free(&one);
    tsr_image_free(&red);
}

/* ---------------------------------------------------------------- planes and back */

static void lossy_round_trip(const tsr_image *im, tsr_colour kind, uint32_t threads) {
    tsr_planes p;
    tsr_colour_map m;
    codec_test_job t;
    tsr_image back = flat_picture(im->width, im->height, im->channels, im->depth, 0);
    codec_test_job_open(&t, threads, 0);
    tsr_colour_map_init(&m, kind, kind == TSR_COLOUR_KLT ? tsr_colour_klt(im) : 0);
    CU_ASSERT_EQUAL_FATAL(tsr_planes_from_image(im, im->channels, &m, &p, &t.job), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_planes_to_image(&p, &m, &back, &t.job), TSR_OK);
    CU_ASSERT(test_same_pixels(im, &back));
    codec_test_job_close(&t);
    tsr_image_free(&back);
}

static void test_lossy_planes(void) {
    static const tsr_colour kinds[] = {TSR_COLOUR_NONE, TSR_COLOUR_YCBCR, TSR_COLOUR_KLT};
    for (unsigned channels = 1; channels <= 4; channels++)
        for (unsigned depth = 8; depth <= 16; depth += 8)
            for (unsigned k = 0; k < (channels < 3 ? 1u : 3u); k++) {
                tsr_image im = noise_picture(301, 67, channels, depth, channels + depth);
                lossy_round_trip(&im, kinds[k], 1 + k);
                tsr_image_free(&im);
            }
}

static void reversible_round_trip(const tsr_image *im, int ycocg) {
    tsr_planes p;
    codec_test_job t;
    tsr_image back = flat_picture(im->width, im->height, im->channels, im->depth, 0);
    codec_test_job_open(&t, 2, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_planes_from_image_int(im, ycocg, &p, &t.job), TSR_OK);
    int32_t largest = 0;
    for (uint32_t c = 0; c < p.n; c++)
        for (size_t i = 0; i < (size_t)im->width * im->height; i++)
            if (abs(p.p[c].s.i[i]) > largest) largest = abs(p.p[c].s.i[i]);
    CU_ASSERT(largest < 1 << 18);
    CU_ASSERT_EQUAL_FATAL(tsr_planes_to_image_int(&p, ycocg, &back, &t.job), TSR_OK);
    CU_ASSERT(test_same_pixels(im, &back));
    codec_test_job_close(&t);
    tsr_image_free(&back);
}

static void test_reversible_planes(void) {
    for (unsigned channels = 1; channels <= 4; channels++)
        for (unsigned depth = 8; depth <= 16; depth += 8)
            for (int ycocg = 0; ycocg < 2; ycocg++) {
                tsr_image im = noise_picture(257, 65, channels, depth, channels * depth);
                reversible_round_trip(&im, ycocg);
                tsr_image_free(&im);
            }
}

/* All 64 corners and edges of the colour cube. */
static void test_ycocg_extremes(void) {
    static const uint16_t level[] = {0, 1, 65534, 65535};
    tsr_image im = flat_picture(64, 1, 3, 16, 0);
    for (int i = 0; i < 64; i++)
        for (int c = 0; c < 3; c++) ((uint16_t *)im.pixels)[3 * i + c] = level[i >> (2 * c) & 3];
    reversible_round_trip(&im, 1);
    tsr_image_free(&im);
}

/* Whatever a hostile stream decodes to, samples come out within their range. */
static void test_hostile_planes(void) {
    static const float wild[] = {NAN,    INFINITY, -INFINITY, 1e30f,
                                 -1e30f, 127.49f,  -128.49f,  127.51f};
    static const uint8_t clipped[] = {0, 255, 0, 255, 0, 255, 0, 255};
    static const int32_t huge[] = {INT32_MIN, INT32_MAX, -129, 128, -128, 127, 0, 1};
    float f[8];
    int32_t n[3][8];
    codec_test_job t;
    tsr_colour_map m;
    tsr_image grey = flat_picture(8, 1, 1, 8, 1), rgb = flat_picture(8, 1, 3, 8, 1);
    memcpy(f, wild, sizeof f);
    for (int i = 0; i < 8; i++)
        n[0][i] = huge[i], n[1][i] = huge[(i + 1) % 8], n[2][i] = huge[(i * 3 + 1) % 8];
    tsr_planes p = {.n = 1, .p = {{8, 1, {.f = f}}}};
    tsr_planes q = {.n = 3, .p = {{8, 1, {.i = n[0]}}, {8, 1, {.i = n[1]}}, {8, 1, {.i = n[2]}}}};
    codec_test_job_open(&t, 1, 0);
    tsr_colour_map_init(&m, TSR_COLOUR_NONE, 0);
    CU_ASSERT_EQUAL(tsr_planes_to_image(&p, &m, &grey, &t.job), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(grey.pixels, clipped, 8), 0);
    CU_ASSERT_EQUAL(tsr_planes_to_image_int(&q, 1, &rgb, &t.job), TSR_OK);
    CU_ASSERT_EQUAL(tsr_planes_to_image_int(&q, 0, &rgb, &t.job), TSR_OK);
    CU_ASSERT_EQUAL(((uint8_t *)rgb.pixels)[0], 0);
    CU_ASSERT_EQUAL(((uint8_t *)rgb.pixels)[3], 255);
    codec_test_job_close(&t);
    tsr_image_free(&grey);
    tsr_image_free(&rgb);
}

TSR_TEST_MAIN("colour", {"any code is a rotation", test_any_code_is_a_rotation},
              {"YCbCr", test_ycbcr}, {"none", test_none},
              {"KLT decorrelates", test_klt_decorrelates},
              {"KLT of poor pictures", test_klt_of_poor_pictures},
              {"KLT of 8 and 16 bits", test_klt_depths}, {"lossy planes", test_lossy_planes},
              {"reversible planes", test_reversible_planes},
              {"extremes of YCoCg-R", test_ycocg_extremes}, {"hostile planes", test_hostile_planes})
