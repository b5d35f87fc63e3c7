/* plugin_env.h - the services of the host as the conformance suite gives them: every promise about
 * memory, workers and progress is watched, and failures can be ordered. */
#ifndef TSR_PLUGIN_ENV_H
#define TSR_PLUGIN_ENV_H

#include <pthread.h>

#include "plugin_check.h"

/* How the services behave. Zero: one worker, no instruction sets, fresh memory filled with 0. */
typedef struct tsr_env_setup {
    uint32_t threads; /* 0: 1 */
    uint32_t cpu;     /* TSR_CPU_* */
    bool reverse;     /* parallel_for takes the last index first */
    uint8_t fill;     /* each byte of fresh memory; 0xff makes every float a NaN */
    uint32_t fail_at; /* the alloc call that returns NULL, from 1; 0: none */
    bool cancel;      /* progress asks to stop */
} tsr_env_setup;

typedef struct tsr_env_block tsr_env_block;

typedef struct tsr_check_env {
    tsr_env env; /* what the transform gets; env.host is this struct */
    tsr_env_setup setup;
    uint64_t used, peak;   /* bytes the transform holds, and the most it ever held */
    uint32_t allocs;       /* calls of alloc */
    uint32_t cancels;      /* times progress asked to stop */
    bool refused;          /* alloc returned NULL */
    bool lasting;          /* memory taken now lives until close() */
    bool busy;             /* a parallel_for is under way */
    tsr_env_block *blocks; /* what the transform holds */
    tsr_env_block *stale;  /* what was taken back and is still watched */
    size_t stale_bytes;
    pthread_mutex_t lock; /* guards all of the above */
    char fault[200];      /* the first rule of the services that was broken; "" if none */
    char said[200];       /* text of the last fail() */
} tsr_check_env;

/* Bytes a transform may hold in a check: far above what its small pictures need. */
#define TSR_CHECK_MEMORY ((uint64_t)256 << 20)

void tsr_check_env_init(tsr_check_env *e, const tsr_env_setup *setup);

/* Around each call of the transform. lasting: configure() and side_load(). end() takes back what
 * does not last: its bytes are overwritten, and watched for a while. */
void tsr_check_env_begin(tsr_check_env *e, bool lasting);
void tsr_check_env_end(tsr_check_env *e);

/* After close(): looks at all memory once more (see fault) and frees it. */
void tsr_check_env_close(tsr_check_env *e);

#endif
