/* test_stages.c - residual stages: layouts, sums, and what each prefix of a file decodes to.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/builtin.h>

#include "codec_test.h"
#include "stages.h"
#include "tsr_test.h"

#define NONE TSR_NO_BAND

/* ---- layouts and sums ---- */

/* A low band, a detail band that refers to it and to an INDEX band, another layer. */
static const tsr_band bands[] = {
    {.w = 3, .h = 2, .level = 1, .ref = {NONE, NONE, NONE, NONE, NONE}, .gain = 1},
    {.w = 3, .h = 2, .domain = TSR_DOMAIN_INDEX, .alphabet = 4, .ref = {0, NONE, NONE, NONE, NONE}},
    {.w = 5, .h = 4, .orient = TSR_ORIENT_H, .layer = 1, .ref = {0, 1, NONE, NONE, NONE}},
};
static const tsr_layout layout = {.n = 3, .layers = 2, .band = bands, .total = 32};

static void test_layout(void) {
    codec_test_job t;
    tsr_layout l;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_stages_layout(&l, &layout, &(tsr_stages){3, 4}, &t.job), TSR_OK);
    CU_ASSERT(l.n == 9 && l.layers == 6 && l.total == 32 + 2 * 26);
    for (uint32_t b = 0; b < l.n; b++)
        CU_ASSERT_EQUAL(l.band[b].layer, bands[b % 3].layer + b / 3 * 2);
    CU_ASSERT_EQUAL(memcmp(l.band, bands, sizeof bands), 0);
    CU_ASSERT(!tsr_band_size(&l.band[4]) && l.band[4].ref[0] == NONE);
    CU_ASSERT(l.band[8].w == 5 && l.band[8].h == 4);
    CU_ASSERT(l.band[8].ref[0] == 6 && l.band[8].ref[1] == NONE);
    CU_ASSERT_EQUAL_FATAL(tsr_stages_layout(&l, &layout, &(tsr_stages){1, 4}, &t.job), TSR_OK);
    CU_ASSERT(l.band == bands && l.n == 3);
    codec_test_job_close(&t);
}

static void test_sums(void) {
    int32_t first[2] = {2, INT32_MAX}, second[2] = {-1, INT32_MAX}, third[2] = {0, 0};
    int32_t *data[] = {first, second, third};
    tsr_symbols s = {.data = data, .bands = 1, .ratio = 4};
    const tsr_before b0 = tsr_stages_before(&s, 0), b1 = tsr_stages_before(&s, 1),
                     b2 = tsr_stages_before(&s, 2);
    CU_ASSERT_EQUAL(tsr_before_at(&b0, 0), 0);
    CU_ASSERT_EQUAL(tsr_before_at(&b1, 0), 8);
    CU_ASSERT_EQUAL(tsr_before_at(&b2, 0), 28);
    CU_ASSERT_EQUAL(tsr_before_at(&b2, 1), -20); /* modulo 2^32: a hostile file may ask for it */
    tsr_symbols last = tsr_stage_symbols(&s, &layout, 2);
    const tsr_before same = tsr_stages_before(&last, 0);
    CU_ASSERT(last.data[0] == third && tsr_before_at(&same, 0) == 28);
    CU_ASSERT_EQUAL(tsr_stage_units(&(tsr_stages){3, 5}, 0), 25);
    CU_ASSERT_EQUAL(tsr_stage_units(&(tsr_stages){3, 5}, 2), 1);
}

/* ---- pictures ---- */

static tsr_blob encode_with(tsr_context *ctx, const tsr_image *im, const char *spec, double step,
                            tsr_postfilter filter) {
    tsr_encode_options o;
    tsr_blob file = {0};
    tsr_diag d;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.effort = 3;
    o.target = TSR_TARGET_STEP;
    o.value = step;
    o.postfilter = filter;
    if (tsr_encode(ctx, im, &o, &file, NULL, &d)) {
        fprintf(stderr, "%s: %s\n", spec, d.text);
        abort();
    }
    return file;
}

static tsr_blob encode(tsr_context *ctx, const tsr_image *im, const char *spec, double step) {
    return encode_with(ctx, im, spec, step, TSR_POSTFILTER_AUTO);
}

