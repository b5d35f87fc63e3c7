/* test_registry.c - what a plug-in's descriptor must be to be registered, and finding what is. */
#include <string.h>

#include <tessera/builtin.h>

#include "context.h"
#include "fake_transform.h"
#include "tsr_test.h"

static tsr_context *new_context(void) {
    tsr_context *ctx = NULL;
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, NULL, NULL), TSR_OK);
    return ctx;
}

static tsr_status offer(tsr_context *ctx, const tsr_transform *t, tsr_diag *d) {
    tsr_plugin p = fake_plugin(&t, 1);
    tsr_diag_init(d);
    return tsr_register(ctx, &p, "file.so", d);
}

/* Offers t to a fresh context; true when it is refused as unsound with this text, and not
 * registered. */
static int refused(const tsr_transform *t, const char *text) {
    tsr_diag d;
    tsr_context *ctx = new_context();
    int ok = offer(ctx, t, &d) == TSR_ERR_ABI && d.status == TSR_ERR_ABI && strstr(d.text, text) &&
             !strncmp(d.text, "file.so: ", 9) && tsr_stage_count(ctx, TSR_STAGE_TRANSFORM) == 0;
    if (!ok) printf("expected \"%s\", got \"%s\"\n", text, d.text);
    tsr_context_free(ctx);
    return ok;
}

static const tsr_param good_param = {
    .name = "p", .help = "help", .unit = "", .type = TSR_PARAM_INT, .max = 3};

static tsr_transform with_param(const tsr_param *p) {
    tsr_transform t = fake_transform("fake", 70000);
    t.h.params = p;
    t.h.n_params = 1;
    return t;
}

static void test_sound(void) {
    tsr_diag d;
    tsr_context *ctx = new_context();
    tsr_transform t = with_param(&good_param);
    CU_ASSERT_EQUAL(offer(ctx, &t, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_stage_count(ctx, TSR_STAGE_TRANSFORM), 1);
    CU_ASSERT_PTR_EQUAL(tsr_stage_at(ctx, TSR_STAGE_TRANSFORM, 0), &t.h);
    CU_ASSERT_PTR_NULL(tsr_stage_at(ctx, TSR_STAGE_TRANSFORM, 1));
    CU_ASSERT_STRING_EQUAL(tsr_stage_source(ctx, TSR_STAGE_TRANSFORM, 0), "file.so");
    CU_ASSERT_PTR_NULL(tsr_stage_source(ctx, TSR_STAGE_TRANSFORM, 1));
    CU_ASSERT_PTR_EQUAL(tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, "fake"), &t.h);
    CU_ASSERT_PTR_NULL(tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, "other"));
    CU_ASSERT_PTR_EQUAL(tsr_stage_by_id(ctx, TSR_STAGE_TRANSFORM, 70000), &t.h);
    CU_ASSERT_PTR_NULL(tsr_stage_by_id(ctx, TSR_STAGE_QUANTIZER, 70000));
    tsr_context_free(ctx);
}

static void test_abi(void) {
    tsr_transform t = fake_transform("fake", 70000);
    const tsr_transform *list = &t;
    tsr_plugin p = fake_plugin(&list, 1);
    tsr_diag d;
    tsr_context *ctx = new_context();
    p.abi = (TSR_ABI_MAJOR + 1) << 16;
    CU_ASSERT_EQUAL(tsr_register(ctx, &p, "file.so", &d), TSR_ERR_ABI);
    CU_ASSERT_STRING_EQUAL(d.text, "file.so: built for plug-in ABI 2, this host has 1");
    p.abi = TSR_ABI + 1; /* a larger minor is fine */
    CU_ASSERT_EQUAL(tsr_register(ctx, &p, "file.so", &d), TSR_OK);
    tsr_context_free(ctx);
    t.h.abi = 0;
    CU_ASSERT(refused(&t, "a transform was built for plug-in ABI 0, this host has 1"));
}

