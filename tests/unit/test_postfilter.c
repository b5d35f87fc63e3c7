/* test_postfilter.c - the filter after decoding: what it leaves alone, how pixels are classed, the
 * encoder's choice, the same result for any number of threads. */
#include <math.h>
#include <string.h>

#include "codec_test.h"
#include "filters.h"
#include "postfilter.h"
#include "step.h"
#include "tsr_test.h"

static codec_test_job job;

static void open_job(void) {
    codec_test_job_open(&job, 2, UINT32_MAX);
}

/* ---------------------------------------------------------------- planes to filter */

enum { FLAT, RAMP_X, RAMP_Y, RAMP_DOWN, RAMP_UP, WILD, PHOTO };

static tsr_planes make(uint32_t n, uint32_t w, uint32_t h, int kind, float slope) {
    static const float wild[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1000, -1000, 0};
    tsr_planes p;
    uint64_t seed = 3;
    tsr_image im = test_picture(w, h, 1, 8, 5);
    CU_ASSERT_EQUAL_FATAL(tsr_planes_alloc(&p, n, w, h, &job.job), TSR_OK);
    for (uint32_t c = 0; c < n; c++)
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) {
                float *v = &p.p[c].s.f[(size_t)y * w + x], fx = (float)x, fy = (float)y;
                float photo = (float)((uint8_t *)im.pixels)[(size_t)y * w + x] - 128.0f;
                *v = kind == FLAT        ? 3.25f
                     : kind == RAMP_X    ? fx * slope - 50
                     : kind == RAMP_Y    ? fy * slope - 50
                     : kind == RAMP_DOWN ? (fx + fy) * slope - 50
                     : kind == RAMP_UP   ? (fx - fy) * slope
                     : kind == WILD
                         ? wild[test_random_below(&seed, 8)]
                         : photo * (c ? 0.3f : 1.0f) + (float)test_random_below(&seed, 256) / 32;
            }
    tsr_image_free(&im);
    return p;
}

static tsr_planes copy_of(const tsr_planes *p) {
    tsr_planes q;
    CU_ASSERT_EQUAL_FATAL(tsr_planes_alloc(&q, p->n, p->p[0].w, p->p[0].h, &job.job), TSR_OK);
    for (uint32_t c = 0; c < p->n; c++)
        memcpy(q.p[c].s.f, p->p[c].s.f, (size_t)p->p[c].w * p->p[c].h * sizeof(float));
    return q;
}

static int same_plane(const tsr_planes *a, const tsr_planes *b, uint32_t c) {
    return !memcmp(a->p[c].s.f, b->p[c].s.f, (size_t)a->p[c].w * a->p[c].h * sizeof(float));
}

static double squared_error(const tsr_planes *a, const tsr_planes *b) {
    double sum = 0;
    for (uint32_t c = 0; c < a->n; c++)
        for (size_t i = 0; i < (size_t)a->p[c].w * a->p[c].h; i++) {
            double d = (double)a->p[c].s.f[i] - b->p[c].s.f[i];
            sum += d * d;
        }
    return sum;
}

/* ---------------------------------------------------------------- sets */

static void test_sets(void) {
    CU_ASSERT_EQUAL(tsr_filter_set(0), 0);
    CU_ASSERT_EQUAL(tsr_filter_set(tsr_step_index(1)), 0);
    CU_ASSERT_EQUAL(tsr_filter_set(tsr_step_index(4)), 1);
    CU_ASSERT_EQUAL(tsr_filter_set(tsr_step_index(5.657)), 2);
    CU_ASSERT_EQUAL(tsr_filter_set(tsr_step_index(8)), 3);
    CU_ASSERT_EQUAL(tsr_filter_set(tsr_step_index(181)), TSR_FILTER_SETS);
    CU_ASSERT_EQUAL(tsr_filter_set(TSR_STEP_MAX), TSR_FILTER_SETS);
    for (uint32_t i = 1; i <= TSR_STEP_MAX; i++)
        CU_ASSERT(tsr_filter_set(i) >= tsr_filter_set(i - 1));
}

/* Every neighbour once, as one half of a point-symmetric filter, within the border. */
static void test_offsets(void) {
    tsr_filter_planes f = {.n = 3, .stride = 1000};
    for (uint32_t plane = 0; plane < 3; plane++) {
        ptrdiff_t offset[TSR_FILTER_TAPS], radius = plane ? 2 : 3;
        uint8_t source[TSR_FILTER_TAPS];
        tsr_filter_offsets(&f, plane, offset, source);
        for (uint32_t t = 0; t < TSR_FILTER_TAPS; t++) {
            ptrdiff_t dy = (offset[t] + 500) / 1000, dx = offset[t] - dy * 1000;
            CU_ASSERT(dy >= 0 && dy <= radius && dx >= -radius && dx <= radius && offset[t] > 0);
            CU_ASSERT_EQUAL(source[t], t < 12 || !plane ? plane : 0);
            for (uint32_t k = 0; k < t; k++)
                CU_ASSERT(offset[k] != offset[t] || source[k] != source[t]);
        }
    }
}

/* ---------------------------------------------------------------- classes */

