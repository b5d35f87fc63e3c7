/* test_limits.c - limits, cancelling and bad arguments: refused before anything is allocated for
 * them, cleanly at every point. */
#include <string.h>

#include <tessera/builtin.h>

#include "codec_test.h"
#include "container.h"
#include "tsr_test.h"

typedef struct watch {
    unsigned calls, stop_at; /* stop_at 0: never */
    double last;
    int unsteady;
} watch;

static int on_progress(void *user, const char *stage, double fraction) {
    watch *w = user;
    if (!stage || !*stage || !(fraction >= w->last) || !(fraction <= 1)) w->unsteady = 1;
    w->last = fraction;
    return ++w->calls == w->stop_at;
}

static tsr_context *context_of(uint64_t max_pixels, uint64_t max_memory, watch *w) {
    tsr_context *ctx = NULL;
    tsr_config cfg = {.struct_size = sizeof cfg,
                      .threads = 2,
                      .cpu_mask = UINT32_MAX,
                      .max_pixels = max_pixels,
                      .max_memory = max_memory,
                      .progress = w ? on_progress : NULL,
                      .user = w};
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, &cfg, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(ctx, NULL), TSR_OK);
    return ctx;
}

static tsr_status encode(tsr_context *ctx, const tsr_image *im, const char *spec, tsr_blob *file,
                         tsr_encode_report *r, tsr_diag *d) {
    return codec_test_encode(ctx, im, spec, TSR_TARGET_QUALITY, 60, file, r, d);
}

/* ---------------------------------------------------------------- pixels */

