/* test_lifting.c - the lifting kernels: every instruction set gives the bits of plain C.
 *
 *     test_lifting            runs the tests
 *     test_lifting --bench    times kernels (ns a sample) and whole transforms (ms)
 */
#include <math.h>
#include <time.h>

#include "lift_kernels.h"
#include "tsr_test.h"
#include "wavelet_test.h"

enum { LINE = 4096, ARRAYS = 13, SCRATCH = 12, MAX_TABLES = 3 };

/* Tables for one sample type that this machine can run; the first is plain C. */
typedef struct tables {
    const lift_kernels *k[MAX_TABLES];
    uint32_t n;
} tables;

static tables usable_tables(int integer) {
    static const uint32_t cpus[MAX_TABLES] = {0, TSR_CPU_AVX2, TSR_CPU_AVX512};
    tables t = {{0}, 0};
    for (uint32_t i = 0; i < MAX_TABLES; i++)
        if ((tsr_cpu_detect() & cpus[i]) == cpus[i]) t.k[t.n++] = tsr_lift_select(cpus[i], integer);
    return t;
}

/* Arrays of LINE samples for one run of a kernel; what it leaves in SCRATCH does not count. */
typedef struct arrays {
    uint32_t *a[ARRAYS];
} arrays;

static arrays arrays_new(int integer, uint32_t seed) {
    arrays r;
    for (uint32_t i = 0; i < ARRAYS; i++) {
        r.a[i] = samples_alloc(LINE);
        for (uint32_t k = 0; k < LINE; k++) {
            uint32_t bits = random_bits(&seed);
            float f = (float)((int32_t)(bits & 0xffff) - 0x8000) / 128.0f;
            memcpy(&r.a[i][k], integer ? (void *)&bits : (void *)&f, sizeof bits);
        }
    }
    return r;
}

static void arrays_free(arrays *r) {
    for (uint32_t i = 0; i < ARRAYS; i++) free(r->a[i]);
}

static int arrays_equal(const arrays *x, const arrays *y) {
    for (uint32_t i = 0; i < SCRATCH; i++)
        if (memcmp(x->a[i], y->a[i], LINE * sizeof(uint32_t)) != 0) return 0;
    return 1;
}

/* ---------------------------------------------------------------- the calls under test */

typedef struct call {
    const lift_kernels *k;
    const lift_scheme *s;
    lift_scale scale;
    size_t n;
    uint32_t offset; /* samples into every array: alignment */
} call;

static void call_split(const call *c, arrays *r) {
    c->k->split(r->a[0] + c->offset, r->a[1] + c->offset, r->a[2] + c->offset, c->n, c->s, c->scale,
                r->a[SCRATCH]);
}

static void call_join(const call *c, arrays *r) {
    c->k->join(r->a[0] + c->offset, r->a[1] + c->offset, r->a[2] + c->offset, c->n, c->s, c->scale,
               r->a[SCRATCH]);
}

static void call_step(const call *c, arrays *r) {
    uint32_t o = c->offset;
    for (uint32_t j = 0; j < c->s->n_steps; j++) {
        c->k->step(r->a[j] + o, r->a[4] + o, r->a[5] + o, r->a[6] + o, c->n, &c->s->step[j]);
        c->k->step(r->a[7] + o, r->a[7] + o, r->a[5] + o, r->a[6] + o, c->n, &c->s->step[j]);
    }
}

static void call_edge(const call *c, arrays *r) {
    uint32_t o = c->offset;
    for (uint32_t j = 0; j < c->s->n_steps; j++) {
        c->k->edge(r->a[j] + o, r->a[4] + o, r->a[5] + o, c->n, &c->s->last[j]);
        c->k->edge(r->a[7] + o, r->a[7] + o, r->a[5] + o, c->n, &c->s->first[j]);
    }
}

/* Even steps write in place, odd ones elsewhere. */
static void call_chain(const call *c, arrays *r) {
    const void *src[LIFT_MAX_ROWS];
    void *dst[LIFT_MAX_STEPS];
    for (uint32_t i = 0; i < LIFT_MAX_ROWS; i++) src[i] = r->a[i] + c->offset;
    for (uint32_t j = 0; j < LIFT_MAX_STEPS; j++) dst[j] = r->a[j % 2 ? 6 + j : j + 1] + c->offset;
    c->k->chain(dst, src, c->n, c->s);
}

typedef void (*call_fn)(const call *c, arrays *r);

/* ---------------------------------------------------------------- tests */

/* Runs fn with two tables on equal data; 1 when all arrays end up equal. */
static int same_bits(call_fn fn, call c, const lift_kernels *other, int integer) {
    arrays x = arrays_new(integer, 7), y = arrays_new(integer, 7);
    fn(&c, &x);
    c.k = other;
    fn(&c, &y);
    int equal = arrays_equal(&x, &y);
    arrays_free(&x);
    arrays_free(&y);
    return equal;
}

/* All filters, both directions, lengths around every vector width, aligned and not. */
static void compare_tables(call_fn fn, int integer) {
    static const uint32_t lengths[] = {1,  2,  3,  7,  8,  9,   15,  16, 17,
                                       31, 33, 63, 64, 65, 127, 129, 771};
    tables t = usable_tables(integer);
    for (uint32_t i = 1; i < t.n; i++)
        for (uint32_t f = 0; f < WAVELET_FILTERS * 2; f++) {
            if (integer && !tsr_wavelet_filter_reversible(f / 2)) continue;
            lift_scheme s = tsr_wavelet_scheme(f / 2, integer, f % 2);
            uint32_t bad = 0;
            for (uint32_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
                lift_scale scale = l % 2 ? (lift_scale){0.75f, 1.0f} : (lift_scale){1.0f, 1.3f};
                bad +=
                    !same_bits(fn, (call){t.k[0], &s, scale, lengths[l], l % 3}, t.k[i], integer);
            }
            CU_ASSERT_EQUAL(bad, 0);
        }
    CU_ASSERT_STRING_EQUAL(t.k[0]->name, integer ? "int32 plain" : "float plain");
}

