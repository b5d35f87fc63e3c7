/* test_quant_rate.c - the quality steers every quantizer: through the whole pipeline, a higher one
 * makes a larger file that is nearer to the picture; targets are met. */
#include <math.h>

#include "codec_test.h"
#include "tsr_test.h"

static tsr_context *ctx;

static const char *const codecs[] = {
    "wavelet/lattice/mix",
    "identity/lattice/adaptive",
    "wavelet/kmeans/adaptive",
    "wavelet/kmeans:k=9/mix",
    "identity/kmeans:k=64/adaptive",
    "wavelet/buckets/adaptive",
    "identity/buckets/mix",
    "wavelet/buckets:k=4,block=8/adaptive",
    "wavelet/buckets:centres=kmeans/mix",
    "identity/buckets:k=8,block=8,centres=kmeans/adaptive",
    "wavelet/btc/mix",
    "identity/btc:moments=absolute/adaptive",
};
enum { CODECS = sizeof codecs / sizeof codecs[0] };

typedef struct point {
    double bytes, psnr;
} point;

static point measure(const tsr_image *im, const char *codec, double quality) {
    tsr_blob file = {0};
    tsr_image back;
    CU_ASSERT_EQUAL_FATAL(
        codec_test_encode(ctx, im, codec, TSR_TARGET_QUALITY, quality, &file, NULL, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, file.data, file.size, 0, &back, NULL, NULL),
                          TSR_OK);
    point p = {(double)file.size, measured_psnr(im, &back)};
    tsr_image_free(&back);
    tsr_blob_free(&file);
    return p;
}

static void test_qualities(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(155, 122, 3, 8, 1);
    for (int i = 0; i < CODECS; i++) {
        point before = {0, 0};
        for (int quality = 0; quality <= 90; quality += 15) {
            point p = measure(&im, codecs[i], quality);
            int good = p.bytes > before.bytes && p.psnr > before.psnr - 0.1;
            if (!good)
                printf("%s, quality %d: %g bytes, %g dB after %g, %g\n", codecs[i], quality,
                       p.bytes, p.psnr, before.bytes, before.psnr);
            CU_ASSERT(good);
            before = p;
        }
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* A size that lies between those of two qualities is reached within a tenth, from below (the number
 * of centres goes in steps). */
static void test_target_size(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(155, 122, 3, 8, 2);
    for (int i = 0; i < CODECS; i++) {
        double target =
            floor((measure(&im, codecs[i], 20).bytes + measure(&im, codecs[i], 70).bytes) / 2);
        tsr_blob file = {0};
        tsr_diag d;
        tsr_status s =
            codec_test_encode(ctx, &im, codecs[i], TSR_TARGET_SIZE, target, &file, NULL, &d);
        if (s || (double)file.size < 0.9 * target)
            printf("%s: %zu of %g bytes\n", codecs[i], file.size, target);
        CU_ASSERT(s == TSR_OK && (double)file.size <= target && (double)file.size >= 0.9 * target);
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* What makes no sense is refused when the spec is read, and by the encoder. */
static void test_refused(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(8, 8, 1, 8, 3);
    tsr_blob file = {0};
    tsr_diag d;
    CU_ASSERT_EQUAL(tsr_spec_check(ctx, "dct/buckets:k=5,block=2", NULL, 0, &d),
                    TSR_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(d.text, "buckets: k=5 is more than the 4 coefficients of a block");
    CU_ASSERT_EQUAL(codec_test_encode(ctx, &im, "dct/buckets:k=5,block=2", TSR_TARGET_QUALITY, 50,
                                      &file, NULL, &d),
                    TSR_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(d.text, "buckets: k=5 is more than the 4 coefficients of a block");
    CU_ASSERT_EQUAL(tsr_spec_check(ctx, "dct/buckets:k=4,block=2", NULL, 0, &d), TSR_OK);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("rate of quantizers", {"qualities", test_qualities},
              {"target size", test_target_size}, {"refused", test_refused})
