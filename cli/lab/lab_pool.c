/* lab_pool.c - memory of one report: a list of blocks from malloc. */
#include "lab_pool.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tsr_lab_pool_block {
    struct tsr_lab_pool_block *before;
    alignas(max_align_t) char bytes[];
} tsr_lab_pool_block;

void *tsr_lab_pool_alloc(tsr_lab_pool *p, size_t n, size_t size) {
    if (!n) n = 1;
    if (size > (SIZE_MAX - sizeof(tsr_lab_pool_block)) / n) return NULL;
    tsr_lab_pool_block *b = calloc(1, sizeof *b + n * size);
    if (!b) return NULL;
    b->before = p->last;
    p->last = b;
    return b->bytes;
}

char *tsr_lab_pool_copy(tsr_lab_pool *p, const char *s, size_t len) {
    char *copy = tsr_lab_pool_alloc(p, len + 1, 1);
    if (copy) memcpy(copy, s, len);
    return copy;
}

char *tsr_lab_pool_print(tsr_lab_pool *p, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    char *text = len < 0 ? NULL : tsr_lab_pool_alloc(p, (size_t)len + 1, 1);
    if (text) vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return text;
}

void tsr_lab_pool_free(tsr_lab_pool *p) {
    while (p->last) {
        tsr_lab_pool_block *b = p->last;
        p->last = b->before;
        free(b);
    }
}

tsr_status tsr_lab_pool_error(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the report");
}