static double error_of(const tsr_image *a, const tsr_image *b) {
    double sum = 0;
    size_t n = (size_t)a->width * a->height * a->channels;
    for (size_t i = 0; i < n; i++) {
        double d = a->depth == 8 ? (double)((uint8_t *)a->pixels)[i] - ((uint8_t *)b->pixels)[i]
                                 : (double)((uint16_t *)a->pixels)[i] - ((uint16_t *)b->pixels)[i];
        sum += d * d;
    }
    return sum / (double)n;
}

/* Where the layers of a file end; returns their number. */
static uint32_t layer_ends(tsr_context *ctx, const tsr_blob *file, size_t *end) {
    tsr_info info;
    tsr_diag d;
    size_t at = file->size - 4;
    CU_ASSERT_EQUAL_FATAL(tsr_inspect(ctx, file->data, file->size, &info, &d), TSR_OK);
    for (uint32_t i = info.layers, p = info.n_parts; i--;) {
        char name[32];
        snprintf(name, sizeof name, "data layer %u", i);
        end[i] = at;
        if (!p || strcmp(info.parts[p - 1].name, name)) continue; /* a layer of no bytes */
        at -= info.parts[--p].bytes;
    }
    return info.layers;
}

/* The error does not grow from layer to layer. */
static void check_prefixes(tsr_context *ctx, const tsr_image *im, const char *spec, double step) {
    tsr_blob file = encode(ctx, im, spec, step);
    size_t end[64];
    uint32_t n = layer_ends(ctx, &file, end);
    double last = 1e30;
    for (uint32_t i = 0; i < n; i++) {
        tsr_image out;
        tsr_decode_report r = {0};
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, file.data, end[i], 1, &out, &r, &d), TSR_OK);
        CU_ASSERT(r.layers_total == n && r.layers_decoded > i);
        double e = error_of(im, &out);
        if (e > last) fprintf(stderr, "%s: layer %u of %u: %g after %g\n", spec, i, n, e, last);
        CU_ASSERT(e <= last);
        last = e;
        tsr_image_free(&out);
    }
    tsr_blob_free(&file);
}

static void test_prefixes(void) {
    static const char *const specs[] = {
        "wavelet/codebook:stages=2/mix",
        "wavelet/codebook:stages=4,ratio=2/adaptive",
        "lowpass/codebook:stages=3/adaptive",
        "dct/codebook:stages=3/adaptive",
        "svd/codebook:stages=2/mix",
        "klt/codebook:stages=2/adaptive",
        "identity/codebook:stages=3,ratio=8/adaptive",
        "wavelet/codebook:kind=kmeans,stages=2,ratio=3/adaptive",
        "vqvae:net=off/codebook:stages=3/adaptive:parts=2",
    };
    tsr_context *ctx = codec_test_context(2, UINT32_MAX);
    const char *encoders[TSR_MAX_STAGES];
    uint32_t known = codec_test_encoders(ctx, encoders);
    tsr_image im = test_picture(70, 149, 3, 8, 7);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        int here = !strncmp(specs[i], "vqvae", 5);
        for (uint32_t k = 0; k < known && !here; k++)
            here = !strncmp(specs[i], encoders[k], strlen(encoders[k]));
        if (here) check_prefixes(ctx, &im, specs[i], 12);
    }
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* The first stage is a file made for its step: to the byte. (Filters are the choice of the whole.)
 */
static void test_first_stage(void) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(90, 61, 3, 8, 4), coarse, cut;
    tsr_blob two = encode_with(ctx, &im, "wavelet/codebook:stages=2/mix", 8, TSR_POSTFILTER_OFF),
             one = encode_with(ctx, &im, "wavelet/codebook/mix", 32, TSR_POSTFILTER_OFF);
    size_t ends_two[64], ends_one[64];
    uint32_t n = layer_ends(ctx, &one, ends_one);
    tsr_diag d;
    CU_ASSERT_EQUAL(layer_ends(ctx, &two, ends_two), 2 * n);
    size_t size = ends_one[n - 1] - ends_one[0];
    CU_ASSERT_EQUAL_FATAL(ends_two[n - 1] - ends_two[0], size);
    CU_ASSERT_EQUAL(memcmp(one.data + ends_one[0], two.data + ends_two[0], size), 0);
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, one.data, one.size, 0, &coarse, NULL, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, two.data, ends_two[n - 1], 1, &cut, NULL, &d),
                          TSR_OK);
    CU_ASSERT(test_same_pixels(&coarse, &cut));
    tsr_image_free(&coarse);
    tsr_image_free(&cut);
    tsr_blob_free(&one);
    tsr_blob_free(&two);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* Every kind of picture and quantizer, the same for any number of threads and instruction set; the
 * stages together are about as good as one. */
