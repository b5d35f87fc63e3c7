/* test_rate_control.c - targets: sizes are never exceeded and nearly used, qualities are reached
 * and hardly exceeded, and what cannot be reached is said, with the nearest that can. */
#include <math.h>
#include <string.h>

#include "codec_test.h"
#include "fake_transform.h"
#include "tsr_test.h"

static tsr_context *ctx;
static const char *const specs[] = {"wavelet/uniform/adaptive", "wavelet/trellis/mix",
                                    "wavelet/rdo/adaptive", "identity/uniform/mix"};
enum { SPECS = sizeof specs / sizeof specs[0] };

static void open_context(void) {
    ctx = codec_test_context(2, UINT32_MAX);
}

/* Encodes, decodes, and checks that the report says what the file is. */
static tsr_encode_report encode(const tsr_image *im, const char *spec, tsr_target target,
                                double value, tsr_image *back) {
    tsr_blob file = {0};
    tsr_encode_report r = {0};
    tsr_diag d;
    tsr_status s = codec_test_encode(ctx, im, spec, target, value, &file, &r, &d);
    if (s) printf("%s, target %d of %g: %s\n", spec, target, value, d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    CU_ASSERT_EQUAL(r.bytes, file.size);
    CU_ASSERT_DOUBLE_EQUAL(r.bpp, file.size * 8.0 / ((double)im->width * im->height), 1e-9);
    CU_ASSERT_EQUAL(codec_test_decode(ctx, file.data, file.size, 0, back, NULL, &d), TSR_OK);
    tsr_blob_free(&file);
    return r;
}

/* ---------------------------------------------------------------- sizes */

static void check_size(const tsr_image *im, const char *spec, double target, double slack) {
    tsr_image back;
    tsr_encode_report r = encode(im, spec, TSR_TARGET_SIZE, target, &back);
    CU_ASSERT((double)r.bytes <= target);
    if (!((double)r.bytes >= target * slack))
        printf("%s: %llu of %g\n", spec, (unsigned long long)r.bytes, target);
    CU_ASSERT((double)r.bytes >= target * slack);
    tsr_image_free(&back);
}

static void test_sizes(void) {
    static const double sizes[] = {400, 700, 1000, 2000, 3500, 6000};
    tsr_image rgb = test_picture(96, 80, 3, 8, 1), deep = test_picture(64, 48, 1, 16, 2);
    for (int i = 0; i < SPECS; i++)
        for (int k = 1; k < 6; k++) check_size(&rgb, specs[i], sizes[k], k < 3 ? 0.93 : 0.97);
    for (int k = 0; k < 4; k++) check_size(&deep, specs[0], sizes[k], 0.95);
    tsr_image_free(&rgb);
    tsr_image_free(&deep);
}

/* Every small size there is, down to the one that cannot be. */
static void test_small_sizes(void) {
    tsr_image im = test_picture(24, 16, 1, 8, 3);
    int refused = 0;
    for (double target = 200; target > 0; target -= 7) {
        tsr_blob file;
        tsr_diag d;
        tsr_status s =
            codec_test_encode(ctx, &im, specs[0], TSR_TARGET_SIZE, target, &file, NULL, &d);
        CU_ASSERT(s ? s == TSR_ERR_TARGET && !file.data : (double)file.size <= target);
        CU_ASSERT(!refused || s); /* smaller ones are no easier */
        refused |= s != TSR_OK;
        tsr_blob_free(&file);
    }
    CU_ASSERT(refused);
    tsr_image_free(&im);
}

static void test_bits_per_pixel(void) {
    static const double rates[] = {0.5, 1, 2.5, 4};
    tsr_image im = test_picture(96, 80, 3, 8, 1), back;
    for (int i = 0; i < SPECS; i++)
        for (int k = 1; k < 4; k++) {
            tsr_encode_report r = encode(&im, specs[i], TSR_TARGET_BPP, rates[k], &back);
            CU_ASSERT(r.bpp <= rates[k] && r.bpp > rates[k] * 0.95);
            tsr_image_free(&back);
        }
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- qualities */

static void test_psnr(void) {
    tsr_image rgb = test_picture(96, 80, 3, 8, 1), deep = test_picture(96, 80, 3, 16, 2), back;
    for (int i = 0; i < SPECS; i++)
        for (double target = 26; target <= 46; target += 5) {
            const tsr_image *im = i == 1 ? &deep : &rgb;
            tsr_encode_report r = encode(im, specs[i], TSR_TARGET_PSNR, target, &back);
            double reached = measured_psnr(im, &back);
            /* neighbouring steps of a tiny file may lie further apart than 0.05 dB */
            int close = reached < target + 0.05 || r.bytes < 400;
            if (!close) printf("%s: %g of %g\n", specs[i], reached, target);
            CU_ASSERT(reached >= target && close);
            CU_ASSERT_DOUBLE_EQUAL(r.psnr, reached, 1e-9);
            tsr_image_free(&back);
        }
    tsr_image_free(&rgb);
    tsr_image_free(&deep);
}

static void test_max_error(void) {
    static const double bounds[] = {0, 1, 3, 10, 40};
    tsr_image im = test_picture(60, 50, 3, 8, 5), back;
    for (int i = 0; i < SPECS; i++) {
        uint64_t last = UINT64_MAX;
        for (int k = 0; k < 5; k++) {
            tsr_encode_report r = encode(&im, specs[i], TSR_TARGET_MAX_ERROR, bounds[k], &back);
            CU_ASSERT(measured_max_error(&im, &back) <= bounds[k]);
            CU_ASSERT(r.bytes < last); /* a looser bound is a smaller file */
            if (k > 0) last = r.bytes; /* but lossless coding may beat a bound of one */
            tsr_image_free(&back);
        }
    }
    tsr_image_free(&im);
}

/* A better quality is a larger file and a nearer picture. */
static void test_quality(void) {
    tsr_image im = test_picture(96, 80, 3, 8, 1), back;
    for (int i = 0; i < SPECS; i++) {
        uint64_t last = 0;
        double last_psnr = 0;
        for (double q = 10; q <= 90; q += 20) {
            tsr_encode_report r = encode(&im, specs[i], TSR_TARGET_QUALITY, q, &back);
            double psnr = measured_psnr(&im, &back);
            CU_ASSERT(r.bytes > last && psnr > last_psnr && r.trials == 1);
            last = r.bytes;
            last_psnr = psnr;
            tsr_image_free(&back);
        }
    }
    tsr_image_free(&im);
}

static void test_step(void) {
    tsr_image im = test_picture(40, 40, 1, 8, 6), back;
    tsr_encode_report r = encode(&im, specs[0], TSR_TARGET_STEP, 8, &back);
    CU_ASSERT_DOUBLE_EQUAL(r.step, 8, 0.02);
    tsr_image_free(&back);
    r = encode(&im, "identity/uniform:round=0.5/adaptive", TSR_TARGET_STEP, 4, &back);
    CU_ASSERT(measured_max_error(&im, &back) <= 3); /* half a step and half a level of rounding */
    tsr_image_free(&back);
    tsr_image_free(&im);
}

static void test_few_trials(void) {
    tsr_image im = test_picture(96, 80, 3, 8, 1), back;
    tsr_encode_report r = encode(&im, specs[0], TSR_TARGET_SIZE, 2000, &back);
    CU_ASSERT(r.trials <= 20);
    tsr_image_free(&back);
    r = encode(&im, specs[0], TSR_TARGET_PSNR, 35, &back);
    CU_ASSERT(r.trials <= 20);
    tsr_image_free(&back);
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- what cannot be */

static const char *refusal(const tsr_image *im, const char *spec, tsr_target target, double value,
                           tsr_status expected) {
    static tsr_diag d;
    tsr_blob file;
    tsr_status s = codec_test_encode(ctx, im, spec, target, value, &file, NULL, &d);
    CU_ASSERT_EQUAL(s, expected);
    CU_ASSERT_EQUAL(d.status, expected);
    CU_ASSERT_PTR_NULL(file.data);
    tsr_blob_free(&file);
    return d.text;
}

static tsr_status deaf_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                 const tsr_env *env) {
    for (uint32_t p = 0; p < out->n; p++)
        memset(out->p[p].s.f, 0, (size_t)out->p[p].w * out->p[p].h * sizeof(float));
    return TSR_OK;
}

static void test_unreachable(void) {
    static tsr_transform deaf; /* decodes to mid grey whatever it is given */
    const tsr_transform *list = &deaf;
    deaf = fake_transform("deaf", 70000);
    deaf.synthesis = deaf_synthesis;
    tsr_plugin p = fake_plugin(&list, 1);
    CU_ASSERT_EQUAL_FATAL(tsr_register(ctx, &p, "test", NULL), TSR_OK);
    tsr_image im = flat_picture(20, 20, 1, 8, 100);
    const char *text = refusal(&im, "deaf", TSR_TARGET_PSNR, 50, TSR_ERR_TARGET);
    CU_ASSERT_STRING_EQUAL(text, "the best this codec reaches is 19.19 dB, the target is 50.00 dB");
    text = refusal(&im, "deaf", TSR_TARGET_MAX_ERROR, 5, TSR_ERR_TARGET);
    CU_ASSERT_STRING_EQUAL(
        text, "the smallest largest error this codec reaches is 28 levels, the target is 5");
    text = refusal(&im, specs[0], TSR_TARGET_SIZE, 9, TSR_ERR_TARGET);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "the smallest file of this codec has "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " bytes, the target is 9"));
    refusal(&im, specs[0], TSR_TARGET_BPP, 0.01, TSR_ERR_TARGET);
    tsr_image_free(&im);
}

