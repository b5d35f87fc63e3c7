/* test_range_coder.c - the range coder: what goes in comes out, carries travel through long runs of
 * 0xFF, trailing zeros are dropped and read as if they were there, the length is that of the
 * entropy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "range_coder.h"
#include "test_picture.h"
#include "tsr_test.h"

enum { MAX_BITS = 20000 };

typedef struct decisions {
    size_t n;
    uint8_t bit[MAX_BITS];
    uint32_t p[MAX_BITS];
} decisions;

static decisions list; /* too large for the stack */

static void encode(const decisions *l, tsr_buffer *out) {
    tsr_rc rc;
    tsr_rc_encode_start(&rc, out);
    for (size_t i = 0; i < l->n; i++) tsr_rc_code(&rc, l->bit[i], l->p[i], 0);
    tsr_rc_encode_end(&rc);
    CU_ASSERT_FALSE(out->failed);
}

/* Number of decisions that come back, by both decoders of a decision in turn. */
static size_t decode_matches(const decisions *l, const uint8_t *data, size_t size) {
    tsr_rc rc;
    size_t good = 0;
    tsr_rc_decode_start(&rc, data, size);
    for (size_t i = 0; i < l->n; i++) {
        int bit = i % 3 ? tsr_rc_code(&rc, 0, l->p[i], 1) : tsr_rc_code_random(&rc, 0, l->p[i], 1);
        good += bit == l->bit[i];
    }
    return good;
}