static void test_pictures(void) {
    static const struct {
        uint32_t w, h, channels, depth;
        const char *spec;
    } c[] = {
        {1, 1, 3, 8, "wavelet/codebook:stages=4/mix"},
        {1, 1, 1, 8, "identity/codebook:stages=2/adaptive"},
        {31, 1, 1, 16, "wavelet/codebook:stages=3/adaptive"},
        {45, 38, 1, 8, "wavelet/codebook:stages=2,kind=kmeans/mix"},
        {33, 40, 2, 8, "lowpass/codebook:stages=4,ratio=2/mix"},
        {40, 33, 4, 16, "wavelet/codebook:stages=3,ratio=3/mix"},
        {24, 400, 3, 8, "wavelet/codebook:stages=2/mix:parts=3"},
        {24, 300, 3, 8, "wavelet/codebook:stages=3/adaptive:parts=2"},
        {64, 64, 3, 8, "wavelet/codebook:stages=2,kind=fixed/mix"},
    };
    tsr_context *one = codec_test_context(1, UINT32_MAX), *many = codec_test_context(5, 0);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        tsr_image im = test_picture(c[i].w, c[i].h, c[i].channels, c[i].depth, 9), a, b;
        tsr_blob file = encode(one, &im, c[i].spec, 6), same = encode(many, &im, c[i].spec, 6);
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(file.size, same.size);
        CU_ASSERT_EQUAL(memcmp(file.data, same.data, same.size), 0);
        CU_ASSERT_EQUAL_FATAL(codec_test_decode(one, file.data, file.size, 0, &a, NULL, &d),
                              TSR_OK);
        CU_ASSERT_EQUAL_FATAL(codec_test_decode(many, file.data, file.size, 0, &b, NULL, &d),
                              TSR_OK);
        CU_ASSERT(test_same_pixels(&a, &b));
        double unit = c[i].depth == 8 ? 1 : 257;
        if (!strstr(c[i].spec, "fixed")) /* whose books end somewhere */
            CU_ASSERT(error_of(&im, &a) < 9 * unit * unit);
        tsr_image_free(&a);
        tsr_image_free(&b);
        tsr_blob_free(&file);
        tsr_blob_free(&same);
        tsr_image_free(&im);
    }
    tsr_context_free(one);
    tsr_context_free(many);
}

/* Targets are those of the last stage; a smaller picture is that of the whole file. */
static void test_targets(void) {
    tsr_context *ctx = codec_test_context(2, UINT32_MAX);
    tsr_image im = test_picture(120, 100, 3, 8, 2), whole, small;
    tsr_blob file = {0};
    tsr_encode_report r;
    tsr_decode_options o;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_encode(ctx, &im, "lowpass/codebook:stages=3/adaptive",
                                            TSR_TARGET_SIZE, 5000, &file, &r, &d),
                          TSR_OK);
    CU_ASSERT(file.size <= 5000 && file.size > 4500);
    tsr_blob_free(&file);
    CU_ASSERT_EQUAL_FATAL(codec_test_encode(ctx, &im, "wavelet/codebook:stages=2/adaptive",
                                            TSR_TARGET_PSNR, 36, &file, &r, &d),
                          TSR_OK);
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, file.data, file.size, 0, &whole, NULL, &d),
                          TSR_OK);
    CU_ASSERT(10 * log10(65025 / error_of(&im, &whole)) >= 35.999);
    tsr_decode_options_init(&o);
    o.reduce = 1;
    CU_ASSERT_EQUAL_FATAL(tsr_decode(ctx, file.data, file.size, &o, &small, NULL, &d), TSR_OK);
    CU_ASSERT(small.width == 60 && small.height == 50);
    double sum = 0;
    for (uint32_t i = 0; i < 60 * 50 * 3; i++) {
        uint32_t x = i / 3 % 60, y = i / 180, k = i % 3;
        const uint8_t *p = (const uint8_t *)whole.pixels + (y * 2 * 120 + x * 2) * 3 + k;
        double mean = (p[0] + p[3] + p[360] + p[363]) / 4.0;
        sum += fabs(mean - ((const uint8_t *)small.pixels)[i]);
    }
    CU_ASSERT(sum / (60 * 50 * 3) < 8); /* smoother than the means, as of one stage */
    tsr_image_free(&small);
    tsr_image_free(&whole);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* ---- bad files ---- */

