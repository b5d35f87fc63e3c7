/* test_model.c - model files, the models of a context, and how a stream names them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec_test.h"
#include "model_maker.h"
#include "tsr_test.h"

static const model_recipe first = {
    .name = "first", .seed = 1, .width = 4, .blocks = 1, .pointwise = 1, .amplitude = 0.05f};
static const model_recipe second = {
    .name = "second", .seed = 2, .width = 4, .blocks = 1, .pointwise = 1, .amplitude = 0.05f};

/* ---------------------------------------------------------------- the file */

static tsr_status write_meta(const char *meta) {
    tsr_diag d;
    tsr_blob out;
    tsr_model_file m = {.meta = meta, .meta_size = strlen(meta)};
    tsr_status s = tsr_model_write(&m, &out, &d);
    tsr_blob_free(&out);
    return s;
}

static void test_text(void) {
    static const char *const good[] = {"name=a\n", "name=a.b-c_9\nother=x=y; \xc3\xa4\n",
                                       "seed=1\nname=z\n"};
    static const char *const bad[] = {
        "",          "name=\n",    "name=a",         "name=A\n",           "name=../a\n",
        "name=.a\n", "Name=a\n",   "name=a\nx\n",    "name=a\n=x\n",       "name=a\n\n",
        "seed=1\n",  "name=a/b\n", "name=a\n9x=1\n", "name=a\ny=\x1b[m\n", "name=a\ny=\x7f\n"};
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT_EQUAL(write_meta(good[i]), TSR_OK);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(write_meta(bad[i]), TSR_ERR_ARGUMENT);
}

static void test_values(void) {
    const char *meta = "name=abc\nnames=wrong\nempty=\nlong=0123456789\n";
    tsr_model_file m = {.meta = meta, .meta_size = strlen(meta)};
    char v[8];
    CU_ASSERT(tsr_model_value(&m, "name", v, sizeof v));
    CU_ASSERT_STRING_EQUAL(v, "abc");
    CU_ASSERT(tsr_model_value(&m, "empty", v, sizeof v));
    CU_ASSERT_STRING_EQUAL(v, "");
    CU_ASSERT(tsr_model_value(&m, "long", v, sizeof v));
    CU_ASSERT_STRING_EQUAL(v, "0123456");
    CU_ASSERT(!tsr_model_value(&m, "nam", v, sizeof v));
}

static void test_file(void) {
    tsr_diag d;
    tsr_model_file m, again;
    tsr_blob b = make_model_file(&first), copy;
    CU_ASSERT(tsr_is_model(b.data, b.size));
    CU_ASSERT_EQUAL_FATAL(tsr_model_read(&m, b.data, b.size, &d), TSR_OK);
    CU_ASSERT_EQUAL(m.n_sections, 1);
    const tsr_model_section *s = tsr_model_find_section(&m, "vqvae");
    CU_ASSERT_PTR_EQUAL_FATAL(s, &m.section[0]);
    CU_ASSERT_PTR_NULL(tsr_model_find_section(&m, "vqva"));
    m.section[1] = (tsr_model_section){.name = "extra", .data = (const uint8_t *)"xyz", .size = 3};
    m.n_sections = 2;
    CU_ASSERT_EQUAL_FATAL(tsr_model_write(&m, &copy, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_model_read(&again, copy.data, copy.size, &d), TSR_OK);
    CU_ASSERT_EQUAL(again.meta_size, m.meta_size);
    CU_ASSERT_EQUAL(again.n_sections, 2);
    CU_ASSERT_EQUAL(memcmp(again.section[0].data, s->data, s->size), 0);
    CU_ASSERT_EQUAL(memcmp(again.section[1].data, "xyz", 3), 0);
    memcpy(m.section[1].name, "vqvae", 6);
    tsr_blob none;
    CU_ASSERT_EQUAL(tsr_model_write(&m, &none, &d), TSR_ERR_ARGUMENT);
    tsr_blob_free(&copy);
    tsr_blob_free(&b);
}

/* Every cut and every flipped bit is refused with one line. */
static void test_hostile_file(void) {
    tsr_model_file m;
    tsr_diag d;
    tsr_blob b = make_model_file(&first);
    unsigned bad = 0;
    for (size_t n = 0; n < b.size; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, b.data, n);
        tsr_status s = tsr_model_read(&m, cut, n, &d);
        bad += s != TSR_ERR_TRUNCATED && s != TSR_ERR_FORMAT;
        bad += !d.text[0] || strchr(d.text, '\n');
        free(cut);
    }
    /* A cut right after a whole chunk leaves a shorter file that is sound. */
    CU_ASSERT(bad <= 2);
    bad = 0;
    for (size_t i = 0; i < 8 * b.size; i++) {
        b.data[i / 8] ^= (uint8_t)(1 << i % 8);
        bad += tsr_model_read(&m, b.data, b.size, &d) == TSR_OK;
        b.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    CU_ASSERT_EQUAL(bad, 0);
    b.data[4] = 2;
    CU_ASSERT_EQUAL(tsr_model_read(&m, b.data, b.size, &d), TSR_ERR_UNSUPPORTED);
    tsr_blob_free(&b);
}

/* ---------------------------------------------------------------- models of a context */

static tsr_status add(tsr_context *ctx, const model_recipe *r, uint32_t id, tsr_blob *keep,
                      tsr_diag *d) {
    *keep = make_model_file(r);
    return tsr_add_model(ctx, keep->data, keep->size, "here", id, d);
}

static tsr_status encode_with_effort(tsr_context *ctx, uint32_t effort, tsr_blob *out,
                                     tsr_diag *d) {
    tsr_image im = test_picture(64, 48, 3, 8, 3);
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = "vqvae/rdo/adaptive";
    o.target = TSR_TARGET_STEP;
    o.value = 40;
    o.effort = effort;
    tsr_status s = tsr_encode(ctx, &im, &o, out, NULL, d);
    tsr_image_free(&im);
    return s;
}

static tsr_status encode(tsr_context *ctx, tsr_blob *out, tsr_diag *d) {
    return encode_with_effort(ctx, 5, out, d);
}

static void test_no_model(void) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_blob out = {0};
    tsr_diag d;
    if (tsr_model_count(ctx) == 0) {
        CU_ASSERT_EQUAL(encode(ctx, &out, &d), TSR_ERR_MODEL);
        CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "--model"));
    }
    CU_ASSERT_EQUAL(tsr_use_model(ctx, "nobody", &d), TSR_ERR_MODEL);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "nobody"));
    tsr_context_free(ctx);
}

