/* test_reduce.c - smaller pictures and regions: means of areas to the bit, the wavelet's own small
 * pictures against them, every transform and every golden stream, the same on any machine; and what
 * is refused. */
#include <math.h>
#include <string.h>

#include "codec_test.h"
#include "golden_file.h"
#include "image_part.h"
#include "tsr_test.h"

static const char *folder; /* of golden streams */

static tsr_context *ctx;
static uint32_t effort = 2;

static void open_context(void) {
    ctx = codec_test_context(2, UINT32_MAX);
    CU_ASSERT_EQUAL_FATAL(tsr_set_model_path(ctx, folder, NULL), TSR_OK);
}

static void close_context(void) {
    tsr_context_free(ctx);
}

static tsr_blob encode(const tsr_image *im, const char *spec, tsr_target target, double value) {
    tsr_blob file = {0};
    tsr_encode_options o;
    tsr_diag d;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = target;
    o.value = value;
    o.effort = effort;
    tsr_status s = tsr_encode(ctx, im, &o, &file, NULL, &d);
    if (s) printf("%s: %s\n", spec, d.text);
    CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
    return file;
}

static tsr_status try_part(tsr_context *c, const tsr_blob *file, uint32_t reduce, tsr_rect region,
                           tsr_image *im, tsr_decode_report *r) {
    tsr_decode_options o;
    tsr_decode_options_init(&o);
    o.reduce = reduce;
    o.region = region;
    return tsr_decode(c, file->data, file->size, &o, im, r, NULL);
}

static tsr_image decode(tsr_context *c, const tsr_blob *file, uint32_t reduce, tsr_rect region) {
    tsr_image im;
    CU_ASSERT_EQUAL_FATAL(try_part(c, file, reduce, region, &im, NULL), TSR_OK);
    return im;
}

static const tsr_rect everything;

static uint32_t sample(const tsr_image *im, uint32_t x, uint32_t y, uint32_t c) {
    size_t i = ((size_t)y * im->width + x) * im->channels + c;
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

static uint32_t halved(uint32_t n, uint32_t halvings) {
    for (; halvings; halvings--) n -= n / 2;
    return n;
}

/* ---------------------------------------------------------------- means of areas */

/* Sum and number of the samples that sample (x, y) of the smaller picture stands for. */
static uint64_t area_sum(const tsr_image *im, uint32_t x, uint32_t y, uint32_t c, uint32_t halvings,
                         uint64_t *n) {
    uint64_t sum = 0;
    *n = 0;
    for (uint32_t v = y << halvings; v < (y + 1) << halvings && v < im->height; v++)
        for (uint32_t u = x << halvings; u < (x + 1) << halvings && u < im->width; u++, ++*n)
            sum += sample(im, u, v, c);
    return sum;
}

/* Every sample of small is a nearest whole number to the mean of its area, an even one if two are
 * as near. */
static int is_average(const tsr_image *small, const tsr_image *whole, uint32_t halvings) {
    if (small->width != halved(whole->width, halvings) ||
        small->height != halved(whole->height, halvings) || small->channels != whole->channels ||
        small->depth != whole->depth)
        return 0;
    for (uint32_t y = 0; y < small->height; y++)
        for (uint32_t x = 0; x < small->width; x++)
            for (uint32_t c = 0; c < small->channels; c++) {
                uint64_t n, sum = area_sum(whole, x, y, c, halvings, &n);
                uint32_t v = sample(small, x, y, c);
                int64_t twice = 2 * ((int64_t)sum - (int64_t)(v * n));
                if (twice > (int64_t)n || -twice > (int64_t)n) return 0;
                if ((twice == (int64_t)n || -twice == (int64_t)n) && v % 2) return 0;
            }
    return 1;
}

static void check_average(const tsr_image *im, uint32_t halvings) {
    codec_test_job t;
    tsr_image copy;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(
        tsr_image_alloc(&copy, im->width, im->height, im->channels, im->depth, 0, NULL), TSR_OK);
    memcpy(copy.pixels, im->pixels, tsr_image_bytes(im));
    CU_ASSERT_EQUAL_FATAL(tsr_image_average(&copy, im->width, im->height, 0, halvings, &t.job),
                          TSR_OK);
    CU_ASSERT(is_average(&copy, im, halvings));
    tsr_image_free(&copy);
    codec_test_job_close(&t);
}

static void test_average(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {2, 3}, {17, 33}, {300, 5}, {1, 600}, {513, 70}};
    for (unsigned k = 0; k < 6 * 8; k++) {
        tsr_image im =
            noise_picture(sizes[k / 8][0], sizes[k / 8][1], 1 + k % 4, k & 4 ? 16 : 8, k);
        for (uint32_t halvings = 0; halvings <= TSR_MAX_REDUCE; halvings += 1 + k % 3)
            check_average(&im, halvings);
        tsr_image_free(&im);
    }
    tsr_image white = flat_picture(600, 600, 1, 16, 65535);
    check_average(&white, TSR_MAX_REDUCE);
    tsr_image_free(&white);
}

