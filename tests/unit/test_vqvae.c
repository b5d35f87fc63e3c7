/* test_vqvae.c - the learned transform in whole files: ablations, exactness, layers, bad streams.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_scene.h"

static const model_recipe identity = {.name = "identity",
                                      .seed = 5,
                                      .width = 6,
                                      .blocks = 2,
                                      .pointwise = 1,
                                      .encoder = 1,
                                      .amplitude = 0};
static const model_recipe drawn = {.name = "drawn",
                                   .seed = 6,
                                   .width = 10,
                                   .blocks = 3,
                                   .pointwise = 2,
                                   .encoder = 1,
                                   .amplitude = 0.01f};

/* No network behind it, with which the plain wavelet would differ. */
static tsr_blob encode(tsr_context *ctx, const tsr_image *im, const char *spec, double step) {
    tsr_encode_options o;
    tsr_blob out = {0};
    tsr_diag d;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = TSR_TARGET_STEP;
    o.value = step;
    o.postfilter = TSR_POSTFILTER_ON;
    tsr_status s = tsr_encode(ctx, im, &o, &out, NULL, &d);
    if (s) fprintf(stderr, "%s: %s\n", spec, d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return out;
}

/* Pixels of im through spec at a step. */
static tsr_image through(tsr_context *ctx, const tsr_image *im, const char *spec, double step) {
    tsr_blob b = encode(ctx, im, spec, step);
    tsr_image back = decoded(ctx, &b);
    tsr_blob_free(&b);
    return back;
}

/* Without networks, with ones that change nothing, and below the steps of the training, it is the
 * wavelet. */
static void test_plain(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {2, 9}, {17, 16}, {33, 70}, {301, 45}};
    tsr_context *none = context_with(&identity, 2, UINT32_MAX);
    tsr_context *some = context_with(&drawn, 2, UINT32_MAX);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned channels = 1; channels <= 4; channels++) {
            tsr_image im = test_picture(sizes[i][0], sizes[i][1], channels, 8, i);
            tsr_image w = through(none, &im, "wavelet/rdo/adaptive", 40);
            tsr_image off = through(none, &im, "vqvae:net=off/rdo/adaptive", 40);
            tsr_image zero = through(none, &im, "vqvae/rdo/adaptive", 40);
            CU_ASSERT(test_same_pixels(&w, &off));
            CU_ASSERT(test_same_pixels(&w, &zero));
            tsr_image fine = through(some, &im, "wavelet/rdo/adaptive", 1.9);
            tsr_image plain = through(some, &im, "vqvae/rdo/adaptive", 1.9);
            CU_ASSERT(test_same_pixels(&fine, &plain));
            tsr_image_free(&im);
            tsr_image_free(&w);
            tsr_image_free(&off);
            tsr_image_free(&zero);
            tsr_image_free(&fine);
            tsr_image_free(&plain);
        }
    tsr_context_free(none);
    tsr_context_free(some);
}

/* The networks do something, and each of the two does. */
static void test_networks(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(150, 97, 3, 8, 4);
    tsr_blob on = encode(ctx, &im, "vqvae/rdo/adaptive", 40);
    tsr_blob half = encode(ctx, &im, "vqvae:encoder=off/rdo/adaptive", 40);
    tsr_blob off = encode(ctx, &im, "vqvae:net=off/rdo/adaptive", 40);
    CU_ASSERT(!test_same_blob(&on, &half));
    tsr_image with = decoded(ctx, &half), without = decoded(ctx, &off);
    CU_ASSERT(!test_same_pixels(&with, &without));
    CU_ASSERT(measured_psnr(&im, &with) > measured_psnr(&im, &without) - 3);
    tsr_image_free(&with);
    tsr_image_free(&without);
    tsr_image_free(&im);
    tsr_blob_free(&on);
    tsr_blob_free(&half);
    tsr_blob_free(&off);
    tsr_context_free(ctx);
}