/* A custom model is named by its hash; a context that does not have it says what is missing. */
static void test_custom(void) {
    tsr_context *ctx = codec_test_context(2, UINT32_MAX), *bare = codec_test_context(1, UINT32_MAX);
    tsr_blob a, b, out;
    tsr_info info;
    tsr_image im;
    tsr_diag d;
    tsr_model_info m;
    CU_ASSERT_EQUAL(add(ctx, &second, 0, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL(add(ctx, &first, 0, &a, &d), TSR_OK); /* the last one is used */
    uint32_t n = tsr_model_count(ctx);
    CU_ASSERT_EQUAL(tsr_add_model(ctx, a.data, a.size, "again", 0, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_model_count(ctx), n);
    CU_ASSERT(tsr_model_chosen(ctx, &m));
    CU_ASSERT_STRING_EQUAL(m.name, "first");
    CU_ASSERT_EQUAL_FATAL(encode(ctx, &out, &d), TSR_OK);
    CU_ASSERT_EQUAL(codec_test_inspect(bare, out.data, out.size, &info, &d), TSR_OK);
    CU_ASSERT_STRING_EQUAL(info.model_name, "first");
    CU_ASSERT_STRING_EQUAL(info.model_sha256, m.sha256);
    CU_ASSERT_EQUAL(codec_test_decode(ctx, out.data, out.size, 0, &im, NULL, &d), TSR_OK);
    tsr_image_free(&im);
    CU_ASSERT_EQUAL(codec_test_decode(bare, out.data, out.size, 0, &im, NULL, &d), TSR_ERR_MODEL);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, m.sha256));
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "'first'"));
    CU_ASSERT_EQUAL(tsr_use_model(ctx, "second", &d), TSR_OK);
    tsr_blob other;
    CU_ASSERT_EQUAL_FATAL(encode(ctx, &other, &d), TSR_OK);
    CU_ASSERT(!test_same_blob(&out, &other));
    tsr_blob_free(&other);
    tsr_blob_free(&out);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_context_free(ctx);
    tsr_context_free(bare);
}