static void test_module(void) {
    tsr_transform t = fake_transform("fake", 70000);
    const tsr_transform *list = &t, *null_list[] = {NULL};
    tsr_diag d;
    tsr_context *ctx = new_context();
    tsr_plugin small = fake_plugin(&list, 1), none = fake_plugin(NULL, 1),
               null = fake_plugin(null_list, 1);
    small.struct_size -= 1;
    CU_ASSERT_EQUAL(tsr_register(ctx, &small, "file.so", &d), TSR_ERR_ABI);
    CU_ASSERT_EQUAL(tsr_register(ctx, &none, "file.so", &d), TSR_ERR_ABI);
    CU_ASSERT_EQUAL(tsr_register(ctx, &null, "file.so", &d), TSR_ERR_ABI);
    CU_ASSERT_EQUAL(tsr_stage_count(ctx, TSR_STAGE_TRANSFORM), 0);
    tsr_context_free(ctx);
}

static void test_missing_functions(void) {
    for (int i = 0; i < 4; i++) {
        tsr_transform t = fake_transform("fake", 70000);
        if (i == 0) t.configure = NULL;
        if (i == 1) t.layout = NULL;
        if (i == 2) t.analysis = NULL;
        if (i == 3) t.synthesis = NULL;
        CU_ASSERT(refused(&t, "descriptor of 'fake': a mandatory function is missing"));
    }
    tsr_transform loop = fake_transform("fake", 70000), side = loop, small = loop;
    loop.h.caps = TSR_CAP_CLOSED_LOOP;
    CU_ASSERT(refused(&loop, "closed loop without analysis_next"));
    side.h.caps = TSR_CAP_SIDE;
    CU_ASSERT(refused(&side, "side information without side_save and side_load"));
    small.h.struct_size = sizeof(tsr_transform) - 8;
    CU_ASSERT(refused(&small, "the descriptor is too small"));
    tsr_transform model = fake_transform("fake", 70000);
    model.h.caps = TSR_CAP_NEEDS_MODEL;
    CU_ASSERT(refused(&model, "a model is needed without model_wanted and model_load"));
    for (int i = 0; i < 2; i++) {
        tsr_transform small_pictures = fake_transform("fake", 70000);
        if (i == 0) small_pictures.reduce = fake_reduce;
        if (i == 1) small_pictures.synthesis_reduced = fake_synthesis_reduced;
        CU_ASSERT(
            refused(&small_pictures, "reduce and synthesis_reduced come together or not at all"));
    }
}

static const tsr_transform *find_fake(tsr_context *ctx) {
    const tsr_head *h = tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, "fake");
    return (const tsr_transform *)(const void *)h;
}

/* What follows the descriptor of an older ABI is not looked at. */
static void test_old_descriptor(void) {
    static const size_t sizes[] = {TSR_TRANSFORM_SIZE_1_0, TSR_TRANSFORM_SIZE_1_1};
    for (unsigned i = 0; i < 2; i++) {
        tsr_transform old = fake_transform("fake", 70000);
        tsr_diag d;
        old.h.struct_size = (uint32_t)sizes[i];
        memset((char *)&old + sizes[i], 0x55, sizeof old - sizes[i]);
        tsr_context *ctx = new_context();
        CU_ASSERT_EQUAL_FATAL(offer(ctx, &old, &d), TSR_OK);
        const tsr_transform *t = find_fake(ctx);
        CU_ASSERT_PTR_EQUAL(t->analysis, old.analysis);
        CU_ASSERT(!t->model_wanted && !t->model_load && !t->model_describe && !t->set_step);
        CU_ASSERT(!t->reduce && !t->synthesis_reduced);
        tsr_context_free(ctx);
        old.h.caps = TSR_CAP_NEEDS_MODEL;
        CU_ASSERT(refused(&old, "a model is needed without model_wanted and model_load"));
    }
}