static void test_max_pixels(void) {
    tsr_context *ctx = context_of(1000, 0, NULL), *wide = context_of(0, 0, NULL);
    tsr_image fits = test_picture(40, 25, 1, 8, 1), large = test_picture(77, 13, 1, 8, 1), back;
    tsr_blob file, other;
    tsr_diag d;
    CU_ASSERT_EQUAL(encode(ctx, &fits, NULL, &file, NULL, &d), TSR_OK);
    CU_ASSERT_EQUAL(codec_test_decode(ctx, file.data, file.size, 0, &back, NULL, &d), TSR_OK);
    tsr_image_free(&back);
    tsr_blob_free(&file);
    CU_ASSERT_EQUAL(encode(ctx, &large, NULL, &file, NULL, &d), TSR_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(d.text, "77x13 pixels exceed the limit of 1000");
    CU_ASSERT_PTR_NULL(file.data);
    CU_ASSERT_EQUAL_FATAL(encode(wide, &large, NULL, &other, NULL, &d), TSR_OK);
    tsr_status s = codec_test_decode(ctx, other.data, other.size, 0, &back, NULL, &d);
    CU_ASSERT_EQUAL(s, TSR_ERR_LIMIT);
    CU_ASSERT(codec_test_clean_failure(s, &back, &d, other.size));
    CU_ASSERT_STRING_EQUAL(d.text, "77x13 pixels exceed the limit of 1000");
    tsr_blob_free(&other);
    tsr_image_free(&fits);
    tsr_image_free(&large);
    tsr_context_free(ctx);
    tsr_context_free(wide);
}

/* A file of some tens of bytes that claims a picture of w x h. */
static tsr_buffer claim(uint32_t w, uint32_t h) {
    tsr_header head = {.width = w,
                       .height = h,
                       .channels = 4,
                       .depth = 16,
                       .colour = TSR_COLOUR_NONE,
                       .step_index = 100};
    tsr_buffer b = {0}, payload = {0};
    head.stage[TSR_STAGE_TRANSFORM] = (tsr_stage_code){.id = 2, .version = 1};
    head.stage[TSR_STAGE_QUANTIZER] = (tsr_stage_code){.id = 1, .version = 1};
    head.stage[TSR_STAGE_ENTROPY] = (tsr_stage_code){.id = 1, .version = 1};
    tsr_put_header(&payload, &head);
    tsr_put_u8(&payload, 0);
    tsr_put_magic(&b);
    tsr_put_chunk(&b, TSR_CHUNK_HEADER, payload.data, payload.size);
    tsr_put_chunk(&b, TSR_CHUNK_DATA, payload.data, 8);
    tsr_buffer_free(&payload);
    return b;
}

/* Pictures that no limit of the test machine's memory could hold are refused at their header. */
static void test_huge_claims(void) {
    static const uint32_t sides[][2] = {{TSR_MAX_SIDE, TSR_MAX_SIDE},
                                        {TSR_MAX_SIDE, 1},
                                        {1, TSR_MAX_SIDE},
                                        {1u << 20, 1u << 20},
                                        {1u << 16, 1u << 12}};
    for (unsigned i = 0; i < sizeof sides / sizeof sides[0]; i++)
        for (int pixels = 0; pixels < 2; pixels++) {
            tsr_context *ctx = context_of(pixels ? UINT64_MAX : 0, (uint64_t)1 << 30, NULL);
            tsr_buffer b = claim(sides[i][0], sides[i][1]);
            tsr_image im;
            tsr_info info;
            tsr_diag d;
            tsr_status s = codec_test_decode(ctx, b.data, b.size, 1, &im, NULL, &d);
            CU_ASSERT_EQUAL(s, TSR_ERR_LIMIT);
            CU_ASSERT(codec_test_clean_failure(s, &im, &d, b.size));
            CU_ASSERT_EQUAL(codec_test_inspect(ctx, b.data, b.size, &info, &d),
                            TSR_OK); /* says what it claims */
            CU_ASSERT(info.width == sides[i][0] && info.height == sides[i][1]);
            tsr_buffer_free(&b);
            tsr_context_free(ctx);
        }
}

/* ---------------------------------------------------------------- memory */

/* With more and more memory: refused as a limit until it is enough, then within it. */
static void check_memory(const char *spec) {
    tsr_image im = test_picture(200, 150, 3, 8, 1), back;
    tsr_blob file = {0};
    tsr_diag d;
    int encoded = 0, decoded = 0;
    for (uint64_t limit = 1 << 16; limit < (uint64_t)1 << 28 && !decoded; limit += limit / 3) {
        tsr_context *ctx = context_of(0, limit, NULL);
        tsr_encode_report er = {0};
        tsr_decode_report dr = {0};
        if (!encoded) {
            tsr_status s = encode(ctx, &im, spec, &file, &er, &d);
            CU_ASSERT(s == TSR_OK ||
                      (s == TSR_ERR_LIMIT && !file.data && strstr(d.text, "memory limit of ")));
            CU_ASSERT(er.peak_memory <= limit);
            encoded = !s;
        }
        if (encoded) {
            tsr_status s = codec_test_decode(ctx, file.data, file.size, 0, &back, &dr, &d);
            CU_ASSERT(s == TSR_OK ||
                      (s == TSR_ERR_LIMIT && codec_test_clean_failure(s, &back, &d, file.size)));
            CU_ASSERT(dr.peak_memory <= limit);
            tsr_image_free(&back);
            decoded = !s;
        }
        tsr_context_free(ctx);
    }
    CU_ASSERT(encoded && decoded);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* The decoder alone: every limit below what it needs. */
static void check_decoder_memory(const char *spec) {
    tsr_image im = test_picture(200, 150, 3, 8, 1), back;
    tsr_context *wide = context_of(0, 0, NULL);
    tsr_blob file;
    tsr_diag d;
    unsigned refused = 0;
    CU_ASSERT_EQUAL_FATAL(encode(wide, &im, spec, &file, NULL, &d), TSR_OK);
    for (uint64_t limit = 1 << 16; limit < (uint64_t)1 << 26; limit += limit / 4) {
        tsr_context *ctx = context_of(0, limit, NULL);
        tsr_status s = codec_test_decode(ctx, file.data, file.size, 0, &back, NULL, &d);
        CU_ASSERT(s == TSR_OK ||
                  (s == TSR_ERR_LIMIT && codec_test_clean_failure(s, &back, &d, file.size)));
        refused += s != TSR_OK;
        tsr_image_free(&back);
        tsr_context_free(ctx);
    }
    CU_ASSERT(refused > 3);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(wide);
}

static void test_max_memory(void) {
    const char *encoder[TSR_MAX_STAGES];
    tsr_context *ctx = context_of(0, 0, NULL);
    uint32_t encoders = codec_test_encoders(ctx, encoder);
    for (uint32_t t = 0; t < encoders; t++) {
        check_memory(encoder[t]);
        check_decoder_memory(encoder[t]);
    }
    check_memory("wavelet/trellis/mix");
    check_decoder_memory("wavelet/trellis/mix");
    tsr_context_free(ctx);
}

/* Work memory of encoding and decoding a square picture, bytes. */
static void work_memory(uint32_t side, tsr_target target, double value, double use[2]) {
    tsr_image im = test_picture(side, side, 3, 8, 1), back;
    tsr_context *ctx = context_of(0, 0, NULL);
    tsr_encode_report er = {0};
    tsr_decode_report dr = {0};
    tsr_encode_options o;
    tsr_blob file;
    tsr_diag d;
    tsr_encode_options_init(&o);
    o.target = target;
    o.value = value;
    CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &file, &er, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, file.data, file.size, 0, &back, &dr, &d), TSR_OK);
    use[0] = (double)er.peak_memory;
    use[1] = (double)dr.peak_memory;
    tsr_image_free(&back);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* What is no longer needed is given back. Of planes, coefficients and levels, at 12 bytes a pixel,
 * there are two at a time when decoding or lossless, three when encoding at one step, five when
 * searching for one; and what the stage at work needs. */
static void test_memory_per_pixel(void) {
    const struct {
        tsr_target target;
        double value, most[2]; /* bytes a pixel of RGB */
    } row[] = {{TSR_TARGET_QUALITY, 60, {54, 30}},
               {TSR_TARGET_LOSSLESS, 0, {30, 30}},
               {TSR_TARGET_PSNR, 30, {78, 30}}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double small[2], large[2];
        work_memory(512, row[i].target, row[i].value, small);
        work_memory(1024, row[i].target, row[i].value, large);
        for (int k = 0; k < 2; k++)
            CU_ASSERT((large[k] - small[k]) / (1024.0 * 1024 - 512 * 512) <= row[i].most[k]);
    }
}

/* ---------------------------------------------------------------- cancelling */

/* Stops at the first, second, ... call of the progress function, until a job comes to its end. */
static void check_cancel_encode(const char *spec, tsr_target target, double value) {
    tsr_image im = test_picture(60, 50, 3, 8, 1);
    for (unsigned stop = 1, done = 0; !done; stop += 1 + stop / 12) {
        watch w = {.stop_at = stop};
        tsr_context *ctx = context_of(0, 0, &w);
        tsr_blob file;
        tsr_diag d;
        tsr_status s = codec_test_encode(ctx, &im, spec, target, value, &file, NULL, &d);
        done = w.calls < stop;
        CU_ASSERT_EQUAL(s, done ? TSR_OK : TSR_ERR_CANCELLED);
        CU_ASSERT(done || (!file.data && d.status == TSR_ERR_CANCELLED && d.text[0]));
        CU_ASSERT(!w.unsteady && stop < 10000);
        tsr_blob_free(&file);
        tsr_context_free(ctx);
    }
    tsr_image_free(&im);
}

static void check_cancel_decode(const char *spec) {
    tsr_image im = test_picture(60, 50, 3, 8, 1), back;
    tsr_context *plain = context_of(0, 0, NULL);
    tsr_blob file;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(encode(plain, &im, spec, &file, NULL, &d), TSR_OK);
    for (unsigned stop = 1, done = 0; !done; stop += 1 + stop / 12) {
        watch w = {.stop_at = stop};
        tsr_context *ctx = context_of(0, 0, &w);
        tsr_status s = codec_test_decode(ctx, file.data, file.size, 0, &back, NULL, &d);
        done = w.calls < stop;
        CU_ASSERT_EQUAL(s, done ? TSR_OK : TSR_ERR_CANCELLED);
        CU_ASSERT(done || codec_test_clean_failure(s, &back, &d, file.size));
        CU_ASSERT(!w.unsteady && w.calls > 0);
        tsr_image_free(&back);
        tsr_context_free(ctx);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(plain);
}

static void test_cancel(void) {
    const char *encoder[TSR_MAX_STAGES];
    tsr_context *ctx = context_of(0, 0, NULL);
    uint32_t encoders = codec_test_encoders(ctx, encoder);
    for (uint32_t t = 0; t < encoders; t++) {
        check_cancel_encode(encoder[t], TSR_TARGET_QUALITY, 60);
        check_cancel_decode(encoder[t]);
    }
    check_cancel_encode("wavelet", TSR_TARGET_SIZE, 1000);
    check_cancel_encode("wavelet", TSR_TARGET_LOSSLESS, 0);
    tsr_context_free(ctx);
}

/* ---------------------------------------------------------------- arguments */

static void test_bad_pictures(void) {
    tsr_context *ctx = context_of(0, 0, NULL);
    tsr_image good = test_picture(5, 4, 3, 8, 1);
    for (int i = 0; i < 8; i++) {
        tsr_image bad = good;
        tsr_blob file;
        tsr_diag d;
        if (i == 0) bad.width = 0;
        if (i == 1) bad.height = 0;
        if (i == 2) bad.channels = 0;
        if (i == 3) bad.channels = 5;
        if (i == 4) bad.depth = 12;
        if (i == 5) bad.pixels = NULL;
        if (i == 6) bad.width = TSR_MAX_SIDE + 1;
        if (i == 7) bad.height = UINT32_MAX;
        CU_ASSERT_EQUAL(encode(ctx, &bad, NULL, &file, NULL, &d), TSR_ERR_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(d.text, "the picture is not valid");
        CU_ASSERT_PTR_NULL(file.data);
    }
    tsr_image_free(&good);
    tsr_context_free(ctx);
}

static void test_bad_options(void) {
    tsr_context *ctx = context_of(0, 0, NULL);
    tsr_image im = test_picture(5, 4, 3, 8, 1);
    for (int i = 0; i < 5; i++) {
        tsr_encode_options o;
        tsr_blob file;
        tsr_diag d;
        tsr_encode_options_init(&o);
        if (i == 0) o.effort = 10;
        if (i == 1) o.spec = "wavlet";
        if (i == 2) o.colour = TSR_COLOUR_YCOCGR;
        if (i == 3) o.colour = TSR_COLOUR_KLT, o.target = TSR_TARGET_LOSSLESS;
        if (i == 4) o.colour = (tsr_colour)9;
        CU_ASSERT_EQUAL(tsr_encode(ctx, &im, &o, &file, NULL, &d), TSR_ERR_ARGUMENT);
        CU_ASSERT(d.status == TSR_ERR_ARGUMENT && d.text[0] && !file.data);
        CU_ASSERT_EQUAL(tsr_encode(ctx, &im, &o, &file, NULL, NULL),
                        TSR_ERR_ARGUMENT); /* no diag is fine */
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

static void test_nothing(void) {
    tsr_context *ctx = context_of(0, 0, NULL);
    tsr_image im;
    tsr_info info;
    tsr_diag d;
    CU_ASSERT_EQUAL(tsr_decode(ctx, NULL, 0, NULL, &im, NULL, &d), TSR_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(tsr_decode(ctx, "GIF89a", 6, NULL, &im, NULL, &d), TSR_ERR_FORMAT);
    CU_ASSERT_EQUAL(tsr_decode(ctx, "GIF89a", 6, NULL, &im, NULL, NULL), TSR_ERR_FORMAT);
    CU_ASSERT_EQUAL(tsr_inspect(ctx, NULL, 0, &info, &d), TSR_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(tsr_inspect(ctx, "GIF89a", 6, &info, NULL), TSR_ERR_FORMAT);
    tsr_context_free(ctx);
    tsr_context_free(NULL);
}

TSR_TEST_MAIN("limits", {"most pixels", test_max_pixels}, {"huge claims", test_huge_claims},
              {"most memory", test_max_memory}, {"memory per pixel", test_memory_per_pixel},
              {"cancelling", test_cancel}, {"bad pictures", test_bad_pictures},
              {"bad options", test_bad_options}, {"nothing at all", test_nothing})
