/* context.h - inside of a context: registry, pool, limits; and the jobs that run in it. */
#ifndef TSR_CONTEXT_H
#define TSR_CONTEXT_H

#include <tessera/tessera.h>

#include "arena.h"
#include "model_store.h"
#include "pool.h"

#define TSR_MAX_STAGES     256u
#define TSR_DEFAULT_EFFORT 5u
#define TSR_FILTER_EFFORT  2u /* from here on the post filter is tried */

typedef struct tsr_stage_entry {
    const tsr_head *head;
    char *source; /* owned */
    void *copy;   /* of a descriptor of an older ABI: what head points to; owned, else NULL */
} tsr_stage_entry;

struct tsr_context {
    tsr_config cfg; /* defaults filled in */
    tsr_pool *pool;
    uint32_t cpu;
    tsr_stage_entry stage[TSR_STAGE_KINDS][TSR_MAX_STAGES];
    uint32_t n_stages[TSR_STAGE_KINDS];
    void **module; /* dlopen handles, owned */
    uint32_t n_modules;
    tsr_model_store models;
    const struct tsr_network_filter *network; /* NULL: none */
};

/* One encode or decode under way: memory, diagnostics, progress. The env given to stages points
 * here. */
typedef struct tsr_job {
    tsr_env env;
    tsr_context *ctx;
    tsr_diag *diag;
    tsr_budget budget;
    tsr_arena state;   /* lives as long as the job */
    tsr_arena input;   /* planes to encode: until nothing looks at them any more */
    tsr_arena levels;  /* symbols of all bands: until they are dequantized for the last time */
    tsr_arena scratch; /* rewound after each stage call */
    tsr_arena *current;
    const char *stage_name; /* for progress */
    double progress_from, progress_span;
    double progress_last;  /* what was reported: never less than before */
    double progress_share; /* of the whole call's that is this job's, from 0 on */
} tsr_job;

void tsr_job_init(tsr_job *j, tsr_context *ctx, tsr_diag *d);
void tsr_job_free(tsr_job *j);

/* Zeroed memory of the job's lifetime, or NULL with the reason in the diagnostic. */
void *tsr_job_alloc(tsr_job *j, size_t n, size_t size);

/* The same from another of its arenas. */
void *tsr_job_alloc_in(tsr_job *j, tsr_arena *a, size_t n, size_t size);

/* The same, holding a copy of n objects. */
void *tsr_job_copy(tsr_job *j, const void *from, size_t n, size_t size);

/* Status that belongs to a NULL from tsr_job_alloc or env.alloc. */
tsr_status tsr_job_memory_status(const tsr_job *j);

/* What the job says in the end: stages may return a plain status, whose text is written here. */
tsr_status tsr_job_result(const tsr_job *j, tsr_status s) TSR_MUST_CHECK;

/* A job whose work is done before that of another, which has no memory yet: a small share of its
 * progress. The end frees it, counts its peak for the other and returns what tsr_job_result() does
 * of s. */
void tsr_job_init_before(tsr_job *j, const tsr_job *other);
tsr_status tsr_job_end_before(tsr_job *j, tsr_job *other, tsr_status s) TSR_MUST_CHECK;

/* Next stage calls report progress as stage `name` between from and from + span of the whole.
 * TSR_ERR_CANCELLED when the user wants to stop. */
tsr_status tsr_job_stage(tsr_job *j, const char *name, double from, double span) TSR_MUST_CHECK;

void tsr_context_log(const tsr_context *ctx, int level, const char *fmt, ...) TSR_PRINTF(3, 4);

/* One stage found by the id in a file; NULL: not registered. */
const tsr_head *tsr_stage_by_id(const tsr_context *ctx, tsr_stage_kind kind, uint64_t id);

/* Stages a codec gets when its spec leaves them out. */
const char *tsr_effort_quantizer(uint32_t effort, int lossless);
const char *tsr_effort_entropy(uint32_t effort);
uint32_t tsr_effort_parts(uint32_t effort, uint64_t pixels);

/* Is the network of `mix` worth its time, for pictures that it helps with? */
int tsr_effort_prior(uint32_t effort);

/* Views that a network filter averages. */
uint32_t tsr_effort_views(uint32_t effort);

#endif
