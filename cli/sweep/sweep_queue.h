/* sweep_queue.h - the jobs of a sweep, handed out to threads within a bound of memory. */
#ifndef TSR_SWEEP_QUEUE_H
#define TSR_SWEEP_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* One row to be made. Indices are those of the sweep's lists. */
typedef struct tsr_sweep_job {
    uint32_t picture, codec, setting;
    char key[65];
    double cost;     /* about how many seconds */
    uint64_t memory; /* about how many bytes */
    int taken;
} tsr_sweep_job;

typedef struct tsr_queue {
    tsr_sweep_job *job; /* [n], the caller's */
    size_t n, next;     /* all before next are taken */
    size_t running, done, failed;
    uint64_t memory_limit, memory_used;
    double cost_total, cost_done;
    int stopped;
    pthread_mutex_t lock;
    pthread_cond_t changed;
} tsr_queue;

void tsr_queue_open(tsr_queue *q, tsr_sweep_job *jobs, size_t n, uint64_t memory_limit);
void tsr_queue_close(tsr_queue *q);

/* The next job, longest first, that fits in the memory left; waits until one does, and takes one
 * that is too large when nothing else runs. NULL: there is none left, or the queue was stopped. */
tsr_sweep_job *tsr_queue_take(tsr_queue *q);

/* The same for another machine's memory: never waits. */
tsr_sweep_job *tsr_queue_take_remote(tsr_queue *q);

/* A job that was taken is over. */
void tsr_queue_finish(tsr_queue *q, const tsr_sweep_job *job, int remote, int failed);

/* No more jobs are given out. */
void tsr_queue_stop(tsr_queue *q);

/* How far the work is. */
typedef struct tsr_queue_state {
    size_t done, failed, running;
    double fraction; /* of the estimated time */
} tsr_queue_state;
tsr_queue_state tsr_queue_look(tsr_queue *q);

#endif
