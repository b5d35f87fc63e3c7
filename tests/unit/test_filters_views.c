/* test_filters_views.c - the mean of a filter over turned pictures, against its definition. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec_test.h"
#include "filters_views.h"
#include "tsr_test.h"

static const uint32_t sizes[][2] = {{1, 1},   {1, 7},   {8, 1},   {2, 2},    {2, 3},   {3, 2},
                                    {16, 16}, {17, 33}, {64, 65}, {130, 70}, {33, 200}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* ---------------------------------------------------------------- filters */

/* What a filter is asked to do: how often, and the call that fails. */
typedef struct calls {
    unsigned n, failing; /* failing 0: none */
} calls;

/* Tells left from right, up from down and even from odd, and planes from each other. */
static tsr_status slant(void *arg, tsr_planes *p) {
    calls *c = arg;
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t w = p->p[i].w, h = p->p[i].h;
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) {
                float *v = p->p[i].s.f + (size_t)y * w + x;
                float right = x + 1 < w ? v[1] : 0, below = y + 1 < h ? v[w] : 0;
                float share = (x % 2 ? 0.1f : 0.3f) + (y % 2 ? 0.01f : 0.02f) * (float)(i + 1);
                *v = *v * 0.7f + right * share + below * 0.2f;
            }
    }
    return ++c->n == c->failing ? TSR_ERR_CANCELLED : TSR_OK;
}

static tsr_status idle(void *arg, tsr_planes *p) {
    return TSR_OK;
}

/* ---------------------------------------------------------------- the definition */

/* Coordinate of a mirrored side of n samples, or back: the same. */
static uint32_t mirrored(uint32_t n, uint32_t x) {
    uint32_t m = n % 2 ? n - 1 - x : n - x;
    return m == n ? n - 2 : m;
}

/* plane[y][x] of view `how`, before the transposition. */
static float seen(const float *plane, uint32_t w, uint32_t h, uint32_t how, uint32_t x,
                  uint32_t y) {
    if (how & 1) x = mirrored(w, x);
    if (how & 2) y = mirrored(h, y);
    return plane[(size_t)y * w + x];
}

static tsr_planes make_planes(uint32_t n, uint32_t w, uint32_t h) {
    tsr_planes p = {.n = n};
    for (uint32_t i = 0; i < n; i++)
        p.p[i] = (tsr_plane){.w = w, .h = h, .s.f = calloc((size_t)w * h, sizeof(float))};
    return p;
}

static void free_planes(tsr_planes *p) {
    for (uint32_t i = 0; i < p->n; i++) free(p->p[i].s.f);
}

static tsr_planes drawn_planes(uint32_t n, uint32_t w, uint32_t h) {
    tsr_planes p = make_planes(n, w, h);
    uint64_t seed = w * 1000 + h;
    for (uint32_t i = 0; i < n; i++)
        for (size_t k = 0; k < (size_t)w * h; k++)
            p.p[i].s.f[k] = (float)test_random_below(&seed, 1u << 20) / 4096 - 128;
    return p;
}

static tsr_planes copy_of(const tsr_planes *p) {
    tsr_planes q = make_planes(p->n, p->p[0].w, p->p[0].h);
    for (uint32_t i = 0; i < p->n; i++)
        memcpy(q.p[i].s.f, p->p[i].s.f, (size_t)q.p[i].w * q.p[i].h * sizeof(float));
    return q;
}

static int same(const tsr_planes *a, const tsr_planes *b) {
    int equal = 1;
    for (uint32_t i = 0; i < a->n; i++)
        equal &= !memcmp(a->p[i].s.f, b->p[i].s.f, (size_t)a->p[i].w * a->p[i].h * sizeof(float));
    return equal;
}

/* Adds what slant() says to one view of *p to *sum, or begins with it. */
static void add_view(const tsr_planes *p, uint32_t how, tsr_planes *sum, int begin) {
    uint32_t w = p->p[0].w, h = p->p[0].h;
    uint32_t vw = w + (how & 1 && w % 2 == 0), vh = h + (how & 2 && h % 2 == 0);
    int across = !!(how & 4);
    calls c = {0};
    tsr_planes v = make_planes(p->n, across ? vh : vw, across ? vw : vh);
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t y = 0; y < vh; y++)
            for (uint32_t x = 0; x < vw; x++)
                v.p[i].s.f[across ? (size_t)x * vh + y : (size_t)y * vw + x] =
                    seen(p->p[i].s.f, w, h, how, x, y);
    CU_ASSERT_EQUAL(slant(&c, &v), TSR_OK);
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) {
                uint32_t vx = how & 1 ? vw - 1 - x : x, vy = how & 2 ? vh - 1 - y : y;
                float said = v.p[i].s.f[across ? (size_t)vx * vh + vy : (size_t)vy * vw + vx];
                float *to = &sum->p[i].s.f[(size_t)y * w + x];
                *to = begin ? said : *to + said;
            }
    free_planes(&v);
}