static void test_names(void) {
    static const char *const bad[] = {NULL,      "",    "9lives",
                                      "Wavelet", "a-b", "a b",
                                      "a/b",     "_a",  "a2345678901234567890123456789012"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tsr_transform t = fake_transform(bad[i], 70000);
        CU_ASSERT(refused(&t, "the name is not legal"));
    }
    tsr_diag d;
    tsr_context *ctx = new_context();
    tsr_transform t =
        fake_transform("a_234567890123456789012345678901", 70000); /* 31 is the most */
    t.h.name = "a_23456789012345678901234567890";
    CU_ASSERT_EQUAL(strlen(t.h.name), 31);
    CU_ASSERT_EQUAL(offer(ctx, &t, &d), TSR_OK);
    tsr_context_free(ctx);
}

static void test_heads(void) {
    tsr_transform t = fake_transform("fake", 0);
    CU_ASSERT(refused(&t, "the id is zero, or the stream version not in 1..255"));
    t = fake_transform("fake", 70000);
    t.h.stream_version = 0;
    CU_ASSERT(refused(&t, "the id is zero, or the stream version not in 1..255"));
    t = fake_transform("fake", 70000);
    t.h.stream_version = 256;
    CU_ASSERT(refused(&t, "the id is zero, or the stream version not in 1..255"));
    t = fake_transform("fake", 70000);
    t.h.summary = NULL;
    CU_ASSERT(refused(&t, "summary or reference is missing"));
    t = fake_transform("fake", 70000);
    t.h.reference = NULL;
    CU_ASSERT(refused(&t, "summary or reference is missing"));
    t = fake_transform("fake", 70000);
    t.h.state_size = ((size_t)1 << 24) + 1;
    CU_ASSERT(refused(&t, "the state is larger than 16 MiB"));
    t = fake_transform("fake", 70000);
    t.h.n_params = 1;
    CU_ASSERT(refused(&t, "the parameter table is not sound"));
    t = with_param(&good_param);
    t.h.n_params = 33;
    CU_ASSERT(refused(&t, "the parameter table is not sound"));
}

static void test_duplicates(void) {
    tsr_transform a = fake_transform("first", 70000), same_name = fake_transform("first", 70001),
                  same_id = fake_transform("second", 70000),
                  other = fake_transform("second", 70001);
    tsr_diag d;
    tsr_context *ctx = new_context();
    CU_ASSERT_EQUAL(offer(ctx, &a, &d), TSR_OK);
    CU_ASSERT_EQUAL(offer(ctx, &same_name, &d), TSR_ERR_ABI);
    CU_ASSERT_STRING_EQUAL(
        d.text, "file.so: descriptor of 'first': a stage of this name is registered already");
    CU_ASSERT_EQUAL(offer(ctx, &same_id, &d), TSR_ERR_ABI);
    CU_ASSERT_STRING_EQUAL(
        d.text, "file.so: descriptor of 'second': a stage of this id is registered already");
    CU_ASSERT_EQUAL(offer(ctx, &other, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_stage_count(ctx, TSR_STAGE_TRANSFORM), 2);
    tsr_context_free(ctx);
}

static void test_bad_params(void) {
    static const char *const none[] = {NULL}, *const two[] = {"a", "b", NULL};
    static const struct {
        tsr_param p;
        const char *text;
    } bad[] = {
        {{.name = "P", .help = "", .unit = "", .type = TSR_PARAM_INT},
         "a parameter name is not legal"},
        {{.name = NULL, .help = "", .unit = "", .type = TSR_PARAM_INT},
         "a parameter name is not legal"},
        {{.name = "p", .unit = "", .type = TSR_PARAM_INT}, "a parameter lacks help or unit"},
        {{.name = "p", .help = "", .type = TSR_PARAM_INT}, "a parameter lacks help or unit"},
        {{.name = "p", .help = "", .unit = "", .type = 0}, "a parameter type is unknown"},
        {{.name = "p", .help = "", .unit = "", .type = 5}, "a parameter type is unknown"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_CHOICE},
         "a choice parameter has no choices"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_CHOICE, .choices = none},
         "a choice parameter has no choices"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_CHOICE, .choices = two, .def = 2},
         "a parameter default is out of range"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_INT, .min = 2, .max = 1},
         "a parameter range is empty"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_INT, .min = 1, .max = 2, .def = 3},
         "a parameter default is out of range"},
        {{.name = "p",
          .help = "",
          .unit = "",
          .type = TSR_PARAM_REAL,
          .min = 1,
          .max = 2,
          .def = 0.5},
         "a parameter default is out of range"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_REAL, .max = 1e300, .def = 1},
         "a parameter range does not fit into a stream"},
        {{.name = "p",
          .help = "",
          .unit = "",
          .type = TSR_PARAM_REAL,
          .min = 0.1,
          .max = 0.100001,
          .def = 0.1},
         "a parameter default is out of range"},
        {{.name = "p", .help = "", .unit = "", .type = TSR_PARAM_BOOL, .def = 2},
         "a parameter default is out of range"},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tsr_transform t = with_param(&bad[i].p);
        CU_ASSERT(refused(&t, bad[i].text));
    }
    tsr_param twice[2] = {good_param, good_param};
    tsr_transform t = with_param(twice);
    t.h.n_params = 2;
    CU_ASSERT(refused(&t, "two parameters have the same name"));
}

