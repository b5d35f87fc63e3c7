/* test_trellis.c - the machines of dependent quantization. */
#include "trellis.h"
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
              {"zeros are skipped", test_skip}, {"no machine", test_independent},
              {"grid", test_grid})
