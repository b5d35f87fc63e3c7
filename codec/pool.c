/* pool.c - worker threads that take indices from a shared counter. */
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct tsr_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    uint32_t threads, started;
    int quit, busy;
    /* the current run; guarded by lock */
    uint64_t generation;
    uint32_t n, next, running;
    tsr_job_fn fn;
    void *arg;
    tsr_status status;
    uint32_t failed_index;
    pthread_t *tid;
    struct worker *worker;
};

struct worker {
    tsr_pool *pool;
    uint32_t index;
};

tsr_pool *tsr_pool_new(uint32_t threads) {
    tsr_pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->threads = threads ? threads : 1;
    p->tid = calloc(p->threads, sizeof *p->tid);
    p->worker = calloc(p->threads, sizeof *p->worker);
    if (!p->tid || !p->worker || pthread_mutex_init(&p->lock, NULL)) {
        free(p->tid);
        free(p->worker);
        free(p);
        return NULL;
    }
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    return p;
}

/* Takes indices until none is left. Called and returns with the lock held. */
static void drain(tsr_pool *p, uint32_t worker) {
    while (p->next < p->n) {
        uint32_t i = p->next++;
        tsr_job_fn fn = p->fn;
        void *arg = p->arg;
        pthread_mutex_unlock(&p->lock);
        tsr_status s = fn(arg, i, worker);
        pthread_mutex_lock(&p->lock);
        if (s && i < p->failed_index) {
            p->status = s;
            p->failed_index = i;
        }
    }
}

static void *worker_main(void *arg) {
    struct worker *w = arg;
    tsr_pool *p = w->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    while (!p->quit) {
        if (p->generation != seen) {
            seen = p->generation;
            p->running++;
            drain(p, w->index);
            if (--p->running == 0) pthread_cond_signal(&p->done);
        } else {
            pthread_cond_wait(&p->work, &p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Starts missing workers; fewer than asked for is not an error. Lock held. */
static void start_workers(tsr_pool *p) {
    while (p->started + 1 < p->threads) {
        struct worker *w = &p->worker[p->started];
        *w = (struct worker){p, p->started + 1};
        if (pthread_create(&p->tid[p->started], NULL, worker_main, w)) {
            p->threads = p->started + 1;
            return;
        }
        p->started++;
    }
}

static tsr_status run_alone(uint32_t n, tsr_job_fn fn, void *arg) {
    tsr_status status = TSR_OK;
    for (uint32_t i = 0; i < n; i++) {
        tsr_status s = fn(arg, i, 0);
        if (!status) status = s;
    }
    return status;
}

tsr_status tsr_pool_run(tsr_pool *p, uint32_t n, tsr_job_fn fn, void *arg) {
    if (p->threads == 1 || n < 2) return run_alone(n, fn, arg);
    pthread_mutex_lock(&p->lock);
    if (p->busy) {
        pthread_mutex_unlock(&p->lock);
        return run_alone(n, fn, arg);
    }
    p->busy = 1;
    start_workers(p);
    p->n = n;
    p->next = 0;
    p->fn = fn;
    p->arg = arg;
    p->status = TSR_OK;
    p->failed_index = UINT32_MAX;
    p->generation++;
    pthread_cond_broadcast(&p->work);
    drain(p, 0);
    while (p->running) pthread_cond_wait(&p->done, &p->lock);
    p->busy = 0;
    tsr_status s = p->status;
    pthread_mutex_unlock(&p->lock);
    return s;
}

void tsr_pool_free(tsr_pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = 1;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->started; i++) pthread_join(p->tid[i], NULL);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    free(p->tid);
    free(p->worker);
    free(p);
}

uint32_t tsr_pool_threads(const tsr_pool *p) {
    return p->threads;
}

uint32_t tsr_cpu_count(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (uint32_t)n;
}
