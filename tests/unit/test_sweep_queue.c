/* test_sweep_queue.c - handing out jobs within a bound of memory. */
#include <string.h>

#include "sweep/sweep_queue.h"
#include "tsr_test.h"

static void test_order_and_bound(void) {
    tsr_sweep_job job[4] = {{.memory = 60, .cost = 4},
                            {.memory = 60, .cost = 3},
                            {.memory = 30, .cost = 2},
                            {.memory = 500, .cost = 1}};
    tsr_queue q;
    tsr_queue_open(&q, job, 4, 100);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take(&q), &job[0]);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take(&q), &job[2]); /* the second does not fit beside it */
    CU_ASSERT_EQUAL(tsr_queue_look(&q).running, 2);
    tsr_queue_finish(&q, &job[0], 0, 0);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take(&q), &job[1]);
    tsr_queue_finish(&q, &job[1], 0, 1);
    tsr_queue_finish(&q, &job[2], 0, 0);
    tsr_queue_state s = tsr_queue_look(&q);
    CU_ASSERT(s.done == 3 && s.failed == 1 && s.running == 0);
    CU_ASSERT_DOUBLE_EQUAL(s.fraction, 0.9, 1e-12);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take(&q), &job[3]); /* too large, but alone */
    CU_ASSERT_PTR_NULL(tsr_queue_take(&q));
    tsr_queue_finish(&q, &job[3], 0, 0);
    tsr_queue_close(&q);
}

static void test_remote(void) {
    tsr_sweep_job job[3] = {{.memory = 90, .cost = 1}, {.memory = 90, .cost = 1}, {.memory = 90}};
    tsr_queue q;
    tsr_queue_open(&q, job, 3, 100);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take_remote(&q), &job[0]);
    CU_ASSERT_PTR_EQUAL(tsr_queue_take(&q), &job[1]); /* another machine's memory is its own */
    CU_ASSERT_PTR_EQUAL(tsr_queue_take_remote(&q), &job[2]);
    CU_ASSERT_PTR_NULL(tsr_queue_take_remote(&q));
    tsr_queue_finish(&q, &job[0], 1, 0);
    CU_ASSERT_EQUAL(q.memory_used, 90);
    tsr_queue_close(&q);
}

static void test_stop(void) {
    tsr_sweep_job job[2] = {{.memory = 1, .cost = 1}, {.memory = 1, .cost = 1}};
    tsr_queue q;
    tsr_queue_open(&q, job, 2, 100);
    CU_ASSERT_PTR_NOT_NULL(tsr_queue_take(&q));
    tsr_queue_stop(&q);
    CU_ASSERT_PTR_NULL(tsr_queue_take(&q));
    CU_ASSERT_PTR_NULL(tsr_queue_take_remote(&q));
    tsr_queue_close(&q);
}

enum { JOBS = 2000, THREADS = 4, LIMIT = 100 };

typedef struct crowd {
    tsr_queue queue;
    pthread_mutex_t lock;
    uint64_t in_use, most;
    unsigned done[JOBS];
} crowd;

static void *work(void *arg) {
    crowd *c = arg;
    const tsr_sweep_job *j;
    while ((j = tsr_queue_take(&c->queue))) {
        pthread_mutex_lock(&c->lock);
        c->in_use += j->memory;
        if (c->in_use > c->most) c->most = c->in_use;
        c->done[j->picture]++;
        pthread_mutex_unlock(&c->lock);
        pthread_mutex_lock(&c->lock);
        c->in_use -= j->memory;
        pthread_mutex_unlock(&c->lock);
        tsr_queue_finish(&c->queue, j, 0, 0);
    }
    return NULL;
}

/* Every job once, and never more memory than the bound. */
static void test_threads(void) {
    static tsr_sweep_job job[JOBS];
    static crowd c;
    pthread_t thread[THREADS];
    memset(&c, 0, sizeof c);
    pthread_mutex_init(&c.lock, NULL);
    for (uint32_t i = 0; i < JOBS; i++)
        job[i] = (tsr_sweep_job){.picture = i, .memory = 1 + i * 37 % 60, .cost = 1};
    tsr_queue_open(&c.queue, job, JOBS, LIMIT);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, work, &c), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    unsigned wrong = 0;
    for (uint32_t i = 0; i < JOBS; i++) wrong += c.done[i] != 1;
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(c.most <= LIMIT && c.most > 0);
    CU_ASSERT_EQUAL(tsr_queue_look(&c.queue).done, JOBS);
    tsr_queue_close(&c.queue);
    pthread_mutex_destroy(&c.lock);
}

TSR_TEST_MAIN("sweep queue", {"order, bound, too large", test_order_and_bound},
              {"another machine's jobs", test_remote}, {"stop", test_stop},
              {"threads", test_threads})
