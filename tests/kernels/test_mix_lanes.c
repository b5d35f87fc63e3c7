/* test_mix_lanes.c - vectors of the `mix` coder against plain arithmetic: built for each
 * instruction set, and skipped where the machine has not got it. */
#include "mix_lanes.h"

#include "machine_isa.h"
#include "test_picture.h"
#include "tsr_test.h"

enum { ROUNDS = 2000, TABLE = 512, SKIPPED = 77 };

/* n counters in a table, at different places. */
typedef struct scene {
    tsr_counter table[TABLE];
    uint32_t at[TSR_MIX_INPUTS];
    int32_t w[2][TSR_MIX_INPUTS];
} scene;

static void fill(scene *s, uint64_t *r) {
    for (int i = 0; i < TABLE; i++)
        s->table[i] = (uint32_t)(test_random(r) >> 42) << 10 | test_random_below(r, 256);
    for (uint32_t i = 0; i < TSR_MIX_INPUTS; i++) {
        s->at[i] = i * 32 + test_random_below(r, 32);
        for (int k = 0; k < 2; k++) s->w[k][i] = (int32_t)test_random_below(r, 0xfffff) - 0x7ffff;
    }
}

static int32_t input(const tsr_logistic *t, const scene *s, unsigned n, unsigned i) {
    return i < n ? t->stretch[s->table[s->at[i]] >> 20] : i == n ? 256 : 0;
}

static int32_t clipped(int32_t v) {
    return v > 0x7ffff ? 0x7ffff : v < -0x7ffff ? -0x7ffff : v;
}

static void check_decision(const tsr_logistic *t, scene *s, unsigned n, int32_t err, int bit) {
    scene want = *s;
    counter_set c = {s->table, s->at, n};
    mix_lanes old, x;
    int32_t out[2], sum[2] = {0};
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++)
        for (int k = 0; k < 2; k++) {
            int32_t in = input(t, s, n, i);
            sum[k] += (in * s->w[k][i]) >> 10;
            want.w[k][i] = clipped(s->w[k][i] + ((in * ((err * 22) >> 4) + 0x8000) >> 16));
        }
    for (unsigned i = 0; i < n; i++)
        tsr_counter_update(&want.table[want.at[i]], bit, TSR_PROB_LIMIT, tsr_prob_rate);
    lanes_read(c, t->stretch, &old, &x);
    lanes_mix(x, s->w[0], s->w[1], out);
    for (int k = 0; k < 2; k++) {
        CU_ASSERT_EQUAL(out[k], sum[k] >> 6);
        lanes_train(x, s->w[k], err, 22);
    }
    lanes_update(c, old, bit);
    CU_ASSERT_EQUAL(memcmp(s, &want, sizeof want), 0);
}

/* Inputs, outputs, weights and counters of decisions with twelve and with fifteen counters. */
static void test_decisions(void) {
    static tsr_logistic t;
    static scene s;
    uint64_t r = 1;
    tsr_logistic_init(&t);
    for (int round = 0; round < ROUNDS; round++) {
        fill(&s, &r);
        int bit = round & 1;
        int32_t err = (bit ? 65535 : 0) - (int32_t)test_random_below(&r, 65536);
        check_decision(&t, &s, round & 2 ? 12 : 15, err, bit);
    }
}

/* The division that stands for the table of rates, for every count. */
static void test_rates(void) {
    for (int32_t n = 0; n <= TSR_PROB_LIMIT; n++) {
        wide rate = wide_rate((wide){0} + n);
        CU_ASSERT_EQUAL(rate[0], tsr_prob_rate[n]);
        CU_ASSERT_EQUAL(rate[WIDE_LANES - 1], tsr_prob_rate[n]);
    }
}

static void test_places(void) {
    static const int32_t start[TSR_MIX_INPUTS] = {5, 70000, 9, 1 << 20};
    mix_ids ids;
    uint32_t at[TSR_MIX_INPUTS];
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) ids[i] = (uint16_t)(65535 - 4000 * i);
    lanes_places(ids, 8, start, at);
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++)
        CU_ASSERT_EQUAL(at[i], (uint32_t)(start[i] + 8 * (65535 - 4000 * (int32_t)i)));
}

int main(void) {
    CU_TestInfo tests[] = {{"decisions", test_decisions},
                           {"rates", test_rates},
                           {"places", test_places},
                           CU_TEST_INFO_NULL};
    return MACHINE_HAS_IT() ? tsr_test_run("mix lanes", tests) : SKIPPED;
}
