/* lab_pool.h - memory of one report: many small pieces, freed together. */
#ifndef TSR_LAB_POOL_H
#define TSR_LAB_POOL_H

#include <tessera/status.h>

/* Zero-initialised it is empty. */
typedef struct tsr_lab_pool {
    struct tsr_lab_pool_block *last;
} tsr_lab_pool;

/* n zeroed elements of size bytes (n 0 is taken as 1), or NULL: no memory, or the product does not
 * fit. */
void *tsr_lab_pool_alloc(tsr_lab_pool *p, size_t n, size_t size);

/* A copy of the first len bytes of s, ended by a zero; NULL: no memory. */
char *tsr_lab_pool_copy(tsr_lab_pool *p, const char *s, size_t len);

/* A text put together as by printf; NULL: no memory. */
char *tsr_lab_pool_print(tsr_lab_pool *p, const char *fmt, ...) TSR_PRINTF(2, 3);

/* Frees everything; p is empty afterwards. */
void tsr_lab_pool_free(tsr_lab_pool *p);

/* Records that there was no memory and returns TSR_ERR_MEMORY. */
tsr_status tsr_lab_pool_error(tsr_diag *d);

#endif
