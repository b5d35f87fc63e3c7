/* test_encode_decode.c - whole files: every kind of picture through every transform, lossless
 * exact, metadata kept, the same bytes for any number of threads and any instruction set, prefixes
 * that decode. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec_test.h"
#include "tsr_test.h"

static tsr_context *ctx;
static const char *encoder[TSR_MAX_STAGES]; /* transforms that can encode here */
static uint32_t encoders;

static void open_context(void) {
    ctx = codec_test_context(2, UINT32_MAX);
    encoders = codec_test_encoders(ctx, encoder);
    CU_ASSERT(encoders >= 2); /* wavelet and identity always can */
}

static tsr_blob encode(tsr_context *c, const tsr_image *im, const char *spec, tsr_target target,
                       double value) {
    tsr_blob file = {0};
    tsr_diag d;
    tsr_status s = codec_test_encode(c, im, spec, target, value, &file, NULL, &d);
    if (s) printf("%s: %s\n", spec, d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return file;
}

static tsr_image decode(tsr_context *c, const tsr_blob *file) {
    tsr_image im;
    tsr_diag d;
    tsr_status s = codec_test_decode(c, file->data, file->size, 0, &im, NULL, &d);
    if (s) printf("%s\n", d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return im;
}

static int has_cap(const char *transform, uint32_t cap) {
    const tsr_head *h = tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, transform);
    return h && (h->caps & cap);
}

/* ---------------------------------------------------------------- every kind of picture */

static const uint32_t sizes[][2] = {{1, 1},   {1, 7},   {7, 1},    {2, 2},  {3, 5},
                                    {17, 33}, {64, 48}, {4099, 3}, {3, 300}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void check_lossy(const tsr_image *im, const char *spec, uint32_t alpha) {
    tsr_encode_options o;
    tsr_blob file;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.value = 90;
    o.alpha = alpha;
    CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, im, &o, &file, NULL, NULL), TSR_OK);
    tsr_image back = decode(ctx, &file);
    CU_ASSERT(back.width == im->width && back.height == im->height &&
              back.channels == im->channels && back.depth == im->depth);
    double psnr = measured_psnr(im, &back);
    if (!(psnr > 33))
        printf("%s, %ux%u, %u x %u bits: %g dB\n", spec, im->width, im->height, im->channels,
               im->depth, psnr);
    CU_ASSERT(psnr > 33);
    tsr_image_free(&back);
    tsr_blob_free(&file);
}

static void test_all_kinds_lossy(void) {
    for (uint32_t t = 0; t < encoders; t++)
        for (unsigned k = 0; k < 8 * SIZES; k++) {
            const uint32_t *size = sizes[k / 8];
            if (size[0] > 1000 && k % 8 % 3) continue; /* a few kinds of the large one */
            tsr_image im = test_picture(size[0], size[1], 1 + k % 4, k & 4 ? 16 : 8, k);
            check_lossy(&im, encoder[t], TSR_ALPHA_LOSSLESS);
            if (im.channels % 2 == 0) check_lossy(&im, encoder[t], TSR_ALPHA_LOSSY);
            tsr_image_free(&im);
        }
}

static void check_lossless(const tsr_image *im, const char *spec) {
    tsr_blob file = encode(ctx, im, spec, TSR_TARGET_LOSSLESS, 0);
    tsr_image back = decode(ctx, &file);
    CU_ASSERT(test_same_pixels(im, &back));
    tsr_image_free(&back);
    tsr_blob_free(&file);
}

