/* test_arena.c - arenas: alignment, disjoint memory, marks, one budget for several, texts of
 * refusals. */
#include <string.h>

#include "arena.h"
#include "codec_test.h"
#include "test_picture.h"
#include "tsr_test.h"

static void test_alignment(void) {
    tsr_budget budget = {.limit = (uint64_t)1 << 30};
    tsr_arena a;
    tsr_arena_init(&a, &budget);
    for (size_t n = 0; n < 3000; n += 7) {
        uint8_t *p = tsr_arena_alloc(&a, n, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % TSR_ALIGN, 0);
        memset(p, 0xa5, n);
    }
    uint8_t *big = tsr_arena_alloc(&a, 5 << 20, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    CU_ASSERT_EQUAL((uintptr_t)big % TSR_ALIGN, 0);
    memset(big, 0x5a, 5 << 20);
    tsr_arena_free(&a);
    CU_ASSERT_EQUAL(budget.used, 0);
}

/* Blocks of random sizes keep what was written into them. */
static void test_disjoint(void) {
    enum { N = 400 };
    static uint8_t *block[N];
    static size_t size[N];
    uint64_t r = 2;
    tsr_budget budget = {.limit = (uint64_t)1 << 30};
    tsr_arena a;
    tsr_arena_init(&a, &budget);
    for (int i = 0; i < N; i++) {
        size[i] = test_random_below(&r, i % 50 ? 5000 : 3000000);
        block[i] = tsr_arena_alloc(&a, size[i], NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block[i]);
        memset(block[i], i, size[i]);
    }
    size_t wrong = 0;
    for (int i = 0; i < N; i++)
        for (size_t k = 0; k < size[i]; k++) wrong += block[i][k] != (uint8_t)i;
    CU_ASSERT_EQUAL(wrong, 0);
    tsr_arena_free(&a);
}

static void test_array(void) {
    tsr_budget budget = {.limit = (uint64_t)1 << 30};
    tsr_diag d;
    tsr_arena a;
    tsr_diag_init(&d);
    tsr_arena_init(&a, &budget);
    uint8_t *p = tsr_arena_array(&a, 1000, 100, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    memset(p, 1, 100000);
    CU_ASSERT(tsr_arena_alloc(&a, 1, NULL) >= (void *)(p + 100000));
    CU_ASSERT_PTR_NULL(tsr_arena_array(&a, SIZE_MAX / 2, 3, &d));
    CU_ASSERT_EQUAL(d.status, TSR_ERR_LIMIT);
    tsr_arena_free(&a);
}

/* Memory of a job is zero, that which threads clear as well, where it has been used before. */
static void test_cleared(void) {
    enum { BYTES = (9 << 20) + 12345 };
    codec_test_job t;
    codec_test_job_open(&t, 3, UINT32_MAX);
    memset(tsr_arena_alloc(&t.job.state, 20 << 20, NULL), 0xff, 20 << 20);
    tsr_arena_rewind(&t.job.state, (tsr_arena_mark){t.job.state.top, 0});
    for (size_t n = 1; n <= BYTES; n += BYTES - 1) {
        uint8_t *p = tsr_job_alloc(&t.job, n, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        size_t set = 0;
        for (size_t i = 0; i < n; i++) set += p[i] != 0;
        CU_ASSERT_EQUAL(set, 0);
    }
    CU_ASSERT_PTR_NULL(tsr_job_alloc(&t.job, SIZE_MAX / 2, 3));
    codec_test_job_close(&t);
}

static void test_rewind(void) {
    tsr_budget budget = {.limit = (uint64_t)1 << 30};
    tsr_arena a;
    tsr_arena_init(&a, &budget);
    tsr_arena_mark empty = tsr_arena_save(&a);
    uint8_t *first = tsr_arena_alloc(&a, 1000, NULL);
    tsr_arena_mark m = tsr_arena_save(&a);
    uint64_t used = budget.used;
    uint8_t *second = tsr_arena_alloc(&a, 1000, NULL);
    for (int i = 0; i < 20; i++) CU_ASSERT_PTR_NOT_NULL(tsr_arena_alloc(&a, 1 << 20, NULL));
    CU_ASSERT(budget.used > used);
    tsr_arena_rewind(&a, m);
    CU_ASSERT_EQUAL(budget.used, used);
    CU_ASSERT_PTR_EQUAL(tsr_arena_alloc(&a, 1000, NULL), second); /* the same place again */
    CU_ASSERT_PTR_NOT_EQUAL(first, second);
    CU_ASSERT(budget.peak >= 20u << 20);
    tsr_arena_rewind(&a, empty);
    CU_ASSERT_EQUAL(budget.used, 0);
    tsr_arena_free(&a);
}

static void test_reserve(void) {
    tsr_budget budget = {.limit = (uint64_t)16 << 20};
    tsr_diag d;
    tsr_arena a;
    tsr_diag_init(&d);
    tsr_arena_init(&a, &budget);
    CU_ASSERT_PTR_NOT_NULL(tsr_arena_alloc(&a, 1000, &d));
    CU_ASSERT(tsr_arena_reserve(&a, 10 * 500032, &d)); /* each a multiple of TSR_ALIGN */
    uint64_t used = budget.used;
    uint8_t *first = tsr_arena_alloc(&a, 500000, &d);
    for (size_t i = 1; i < 10; i++)
        CU_ASSERT_PTR_EQUAL(tsr_arena_alloc(&a, 500000, &d), first + i * 500032);
    CU_ASSERT_EQUAL(budget.used, used);
    CU_ASSERT(!tsr_arena_reserve(&a, 16 << 20, &d));
    CU_ASSERT_EQUAL(d.status, TSR_ERR_LIMIT);
    tsr_arena_free(&a);
    CU_ASSERT_EQUAL(budget.used, 0);
}

static void test_shared_budget(void) {
    tsr_budget budget = {.limit = 10u << 20};
    tsr_diag d;
    tsr_arena a, b;
    tsr_diag_init(&d);
    tsr_arena_init(&a, &budget);
    tsr_arena_init(&b, &budget);
    CU_ASSERT_PTR_NOT_NULL(tsr_arena_alloc(&a, 6u << 20, &d));
    CU_ASSERT_PTR_NULL(tsr_arena_alloc(&b, 5u << 20, &d));
    CU_ASSERT_EQUAL(d.status, TSR_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(
        d.text, "memory limit of 10485760 bytes exceeded (6291456 in use, 5242880 more needed)");
    CU_ASSERT_PTR_NOT_NULL(tsr_arena_alloc(&b, 4u << 20, &d));
    CU_ASSERT_EQUAL(budget.used, budget.limit);
    CU_ASSERT_EQUAL(budget.peak, budget.limit);
    tsr_arena_free(&a);
    CU_ASSERT_PTR_NOT_NULL(
        tsr_arena_alloc(&b, 5u << 20, &d)); /* what one gave back another may take */
    tsr_arena_free(&b);
    CU_ASSERT_EQUAL(budget.used, 0);
    CU_ASSERT_EQUAL(budget.peak, budget.limit);
}

static void test_absurd_sizes(void) {
    tsr_budget budget = {.limit = UINT64_MAX};
    tsr_diag d;
    tsr_arena a;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2, SIZE_MAX / 4 + 1};
    tsr_arena_init(&a, &budget);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tsr_diag_init(&d);
        CU_ASSERT_PTR_NULL(tsr_arena_alloc(&a, sizes[i], &d));
        CU_ASSERT_EQUAL(d.status, TSR_ERR_LIMIT);
        CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "refused"));
    }
    CU_ASSERT_EQUAL(budget.used, 0);
    tsr_arena_free(&a);
}

TSR_TEST_MAIN("arena", {"alignment", test_alignment}, {"disjoint blocks", test_disjoint},
              {"array", test_array}, {"cleared", test_cleared}, {"rewind", test_rewind},
              {"reserve", test_reserve}, {"shared budget", test_shared_budget},
              {"absurd sizes", test_absurd_sizes})
