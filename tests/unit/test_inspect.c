/* test_inspect.c - what a file says about itself: the parts add up to its size, whole or cut, and
 * it can be read without its stages. */
#include <math.h>
#include <string.h>

#include "codec_test.h"
#include "container.h"
#include "tsr_test.h"

static tsr_context *ctx;
static const char *encoder[TSR_MAX_STAGES]; /* transforms that can encode here */
static uint32_t encoders;

static void open_context(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    encoders = codec_test_encoders(ctx, encoder);
    CU_ASSERT(encoders >= 2); /* wavelet and identity always can */
}

static uint64_t sum_of_parts(const tsr_info *info) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < info->n_parts; i++) sum += info->parts[i].bytes;
    return sum;
}

static tsr_blob encode(const tsr_image *im, const char *spec, tsr_target target, double value) {
    tsr_blob file = {0};
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_encode(ctx, im, spec, target, value, &file, NULL, &d), TSR_OK);
    return file;
}

static tsr_info inspect(const tsr_blob *file) {
    tsr_info info;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_inspect(ctx, file->data, file->size, &info, &d), TSR_OK);
    CU_ASSERT_EQUAL(info.bytes, file->size);
    CU_ASSERT_EQUAL(sum_of_parts(&info), file->size);
    CU_ASSERT(info.n_parts >= 3 && info.n_parts <= 64);
    for (uint32_t i = 0; i < info.n_parts; i++)
        CU_ASSERT(info.parts[i].name[0] && info.parts[i].bytes &&
                  info.parts[i].bytes <= file->size);
    return info;
}

static uint64_t part(const tsr_info *info, const char *name) {
    for (uint32_t i = 0; i < info->n_parts; i++)
        if (!strcmp(info->parts[i].name, name)) return info->parts[i].bytes;
    return 0;
}

static void test_all_codecs(void) {
    tsr_image im = test_picture(70, 50, 3, 8, 1);
    for (uint32_t t = 0; t < encoders; t++)
        for (uint32_t q = 0; q < tsr_stage_count(ctx, TSR_STAGE_QUANTIZER); q++) {
            char spec[100];
            snprintf(spec, sizeof spec, "%s/%s/adaptive", encoder[t],
                     tsr_stage_at(ctx, TSR_STAGE_QUANTIZER, q)->name);
            tsr_blob file = encode(&im, spec, TSR_TARGET_QUALITY, 60);
            tsr_info info = inspect(&file);
            CU_ASSERT_STRING_EQUAL(info.spec, spec);
            CU_ASSERT(info.width == 70 && info.height == 50 && info.channels == 3 &&
                      info.depth == 8);
            CU_ASSERT(info.layers >= 1 && info.bands >= info.layers && !info.truncated &&
                      !info.lossless);
            CU_ASSERT(info.colour == TSR_COLOUR_KLT && info.step > 0);
            CU_ASSERT(part(&info, "magic") == 5 && part(&info, "header") > 0);
            tsr_blob_free(&file);
        }
    tsr_image_free(&im);
}

