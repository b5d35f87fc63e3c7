/* arena.h - memory of one job: bump allocation in chunks, released all at once or back to a mark.
 *
 * All arenas of a job draw on one budget, so that the configured memory limit holds for their sum.
 */
#ifndef TSR_ARENA_H
#define TSR_ARENA_H

#include <tessera/status.h>

#define TSR_ALIGN 64u

typedef struct tsr_budget {
    uint64_t limit, used, peak; /* bytes */
} tsr_budget;

typedef struct tsr_arena_chunk tsr_arena_chunk;

typedef struct tsr_arena {
    tsr_budget *budget;
    tsr_arena_chunk *top;
} tsr_arena;

typedef struct tsr_arena_mark {
    tsr_arena_chunk *chunk;
    size_t used;
} tsr_arena_mark;

void tsr_arena_init(tsr_arena *a, tsr_budget *budget);

/* 64-byte aligned, uninitialised; bytes == 0 gives a valid pointer. NULL with the reason in *d when
 * the budget or the system says no. */
void *tsr_arena_alloc(tsr_arena *a, size_t bytes, tsr_diag *d);

/* Sees to it that the next allocations, of together at most that many bytes (each rounded up to a
 * multiple of TSR_ALIGN), are neighbours: many small pieces in large pages. 0 with the reason in *d
 * when there is no such room. */
int tsr_arena_reserve(tsr_arena *a, size_t bytes, tsr_diag *d);

/* The same as tsr_arena_alloc() for n * size bytes with overflow check. */
void *tsr_arena_array(tsr_arena *a, size_t n, size_t size, tsr_diag *d);

tsr_arena_mark tsr_arena_save(const tsr_arena *a);
void tsr_arena_rewind(tsr_arena *a, tsr_arena_mark m);
void tsr_arena_free(tsr_arena *a);

#endif
