/* test_trellis.c - the machines of dependent quantization. */
#include <string.h>

#include "trellis_zeros.h"
#include "tsr_test.h"

/* ITU-T H.266, table of the state transitions in 8.7.3. */
static void test_vvc(void) {
    static const uint8_t vvc[4][2] = {{0, 2}, {2, 0}, {1, 3}, {3, 1}};
    tsr_trellis t;
    tsr_trellis_init(&t, 4);
    for (uint32_t s = 0; s < 4; s++) {
        CU_ASSERT_EQUAL(t.next[s][0], vvc[s][0]);
        CU_ASSERT_EQUAL(t.next[s][1], vvc[s][1]);
        CU_ASSERT_EQUAL(tsr_trellis_q1(&t, s), s >= 2);
    }
}

/* Every state is entered twice, from different parities' points of view, and every state can be
 * reached. */
static void check_machine(uint32_t states) {
    tsr_trellis t;
    uint32_t entered[TSR_TRELLIS_MAX] = {0}, reached[TSR_TRELLIS_MAX] = {1};
    tsr_trellis_init(&t, states);
    for (uint32_t s = 0; s < states; s++) {
        CU_ASSERT_FATAL(t.next[s][0] < states && t.next[s][1] < states);
        CU_ASSERT_NOT_EQUAL(t.next[s][0], t.next[s][1]);
        entered[t.next[s][0]]++;
        entered[t.next[s][1]]++;
    }
    for (uint32_t k = 0; k < states; k++)
        for (uint32_t s = 0; s < states; s++)
            if (reached[s]) reached[t.next[s][0]] = reached[t.next[s][1]] = 1;
    for (uint32_t s = 0; s < states; s++) CU_ASSERT(entered[s] == 2 && reached[s]);
}

static void test_machines(void) {
    for (uint32_t states = 4; states <= TSR_TRELLIS_MAX; states *= 2) check_machine(states);
}

static void test_skip(void) {
    for (uint32_t states = 4; states <= TSR_TRELLIS_MAX; states *= 2) {
        tsr_trellis t;
        tsr_trellis_init(&t, states);
        for (uint32_t s = 0; s < states; s++) {
            uint32_t e = s;
            for (uint32_t n = 0; n < 100; n++, e = t.next[e][0])
                CU_ASSERT_EQUAL(tsr_trellis_skip(&t, s, n), e);
        }
    }
}

static void check_zeros(const tsr_trellis_zeros *z, const tsr_trellis *t, uint32_t s, size_t n) {
    uint32_t e = s, q1 = 0, after = s;
    float q1_by_steps = 0;
    for (size_t i = 0; i < n; i++, e = t->next[e][0]) q1 += tsr_trellis_q1(t, e);
    CU_ASSERT_EQUAL(tsr_zeros_before(z, n, e), s);
    while (n) {
        uint32_t p = tsr_zeros_step(&n);
        q1_by_steps += z->q1[p][after];
        after = z->after[p][after];
    }
    CU_ASSERT_EQUAL(after, e);
    CU_ASSERT_EQUAL(q1_by_steps, (float)q1);
}

static void test_zeros(void) {
    static tsr_trellis_zeros z;
    static const size_t n[] = {0, 1, 2, 15, 16, 383, 4096, 65535, 65536, 200001};
    for (uint32_t states = 4; states <= TSR_TRELLIS_MAX; states *= 8) {
        tsr_trellis t;
        tsr_trellis_init(&t, states);
        tsr_trellis_zeros_init(&z, &t);
        for (uint32_t s = 0; s < states; s += 3)
            for (unsigned i = 0; i < sizeof n / sizeof n[0]; i++) check_zeros(&z, &t, s, n[i]);
    }
}

/* Zero levels up to one that is not, in whole sixteens. */
static void test_zero_run(void) {
    int32_t level[100];
    for (size_t n = 0; n <= 100; n++)
        for (size_t at = 0; at <= n; at++) {
            memset(level, 0, sizeof level);
            if (at < n) level[at] = at % 2 ? INT32_MIN : 1;
            CU_ASSERT_EQUAL(tsr_zero_run(level, n), at & ~(size_t)15);
        }
}

static void test_independent(void) {
    tsr_trellis t;
    tsr_trellis_init(&t, 0);
    CU_ASSERT_EQUAL(t.next[0][0], 0);
    CU_ASSERT_EQUAL(t.next[0][1], 0);
    CU_ASSERT_EQUAL(tsr_trellis_q1(&t, 0), 0);
    CU_ASSERT_EQUAL(tsr_trellis_skip(&t, 0, 1000), 0);
}

/* Q0: even multiples of the half step; Q1: odd ones and zero. */
static void test_grid(void) {
    for (int32_t k = -20; k <= 20; k++) {
        CU_ASSERT_EQUAL(tsr_trellis_index(k, 0), 2 * k);
        CU_ASSERT_EQUAL(tsr_trellis_index(k, 1), k > 0 ? 2 * k - 1 : k < 0 ? 2 * k + 1 : 0);
    }
}

TSR_TEST_MAIN("trellis", {"4 states are those of VVC", test_vvc}, {"all machines", test_machines},
              {"zeros are skipped", test_skip}, {"runs of zeros", test_zeros},
              {"where they end", test_zero_run}, {"no machine", test_independent},
              {"grid", test_grid})
