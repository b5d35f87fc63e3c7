/* test_anatomy.c - the bytes of bands: they add up to the layers, and they are where the bits went.
 */
#include <string.h>
#include <tessera/anatomy.h>

#include "band_meter.h"
#include "codec_test.h"
#include "tsr_test.h"

static tsr_context *ctx;

static tsr_blob encode(const tsr_image *im, const char *spec, tsr_target target, double value) {
    tsr_blob file = {0};
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_encode(ctx, im, spec, target, value, &file, NULL, &d), TSR_OK);
    return file;
}

static uint64_t layer_part(const tsr_info *info, uint32_t layer) {
    char name[48];
    snprintf(name, sizeof name, "data layer %u", layer);
    for (uint32_t i = 0; i < info->n_parts; i++)
        if (!strcmp(info->parts[i].name, name)) return info->parts[i].bytes;
    return 0;
}

/* The bands of every layer add up to what tsr_inspect says of it, planes to the same sum. */
static void check_sums(const tsr_blob *file) {
    tsr_info info = {.struct_size = sizeof info};
    tsr_anatomy a;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(tsr_inspect(ctx, file->data, file->size, &info, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_anatomy_read(ctx, file->data, file->size, &a, &d), TSR_OK);
    CU_ASSERT(a.n_bands == info.bands && a.n_bands > 0);
    uint64_t total = 0, planes = 0;
    for (uint32_t l = 0; l < info.layers; l++) {
        uint64_t sum = 0;
        for (uint32_t b = 0; b < a.n_bands; b++)
            if (a.band[b].layer == l) sum += a.band[b].bytes;
        CU_ASSERT_EQUAL(sum, layer_part(&info, l));
        total += sum;
    }
    for (int p = 0; p < 4; p++) planes += a.plane_bytes[p];
    CU_ASSERT(total == a.bytes && planes == a.bytes);
    tsr_anatomy_free(&a);
    CU_ASSERT(!a.band && !a.n_bands);
}

static void test_all_codecs(void) {
    const char *name[TSR_MAX_STAGES];
    ctx = codec_test_context(1, UINT32_MAX);
    uint32_t n = codec_test_encoders(ctx, name);
    tsr_image im = test_picture(90, 70, 3, 8, 1);
    for (uint32_t t = 0; t < n; t++)
        for (uint32_t e = 0; e < tsr_stage_count(ctx, TSR_STAGE_ENTROPY); e++)
            for (int q = 10; q <= 90; q += 40) {
                char spec[100];
                snprintf(spec, sizeof spec, "%s//%s", name[t],
                         tsr_stage_at(ctx, TSR_STAGE_ENTROPY, e)->name);
                tsr_blob file = encode(&im, spec, TSR_TARGET_QUALITY, q);
                check_sums(&file);
                tsr_blob_free(&file);
            }
    tsr_image_free(&im);
}

static void test_shapes(void) {
    static const struct {
        uint32_t w, h;
        unsigned channels, depth;
    } shape[] = {{1, 1, 1, 8}, {1, 1, 4, 16}, {300, 1, 3, 8}, {17, 90, 2, 8}, {64, 64, 3, 16}};
    for (unsigned i = 0; i < sizeof shape / sizeof *shape; i++) {
        tsr_image im =
            test_picture(shape[i].w, shape[i].h, shape[i].channels, shape[i].depth, i + 1);
        tsr_blob lossy = encode(&im, "wavelet", TSR_TARGET_QUALITY, 70),
                 exact = encode(&im, "identity", TSR_TARGET_LOSSLESS, 0);
        check_sums(&lossy);
        check_sums(&exact);
        tsr_blob_free(&lossy);
        tsr_blob_free(&exact);
        tsr_image_free(&im);
    }
}

/* Alpha without loss is no band: it is in the other parts of the file. */
static void test_alpha_apart(void) {
    tsr_image im = test_picture(60, 45, 4, 8, 2);
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 70);
    tsr_info info;
    tsr_anatomy a;
    CU_ASSERT_EQUAL_FATAL(tsr_inspect(ctx, file.data, file.size, &info, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_anatomy_read(ctx, file.data, file.size, &a, NULL), TSR_OK);
    CU_ASSERT(a.n_bands == info.bands && a.plane_bytes[2] > 0 && a.plane_bytes[3] == 0);
    CU_ASSERT(info.alpha_bytes > 0 && a.bytes + info.alpha_bytes < file.size);
    check_sums(&file);
    tsr_anatomy_free(&a);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* Noise in one channel of an otherwise flat picture: one plane has nearly all bytes, another for
 * each channel. */
static void test_where_the_bits_are(void) {
    unsigned seen = 0;
    for (unsigned c = 0; c < 3; c++) {
        tsr_image im = flat_picture(64, 64, 3, 8, 100), noise = noise_picture(64, 64, 1, 8, 5);
        for (unsigned i = 0; i < 64 * 64; i++)
            ((uint8_t *)im.pixels)[3 * i + c] = ((uint8_t *)noise.pixels)[i];
        tsr_encode_options o;
        tsr_blob file = {0};
        tsr_anatomy a;
        tsr_diag d;
        tsr_encode_options_init(&o);
        o.spec = "identity//adaptive";
        o.target = TSR_TARGET_LOSSLESS;
        o.colour = TSR_COLOUR_NONE;
        CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, &im, &o, &file, NULL, &d), TSR_OK);
        CU_ASSERT_EQUAL_FATAL(tsr_anatomy_read(ctx, file.data, file.size, &a, &d), TSR_OK);
        CU_ASSERT(a.bytes > 64 * 64); /* 8 bits a sample cannot be compressed */
        unsigned most = 0;
        for (unsigned p = 1; p < 3; p++)
            if (a.plane_bytes[p] > a.plane_bytes[most]) most = p;
        CU_ASSERT(a.plane_bytes[most] * 10 > a.bytes * 9);
        seen |= 1u << most;
        tsr_anatomy_free(&a);
        tsr_blob_free(&file);
        tsr_image_free(&im);
        tsr_image_free(&noise);
    }
    CU_ASSERT_EQUAL(seen, 7);
}

