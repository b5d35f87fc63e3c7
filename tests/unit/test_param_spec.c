/* test_param_spec.c - codec specifications: values, canonical text, and what a wrong one is told.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "context.h"
#include "fake_transform.h"
#include "spec.h"
#include "test_picture.h"
#include "tsr_test.h"

static const char *const kinds[] = {"plain", "round", "oval", NULL};

static const tsr_param params[] = {
    {.name = "levels",
     .help = "levels",
     .unit = "",
     .type = TSR_PARAM_INT,
     .min = -2,
     .max = 10,
     .def = 3},
    {.name = "rate",
     .help = "rate",
     .unit = "1/sample",
     .type = TSR_PARAM_REAL,
     .min = 0.25,
     .max = 2,
     .def = 0.3},
    {.name = "kind",
     .help = "kind",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = 1,
     .choices = kinds},
    {.name = "fast",
     .help = "fast",
     .unit = "",
     .type = TSR_PARAM_BOOL,
     .min = 0,
     .max = 1,
     .def = 0},
};
enum { LEVELS, RATE, KIND, FAST };

static tsr_context *ctx;
static tsr_transform rich, poor;
static const tsr_transform *const both[] = {&rich, &poor};
static tsr_plugin plugin;

static void open_context(void) {
    rich = fake_transform("rich", 70001);
    rich.h.params = params;
    rich.h.n_params = 4;
    poor = fake_transform("poor", 70002);
    plugin = fake_plugin(both, 2);
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, NULL, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register(ctx, &plugin, "test", NULL), TSR_OK);
}

static tsr_stage parse(const char *text) {
    tsr_spec s;
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_status st = tsr_spec_parse(ctx, text, &s, &d);
    if (st) printf("%s: %s\n", text, d.text);
    CU_ASSERT_EQUAL_FATAL(st, TSR_OK);
    return s.stage[TSR_STAGE_TRANSFORM];
}

static const char *refusal(const char *text) {
    static tsr_diag d;
    tsr_spec s;
    tsr_diag_init(&d);
    CU_ASSERT_EQUAL(tsr_spec_parse(ctx, text, &s, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(d.status, TSR_ERR_ARGUMENT);
    return d.text;
}

static const char *canonical(const char *text) {
    static char out[256];
    static tsr_diag d;
    tsr_status s = tsr_spec_check(ctx, text, out, sizeof out, &d);
    CU_ASSERT_EQUAL(s, TSR_OK);
    return s ? d.text : out;
}

/* ---------------------------------------------------------------- legal values */

static void test_defaults(void) {
    tsr_stage s = parse("rich");
    CU_ASSERT_EQUAL(s.given, 0);
    CU_ASSERT_EQUAL(s.v[LEVELS].i, 3);
    CU_ASSERT_DOUBLE_EQUAL(s.v[RATE].r, 0.3, 1.0 / 65536);
    CU_ASSERT_EQUAL(s.v[KIND].i, 1);
    CU_ASSERT_EQUAL(s.v[FAST].i, 0);
}

static void test_values(void) {
    tsr_stage s = parse("rich:levels=-2,rate=2,kind=oval,fast=on");
    CU_ASSERT_EQUAL(s.given, 15);
    CU_ASSERT_EQUAL(s.v[LEVELS].i, -2);
    CU_ASSERT_EQUAL(s.v[RATE].r, 2);
    CU_ASSERT_EQUAL(s.v[KIND].i, 2);
    CU_ASSERT_EQUAL(s.v[FAST].i, 1);
    CU_ASSERT_EQUAL(parse("rich:levels=10").v[LEVELS].i, 10);
    CU_ASSERT_EQUAL(parse("rich:levels=1,levels=2").v[LEVELS].i, 2); /* the last one holds */
    CU_ASSERT_EQUAL(parse("rich:").v[LEVELS].i, 3);
    CU_ASSERT_EQUAL(parse("rich:rate=0.25").v[RATE].r, 0.25);
    CU_ASSERT_EQUAL(parse("rich:rate=5e-1").v[RATE].r, 0.5);
}

static void test_booleans(void) {
    static const char *const yes[] = {"on", "1", "yes", "true"}, *const no[] = {"off", "0", "no",
                                                                                "false"};
    char text[40];
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "rich:fast=%s", yes[i]);
        CU_ASSERT_EQUAL(parse(text).v[FAST].i, 1);
        snprintf(text, sizeof text, "rich:fast=%s", no[i]);
        CU_ASSERT_EQUAL(parse(text).v[FAST].i, 0);
    }
}

