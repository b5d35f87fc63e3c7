/* test_train_tile.c - tiles, how they are looked at, and the window that moves over them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn_ops.h"
#include "train_scene.h"
#include "train_window.h"
#include "tsr_test.h"

static const train_coding coding = {"wavelet", 0};

/* ---- views ---- */

enum { SIDE = 64, HALF = SIDE / 2 };

/* A tile of three planes of noise, from the pixels f(x, y). */
static train_tile tile_of(const float *planes) {
    train_tile t = {.w = HALF, .h = HALF, .planes = 3, .step = 1};
    size_t n = (size_t)HALF * HALF;
    nn_tensor x = {(float *)planes, {1, 3, SIDE, SIDE}};
    float *bands = calloc(12 * n + tsr_op_wavelet_work(x.s), sizeof *bands);
    t.data = calloc(2 * TRAIN_CHANNELS * n, sizeof *t.data);
    tsr_op_wavelet_forward(x, bands, bands + 12 * n);
    for (size_t i = 0; i < TRAIN_CHANNELS * n; i++)
        t.data[i] = t.data[TRAIN_CHANNELS * n + i] =
            (int16_t)lrintf(bands[i] * (1 << TRAIN_TILE_FRACTION));
    free(bands);
    return t;
}

static float noise(uint32_t p, int x, int y) {
    uint32_t v = (p * 73856093u) ^ ((uint32_t)x * 19349663u) ^ ((uint32_t)y * 83492791u);
    v = (v ^ v >> 13) * 0x5bd1e995u;
    return (float)(v >> 24) - 128.0f;
}

/* The picture mirrored about an even pixel, so that its low samples lie where they lay, and
 * transposed. */
static void make_planes(float *out, int flip_x, int flip_y, int transpose) {
    for (uint32_t p = 0; p < 3; p++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                int sx = transpose ? y : x, sy = transpose ? x : y;
                if (flip_x) sx = abs(SIDE - 2 - sx);
                if (flip_y) sy = abs(SIDE - 2 - sy);
                out[(p * SIDE + (uint32_t)y) * SIDE + (uint32_t)x] = noise(p, sx, sy);
            }
}

/* Largest difference of two views' inner parts, where no border is in reach. */
static float inner_difference(const float *a, const float *b, uint32_t side) {
    enum { MARGIN = 4 };
    float worst = 0;
    for (uint32_t c = 0; c < TRAIN_CHANNELS; c++)
        for (uint32_t y = MARGIN; y + MARGIN < side; y++)
            for (uint32_t x = MARGIN; x + MARGIN < side; x++) {
                float d = fabsf(a[(c * side + y) * side + x] - b[(c * side + y) * side + x]);
                if (d > worst) worst = d;
            }
    return worst;
}

static void test_views_are_those_of_the_mirrored_picture(void) {
    enum { V = HALF - 1 };
    float *planes = calloc(3 * SIDE * SIDE, sizeof *planes);
    float *a = calloc(TRAIN_CHANNELS * V * V, sizeof *a), *b = calloc(TRAIN_CHANNELS * V * V, 4);
    for (int k = 0; k < 8; k++) {
        int transpose = k & 1, flip_x = k >> 1 & 1, flip_y = k >> 2 & 1;
        make_planes(planes, 0, 0, 0);
        train_tile plain = tile_of(planes);
        make_planes(planes, flip_x, flip_y, transpose);
        train_tile turned = tile_of(planes);
        train_view v = {(uint32_t)flip_x, (uint32_t)flip_y, V, V, flip_x, flip_y, transpose};
        train_view straight = {0, 0, V, V, 0, 0, 0};
        tsr_train_tile_view(&plain, 1, &v, a);
        tsr_train_tile_view(&turned, 1, &straight, b);
        CU_ASSERT(inner_difference(a, b, V) < 0.1f);
        tsr_train_tile_free(&plain);
        tsr_train_tile_free(&turned);
    }
    free(planes);
    free(a);
    free(b);
}

