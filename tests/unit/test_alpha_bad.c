/* test_alpha_bad.c - streams with alpha apart that are cut or hostile: a clean refusal, or opaque
 * where the user asks for what there is. */
#include "alpha_scene.h"

static int opaque(const tsr_image *im) {
    size_t c = im->channels, n = 0;
    for (size_t i = 0; i < pixels(im); i++)
        n += sample(im, i * c + c - 1) == (im->depth == 8 ? UINT8_MAX : UINT16_MAX);
    return n == pixels(im);
}

/* Alpha comes before the colours: all of it is there, or none and nothing else. */
static void test_cuts(void) {
    tsr_image im = masked(40, 30, 4, 16, SOFT);
    tsr_blob file = encode(&im, "wavelet");
    tsr_chunk head = chunk_of(file.data, file.size, 'H'), a = chunk_of(file.data, file.size, 'A');
    for (size_t n = head.offset + head.total; n < file.size; n++) {
        tsr_blob cut = {file.data, n};
        tsr_image back;
        CU_ASSERT_EQUAL(codec_test_decode(ctx, file.data, n, 0, &back, NULL, NULL),
                        TSR_ERR_TRUNCATED);
        CU_ASSERT(inspect(&cut).truncated);
        back = decode(&cut, 1);
        CU_ASSERT(n < a.offset + a.total ? opaque(&back) : same_alpha(&im, &back));
        tsr_image_free(&back);
    }
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* The file with another alpha chunk; payload NULL: with none; twice: with it once more. */
static tsr_buffer with_alpha(const tsr_blob *file, const void *payload, size_t size, int twice) {
    tsr_buffer b = {0};
    tsr_chunk head = chunk_of(file->data, file->size, 'H'),
              data = chunk_of(file->data, file->size, 'D');
    tsr_put_magic(&b);
    tsr_put_chunk(&b, 'H', head.data, head.size);
    if (payload) tsr_put_chunk(&b, 'A', payload, size);
    tsr_put_chunk(&b, 'D', data.data, data.size);
    if (twice) tsr_put_chunk(&b, 'A', payload, size);
    return b;
}

static void expect(const tsr_buffer *b, tsr_status status, const char *text) {
    tsr_image im;
    tsr_diag d;
    tsr_status s = codec_test_decode(ctx, b->data, b->size, 0, &im, NULL, &d);
    if (s != status || !strstr(d.text, text)) printf("%d: %s\n", s, d.text);
    CU_ASSERT(s == status && codec_test_clean_failure(s, &im, &d, b->size));
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, text));
}

static void expect_payload(const tsr_blob *file, const void *payload, size_t size,
                           tsr_status status, const char *text) {
    tsr_buffer b = with_alpha(file, payload, size, 0);
    expect(&b, status, text);
    tsr_buffer_free(&b);
}

static void test_hostile_payloads(void) {
    static const struct {
        uint8_t bytes[16];
        size_t size;
        tsr_status status;
        const char *text;
    } cases[] = {
        {{0}, 0, TSR_ERR_FORMAT, "its table or stages"},
        {{0}, 1, TSR_ERR_FORMAT, "its table or stages"},                   /* no stages */
        {{1, 0x80, 2}, 3, TSR_ERR_FORMAT, "its table or stages"},          /* 256 */
        {{1, 7, 0}, 3, TSR_ERR_FORMAT, "bytes after"},                     /* constant and more */
        {{2, 0xff, 1, 0}, 4, TSR_ERR_FORMAT, "its table or stages"},       /* 255 and 256 */
        {{0x81, 2}, 2, TSR_ERR_FORMAT, "its table or stages"},             /* 257 values */
        {{2, 3}, 2, TSR_ERR_FORMAT, "its table or stages"},                /* a value is missing */
        {{0, 3, 1, 0, 1, 1, 0}, 7, TSR_ERR_UNSUPPORTED, "not reversible"}, /* dct */
        {{0, 6, 1, 0, 1, 1, 0}, 7, TSR_ERR_UNSUPPORTED, "not reversible"}, /* vqvae */
        {{0, 99, 1, 0, 1, 1, 0}, 7, TSR_ERR_UNSUPPORTED, "transform with id 99"},
        {{0, 1, 9, 0, 1, 1, 0}, 7, TSR_ERR_UNSUPPORTED, "version 9"},
        {{0, 1, 1, 0, 77, 1, 0}, 7, TSR_ERR_UNSUPPORTED, "entropy coder with id 77"},
        {{0, 1, 1, 0, 1, 1, 1, 0x40}, 8, TSR_ERR_FORMAT, "out of range"}, /* 32 parts */
    };
    tsr_image im = masked(20, 15, 4, 8, SOFT);
    tsr_blob file = encode(&im, "wavelet");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_payload(&file, cases[i].bytes, cases[i].size, cases[i].status, cases[i].text);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* Layers that are larger than the chunk, or cut: the reversible wavelet has more than one. */
static void test_cut_payloads(void) {
    tsr_image im = masked(80, 60, 2, 8, SOFT), grey;
    tsr_encode_options o = options_of("wavelet:filter=cdf53//adaptive", TSR_TARGET_LOSSLESS, 0);
    tsr_blob file = encode(&im, "wavelet");
    CU_ASSERT_EQUAL_FATAL(tsr_image_alloc(&grey, 80, 60, 1, 8, 0, NULL), TSR_OK);
    for (size_t i = 0; i < pixels(&im); i++) set_sample(&grey, i, sample(&im, 2 * i + 1));
    tsr_blob alone = encode_with(&grey, &o, NULL);
    tsr_chunk head = chunk_of(alone.data, alone.size, 'H'),
              data = chunk_of(alone.data, alone.size, 'D');
    tsr_header h;
    tsr_buffer payload = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_parse_header(&head, &h, NULL), TSR_OK);
    tsr_put_varint(&payload, 0);
    tsr_put_stage(&payload, &h.stage[TSR_STAGE_TRANSFORM]);
    tsr_put_stage(&payload, &h.stage[TSR_STAGE_ENTROPY]);
    tsr_put_bytes(&payload, data.data, data.size);
    tsr_buffer b = with_alpha(&file, payload.data, payload.size, 0);
    tsr_image back = decode(&(tsr_blob){b.data, b.size}, 0);
    CU_ASSERT(same_alpha(&im, &back)); /* another transform, as the format allows */
    tsr_buffer_free(&b);
    tsr_image_free(&back);
    size_t stages = payload.size - data.size;
    for (size_t n = stages; n < stages + 2; n++)
        expect_payload(&file, payload.data, n, TSR_ERR_FORMAT, "layer sizes");
    payload.data[stages] = 0xff;
    expect_payload(&file, payload.data, payload.size, TSR_ERR_FORMAT, "layer sizes");
    tsr_buffer_free(&payload);
    tsr_blob_free(&alone);
    tsr_blob_free(&file);
    tsr_image_free(&grey);
    tsr_image_free(&im);
}

