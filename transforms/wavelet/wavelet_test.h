/* wavelet_test.h - a small host for the tests of the wavelet: memory, threads, arrays. */
#ifndef WAVELET_TEST_H
#define WAVELET_TEST_H

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wavelet_internal.h"

extern const tsr_transform tsr_transform_wavelet;

enum { HOST_BLOCKS = 16, HOST_THREADS = 8 };

/* A host: blocks of memory are freed by host_free(); allocations fail from number fail_at on. */
typedef struct test_host {
    tsr_env env;
    void *block[HOST_BLOCKS];
    uint32_t blocks, fail_at;
    int cancel;
    char text[256];
} test_host;

static inline void *host_alloc(const tsr_env *env, size_t bytes) {
    test_host *h = env->host;
    if (h->blocks >= h->fail_at || h->blocks >= HOST_BLOCKS) return NULL;
    void *p = bytes <= SIZE_MAX - 64 ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    if (p) memset(p, 0x7f, bytes); /* nothing may count on zeros */
    h->block[h->blocks++] = p;
    return p;
}

typedef struct test_worker {
    const tsr_env *env;
    tsr_status (*fn)(void *arg, uint32_t i, uint32_t worker);
    void *arg;
    uint32_t n, index;
    tsr_status status;
} test_worker;

/* Worker k takes every threads-th item, last to first. */
static inline void *worker_run(void *arg) {
    test_worker *w = arg;
    for (uint32_t i = w->n; i-- > 0;)
        if (i % w->env->threads == w->index && w->status == TSR_OK)
            w->status = w->fn(w->arg, i, w->index);
    return NULL;
}

static inline tsr_status host_parallel_for(const tsr_env *env, uint32_t n,
                                           tsr_status (*fn)(void *, uint32_t, uint32_t),
                                           void *arg) {
    test_worker w[HOST_THREADS];
    pthread_t thread[HOST_THREADS];
    for (uint32_t k = 0; k < env->threads; k++) w[k] = (test_worker){env, fn, arg, n, k, TSR_OK};
    for (uint32_t k = 1; k < env->threads; k++)
        if (pthread_create(&thread[k], NULL, worker_run, &w[k])) abort();
    worker_run(&w[0]);
    tsr_status s = w[0].status;
    for (uint32_t k = 1; k < env->threads; k++) {
        pthread_join(thread[k], NULL);
        if (s == TSR_OK) s = w[k].status;
    }
    return s;
}

static inline tsr_status host_fail(const tsr_env *env, tsr_status s, const char *fmt, ...) {
    test_host *h = env->host;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(h->text, sizeof h->text, fmt, ap);
    va_end(ap);
    return s;
}

static inline void host_log(const tsr_env *env, int level, const char *fmt, ...) {}

static inline int host_progress(const tsr_env *env, double fraction) {
    return ((test_host *)env->host)->cancel;
}

/* threads: 1 .. HOST_THREADS. The host must not move afterwards. */
static inline void host_init(test_host *h, uint32_t threads, uint32_t cpu) {
    *h = (test_host){.fail_at = UINT32_MAX};
    h->env = (tsr_env){.struct_size = sizeof(tsr_env),
                       .threads = threads,
                       .cpu = cpu,
                       .host = h,
                       .alloc = host_alloc,
                       .parallel_for = host_parallel_for,
                       .fail = host_fail,
                       .log = host_log,
                       .progress = host_progress};
}

/* Frees blocks from number `from` on. */
static inline void host_free(test_host *h, uint32_t from) {
    while (h->blocks > from) free(h->block[--h->blocks]);
}

/* An instance of the transform with arrays for its planes and bands. Samples are 32 bits each. */
typedef struct instance {
    test_host host;
    wavelet state;
    uint32_t kept; /* blocks of the host that configure() took */
    tsr_planes planes;
    tsr_band band[128];
    tsr_samples data[128];
    tsr_coeffs coeffs;
    size_t samples; /* in all planes, and in all bands */
} instance;

typedef struct instance_shape {
    uint32_t w, h, planes, filter, levels, lossless;
} instance_shape;

static inline void *samples_alloc(size_t n) {
    void *p = calloc(n + 1, sizeof(float)); /* n may be 0 */
    if (!p) abort();
    return p;
}

/* Configures and allocates; *in must not move. The status is that of configure(). */
static inline tsr_status instance_open(instance *in, instance_shape s, uint32_t threads,
                                       uint32_t cpu) {
    memset(in, 0, sizeof *in);
    host_init(&in->host, threads, cpu);
    tsr_geometry g = {sizeof g, s.w, s.h, s.planes, s.lossless};
    tsr_value v[2] = {{.i = s.filter}, {.i = s.levels}};
    tsr_status status = tsr_transform_wavelet.configure(&in->state, v, &g, &in->host.env);
    in->kept = in->host.blocks;
    if (status != TSR_OK) return status;
    in->planes.n = s.planes;
    for (uint32_t p = 0; p < s.planes; p++) {
        in->planes.p[p].w = s.w;
        in->planes.p[p].h = s.h;
        in->planes.p[p].s.f = samples_alloc((size_t)s.w * s.h);
    }
    in->samples = (size_t)s.w * s.h * s.planes;
    in->coeffs.n = tsr_transform_wavelet.layout(&in->state, in->band, 128);
    in->coeffs.band = in->band;
    in->coeffs.data = in->data;
    for (uint32_t b = 0; b < in->coeffs.n; b++)
        in->data[b].f = samples_alloc((size_t)in->band[b].w * in->band[b].h);
    return TSR_OK;
}

static inline void instance_close(instance *in) {
    for (uint32_t p = 0; p < in->planes.n; p++) free(in->planes.p[p].s.f);
    for (uint32_t b = 0; b < in->coeffs.n; b++) free(in->data[b].f);
    host_free(&in->host, 0);
}

static inline tsr_status instance_analysis(instance *in) {
    tsr_status s =
        tsr_transform_wavelet.analysis(&in->state, &in->planes, NULL, &in->coeffs, &in->host.env);
    host_free(&in->host, in->kept);
    return s;
}

static inline tsr_status instance_synthesis(instance *in) {
    tsr_status s =
        tsr_transform_wavelet.synthesis(&in->state, &in->coeffs, &in->planes, &in->host.env);
    host_free(&in->host, in->kept);
    return s;
}

/* The next value of a small generator: 32 random bits (xorshift). */
static inline uint32_t random_bits(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