/* A known number of bits for each of two bands, at three probabilities. */
static void test_meter(void) {
    static const struct {
        uint32_t p;
        unsigned first, second; /* bits */
        double expected;        /* bytes of the first */
    } run[] = {{32768, 8000, 24000, 1000}, {16384, 800, 1600, 200}, {65000, 4000, 100, 0}};
    codec_test_job t;
    codec_test_job_open(&t, 1, UINT32_MAX);
    tsr_band bands[2] = {{.w = 1, .h = 1, .gain = 1}, {.w = 1, .h = 1, .gain = 1}};
    tsr_layout layout = {.n = 2, .layers = 1, .band = bands, .total = 2};
    for (unsigned i = 0; i < sizeof run / sizeof *run; i++) {
        tsr_buffer out = {0};
        tsr_rc rc;
        tsr_band_meter m;
        unsigned n = run[i].first + run[i].second;
        tsr_rc_encode_start(&rc, &out);
        for (unsigned k = 0; k < n; k++) tsr_rc_encode(&rc, k % 4 == 0, run[i].p);
        tsr_rc_encode_end(&rc);
        CU_ASSERT_EQUAL_FATAL(tsr_meter_begin(&m, &layout, &t.job), TSR_OK);
        tsr_rc_decode_start(&rc, out.data, out.size);
        tsr_meter_band(&m, 0, &rc);
        for (unsigned k = 0; k < n; k++) {
            if (k == run[i].first) tsr_meter_band(&m, 1, &rc);
            tsr_rc_decode(&rc, run[i].p);
        }
        tsr_meter_band(&m, TSR_NO_BAND, &rc);
        tsr_meter_layer(&m, 0, out.size);
        double share = (double)out.size * run[i].first / n; /* every fourth bit is a one in both */
        CU_ASSERT_EQUAL(m.bytes[0] + m.bytes[1], out.size);
        CU_ASSERT_DOUBLE_EQUAL(m.bytes[0], share, 2);
        if (run[i].p == 32768) CU_ASSERT_DOUBLE_EQUAL(m.bytes[0], run[i].expected, 2);
        tsr_buffer_free(&out);
    }
    codec_test_job_close(&t);
}

/* Bytes without bits, and more bands than bytes. */
static void test_division(void) {
    codec_test_job t;
    codec_test_job_open(&t, 1, UINT32_MAX);
    tsr_band bands[5];
    tsr_layout layout = {.n = 5, .layers = 1, .band = bands, .total = 5};
    for (unsigned i = 0; i < 5; i++) bands[i] = (tsr_band){.w = 1, .h = 1, .gain = 1};
    for (uint64_t size = 0; size < 20; size++)
        for (int with_bits = 0; with_bits < 2; with_bits++) {
            tsr_band_meter m;
            uint64_t sum = 0;
            CU_ASSERT_EQUAL_FATAL(tsr_meter_begin(&m, &layout, &t.job), TSR_OK);
            for (unsigned b = 0; b < 5; b++) m.bits[b] = with_bits ? 1 + b % 3 : 0;
            tsr_meter_layer(&m, 0, size);
            for (unsigned b = 0; b < 5; b++) sum += m.bytes[b];
            CU_ASSERT_EQUAL(sum, size);
            if (with_bits && size == 9) CU_ASSERT(m.bytes[0] == 1 && m.bytes[2] == 3);
        }
    codec_test_job_close(&t);
}

/* Damaged and cut streams fail as in tsr_decode and leave nothing. */
static void test_bad_streams(void) {
    tsr_image im = test_picture(50, 40, 3, 8, 1);
    tsr_blob file = encode(&im, "wavelet//adaptive", TSR_TARGET_QUALITY, 50);
    for (size_t n = 0; n < file.size; n += 7) {
        tsr_anatomy a;
        tsr_diag d;
        CU_ASSERT_EQUAL(tsr_anatomy_read(ctx, file.data, n, &a, &d), TSR_ERR_TRUNCATED);
        CU_ASSERT(!a.band && d.text[0]);
    }
    file.data[file.size / 2] ^= 0x10;
    tsr_anatomy a;
    CU_ASSERT_EQUAL(tsr_anatomy_read(ctx, file.data, file.size, &a, NULL), TSR_ERR_FORMAT);
    CU_ASSERT(!a.band);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

static void test_close(void) {
    tsr_context_free(ctx);
    CU_ASSERT_STRING_EQUAL(tsr_orient_name(TSR_ORIENT_D), "diagonal");
    CU_ASSERT_STRING_EQUAL(tsr_orient_name(99), "unknown");
}

TSR_TEST_MAIN("anatomy", {"every codec: bands add up to layers", test_all_codecs},
              {"shapes, lossless", test_shapes}, {"alpha apart", test_alpha_apart},
              {"noise is where it was put", test_where_the_bits_are},
              {"a known number of bits", test_meter}, {"division of bytes", test_division},
              {"cut and damaged streams", test_bad_streams}, {"names", test_close})
