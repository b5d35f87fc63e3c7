/* test_network_filter.c - the network behind the post filter in whole files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_scene.h"

static const model_recipe drawn = {.name = "drawn",
                                   .seed = 7,
                                   .width = 10,
                                   .blocks = 3,
                                   .pointwise = 1,
                                   .amplitude = 0.01f,
                                   .section = "filter"};
static const model_recipe still = {.name = "still",
                                   .seed = 7,
                                   .width = 6,
                                   .blocks = 1,
                                   .pointwise = 1,
                                   .amplitude = 0,
                                   .section = "filter"};
static const model_recipe other = {
    .name = "other", .seed = 8, .width = 6, .blocks = 1, .pointwise = 1, .amplitude = 0.01f};

static tsr_status encode(tsr_context *ctx, const tsr_image *im, const char *spec, uint32_t effort,
                         uint32_t postfilter, tsr_blob *out, tsr_encode_report *report,
                         tsr_diag *d) {
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.effort = effort;
    o.target = TSR_TARGET_STEP;
    o.value = 40;
    o.postfilter = postfilter;
    return tsr_encode(ctx, im, &o, out, report, d);
}

static tsr_blob encoded(tsr_context *ctx, const tsr_image *im, uint32_t postfilter) {
    tsr_blob b = {0};
    tsr_diag d;
    tsr_status s = encode(ctx, im, "wavelet/rdo/adaptive", 2, postfilter, &b, NULL, &d);
    if (s) fprintf(stderr, "%s\n", d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return b;
}

static uint32_t differences(const tsr_image *a, const tsr_image *b, uint32_t channel) {
    const uint8_t *p = a->pixels, *q = b->pixels;
    uint32_t n = 0;
    for (size_t i = channel; i < (size_t)a->width * a->height * a->channels; i += a->channels)
        n += p[i] != q[i];
    return n;
}

/* It changes colours and never alpha; pictures below its smallest size pass as they are. */
static void test_sizes(void) {
    static const uint32_t sizes[][2] = {{1, 1},   {14, 14}, {15, 1},  {1, 40},
                                        {17, 16}, {33, 70}, {140, 99}};
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned channels = 1; channels <= 4; channels++) {
            tsr_image im = test_picture(sizes[i][0], sizes[i][1], channels, 8, i);
            tsr_blob with = encoded(ctx, &im, TSR_POSTFILTER_NETWORK);
            tsr_blob without = encoded(ctx, &im, TSR_POSTFILTER_ON);
            tsr_image a = decoded(ctx, &with), b = decoded(ctx, &without);
            uint32_t colours = channels < 3 ? 1 : 3, changed = 0;
            for (uint32_t c = 0; c < colours; c++) changed += differences(&a, &b, c);
            if (sizes[i][0] < 15 && sizes[i][1] < 15) CU_ASSERT_EQUAL(changed, 0);
            if (sizes[i][0] > 100) CU_ASSERT(changed > 0);
            if (channels % 2 == 0) CU_ASSERT_EQUAL(differences(&a, &b, channels - 1), 0);
            tsr_image_free(&a);
            tsr_image_free(&b);
            tsr_image_free(&im);
            tsr_blob_free(&with);
            tsr_blob_free(&without);
        }
    tsr_context_free(ctx);
}

static tsr_blob encode_network(tsr_context *ctx, const tsr_image *im) {
    return encoded(ctx, im, TSR_POSTFILTER_NETWORK);
}

static void test_exact(void) {
    check_exact(&drawn, encode_network);
}

/* What the encoder measures is what a decoder gets, for any transform. */
static void test_measured(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(160, 121, 3, 8, 10);
    static const char *const specs[] = {"wavelet/rdo/mix", "identity/rdo/adaptive",
                                        "wavelet:levels=2/codebook/adaptive"};
    for (unsigned i = 0; i < 3; i++) {
        tsr_encode_options o;
        tsr_encode_report r = {.struct_size = sizeof r};
        tsr_blob b;
        tsr_diag d;
        tsr_encode_options_init(&o);
        o.spec = specs[i];
        o.target = TSR_TARGET_PSNR;
        o.value = 30;
        o.postfilter = TSR_POSTFILTER_NETWORK;
        CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &b, &r, &d), TSR_OK);
        tsr_image back = decoded(ctx, &b);
        CU_ASSERT(measured_psnr(&im, &back) >= 30);
        CU_ASSERT(fabs(measured_psnr(&im, &back) - r.psnr) < 1e-6);
        tsr_image_free(&back);
        tsr_blob_free(&b);
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