/* A built-in one by its number. */
static void test_builtin(void) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX), *bare = codec_test_context(1, UINT32_MAX);
    model_recipe other = first;
    tsr_blob a, b, c, e, out;
    tsr_info info;
    tsr_image im;
    tsr_diag d;
    other.seed = 9;
    CU_ASSERT_EQUAL(add(ctx, &second, 1000002, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL(add(ctx, &first, 1000001, &a, &d), TSR_OK);
    CU_ASSERT_EQUAL(add(ctx, &other, 1000001, &c, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(add(ctx, &other, 1u << 31, &e, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL_FATAL(encode_with_effort(ctx, 4, &out, &d), TSR_OK);
    CU_ASSERT_EQUAL(codec_test_inspect(ctx, out.data, out.size, &info, &d), TSR_OK);
    CU_ASSERT_EQUAL(info.model_id, 1000002);
    CU_ASSERT_EQUAL(codec_test_decode(ctx, out.data, out.size, 0, &im, NULL, &d), TSR_OK);
    tsr_image_free(&im);
    CU_ASSERT_EQUAL(codec_test_decode(bare, out.data, out.size, 0, &im, NULL, &d), TSR_ERR_MODEL);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "1000002"));
    tsr_blob_free(&out);
    tsr_context_free(ctx);
    tsr_context_free(bare);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_blob_free(&c);
    tsr_blob_free(&e);
}

static uint32_t model_at_effort(tsr_context *ctx, uint32_t effort) {
    tsr_blob out;
    tsr_info info;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(encode_with_effort(ctx, effort, &out, &d), TSR_OK);
    CU_ASSERT_EQUAL(codec_test_inspect(ctx, out.data, out.size, &info, &d), TSR_OK);
    tsr_blob_free(&out);
    return info.model_id;
}

/* Encoders take the newest of the large built-in models, at low efforts of the small ones. */
static void test_builtin_sizes(void) {
    static const model_recipe large = {
        .name = "large", .seed = 3, .width = 128, .blocks = 14, .pointwise = 1, .amplitude = 0.01f};
    static const struct {
        const model_recipe *recipe;
        uint32_t id;
    } all[] = {{&first, 1000002}, {&large, 1000003}, {&second, 1000004}};
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_blob bytes[3];
    tsr_diag d;
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(add(ctx, all[i].recipe, all[i].id, &bytes[i], &d), TSR_OK);
    CU_ASSERT_EQUAL(model_at_effort(ctx, 1), 1000004);
    CU_ASSERT_EQUAL(model_at_effort(ctx, 4), 1000004);
    CU_ASSERT_EQUAL(model_at_effort(ctx, 5), 1000003);
    CU_ASSERT_EQUAL(model_at_effort(ctx, 9), 1000003);
    tsr_context_free(ctx);
    for (unsigned i = 0; i < 3; i++) tsr_blob_free(&bytes[i]);
}

/* ---------------------------------------------------------------- folders */

static void put_file(const char *dir, const char *name, const tsr_blob *b) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b->data, 1, b->size, f) != b->size || fclose(f)) abort();
}

static void drop_file(const char *dir, const char *name) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    remove(path);
}

/* A stream's model is found in the folders, under its name or another, past files that are none. */
static void test_folders(void) {
    char dir[] = "/tmp/tsr_models_XXXXXX", list[100];
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_blob a, b, out, junk = test_block(100, 1);
    tsr_image im;
    tsr_diag d;
    if (!mkdtemp(dir)) abort();
    snprintf(list, sizeof list, "/nonexistent::%s", dir);
    CU_ASSERT_EQUAL(add(ctx, &first, 0, &a, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(encode(ctx, &out, &d), TSR_OK);
    b = make_model_file(&second);
    put_file(dir, "junk.tsm", &junk);
    put_file(dir, "first.tsm", &b); /* the name of one, the bytes of another */
    for (int pass = 0; pass < 2; pass++) {
        tsr_context *fresh = codec_test_context(1, UINT32_MAX);
        CU_ASSERT_EQUAL(tsr_set_model_path(fresh, list, &d), TSR_OK);
        if (pass) put_file(dir, "renamed.tsm", &a);
        tsr_status s = codec_test_decode(fresh, out.data, out.size, 0, &im, NULL, &d);
        CU_ASSERT_EQUAL(s, pass ? TSR_OK : TSR_ERR_MODEL);
        if (!pass) CU_ASSERT_PTR_NOT_NULL(strstr(d.text, dir));
        tsr_image_free(&im);
        CU_ASSERT_EQUAL(tsr_use_model(fresh, "second", &d), TSR_OK);
        tsr_context_free(fresh);
    }
    drop_file(dir, "junk.tsm");
    drop_file(dir, "first.tsm");
    drop_file(dir, "renamed.tsm");
    rmdir(dir);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_blob_free(&out);
    tsr_blob_free(&junk);
    tsr_context_free(ctx);
}

static void test_describe(void) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_blob b = make_model_section(&first);
    tsr_model_section s = {.name = "vqvae", .data = b.data, .size = b.size};
    char text[512];
    CU_ASSERT(tsr_model_describe(ctx, &s, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "decoder=4 channels, 1 blocks"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "decoder_mac_per_pixel=37.0"));
    CU_ASSERT(tsr_model_describe(ctx, &s, text, 20));
    CU_ASSERT_EQUAL(strlen(text), 19);
    s.size--;
    CU_ASSERT(tsr_model_describe(ctx, &s, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "error=corrupt vqvae model"));
    memcpy(s.name, "wavelet", 8);
    CU_ASSERT(!tsr_model_describe(ctx, &s, text, sizeof text));
    tsr_blob_free(&b);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("models", {"the text of a model is checked", test_text},
              {"values of the text", test_values}, {"a file is what was written", test_file},
              {"damaged files are refused", test_hostile_file}, {"without a model", test_no_model},
              {"a custom model by its hash", test_custom},
              {"a built-in model by its number", test_builtin},
              {"large and small built-in models", test_builtin_sizes},
              {"models in folders", test_folders},
              {"what a model says about itself", test_describe})
