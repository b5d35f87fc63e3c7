/* test_nn_wavelet.c - the wavelet layer: equal to transforms/wavelet, exact back, adjoints. */
#include <string.h>

#include "nn_check.h"
#include "tsr_test.h"
#include "wavelet_filter.h"
#include "wavelet_level.h"

static float *by_transform(const float *x, uint32_t h, uint32_t w, int inverse, float *bands) {
    lift_scheme scheme = tsr_wavelet_scheme(WAVELET_CDF97, 0, inverse);
    wavelet_level lv = {
        .kernels = tsr_lift_select(0, 0), .scheme = &scheme, .w = w, .h = h, .inverse = inverse};
    for (int y = 0; y < 2; y++) {
        int sign = inverse ? 1 : -1, row = y ? -sign : sign;
        lv.row_scale[y].low = tsr_wavelet_scale(WAVELET_CDF97, row + sign);
        lv.row_scale[y].high = tsr_wavelet_scale(WAVELET_CDF97, row - sign);
    }
    float *picture = tsr_nn_alloc((size_t)h * w),
          *scratch = tsr_nn_alloc(tsr_wavelet_scratch(w) / 4 + 64);
    memcpy(picture, x, (size_t)h * w * sizeof *x);
    wavelet_pictures pics = {.picture = picture};
    for (int b = 0; b < BANDS; b++) pics.band[b] = bands + (size_t)b * (h / 2) * (w / 2);
    tsr_wavelet_strip(&lv, &pics, 0, h, scratch);
    free(scratch);
    return picture;
}

static const uint32_t sizes[][2] = {{2, 2}, {2, 8}, {6, 2}, {4, 4}, {10, 14}, {64, 30}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* Bands times 2, 1, 1, 1/2, to the bit; and back. */
static void test_equal(void) {
    static const float unit[4] = {2, 1, 1, 0.5f};
    for (size_t k = 0; k < SIZES; k++) {
        uint32_t h = sizes[k][0], w = sizes[k][1];
        size_t n = (size_t)h * w, small = n / 4;
        nn_shape large = {1, 1, h, w}, bands = {1, 4, h / 2, w / 2};
        float *x = check_random(n, 1), *y = tsr_nn_alloc(n), *z = tsr_nn_alloc(n);
        float *expected = tsr_nn_alloc(n), *work = tsr_nn_alloc(tsr_op_wavelet_work(large));
        tsr_op_wavelet_forward((nn_tensor){x, large}, y, work);
        free(by_transform(x, h, w, 0, expected));
        for (size_t i = 0; i < n; i++) expected[i] *= unit[i / small];
        CU_ASSERT_EQUAL(memcmp(y, expected, n * sizeof *y), 0);
        tsr_op_wavelet_inverse((nn_tensor){y, bands}, z, work);
        for (size_t i = 0; i < n; i++) expected[i] /= unit[i / small];
        float *back = by_transform(x, h, w, 1, expected);
        CU_ASSERT_EQUAL(memcmp(z, back, n * sizeof *z), 0);
        double worst = 0;
        for (size_t i = 0; i < n; i++) worst = fmax(worst, fabs(x[i] - z[i]));
        CU_ASSERT(worst < 1e-5);
        free(x), free(y), free(z), free(expected), free(work), free(back);
    }
}

/* <f(x), y> = <x, adjoint(y)>, both directions, several planes. */
static void test_adjoint(void) {
    for (size_t k = 0; k < SIZES; k++) {
        nn_shape large = {2, 3, sizes[k][0], sizes[k][1]};
        nn_shape bands = {2, 12, large.h / 2, large.w / 2};
        size_t n = nn_count(large);
        float *x = check_random(n, 1), *y = check_random(n, 2), *fx = tsr_nn_alloc(n);
        float *ay = tsr_nn_alloc(n), *work = tsr_nn_alloc(tsr_op_wavelet_work(large));
        tsr_op_wavelet_forward((nn_tensor){x, large}, fx, work);
        tsr_op_wavelet_forward_adjoint((nn_tensor){y, bands}, ay, 0, work);
        CU_ASSERT_DOUBLE_EQUAL(check_dot(fx, y, n), check_dot(x, ay, n), 1e-3);
        tsr_op_wavelet_forward_adjoint((nn_tensor){y, bands}, ay, 1, work); /* twice */
        CU_ASSERT_DOUBLE_EQUAL(2 * check_dot(fx, y, n), check_dot(x, ay, n), 1e-3);
        tsr_op_wavelet_inverse((nn_tensor){y, bands}, fx, work);
        tsr_op_wavelet_inverse_adjoint((nn_tensor){x, large}, ay, 0, work);
        CU_ASSERT_DOUBLE_EQUAL(check_dot(fx, x, n), check_dot(y, ay, n), 1e-3);
        free(x), free(y), free(fx), free(ay), free(work);
    }
}

/* Near-orthonormal: energy is kept within a few per cent for noise. */
static void test_energy(void) {
    nn_shape s = {1, 1, 128, 128};
    size_t n = nn_count(s);
    float *x = check_random(n, 3), *y = tsr_nn_alloc(n),
          *work = tsr_nn_alloc(tsr_op_wavelet_work(s));
    tsr_op_wavelet_forward((nn_tensor){x, s}, y, work);
    CU_ASSERT_DOUBLE_EQUAL(check_dot(y, y, n) / check_dot(x, x, n), 1, 0.1);
    for (size_t i = 0; i < n; i++) x[i] = 3;
    tsr_op_wavelet_forward((nn_tensor){x, s}, y, work);
    CU_ASSERT_DOUBLE_EQUAL(y[n / 8], 6, 1e-5); /* LL of a constant: twice */
    CU_ASSERT_DOUBLE_EQUAL(y[n / 2], 0, 1e-5);
    free(x), free(y), free(work);
}

TSR_TEST_MAIN("wavelet layer", {"equal to the transform", test_equal}, {"adjoints", test_adjoint},
              {"energy", test_energy})