/* What the decoder will see: 16 fractional bits. */
static void test_coded_reals(void) {
    double r = parse("rich:rate=0.7").v[RATE].r;
    CU_ASSERT_EQUAL(r * 65536, floor(r * 65536));
    CU_ASSERT_DOUBLE_EQUAL(r, 0.7, 0.5 / 65536);
}

static void test_canonical(void) {
    CU_ASSERT_STRING_EQUAL(canonical("rich:levels=5/rdo/mix"), "rich:levels=5/rdo/mix");
    CU_ASSERT_STRING_EQUAL(canonical("rich:levels=3,fast=off,kind=round/uniform/adaptive"),
                           "rich/uniform/adaptive");
    CU_ASSERT_STRING_EQUAL(
        canonical("rich:fast=yes,kind=plain,rate=0.5,levels=-1/trellis:states=4/mix"),
        "rich:levels=-1,rate=0.5,kind=plain,fast=on/trellis:states=4/mix");
    char expected[128];
    snprintf(expected, sizeof expected, "poor/%s/%s", tsr_effort_quantizer(TSR_DEFAULT_EFFORT, 0),
             tsr_effort_entropy(TSR_DEFAULT_EFFORT));
    CU_ASSERT_STRING_EQUAL(canonical("poor"), expected);
    CU_ASSERT_STRING_EQUAL(canonical("poor//"), expected);
    snprintf(expected, sizeof expected, "poor/%s/mix", tsr_effort_quantizer(TSR_DEFAULT_EFFORT, 0));
    CU_ASSERT_STRING_EQUAL(canonical("poor//mix"), expected);
}

/* A canonical text is its own canonical text and means the same values. */
static void test_canonical_is_stable(void) {
    uint64_t r = 4;
    for (int i = 0; i < 2000; i++) {
        char text[256], once[256];
        snprintf(text, sizeof text, "rich:levels=%d,rate=%.7f,kind=%s,fast=%u/uniform/adaptive",
                 (int)test_random_below(&r, 13) - 2,
                 0.25 + test_random_below(&r, 1u << 20) * 1.75 / (1 << 20),
                 kinds[test_random_below(&r, 3)], test_random_below(&r, 2));
        strcpy(once, canonical(text));
        CU_ASSERT_STRING_EQUAL(canonical(once), once);
        tsr_stage a = parse(text), b = parse(once);
        CU_ASSERT_EQUAL(memcmp(a.v, b.v, sizeof a.v), 0);
    }
}

static void test_short_room(void) {
    char out[8] = "xxxxxxx";
    CU_ASSERT_EQUAL(tsr_spec_check(ctx, "rich:levels=5", out, 6, NULL), TSR_OK);
    CU_ASSERT_STRING_EQUAL(out, "rich:");
    CU_ASSERT_EQUAL(out[6], 'x');
    CU_ASSERT_EQUAL(tsr_spec_check(ctx, "rich", NULL, 0, NULL), TSR_OK);
}

/* ---------------------------------------------------------------- refusals */

static void test_bad_numbers(void) {
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels=11"),
                           "levels=11 is not legal: whole number from -2 to 10");
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels=-3"),
                           "levels=-3 is not legal: whole number from -2 to 10");
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels=5x"),
                           "levels=5x is not legal: whole number from -2 to 10");
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels="),
                           "levels= is not legal: whole number from -2 to 10");
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels=2.5"),
                           "levels=2.5 is not legal: whole number from -2 to 10");
    refusal("rich:levels=99999999999999999999");
    CU_ASSERT_STRING_EQUAL(refusal("rich:rate=0.2"),
                           "rate=0.2 is not legal: number from 0.25 to 2 1/sample");
    CU_ASSERT_STRING_EQUAL(refusal("rich:rate=nan"),
                           "rate=nan is not legal: number from 0.25 to 2 1/sample");
    CU_ASSERT_STRING_EQUAL(refusal("rich:rate=inf"),
                           "rate=inf is not legal: number from 0.25 to 2 1/sample");
}

