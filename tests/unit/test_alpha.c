/* test_alpha.c - alpha without loss beside lossy colours: exact with every transform, colours as
 * without alpha, few bytes where it is simple, targets, parts of pictures, limits. */
#include "alpha.h"

#include <tessera/builtin.h>

#include "alpha_scene.h"
#include "fake_transform.h"

/* ---------------------------------------------------------------- what is kept */

/* Alpha is exact, and the colours are those of the picture without it: to the byte. */
static void check_kept(const tsr_image *im, const char *spec) {
    tsr_image bare = colours_of(im);
    tsr_blob file = encode(im, spec), colours = encode(&bare, spec);
    tsr_image back = decode(&file, 0), bare_back = decode(&colours, 0), dropped = colours_of(&back);
    tsr_chunk a = chunk_of(file.data, file.size, 'D'),
              b = chunk_of(colours.data, colours.size, 'D');
    CU_ASSERT(same_alpha(im, &back) && test_same_pixels(&dropped, &bare_back));
    CU_ASSERT(a.size == b.size && !memcmp(a.data, b.data, a.size));
    tsr_info info = inspect(&file);
    CU_ASSERT(info.alpha_apart && info.alpha_bytes == chunk_of(file.data, file.size, 'A').size);
    tsr_blob_free(&file);
    tsr_blob_free(&colours);
    tsr_image_free(&bare);
    tsr_image_free(&back);
    tsr_image_free(&bare_back);
    tsr_image_free(&dropped);
}

static void test_every_transform(void) {
    const char *name[TSR_MAX_STAGES];
    uint32_t n = codec_test_encoders(ctx, name);
    tsr_image im[] = {masked(45, 30, 4, 8, SOFT), masked(45, 30, 2, 16, FEW)};
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) check_kept(&im[k], name[i]);
    CU_ASSERT(n >= 2);
    check_kept(&im[0], "vqvae:net=off");
    for (int k = 0; k < 2; k++) tsr_image_free(&im[k]);
}

static void test_every_mask(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {1, 40}, {40, 1}, {17, 31}, {70, 300}};
    static const char *const entropy[] = {"wavelet/rdo/adaptive", "wavelet/rdo/mix:parts=2"};
    for (unsigned k = 0; k < 5 * MASKS * 4; k++) {
        const uint32_t *size = sizes[k % 5];
        tsr_image im = masked(size[0], size[1], k & 1 ? 2 : 4, k & 2 ? 16 : 8, k / 5 % MASKS);
        check_kept(&im, entropy[k / (5 * MASKS) & 1]);
        tsr_image_free(&im);
    }
}

/* Ten bytes: a byte of flags, the frame, and the value. */
static void test_constant(void) {
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        tsr_image im = masked(60, 40, 4, depth, CONSTANT), bare = colours_of(&im);
        tsr_blob file = encode(&im, "wavelet"), colours = encode(&bare, "wavelet");
        CU_ASSERT_EQUAL(file.size, colours.size + (depth == 8 ? 10 : 11));
        tsr_blob_free(&file);
        tsr_blob_free(&colours);
        tsr_image_free(&im);
        tsr_image_free(&bare);
    }
}

/* Few values are taken from a table: gaps between them cost next to nothing, whatever the depth. */
static void test_tables(void) {
    tsr_image byte = masked(64, 64, 2, 8, FEW), word = masked(64, 64, 2, 16, FEW);
    tsr_blob a = encode(&byte, "wavelet//mix"), b = encode(&word, "wavelet//mix");
    tsr_alpha table[2];
    tsr_chunk c[2] = {chunk_of(a.data, a.size, 'A'), chunk_of(b.data, b.size, 'A')};
    CU_ASSERT_EQUAL_FATAL(tsr_alpha_parse(&c[0], 8, &table[0], NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_alpha_parse(&c[1], 16, &table[1], NULL), TSR_OK);
    CU_ASSERT(table[0].n == 17 && table[1].n == 17);
    CU_ASSERT(table[0].value[16] == 240 && table[1].value[16] == 4095 * 16);
    CU_ASSERT(c[1].size <= c[0].size + 2 * 17 + 2);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_image_free(&byte);
    tsr_image_free(&word);
}

static void test_lossy(void) {
    tsr_image im = masked(60, 40, 4, 8, NOISE);
    tsr_encode_options o = options_of("wavelet", TSR_TARGET_STEP, 30);
    o.alpha = TSR_ALPHA_LOSSY;
    tsr_blob file = encode_with(&im, &o, NULL);
    tsr_image back = decode(&file, 0);
    tsr_info info = inspect(&file);
    CU_ASSERT(!info.alpha_apart && !info.alpha_bytes && !same_alpha(&im, &back));
    tsr_blob_free(&file);
    tsr_image_free(&back);
    o.alpha = TSR_ALPHA_LOSSY + 1;
    CU_ASSERT_EQUAL(tsr_encode(ctx, &im, &o, &file, NULL, NULL), TSR_ERR_ARGUMENT);
    tsr_image_free(&im);
}

/* Where all is lossless nothing changes. */
static void test_lossless(void) {
    tsr_image im = masked(30, 20, 4, 8, FEW);
    tsr_encode_options o = options_of("wavelet:filter=cdf53", TSR_TARGET_LOSSLESS, 0);
    tsr_blob a = encode_with(&im, &o, NULL);
    o.alpha = TSR_ALPHA_LOSSY;
    tsr_blob b = encode_with(&im, &o, NULL);
    CU_ASSERT(test_same_blob(&a, &b) && !inspect(&a).alpha_apart);
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- targets */

/* Alpha takes most of the file. */
static void test_size(void) {
    tsr_image im = masked(96, 64, 4, 8, NOISE);
    tsr_encode_options o = options_of("wavelet/rdo/adaptive", TSR_TARGET_QUALITY, 40);
    tsr_blob file = encode_with(&im, &o, NULL);
    tsr_info info = inspect(&file);
    double size = (double)file.size;
    CU_ASSERT(info.alpha_bytes > file.size / 2);
    tsr_blob_free(&file);
    for (int bpp = 0; bpp < 2; bpp++) {
        tsr_encode_report r;
        o.target = bpp ? TSR_TARGET_BPP : TSR_TARGET_SIZE;
        o.value = bpp ? size * 8 / (96 * 64) + 1e-9 : size;
        file = encode_with(&im, &o, &r);
        CU_ASSERT((double)file.size <= size && (double)file.size > 0.99 * size);
        CU_ASSERT(r.trials < 16 && r.bytes == file.size);
        tsr_blob_free(&file);
    }
    tsr_diag d;
    o.target = TSR_TARGET_SIZE;
    o.value = (double)info.alpha_bytes;
    CU_ASSERT_EQUAL(tsr_encode(ctx, &im, &o, &file, NULL, &d), TSR_ERR_TARGET);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "alpha without loss"));
    tsr_image_free(&im);
}

