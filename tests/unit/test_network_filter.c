/* test_network_filter.c - the network behind the post filter in whole files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/builtin.h>

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

static tsr_encode_options options_of(const char *spec, uint32_t effort, uint32_t postfilter) {
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.effort = effort;
    o.target = TSR_TARGET_STEP;
    o.value = 40;
    o.postfilter = postfilter;
    return o;
}

static tsr_status encode(tsr_context *ctx, const tsr_image *im, const char *spec, uint32_t effort,
                         uint32_t postfilter, tsr_blob *out, tsr_encode_report *report,
                         tsr_diag *d) {
    tsr_encode_options o = options_of(spec, effort, postfilter);
    return tsr_encode(ctx, im, &o, out, report, d);
}

static tsr_blob encoded_by(tsr_context *ctx, const tsr_image *im, const tsr_encode_options *o) {
    tsr_blob b = {0};
    tsr_diag d;
    tsr_status s = tsr_encode(ctx, im, o, &b, NULL, &d);
    if (s) fprintf(stderr, "%s\n", d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return b;
}

static tsr_blob encoded(tsr_context *ctx, const tsr_image *im, uint32_t postfilter) {
    tsr_encode_options o = options_of("wavelet/rdo/adaptive", 2, postfilter);
    return encoded_by(ctx, im, &o);
}

static tsr_blob encoded_views(tsr_context *ctx, const tsr_image *im, uint32_t views) {
    tsr_encode_options o = options_of("wavelet/rdo/adaptive", 2, TSR_POSTFILTER_NETWORK);
    o.views = views;
    return encoded_by(ctx, im, &o);
}

static tsr_info info_of(tsr_context *ctx, const tsr_blob *b) {
    tsr_info info;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_inspect(ctx, b->data, b->size, &info, &d), TSR_OK);
    return info;
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

static tsr_blob encode_two(tsr_context *ctx, const tsr_image *im) {
    return encoded_views(ctx, im, 2);
}

static tsr_blob encode_eight(tsr_context *ctx, const tsr_image *im) {
    return encoded_views(ctx, im, 8);
}

static void test_exact(void) {
    check_exact(&drawn, encode_network);
    check_exact(&drawn, encode_two);
    check_exact(&drawn, encode_eight);
}

/* What the encoder measures is what a decoder gets, for any transform and number of views. */
static void test_measured(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(160, 121, 3, 8, 10);
    static const char *const specs[] = {"wavelet/rdo/mix", "identity/rdo/adaptive",
                                        "wavelet:levels=2/codebook/adaptive"};
    static const uint32_t views[] = {1, 8, 2};
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
        o.views = views[i];
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

/* Another number of views is another picture; alpha stays the same. */
static void test_views(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    for (unsigned channels = 1; channels <= 4; channels++) {
        tsr_image im = test_picture(70 - channels, 52, channels, 8, channels), got[3];
        for (uint32_t i = 0; i < 3; i++) {
            static const uint32_t views[] = {1, 2, 8};
            tsr_blob b = encoded_views(ctx, &im, views[i]);
            CU_ASSERT_EQUAL(info_of(ctx, &b).views, views[i]);
            got[i] = decoded(ctx, &b);
            for (uint32_t k = 0; k < i; k++) {
                CU_ASSERT(differences(&got[k], &got[i], 0) > 0);
                if (channels % 2 == 0)
                    CU_ASSERT_EQUAL(differences(&got[k], &got[i], channels - 1), 0);
            }
            tsr_blob_free(&b);
        }
        for (uint32_t i = 0; i < 3; i++) tsr_image_free(&got[i]);
        tsr_image_free(&im);
    }
    tsr_context_free(ctx);
}

/* Any size, down to those of which only some views have a column or row enough for a network. */
static void test_small_views(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {2, 2}, {13, 13}, {14, 14}, {1, 15}, {40, 2}};
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t views = 1; views <= 8; views *= views == 2 ? 4 : 2) {
            tsr_image im = test_picture(sizes[i][0], sizes[i][1], 3, 8, i);
            tsr_blob with = encoded_views(ctx, &im, views);
            tsr_blob without = encoded(ctx, &im, TSR_POSTFILTER_ON);
            tsr_image a = decoded(ctx, &with), b = decoded(ctx, &without);
            if (sizes[i][0] < 14 && sizes[i][1] < 14) CU_ASSERT(test_same_pixels(&a, &b));
            tsr_image_free(&a);
            tsr_image_free(&b);
            tsr_image_free(&im);
            tsr_blob_free(&with);
            tsr_blob_free(&without);
        }
    tsr_context_free(ctx);
}