static tsr_info info_of(tsr_context *ctx, const tsr_blob *b) {
    tsr_info info;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_inspect(ctx, b->data, b->size, &info, &d), TSR_OK);
    return info;
}

/* At a high effort it is tried, and left out when it does not help: this one does nothing. */
static void test_judged(void) {
    tsr_context *ctx = context_with(&still, 2, UINT32_MAX);
    tsr_image im = test_picture(120, 80, 3, 8, 3);
    tsr_blob b;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(
        encode(ctx, &im, "wavelet/rdo/adaptive", 9, TSR_POSTFILTER_AUTO, &b, NULL, &d), TSR_OK);
    CU_ASSERT_STRING_EQUAL(info_of(ctx, &b).model_name, "");
    CU_ASSERT_EQUAL(info_of(ctx, &b).network, 0);
    tsr_blob_free(&b);
    b = encoded(ctx, &im, TSR_POSTFILTER_NETWORK);
    CU_ASSERT_STRING_EQUAL(info_of(ctx, &b).model_name, "still");
    CU_ASSERT_EQUAL(info_of(ctx, &b).network, 1);
    tsr_blob_free(&b);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* Lossless files have none; a transform with a model of its own leaves no place for it. */
static void test_refused(void) {
    tsr_context *ctx = context_with(&drawn, 1, UINT32_MAX);
    tsr_image im = test_picture(40, 40, 3, 8, 1);
    tsr_encode_options o;
    tsr_blob b;
    tsr_diag d;
    tsr_encode_options_init(&o);
    o.target = TSR_TARGET_LOSSLESS;
    o.postfilter = TSR_POSTFILTER_NETWORK;
    CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &b, NULL, &d), TSR_OK);
    CU_ASSERT_EQUAL(info_of(ctx, &b).network, 0);
    tsr_blob_free(&b);
    add_model(ctx, &other);
    CU_ASSERT_EQUAL(encode(ctx, &im, "vqvae", 5, TSR_POSTFILTER_NETWORK, &b, NULL, &d),
                    TSR_ERR_UNSUPPORTED);
    CU_ASSERT(strstr(d.text, "a stream has one model") != NULL);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* A context in which the model of the recipe is built in by this number. */
static tsr_context *context_with_built_in(const model_recipe *r, uint32_t id, tsr_blob *bytes) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_diag d;
    *bytes = make_model_file(r);
    if (tsr_add_model(ctx, bytes->data, bytes->size, "test", id, &d)) abort();
    return ctx;
}

/* A stream whose model is missing. */
static void test_missing_model(void) {
    tsr_context *ctx = context_with(&drawn, 1, UINT32_MAX);
    tsr_context *bare = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(60, 40, 3, 8, 1), back;
    tsr_blob b = encoded(ctx, &im, TSR_POSTFILTER_NETWORK);
    tsr_diag d;
    CU_ASSERT_EQUAL(codec_test_decode(bare, b.data, b.size, 0, &back, NULL, &d), TSR_ERR_MODEL);
    CU_ASSERT(strstr(d.text, "the stream needs model 'drawn'") != NULL);
    tsr_blob_free(&b);
    tsr_image_free(&im);
    tsr_context_free(ctx);
    tsr_context_free(bare);
}

/* A stream that asks for the network of a model that has none for this. */
static void test_other_model(void) {
    enum { ID = 1000 };
    tsr_blob filter, transform;
    tsr_context *ctx = context_with_built_in(&still, ID, &filter);
    tsr_context *wrong = context_with_built_in(&other, ID, &transform);
    tsr_image im = test_picture(60, 40, 3, 8, 1), back;
    tsr_blob b = encoded(ctx, &im, TSR_POSTFILTER_NETWORK);
    tsr_diag d;
    CU_ASSERT_EQUAL(info_of(ctx, &b).model_id, ID); /* the smallest of the built-in ones */
    CU_ASSERT_EQUAL(codec_test_decode(wrong, b.data, b.size, 0, &back, NULL, &d), TSR_ERR_MODEL);
    CU_ASSERT_STRING_EQUAL(d.text, "model 'other' has no filter network");
    tsr_blob_free(&b);
    tsr_image_free(&im);
    tsr_context_free(ctx);
    tsr_context_free(wrong);
    tsr_blob_free(&filter);
    tsr_blob_free(&transform);
}

TSR_TEST_MAIN("network filter", {"sizes, colours, alpha", test_sizes},
              {"threads and instruction sets change nothing", test_exact},
              {"the encoder measures what is decoded", test_measured},
              {"it has to help", test_judged}, {"what makes no sense", test_refused},
              {"models that are missing", test_missing_model},
              {"models of something else", test_other_model})