/* Class of the middle of a picture of one kind. */
static uint8_t middle_class(int kind, float slope, uint32_t set) {
    tsr_planes p = make(1, 40, 30, kind, slope);
    tsr_filter_planes f;
    tsr_filter_classes c;
    CU_ASSERT_EQUAL_FATAL(tsr_filter_load(&f, &p, &job.job), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_filter_classify(&c, &f, set, &job.job), TSR_OK);
    for (size_t i = 0; i < 40 * 30; i++) CU_ASSERT(c.cls[i] < TSR_FILTER_CLASSES);
    return c.cls[15 * 40 + 20];
}

/* class = (strength * 3 + coherence) * 8 + direction */
static void test_classes(void) {
    CU_ASSERT_EQUAL(middle_class(FLAT, 0, 1) / 8, 0); /* no strength, no coherence */
    CU_ASSERT_EQUAL(middle_class(RAMP_X, 2, 1) / 8 % 3, 2);
    CU_ASSERT_EQUAL(middle_class(RAMP_X, 2, 1) % 8, 0);
    CU_ASSERT_EQUAL(middle_class(RAMP_Y, 2, 1) % 8, 3);
    CU_ASSERT_EQUAL(middle_class(RAMP_DOWN, 2, 1) % 8, 1);
    CU_ASSERT_EQUAL(middle_class(RAMP_UP, 2, 1) % 8, 5);
    CU_ASSERT_EQUAL(middle_class(RAMP_X, -2, 1),
                    middle_class(RAMP_X, 2, 1)); /* a direction has no sign */
}

static void test_strength(void) {
    uint8_t last = 0;
    for (float slope = 0.25f; slope < 20; slope *= 2) {
        uint8_t strength = middle_class(RAMP_X, slope, 3) / 24;
        CU_ASSERT(strength >= last);
        CU_ASSERT(middle_class(RAMP_X, slope, 9) / 24 <= strength); /* relative to the step */
        last = strength;
    }
    CU_ASSERT(last >= 5);
    for (uint32_t set = 1; set < TSR_FILTER_SETS - 1;
         set++) /* two sets are one octave of the step */
        CU_ASSERT_EQUAL(middle_class(RAMP_X, 1, set), middle_class(RAMP_X, 2, set + 2));
}

/* ---------------------------------------------------------------- filtering */

static void test_set_zero(void) {
    tsr_planes p = make(3, 50, 40, PHOTO, 0), before = copy_of(&p);
    CU_ASSERT_EQUAL(tsr_filter_apply(&p, 0, &job.job), TSR_OK);
    for (uint32_t c = 0; c < 3; c++) CU_ASSERT(same_plane(&p, &before, c));
}

/* Point-symmetric filters of zero sum cannot change what is linear. */
static void test_linear_stays(void) {
    for (uint32_t set = 1; set <= TSR_FILTER_SETS; set++)
        for (int kind = FLAT; kind <= RAMP_UP; kind++) {
            tsr_planes p = make(3, 40, 30, kind, 0.75f), before = copy_of(&p);
            CU_ASSERT_EQUAL(tsr_filter_apply(&p, set, &job.job), TSR_OK);
            double worst = 0;
            for (uint32_t c = 0; c < 3; c++)
                for (uint32_t y = 3; y < 27; y++)
                    for (uint32_t x = 3; x < 37; x++)
                        worst = fmax(worst, fabs((double)p.p[c].s.f[y * 40 + x] -
                                                 before.p[c].s.f[y * 40 + x]));
            CU_ASSERT(worst <= 0.5 / 32);
        }
}

/* All shapes, and samples that only hostile streams have: results are finite and within the range
 * of samples. */
static void test_shapes(void) {
    static const uint32_t size[][2] = {{1, 1}, {2, 1}, {1, 9}, {5, 5}, {600, 3}, {33, 70}};
    for (unsigned i = 0; i < 6; i++)
        for (uint32_t n = 1; n <= 4; n++)
            for (int kind = WILD; kind <= PHOTO; kind++) {
                tsr_planes p = make(n, size[i][0], size[i][1], kind, 0), before = copy_of(&p);
                size_t wrong = 0, count = (size_t)size[i][0] * size[i][1];
                CU_ASSERT_EQUAL(tsr_filter_apply(&p, 1 + i * 2, &job.job), TSR_OK);
                for (uint32_t c = 0; c < (n < 3 ? 1u : 3u); c++)
                    for (size_t k = 0; k < count; k++) wrong += !(fabsf(p.p[c].s.f[k]) < 1e6f);
                CU_ASSERT_EQUAL(wrong, 0);
                if (n % 2 == 0) CU_ASSERT(same_plane(&p, &before, n - 1)); /* alpha is no picture */
            }
}

