/* test_crc32c.c - CRC-32C on the examples of RFC 3720 B.4, in pieces, and against damage. */
#include <string.h>

#include "crc32c.h"
#include "test_picture.h"
#include "tsr_test.h"

static void test_rfc3720(void) {
    static const uint8_t pdu[48] = {0x01, 0xc0, 0, 0,    0,    0, 0, 0,    0,    0, 0,    0,
                                    0,    0,    0, 0,    0x14, 0, 0, 0,    0,    0, 0x04, 0,
                                    0,    0,    0, 0x14, 0,    0, 0, 0x18, 0x28, 0, 0,    0,
                                    0,    0,    0, 0,    0x02, 0, 0, 0,    0,    0, 0,    0};
    uint8_t b[32];
    memset(b, 0, 32);
    CU_ASSERT_EQUAL(tsr_crc32c(0, b, 32), 0x8a9136aa);
    memset(b, 0xff, 32);
    CU_ASSERT_EQUAL(tsr_crc32c(0, b, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++) b[i] = (uint8_t)i;
    CU_ASSERT_EQUAL(tsr_crc32c(0, b, 32), 0x46dd794e);
    for (int i = 0; i < 32; i++) b[i] = (uint8_t)(31 - i);
    CU_ASSERT_EQUAL(tsr_crc32c(0, b, 32), 0x113fdb5c);
    CU_ASSERT_EQUAL(tsr_crc32c(0, pdu, 48), 0xd9963a56);
}

static void test_check_value(void) {
    CU_ASSERT_EQUAL(tsr_crc32c(0, "123456789", 9), 0xe3069283);
    CU_ASSERT_EQUAL(tsr_crc32c(0, "", 0), 0);
}

/* One bit at a time, from the polynomial itself. */
static uint32_t bitwise(const uint8_t *p, size_t n) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    return ~crc;
}

static void test_against_bitwise(void) {
    for (size_t n = 0; n < 1200; n += n < 40 ? 1 : 7) {
        tsr_blob b = test_block(n + 1, n);
        CU_ASSERT_EQUAL(tsr_crc32c(0, b.data, n), bitwise(b.data, n));
        tsr_blob_free(&b);
    }
}

static void test_pieces(void) {
    tsr_blob b = test_block(1500, 5);
    uint32_t whole = tsr_crc32c(0, b.data, b.size);
    for (size_t cut = 0; cut <= b.size; cut++)
        CU_ASSERT_EQUAL(tsr_crc32c(tsr_crc32c(0, b.data, cut), b.data + cut, b.size - cut), whole);
    tsr_blob_free(&b);
}

static void test_damage(void) {
    tsr_blob b = test_block(200, 6);
    uint32_t whole = tsr_crc32c(0, b.data, b.size);
    for (size_t bit = 0; bit < b.size * 8; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_NOT_EQUAL(tsr_crc32c(0, b.data, b.size), whole);
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    tsr_blob_free(&b);
}

TSR_TEST_MAIN("crc32c", {"RFC 3720 B.4", test_rfc3720}, {"check value", test_check_value},
              {"against the polynomial", test_against_bitwise}, {"in pieces", test_pieces},
              {"every flipped bit shows", test_damage})
