/* test_viterbi.c - the inner loop of the trellis search: every instruction set finds the costs of
 * plain C to the bit, and small rows the cheapest path that exhaustive search finds.
 *
 *     test_viterbi            runs the tests
 *     test_viterbi --bench    times the kernels (ns a state and coefficient)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec_test.h"
#include "tsr_test.h"
#include "viterbi.h"

enum { ROW = 1000, KERNELS = 3, SHORT = 7 };

typedef struct kernel {
    const char *name;
    tsr_viterbi_row_fn row;
} kernel;

static uint32_t usable_kernels(kernel k[KERNELS]) {
    uint32_t n = 0;
    k[n++] = (kernel){"plain", tsr_viterbi_row_plain};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) k[n++] = (kernel){"avx2", tsr_viterbi_row_avx2};
    if (__builtin_cpu_supports("avx512bw")) k[n++] = (kernel){"avx512", tsr_viterbi_row_avx512};
#endif
    return n;
}

/* A row of coefficients with quiet and busy stretches. */
typedef struct row {
    float a[ROW];
    uint32_t base[ROW];
} row;

/* still: the quietest stretches have the lowest energies, too. */
static void fill_row(row *r, int still, uint64_t seed) {
    for (uint32_t x = 0; x < ROW; x++) {
        double u = (double)(test_random(&seed) >> 11) / 9007199254740992.0;
        double scale = (x / 50) % 4 == 0 ? 0.2 : (x / 50) % 4 == 3 ? 40 : 2;
        r->a[x] = (float)(-log(1 - u) * scale);
        r->base[x] = still && scale < 1
                         ? x % 8
                         : (uint32_t)(scale * 100) + (uint32_t)(test_random(&seed) >> 58);
    }
}

static tsr_rate_model rates;
static tsr_trellis trellis;
static tsr_trellis_zeros zeros;
static uint8_t from_a[ROW * TSR_TRELLIS_MAX], from_b[ROW * TSR_TRELLIS_MAX];
static uint32_t column_a[ROW], column_b[ROW];

static void set_up(uint32_t states) {
    tsr_trellis_init(&trellis, states);
    tsr_trellis_zeros_init(&zeros, &trellis);
}

static void begin(tsr_viterbi *v) {
    memset(v, 0, sizeof *v);
    for (uint32_t e = 0; e < TSR_TRELLIS_MAX; e++) v->cost[e] = e ? TSR_VITERBI_FAR : 0;
    v->trellis = &trellis;
    v->zeros = &zeros;
    v->bits = (const float(*)[2][TSR_RATE_LEVELS])rates.bits[3];
    v->lambda = 0.2f;
    v->w_weight = 70;
    v->ww_weight = 20;
}

static void test_equal(void) {
    static row r;
    kernel k[KERNELS];
    uint32_t n = usable_kernels(k);
    tsr_rate_model_init(&rates);
    fill_row(&r, 1, 7);
    for (uint32_t states = 4; states <= TSR_TRELLIS_MAX; states *= 2) {
        tsr_viterbi a, b;
        set_up(states);
        begin(&a);
        uint32_t live = k[0].row(&a, r.a, r.base, ROW, column_a, from_a);
        CU_ASSERT(live > ROW / 2 && live < ROW);
        for (uint32_t i = 1; i < n; i++) {
            begin(&b);
            CU_ASSERT_EQUAL_FATAL(k[i].row(&b, r.a, r.base, ROW, column_b, from_b), live);
            CU_ASSERT_EQUAL(a.still, b.still);
            CU_ASSERT_EQUAL(memcmp(a.cost, b.cost, states * sizeof *a.cost), 0);
            CU_ASSERT_EQUAL(memcmp(column_a, column_b, live * sizeof *column_a), 0);
            CU_ASSERT_EQUAL(memcmp(from_a, from_b, (size_t)live * states), 0);
        }
    }
}