static void test_damage(void) {
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(40, 30, 3, 8, 6);
    tsr_blob file = encode(ctx, &im, "wavelet/codebook:stages=3/adaptive", 10);
    uint64_t random = 5;
    for (size_t n = 0; n < file.size; n++) {
        tsr_image out = {0};
        tsr_diag d;
        tsr_status s = codec_test_decode(ctx, file.data, n, 0, &out, NULL, &d);
        CU_ASSERT(codec_test_clean_failure(s, &out, &d, n));
        s = codec_test_decode(ctx, file.data, n, 1, &out, NULL, &d);
        CU_ASSERT(!s || codec_test_clean_failure(s, &out, &d, n));
        tsr_image_free(&out);
    }
    for (unsigned run = 0; run < 200; run++) { /* cut, so that checksums do not tell */
        tsr_image out = {0};
        tsr_diag d;
        size_t end[64];
        uint32_t layers = layer_ends(ctx, &file, end);
        size_t from = end[0] - 30, at = from + test_random_below(&random, end[layers - 1] - from);
        uint8_t was = file.data[at];
        file.data[at] ^= (uint8_t)(1 + test_random_below(&random, 255));
        tsr_status s = codec_test_decode(ctx, file.data, file.size - 4, 1, &out, NULL, &d);
        CU_ASSERT(!s || codec_test_clean_failure(s, &out, &d, file.size));
        file.data[at] = was;
        tsr_image_free(&out);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

/* Values out of range, and more memory than is allowed. */
static void test_refusals(void) {
    static const char *const bad[] = {"wavelet/codebook:stages=0", "wavelet/codebook:stages=5",
                                      "wavelet/codebook:ratio=1", "wavelet/codebook:ratio=9",
                                      "wavelet/rdo:stages=2"};
    tsr_context *ctx = codec_test_context(1, UINT32_MAX);
    tsr_image im = test_picture(256, 256, 3, 8, 6), out;
    tsr_blob file;
    tsr_diag d;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(codec_test_encode(ctx, &im, bad[i], TSR_TARGET_STEP, 20, &file, NULL, &d),
                        TSR_ERR_ARGUMENT);
    size_t need[2];
    for (uint32_t k = 0; k < 2; k++) {
        tsr_decode_report r = {0};
        file = encode(ctx, &im,
                      k ? "wavelet/codebook:stages=4/adaptive" : "wavelet/codebook/adaptive", 20);
        CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, file.data, file.size, 0, &out, &r, &d),
                              TSR_OK);
        tsr_image_free(&out);
        need[k] = (size_t)r.peak_memory;
        if (!k) tsr_blob_free(&file);
    }
    CU_ASSERT(need[1] >= need[0] + 3 * 256 * 256 * 3 * 4);
    tsr_config c = {.struct_size = sizeof c, .threads = 1, .max_memory = (need[0] + need[1]) / 2};
    tsr_context *tight = NULL;
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&tight, &c, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_register_builtin(tight, &d), TSR_OK);
    tsr_status s = codec_test_decode(tight, file.data, file.size, 0, &out, NULL, &d);
    CU_ASSERT(s == TSR_ERR_LIMIT && codec_test_clean_failure(s, &out, &d, file.size));
    tsr_context_free(tight);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("stages", {"layouts", test_layout}, {"sums", test_sums}, {"prefixes", test_prefixes},
              {"the first stage", test_first_stage}, {"pictures", test_pictures},
              {"targets", test_targets}, {"damage", test_damage}, {"refusals", test_refusals})
