/* tsr_test.h - the shape of every CUnit program here: a table of tests and one main().
 *
 *     static void test_x(void) { CU_ASSERT_EQUAL(1 + 1, 2); }
 *     TSR_TEST_MAIN("name", {"what it shows", test_x}, ...)
 */
#ifndef TSR_TEST_H
#define TSR_TEST_H

#include <CUnit/Basic.h>
#include <stdio.h>

/* Runs the tests of one suite; 0 when all assertions held and at least one ran. */
static inline int tsr_test_run(const char *name, CU_TestInfo *tests) {
    CU_SuiteInfo suites[] = {{name, NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS) return 2;
    if (CU_register_suites(suites) != CUE_SUCCESS) return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    int failed = CU_get_number_of_failures() != 0 || CU_get_number_of_asserts() == 0;
    CU_cleanup_registry();
    return failed;
}

#define TSR_TEST_MAIN(name, ...)                                                                   \
    int main(void) {                                                                               \
        CU_TestInfo tests[] = {__VA_ARGS__, CU_TEST_INFO_NULL};                                    \
        return tsr_test_run(name, tests);                                                          \
    }

#endif
