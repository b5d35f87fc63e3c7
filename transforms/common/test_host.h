/* test_host.h - the smallest host that a transform's tests can call it with. */
#ifndef TSR_TEST_HOST_H
#define TSR_TEST_HOST_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/plugin.h>

enum { TEST_HOST_BLOCKS = 256 };

/* Allocations fail from number fail_at on; progress cancels when asked to. */
typedef struct test_host {
    tsr_env env;
    void *block[TEST_HOST_BLOCKS];
    uint32_t blocks, fail_at;
    int cancel;
    char text[256]; /* of the last failure */
} test_host;

static inline void *test_host_alloc(const tsr_env *env, size_t bytes) {
    test_host *h = env->host;
    if (h->blocks >= h->fail_at || h->blocks == TEST_HOST_BLOCKS) return NULL;
    void *p = bytes < SIZE_MAX / 2 ? aligned_alloc(64, (bytes / 64 + 1) * 64) : NULL;
    if (p) memset(p, 0x7f, bytes); /* nothing may count on zeros */
    h->block[h->blocks++] = p;
    return p;
}

/* Last item first and workers in turn, so that a dependence on either shows. */
static inline tsr_status test_host_parallel_for(const tsr_env *env, uint32_t n,
                                                tsr_status (*fn)(void *, uint32_t, uint32_t),
                                                void *arg) {
    tsr_status first = TSR_OK;
    for (uint32_t i = n; i-- > 0;) {
        tsr_status s = fn(arg, i, i % env->threads);
        if (s) first = s;
    }
    return first;
}

static inline tsr_status test_host_fail(const tsr_env *env, tsr_status s, const char *fmt, ...) {
    test_host *h = env->host;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(h->text, sizeof h->text, fmt, ap);
    va_end(ap);
    return s;
}

static inline void test_host_log(const tsr_env *env, int level, const char *fmt, ...) {}

static inline int test_host_progress(const tsr_env *env, double fraction) {
    return ((const test_host *)env->host)->cancel;
}

/* The host must not move afterwards. */
static inline void test_host_init(test_host *h, uint32_t threads) {
    *h = (test_host){.fail_at = UINT32_MAX};
    h->env = (tsr_env){.struct_size = sizeof(tsr_env),
                       .threads = threads,
                       .host = h,
                       .alloc = test_host_alloc,
                       .parallel_for = test_host_parallel_for,
                       .fail = test_host_fail,
                       .log = test_host_log,
                       .progress = test_host_progress};
}

/* Frees the allocations from number `from` on. */
static inline void test_host_free(test_host *h, uint32_t from) {
    while (h->blocks > from) free(h->block[--h->blocks]);
}

#endif
