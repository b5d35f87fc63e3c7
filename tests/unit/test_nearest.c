/* test_nearest.c - "did you mean": typing errors find their word, other words find nothing. */
#include <string.h>

#include <tessera/tessera.h>

#include "tsr_test.h"

static const char *const words[] = {"wavelet",  "lowpass", "svd",   "dct",
                                    "identity", "levels",  "filter"};
enum { WORDS = sizeof words / sizeof words[0] };

static const char *nearest(const char *word) {
    const char *n = tsr_nearest_name(word, words, WORDS);
    return n ? n : "-";
}

static void test_typing_errors(void) {
    CU_ASSERT_STRING_EQUAL(nearest("wavelet"), "wavelet");
    CU_ASSERT_STRING_EQUAL(nearest("wavlet"), "wavelet");   /* left out */
    CU_ASSERT_STRING_EQUAL(nearest("wavellet"), "wavelet"); /* doubled */
    CU_ASSERT_STRING_EQUAL(nearest("wavelst"), "wavelet");  /* another letter */
    CU_ASSERT_STRING_EQUAL(nearest("waevlet"), "wavelet");  /* swapped */
    CU_ASSERT_STRING_EQUAL(nearest("dtc"), "dct");
    CU_ASSERT_STRING_EQUAL(nearest("sdv"), "svd");
    CU_ASSERT_STRING_EQUAL(nearest("level"), "levels");
    CU_ASSERT_STRING_EQUAL(nearest("ident"), "identity"); /* a beginning */
    CU_ASSERT_STRING_EQUAL(nearest("w"), "wavelet");
}

static void test_other_words(void) {
    CU_ASSERT_STRING_EQUAL(nearest("zebra"), "-");
    CU_ASSERT_STRING_EQUAL(nearest("quantization"), "-");
    CU_ASSERT_STRING_EQUAL(nearest(""), "-");
    CU_ASSERT_STRING_EQUAL(nearest("xyz"), "-");
    CU_ASSERT_PTR_NULL(tsr_nearest_name("dct", words, 0));
    static const char *const digits[] = {"1", "2", "8"};
    CU_ASSERT_PTR_NULL(tsr_nearest_name("4", digits, 3));
    CU_ASSERT_PTR_EQUAL(tsr_nearest_name("88", digits, 3), digits[2]);
}

static void test_long_words(void) {
    char word[300];
    memset(word, 'w', sizeof word);
    word[299] = 0;
    CU_ASSERT_STRING_EQUAL(nearest(word), "-");
    const char *const names[] = {word, "www"};
    CU_ASSERT_PTR_EQUAL(tsr_nearest_name("ww", names, 2), names[1]);
}

/* The nearest wins, whatever the order. */
static void test_best_wins(void) {
    static const char *const a[] = {"rda", "rdo", "rd"}, *const b[] = {"rdo", "rd", "rda"};
    CU_ASSERT_STRING_EQUAL(tsr_nearest_name("rdo", a, 3), "rdo");
    CU_ASSERT_STRING_EQUAL(tsr_nearest_name("rdo", b, 3), "rdo");
}

TSR_TEST_MAIN("nearest name", {"typing errors", test_typing_errors},
              {"other words", test_other_words}, {"long words", test_long_words},
              {"the nearest wins", test_best_wins})