static void test_random_views_stay_inside(void) {
    train_tile t = {.w = 20, .h = 33};
    nn_rng rng = tsr_nn_rng_seed(3);
    int flips = 0;
    for (int i = 0; i < 2000; i++) {
        train_view v = tsr_train_view_random(&t, 20, &rng);
        CU_ASSERT_FATAL(v.w == 20 && v.h == 20 && !v.flip_x && v.x == 0);
        CU_ASSERT_FATAL(v.y + v.h <= t.h && v.y >= (uint32_t)v.flip_y);
        flips += v.flip_y;
    }
    CU_ASSERT(flips > 500 && flips < 1500);
}

/* ---- tiles ---- */

/* The decoded version is nearer to the original at a finer step, and costs more. */
static void test_tile_is_coded_at_its_step(void) {
    tsr_image im;
    tsr_context *ctx;
    tsr_diag d;
    double error[2];
    float bpp[2];
    train_scene_picture(&im, 80, 64, 3, 1);
    CU_ASSERT_FATAL(!train_scene_open(NULL, &ctx, &d));
    for (int k = 0; k < 2; k++) {
        train_tile t;
        train_cut cut = tsr_train_cut_centre(&im, 32);
        CU_ASSERT_FATAL(!tsr_train_tile_make(&t, ctx, &im, &cut, &coding, k ? 10 : 60, &d));
        CU_ASSERT(t.w == 40 && t.h == 32 && t.planes == 3);
        CU_ASSERT(fabsf(t.step / (k ? 10 : 60) - 1) < 0.01f);
        size_t n = (size_t)TRAIN_CHANNELS * t.w * t.h;
        error[k] = 0;
        bpp[k] = t.bpp;
        for (size_t i = 0; i < n; i++) error[k] += pow(t.data[i] - t.data[n + i], 2);
        tsr_train_tile_free(&t);
    }
    CU_ASSERT(error[1] > 0 && error[1] < error[0] / 4);
    CU_ASSERT(bpp[1] > bpp[0]);
    tsr_context_free(ctx);
    tsr_image_free(&im);
}

/* Pictures of any size, down to one pixel, with and without colour and alpha, of both depths. */
static void test_small_pictures_are_continued(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {2, 3}, {31, 500}, {33, 17}};
    tsr_context *ctx;
    tsr_diag d;
    CU_ASSERT_FATAL(!train_scene_open(NULL, &ctx, &d));
    nn_rng rng = tsr_nn_rng_seed(1);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned channels = 1; channels <= 4; channels++) {
            tsr_image im;
            train_tile t;
            train_scene_picture(&im, sizes[i][0], sizes[i][1], channels, i);
            train_cut cut = tsr_train_cut_random(&im, 32, &rng);
            CU_ASSERT_FATAL(!tsr_train_tile_make(&t, ctx, &im, &cut, &coding, 30, &d));
            CU_ASSERT(t.w >= 16 && t.h >= 16 && t.w <= 128 && t.h <= 128);
            CU_ASSERT(t.planes == (channels < 3 ? 1 : 3));
            tsr_train_tile_free(&t);
            tsr_image_free(&im);
        }
    tsr_context_free(ctx);
}

/* ---- the window ---- */

static train_window_options window_of(train_scene *scene, int background) {
    return (train_window_options){.source = &scene->source,
                                  .coding = {"wavelet", 0},
                                  .seed = 9,
                                  .step_min = 10,
                                  .step_max = 100,
                                  .capacity = 5,
                                  .min_side = 32,
                                  .background = background,
                                  .open = train_scene_open,
                                  .note = train_scene_note,
                                  .user = scene};
}

static int equal_tiles(const train_tile *a, const train_tile *b) {
    return a->w == b->w && a->h == b->h && a->step == b->step &&
           !memcmp(a->data, b->data, (size_t)2 * TRAIN_CHANNELS * a->w * a->h * sizeof *a->data);
}