/* docs/format.md, 9.1, word by word. */
static tsr_planes expected(const tsr_planes *p, uint32_t views) {
    tsr_planes sum = make_planes(p->n, p->p[0].w, p->p[0].h);
    for (uint32_t how = 8 / views; how < 8; how += 8 / views)
        add_view(p, how, &sum, how == 8 / views);
    add_view(p, 0, &sum, views == 1);
    for (uint32_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < (size_t)p->p[i].w * p->p[i].h; k++) sum.p[i].s.f[k] /= (float)views;
    return sum;
}

/* ---------------------------------------------------------------- tests */

static void check_views(codec_test_job *job, uint32_t views) {
    for (unsigned k = 0; k < 2 * SIZES; k++) {
        calls c = {0};
        tsr_planes p = drawn_planes(k % 2 ? 3 : 1, sizes[k / 2][0], sizes[k / 2][1]);
        tsr_planes want = expected(&p, views);
        CU_ASSERT_EQUAL(tsr_views_filter(&p, views, slant, &c, &job->job), TSR_OK);
        CU_ASSERT(same(&p, &want));
        CU_ASSERT_EQUAL(c.n, views);
        free_planes(&p);
        free_planes(&want);
    }
}

static void test_definition(void) {
    static const uint32_t threads[] = {1, 2, 7};
    for (unsigned t = 0; t < 3; t++) {
        codec_test_job job;
        codec_test_job_open(&job, threads[t], UINT32_MAX);
        for (uint32_t views = 1; views <= 8; views *= views == 2 ? 4 : 2) check_views(&job, views);
        codec_test_job_close(&job);
    }
}

/* Turning there and back is no change: exactly so with two views, as far as the sum of eight goes
 * with eight. */
static void test_idle(void) {
    codec_test_job job;
    codec_test_job_open(&job, 2, UINT32_MAX);
    for (unsigned k = 0; k < SIZES; k++) {
        tsr_planes p = drawn_planes(3, sizes[k][0], sizes[k][1]), q = copy_of(&p);
        CU_ASSERT_EQUAL(tsr_views_filter(&q, 2, idle, NULL, &job.job), TSR_OK);
        CU_ASSERT(same(&p, &q));
        CU_ASSERT_EQUAL(tsr_views_filter(&q, 8, idle, NULL, &job.job), TSR_OK);
        for (uint32_t i = 0; i < 3; i++)
            for (size_t n = 0; n < (size_t)p.p[i].w * p.p[i].h; n++)
                CU_ASSERT(fabsf(p.p[i].s.f[n] - q.p[i].s.f[n]) <= 128 * 0x1p-22f);
        free_planes(&p);
        free_planes(&q);
    }
    codec_test_job_close(&job);
}

/* A failure of the filter stops at once. */
static void test_failures(void) {
    codec_test_job job;
    codec_test_job_open(&job, 1, UINT32_MAX);
    for (unsigned failing = 1; failing <= 8; failing++) {
        calls c = {.failing = failing};
        tsr_planes p = drawn_planes(1, 30, 20);
        CU_ASSERT_EQUAL(tsr_views_filter(&p, 8, slant, &c, &job.job), TSR_ERR_CANCELLED);
        CU_ASSERT_EQUAL(c.n, failing);
        free_planes(&p);
    }
    codec_test_job_close(&job);
}

/* Two views need as much memory as the planes have, eight twice as much and a row and a column;
 * whatever happens, it is given back. */
static void test_memory(void) {
    enum {
        W = 1000,
        H = 800,
        SET = 3 * W * H * 4,
        LARGER = 3 * (W + 1) * (H + 1) * 4,
        ROUND = 3 * 64
    };
    static const struct {
        uint32_t views;
        uint64_t limit;
        tsr_status status;
    } limits[] = {{1, 0, TSR_OK},
                  {2, SET - 1, TSR_ERR_LIMIT},
                  {2, SET, TSR_OK},
                  {8, SET + LARGER - 1, TSR_ERR_LIMIT},
                  {8, SET + LARGER + ROUND, TSR_OK}};
    codec_test_job job;
    codec_test_job_open(&job, 1, UINT32_MAX);
    tsr_planes p = drawn_planes(3, W, H);
    for (unsigned i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        job.job.budget.limit = limits[i].limit;
        CU_ASSERT_EQUAL(tsr_views_filter(&p, limits[i].views, idle, NULL, &job.job),
                        limits[i].status);
        CU_ASSERT_EQUAL(job.job.budget.used, 0);
    }
    free_planes(&p);
    codec_test_job_close(&job);
}

static void test_legal(void) {
    for (uint32_t v = 0; v < 300; v++)
        CU_ASSERT_EQUAL(tsr_views_legal(v), v == 1 || v == 2 || v == 8);
}

TSR_TEST_MAIN("views of filters", {"as defined, with any number of threads", test_definition},
              {"a filter that does nothing", test_idle}, {"failures", test_failures},
              {"memory", test_memory}, {"numbers of views", test_legal})