static void test_psnr(void) {
    tsr_image im = masked(96, 64, 4, 8, SOFT);
    tsr_encode_options o = options_of("wavelet/rdo/adaptive", TSR_TARGET_PSNR, 36);
    tsr_encode_report r;
    tsr_blob file = encode_with(&im, &o, &r);
    tsr_image back = decode(&file, 0);
    double psnr = measured_psnr(&im, &back);
    CU_ASSERT(same_alpha(&im, &back) && psnr >= 36 && psnr < 36.5);
    CU_ASSERT_DOUBLE_EQUAL(r.psnr, psnr, 1e-9);
    tsr_blob_free(&file);
    tsr_image_free(&back);
    o.target = TSR_TARGET_MAX_ERROR;
    o.value = 9;
    file = encode_with(&im, &o, NULL);
    back = decode(&file, 0);
    CU_ASSERT(same_alpha(&im, &back) && measured_max_error(&im, &back) <= 9);
    tsr_blob_free(&file);
    tsr_image_free(&back);
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- threads, parts of pictures */

static void test_threads(void) {
    tsr_image im = masked(150, 300, 4, 8, SOFT);
    tsr_encode_options o = options_of("wavelet//mix:parts=4", TSR_TARGET_QUALITY, 50);
    tsr_blob one = encode_with(&im, &o, NULL), many = {0};
    tsr_context *wide = codec_test_context(5, 0);
    tsr_image a = decode(&one, 0), b;
    CU_ASSERT_EQUAL(tsr_encode(wide, &im, &o, &many, NULL, NULL), TSR_OK);
    CU_ASSERT(test_same_blob(&one, &many));
    CU_ASSERT_EQUAL_FATAL(tsr_decode(wide, one.data, one.size, NULL, &b, NULL, NULL), TSR_OK);
    CU_ASSERT(test_same_pixels(&a, &b));
    tsr_image_free(&a);
    tsr_image_free(&b);
    tsr_image_free(&im);
    tsr_blob_free(&one);
    tsr_blob_free(&many);
    tsr_context_free(wide);
}

static tsr_image decode_part(const tsr_blob *file, uint32_t reduce, tsr_rect region) {
    tsr_image im;
    tsr_decode_options o;
    tsr_decode_options_init(&o);
    o.reduce = reduce;
    o.region = region;
    CU_ASSERT_EQUAL_FATAL(tsr_decode(ctx, file->data, file->size, &o, &im, NULL, NULL), TSR_OK);
    return im;
}

/* Smaller pictures and regions have the alpha of the lossless picture's: the mean of what is exact,
 * of the colours' own size, whether the transform halves or not. */
static void test_parts_of_pictures(void) {
    static const char *const specs[] = {"wavelet", "identity"};
    static const mask masks[] = {SOFT, FEW, CONSTANT};
    static const tsr_rect rects[] = {{0, 0, 0, 0}, {5, 9, 31, 20}, {46, 32, 1, 1}};
    for (unsigned k = 0; k < 2 * 3 * 3 * 5; k++) {
        tsr_image im = masked(47, 33, k & 1 ? 2 : 4, 8, masks[k / 2 % 3]);
        tsr_encode_options o = options_of("identity//adaptive", TSR_TARGET_LOSSLESS, 0);
        tsr_blob exact = encode_with(&im, &o, NULL), file = encode(&im, specs[k % 2]);
        tsr_image want = decode_part(&exact, k / 18, rects[k / 6 % 3]),
                  have = decode_part(&file, k / 18, rects[k / 6 % 3]);
        CU_ASSERT(same_alpha(&want, &have));
        tsr_image_free(&im);
        tsr_image_free(&want);
        tsr_image_free(&have);
        tsr_blob_free(&exact);
        tsr_blob_free(&file);
    }
}

/* ---------------------------------------------------------------- limits, progress */

static void test_without_transform(void) {
    tsr_context *bare = NULL;
    tsr_image im = masked(8, 8, 4, 8, SOFT);
    tsr_transform fake = fake_transform("fake", 1000);
    tsr_plugin plugin = {.struct_size = sizeof plugin,
                         .abi = TSR_ABI,
                         .name = "fakes",
                         .version = "1",
                         .transforms = (const tsr_transform *const[]){&fake},
                         .n_transforms = 1};
    tsr_encode_options o = options_of("fake", TSR_TARGET_QUALITY, 50);
    tsr_blob file;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&bare, NULL, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register(bare, &plugin, "test", &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_encode(bare, &im, &o, &file, NULL, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "alpha without loss needs"));
    tsr_image_free(&im);
    tsr_context_free(bare);
}

typedef struct watch {
    double last;
    int calls, stop_at, backwards;
} watch;

static int on_progress(void *user, const char *stage, double fraction) {
    watch *w = user;
    (void)stage;
    w->backwards += fraction < w->last || fraction > 1;
    w->last = fraction;
    return ++w->calls == w->stop_at;
}

static tsr_context *context_of(uint64_t max_memory, watch *w) {
    tsr_context *c = NULL;
    tsr_config cfg = {.struct_size = sizeof cfg,
                      .threads = 1,
                      .cpu_mask = UINT32_MAX,
                      .max_memory = max_memory,
                      .progress = w ? on_progress : NULL,
                      .user = w};
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&c, &cfg, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(c, NULL), TSR_OK);
    return c;
}