/* ---------------------------------------------------------------- every transform */

/* Whether the transform of this spec makes smaller pictures itself. */
static int reduces(const char *spec) {
    return !strncmp(spec, "wavelet", 7) || !strncmp(spec, "vqvae", 5);
}

/* Mean of the differences to means of areas; *psnr of them, with a peak of 255 or 65535. */
static double difference(const tsr_image *small, const tsr_image *whole, uint32_t halvings,
                         double *psnr) {
    double sum = 0, squares = 0, count = (double)small->width * small->height * small->channels;
    double peak = small->depth == 8 ? 255 : 65535;
    for (uint32_t y = 0; y < small->height; y++)
        for (uint32_t x = 0; x < small->width; x++)
            for (uint32_t c = 0; c < small->channels; c++) {
                uint64_t n, area = area_sum(whole, x, y, c, halvings, &n);
                double d = (double)sample(small, x, y, c) - (double)area / (double)n;
                sum += d;
                squares += d * d;
            }
    *psnr = 10 * log10(peak * peak * count / squares);
    return sum / count * 255 / peak;
}

/* What a smaller picture is compared with the whole one by. */
typedef enum likeness {
    MEANS, /* means of areas, exactly */
    ALIKE, /* nearly: one of the transform's own */
    OTHER  /* networks of random weights, which it does without, change the whole one */
} likeness;

static void check_file(const tsr_blob *file, const char *what, likeness like) {
    tsr_image whole = decode(ctx, file, 0, everything);
    for (uint32_t n = 1; n <= TSR_MAX_REDUCE; n += n < 4 ? 1 : 4) {
        tsr_image small = decode(ctx, file, n, everything);
        CU_ASSERT(small.width == halved(whole.width, n) && small.height == halved(whole.height, n));
        CU_ASSERT(small.channels == whole.channels && small.depth == whole.depth);
        double psnr, bias = difference(&small, &whole, n, &psnr);
        int good = like == MEANS ? is_average(&small, &whole, n)
                                 : like == OTHER || (psnr > 20 && fabs(bias) < 2);
        if (!good)
            printf("%s, %ux%u, %u x %u bits, reduced %u: %g dB, %+g\n", what, whole.width,
                   whole.height, whole.channels, whole.depth, n, psnr, bias);
        CU_ASSERT(good);
        tsr_image_free(&small);
    }
    tsr_image_free(&whole);
}

