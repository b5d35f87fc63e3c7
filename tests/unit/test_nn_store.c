/* test_nn_store.c - weight sections: round trip, another network's, every cut, damage. */
#include <string.h>

#include "nn_check.h"
#include "tsr_test.h"

static nn_store *store_of(uint64_t seed, uint32_t width, const char *last) {
    nn_store *s = tsr_nn_store_new(seed);
    const uint32_t a[4] = {2, 3, 5, 1}, b[2] = {width, 7};
    size_t offset;
    tsr_status st = tsr_nn_store_add(s, "enc/a.w", 4, a, NN_INIT_HE, 15, 0, &offset, NULL);
    if (!st) st = tsr_nn_store_add(s, "enc/b.w", 2, b, NN_INIT_HE, 7, 0, &offset, NULL);
    if (!st) st = tsr_nn_store_add(s, last, 0, NULL, NN_INIT_ONE, 1, 0, &offset, NULL);
    CU_ASSERT_EQUAL_FATAL(st, TSR_OK);
    return s;
}

static uint8_t *saved(const nn_store *s, size_t *size) {
    uint8_t *data = NULL;
    *size = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_store_save(s, tsr_nn_store_read(s), &data, size, NULL), TSR_OK);
    return data;
}

static void test_round_trip(void) {
    nn_store *a = store_of(1, 4, "scalar"), *b = store_of(2, 4, "scalar");
    size_t size, bytes = tsr_nn_store_size(a) * sizeof(float);
    uint8_t *data = saved(a, &size);
    CU_ASSERT_NOT_EQUAL(memcmp(tsr_nn_store_read(a), tsr_nn_store_read(b), bytes), 0);
    CU_ASSERT_EQUAL(tsr_nn_store_load(b, tsr_nn_store_values(b), data, size, NULL), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(tsr_nn_store_read(a), tsr_nn_store_read(b), bytes), 0);
    /* A second section behind the first. */
    size_t two = size;
    CU_ASSERT_EQUAL(tsr_nn_store_save(b, tsr_nn_store_read(b), &data, &two, NULL), TSR_OK);
    CU_ASSERT_EQUAL(two, 2 * size);
    CU_ASSERT_EQUAL(memcmp(data, data + size, size), 0);
    CU_ASSERT_EQUAL(tsr_nn_store_load(b, tsr_nn_store_values(b), data, two, NULL), TSR_ERR_FORMAT);
    /* By name. */
    nn_section sec;
    const uint32_t dim[2] = {4, 7}, wrong[2] = {7, 4};
    float out[28];
    CU_ASSERT_EQUAL_FATAL(tsr_nn_section_open(&sec, data, size, NULL), TSR_OK);
    CU_ASSERT_EQUAL(sec.n, 3);
    CU_ASSERT_EQUAL(tsr_nn_section_read(&sec, "enc/b.w", 2, dim, out, NULL), TSR_OK);
    const nn_entry *e = tsr_nn_store_find(a, "enc/b.w");
    CU_ASSERT_EQUAL(memcmp(out, tsr_nn_store_read(a) + e->offset, sizeof out), 0);
    CU_ASSERT_EQUAL(tsr_nn_section_read(&sec, "enc/b.w", 2, wrong, out, NULL), TSR_ERR_MODEL);
    CU_ASSERT_EQUAL(tsr_nn_section_read(&sec, "enc/c.w", 2, dim, out, NULL), TSR_ERR_MODEL);
    tsr_nn_section_close(&sec);
    free(data);
    tsr_nn_store_free(a);
    tsr_nn_store_free(b);
}

/* The bytes are the same on every machine. */
static void test_bytes(void) {
    nn_store *s = tsr_nn_store_new(1);
    const uint32_t dim = 2;
    const uint8_t expected[] = {'T', 'N', 'W', '1', 1, 0, 0,    0,    1, 'x', 1,    1,
                                2,   0,   0,   0,   0, 0, 0x80, 0x3f, 0, 0,   0x80, 0x3f};
    size_t offset, size;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_store_add(s, "x", 1, &dim, NN_INIT_ONE, 1, 0, &offset, NULL),
                          TSR_OK);
    uint8_t *data = saved(s, &size);
    CU_ASSERT_EQUAL_FATAL(size, sizeof expected);
    CU_ASSERT_EQUAL(memcmp(data, expected, size), 0);
    free(data);
    tsr_nn_store_free(s);
}

static void test_other_network(void) {
    nn_store *a = store_of(1, 4, "scalar"), *wide = store_of(1, 5, "scalar");
    nn_store *named = store_of(1, 4, "other");
    size_t size, bytes = tsr_nn_store_size(wide) * sizeof(float), offset;
    uint8_t *data = saved(a, &size);
    float *before = malloc(bytes);
    memcpy(before, tsr_nn_store_read(wide), bytes);
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_nn_store_load(wide, tsr_nn_store_values(wide), data, size, &d),
                    TSR_ERR_MODEL);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "enc/b.w"));
    CU_ASSERT_EQUAL(memcmp(before, tsr_nn_store_read(wide), bytes), 0);
    CU_ASSERT_EQUAL(tsr_nn_store_load(named, tsr_nn_store_values(named), data, size, &d),
                    TSR_ERR_MODEL);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "other"));
    uint32_t loaded;
    CU_ASSERT_EQUAL(
        tsr_nn_store_load_common(wide, tsr_nn_store_values(wide), data, size, &loaded, &d), TSR_OK);
    CU_ASSERT_EQUAL(loaded, 2);
    /* More in the section than in the store. */
    CU_ASSERT_EQUAL(tsr_nn_store_add(a, "more", 0, NULL, NN_INIT_ONE, 1, 0, &offset, NULL), TSR_OK);
    free(data);
    data = saved(a, &size);
    nn_store *less = store_of(1, 4, "scalar");
    CU_ASSERT_EQUAL(tsr_nn_store_load(less, tsr_nn_store_values(less), data, size, &d),
                    TSR_ERR_MODEL);
    free(data);
    free(before);
    tsr_nn_store_free(a);
    tsr_nn_store_free(wide);
    tsr_nn_store_free(named);
    tsr_nn_store_free(less);
}