/* Progress never runs backwards, and every call of it may stop the work. */
static void test_progress(void) {
    watch w = {0};
    tsr_context *watched = context_of(0, &w);
    tsr_image im = masked(60, 50, 4, 8, SOFT);
    tsr_encode_options o = options_of("wavelet//adaptive", TSR_TARGET_QUALITY, 50);
    tsr_status s = TSR_ERR_CANCELLED;
    for (int stop_at = 1; s; stop_at++) {
        tsr_blob file;
        tsr_image back = {0};
        w = (watch){.stop_at = stop_at};
        s = tsr_encode(watched, &im, &o, &file, NULL, NULL);
        CU_ASSERT(!s == (w.calls < stop_at) && !w.backwards);
        w.last = 0;
        if (!s) s = tsr_decode(watched, file.data, file.size, NULL, &back, NULL, NULL);
        CU_ASSERT((!s || s == TSR_ERR_CANCELLED) && !w.backwards);
        tsr_image_free(&back);
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
    tsr_context_free(watched);
}

/* Every limit of memory below what is needed is reported as such, and what is needed suffices. */
static void test_memory(void) {
    tsr_image im = masked(64, 48, 2, 8, SOFT);
    tsr_encode_options o = options_of("identity//adaptive", TSR_TARGET_QUALITY, 50);
    for (uint64_t limit = 1 << 10, done = 0; !done; limit += limit / 2) {
        tsr_context *small = context_of(limit, NULL);
        tsr_blob file = {0};
        tsr_image back = {0};
        tsr_encode_report r;
        tsr_decode_report rd;
        tsr_status s = tsr_encode(small, &im, &o, &file, &r, NULL);
        CU_ASSERT(s ? s == TSR_ERR_LIMIT && !file.data : r.peak_memory <= limit);
        if (!s) {
            s = tsr_decode(small, file.data, file.size, NULL, &back, &rd, NULL);
            CU_ASSERT(s ? s == TSR_ERR_LIMIT : rd.peak_memory <= limit && rd.peak_memory > 0);
        }
        done = !s;
        CU_ASSERT_FATAL(limit < 1 << 28);
        tsr_blob_free(&file);
        tsr_image_free(&back);
        tsr_context_free(small);
    }
    tsr_image_free(&im);
}

static void test_begin(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    CU_ASSERT_PTR_NOT_NULL(ctx);
}

static void test_end(void) {
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("alpha without loss", {"open", test_begin}, {"every transform", test_every_transform},
              {"every mask", test_every_mask}, {"constant", test_constant}, {"tables", test_tables},
              {"lossy", test_lossy}, {"lossless", test_lossless}, {"sizes", test_size},
              {"PSNR", test_psnr}, {"threads", test_threads},
              {"reduced, regions", test_parts_of_pictures},
              {"no transform for it", test_without_transform}, {"progress", test_progress},
              {"memory", test_memory}, {"close", test_end})
