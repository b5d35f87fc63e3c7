/* plugin_guard.h - memory that notices when something is written beside it. */
#ifndef TSR_PLUGIN_GUARD_H
#define TSR_PLUGIN_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64-byte aligned memory of exactly `bytes` bytes, each set to `fill`, with known bytes before and
 * behind. NULL: no memory. */
void *tsr_guard_new(size_t bytes, uint8_t fill);

/* Whether the bytes before and behind p (from tsr_guard_new) are as they were. */
bool tsr_guard_intact(const void *p);

size_t tsr_guard_size(const void *p);

/* p may be NULL. */
void tsr_guard_free(void *p);

/* A copy of n bytes that ends where an unreadable page begins: reading past the end is a crash.
 * NULL: no memory. Free it with the same n. */
uint8_t *tsr_guard_page(const void *data, size_t n);
void tsr_guard_page_free(uint8_t *p, size_t n);

#endif
