/* arena.c - chunked bump allocator with a shared budget. */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)1 << 20)

struct tsr_arena_chunk {
    tsr_arena_chunk *below;
    size_t size, used; /* of the payload */
    uint8_t *payload;  /* aligned, inside the same allocation */
};

void tsr_arena_init(tsr_arena *a, tsr_budget *budget) {
    a->budget = budget;
    a->top = NULL;
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
    tsr_arena_chunk *c = malloc(sizeof *c + size + TSR_ALIGN);
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

void *tsr_arena_alloc(tsr_arena *a, size_t bytes, tsr_diag *d) {
    if (bytes > SIZE_MAX / 4) {
        tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET, "allocation of %zu bytes refused", bytes);
        return NULL;
    }
    size_t need = (bytes + TSR_ALIGN - 1) & ~(size_t)(TSR_ALIGN - 1);
    tsr_arena_chunk *c = a->top;
    if (!c || c->size - c->used < need) c = push_chunk(a, need, d);
    if (!c) return NULL;
    void *p = c->payload + c->used;
    c->used += need;
    return p;
}

void *tsr_arena_calloc(tsr_arena *a, size_t n, size_t size, tsr_diag *d) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes)) bytes = SIZE_MAX;
    void *p = tsr_arena_alloc(a, bytes, d);
    if (p) memset(p, 0, bytes);
    return p;
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
