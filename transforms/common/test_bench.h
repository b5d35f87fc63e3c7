/* test_bench.h - one instance of a transform with its planes and bands, for its tests.
 *
 * Expects BENCH_STATE, the type of the transform's state.
 */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include "../../tests/unit/tsr_test.h"
#include "test_host.h"

typedef struct bench {
    test_host host;
    BENCH_STATE st;
    tsr_geometry g;
    tsr_band *band;
    tsr_samples *data;
    tsr_coeffs coeffs;
    tsr_planes in, out;
    uint32_t own; /* allocations of the host that are not the bench's */
} bench;

static float *floats(size_t n) {
    return calloc(n ? n : 1, sizeof(float));
}

static void bench_open(bench *b, const tsr_transform *t, const tsr_value *v, uint32_t w, uint32_t h,
                       uint32_t planes, uint32_t threads) {
    memset(b, 0, sizeof *b);
    test_host_init(&b->host, threads);
    b->g = (tsr_geometry){sizeof b->g, w, h, planes, 0};
    CU_ASSERT_EQUAL_FATAL(t->configure(&b->st, v, &b->g, &b->host.env), TSR_OK);
    uint32_t n = t->layout(&b->st, NULL, 0);
    b->band = calloc(n, sizeof *b->band);
    b->data = calloc(n, sizeof *b->data);
    CU_ASSERT_EQUAL_FATAL(t->layout(&b->st, b->band, n), n);
    for (uint32_t i = 0; i < n; i++) b->data[i].f = floats((size_t)b->band[i].w * b->band[i].h);
    b->coeffs = (tsr_coeffs){n, b->band, b->data};
    b->in.n = b->out.n = planes;
    for (uint32_t p = 0; p < planes; p++) {
        b->in.p[p] = (tsr_plane){w, h, {floats((size_t)w * h)}};
        b->out.p[p] = (tsr_plane){w, h, {floats((size_t)w * h)}};
    }
    b->own = b->host.blocks;
}

static void bench_close(bench *b) {
    for (uint32_t i = 0; i < b->coeffs.n; i++) free(b->data[i].f);
    for (uint32_t p = 0; p < b->in.n; p++) {
        free(b->in.p[p].s.f);
        free(b->out.p[p].s.f);
    }
    free(b->band);
    free(b->data);
    test_host_free(&b->host, 0);
}

#endif
