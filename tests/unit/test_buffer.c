/* test_buffer.c - byte buffer and reader: every integer there and back, one code a value, no read
 * past the end, failures that stay. */
#include <string.h>

#include "buffer.h"
#include "test_picture.h"
#include "tsr_test.h"

static const uint64_t values[] = {0,
                                  1,
                                  127,
                                  128,
                                  16383,
                                  16384,
                                  2097151,
                                  2097152,
                                  UINT32_MAX,
                                  (uint64_t)1 << 35,
                                  INT64_MAX,
                                  UINT64_MAX,
                                  UINT64_MAX - 1,
                                  (uint64_t)1 << 63};
enum { VALUES = sizeof values / sizeof values[0] };

static tsr_reader reader_of(const tsr_buffer *b) {
    return (tsr_reader){.data = b->data, .size = b->size};
}

static void test_varints(void) {
    for (int i = 0; i < VALUES; i++) {
        tsr_buffer b = {0};
        tsr_put_varint(&b, values[i]);
        CU_ASSERT_EQUAL(b.size, tsr_varint_size(values[i]));
        tsr_reader r = reader_of(&b);
        CU_ASSERT_EQUAL(tsr_get_varint(&r), values[i]);
        CU_ASSERT_EQUAL(r.pos, b.size);
        CU_ASSERT_FALSE(r.failed);
        tsr_buffer_free(&b);
    }
    CU_ASSERT_EQUAL(tsr_varint_size(127), 1);
    CU_ASSERT_EQUAL(tsr_varint_size(128), 2);
    CU_ASSERT_EQUAL(tsr_varint_size(UINT64_MAX), 10);
}

static void test_signed_varints(void) {
    static const int64_t signs[] = {0, -1, 1, -64, 63, 64, -65, INT32_MIN, INT64_MAX, INT64_MIN};
    for (unsigned i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        tsr_buffer b = {0};
        tsr_put_svarint(&b, signs[i]);
        tsr_reader r = reader_of(&b);
        CU_ASSERT_EQUAL(tsr_get_svarint(&r), signs[i]);
        CU_ASSERT_EQUAL(r.pos, b.size);
        if (signs[i] >= -64 && signs[i] < 64) CU_ASSERT_EQUAL(b.size, 1);
        tsr_buffer_free(&b);
    }
}

static void test_random_values(void) {
    uint64_t s = 1;
    tsr_buffer b = {0};
    for (int i = 0; i < 5000; i++) {
        uint64_t v = test_random(&s) >> test_random_below(&s, 64);
        tsr_put_varint(&b, v);
        tsr_put_u8(&b, (uint8_t)v);
        tsr_put_u32(&b, (uint32_t)v);
    }
    tsr_reader r = reader_of(&b);
    s = 1;
    for (int i = 0; i < 5000; i++) {
        uint64_t v = test_random(&s) >> test_random_below(&s, 64);
        CU_ASSERT_EQUAL(tsr_get_varint(&r), v);
        CU_ASSERT_EQUAL(tsr_get_u8(&r), (uint8_t)v);
        CU_ASSERT_EQUAL(tsr_get_u32(&r), (uint32_t)v);
    }
    CU_ASSERT_EQUAL(r.pos, b.size);
    CU_ASSERT_FALSE(r.failed);
    tsr_buffer_free(&b);
}

static void test_little_endian(void) {
    static const uint8_t expected[] = {0x78, 0x56, 0x34, 0x12, 0x80, 0x01};
    tsr_buffer b = {0};
    tsr_put_u32(&b, 0x12345678);
    tsr_put_varint(&b, 128);
    CU_ASSERT_EQUAL_FATAL(b.size, sizeof expected);
    CU_ASSERT_EQUAL(memcmp(b.data, expected, sizeof expected), 0);
    tsr_buffer_free(&b);
}