static void test_all_kinds_lossless(void) {
    static const char *const specs[] = {NULL, "wavelet:filter=cdf53//mix",
                                        "wavelet:filter=haar,levels=10//adaptive",
                                        "identity//adaptive", "identity//mix"};
    for (unsigned i = 0; i < sizeof specs / sizeof specs[0]; i++)
        for (unsigned k = 0; k < 8 * SIZES; k++) {
            const uint32_t *size = sizes[k / 8];
            unsigned channels = 1 + k % 4, depth = k & 4 ? 16 : 8;
            if (size[0] > 1000 && i && k % 8 != i) continue;
            if (i > 1 && (k + i) % 3)
                continue; /* a third of the kinds will do for the other codecs */
            tsr_image photo = test_picture(size[0], size[1], channels, depth, k);
            tsr_image noise = noise_picture(size[0], size[1], channels, depth, k);
            check_lossless(&photo, specs[i]);
            check_lossless(&noise, specs[i]);
            tsr_image_free(&photo);
            tsr_image_free(&noise);
        }
}

/* Full-range jumps from sample to sample: what transforms grow most on. */
static void test_lossless_extremes(void) {
    tsr_image im = flat_picture(61, 53, 4, 16, 0);
    for (unsigned pattern = 0; pattern < 4; pattern++) {
        for (uint32_t y = 0; y < 53; y++)
            for (uint32_t x = 0; x < 61; x++)
                for (uint32_t c = 0; c < 4; c++) {
                    uint32_t bit = pattern == 0   ? x
                                   : pattern == 1 ? x + y
                                   : pattern == 2 ? x / 2 + y / 3
                                                  : x * y + c;
                    ((uint16_t *)im.pixels)[(y * 61 + x) * 4 + c] =
                        (bit + (pattern & c)) & 1 ? 65535 : 0;
                }
        check_lossless(&im, NULL);
        check_lossless(&im, "wavelet:filter=haar//mix");
        check_lossless(&im, "identity//adaptive");
    }
    tsr_image_free(&im);
}

static void test_flat_pictures(void) {
    for (unsigned k = 0; k < 8; k++)
        for (uint32_t t = 0; t < encoders; t++) {
            const char *name = encoder[t];
            tsr_image im = flat_picture(120, 90, 1 + k % 4, k & 4 ? 16 : 8, k & 4 ? 51234 : 200);
            tsr_blob file = encode(ctx, &im, name, TSR_TARGET_QUALITY, 75);
            tsr_image back = decode(ctx, &file);
            /* a band of samples is at most half a step of 20 off, wider ones far less */
            CU_ASSERT(file.size < 200 && measured_max_error(&im, &back) <= (k & 4 ? 10 * 257 : 10));
            tsr_image_free(&back);
            tsr_blob_free(&file);
            tsr_image_free(&im);
        }
}

static void test_not_lossless(void) {
    tsr_image im = test_picture(20, 20, 3, 8, 1);
    for (uint32_t t = 0; t < encoders; t++) {
        const char *name = encoder[t];
        tsr_blob file;
        tsr_diag d;
        tsr_status s = codec_test_encode(ctx, &im, name, TSR_TARGET_LOSSLESS, 0, &file, NULL, &d);
        CU_ASSERT_EQUAL(s, has_cap(name, TSR_CAP_LOSSLESS) ? TSR_OK : TSR_ERR_UNSUPPORTED);
        if (s) CU_ASSERT(strstr(d.text, "is not reversible") && !file.data);
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- every combination of stages */

static void test_all_combinations(void) {
    tsr_image im = test_picture(48, 40, 3, 8, 3);
    for (uint32_t t = 0; t < encoders; t++)
        for (uint32_t q = 0; q < tsr_stage_count(ctx, TSR_STAGE_QUANTIZER); q++)
            for (uint32_t e = 0; e < tsr_stage_count(ctx, TSR_STAGE_ENTROPY); e++) {
                char spec[128], canon[128];
                tsr_diag d;
                snprintf(spec, sizeof spec, "%s/%s/%s", encoder[t],
                         tsr_stage_at(ctx, TSR_STAGE_QUANTIZER, q)->name,
                         tsr_stage_at(ctx, TSR_STAGE_ENTROPY, e)->name);
                CU_ASSERT_EQUAL(tsr_spec_check(ctx, spec, canon, sizeof canon, &d), TSR_OK);
                CU_ASSERT_STRING_EQUAL(canon, spec);
                check_lossy(&im, spec, TSR_ALPHA_LOSSLESS);
            }
    tsr_image_free(&im);
}

static void test_all_efforts_and_colours(void) {
    static const tsr_colour colours[] = {TSR_COLOUR_AUTO, TSR_COLOUR_NONE, TSR_COLOUR_YCBCR,
                                         TSR_COLOUR_KLT};
    tsr_image im = test_picture(48, 40, 4, 8, 3), back;
    for (uint32_t effort = 1; effort <= 9; effort++)
        for (int c = 0; c < 4; c++) {
            tsr_blob file;
            tsr_diag d;
            tsr_encode_options o;
            tsr_encode_options_init(&o);
            o.effort = effort;
            o.colour = colours[c];
            o.postfilter = effort % 3;
            o.value = 90;
            CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &file, NULL, &d), TSR_OK);
            back = decode(ctx, &file);
            CU_ASSERT(measured_psnr(&im, &back) > 33);
            tsr_image_free(&back);
            tsr_blob_free(&file);
        }
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- metadata */

static tsr_blob encode_with(const tsr_image *im, uint32_t drop) {
    tsr_blob file = {0};
    tsr_diag d;
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.drop_metadata = drop;
    CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, im, &o, &file, NULL, &d), TSR_OK);
    return file;
}

