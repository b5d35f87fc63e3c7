/* test_json.c - the JSON writer: structure, escapes, numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tsr_test.h"

/* Writes one text value and compares the whole output. */
static void check_text(const char *value, const char *expected) {
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    tsr_json j = tsr_json_begin(f);
    tsr_json_text(&j, NULL, value);
    fclose(f);
    CU_ASSERT_STRING_EQUAL(out, expected);
    free(out);
}

static void test_escapes(void) {
    check_text("plain", "\"plain\"");
    check_text("\"\\\n\x7f", "\"\\\"\\\\\\u000a\\u007f\"");
    check_text("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
               "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
    check_text(NULL, "null");
}

static void test_not_utf8(void) {
    check_text("a\xff", "\"a\\ufffd\"");
    check_text("\xc3", "\"\\ufffd\"");                                  /* ends within a sequence */
    check_text("\xc0\xaf", "\"\\ufffd\\ufffd\"");                       /* overlong */
    check_text("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");            /* a surrogate */
    check_text("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* above U+10FFFF */
}

static void test_structure(void) {
    static const char expected[] =
        "{\n  \"n\": -3,\n  \"list\": [\n    1.50,\n    null\n  ],\n"
        "  \"none\": [],\n  \"yes\": true,\n  \"x\": 0.1,\n  \"y\": null\n}\n";
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    tsr_json j = tsr_json_begin(f);
    tsr_json_object(&j, NULL);
    tsr_json_int(&j, "n", -3);
    tsr_json_array(&j, "list");
    tsr_json_real(&j, NULL, 1.5, 2);
    tsr_json_real(&j, NULL, INFINITY, 2);
    tsr_json_end(&j);
    tsr_json_array(&j, "none");
    tsr_json_end(&j);
    tsr_json_bool(&j, "yes", 7);
    tsr_json_number(&j, "x", 0.1);
    tsr_json_number(&j, "y", NAN);
    tsr_json_end(&j);
    fclose(f);
    CU_ASSERT_STRING_EQUAL(out, expected);
    free(out);
}

TSR_TEST_MAIN("json", {"escapes", test_escapes}, {"bytes that are not UTF-8", test_not_utf8},
              {"structure and numbers", test_structure})
