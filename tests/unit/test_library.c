/* test_library.c - libraries opened at run time. */
#include <string.h>

#include <tessera/library.h>

#include "tsr_test.h"

static struct {
    double (*floor)(double);
    void (*nonsense)(void);
} math;

static const tsr_symbol symbols[] = {
    {.name = "floor", .to = &math.floor},
    {.name = "no_such_function", .to = &math.nonsense, .optional = 1}};

static void test_first_that_is_there(void) {
    const char *const names[] = {"libno-such-library.so.1", "libm.so.6", NULL};
    tsr_diag d = {0};
    math.nonsense = test_first_that_is_there;
    CU_ASSERT_EQUAL_FATAL(tsr_library_open(names, symbols, 2, &d), TSR_OK);
    CU_ASSERT(*d.text == 0 && d.status == TSR_OK);
    CU_ASSERT_EQUAL(math.floor(-1.5), -2.0);
    CU_ASSERT_PTR_NULL(math.nonsense);
    CU_ASSERT_EQUAL(tsr_library_open(names, symbols, 2, NULL), TSR_OK);
}

/* The reason is the first library's: others are stand-ins. */
static void test_none(void) {
    const char *const names[] = {"libno-such-library.so.1", "libnor-this.so.1", NULL};
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_library_open(names, symbols, 2, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "libno-such-library.so.1"));
    CU_ASSERT_EQUAL(d.status, TSR_ERR_UNSUPPORTED);
}

static void test_missing_function(void) {
    const char *const names[] = {"libm.so.6", NULL};
    const tsr_symbol missing = {.name = "no_such_function", .to = &math.nonsense};
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_library_open(names, &missing, 1, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(d.text, "libm.so.6 has no no_such_function");
}

TSR_TEST_MAIN("library", {"the first that is there", test_first_that_is_there},
              {"none is there", test_none}, {"a function is missing", test_missing_function})