/* Decodes from a copy of its own size, so that a sanitizer sees a read past the end. */
static void check_round_trip(const decisions *l) {
    tsr_buffer b = {0};
    encode(l, &b);
    uint8_t *copy = malloc(b.size + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    uint8_t *exact = realloc(copy, b.size ? b.size : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
    if (b.size) memcpy(exact, b.data, b.size);
    CU_ASSERT_EQUAL(decode_matches(l, exact, b.size), l->n);
    free(exact);
    tsr_buffer_free(&b);
}

/* kind 0: any probability; 1: near one half; 2: extremes; bits follow their probability or are
 * fair. */
static void random_decisions(decisions *l, uint64_t *r, size_t n, unsigned kind) {
    static const uint32_t extreme[] = {1, 2, 24, 65512, 65534, 65535};
    int fair = (int)test_random_below(r, 2);
    l->n = n;
    for (size_t i = 0; i < n; i++) {
        uint32_t p = kind == 0   ? 1 + test_random_below(r, 65535)
                     : kind == 1 ? 32000 + test_random_below(r, 1536)
                                 : extreme[test_random_below(r, 6)];
        l->p[i] = p;
        l->bit[i] = (uint8_t)(fair ? test_random_below(r, 2) : test_random_below(r, 65536) < p);
    }
}

static void test_random_streams(void) {
    uint64_t r = 1;
    for (unsigned run = 0; run < 600; run++) {
        size_t n = run < 100 ? run : test_random_below(&r, 4000);
        random_decisions(&list, &r, n, run % 3);
        check_round_trip(&list);
    }
}

/* Any probability, a run of one value: low climbs to the top of its range or stays at the bottom.
 */
static void test_constant_streams(void) {
    static const uint32_t p[] = {1, 255, 32767, 32768, 65280, 65535};
    for (unsigned i = 0; i < 6; i++)
        for (unsigned bit = 0; bit < 2; bit++) {
            list.n = 3000;
            for (size_t k = 0; k < list.n; k++) list.bit[k] = (uint8_t)bit, list.p[k] = p[i];
            check_round_trip(&list);
        }
}

/* The decisions that lead to a given number: decoding it gives them. */
static void decisions_of_number(decisions *l, const uint8_t *number, size_t size, size_t n,
                                uint64_t *r) {
    tsr_rc rc;
    tsr_rc_decode_start(&rc, number, size);
    l->n = n;
    for (size_t i = 0; i < n; i++) {
        l->p[i] = 16384 + test_random_below(r, 32768);
        l->bit[i] = (uint8_t)tsr_rc_decode(&rc, l->p[i]);
    }
}

/* Most bytes ever held back while coding l. */
static uint64_t longest_pending(const decisions *l) {
    tsr_buffer b = {0};
    tsr_rc rc;
    uint64_t longest = 0;
    tsr_rc_encode_start(&rc, &b);
    for (size_t i = 0; i < l->n; i++) {
        tsr_rc_encode(&rc, l->bit[i], l->p[i]);
        if (rc.pending > longest) longest = rc.pending;
    }
    tsr_buffer_free(&b);
    return longest;
}

/* Numbers just below and just above a boundary: `run` bytes wait, then a carry comes or does not.
 */
static void check_carry(unsigned run, int above, uint64_t *r) {
    uint8_t number[64];
    size_t at = 3, end = at + 1 + run;
    for (size_t i = 0; i < sizeof number; i++) number[i] = (uint8_t)(test_random(r) | 1);
    number[at] = above ? 0x80 : 0x7f;
    memset(number + at + 1, above ? 0x00 : 0xff, run);
    decisions_of_number(&list, number, sizeof number, 300, r);
    CU_ASSERT(longest_pending(&list) + 1 >= run); /* the interval may leave a byte early */
    tsr_buffer b = {0};
    encode(&list, &b);
    /* 300 decisions pin down some 290 bits: the first 28 bytes are those of the number */
    CU_ASSERT_FATAL(b.size >= 28 && end < 28);
    CU_ASSERT_EQUAL(memcmp(b.data, number, 28), 0);
    CU_ASSERT_EQUAL(decode_matches(&list, b.data, b.size), list.n);
    tsr_buffer_free(&b);
}

static void test_carries(void) {
    uint64_t r = 7;
    for (unsigned run = 1; run <= 20; run++)
        for (unsigned k = 0; k < 20; k++) {
            check_carry(run, 0, &r);
            check_carry(run, 1, &r);
        }
}

static void test_empty(void) {
    tsr_buffer b = {0};
    list.n = 0;
    encode(&list, &b);
    CU_ASSERT_EQUAL(b.size, 0);
    tsr_rc rc;
    tsr_rc_decode_start(&rc, NULL, 0);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(tsr_rc_decode(&rc, 32768), 1); /* zeros are below */
    list.n = 1000;
    for (size_t i = 0; i < list.n; i++) list.bit[i] = 1, list.p[i] = 32768;
    encode(&list, &b);
    CU_ASSERT_EQUAL(b.size, 0); /* the number zero */
    tsr_buffer_free(&b);
}

/* No stream ends in a zero byte, and what was in the buffer before stays. */
static void test_trailing_zeros(void) {
    uint64_t r = 3;
    for (unsigned run = 0; run < 2000; run++) {
        tsr_buffer b = {0};
        tsr_put_u32(&b, 0);
        random_decisions(&list, &r, test_random_below(&r, 60), 1);
        encode(&list, &b);
        CU_ASSERT(b.size >= 4);
        CU_ASSERT(b.size == 4 || b.data[b.size - 1] != 0);
        CU_ASSERT_EQUAL(decode_matches(&list, b.data + 4, b.size - 4), list.n);
        tsr_buffer_free(&b);
    }
}

/* A cut stream decodes as the stream with zeros in place of what is missing. */
static void test_past_the_end(void) {
    uint64_t r = 5;
    tsr_buffer b = {0};
    random_decisions(&list, &r, 2000, 0);
    encode(&list, &b);
    uint8_t *padded = calloc(1, b.size + 64);
    CU_ASSERT_PTR_NOT_NULL_FATAL(padded);
    for (size_t n = 0; n <= b.size; n += 1 + n / 16) {
        tsr_rc cut, zeros;
        memset(padded, 0, b.size + 64);
        memcpy(padded, b.data, n);
        tsr_rc_decode_start(&cut, b.data, n);
        tsr_rc_decode_start(&zeros, padded, b.size + 64);
        for (size_t i = 0; i < list.n; i++)
            CU_ASSERT_EQUAL(tsr_rc_decode(&cut, list.p[i]), tsr_rc_decode(&zeros, list.p[i]));
    }
    free(padded);
    tsr_buffer_free(&b);
}

/* Within two bytes and a ten-thousandth of the ideal code length. */
static void test_length(void) {
    uint64_t r = 9;
    for (unsigned run = 0; run < 30; run++) {
        tsr_buffer b = {0};
        double ideal = 0;
        random_decisions(&list, &r, MAX_BITS, 0);
        for (size_t i = 0; i < list.n; i++) {
            double p = list.p[i] / 65536.0;
            ideal -= log2(list.bit[i] ? p : 1 - p);
        }
        encode(&list, &b);
        CU_ASSERT((double)b.size <= ideal / 8 * 1.0001 + 2);
        tsr_buffer_free(&b);
    }
}

TSR_TEST_MAIN("range coder", {"random streams", test_random_streams},
              {"constant streams", test_constant_streams}, {"carries", test_carries},
              {"empty streams", test_empty}, {"trailing zeros are dropped", test_trailing_zeros},
              {"zeros past the end", test_past_the_end}, {"length is the entropy", test_length})