static int varint_fails(const uint8_t *bytes, size_t n) {
    tsr_reader r = {.data = bytes, .size = n};
    return tsr_get_varint(&r) == 0 && r.failed;
}

static void test_bad_varints(void) {
    static const uint8_t overlong[] = {0x80, 0x00}, overlong3[] = {0xff, 0x80, 0x00},
                         endless[] = {0xff, 0xff, 0xff};
    static const uint8_t too_big[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    static const uint8_t eleven[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                     0x80, 0x80, 0x80, 0x80, 0x01};
    CU_ASSERT(varint_fails(overlong, sizeof overlong));
    CU_ASSERT(varint_fails(overlong3, sizeof overlong3));
    CU_ASSERT(varint_fails(endless, sizeof endless));
    CU_ASSERT(varint_fails(too_big, sizeof too_big));
    CU_ASSERT(varint_fails(eleven, sizeof eleven));
    CU_ASSERT(varint_fails(NULL, 0));
}

static void test_failures_stay(void) {
    static const uint8_t three[] = {1, 2, 3};
    tsr_reader r = {.data = three, .size = 3};
    CU_ASSERT_PTR_NULL(tsr_get_bytes(&r, 4));
    CU_ASSERT(r.failed);
    CU_ASSERT_PTR_NULL(tsr_get_bytes(&r, 1)); /* there would be one */
    CU_ASSERT_EQUAL(tsr_get_u8(&r), 0);
    CU_ASSERT_EQUAL(tsr_get_u32(&r), 0);
    CU_ASSERT_EQUAL(tsr_get_svarint(&r), 0);
    r = (tsr_reader){.data = three, .size = 3};
    CU_ASSERT_EQUAL(tsr_get_u32(&r), 0);
    CU_ASSERT(r.failed);
    r = (tsr_reader){.data = three, .size = 3};
    CU_ASSERT_PTR_EQUAL(tsr_get_bytes(&r, 3), three);
    CU_ASSERT_PTR_NOT_NULL(tsr_get_bytes(&r, 0));
    CU_ASSERT_FALSE(r.failed);
    CU_ASSERT_PTR_NULL(tsr_get_bytes(&r, SIZE_MAX));
    CU_ASSERT(r.failed);
}

static void test_growth(void) {
    uint8_t block[1000];
    tsr_buffer b = {0};
    for (int i = 0; i < 1000; i++) block[i] = (uint8_t)(i * 7);
    for (int i = 0; i < 1000; i++) tsr_put_bytes(&b, block, (size_t)i);
    CU_ASSERT_EQUAL_FATAL(b.size, 499500);
    CU_ASSERT(b.cap >= b.size);
    size_t at = 0, wrong = 0;
    for (int i = 0; i < 1000; at += (size_t)i++)
        wrong += memcmp(b.data + at, block, (size_t)i) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
    tsr_buffer_free(&b);
    CU_ASSERT_PTR_NULL(b.data);
    tsr_buffer_free(&b); /* twice is harmless */
}

/* A size that cannot be: nothing is written, and nothing later either. */
static void test_overflow(void) {
    static const uint8_t two[2];
    tsr_buffer b = {.size = SIZE_MAX - 1, .cap = SIZE_MAX - 1};
    tsr_put_bytes(&b, two, 2);
    CU_ASSERT(b.failed);
    CU_ASSERT_EQUAL(b.size, SIZE_MAX - 1);
    tsr_buffer c = {.failed = 1};
    tsr_put_u32(&c, 5);
    tsr_put_varint(&c, 500);
    CU_ASSERT_EQUAL(c.size, 0);
    CU_ASSERT_PTR_NULL(c.data);
}

TSR_TEST_MAIN("buffer", {"varints", test_varints}, {"signed varints", test_signed_varints},
              {"random values", test_random_values}, {"little-endian", test_little_endian},
              {"bad varints", test_bad_varints}, {"failures stay", test_failures_stay},
              {"growth", test_growth}, {"overflow", test_overflow})