/* Tile m is the same made by a thread or not, from the beginning or from the middle. */
static void test_window_depends_on_its_position_alone(void) {
    train_scene scene;
    train_scene_init(&scene, 3, 60, 48);
    train_window_options plain = window_of(&scene, 0), ahead = window_of(&scene, 1);
    train_window *a, *b, *c;
    tsr_diag d;
    CU_ASSERT_FATAL(!tsr_train_window_new(&a, &plain, 0, &d));
    CU_ASSERT_FATAL(!tsr_train_window_advance(a, 23, &d));
    train_scene other;
    train_scene_init(&other, 3, 60, 48);
    ahead.source = &other.source;
    CU_ASSERT_FATAL(!tsr_train_window_new(&b, &ahead, 0, &d));
    for (uint64_t end = 1; end <= 23; end += 2)
        CU_ASSERT_FATAL(!tsr_train_window_advance(b, end, &d));
    CU_ASSERT_FATAL(!tsr_train_window_new(&c, &plain, 18, &d));
    CU_ASSERT_FATAL(!tsr_train_window_advance(c, 23, &d));
    CU_ASSERT_FATAL(tsr_train_window_size(a) == 5 && tsr_train_window_size(b) == 5 &&
                    tsr_train_window_size(c) == 5);
    for (uint32_t i = 0; i < 5; i++) {
        CU_ASSERT(equal_tiles(tsr_train_window_tile(a, i), tsr_train_window_tile(b, i)));
        CU_ASSERT(equal_tiles(tsr_train_window_tile(a, i), tsr_train_window_tile(c, i)));
    }
    CU_ASSERT(!equal_tiles(tsr_train_window_tile(a, 0), tsr_train_window_tile(a, 1)));
    tsr_train_window_free(a);
    tsr_train_window_free(b);
    tsr_train_window_free(c);
}

static void test_processes_have_tiles_of_their_own(void) {
    train_scene scene;
    train_scene_init(&scene, 3, 60, 48);
    train_window *w[2];
    tsr_diag d;
    for (uint32_t p = 0; p < 2; p++) {
        train_window_options o = window_of(&scene, 0);
        o.process = p;
        o.processes = 2;
        CU_ASSERT_FATAL(!tsr_train_window_new(&w[p], &o, 0, &d));
        CU_ASSERT_FATAL(!tsr_train_window_advance(w[p], 5, &d));
    }
    for (uint32_t i = 0; i < 25; i++)
        CU_ASSERT(
            !equal_tiles(tsr_train_window_tile(w[0], i / 5), tsr_train_window_tile(w[1], i % 5)));
    tsr_train_window_free(w[0]);
    tsr_train_window_free(w[1]);
}

/* What cannot be read is said once and left out; when nothing is left, that is an error. */
static void test_bad_pictures(void) {
    train_scene scene;
    train_scene_init(&scene, 3, 60, 48);
    train_window *w;
    tsr_diag d;
    for (int background = 0; background < 2; background++) {
        train_window_options o = window_of(&scene, background);
        scene.bad = 1u << 1;
        scene.notes = 0;
        CU_ASSERT_FATAL(!tsr_train_window_new(&w, &o, 0, &d));
        CU_ASSERT(!tsr_train_window_advance(w, 40, &d));
        tsr_train_window_free(w);
        CU_ASSERT(scene.notes == 1);
        scene.bad = 7;
        CU_ASSERT_FATAL(!tsr_train_window_new(&w, &o, 0, &d));
        CU_ASSERT(tsr_train_window_advance(w, 1, &d) == TSR_ERR_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(d.text, "no picture in the folder");
        tsr_train_window_free(w);
    }
    scene.source.n = 0;
    train_window_options o = window_of(&scene, 0);
    CU_ASSERT(tsr_train_window_new(&w, &o, 0, &d) == TSR_ERR_ARGUMENT && !w);
}

TSR_TEST_MAIN("train_tile",
              {"views are those of the mirrored picture",
               test_views_are_those_of_the_mirrored_picture},
              {"random views stay inside", test_random_views_stay_inside},
              {"a tile is coded at its step", test_tile_is_coded_at_its_step},
              {"small pictures are continued", test_small_pictures_are_continued},
              {"the window depends on its position alone",
               test_window_depends_on_its_position_alone},
              {"processes have tiles of their own", test_processes_have_tiles_of_their_own},
              {"bad pictures", test_bad_pictures})
