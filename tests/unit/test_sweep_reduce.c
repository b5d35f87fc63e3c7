/* test_sweep_reduce.c - reduced pictures: means, odd sizes, both depths. */
#include "sweep/sweep_reduce.h"
#include "tsr_test.h"

static tsr_image picture(uint32_t w, uint32_t h, uint32_t channels, uint32_t depth) {
    tsr_image im = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_image_alloc(&im, w, h, channels, depth, 0, NULL), TSR_OK);
    return im;
}

static void test_means(void) {
    static const uint8_t in[] = {0, 1, 10, 20, 99, /* a column that is left out */
                                 2, 4, 30, 41, 99};
    tsr_image im = picture(5, 2, 1, 8);
    for (int i = 0; i < 10; i++) ((uint8_t *)im.pixels)[i] = in[i];
    CU_ASSERT_EQUAL_FATAL(tsr_reduce(&im, 2, NULL), TSR_OK);
    CU_ASSERT(im.width == 2 && im.height == 1);
    CU_ASSERT_EQUAL(((uint8_t *)im.pixels)[0], 2);  /* 7 / 4 */
    CU_ASSERT_EQUAL(((uint8_t *)im.pixels)[1], 25); /* 101 / 4 */
    tsr_image_free(&im);
}

static void test_channels_of_16_bits(void) {
    tsr_image im = picture(4, 4, 3, 16);
    for (int i = 0; i < 48; i++) ((uint16_t *)im.pixels)[i] = (uint16_t)(i % 3 * 30000);
    CU_ASSERT_EQUAL_FATAL(tsr_reduce(&im, 4, NULL), TSR_OK);
    CU_ASSERT(im.width == 1 && im.height == 1 && im.channels == 3 && im.depth == 16);
    for (int c = 0; c < 3; c++) CU_ASSERT_EQUAL(((uint16_t *)im.pixels)[c], c * 30000);
    tsr_image_free(&im);
}

static void test_smaller_than_a_square(void) {
    tsr_image im = picture(1, 3, 1, 8);
    for (int i = 0; i < 3; i++) ((uint8_t *)im.pixels)[i] = (uint8_t)(10 * i);
    CU_ASSERT_EQUAL_FATAL(tsr_reduce(&im, 8, NULL), TSR_OK);
    CU_ASSERT(im.width == 1 && im.height == 1);
    CU_ASSERT_EQUAL(((uint8_t *)im.pixels)[0], 10);
    tsr_image_free(&im);
}

TSR_TEST_MAIN("sweep reduce", {"means", test_means}, {"16 bits", test_channels_of_16_bits},
              {"smaller than a square", test_smaller_than_a_square})