/* Where nothing stirs, paths differ by what zeros cost under Q1 and under Q0. */
static void check_still(const row *r, uint32_t states) {
    tsr_viterbi v;
    double cost[TSR_TRELLIS_MAX], next[TSR_TRELLIS_MAX];
    set_up(states);
    begin(&v);
    for (uint32_t e = 0; e < states; e++) cost[e] = v.cost[e] = (float)(e * e % 37);
    for (uint32_t x = 0; x < ROW; x++) {
        for (uint32_t e = 0; e < states; e++) {
            double bits =
                (double)v.bits[0][tsr_trellis_q1(&trellis, e)][0] - (double)v.bits[0][0][0];
            next[trellis.next[e][0]] = cost[e] + (double)v.lambda * bits;
        }
        memcpy(cost, next, sizeof cost);
    }
    CU_ASSERT_EQUAL(tsr_viterbi_row_plain(&v, r->a, r->base, ROW, column_a, from_a), 0);
    CU_ASSERT_EQUAL(v.still, ROW);
    tsr_viterbi_catch_up(&v);
    CU_ASSERT_EQUAL(v.still, 0);
    for (uint32_t e = 0; e < states; e++) CU_ASSERT_DOUBLE_EQUAL((double)v.cost[e], cost[e], 1e-4);
}

static void test_still(void) {
    static row r;
    tsr_rate_model_init(&rates);
    for (uint32_t x = 0; x < ROW; x++) {
        r.a[x] = (float)(x % 6) / 10;
        r.base[x] = x % 8;
    }
    for (uint32_t states = 4; states <= TSR_TRELLIS_MAX; states *= 2) check_still(&r, states);
}

/* Cost of the levels that `choice` (base 3 digits: zero, floor, ceil) stands for. */
static double path_cost(const tsr_viterbi *v, const row *r, uint32_t n, uint32_t choice) {
    uint32_t state = 0, left = 0, second = 0;
    double cost = 0;
    for (uint32_t x = 0; x < n; x++, choice /= 3) {
        uint32_t q1 = tsr_trellis_q1(v->trellis, state), digit = choice % 3;
        uint32_t code = digit ? TSR_CODE_Q0_FLOOR + 2 * q1 + digit - 1 : TSR_CODE_ZERO;
        uint32_t k = tsr_code_level(r->a[x], code), mag = tsr_code_magnitude(r->a[x], code);
        if (k && r->a[x] < 0.6f) return HUGE_VAL;
        uint32_t bucket =
            tsr_energy_bucket(r->base[x] + v->ww_weight * second + v->w_weight * left);
        double d = (double)r->a[x] - mag;
        cost += d * d + (double)v->lambda * (double)tsr_rate_bits(v->bits[bucket][q1], bucket, k);
        left = mag;
        second = x ? tsr_dead_zone_magnitude(r->a[x - 1]) : 0;
        state = v->trellis->next[state][k & 1];
    }
    return cost;
}

static void test_cheapest(void) {
    static row r;
    uint32_t paths = 1;
    for (uint32_t i = 0; i < SHORT; i++) paths *= 3;
    tsr_rate_model_init(&rates);
    for (uint64_t seed = 1; seed < 20; seed++)
        for (uint32_t states = 4; states <= 64; states *= 4) {
            tsr_viterbi v;
            set_up(states);
            begin(&v);
            fill_row(&r, 0, seed);
            memmove(r.a, r.a + 40 * seed, SHORT * sizeof *r.a);
            memmove(r.base, r.base + 40 * seed, SHORT * sizeof *r.base);
            double best = HUGE_VAL, found = HUGE_VAL;
            for (uint32_t p = 0; p < paths; p++) best = fmin(best, path_cost(&v, &r, SHORT, p));
            tsr_viterbi_row_plain(&v, r.a, r.base, SHORT, column_a, from_a);
            for (uint32_t e = 0; e < states; e++) found = fmin(found, (double)v.cost[e]);
            /* one path a state is kept, so what a level does to later contexts may be overlooked */
            CU_ASSERT(found >= best * (1 - 1e-4) && found <= best * 1.05);
        }
}

static void bench(void) {
    static row r;
    kernel k[KERNELS];
    uint32_t n = usable_kernels(k);
    tsr_rate_model_init(&rates);
    fill_row(&r, 0, 7);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t states = 8; states <= TSR_TRELLIS_MAX; states *= 2) {
            tsr_viterbi v;
            set_up(states);
            clock_t start = clock();
            for (int rep = 0; rep < 200; rep++) {
                begin(&v);
                k[i].row(&v, r.a, r.base, ROW, column_a, from_a);
            }
            printf("%-8s %3u states %8.3f ns a state and coefficient\n", k[i].name, states,
                   (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / 200 / ROW / states);
        }
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"instruction sets agree", test_equal},
                           {"where nothing stirs", test_still},
                           {"cheapest path of a short row", test_cheapest},
                           CU_TEST_INFO_NULL};
    if (argc > 1 && !strcmp(argv[1], "--bench")) return bench(), 0;
    return tsr_test_run("viterbi", tests);
}
