/* arena.c - chunked bump allocator with a shared budget. */
#include "arena.h"

#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define CHUNK_BYTES ((size_t)1 << 20)
#define LARGE_PAGE  ((size_t)2 << 20)

struct tsr_arena_chunk {
    tsr_arena_chunk *below;
    size_t size, used; /* of the payload */
    uint8_t *payload;  /* aligned, inside the same allocation */
};

void tsr_arena_init(tsr_arena *a, tsr_budget *budget) {
    a->budget = budget;
    a->top = NULL;
}

/* Memory in large pages, where the system has them, but for an incomplete last one: far fewer page
 * faults. */
static void *chunk_alloc(size_t bytes) {
    void *p = NULL;
    if (bytes < LARGE_PAGE) return malloc(bytes);
    if (posix_memalign(&p, LARGE_PAGE, bytes)) return NULL;
#ifdef MADV_HUGEPAGE
    (void)madvise(p, bytes & ~(LARGE_PAGE - 1), MADV_HUGEPAGE); /* a hint: may be turned down */
#endif
    return p;
}

static tsr_arena_chunk *push_chunk(tsr_arena *a, size_t bytes, tsr_diag *d) {
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    tsr_budget *b = a->budget;
    if (size > b->limit || b->used > b->limit - size) {
        tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                     "memory limit of %llu bytes exceeded (%llu in use, %llu more needed)",
                     (unsigned long long)b->limit, (unsigned long long)b->used,
                     (unsigned long long)size);
        return NULL;
    }
    tsr_arena_chunk *c = chunk_alloc(sizeof *c + size + TSR_ALIGN);
    if (!c) {
        tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %llu bytes",
                     (unsigned long long)size);
        return NULL;
    }
    uintptr_t p = (uintptr_t)(c + 1);
    *c = (tsr_arena_chunk){a->top, size, 0,
                           (uint8_t *)((p + TSR_ALIGN - 1) & ~(uintptr_t)(TSR_ALIGN - 1))};
    a->top = c;
    b->used += size;
    if (b->used > b->peak) b->peak = b->used;
    return c;
}

/* The top chunk, with room for that many bytes, which become a multiple of the alignment. */
static tsr_arena_chunk *chunk_for(tsr_arena *a, size_t *bytes, tsr_diag *d) {
    if (*bytes > SIZE_MAX / 4) {
        tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET, "allocation of %zu bytes refused", *bytes);
        return NULL;
    }
    *bytes = (*bytes + TSR_ALIGN - 1) & ~(size_t)(TSR_ALIGN - 1);
    tsr_arena_chunk *c = a->top;
    return c && c->size - c->used >= *bytes ? c : push_chunk(a, *bytes, d);
}

int tsr_arena_reserve(tsr_arena *a, size_t bytes, tsr_diag *d) {
    return chunk_for(a, &bytes, d) != NULL;
}

void *tsr_arena_alloc(tsr_arena *a, size_t bytes, tsr_diag *d) {
    tsr_arena_chunk *c = chunk_for(a, &bytes, d);
    if (!c) return NULL;
    void *p = c->payload + c->used;
    c->used += bytes;
    return p;
}

void *tsr_arena_array(tsr_arena *a, size_t n, size_t size, tsr_diag *d) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes)) bytes = SIZE_MAX;
    return tsr_arena_alloc(a, bytes, d);
}

tsr_arena_mark tsr_arena_save(const tsr_arena *a) {
    return (tsr_arena_mark){a->top, a->top ? a->top->used : 0};
}

void tsr_arena_rewind(tsr_arena *a, tsr_arena_mark m) {
    while (a->top && a->top != m.chunk) {
        tsr_arena_chunk *c = a->top;
        a->top = c->below;
        a->budget->used -= c->size;
        free(c);
    }
    if (a->top) a->top->used = m.used;
}

void tsr_arena_free(tsr_arena *a) {
    tsr_arena_rewind(a, (tsr_arena_mark){NULL, 0});
}