static void test_metadata(void) {
    for (unsigned orientation = 0; orientation <= 8; orientation++) {
        tsr_image im = test_picture(19, 13, 3, 8, 1), back;
        im.orientation = (uint8_t)orientation;
        if (orientation & 1) im.icc = test_block(1 + 997 * orientation, 2);
        if (orientation & 2) im.exif = test_block(1 + 333 * orientation, 3);
        tsr_blob file = encode_with(&im, 0);
        back = decode(ctx, &file);
        CU_ASSERT_EQUAL(back.orientation, orientation);
        CU_ASSERT(test_same_blob(&im.icc, &back.icc) && test_same_blob(&im.exif, &back.exif));
        tsr_image_free(&back);
        tsr_decode_options o;
        tsr_decode_options_init(&o);
        o.no_metadata = 1;
        CU_ASSERT_EQUAL(tsr_decode(ctx, file.data, file.size, &o, &back, NULL, NULL), TSR_OK);
        CU_ASSERT(!back.icc.data && !back.exif.data);
        tsr_image_free(&back);
        tsr_blob_free(&file);
        file = encode_with(&im, 1);
        back = decode(ctx, &file);
        CU_ASSERT(!back.icc.data && !back.exif.data && !back.orientation);
        tsr_image_free(&back);
        tsr_blob_free(&file);
        tsr_image_free(&im);
    }
}

/* ---------------------------------------------------------------- the same everywhere */

/* Encodes and decodes in two contexts: same bytes, same pixels. */
static void check_contexts(tsr_context *a, tsr_context *b, const tsr_image *im, const char *spec,
                           tsr_target target) {
    tsr_blob fa = encode(a, im, spec, target, 60), fb = encode(b, im, spec, target, 60);
    CU_ASSERT(test_same_blob(&fa, &fb));
    tsr_image ia = decode(a, &fa), ib = decode(b, &fa);
    CU_ASSERT(test_same_pixels(&ia, &ib));
    tsr_image_free(&ia);
    tsr_image_free(&ib);
    tsr_blob_free(&fa);
    tsr_blob_free(&fb);
}

static void check_all_specs(tsr_context *a, tsr_context *b, uint32_t caps) {
    static const char *const stages[] = {"", "/trellis/mix", "/rdo/adaptive"};
    tsr_image im = test_picture(91, 67, 3, 8, 5), deep = test_picture(50, 41, 2, 16, 6);
    for (uint32_t t = 0; t < encoders; t++) {
        const char *name = encoder[t];
        if (!has_cap(name, caps) && caps) continue;
        for (int i = 0; i < 3; i++) {
            char spec[100];
            snprintf(spec, sizeof spec, "%s%s", name, stages[i]);
            check_contexts(a, b, &im, spec, TSR_TARGET_QUALITY);
            check_contexts(a, b, &deep, spec, TSR_TARGET_QUALITY);
            if (has_cap(name, TSR_CAP_LOSSLESS))
                check_contexts(a, b, &im, spec, TSR_TARGET_LOSSLESS);
        }
    }
    tsr_image_free(&im);
    tsr_image_free(&deep);
}