static void test_fields(void) {
    tsr_image im = test_picture(33, 21, 2, 16, 1);
    im.orientation = 6;
    im.icc = test_block(700, 1);
    im.exif = test_block(60, 2);
    tsr_blob file = encode(&im, "wavelet:levels=2/uniform/mix", TSR_TARGET_STEP, 4);
    tsr_info info = inspect(&file);
    CU_ASSERT(info.depth == 16 && info.channels == 2 && info.orientation == 6 &&
              info.colour == TSR_COLOUR_NONE);
    CU_ASSERT(info.icc_bytes == 700 && info.exif_bytes == 60 &&
              part(&info, "icc") == tsr_chunk_size(700));
    CU_ASSERT_DOUBLE_EQUAL(info.step, 4, 0.01);
    CU_ASSERT_EQUAL(info.bands, 7); /* of the grey plane: low, and 2 x 3 details */
    CU_ASSERT(info.alpha_apart && info.alpha_bytes > 0 &&
              part(&info, "alpha") == tsr_chunk_size(info.alpha_bytes));
    CU_ASSERT_STRING_EQUAL(info.spec, "wavelet:levels=2/uniform/mix");
    tsr_blob_free(&file);
    file = encode(&im, "identity//mix", TSR_TARGET_LOSSLESS, 0);
    info = inspect(&file);
    CU_ASSERT(info.lossless && info.step == 0 && info.layers == 1 && info.bands == 2);
    CU_ASSERT(part(&info, "data layer 0") > 0);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

static void test_every_cut(void) {
    tsr_image im = test_picture(50, 40, 3, 8, 1);
    im.icc = test_block(50, 1);
    tsr_blob file = encode(&im, "wavelet", TSR_TARGET_QUALITY, 50);
    for (size_t n = 0; n < file.size; n++) {
        tsr_info info;
        tsr_diag d;
        tsr_status s = codec_test_inspect(ctx, file.data, n, &info, &d);
        if (s) CU_ASSERT(s == TSR_ERR_TRUNCATED && n < 60 && d.status == s && d.text[0]);
        if (!s)
            CU_ASSERT(info.truncated && sum_of_parts(&info) == n && info.width == 50 &&
                      d.status == TSR_OK);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* Without the built-in transforms all is known but the transform and its bands. */
static void test_unknown_stage(void) {
    tsr_context *bare = NULL;
    tsr_info info;
    tsr_image im = test_picture(50, 40, 3, 8, 1), back;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&bare, NULL, NULL), TSR_OK);
    tsr_blob file = encode(&im, "identity/rdo/adaptive", TSR_TARGET_QUALITY, 50);
    CU_ASSERT_EQUAL(tsr_inspect(bare, file.data, file.size, &info, &d), TSR_OK);
    CU_ASSERT_STRING_EQUAL(info.spec, "unknown(1)/rdo/adaptive");
    CU_ASSERT(info.layers == 0 && info.bands == 0 && info.width == 50 &&
              sum_of_parts(&info) == file.size);
    tsr_status s = codec_test_decode(bare, file.data, file.size, 0, &back, NULL, &d);
    CU_ASSERT_EQUAL(s, TSR_ERR_UNSUPPORTED);
    CU_ASSERT(codec_test_clean_failure(s, &back, &d, file.size));
    CU_ASSERT_STRING_EQUAL(d.text, "the stream needs the transform with id 1, which is not here; "
                                   "load its plug-in with --plugin");
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(bare);
}

/* ---------------------------------------------------------------- chunks in unusual places */

typedef struct pieces {
    tsr_buffer file;
    const uint8_t *head, *data;
    size_t head_size, data_size;
    tsr_blob whole;
} pieces;

/* Takes a file apart, and starts another one with its magic. */
static pieces take_apart(void) {
    pieces p = {0};
    tsr_image im = test_picture(30, 20, 1, 8, 1);
    p.whole = encode(&im, "wavelet", TSR_TARGET_QUALITY, 50);
    tsr_reader r = {.data = p.whole.data, .size = p.whole.size};
    int end = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_check_magic(&r, NULL), TSR_OK);
    for (tsr_chunk c; !tsr_next_chunk(&r, &c, &end, NULL) && !end;) {
        if (c.type == TSR_CHUNK_HEADER) p.head = c.data, p.head_size = c.size;
        if (c.type == TSR_CHUNK_DATA) p.data = c.data, p.data_size = c.size;
    }
    CU_ASSERT_FATAL(p.head && p.data);
    tsr_put_magic(&p.file);
    tsr_image_free(&im);
    return p;
}

static void put_head(pieces *p) {
    tsr_put_chunk(&p->file, TSR_CHUNK_HEADER, p->head, p->head_size);
}
static void put_data(pieces *p) {
    tsr_put_chunk(&p->file, TSR_CHUNK_DATA, p->data, p->data_size);
}

/* Status of decoding and of inspecting; frees the pieces. */
static void check_pieces(pieces *p, tsr_status decoded, tsr_status inspected, const char *text) {
    tsr_image im;
    tsr_info info;
    tsr_diag d;
    tsr_status s = codec_test_decode(ctx, p->file.data, p->file.size, 0, &im, NULL, &d);
    CU_ASSERT_EQUAL(s, decoded);
    CU_ASSERT(!s || codec_test_clean_failure(s, &im, &d, p->file.size));
    if (s) CU_ASSERT_STRING_EQUAL(d.text, text);
    s = codec_test_inspect(ctx, p->file.data, p->file.size, &info, &d);
    CU_ASSERT_EQUAL(s, inspected);
    CU_ASSERT(s || sum_of_parts(&info) == p->file.size);
    tsr_image_free(&im);
    tsr_buffer_free(&p->file);
    tsr_blob_free(&p->whole);
}

