/* sweep_queue.c - handing out jobs. */
#include "sweep_queue.h"

#define LOOK_AHEAD 1000u /* jobs, for one that is small enough */

void tsr_queue_open(tsr_queue *q, tsr_sweep_job *jobs, size_t n, uint64_t memory_limit) {
    *q = (tsr_queue){.job = jobs, .n = n, .memory_limit = memory_limit};
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    for (size_t i = 0; i < n; i++) q->cost_total += jobs[i].cost;
}

void tsr_queue_close(tsr_queue *q) {
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->changed);
}

/* Under the lock: a job of at most so many bytes, or any when remote. */
static tsr_sweep_job *find(const tsr_queue *q, uint64_t bytes, int any) {
    size_t end = q->n - q->next < LOOK_AHEAD ? q->n : q->next + LOOK_AHEAD;
    for (size_t i = q->next; i < end; i++)
        if (!q->job[i].taken && (any || q->job[i].memory <= bytes)) return &q->job[i];
    return NULL;
}

static void mark_taken(tsr_queue *q, tsr_sweep_job *job, int remote) {
    job->taken = 1;
    q->running++;
    if (!remote) q->memory_used += job->memory;
    while (q->next < q->n && q->job[q->next].taken) q->next++;
}

tsr_sweep_job *tsr_queue_take(tsr_queue *q) {
    tsr_sweep_job *job = NULL;
    pthread_mutex_lock(&q->lock);
    while (!q->stopped && q->next < q->n) {
        uint64_t left = q->memory_used < q->memory_limit ? q->memory_limit - q->memory_used : 0;
        job = find(q, left, !q->memory_used);
        if (job) break;
        pthread_cond_wait(&q->changed, &q->lock);
    }
    if (job) mark_taken(q, job, 0);
    pthread_mutex_unlock(&q->lock);
    return job;
}

tsr_sweep_job *tsr_queue_take_remote(tsr_queue *q) {
    pthread_mutex_lock(&q->lock);
    tsr_sweep_job *job = q->stopped || q->next == q->n ? NULL : find(q, 0, 1);
    if (job) mark_taken(q, job, 1);
    pthread_mutex_unlock(&q->lock);
    return job;
}

void tsr_queue_finish(tsr_queue *q, const tsr_sweep_job *job, int remote, int failed) {
    pthread_mutex_lock(&q->lock);
    q->running--;
    q->done++;
    q->failed += failed != 0;
    q->cost_done += job->cost;
    if (!remote) q->memory_used -= job->memory;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

void tsr_queue_stop(tsr_queue *q) {
    pthread_mutex_lock(&q->lock);
    q->stopped = 1;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

tsr_queue_state tsr_queue_look(tsr_queue *q) {
    pthread_mutex_lock(&q->lock);
    tsr_queue_state state = {q->done, q->failed, q->running,
                             q->cost_total > 0 ? q->cost_done / q->cost_total : 1};
    pthread_mutex_unlock(&q->lock);
    return state;
}