/* Alpha is none of the networks' business, and a grey picture needs no model of its own. */
static void test_alpha(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(90, 70, 2, 8, 4);
    tsr_image on = through(ctx, &im, "vqvae:encoder=off/rdo/adaptive", 40);
    tsr_image off = through(ctx, &im, "vqvae:net=off/rdo/adaptive", 40);
    const uint8_t *a = on.pixels, *b = off.pixels;
    unsigned grey = 0, alpha = 0;
    for (size_t i = 0; i < 90 * 70; i++) {
        grey += a[2 * i] != b[2 * i];
        alpha += a[2 * i + 1] != b[2 * i + 1];
    }
    CU_ASSERT(grey > 0);
    CU_ASSERT_EQUAL(alpha, 0);
    tsr_image_free(&im);
    tsr_image_free(&on);
    tsr_image_free(&off);
    tsr_context_free(ctx);
}

static tsr_blob encode_fine(tsr_context *ctx, const tsr_image *im) {
    return encode(ctx, im, "vqvae/rdo/adaptive", 30);
}

static void test_exact(void) {
    check_exact(&drawn, encode_fine);
}

/* A prefix of the file is a picture, and a longer one is no worse. */
static void test_layers(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(240, 180, 3, 8, 9);
    tsr_blob b = encode(ctx, &im, "vqvae/rdo/adaptive", 24);
    uint32_t layers = 0;
    double before = 0;
    for (size_t n = 200; n <= b.size; n += n < b.size && n + 97 > b.size ? b.size - n : 97) {
        tsr_decode_report r;
        tsr_image back;
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, b.data, n, 1, &back, &r, &d), TSR_OK);
        double psnr = measured_psnr(&im, &back);
        CU_ASSERT(psnr >= before - 1e-9);
        CU_ASSERT(r.layers_decoded >= layers);
        before = psnr;
        layers = r.layers_decoded;
        tsr_image_free(&back);
        if (n == b.size) break;
    }
    CU_ASSERT_EQUAL(layers, 4);
    tsr_blob_free(&b);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* The steps of a search are those of the networks, too: a target is met by what is decoded. */
static void test_target(void) {
    tsr_context *ctx = context_with(&drawn, 2, UINT32_MAX);
    tsr_image im = test_picture(160, 120, 3, 8, 10);
    tsr_blob b;
    tsr_diag d;
    tsr_encode_report r = {.struct_size = sizeof r};
    CU_ASSERT_EQUAL_FATAL(
        codec_test_encode(ctx, &im, "vqvae/rdo/adaptive", TSR_TARGET_PSNR, 30, &b, &r, &d), TSR_OK);
    CU_ASSERT(r.trials > 1);
    tsr_image back = decoded(ctx, &b);
    CU_ASSERT(measured_psnr(&im, &back) >= 30);
    CU_ASSERT(fabs(measured_psnr(&im, &back) - r.psnr) < 1e-6);
    tsr_image_free(&back);
    tsr_image_free(&im);
    tsr_blob_free(&b);
    tsr_context_free(ctx);
}

/* A model section that is not sound, and a model of another transform. */
static void test_bad_models(void) {
    static const char meta[] = "name=bad\n";
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(40, 40, 3, 8, 1);
    for (int i = 0; i < 2; i++) {
        tsr_model_file m = {.meta = meta, .meta_size = sizeof meta - 1, .n_sections = 1};
        tsr_blob file, out;
        tsr_diag d;
        m.section[0] =
            (tsr_model_section){.name = "vqvae", .data = (const uint8_t *)"\1\1", .size = 2};
        if (i) memcpy(m.section[0].name, "other", 6);
        CU_ASSERT_EQUAL_FATAL(tsr_model_write(&m, &file, &d), TSR_OK);
        CU_ASSERT_EQUAL(tsr_add_model(ctx, file.data, file.size, "test", 0, &d), TSR_OK);
        tsr_status s = codec_test_encode(ctx, &im, "vqvae", TSR_TARGET_STEP, 30, &out, NULL, &d);
        CU_ASSERT_EQUAL(s, i ? TSR_ERR_MODEL : TSR_ERR_FORMAT);
        CU_ASSERT(strstr(d.text, i ? "not one for transform 'vqvae'" : "corrupt vqvae model") !=
                  NULL);
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("vqvae", {"without effect it is the wavelet", test_plain},
              {"both networks matter", test_networks}, {"alpha passes by", test_alpha},
              {"threads and instruction sets change nothing", test_exact},
              {"layers never make it worse", test_layers}, {"targets are met", test_target},
              {"models that are not sound", test_bad_models})