static void test_transforms(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {1, 7}, {3, 5}, {64, 48}, {97, 83}, {300, 3}};
    const char *spec[TSR_MAX_STAGES];
    uint32_t n = codec_test_encoders(ctx, spec);
    CU_ASSERT(n >= 2); /* wavelet and identity always can */
    spec[n++] = "wavelet:filter=haar";
    spec[n++] = "wavelet:filter=db3";
    spec[n++] = "wavelet:levels=10";
    spec[n++] = "vqvae:net=off";
    for (uint32_t t = 0; t < n; t++)
        for (unsigned k = 0; k < 6 * 4; k++) {
            const uint32_t *size = sizes[k / 4];
            tsr_image im = test_picture(size[0], size[1], 1 + k % 4, k & 1 ? 8 : 16, k + t);
            tsr_blob file = encode(&im, spec[t], TSR_TARGET_QUALITY, 80);
            int own = reduces(spec[t]) && strcmp(spec[t], "wavelet:filter=db3");
            check_file(&file, spec[t], own && size[0] > 16 && size[1] > 16 ? ALIKE : MEANS);
            tsr_blob_free(&file);
            tsr_image_free(&im);
        }
}

/* The parts of a stream are those of all its bands, of which only the first are decoded. */
static void test_parts(void) {
    static const uint32_t height[] = {300, 530, 790, 1100};
    static const char *const spec[] = {
        "wavelet/trellis/adaptive:parts=2", "wavelet/rdo/adaptive:parts=4",
        "wavelet/lattice/adaptive:parts=8", "wavelet/codebook/mix:parts=3",
        "wavelet/trellis/mix:parts=16"};
    for (unsigned k = 0; k < 4 * 5; k++) {
        tsr_image im = test_picture(41, height[k / 5], 3, 8, k);
        tsr_blob file = encode(&im, spec[k % 5], TSR_TARGET_QUALITY, 80);
        check_file(&file, spec[k % 5], ALIKE);
        tsr_blob_free(&file);
        tsr_image_free(&im);
    }
}

static void test_lossless(void) {
    static const char *const spec[] = {"wavelet", "wavelet:filter=haar", "identity"};
    for (unsigned k = 0; k < 3 * 8; k++) {
        tsr_image im = test_picture(75, 64, 1 + k % 4, k & 4 ? 16 : 8, k);
        tsr_blob file = encode(&im, spec[k / 8], TSR_TARGET_LOSSLESS, 0);
        for (uint32_t n = 1; n < 4; n++) {
            tsr_image small = decode(ctx, &file, n, everything);
            CU_ASSERT(is_average(&small, &im, n));
            tsr_image_free(&small);
        }
        tsr_blob_free(&file);
        tsr_image_free(&im);
    }
}

/* ---------------------------------------------------------------- the wavelet's own */