/* The effort says how many, if nobody else does. */
static void test_views_of_efforts(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(40, 30, 1, 8, 3);
    tsr_encode_options o;
    tsr_blob b;
    tsr_diag d;
    for (uint32_t effort = 1; effort <= 9; effort++) {
        o = options_of("wavelet/uniform/adaptive", effort, TSR_POSTFILTER_NETWORK);
        b = encoded_by(ctx, &im, &o);
        CU_ASSERT_EQUAL(info_of(ctx, &b).views, effort == 9 ? 8 : effort == 8 ? 2 : 1);
        tsr_blob_free(&b);
    }
    o.views = 3;
    CU_ASSERT_EQUAL(tsr_encode(ctx, &im, &o, &b, NULL, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(d.text, "views 3 are not 1, 2 or 8");
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* Asks for an end at the call *user counts down to. */
static int stop_at(void *user, const char *stage, double fraction) {
    return --*(int *)user == 0;
}

/* A decoder of eight views stops wherever it is asked to, and is asked in every view. */
static void test_cancelled(void) {
    tsr_context *wide = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(60, 50, 3, 8, 3), back;
    int calls[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        tsr_blob b = encoded_views(wide, &im, k ? 8 : 1);
        tsr_status s = TSR_ERR_CANCELLED;
        for (int left = 1; s == TSR_ERR_CANCELLED && left < 1000; left = ++calls[k] + 1) {
            tsr_context *ctx = NULL;
            tsr_diag d;
            tsr_config cfg = {.struct_size = sizeof cfg,
                              .cpu_mask = UINT32_MAX,
                              .progress = stop_at,
                              .user = &left};
            CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, &cfg, NULL), TSR_OK);
            CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(ctx, NULL), TSR_OK);
            add_model(ctx, &drawn);
            s = codec_test_decode(ctx, b.data, b.size, 0, &back, NULL, &d);
            CU_ASSERT(s == TSR_OK || s == TSR_ERR_CANCELLED);
            tsr_image_free(&back);
            tsr_context_free(ctx);
        }
        CU_ASSERT_EQUAL(s, TSR_OK);
        tsr_blob_free(&b);
    }
    CU_ASSERT(calls[1] >= calls[0] + 7);
    tsr_image_free(&im);
    tsr_context_free(wide);
}

/* Limits of memory at which a decoder of eight views gives up somewhere, cleanly. */
static void test_memory(void) {
    tsr_context *wide = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(700, 500, 3, 8, 3);
    tsr_blob one = encoded_views(wide, &im, 1), eight = encoded_views(wide, &im, 8);
    unsigned only_one = 0, both = 0;
    for (uint64_t limit = 1 << 20; limit < (uint64_t)1 << 26; limit += limit / 4) {
        tsr_context *ctx = NULL;
        tsr_config cfg = {.struct_size = sizeof cfg, .cpu_mask = UINT32_MAX, .max_memory = limit};
        tsr_image a, b;
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, &cfg, NULL), TSR_OK);
        CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(ctx, NULL), TSR_OK);
        add_model(ctx, &drawn);
        tsr_status s = codec_test_decode(ctx, one.data, one.size, 0, &a, NULL, &d);
        tsr_status t = codec_test_decode(ctx, eight.data, eight.size, 0, &b, NULL, &d);
        CU_ASSERT(s == TSR_OK || s == TSR_ERR_LIMIT);
        CU_ASSERT(t == TSR_OK ||
                  (t == TSR_ERR_LIMIT && codec_test_clean_failure(t, &b, &d, eight.size)));
        only_one += !s && t;
        both += !s && !t;
        tsr_image_free(&a);
        tsr_image_free(&b);
        tsr_context_free(ctx);
    }
    CU_ASSERT(only_one > 0);
    CU_ASSERT(both > 0);
    tsr_blob_free(&one);
    tsr_blob_free(&eight);
    tsr_image_free(&im);
    tsr_context_free(wide);
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

/* A stream whose model is missing. Smaller pictures of a wavelet are made without it. */
static void test_missing_model(void) {
    tsr_context *ctx = context_with(&drawn, 1, UINT32_MAX);
    tsr_context *bare = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(60, 40, 3, 8, 1), back;
    tsr_blob b = encoded(ctx, &im, TSR_POSTFILTER_NETWORK);
    tsr_diag d;
    CU_ASSERT_EQUAL(codec_test_decode(bare, b.data, b.size, 0, &back, NULL, &d), TSR_ERR_MODEL);
    CU_ASSERT(strstr(d.text, "the stream needs model 'drawn'") != NULL);
    tsr_decode_options o;
    tsr_decode_options_init(&o);
    o.reduce = 1;
    CU_ASSERT_EQUAL_FATAL(tsr_decode(bare, b.data, b.size, &o, &back, NULL, &d), TSR_OK);
    CU_ASSERT(back.width == 30 && back.height == 20);
    tsr_image_free(&back);
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
              {"the encoder measures what is decoded", test_measured}, {"views", test_views},
              {"views of small pictures", test_small_views},
              {"views of efforts", test_views_of_efforts}, {"views and cancelling", test_cancelled},
              {"views and memory", test_memory}, {"it has to help", test_judged},
              {"what makes no sense", test_refused},
              {"models that are missing", test_missing_model},
              {"models of something else", test_other_model})