static void test_threads(void) {
    tsr_context *one = codec_test_context(1, UINT32_MAX), *two = codec_test_context(2, UINT32_MAX),
                *seven = codec_test_context(7, UINT32_MAX);
    check_all_specs(one, two, 0);
    check_all_specs(one, seven, 0);
    tsr_context_free(one);
    tsr_context_free(two);
    tsr_context_free(seven);
}

static void test_instruction_sets(void) {
    tsr_context *plain = codec_test_context(1, 0), *avx2 = codec_test_context(1, TSR_CPU_AVX2),
                *all = codec_test_context(1, UINT32_MAX);
    check_all_specs(plain, avx2, TSR_CAP_BITEXACT);
    check_all_specs(plain, all, TSR_CAP_BITEXACT);
    tsr_context_free(plain);
    tsr_context_free(avx2);
    tsr_context_free(all);
}

/* A context keeps nothing from one job to the next. */
static void test_repeated(void) {
    tsr_image im = test_picture(60, 50, 3, 8, 1), other = test_picture(33, 44, 1, 16, 2);
    tsr_blob first = encode(ctx, &im, "wavelet/trellis/mix", TSR_TARGET_QUALITY, 50);
    tsr_blob between = encode(ctx, &other, "identity/rdo/adaptive", TSR_TARGET_QUALITY, 90);
    tsr_blob second = encode(ctx, &im, "wavelet/trellis/mix", TSR_TARGET_QUALITY, 50);
    CU_ASSERT(test_same_blob(&first, &second));
    tsr_blob_free(&first);
    tsr_blob_free(&between);
    tsr_blob_free(&second);
    tsr_image_free(&im);
    tsr_image_free(&other);
}

/* ---------------------------------------------------------------- prefixes */

static void check_prefixes(const tsr_image *im, const char *spec, tsr_target target) {
    tsr_blob file = encode(ctx, im, spec, target, 80);
    uint32_t last = 0, total = 0;
    double first_psnr = 0, psnr = 0;
    for (size_t n = 0; n <= file.size; n += 1 + n / 12) {
        tsr_image back;
        tsr_decode_report r = {0};
        tsr_diag d;
        tsr_status s = codec_test_decode(ctx, file.data, n, 1, &back, &r, &d);
        if (s) {
            CU_ASSERT(s == TSR_ERR_TRUNCATED && n < 100); /* the header has to be there */
            CU_ASSERT(codec_test_clean_failure(s, &back, &d, n));
            continue;
        }
        CU_ASSERT(d.status == TSR_OK && !d.text[0]);
        CU_ASSERT(r.layers_decoded >= last && r.layers_decoded <= r.layers_total);
        last = r.layers_decoded;
        total = r.layers_total;
        psnr = measured_psnr(im, &back);
        if (!first_psnr) first_psnr = psnr;
        tsr_image_free(&back);
    }
    CU_ASSERT(last + 1 >= total && (total == 1 || psnr > first_psnr));
    tsr_blob_free(&file);
}

static void test_prefixes(void) {
    tsr_image im = test_picture(90, 70, 3, 8, 7);
    for (uint32_t t = 0; t < encoders; t++) {
        const char *name = encoder[t];
        check_prefixes(&im, name, TSR_TARGET_QUALITY);
        if (has_cap(name, TSR_CAP_LOSSLESS)) check_prefixes(&im, name, TSR_TARGET_LOSSLESS);
    }
    check_prefixes(&im, "wavelet/trellis/mix", TSR_TARGET_QUALITY);
    tsr_image_free(&im);
}