/* Against the picture that went in: sharp, in its place and as bright; from fewer layers. */
static void check_wavelet(const char *spec, double least) {
    tsr_image im = test_picture(640, 480, 3, 8, 11);
    tsr_blob file = encode(&im, spec, TSR_TARGET_QUALITY, 60);
    for (uint32_t n = 0; n <= 6; n++) {
        tsr_image small;
        tsr_decode_report r = {0};
        CU_ASSERT_EQUAL_FATAL(try_part(ctx, &file, n, everything, &small, &r), TSR_OK);
        double psnr, bias = difference(&small, &im, n, &psnr);
        if (!(psnr > least && fabs(bias) < 0.5))
            printf("%s reduced %u: %g dB, %+g\n", spec, n, psnr, bias);
        CU_ASSERT(psnr > least && fabs(bias) < 0.5);
        CU_ASSERT_EQUAL(r.layers_total, n < 3 ? 4 - n : 1);
        CU_ASSERT_EQUAL(r.layers_decoded, r.layers_total);
        tsr_image_free(&small);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

static void test_wavelet(void) {
    effort = 7; /* with all filters */
    check_wavelet("wavelet", 30);
    check_wavelet("wavelet:filter=cdf53", 29);
    check_wavelet("wavelet:filter=haar", 33);
    check_wavelet("vqvae:net=off", 30);
    effort = 2;
}

/* A flat picture stays what it is. */
static void test_flat(void) {
    tsr_image im = flat_picture(200, 150, 3, 8, 255);
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 60);
    for (uint32_t n = 1; n < 6; n++) {
        tsr_image small = decode(ctx, &file, n, everything);
        tsr_image flat = flat_picture(halved(200, n), halved(150, n), 3, 8, 255);
        CU_ASSERT(test_same_pixels(&small, &flat));
        tsr_image_free(&flat);
        tsr_image_free(&small);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* A stream cut behind the layers that a smaller picture needs gives all of it. */
static void test_cut(void) {
    tsr_image im = test_picture(320, 240, 3, 8, 3), small;
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 80);
    tsr_image want = decode(ctx, &file, 2, everything);
    tsr_decode_options o;
    tsr_decode_report r = {0};
    tsr_decode_options_init(&o);
    o.reduce = 2;
    CU_ASSERT_EQUAL(tsr_decode(ctx, file.data, file.size * 2 / 3, &o, &small, NULL, NULL),
                    TSR_ERR_TRUNCATED);
    o.allow_partial = 1;
    CU_ASSERT_EQUAL_FATAL(tsr_decode(ctx, file.data, file.size * 2 / 3, &o, &small, &r, NULL),
                          TSR_OK);
    CU_ASSERT(r.layers_total == 2 && r.layers_decoded == 2);
    CU_ASSERT(test_same_pixels(&small, &want));
    tsr_image_free(&small);
    tsr_image_free(&want);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

static void test_same_everywhere(void) {
    tsr_context *other[] = {codec_test_context(1, 0), codec_test_context(7, UINT32_MAX),
                            codec_test_context(3, TSR_CPU_AVX2)};
    tsr_image im = test_picture(613, 401, 4, 8, 5);
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 60);
    for (uint32_t n = 1; n < 5; n++) {
        tsr_image want = decode(ctx, &file, n, everything);
        for (unsigned k = 0; k < 3; k++) {
            tsr_image small = decode(other[k], &file, n, everything);
            CU_ASSERT(test_same_pixels(&small, &want));
            tsr_image_free(&small);
        }
        tsr_image_free(&want);
    }
    for (unsigned k = 0; k < 3; k++) tsr_context_free(other[k]);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* All quantizers and entropy coders are among them. */
static void test_golden(void) {
    static golden_file file[GOLDEN_MAX];
    int n = golden_read(folder, file);
    CU_ASSERT_FATAL(n > 100);
    for (int i = 0; i < n; i++) {
        tsr_info info;
        CU_ASSERT_EQUAL_FATAL(tsr_inspect(ctx, file[i].data.data, file[i].data.size, &info, NULL),
                              TSR_OK);
        int own = reduces(info.spec) && !info.lossless;
        int networks = info.model_id || info.model_name[0];
        check_file(&file[i].data, file[i].name, networks && own ? OTHER : own ? ALIKE : MEANS);
    }
    golden_free(file, n);
}

/* ---------------------------------------------------------------- regions */

/* The part of im that covers r after n halvings. */
static int is_part(const tsr_image *part, const tsr_image *im, tsr_rect r, uint32_t n) {
    uint32_t x = r.x >> n, y = r.y >> n;
    if (part->width != ((r.x + r.w - 1) >> n) - x + 1 ||
        part->height != ((r.y + r.h - 1) >> n) - y + 1 || part->channels != im->channels)
        return 0;
    for (uint32_t v = 0; v < part->height; v++)
        for (uint32_t u = 0; u < part->width; u++)
            for (uint32_t c = 0; c < im->channels; c++)
                if (sample(part, u, v, c) != sample(im, x + u, y + v, c)) return 0;
    return 1;
}

static void check_regions(const tsr_image *im, const char *spec) {
    uint64_t random = 9;
    tsr_blob file = encode(im, spec, TSR_TARGET_QUALITY, 70);
    for (uint32_t n = 0; n < 5; n++) {
        tsr_image whole = decode(ctx, &file, n, everything);
        for (int k = 0; k < 12; k++) {
            tsr_rect r = {.x = test_random_below(&random, im->width),
                          .y = test_random_below(&random, im->height)};
            r.w = k % 4 ? 1 + test_random_below(&random, im->width - r.x) : im->width - r.x;
            r.h = k % 5 ? 1 + test_random_below(&random, im->height - r.y) : im->height - r.y;
            tsr_image part = decode(ctx, &file, n, r);
            CU_ASSERT(is_part(&part, &whole, r, n));
            CU_ASSERT_EQUAL(part.orientation, 6);
            tsr_image_free(&part);
        }
        tsr_image_free(&whole);
    }
    tsr_blob_free(&file);
}

static void test_regions(void) {
    for (unsigned k = 0; k < 8; k++) {
        tsr_image im = test_picture(131, 70, 1 + k % 4, k & 4 ? 16 : 8, k);
        im.orientation = 6; /* pixels are those that are stored */
        check_regions(&im, "wavelet");
        check_regions(&im, "identity");
        tsr_image_free(&im);
    }
}

/* ---------------------------------------------------------------- what is refused */

static void expect_refused(const tsr_blob *file, uint32_t reduce, tsr_rect region,
                           const char *text) {
    tsr_decode_options o;
    tsr_image im;
    tsr_diag d;
    tsr_decode_options_init(&o);
    o.reduce = reduce;
    o.region = region;
    tsr_status s = tsr_decode(ctx, file->data, file->size, &o, &im, NULL, &d);
    CU_ASSERT_EQUAL(s, TSR_ERR_ARGUMENT);
    CU_ASSERT(codec_test_clean_failure(s, &im, &d, file->size));
    if (!strstr(d.text, text)) printf("%s\n", d.text);
    CU_ASSERT(strstr(d.text, text) != NULL);
}

static void test_refused(void) {
    static const tsr_rect bad[] = {
        {0, 0, 65, 48},         {0, 0, 64, 49},         {64, 0, 1, 1},
        {0, 48, 1, 1},          {1, 0, 64, 1},          {0, 0, 0, 48},
        {0, 0, 64, 0},          {1, 0, 0, 0},           {4294967295u, 0, 1, 1},
        {1, 1, 4294967295u, 1}, {0, 1, 1, 4294967295u}, {2, 2, 4294967294u, 4294967294u},
    };
    tsr_image im = test_picture(64, 48, 3, 8, 1);
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 60);
    for (unsigned k = 0; k < sizeof bad / sizeof bad[0]; k++)
        for (uint32_t n = 0; n < 3; n++)
            expect_refused(&file, n, bad[k], "not a part of the picture of 64x48 pixels");
    expect_refused(&file, TSR_MAX_REDUCE + 1, everything, "the most is");
    expect_refused(&file, UINT32_MAX, everything, "the most is");
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* A caller of a version without regions has something else behind its options. */
static void test_old_options(void) {
    tsr_image im = test_picture(64, 48, 1, 8, 1), back;
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 60);
    tsr_decode_options o;
    o = (tsr_decode_options){.struct_size = offsetof(tsr_decode_options, region),
                             .region = {7, 7, 7777, 7777}};
    CU_ASSERT_EQUAL_FATAL(tsr_decode(ctx, file.data, file.size, &o, &back, NULL, NULL), TSR_OK);
    CU_ASSERT(back.width == 64 && back.height == 48);
    tsr_image_free(&back);
    o.struct_size = 0;
    CU_ASSERT_EQUAL(tsr_decode(ctx, file.data, file.size, &o, &back, NULL, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(back.pixels);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"open", open_context},
                           {"means of areas", test_average},
                           {"every transform", test_transforms},
                           {"parts", test_parts},
                           {"lossless", test_lossless},
                           {"the wavelet's own", test_wavelet},
                           {"flat", test_flat},
                           {"cut", test_cut},
                           {"the same everywhere", test_same_everywhere},
                           {"golden streams", test_golden},
                           {"regions", test_regions},
                           {"what is refused", test_refused},
                           {"older options", test_old_options},
                           {"close", close_context},
                           CU_TEST_INFO_NULL};
    if (argc != 2) {
        fprintf(stderr, "usage: test_reduce FOLDER\n");
        return 2;
    }
    folder = argv[1];
    return tsr_test_run("smaller pictures and regions", tests);
}
