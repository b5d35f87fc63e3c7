/* test_filter_kernels.c - the loops of the post filter: every instruction set gives the bits of
 * plain C.
 *
 *     test_filter_kernels            runs the tests
 *     test_filter_kernels --bench    times the loops (ns a pixel)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec_test.h"
#include "postfilter.h"
#include "postfilter_kernel.h"
#include "tsr_test.h"

enum { WIDTH = 500, ROOM = WIDTH + 16, KERNELS = 3 };

static const tsr_filter_kernels *kernels[KERNELS];
static uint32_t n_kernels;

static void find_kernels(void) {
    n_kernels = 0;
    kernels[n_kernels++] = &tsr_filter_kernels_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) kernels[n_kernels++] = &tsr_filter_kernels_avx2;
    if (__builtin_cpu_supports("avx512bw")) kernels[n_kernels++] = &tsr_filter_kernels_avx512;
#endif
}

typedef struct scene {
    float in[ROOM];
    int16_t rows[5][ROOM];
    int32_t tmp[3 * (WIDTH + 4)], sums[5][3][WIDTH], pairs[TSR_FILTER_CLASSES], acc[WIDTH];
    uint8_t cls[WIDTH];
} scene;

static void fill(scene *s, uint64_t seed) {
    memset(s, 0, sizeof *s);
    for (int x = 0; x < ROOM; x++)
        s->in[x] = (float)(int32_t)(test_random(&seed) >> 44) / 900 - 600;
    s->in[3] = NAN;
    s->in[4] = INFINITY;
    s->in[5] = -1e30f;
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < ROOM; x++)
            s->rows[y][x] = (int16_t)((int32_t)(test_random(&seed) >> 50) % 9000 - 4500);
    for (uint32_t c = 0; c < TSR_FILTER_CLASSES; c++) {
        int32_t a = (int32_t)(test_random(&seed) >> 54) - 512,
                b = (int32_t)(test_random(&seed) >> 54) - 512;
        s->pairs[c] = (int32_t)((uint32_t)(uint16_t)a | (uint32_t)b << 16);
    }
}

static tsr_gradient_sums sums_of(scene *s, int y) {
    return (tsr_gradient_sums){s->sums[y][0], s->sums[y][1], s->sums[y][2]};
}

/* All loops in the order of use. */
static void run(const tsr_filter_kernels *k, scene *s) {
    static const tsr_class_rule rule = {{1e5f, 1e6f, 3e6f, 1e7f, 3e7f, 1e8f, 3e8f}};
    tsr_gradient_sums g[5];
    for (int y = 0; y < 5; y++) {
        g[y] = sums_of(s, y);
        k->gradients(s->rows[y] + 8, s->rows[(y + 1) % 5] + 8, s->rows[(y + 2) % 5] + 8, WIDTH,
                     s->tmp, &g[y]);
    }
    k->classify(&rule, g, WIDTH, s->cls);
    k->add_taps(s->acc, s->pairs, s->cls, s->rows[0] + 8, 3, s->rows[1] + 8, 5, WIDTH);
    k->load(s->in, s->rows[4], ROOM);
}

static void test_equal(void) {
    static scene a, b;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        fill(&a, seed);
        run(kernels[0], &a);
        for (uint32_t i = 1; i < n_kernels; i++) {
            fill(&b, seed);
            run(kernels[i], &b);
            CU_ASSERT_EQUAL(memcmp(a.cls, b.cls, sizeof a.cls), 0);
            CU_ASSERT_EQUAL(memcmp(a.acc, b.acc, sizeof a.acc), 0);
            CU_ASSERT_EQUAL(memcmp(a.rows, b.rows, sizeof a.rows), 0);
            CU_ASSERT_EQUAL(memcmp(a.sums, b.sums, sizeof a.sums), 0);
        }
    }
}

/* The load clips, and what is no number becomes the least value. */
static void test_load(void) {
    static const float in[6] = {0, 1.5f, 1e9f, -1e9f, NAN, -0.015f};
    for (uint32_t i = 0; i < n_kernels; i++) {
        int16_t out[6];
        kernels[i]->load(in, out, 6);
        CU_ASSERT(out[0] == 0 && out[1] == 48 && out[2] == 32000 && out[3] == -32000);
        CU_ASSERT_EQUAL(out[4], -32000);
        CU_ASSERT_EQUAL(out[5], 0);
    }
}

/* A vertical edge, a horizontal one and the two diagonals are different classes; a flat place is
 * the weakest of all. */
static void test_directions(void) {
    static const int32_t sums[5][3] = {{9000000, 0, 0},
                                       {0, 9000000, 0},
                                       {4500000, 4500000, 4490000},
                                       {4500000, 4500000, -4490000},
                                       {0, 0, 0}};
    static const tsr_class_rule rule = {{1e3f, 1e4f, 1e5f, 1e6f, 3e6f, 1e7f, 3e7f}};
    uint8_t cls[5];
    for (int i = 0; i < 5; i++) {
        int32_t xx = sums[i][0], yy = sums[i][1], xy = sums[i][2], zero = 0;
        tsr_gradient_sums g[5] = {{&xx, &yy, &xy},
                                  {&zero, &zero, &zero},
                                  {&zero, &zero, &zero},
                                  {&zero, &zero, &zero},
                                  {&zero, &zero, &zero}};
        kernels[0]->classify(&rule, g, 1, &cls[i]);
    }
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(cls[i] / 8 % 3, 2);
        for (int k = 0; k < i; k++) CU_ASSERT_NOT_EQUAL(cls[i] % 8, cls[k] % 8);
    }
    CU_ASSERT_EQUAL(cls[4] / 24, 0);
}

static void bench(void) {
    static const char *const names[KERNELS] = {"plain", "avx2", "avx512"};
    static scene s;
    for (uint32_t i = 0; i < n_kernels; i++) {
        fill(&s, 1);
        clock_t start = clock();
        for (int rep = 0; rep < 20000; rep++)
            kernels[i]->add_taps(s.acc, s.pairs, s.cls, s.rows[0] + 8, 3, s.rows[1] + 8, 5, WIDTH);
        clock_t middle = clock();
        for (int rep = 0; rep < 2000; rep++) run(kernels[i], &s);
        double scale = 1e9 / CLOCKS_PER_SEC / WIDTH;
        printf("%-8s two taps %6.3f ns a pixel, all loops once %6.3f ns a pixel\n", names[i],
               (double)(middle - start) * scale / 20000, (double)(clock() - middle) * scale / 2000);
    }
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"instruction sets agree", test_equal},
                           {"loading clips", test_load},
                           {"directions are told apart", test_directions},
                           CU_TEST_INFO_NULL};
    find_kernels();
    if (argc > 1 && !strcmp(argv[1], "--bench")) return bench(), 0;
    return tsr_test_run("filter kernels", tests);
}
