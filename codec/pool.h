/* pool.h - a fixed set of worker threads running index ranges. */
#ifndef TSR_POOL_H
#define TSR_POOL_H

#include <tessera/status.h>

typedef struct tsr_pool tsr_pool;
typedef tsr_status (*tsr_job_fn)(void *arg, uint32_t i, uint32_t worker);

/* threads >= 1, the caller included; workers start at the first parallel run. NULL: no memory. */
tsr_pool *tsr_pool_new(uint32_t threads);
void tsr_pool_free(tsr_pool *p);
uint32_t tsr_pool_threads(const tsr_pool *p);

/* Runs fn(arg, i, worker) for i = 0 .. n-1 and returns the failure with the smallest index, else
 * TSR_OK. All n run even after a failure, so the result does not depend on timing. A run started
 * inside another one is done by its caller alone. */
tsr_status tsr_pool_run(tsr_pool *p, uint32_t n, tsr_job_fn fn, void *arg);

/* Processors this process may use. */
uint32_t tsr_cpu_count(void);

#endif
