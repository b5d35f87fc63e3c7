/* test_step.c - the scale of quantization steps and the quality scale on it. */
#include <math.h>

#include "step.h"
#include "tsr_test.h"

static void test_scale(void) {
    double worst = 0;
    for (uint32_t i = TSR_STEP_MIN; i <= TSR_STEP_MAX; i++) {
        double off = fabs(tsr_step_value(i) / exp2(i / 256.0 - 10) - 1);
        if (off > worst) worst = off;
        CU_ASSERT(i == TSR_STEP_MIN || tsr_step_value(i) > tsr_step_value(i - 1));
    }
    CU_ASSERT(worst < 1e-7);
    CU_ASSERT_EQUAL(tsr_step_value(2560), 1.0f);
    CU_ASSERT_EQUAL(tsr_step_value(TSR_STEP_MAX), 1024.0f);
    CU_ASSERT_EQUAL(tsr_step_value(2560 + 256), 2.0f); /* whole octaves are exact */
}

static void test_index(void) {
    for (uint32_t i = TSR_STEP_MIN; i <= TSR_STEP_MAX; i++)
        CU_ASSERT_EQUAL(tsr_step_index(tsr_step_value(i)), i);
    CU_ASSERT_EQUAL(tsr_step_index(1e-9), TSR_STEP_MIN);
    CU_ASSERT_EQUAL(tsr_step_index(1e9), TSR_STEP_MAX);
}

static void test_quality(void) {
    CU_ASSERT_DOUBLE_EQUAL(tsr_step_value(tsr_step_of_quality(75)), 20, 0.03);
    CU_ASSERT_DOUBLE_EQUAL(tsr_step_value(tsr_step_of_quality(55)), 40, 0.06);
    CU_ASSERT_DOUBLE_EQUAL(tsr_step_value(tsr_step_of_quality(81)), 10, 0.015);
    for (int q = 1; q <= 100; q++) CU_ASSERT(tsr_step_of_quality(q) < tsr_step_of_quality(q - 1));
    CU_ASSERT_DOUBLE_EQUAL(tsr_step_value(tsr_step_of_quality(0)), 269.1, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(tsr_step_value(tsr_step_of_quality(100)), 1.114, 0.003);
}

TSR_TEST_MAIN("steps", {"scale", test_scale}, {"index of a step", test_index},
              {"quality", test_quality})