static void test_unusual_chunks(void) {
    pieces p = take_apart();
    put_data(&p);
    put_head(&p);
    check_pieces(&p, TSR_ERR_FORMAT, TSR_ERR_FORMAT, "chunk 'D' comes before the header");
    p = take_apart();
    put_head(&p);
    put_head(&p);
    put_data(&p);
    check_pieces(&p, TSR_ERR_FORMAT, TSR_ERR_FORMAT, "chunk 'H' occurs twice");
    p = take_apart();
    put_head(&p);
    put_data(&p);
    put_data(&p);
    check_pieces(&p, TSR_ERR_FORMAT, TSR_OK, "chunk 'D' occurs twice");
    p = take_apart();
    put_head(&p);
    tsr_put_chunk(&p.file, 'Z', "?", 1);
    put_data(&p);
    check_pieces(&p, TSR_ERR_UNSUPPORTED, TSR_OK, "critical chunk 'Z' is of a later format");
    p = take_apart();
    put_head(&p);
    tsr_put_chunk(&p.file, 'z', "?", 1); /* ancillary: none of our business */
    put_data(&p);
    tsr_put_chunk(&p.file, 'y', NULL, 0);
    check_pieces(&p, TSR_OK, TSR_OK, "");
    p = take_apart();
    put_head(&p);
    tsr_put_chunk(&p.file, '!', "?", 1);
    check_pieces(&p, TSR_ERR_FORMAT, TSR_ERR_FORMAT, "byte 0x21 is not a chunk type");
}

/* More chunks than there are lines for them: the last line collects. */
static void test_many_chunks(void) {
    pieces p = take_apart();
    put_head(&p);
    for (int i = 0; i < 200; i++) tsr_put_chunk(&p.file, (uint8_t)('a' + i % 26), "data", 4);
    put_data(&p);
    check_pieces(&p, TSR_OK, TSR_OK, "");
}

/* Layer sizes that add up to nothing sensible, or wrap around. */
static void test_hostile_layers(void) {
    static const uint64_t claims[] = {UINT64_MAX, (uint64_t)1 << 63, UINT32_MAX, 1000000};
    for (unsigned i = 0; i < 4; i++) {
        pieces p = take_apart();
        tsr_buffer payload = {0};
        for (int k = 0; k < 40; k++) tsr_put_varint(&payload, claims[i] - (unsigned)k);
        tsr_put_chunk(&p.file, TSR_CHUNK_HEADER, p.head, p.head_size);
        tsr_put_chunk(&p.file, TSR_CHUNK_DATA, payload.data, payload.size);
        tsr_buffer_free(&payload);
        check_pieces(&p, TSR_ERR_FORMAT, TSR_OK, "layer sizes are corrupt");
    }
}

static void test_names(void) {
    CU_ASSERT_STRING_EQUAL(tsr_colour_name(TSR_COLOUR_KLT), "klt");
    CU_ASSERT_STRING_EQUAL(tsr_colour_name(TSR_COLOUR_AUTO), "auto");
    CU_ASSERT_STRING_EQUAL(tsr_colour_name((tsr_colour)99), "unknown");
    CU_ASSERT_STRING_EQUAL(tsr_status_text(TSR_OK), "ok");
    CU_ASSERT_STRING_EQUAL(tsr_status_text(TSR_ERR_INTERNAL), "internal error");
    CU_ASSERT_STRING_EQUAL(tsr_status_text(-13), "unknown status");
    CU_ASSERT_STRING_EQUAL(tsr_status_text(1), "unknown status");
    CU_ASSERT(strlen(tsr_version()) >= 5);
}

static void close_context(void) {
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("inspect", {"open", open_context}, {"all codecs", test_all_codecs},
              {"fields", test_fields}, {"every cut", test_every_cut},
              {"unknown stage", test_unknown_stage}, {"unusual chunks", test_unusual_chunks},
              {"many chunks", test_many_chunks}, {"hostile layers", test_hostile_layers},
              {"names", test_names}, {"close", close_context})