static void test_many(void) {
    static char name[300][8];
    static tsr_transform t[300];
    tsr_diag d;
    tsr_context *ctx = new_context();
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name[i], sizeof name[i], "t%u", i);
        t[i] = fake_transform(name[i], 70000 + i);
        CU_ASSERT_EQUAL(offer(ctx, &t[i], &d), i < TSR_MAX_STAGES ? TSR_OK : TSR_ERR_ABI);
    }
    CU_ASSERT_EQUAL(tsr_stage_count(ctx, TSR_STAGE_TRANSFORM), TSR_MAX_STAGES);
    tsr_context_free(ctx);
}

/* The core's own stages and the built-in transforms go the same way. */
static void test_builtin(void) {
    tsr_diag d;
    tsr_context *ctx = new_context();
    CU_ASSERT_PTR_NOT_NULL(tsr_stage_find(ctx, TSR_STAGE_QUANTIZER, "uniform"));
    CU_ASSERT_PTR_NOT_NULL(tsr_stage_find(ctx, TSR_STAGE_ENTROPY, "adaptive"));
    CU_ASSERT_EQUAL(tsr_register_builtin(ctx, &d), TSR_OK);
    CU_ASSERT_PTR_NOT_NULL(tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, "wavelet"));
    CU_ASSERT_PTR_NOT_NULL(tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, "identity"));
    uint32_t n = tsr_stage_count(ctx, TSR_STAGE_TRANSFORM);
    for (uint32_t i = 0; i < n; i++) {
        const tsr_head *h = tsr_stage_at(ctx, TSR_STAGE_TRANSFORM, i);
        CU_ASSERT(h->id < 1u << 16);
        CU_ASSERT_STRING_EQUAL(tsr_stage_source(ctx, TSR_STAGE_TRANSFORM, i), "built-in");
    }
    CU_ASSERT_EQUAL(tsr_register_builtin(ctx, &d), TSR_ERR_ABI); /* once is enough */
    CU_ASSERT_EQUAL(tsr_stage_count(ctx, TSR_STAGE_TRANSFORM), n);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("registry", {"a sound descriptor", test_sound}, {"ABI", test_abi},
              {"module", test_module}, {"missing functions", test_missing_functions},
              {"descriptor of ABI 1.0", test_old_descriptor}, {"names", test_names},
              {"heads", test_heads}, {"duplicates", test_duplicates},
              {"bad parameters", test_bad_params}, {"too many", test_many},
              {"built-in", test_builtin})
