/* test_sweep_list.c - lists, ranges and patterns of the sweep's command line. */
#include <string.h>

#include "sweep/sweep_list.h"
#include "tsr_test.h"

/* "1 2 3" or "!" for a failure. */
static const char *numbers(const char *text, double lo, double hi) {
    static char out[400];
    tsr_numbers l = {0};
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_status s = tsr_numbers_parse(text, lo, hi, &l, &d);
    *out = 0;
    for (size_t i = 0; i < l.n && strlen(out) < 350; i++)
        snprintf(out + strlen(out), 40, "%s%.9g", i ? " " : "", l.v[i]);
    if (s) snprintf(out, sizeof out, "!");
    CU_ASSERT(!s || (s == TSR_ERR_ARGUMENT && d.text[0]));
    tsr_numbers_free(&l);
    return out;
}

static void test_numbers(void) {
    CU_ASSERT_STRING_EQUAL(numbers("50", 0, 100), "50");
    CU_ASSERT_STRING_EQUAL(numbers("8..80:24", 0, 100), "8 32 56 80");
    CU_ASSERT_STRING_EQUAL(numbers("3..6", 0, 100), "3 4 5 6");
    CU_ASSERT_STRING_EQUAL(numbers("6..3", 0, 100), "6 5 4 3");
    CU_ASSERT_STRING_EQUAL(numbers("0.1..0.5:0.1", 0, 100), "0.1 0.2 0.3 0.4 0.5");
    CU_ASSERT_STRING_EQUAL(numbers("1..2:0.4", 0, 100), "1 1.4 1.8");
    CU_ASSERT_STRING_EQUAL(numbers("5,10..30:10,.5", 0, 100), "5 10 20 30 0.5");
    CU_ASSERT_STRING_EQUAL(numbers("-2..1", -5, 5), "-2 -1 0 1");
}

static void test_bad_numbers(void) {
    static const char *const bad[] = {
        "",    ",",      "1,",  "a",   "1..", "..3",   "1..x3", "1..2:",    "1..2:0", "1..2:-1",
        "101", "0..101", "1 2", "inf", "nan", "1e999", "0x",    "1..2:1:1", " 1",     "1:2"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_STRING_EQUAL(numbers(bad[i], 0, 100), "!");
    CU_ASSERT_STRING_EQUAL(numbers("0..1000000:0.001", 0, 1e9), "!");
}

/* "a[x] b[y]", or "!" for a failure. */
static const char *words(const char *text, int split) {
    static char out[1000];
    tsr_words l = {0};
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_status s = split ? tsr_words_split_specs(text, &l, &d) : tsr_words_expand(text, &l, &d);
    *out = 0;
    for (size_t i = 0; i < l.n && strlen(out) < 800; i++)
        snprintf(out + strlen(out), 200, "%s%s[%s]", i ? " " : "", l.v[i].text, l.v[i].choice);
    if (s) snprintf(out, sizeof out, "!");
    CU_ASSERT(!s || (s == TSR_ERR_ARGUMENT && d.text[0]));
    tsr_words_free(&l);
    return out;
}

static void test_patterns(void) {
    CU_ASSERT_STRING_EQUAL(words("wavelet", 0), "wavelet[]");
    CU_ASSERT_STRING_EQUAL(
        words("wavelet:levels=3..5/rdo", 0),
        "wavelet:levels=3/rdo[3] wavelet:levels=4/rdo[4] wavelet:levels=5/rdo[5]");
    CU_ASSERT_STRING_EQUAL(words("a:k=8..24:8,z=1", 0),
                           "a:k=8,z=1[8] a:k=16,z=1[16] a:k=24,z=1[24]");
    CU_ASSERT_STRING_EQUAL(words("{a,b}/{c,}", 0), "a/c[a,c] a/[a,] b/c[b,c] b/[b,]");
    CU_ASSERT_STRING_EQUAL(words("w:f={x,y},l=1..2", 0),
                           "w:f=x,l=1[x,1] w:f=x,l=2[x,2] w:f=y,l=1[y,1] w:f=y,l=2[y,2]");
    CU_ASSERT_STRING_EQUAL(words("{{a,b}}", 0), "!");
    CU_ASSERT_STRING_EQUAL(words("{a", 0), "!");
    CU_ASSERT_STRING_EQUAL(words("a}", 0), "!");
    CU_ASSERT_STRING_EQUAL(words("a:l=3..x", 0), "!");
    CU_ASSERT_STRING_EQUAL(words("a:l=1..20000", 0), "!");
    char huge[3000];
    memset(huge, 'a', sizeof huge);
    huge[sizeof huge - 1] = 0;
    CU_ASSERT_STRING_EQUAL(words(huge, 0), "!");
}

static void test_peer_lists(void) {
    CU_ASSERT_STRING_EQUAL(words("jpeg,webp", 1), "jpeg[] webp[]");
    CU_ASSERT_STRING_EQUAL(words("jpeg:sub=444,progressive=off,avif:speed=6,jxl", 1),
                           "jpeg:sub=444,progressive=off[] avif:speed=6[] jxl[]");
    CU_ASSERT_STRING_EQUAL(words("jpeg:sub={444,420},webp", 1), "jpeg:sub={444,420}[] webp[]");
    CU_ASSERT_STRING_EQUAL(words("", 1), "");
    CU_ASSERT_STRING_EQUAL(words(",jpeg,,", 1), "jpeg[]");
}

TSR_TEST_MAIN("sweep lists", {"numbers and ranges", test_numbers},
              {"what is no number", test_bad_numbers}, {"patterns of specs", test_patterns},
              {"lists of peers", test_peer_lists})
