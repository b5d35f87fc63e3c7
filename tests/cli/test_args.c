/* test_args.c - the argument parser on a table of its own. */
#include <string.h>

#include "option.h"
#include "tsr_test.h"

static const char *const choices[] = {"red", "green", NULL};

static const tsr_option table[] = {
    {.name = "flag", .letter = 'f'},
    {.name = "loud", .letter = 'l'},
    {.name = "text", .letter = 't', .type = TSR_OPTION_TEXT, .arg = "T", .def = "none"},
    {.name = "count",
     .letter = 'n',
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 9,
     .def = "5",
     .word = "all"},
    {.name = "rate", .type = TSR_OPTION_REAL, .arg = "X", .min = -1, .max = 1, .exclusive = 1},
    {.name = "size", .type = TSR_OPTION_SIZE, .arg = "B", .min = 1, .max = 0x1p40, .exclusive = 1},
    {.name = "hue", .type = TSR_OPTION_CHOICE, .arg = "H", .choices = choices, .def = "green"},
    {.name = "file", .type = TSR_OPTION_FILE, .arg = "F", .repeat = 1},
    {0},
};
static const tsr_option *const tables[] = {table, NULL};

/* Parses words separated by single blanks; the text stays valid until the next call. */
static tsr_status parse(tsr_args **a, const char *words, tsr_diag *d) {
    static char copy[256], *argv[16];
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok(copy, " "); w; w = strtok(NULL, " ")) argv[argc++] = w;
    tsr_diag_init(d);
    return tsr_args_parse(a, tables, argc, argv, d);
}

static void test_forms(void) {
    tsr_args *a;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(parse(&a, "in -flt=x -n3 --rate=-0.5 - -- -f --text", &d), TSR_OK);
    CU_ASSERT(tsr_args_has(a, "flag") && tsr_args_has(a, "loud") && !tsr_args_has(a, "size"));
    CU_ASSERT_STRING_EQUAL(tsr_args_text(a, "text"), "=x");
    CU_ASSERT_EQUAL(tsr_args_int(a, "count"), 3);
    CU_ASSERT_EQUAL(tsr_args_real(a, "rate"), -0.5);
    CU_ASSERT_EQUAL(tsr_args_operands(a), 4);
    CU_ASSERT_STRING_EQUAL(tsr_args_operand(a, 0), "in");
    CU_ASSERT_STRING_EQUAL(tsr_args_operand(a, 1), "-");
    CU_ASSERT_STRING_EQUAL(tsr_args_operand(a, 2), "-f");
    CU_ASSERT_STRING_EQUAL(tsr_args_operand(a, 3), "--text");
    CU_ASSERT_PTR_NULL(tsr_args_operand(a, 4));
    tsr_args_free(a);
}

static void test_defaults(void) {
    tsr_args *a;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(parse(&a, "", &d), TSR_OK);
    CU_ASSERT_STRING_EQUAL(tsr_args_text(a, "text"), "none");
    CU_ASSERT_EQUAL(tsr_args_int(a, "count"), 5);
    CU_ASSERT_EQUAL(tsr_args_int(a, "hue"), 1);
    CU_ASSERT_EQUAL(tsr_args_int(a, "size"), 0);
    CU_ASSERT_PTR_NULL(tsr_args_text_at(a, "file", 0));
    CU_ASSERT_EQUAL(tsr_args_operands(a), 0);
    tsr_args_free(a);
}

static void test_repeats(void) {
    tsr_args *a;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(parse(&a, "-n 2 --file a -n all --file=b --hue red", &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_args_int(a, "count"), 0); /* the last one counts; "all" is 0 */
    CU_ASSERT_EQUAL(tsr_args_int(a, "hue"), 0);
    CU_ASSERT_STRING_EQUAL(tsr_args_text_at(a, "file", 0), "a");
    CU_ASSERT_STRING_EQUAL(tsr_args_text_at(a, "file", 1), "b");
    CU_ASSERT_PTR_NULL(tsr_args_text_at(a, "file", 2));
    tsr_args_free(a);
}

static void test_sizes(void) {
    static const struct {
        const char *words;
        int64_t bytes; /* -1: not legal */
    } cases[] = {{"--size 7", 7},
                 {"--size 3K", 3072},
                 {"--size 1.5k", 1536},
                 {"--size 2M", 2 << 20},
                 {"--size 1T", INT64_C(1) << 40},
                 {"--size 2T", -1},
                 {"--size 1.3", -1},
                 {"--size 3KB", -1},
                 {"--size K", -1},
                 {"--size -1", -1},
                 {"--size 0x10", -1},
                 {"--size 0", -1},
                 {"--size inf", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tsr_args *a;
        tsr_diag d;
        tsr_status s = parse(&a, cases[i].words, &d);
        CU_ASSERT_EQUAL(s, cases[i].bytes < 0 ? TSR_ERR_ARGUMENT : TSR_OK);
        if (!s) CU_ASSERT_EQUAL(tsr_args_int(a, "size"), cases[i].bytes);
        tsr_args_free(a);
    }
}

static void test_refused(void) {
    static const char *const cases[][2] = {
        {"--flga", "unknown option '--flga' (did you mean --flag?)"},
        {"-fz", "unknown option '-z'"},
        {"--flag=1", "option '--flag' takes no argument"},
        {"--text", "option '--text' needs T"},
        {"-n", "option '--count' needs N: whole number from 1 to 9, or all"},
        {"-n 10", "--count '10' is not legal: whole number from 1 to 9, or all"},
        {"-n 1x", "--count '1x' is not legal: whole number from 1 to 9, or all"},
        {"-n 0X5", "--count '0X5' is not legal: whole number from 1 to 9, or all"},
        {"--rate 0x1p-2", "--rate '0x1p-2' is not legal: number from -1 to 1"},
        {"--rate 1.01", "--rate '1.01' is not legal: number from -1 to 1"},
        {"--hue gren", "--hue 'gren' is not legal: one of red, green (did you mean green?)"},
        {"--rate 0 --size 1", "--rate and --size exclude each other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tsr_args *a;
        tsr_diag d;
        CU_ASSERT_EQUAL(parse(&a, cases[i][0], &d), TSR_ERR_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(d.text, cases[i][1]);
        CU_ASSERT_PTR_NULL(a);
    }
}

TSR_TEST_MAIN("arguments", {"all forms of options and operands", test_forms},
              {"defaults of the table", test_defaults}, {"repeated options", test_repeats},
              {"sizes with suffixes", test_sizes}, {"messages of what is refused", test_refused})
