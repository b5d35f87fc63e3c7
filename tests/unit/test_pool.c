/* test_pool.c - the thread pool: every index once, failures by index and not by time, nested runs.
 */
#include <stdatomic.h>
#include <string.h>

#include "pool.h"
#include "tsr_test.h"

enum { MAX = 5000 };
static const uint32_t thread_counts[] = {1, 2, 7};

typedef struct tally {
    _Atomic uint32_t seen[MAX];
    _Atomic uint32_t bad_worker;
    uint32_t threads;
    tsr_pool *pool;
    const uint8_t *fails; /* status of each index, negated; NULL: none */
} tally;

static tsr_status count(void *arg, uint32_t i, uint32_t worker) {
    tally *t = arg;
    t->seen[i]++;
    if (worker >= t->threads) t->bad_worker++;
    return t->fails ? -(tsr_status)t->fails[i] : TSR_OK;
}

static tsr_status run(tally *t, uint32_t n) {
    for (uint32_t i = 0; i < MAX; i++) t->seen[i] = 0;
    tsr_status s = tsr_pool_run(t->pool, n, count, t);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < MAX; i++) wrong += t->seen[i] != (i < n);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(t->bad_worker, 0);
    return s;
}

static void open_tally(tally *t, uint32_t threads) {
    memset(t, 0, sizeof *t);
    t->pool = tsr_pool_new(threads);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->pool);
    t->threads = threads;
    CU_ASSERT_EQUAL(tsr_pool_threads(t->pool), threads);
}

static tally t;

static void test_every_index_once(void) {
    static const uint32_t sizes[] = {0, 1, 2, 3, 6, 7, 8, 100, MAX};
    for (int k = 0; k < 3; k++) {
        open_tally(&t, thread_counts[k]);
        for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            CU_ASSERT_EQUAL(run(&t, sizes[i]), TSR_OK);
        for (int i = 0; i < 300; i++) CU_ASSERT_EQUAL(run(&t, 20), TSR_OK);
        tsr_pool_free(t.pool);
    }
}

static void test_first_failure(void) {
    static uint8_t fails[MAX];
    for (int k = 0; k < 3; k++) {
        open_tally(&t, thread_counts[k]);
        t.fails = fails;
        for (int round = 0; round < 50; round++) {
            memset(fails, 0, sizeof fails);
            fails[999] = 4;
            CU_ASSERT_EQUAL(run(&t, 1000), TSR_ERR_IO);
            fails[3] = 5;
            fails[4] = 6;
            CU_ASSERT_EQUAL(run(&t, 1000), TSR_ERR_FORMAT);
            fails[0] = 2;
            CU_ASSERT_EQUAL(run(&t, 1000), TSR_ERR_MEMORY);
            memset(fails, 0, 1000);
            CU_ASSERT_EQUAL(run(&t, 1000), TSR_OK); /* nothing is left of earlier failures */
        }
        tsr_pool_free(t.pool);
    }
}

typedef struct nest {
    tsr_pool *pool;
    _Atomic uint32_t inner;
} nest;

static tsr_status inner(void *arg, uint32_t i, uint32_t worker) {
    ((nest *)arg)->inner++;
    return i == 5 ? TSR_ERR_MODEL : TSR_OK;
}

static tsr_status outer(void *arg, uint32_t i, uint32_t worker) {
    tsr_status s = tsr_pool_run(((nest *)arg)->pool, 10, inner, arg);
    return s == TSR_ERR_MODEL ? TSR_OK : TSR_ERR_INTERNAL;
}

static void test_nested(void) {
    for (int k = 0; k < 3; k++) {
        nest n = {.pool = tsr_pool_new(thread_counts[k])};
        CU_ASSERT_PTR_NOT_NULL_FATAL(n.pool);
        CU_ASSERT_EQUAL(tsr_pool_run(n.pool, 50, outer, &n), TSR_OK);
        CU_ASSERT_EQUAL(n.inner, 500);
        tsr_pool_free(n.pool);
    }
}

static void test_unused(void) {
    tsr_pool *p = tsr_pool_new(4);
    CU_ASSERT_PTR_NOT_NULL(p);
    tsr_pool_free(p);
    tsr_pool_free(NULL);
    p = tsr_pool_new(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL(tsr_pool_threads(p), 1);
    tsr_pool_free(p);
    CU_ASSERT(tsr_cpu_count() >= 1);
}

TSR_TEST_MAIN("pool", {"every index once", test_every_index_once},
              {"first failure by index", test_first_failure}, {"nested runs", test_nested},
              {"unused pools", test_unused})