static void close_context(void) {
    tsr_context_free(ctx);
}

/* Large pictures are coded in parts, unless effort or spec say otherwise. */
static void test_parts_of_large_pictures(void) {
    static const struct {
        const char *spec;
        uint32_t effort, height;
        const char *parts; /* in the spec printed; NULL: it is silent */
    } t[] = {{"wavelet", 3, 32767, NULL},
             {"wavelet", 3, 32768, ":parts=2,rows=16"},
             {"wavelet", 1, 32768, ":parts=2,rows=16"},
             {"wavelet", 7, 32768, ":parts=2,prior=on,rows=16"},
             {"wavelet", 8, 32768, NULL},
             {"wavelet//mix:prior=on", 3, 32768, ":parts=2,prior=on,rows=16"},
             {"wavelet//mix:rows=40", 3, 32768, ":parts=2,rows=40"},
             {"wavelet//mix:parts=1", 3, 32768, NULL},
             {"wavelet//adaptive:parts=2", 3, 32768, "adaptive:parts=2"},
             {"wavelet//mix:parts=3,prior=on", 8, 32768, ":parts=3,prior=on"}};
    for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {
        tsr_image im = {0};
        tsr_blob file;
        tsr_diag d;
        tsr_encode_report r = {.struct_size = sizeof r};
        tsr_encode_options o;
        tsr_encode_options_init(&o);
        o.spec = t[i].spec;
        o.effort = t[i].effort;
        CU_ASSERT_EQUAL_FATAL(tsr_image_alloc(&im, 64, t[i].height, 1, 8, 0, &d), TSR_OK);
        CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &file, &r, &d), TSR_OK);
        const char *found = strstr(r.spec, t[i].parts ? t[i].parts : "parts");
        CU_ASSERT(t[i].parts ? found && !strcmp(found, t[i].parts) : !found);
        tsr_blob_free(&file);
        tsr_image_free(&im);
    }
}

/* From effort 7 on the network of mix is asked where parents have half the size, unless the spec
 * names the coder. */
static void test_network_by_effort(void) {
    static const struct {
        const char *spec;
        uint32_t effort;
        int prior;
    } t[] = {{"wavelet", 6, 0},         {"wavelet", 7, 1},       {"wavelet/codebook", 9, 1},
             {"lowpass/rdo", 8, 1},     {"vqvae:net=off", 7, 1}, {"wavelet//mix", 9, 0},
             {"dct/rdo", 7, 0},         {"klt/codebook", 8, 0},  {"svd/rdo", 9, 0},
             {"identity/uniform", 9, 0}};
    tsr_image im = test_picture(90, 70, 3, 8, 7);
    for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {
        tsr_blob file;
        tsr_diag d;
        tsr_encode_report r = {.struct_size = sizeof r};
        tsr_encode_options o;
        tsr_encode_options_init(&o);
        o.spec = t[i].spec;
        o.effort = t[i].effort;
        o.postfilter = TSR_POSTFILTER_OFF;
        CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &file, &r, &d), TSR_OK);
        CU_ASSERT_EQUAL(strstr(r.spec, "mix:prior=on") != NULL, t[i].prior);
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
}

TSR_TEST_MAIN("encode and decode", {"open", open_context},
              {"all kinds, lossy", test_all_kinds_lossy},
              {"all kinds, lossless", test_all_kinds_lossless},
              {"lossless extremes", test_lossless_extremes}, {"flat pictures", test_flat_pictures},
              {"not lossless", test_not_lossless}, {"all combinations", test_all_combinations},
              {"all efforts and colours", test_all_efforts_and_colours},
              {"metadata", test_metadata}, {"threads", test_threads},
              {"instruction sets", test_instruction_sets}, {"repeated", test_repeated},
              {"prefixes", test_prefixes},
              {"parts of large pictures", test_parts_of_large_pictures},
              {"network by effort", test_network_by_effort}, {"close", close_context})