static void test_threads(void) {
    static const uint32_t threads[] = {1, 2, 7};
    tsr_planes p = make(3, 150, 110, PHOTO, 0), results[3];
    for (int i = 0; i < 3; i++) {
        codec_test_job t;
        codec_test_job_open(&t, threads[i], i == 0 ? 0 : UINT32_MAX);
        results[i] = copy_of(&p);
        CU_ASSERT_EQUAL(tsr_filter_apply(&results[i], 6, &t.job), TSR_OK);
        for (uint32_t c = 0; c < 3; c++) CU_ASSERT(same_plane(&results[0], &results[i], c));
        codec_test_job_close(&t);
    }
    CU_ASSERT_FALSE(same_plane(&p, &results[0], 0)); /* it does something */
}

static void test_memory_limit(void) {
    tsr_planes p = make(3, 300, 300, PHOTO, 0);
    uint64_t limit = job.job.budget.limit;
    job.job.budget.limit = job.job.budget.used;
    CU_ASSERT_EQUAL(tsr_filter_apply(&p, 6, &job.job), TSR_ERR_LIMIT);
    job.job.budget.limit = limit;
    tsr_diag_init(&job.diag);
    CU_ASSERT_EQUAL(tsr_filter_apply(&p, 6, &job.job), TSR_OK);
}

/* ---------------------------------------------------------------- choosing */

/* Coding noise of a step: samples rounded to its multiples. */
static tsr_planes rounded(const tsr_planes *p, float step) {
    tsr_planes q = copy_of(p);
    for (uint32_t c = 0; c < q.n; c++)
        for (size_t i = 0; i < (size_t)q.p[c].w * q.p[c].h; i++)
            q.p[c].s.f[i] = roundf(q.p[c].s.f[i] / step) * step;
    return q;
}

/* On a picture of one strip all rows are judged: the choice is never worse than none. */
static void test_choice(void) {
    unsigned chosen = 0;
    for (uint32_t nominal = 1; nominal <= TSR_FILTER_SETS; nominal++) {
        tsr_planes original = make(3, 300, 30, PHOTO, 0), decoded, before;
        tsr_filters f = {.set = nominal, .step = 30};
        decoded = rounded(&original, 4 * exp2f((float)nominal / 2 - 0.5f));
        before = copy_of(&decoded);
        CU_ASSERT_EQUAL(tsr_filters_choose(&decoded, &original, &f, &job.job), TSR_OK);
        uint32_t set = f.set;
        for (uint32_t c = 0; c < 3; c++) CU_ASSERT(same_plane(&decoded, &before, c));
        CU_ASSERT(set == 0 || (set + 1 >= nominal && set <= nominal + 2 && set <= TSR_FILTER_SETS));
        double without = squared_error(&decoded, &original);
        CU_ASSERT_EQUAL(tsr_filter_apply(&decoded, set, &job.job), TSR_OK);
        double with = squared_error(&decoded, &original);
        CU_ASSERT(set ? with < without : with == without);
        chosen += set != 0;
    }
    CU_ASSERT(chosen > 0);
}

static void test_no_choice(void) {
    tsr_planes p = make(1, 80, 90, PHOTO, 0);
    tsr_filters f = {.set = 5, .step = 30}, none = {0};
    CU_ASSERT_EQUAL(tsr_filters_choose(&p, &p, &f, &job.job), TSR_OK);
    CU_ASSERT_EQUAL(f.set, 0); /* nothing to gain */
    CU_ASSERT_EQUAL(tsr_filters_choose(&p, &p, &none, &job.job), TSR_OK);
    CU_ASSERT_EQUAL(none.set, 0);
}

/* Through whole files: switched on it never costs more than the byte that names it, and does not
 * lose. */
static void test_in_a_file(void) {
    for (unsigned channels = 1; channels <= 4; channels++) {
        tsr_image im = test_picture(200, 30, channels, 8, channels), back[2];
        size_t size[2];
        for (uint32_t on = 0; on < 2; on++) {
            tsr_encode_options o;
            tsr_blob file;
            tsr_encode_options_init(&o);
            o.postfilter = on ? TSR_POSTFILTER_ON : TSR_POSTFILTER_OFF;
            o.value = 60;
            CU_ASSERT_EQUAL_FATAL(tsr_encode(job.ctx, &im, &o, &file, NULL, NULL), TSR_OK);
            CU_ASSERT_EQUAL_FATAL(
                codec_test_decode(job.ctx, file.data, file.size, 0, &back[on], NULL, &job.diag),
                TSR_OK);
            size[on] = file.size;
            tsr_blob_free(&file);
        }
        CU_ASSERT(size[1] <= size[0] + 1);
        CU_ASSERT(measured_psnr(&im, &back[1]) > measured_psnr(&im, &back[0]) - 0.02);
        tsr_image_free(&im);
        tsr_image_free(&back[0]);
        tsr_image_free(&back[1]);
    }
}

static void close_job(void) {
    codec_test_job_close(&job);
}

TSR_TEST_MAIN("post filter", {"open", open_job}, {"sets", test_sets}, {"offsets", test_offsets},
              {"classes", test_classes}, {"strength", test_strength}, {"set 0", test_set_zero},
              {"what is linear stays", test_linear_stays}, {"shapes", test_shapes},
              {"threads", test_threads}, {"memory limit", test_memory_limit},
              {"choice", test_choice}, {"no choice", test_no_choice}, {"in a file", test_in_a_file},
              {"close", close_job})