/* Opens a copy without a byte to spare, so that a sanitizer sees every read beyond it. */
static tsr_status open_copy(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    nn_section sec;
    tsr_diag d = {0};
    tsr_status s = tsr_nn_section_open(&sec, copy, size, &d);
    if (s) CU_ASSERT_NOT_EQUAL(d.text[0], 0);
    tsr_nn_section_close(&sec);
    free(copy);
    return s;
}

static void test_cuts_and_damage(void) {
    nn_store *s = store_of(1, 4, "scalar");
    size_t size;
    uint8_t *data = saved(s, &size);
    for (size_t n = 0; n < size; n++) CU_ASSERT_EQUAL(open_copy(data, n) != TSR_OK, 1);
    /* Any byte changed: refused or read as other values, never worse. */
    uint32_t refused = 0;
    for (size_t at = 0; at < size; at++)
        for (unsigned v = 0; v < 3; v++) {
            uint8_t old = data[at];
            data[at] = v == 0 ? 0xff : v == 1 ? 0 : (uint8_t)(old ^ 0x80);
            tsr_status st = open_copy(data, size);
            CU_ASSERT(st == TSR_OK || st == TSR_ERR_FORMAT || st == TSR_ERR_TRUNCATED);
            refused += st != TSR_OK;
            data[at] = old;
        }
    CU_ASSERT(refused > 50);
    CU_ASSERT_EQUAL(open_copy(data, size), TSR_OK);
    free(data);
    tsr_nn_store_free(s);
}

static void test_hostile(void) {
    static const struct {
        const char *bytes;
        size_t size;
        tsr_status status;
    } cases[] = {
        {"", 0, TSR_ERR_TRUNCATED},
        {"TNW2\1\0\0\0", 8, TSR_ERR_FORMAT},
        {"TNW1\xff\xff\xff\xff", 8, TSR_ERR_FORMAT},
        {"TNW1\1\0\0\0\0\1\0", 11, TSR_ERR_FORMAT},          /* no name */
        {"TNW1\1\0\0\0\1 \1\0\0\0\0\0", 16, TSR_ERR_FORMAT}, /* a space as name */
        {"TNW1\1\0\0\0\1x\2\0\0\0\0\0", 16, TSR_ERR_FORMAT}, /* kind 2 */
        {"TNW1\1\0\0\0\1x\1\5\0\0\0\0", 16, TSR_ERR_FORMAT}, /* 5 dims */
        {"TNW1\1\0\0\0\1x\1\1\0\0\0\0", 16, TSR_ERR_FORMAT}, /* dim 0 */
        {"TNW1\1\0\0\0\1x\1\1\xff\xff\xff\x7f", 16, TSR_ERR_TRUNCATED},
        {"TNW1\1\0\0\0\1x\1\2\0\0\1\0\0\0\1\0", 20, TSR_ERR_FORMAT},        /* 2^32 values */
        {"TNW1\1\0\0\0\1x\1\0\0\0\xc0\x7f", 16, TSR_ERR_FORMAT},            /* not a number */
        {"TNW1\1\0\0\0\1x\1\0\0\0\x80\x7f", 16, TSR_ERR_FORMAT},            /* infinite */
        {"TNW1\2\0\0\0\1x\1\0\0\0\0\0\1x\1\0\0\0\0\0", 24, TSR_ERR_FORMAT}, /* twice */
        {"TNW1\1\0\0\0\1x\1\0\0\0\0\0", 16, TSR_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_EQUAL(open_copy((const uint8_t *)cases[i].bytes, cases[i].size), cases[i].status);
}

static void test_declaring(void) {
    nn_store *s = tsr_nn_store_new(1);
    const uint32_t dim = 3, none = 0, huge[2] = {65536, 65536};
    size_t offset;
    char long_name[NN_MAX_NAME + 1];
    memset(long_name, 'x', NN_MAX_NAME);
    long_name[NN_MAX_NAME] = 0;
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "a", 1, &dim, 0, 1, 0, &offset, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "a", 1, &dim, 0, 1, 0, &offset, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "", 1, &dim, 0, 1, 0, &offset, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, long_name, 1, &dim, 0, 1, 0, &offset, NULL),
                    TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "b", 1, &none, 0, 1, 0, &offset, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_store_add(s, "b", 2, huge, 0, 1, 0, &offset, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_store_entries(s), 1);
    CU_ASSERT_EQUAL(tsr_nn_store_parameters(s), 3);
    CU_ASSERT_EQUAL(tsr_nn_store_size(s), 16);
    CU_ASSERT_PTR_NULL(tsr_nn_store_entry(s, 1));
    CU_ASSERT_PTR_NULL(tsr_nn_store_find(s, "b"));
    tsr_nn_store_free(s);
}

TSR_TEST_MAIN("weights", {"round trip", test_round_trip}, {"bytes", test_bytes},
              {"another network", test_other_network}, {"cuts and damage", test_cuts_and_damage},
              {"hostile sections", test_hostile}, {"declaring", test_declaring})
