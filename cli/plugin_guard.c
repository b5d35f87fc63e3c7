/* plugin_guard.c - memory that notices when something is written beside it: 64 known bytes before
 * and 64 behind every block, the latter directly after its last byte; and blocks that end at a page
 * that cannot be read. */
#include "plugin_guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MARGIN = 64, CANARY = 0xc5 };

/* Before the front margin, in a line of its own so that the block stays aligned. */
typedef struct guard_head {
    size_t bytes;
} guard_head;

static uint8_t *front(const void *p) {
    return (uint8_t *)p - MARGIN;
}

static guard_head *head(const void *p) {
    return (guard_head *)(void *)(front(p) - MARGIN);
}

void *tsr_guard_new(size_t bytes, uint8_t fill) {
    if (bytes > SIZE_MAX - 4 * MARGIN) return NULL;
    size_t whole = (MARGIN + MARGIN + bytes + MARGIN + MARGIN - 1) / MARGIN * MARGIN;
    uint8_t *base = aligned_alloc(MARGIN, whole);
    if (!base) return NULL;
    uint8_t *p = base + 2 * MARGIN;
    head(p)->bytes = bytes;
    memset(front(p), CANARY, MARGIN);
    memset(p, fill, bytes);
    memset(p + bytes, CANARY, MARGIN);
    return p;
}

static bool untouched(const uint8_t *margin) {
    for (int i = 0; i < MARGIN; i++)
        if (margin[i] != CANARY) return false;
    return true;
}

bool tsr_guard_intact(const void *p) {
    return untouched(front(p)) && untouched((const uint8_t *)p + head(p)->bytes);
}

size_t tsr_guard_size(const void *p) {
    return head(p)->bytes;
}

void tsr_guard_free(void *p) {
    if (p) free(head(p));
}

/* Bytes of the readable pages of a block of n bytes; at least one page. */
static size_t readable(size_t n, size_t page) {
    return (n / page + 1) * page;
}

uint8_t *tsr_guard_page(const void *data, size_t n) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = readable(n, page);
    uint8_t *base =
        mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    if (mprotect(base + room, page, PROT_NONE)) {
        munmap(base, room + page);
        return NULL;
    }
    uint8_t *p = base + room - n;
    if (n) memcpy(p, data, n);
    return p;
}

void tsr_guard_page_free(uint8_t *p, size_t n) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = readable(n, page);
    if (p) munmap(p + n - room, room + page);
}