static void test_bad_values(void) {
    static const struct {
        tsr_target target;
        double value;
        const char *text;
    } bad[] = {
        {TSR_TARGET_QUALITY, 101, "quality 101 is not in 0..100"},
        {TSR_TARGET_QUALITY, -1, "quality -1 is not in 0..100"},
        {TSR_TARGET_QUALITY, NAN, "is not in 0..100"},
        {TSR_TARGET_BPP, 0, "bits per pixel 0 is not in "},
        {TSR_TARGET_SIZE, 0, "size 0 is not in "},
        {TSR_TARGET_PSNR, INFINITY, "PSNR inf is not in 1..200 dB"},
        {TSR_TARGET_STEP, 5000, "step 5000 is not in "},
        {TSR_TARGET_MAX_ERROR, -1, "largest error -1 is not in 0..65535 levels"},
        {(tsr_target)7, 1, "unknown target"},
    };
    tsr_image im = flat_picture(20, 20, 1, 8, 100);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(
            refusal(&im, "wavelet", bad[i].target, bad[i].value, TSR_ERR_ARGUMENT), bad[i].text));
    tsr_image_free(&im);
}

static void close_context(void) {
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("rate control", {"open", open_context}, {"sizes", test_sizes},
              {"small sizes", test_small_sizes}, {"bits per pixel", test_bits_per_pixel},
              {"PSNR", test_psnr}, {"largest error", test_max_error}, {"quality", test_quality},
              {"step", test_step}, {"few trials", test_few_trials},
              {"unreachable", test_unreachable}, {"bad values", test_bad_values},
              {"close", close_context})