static void compare_both(call_fn fn) {
    compare_tables(fn, 0);
    compare_tables(fn, 1);
}

static void test_split(void) {
    compare_both(call_split);
}
static void test_join(void) {
    compare_both(call_join);
}
static void test_step(void) {
    compare_both(call_step);
}
static void test_edge(void) {
    compare_both(call_edge);
}
static void test_chain(void) {
    compare_both(call_chain);
}

/* chain() is its steps one after the other. */
static void check_chain(const lift_kernels *k, const lift_scheme *s, int integer) {
    enum { N = 100, MADE = LIFT_MAX_ROWS, STEP = MADE + LIFT_MAX_STEPS };
    arrays x = arrays_new(integer, 11);
    const void *src[LIFT_MAX_ROWS];
    void *dst[LIFT_MAX_STEPS];
    for (uint32_t i = 0; i < LIFT_MAX_ROWS; i++) src[i] = x.a[i];
    for (uint32_t j = 0; j < LIFT_MAX_STEPS; j++) dst[j] = x.a[MADE + j];
    k->chain(dst, src, N, s);
    const void *before = src[0];
    uint32_t *made = x.a[STEP], *next = x.a[STEP + 1];
    for (uint32_t j = 0; j < s->n_steps; j++) {
        k->step(made, src[j + 1], src[j + 2], before, N, &s->step[j]);
        CU_ASSERT_EQUAL(memcmp(made, dst[j], N * sizeof(uint32_t)), 0);
        before = made;
        made = next;
        next = (uint32_t *)before;
    }
    arrays_free(&x);
}

static void test_chain_is_steps(void) {
    for (int integer = 0; integer < 2; integer++) {
        tables t = usable_tables(integer);
        for (uint32_t f = 0; f < WAVELET_FILTERS; f++) {
            if (integer && !tsr_wavelet_filter_reversible(f)) continue;
            lift_scheme s = tsr_wavelet_scheme(f, integer, 0);
            for (uint32_t i = 0; i < t.n; i++) check_chain(t.k[i], &s, integer);
        }
    }
}

/* ---------------------------------------------------------------- timing */

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ns a sample, the best of some rounds; made: samples that one call makes, in lines of n. */
static double time_call(call_fn fn, const call *c, uint32_t made, int integer) {
    double best = INFINITY;
    for (uint32_t round = 0; round < 50; round++) {
        arrays r = arrays_new(integer, round + 1);
        double start = now_ns();
        for (uint32_t i = 0; i < 20; i++) fn(c, &r);
        double ns = (now_ns() - start) / (20.0 * made * (double)c->n);
        if (ns < best) best = ns;
        arrays_free(&r);
    }
    return best;
}

static void bench_kernels(int integer) {
    tables t = usable_tables(integer);
    uint32_t filter = integer ? WAVELET_CDF53 : WAVELET_CDF97;
    lift_scheme s = tsr_wavelet_scheme(filter, integer, 0);
    for (uint32_t i = 0; i < t.n; i++) {
        call c = {t.k[i], &s, {0.75f, 1.0f}, 768, 0};
        printf("%-13s %s, lines of 768: split %.3f  join %.3f  chain %.3f ns/sample\n",
               t.k[i]->name, tsr_wavelet_filter_names[filter],
               time_call(call_split, &c, 1, integer), time_call(call_join, &c, 1, integer),
               time_call(call_chain, &c, 2, integer));
    }
}

static void bench_transform(instance_shape shape, uint32_t cpu) {
    instance in;
    if (instance_open(&in, shape, 1, cpu) != TSR_OK) return;
    double forward = INFINITY, inverse = INFINITY;
    for (uint32_t round = 0; round < 50; round++) {
        double start = now_ns();
        if (instance_analysis(&in) != TSR_OK) break;
        double middle = now_ns();
        if (instance_synthesis(&in) != TSR_OK) break;
        forward = fmin(forward, middle - start);
        inverse = fmin(inverse, now_ns() - middle);
    }
    printf("%-13s %s, %u x %u x %u, %u levels: forward %.3f  inverse %.3f ms\n",
           tsr_lift_select(cpu, shape.lossless != 0)->name, tsr_wavelet_filter_names[shape.filter],
           shape.w, shape.h, shape.planes, in.state.levels, forward / 1e6, inverse / 1e6);
    instance_close(&in);
}

static int bench(void) {
    static const uint32_t cpus[MAX_TABLES] = {0, TSR_CPU_AVX2, TSR_CPU_AVX512};
    bench_kernels(0);
    bench_kernels(1);
    for (uint32_t i = 0; i < MAX_TABLES; i++) {
        if ((tsr_cpu_detect() & cpus[i]) != cpus[i]) continue;
        bench_transform((instance_shape){768, 512, 3, WAVELET_CDF97, 6, 0}, cpus[i]);
        bench_transform((instance_shape){768, 512, 3, WAVELET_CDF53, 6, 1}, cpus[i]);
    }
    return 0;
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"split", test_split}, {"join", test_join},
                           {"step", test_step},   {"edge", test_edge},
                           {"chain", test_chain}, {"chain is its steps", test_chain_is_steps},
                           CU_TEST_INFO_NULL};
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) return bench();
    return tsr_test_run("lifting", tests);
}
