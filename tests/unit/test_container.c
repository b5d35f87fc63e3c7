/* test_container.c - magic, chunks, headers: there and back, cut at every byte, damaged at every
 * byte. */
#include <string.h>

#include "container.h"
#include "context.h"
#include "fake_transform.h"
#include "postfilter.h"
#include "step.h"
#include "test_picture.h"
#include "tsr_test.h"

/* ---------------------------------------------------------------- chunks */

enum { CHUNKS = 4 };
static const uint8_t types[CHUNKS] = {TSR_CHUNK_HEADER, TSR_CHUNK_ICC, TSR_CHUNK_SIDE,
                                      TSR_CHUNK_DATA};
static const size_t sizes[CHUNKS] = {20, 200, 0, 77};

/* A file of four chunks; ends[i] is where chunk i ends. */
static tsr_buffer four_chunks(size_t ends[CHUNKS]) {
    tsr_buffer b = {0};
    tsr_put_magic(&b);
    for (unsigned i = 0; i < CHUNKS; i++) {
        size_t before = b.size;
        tsr_blob data = test_block(sizes[i] + 1, i);
        tsr_put_chunk(&b, types[i], data.data, sizes[i]);
        tsr_blob_free(&data);
        ends[i] = b.size;
        CU_ASSERT_EQUAL(b.size - before, tsr_chunk_size(sizes[i]));
    }
    return b;
}

static void test_chunks(void) {
    size_t ends[CHUNKS];
    tsr_buffer b = four_chunks(ends);
    tsr_reader r = {.data = b.data, .size = b.size};
    tsr_chunk c;
    tsr_diag d;
    int end;
    CU_ASSERT(tsr_is_stream(b.data, b.size));
    CU_ASSERT_EQUAL_FATAL(tsr_check_magic(&r, &d), TSR_OK);
    for (unsigned i = 0; i < CHUNKS; i++) {
        CU_ASSERT_EQUAL_FATAL(tsr_next_chunk(&r, &c, &end, &d), TSR_OK);
        tsr_blob data = test_block(sizes[i] + 1, i);
        CU_ASSERT(!end && c.type == types[i] && c.size == sizes[i] && c.claimed == sizes[i] &&
                  !c.truncated);
        CU_ASSERT_EQUAL(c.offset + c.total, ends[i]);
        CU_ASSERT_EQUAL(memcmp(c.data, data.data, c.size), 0);
        tsr_blob_free(&data);
    }
    CU_ASSERT_EQUAL(tsr_next_chunk(&r, &c, &end, &d), TSR_OK);
    CU_ASSERT(end);
    tsr_buffer_free(&b);
}

/* Reads a file; counts whole chunks. Returns the status of the last read; *cut: the last one was
 * cut. */
static tsr_status walk(const uint8_t *data, size_t size, unsigned *whole, int *cut) {
    tsr_reader r = {.data = data, .size = size};
    tsr_chunk c;
    tsr_diag d;
    int end = 0;
    *whole = 0;
    *cut = 0;
    tsr_status s = tsr_check_magic(&r, &d);
    while (!s && !end) {
        s = tsr_next_chunk(&r, &c, &end, &d);
        if (s) CU_ASSERT(d.status == s && d.offset <= size);
        if (s || end) break;
        CU_ASSERT(c.size <= size && c.data + c.size <= data + size && c.offset + c.total <= size);
        *cut |= c.truncated;
        *whole += !c.truncated;
    }
    return s;
}

static void test_every_cut(void) {
    size_t ends[CHUNKS];
    tsr_buffer b = four_chunks(ends);
    for (size_t n = 0; n <= b.size; n++) {
        uint8_t *copy = test_block(n + 1, 0).data;
        unsigned whole, expected = 0;
        int cut, boundary = n == TSR_MAGIC_SIZE + 1;
        if (n) memcpy(copy, b.data, n);
        tsr_status s = walk(copy, n, &whole, &cut);
        for (unsigned i = 0; i < CHUNKS; i++) expected += ends[i] <= n, boundary |= ends[i] == n;
        CU_ASSERT_EQUAL(whole, expected);
        CU_ASSERT(boundary ? s == TSR_OK && !cut : s == TSR_ERR_TRUNCATED || (s == TSR_OK && cut));
        tsr_blob_free(&(tsr_blob){copy, n + 1});
    }
    tsr_buffer_free(&b);
}