static void test_hostile_chunks(void) {
    static const uint8_t constant[] = {1, 9};
    tsr_image im = masked(20, 15, 4, 8, SOFT), bare = colours_of(&im);
    tsr_blob file = encode(&im, "wavelet"), plain = encode(&bare, "wavelet");
    tsr_buffer b = with_alpha(&file, NULL, 0, 0);
    expect(&b, TSR_ERR_TRUNCATED, "truncated");
    CU_ASSERT(inspect(&(tsr_blob){b.data, b.size}).truncated);
    tsr_image back = decode(&(tsr_blob){b.data, b.size}, 1);
    CU_ASSERT(opaque(&back));
    tsr_image_free(&back);
    tsr_buffer_free(&b);
    b = with_alpha(&file, constant, sizeof constant, 1);
    expect(&b, TSR_ERR_FORMAT, "occurs twice");
    tsr_buffer_free(&b);
    b = with_alpha(&plain, constant, sizeof constant, 0);
    expect(&b, TSR_ERR_FORMAT, "is not announced");
    tsr_buffer_free(&b);
    b = with_alpha(&file, constant, sizeof constant, 0);
    back = decode(&(tsr_blob){b.data, b.size}, 0);
    CU_ASSERT_EQUAL(sample(&back, 3), 9);
    tsr_image_free(&back);
    tsr_buffer_free(&b);
    tsr_blob_free(&file);
    tsr_blob_free(&plain);
    tsr_image_free(&im);
    tsr_image_free(&bare);
}

/* Headers: flags of later formats, alpha where there is none. */
static void test_headers(void) {
    tsr_header good = {.width = 5, .height = 4, .channels = 4, .depth = 8, .alpha_apart = 1}, h;
    good.colour = TSR_COLOUR_NONE;
    good.step_index = 9;
    for (int k = 0; k < 5; k++) {
        tsr_buffer b = {0};
        tsr_diag d;
        h = good;
        if (k == 1) h.channels = 3;
        if (k == 2) h.lossless = 1, h.step_index = 0;
        tsr_put_header(&b, &h);
        if (k == 3) b.data[1] |= 2;
        if (k == 4) b.data[1] = 0;
        tsr_chunk c = {.type = 'H', .data = b.data, .size = b.size};
        static const tsr_status status[] = {TSR_OK, TSR_ERR_FORMAT, TSR_ERR_FORMAT,
                                            TSR_ERR_UNSUPPORTED, TSR_OK};
        CU_ASSERT_EQUAL(tsr_parse_header(&c, &h, &d), status[k]);
        if (k == 3) CU_ASSERT_STRING_EQUAL(d.text, "the header uses flags of a later format");
        if (!status[k]) CU_ASSERT(h.alpha_apart == !k && tsr_header_planes(&h) == (k ? 4u : 3u));
        tsr_buffer_free(&b);
    }
}

static void test_begin(void) {
    ctx = codec_test_context(1, UINT32_MAX);
    CU_ASSERT_PTR_NOT_NULL(ctx);
}

static void test_end(void) {
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("damaged alpha", {"open", test_begin}, {"cuts", test_cuts},
              {"hostile payloads", test_hostile_payloads}, {"cut payloads", test_cut_payloads},
              {"hostile chunks", test_hostile_chunks}, {"headers", test_headers},
              {"close", test_end})