static void test_bad_words(void) {
    CU_ASSERT_STRING_EQUAL(refusal("rich:kind=ovl"),
                           "kind=ovl is not legal: one of plain, round, oval (did you mean oval?)");
    CU_ASSERT_STRING_EQUAL(refusal("rich:kind=zebra"),
                           "kind=zebra is not legal: one of plain, round, oval");
    CU_ASSERT_STRING_EQUAL(refusal("rich:kind="), "kind= is not legal: one of plain, round, oval");
    CU_ASSERT_STRING_EQUAL(refusal("rich:fast=maybe"), "fast=maybe is not legal: on or off");
}

static void test_bad_keys(void) {
    CU_ASSERT_STRING_EQUAL(
        refusal("rich:level=2"),
        "'rich' has no parameter 'level': one of levels, rate, kind, fast (did you mean levels?)");
    CU_ASSERT_STRING_EQUAL(refusal("rich:quantum=2"),
                           "'rich' has no parameter 'quantum': one of levels, rate, kind, fast");
    CU_ASSERT_STRING_EQUAL(refusal("rich:levels"), "'levels' after 'rich:' is not KEY=VALUE");
    CU_ASSERT_STRING_EQUAL(refusal("poor:levels=2"), "'poor' takes no parameters, not 'levels'");
}

static void test_bad_stages(void) {
    CU_ASSERT_STRING_EQUAL(refusal("ritch"),
                           "unknown transform 'ritch': one of rich, poor (did you mean rich?)");
    CU_ASSERT_STRING_EQUAL(refusal(""), "unknown transform '': one of rich, poor");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(refusal("rich/treillis"), "unknown quantizer 'treillis': one of "));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("rich/treillis"), " (did you mean trellis?)"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(refusal("rich/rdo/mixx"), "unknown entropy coder 'mixx': one of "));
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal("rich/rdo/mixx"), " (did you mean mix?)"));
    CU_ASSERT_STRING_EQUAL(refusal("rich/rdo/mix/more"),
                           "'rich/rdo/mix/more' has more than TRANSFORM/QUANTIZER/ENTROPY");
}

static void test_long_spec(void) {
    char text[3000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal(text), "longer than"));
    text[1000] = 0; /* an unknown name that long still makes one bounded line */
    CU_ASSERT(strlen(refusal(text)) < sizeof((tsr_diag *)0)->text);
}

static void test_legal_values(void) {
    static const struct {
        int param;
        double low, high; /* the first and the last legal value */
        double step;
    } range[] = {{LEVELS, -2, 10, 1}, {RATE, 0.25, 2, 1e-9}, {KIND, 0, 2, 1}, {FAST, 0, 1, 1}};
    for (int i = 0; i < 4; i++) {
        const tsr_param *p = &params[range[i].param];
        double v[] = {range[i].low, range[i].high, range[i].low - range[i].step,
                      range[i].high + range[i].step};
        for (int k = 0; k < 4; k++) {
            tsr_value value = p->type == TSR_PARAM_REAL ? (tsr_value){.r = v[k]}
                                                        : (tsr_value){.i = (int64_t)v[k]};
            CU_ASSERT_EQUAL(tsr_param_legal(p, value), k < 2);
        }
    }
    CU_ASSERT_FALSE(tsr_param_legal(&params[RATE], (tsr_value){.r = NAN}));
    /* ends of a range that streams do not hold are coded as what is inside */
    const tsr_param tenths = {.type = TSR_PARAM_REAL, .min = 0.1, .max = 0.3};
    CU_ASSERT(tsr_param_legal(&tenths, tsr_param_coded(&tenths, (tsr_value){.r = 0.1})));
    CU_ASSERT(tsr_param_legal(&tenths, tsr_param_coded(&tenths, (tsr_value){.r = 0.3})));
}

static void close_context(void) {
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("specifications", {"open", open_context}, {"defaults", test_defaults},
              {"values", test_values}, {"booleans", test_booleans},
              {"coded reals", test_coded_reals}, {"canonical text", test_canonical},
              {"canonical text is stable", test_canonical_is_stable},
              {"short room", test_short_room}, {"bad numbers", test_bad_numbers},
              {"bad words", test_bad_words}, {"bad keys", test_bad_keys},
              {"bad stages", test_bad_stages}, {"long text", test_long_spec},
              {"legal values", test_legal_values}, {"close", close_context})