static void test_every_damage(void) {
    size_t ends[CHUNKS];
    tsr_buffer b = four_chunks(ends);
    for (size_t bit = 0; bit < b.size * 8; bit++) {
        unsigned whole;
        int cut;
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        tsr_status s = walk(b.data, b.size, &whole, &cut);
        CU_ASSERT(s == TSR_ERR_FORMAT || s == TSR_ERR_UNSUPPORTED || s == TSR_ERR_TRUNCATED || cut);
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    tsr_buffer_free(&b);
}

static tsr_status magic_of(const char *bytes, size_t n, tsr_diag *d) {
    tsr_reader r = {.data = (const uint8_t *)bytes, .size = n};
    tsr_diag_init(d);
    return tsr_check_magic(&r, d);
}

static void test_magic(void) {
    tsr_diag d;
    CU_ASSERT_EQUAL(magic_of("\xd4TSR\x01", 5, &d), TSR_OK);
    CU_ASSERT_EQUAL(magic_of("\xd4TSR\x02", 5, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(d.text, "format version 2; this program reads version 1");
    CU_ASSERT_EQUAL(magic_of("\x89PNG\x0d", 5, &d), TSR_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(d.text, "not a Tessera stream");
    CU_ASSERT_EQUAL(magic_of("\xd4TX", 3, &d), TSR_ERR_FORMAT);
    CU_ASSERT_EQUAL(magic_of("\xd4TS", 3, &d), TSR_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(magic_of(NULL, 0, &d), TSR_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(d.offset, 0);
    CU_ASSERT_FALSE(tsr_is_stream("\xd4TS", 3));
    CU_ASSERT_FALSE(tsr_is_stream("\xd4TSX", 4));
    CU_ASSERT_FALSE(tsr_is_stream(NULL, 0));
}

/* A size that no file has, and one that overflows when added to. */
static void test_huge_claims(void) {
    static const uint64_t claims[] = {UINT64_MAX, UINT64_MAX - 3, (uint64_t)1 << 63,
                                      (uint64_t)1 << 32, 100};
    for (unsigned i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        unsigned whole;
        int cut;
        tsr_buffer b = {0};
        tsr_put_magic(&b);
        tsr_put_u8(&b, 'D');
        tsr_put_varint(&b, claims[i]);
        tsr_put_u32(&b, 0);
        CU_ASSERT_EQUAL(walk(b.data, b.size, &whole, &cut), TSR_OK);
        CU_ASSERT(cut && !whole);
        tsr_buffer_free(&b);
    }
}

/* ---------------------------------------------------------------- headers */

static void random_stage(tsr_stage_code *c, uint64_t *r) {
    *c = (tsr_stage_code){.id = test_random(r) >> test_random_below(r, 64),
                          .version = test_random_below(r, 256)};
    c->mask = (uint32_t)test_random(r) & (uint32_t)test_random(r) & (uint32_t)test_random(r);
    for (unsigned i = 0; i < TSR_MAX_PARAMS; i++)
        if (c->mask >> i & 1) c->value[i] = (int64_t)test_random(r) >> test_random_below(r, 64);
}

static void random_header(tsr_header *h, uint64_t *r) {
    memset(h, 0, sizeof *h);
    h->width = 1 + test_random_below(r, TSR_MAX_SIDE);
    h->height = 1 + ((TSR_MAX_SIDE - 1) >> test_random_below(r, 30));
    h->channels = (uint8_t)(1 + test_random_below(r, 4));
    h->depth = test_random_below(r, 2) ? 8 : 16;
    h->orientation = (uint8_t)test_random_below(r, 9);
    h->lossless = (uint8_t)test_random_below(r, 2);
    h->colour = TSR_COLOUR_NONE;
    if (h->channels >= 3 && test_random_below(r, 3))
        h->colour = h->lossless               ? TSR_COLOUR_YCOCGR
                    : test_random_below(r, 2) ? TSR_COLOUR_KLT
                                              : TSR_COLOUR_YCBCR;
    if (h->colour == TSR_COLOUR_KLT) h->colour_coded = (uint32_t)test_random(r);
    if (!h->lossless) h->step_index = TSR_STEP_MIN + test_random_below(r, TSR_STEP_MAX);
    if (!h->lossless && h->channels % 2 == 0) h->alpha_apart = test_random_below(r, 2);
    if (!h->lossless) h->filter = test_random_below(r, TSR_FILTER_SETS + 1);
    if (!h->lossless) h->views = (uint8_t[]){0, 1, 2, 8}[test_random_below(r, 4)];
    for (int k = 0; k < TSR_STAGE_KINDS; k++) random_stage(&h->stage[k], r);
}

static int same_header(const tsr_header *a, const tsr_header *b) {
    return a->width == b->width && a->height == b->height && a->channels == b->channels &&
           a->depth == b->depth && a->orientation == b->orientation && a->lossless == b->lossless &&
           a->colour == b->colour && a->colour_coded == b->colour_coded &&
           a->step_index == b->step_index && a->filter == b->filter && a->views == b->views &&
           a->alpha_apart == b->alpha_apart && !memcmp(a->stage, b->stage, sizeof a->stage) &&
           a->quant_side_size == b->quant_side_size &&
           (!a->quant_side_size || !memcmp(a->quant_side, b->quant_side, a->quant_side_size));
}

static tsr_status parse(const uint8_t *data, size_t size, tsr_header *h, tsr_diag *d) {
    tsr_chunk c = {
        .type = TSR_CHUNK_HEADER, .data = data, .size = size, .claimed = size, .offset = 5};
    tsr_diag_init(d);
    return tsr_parse_header(&c, h, d);
}

static void test_headers(void) {
    uint64_t r = 8;
    tsr_diag d;
    for (int i = 0; i < 1000; i++) {
        tsr_header h, back;
        tsr_buffer b = {0};
        random_header(&h, &r);
        tsr_blob side = test_block(1 + test_random_below(&r, 40), r);
        h.quant_side = side.data;
        h.quant_side_size = i & 1 ? side.size : 0;
        tsr_put_header(&b, &h);
        CU_ASSERT_EQUAL(parse(b.data, b.size, &back, &d), TSR_OK);
        CU_ASSERT(same_header(&h, &back));
        tsr_buffer_free(&b);
        tsr_blob_free(&side);
    }
}

static void test_header_cuts(void) {
    uint64_t r = 9;
    tsr_diag d;
    for (int i = 0; i < 200; i++) {
        tsr_header h, back;
        tsr_buffer b = {0};
        random_header(&h, &r);
        tsr_put_header(&b, &h);
        for (size_t n = 0; n < b.size; n++) {
            CU_ASSERT_EQUAL(parse(b.data, n, &back, &d), TSR_ERR_FORMAT);
            CU_ASSERT_EQUAL(d.offset, 5);
        }
        tsr_buffer_free(&b);
    }
}

/* Parses h as it would be written; the text of its refusal. */
static const char *refusal(const tsr_header *h) {
    static tsr_diag d;
    tsr_header back;
    tsr_buffer b = {0};
    tsr_put_header(&b, h);
    CU_ASSERT_EQUAL(parse(b.data, b.size, &back, &d), TSR_ERR_FORMAT);
    tsr_buffer_free(&b);
    return d.text;
}

static void test_bad_headers(void) {
    const tsr_header good = {.width = 5,
                             .height = 4,
                             .channels = 3,
                             .depth = 8,
                             .colour = TSR_COLOUR_KLT,
                             .step_index = 9};
    tsr_header h = good;
    h.width = 0;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the picture size is not legal");
    h = good, h.height = TSR_MAX_SIDE + 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the picture size is not legal");
    h = good, h.orientation = 9;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the orientation is not legal");
    h = good, h.colour = TSR_COLOUR_AUTO;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the colour transform is unknown");
    h = good, h.colour = TSR_COLOUR_KLT + 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the colour transform is unknown");
    h = good, h.colour = TSR_COLOUR_YCOCGR;
    CU_ASSERT_STRING_EQUAL(refusal(&h),
                           "corrupt header: the colour transform does not fit the mode");
    h = good, h.lossless = 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h),
                           "corrupt header: the colour transform does not fit the mode");
    h = good, h.channels = 2;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: a colour transform without colours");
    h = good, h.filter = TSR_FILTER_SETS + 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the post filter is unknown");
    h = good, h.lossless = 1, h.colour = TSR_COLOUR_NONE, h.filter = 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the post filter is unknown");
    h = good, h.filter = 128; /* a bit beyond those of the network */
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the post filter is unknown");
    h = good, h.filter = 128, h.views = 8;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the post filter is unknown");
    h = good, h.lossless = 1, h.colour = TSR_COLOUR_NONE, h.views = 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the post filter is unknown");
    h = good, h.filter = 32 | 1; /* two views, but no network */
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the views of the network filter are not "
                                        "legal");
    h = good, h.filter = 64; /* eight */
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the views of the network filter are not "
                                        "legal");
    h = good, h.filter = 96, h.views = 1; /* a number that means nothing */
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the views of the network filter are not "
                                        "legal");
    h = good, h.step_index = 0;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the quantization step is not legal");
    h = good, h.step_index = TSR_STEP_MAX + 1;
    CU_ASSERT_STRING_EQUAL(refusal(&h), "corrupt header: the quantization step is not legal");
}

static void test_reserved_flags(void) {
    const tsr_header h = {.width = 5,
                          .height = 4,
                          .channels = 1,
                          .depth = 8,
                          .colour = TSR_COLOUR_NONE,
                          .step_index = 9};
    tsr_header back;
    tsr_diag d;
    tsr_buffer b = {0};
    tsr_put_header(&b, &h);
    b.data[0] |= 128;
    CU_ASSERT_EQUAL(parse(b.data, b.size, &back, &d), TSR_ERR_UNSUPPORTED);
    b.data[0] &= 127;
    CU_ASSERT_EQUAL(parse(b.data, b.size, &back, &d), TSR_OK);
    tsr_buffer_free(&b);
}

/* A built-in model costs its number, another one hash and name; a name is checked. */
static void test_models(void) {
    tsr_header h = {.width = 5, .height = 4, .channels = 1, .depth = 8, .step_index = 9}, back;
    tsr_diag d;
    tsr_buffer none = {0}, number = {0}, named = {0};
    h.colour = TSR_COLOUR_NONE;
    tsr_put_header(&none, &h);
    h.model = (tsr_model_ref){.present = 1, .id = 7, .name = "not written"};
    tsr_put_header(&number, &h);
    CU_ASSERT_EQUAL(number.size, none.size + 1);
    CU_ASSERT_EQUAL_FATAL(parse(number.data, number.size, &back, &d), TSR_OK);
    CU_ASSERT(back.model.present && back.model.id == 7 && !back.model.name[0]);
    h.model = (tsr_model_ref){.present = 1, .name = "photo-2", .sha256 = {1, 2, 3}};
    tsr_put_header(&named, &h);
    CU_ASSERT_EQUAL(named.size, none.size + 1 + 32 + 1 + 7);
    CU_ASSERT_EQUAL_FATAL(parse(named.data, named.size, &back, &d), TSR_OK);
    CU_ASSERT_STRING_EQUAL(back.model.name, "photo-2");
    CU_ASSERT_EQUAL(memcmp(back.model.sha256, h.model.sha256, 32), 0);
    CU_ASSERT(back.model.present && !back.model.id);
    named.data[named.size - none.size + 3 - 7] = '/'; /* the first letter: after flags, 5, 4 */
    CU_ASSERT_EQUAL(parse(named.data, named.size, &back, &d), TSR_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(d.text, "corrupt header: the name of the model is not legal");
    tsr_buffer_free(&none);
    tsr_buffer_free(&number);
    tsr_buffer_free(&named);
}

/* ---------------------------------------------------------------- stages */

static const char *const kinds[] = {"a", "b", NULL};
static const tsr_param params[] = {
    {.name = "n", .help = "", .unit = "", .type = TSR_PARAM_INT, .min = -5, .max = 5, .def = 1},
    {.name = "r", .help = "", .unit = "", .type = TSR_PARAM_REAL, .min = 0, .max = 4, .def = 0.3},
    {.name = "k", .help = "", .unit = "", .type = TSR_PARAM_CHOICE, .choices = kinds},
    {.name = "e",
     .help = "",
     .unit = "",
     .type = TSR_PARAM_INT,
     .flags = TSR_PARAM_ENCODER,
     .min = 0,
     .max = 9},
};

static tsr_context *stage_context(tsr_transform *t) {
    tsr_context *ctx = NULL;
    *t = fake_transform("coded", 70000);
    t->h.params = params;
    t->h.n_params = 4;
    t->h.stream_version = 2;
    const tsr_transform *list = t;
    tsr_plugin p = fake_plugin(&list, 1);
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, NULL, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register(ctx, &p, "test", NULL), TSR_OK);
    return ctx;
}

static void test_stage_codes(void) {
    static const struct {
        const char *spec;
        uint32_t mask;
    } example[] = {{"coded", 0},
                   {"coded:n=1,r=0.3,k=a", 0},
                   {"coded:n=-5", 1},
                   {"coded:r=1.25", 2},
                   {"coded:k=b,e=7", 4},
                   {"coded:e=7", 0},
                   {"coded:n=5,r=4,k=b", 7}};
    tsr_transform t;
    tsr_diag d;
    tsr_context *ctx = stage_context(&t);
    for (unsigned i = 0; i < sizeof example / sizeof example[0]; i++) {
        tsr_spec s;
        tsr_stage back;
        tsr_stage_code code;
        CU_ASSERT_EQUAL_FATAL(tsr_spec_parse(ctx, example[i].spec, &s, &d), TSR_OK);
        tsr_stage_to_code(&s.stage[0], &code);
        CU_ASSERT(code.id == 70000 && code.version == 2 && code.mask == example[i].mask);
        CU_ASSERT_EQUAL(tsr_stage_from_code(ctx, TSR_STAGE_TRANSFORM, &code, &back, &d), TSR_OK);
        CU_ASSERT_EQUAL(memcmp(back.v, s.stage[0].v, 3 * sizeof back.v[0]), 0);
        CU_ASSERT_EQUAL(back.v[3].i, 0); /* of the encoder only: the decoder sees the default */
    }
    tsr_context_free(ctx);
}

static void test_bad_stage_codes(void) {
    static const struct {
        tsr_stage_code code;
        tsr_status status;
        const char *text;
    } bad[] = {
        {{.id = 71000, .version = 1},
         TSR_ERR_UNSUPPORTED,
         "the stream needs the transform with id 71000, which is not here; load its plug-in with "
         "--plugin"},
        {{.id = 70000, .version = 3},
         TSR_ERR_UNSUPPORTED,
         "the stream needs version 3 of transform 'coded', this one is 2"},
        {{.id = 70000, .version = 1},
         TSR_ERR_UNSUPPORTED,
         "the stream needs version 1 of transform 'coded', this one is 2"},
        {{.id = 70000, .version = 2, .mask = 16},
         TSR_ERR_FORMAT,
         "parameter 4 of 'coded' is unknown"},
        {{.id = 70000, .version = 2, .mask = 1u << 31},
         TSR_ERR_FORMAT,
         "parameter 31 of 'coded' is unknown"},
        {{.id = 70000, .version = 2, .mask = 1, .value = {6}},
         TSR_ERR_FORMAT,
         "parameter 'n' of 'coded' is out of range"},
        {{.id = 70000, .version = 2, .mask = 1, .value = {INT64_MIN}},
         TSR_ERR_FORMAT,
         "parameter 'n' of 'coded' is out of range"},
        {{.id = 70000, .version = 2, .mask = 2, .value = {0, 4 * 65536 + 1}},
         TSR_ERR_FORMAT,
         "parameter 'r' of 'coded' is out of range"},
        {{.id = 70000, .version = 2, .mask = 4, .value = {0, 0, 2}},
         TSR_ERR_FORMAT,
         "parameter 'k' of 'coded' is out of range"},
        {{.id = 70000, .version = 2, .mask = 4, .value = {0, 0, -1}},
         TSR_ERR_FORMAT,
         "parameter 'k' of 'coded' is out of range"},
    };
    tsr_transform t;
    tsr_context *ctx = stage_context(&t);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tsr_stage back;
        tsr_diag d;
        CU_ASSERT_EQUAL(tsr_stage_from_code(ctx, TSR_STAGE_TRANSFORM, &bad[i].code, &back, &d),
                        bad[i].status);
        CU_ASSERT_STRING_EQUAL(d.text, bad[i].text);
    }
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("container", {"chunks", test_chunks}, {"every cut", test_every_cut},
              {"every damage", test_every_damage}, {"magic", test_magic},
              {"huge claims", test_huge_claims}, {"headers", test_headers},
              {"every cut of a header", test_header_cuts}, {"bad headers", test_bad_headers},
              {"reserved flags", test_reserved_flags}, {"models", test_models},
              {"stage codes", test_stage_codes}, {"bad stage codes", test_bad_stage_codes})
