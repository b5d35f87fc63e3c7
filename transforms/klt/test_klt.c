/* test_klt.c - the trained bases, the choice among them, the transform as a whole, and training. */
#include <math.h>
#include <tessera/builtin.h>
#include <tessera/tune.h>

#include "../../tests/unit/tsr_test.h"
#include "../common/lapack_eig.h"
#include "klt_internal.h"

#define BENCH_STATE klt
#include "../common/test_bench.h"

extern const tsr_transform tsr_transform_klt;

enum { P_CLASSES, P_OVERLAP, N_PARAMS };

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* -128 .. 127 */
static float next_value(uint32_t *state) {
    return (float)(next_random(state) % 256) - 128.0f;
}

/* ---- bases ---- */

static klt_bases bases;

/* Rows are orthonormal; the mean of the block is left alone. */
static void test_orthonormal(void) {
    tsr_klt_bases_load(&bases);
    double worst = 0;
    for (unsigned n = 0; n < KLT_BASES; n++)
        for (unsigned a = 0; a < KLT_SIZE; a++)
            for (unsigned b = 0; b < KLT_SIZE; b++) {
                double dot = 0;
                for (unsigned i = 0; i < KLT_SIZE; i++)
                    dot += (double)bases.row[n][a][i] * (double)bases.row[n][b][i];
                worst = fmax(worst, fabs(dot - (a == b && a > 0)));
                CU_ASSERT(bases.row[n][a][b] == bases.column[n][b][a]);
            }
    CU_ASSERT(worst < 2e-4);
}

static void test_views(void) {
    float x[KLT_SIZE], y[KLT_SIZE], z[KLT_SIZE];
    for (unsigned i = 0; i < KLT_SIZE; i++) x[i] = (float)i + 1.0f;
    for (unsigned view = 0; view < KLT_VIEWS; view++) {
        tsr_klt_view(view, x, y);
        tsr_klt_unview(view, y, z);
        CU_ASSERT_EQUAL(memcmp(x, z, sizeof x), 0);
    }
    tsr_klt_view(3, x, y); /* component (u, v) = (3, 2) goes to (2, 3) and is turned round */
    CU_ASSERT(y[3 * KLT_SIDE + 2] == -x[2 * KLT_SIDE + 3]);
    CU_ASSERT(y[2 * KLT_SIDE + 3] == x[3 * KLT_SIDE + 2]);
}

/* The product leaves out zeros and is otherwise the sum in order. */
static void test_combine(void) {
    float w[KLT_SIZE] = {0}, out[KLT_SIZE];
    uint32_t seed = 4;
    for (unsigned i = 1; i < KLT_SIZE; i += 1 + next_random(&seed) % 4) w[i] = next_value(&seed);
    tsr_klt_combine(bases.row[1], w, out);
    for (unsigned k = 0; k < KLT_SIZE; k++) {
        float sum = 0.0f;
        for (unsigned i = 0; i < KLT_SIZE; i++) sum += w[i] * bases.row[1][i][k];
        CU_ASSERT(sum == out[k]);
    }
}

static void test_classes_invert(void) {
    uint32_t seed = 8;
    for (uint32_t cls = 1; cls < KLT_CLASSES; cls++) {
        float x[KLT_SIZE] = {0}, y[KLT_SIZE];
        double before = 0, after = 0;
        for (unsigned i = 1; i < KLT_SIZE; i++) x[i] = next_value(&seed);
        memcpy(y, x, sizeof y);
        tsr_klt_forward(&bases, cls, y);
        for (unsigned i = 0; i < KLT_SIZE; i++) {
            before += (double)x[i] * x[i];
            after += (double)y[i] * y[i];
        }
        CU_ASSERT(fabs(after / before - 1) < 1e-4);
        CU_ASSERT(memcmp(x, y, sizeof x) != 0);
        tsr_klt_backward(&bases, cls, y);
        for (unsigned i = 0; i < KLT_SIZE; i++) CU_ASSERT(fabsf(x[i] - y[i]) < 1e-3f);
    }
}

/* ---- one instance with its planes and bands ---- */

static void open_classes(bench *b, int classes, uint32_t w, uint32_t h, uint32_t planes,
                         uint32_t threads) {
    const tsr_value v[N_PARAMS] = {[P_CLASSES] = {.i = classes}, [P_OVERLAP] = {.i = 1}};
    bench_open(b, &tsr_transform_klt, v, w, h, planes, threads);
}

static tsr_status analyse(bench *b, float step) {
    const tsr_goal goal = {sizeof goal, 5, step, 0.11f * step * step};
    tsr_status s = tsr_transform_klt.analysis(&b->st, &b->in, &goal, &b->coeffs, &b->host.env);
    test_host_free(&b->host, b->own);
    return s;
}

static tsr_status synthesise(bench *b) {
    tsr_status s = tsr_transform_klt.synthesis(&b->st, &b->coeffs, &b->out, &b->host.env);
    test_host_free(&b->host, b->own);
    return s;
}

static size_t band_size(const bench *b, uint32_t i) {
    return (size_t)b->band[i].w * b->band[i].h;
}

/* Waves whose direction turns from left to right, with noise. */
static void fill_picture(bench *b) {
    uint32_t seed = 5;
    for (uint32_t p = 0; p < b->in.n; p++)
        for (uint32_t y = 0; y < b->g.height; y++)
            for (uint32_t x = 0; x < b->g.width; x++) {
                double turn = 0.02 * x;
                b->in.p[p].s.f[(size_t)y * b->g.width + x] =
                    60.0f * (float)sin(0.6 * (cos(turn) * x + sin(turn) * y) + p) +
                    (float)(next_random(&seed) % 16) - 8.0f;
            }
}

/* Sparse coefficients; every block in class `cls`, or in any when it is KLT_CLASSES. */
static void fill_coefficients(bench *b, uint32_t cls) {
    uint32_t seed = 77;
    for (uint32_t i = 0; i < b->coeffs.n; i++)
        for (size_t k = 0; k < band_size(b, i); k++)
            if (b->band[i].domain == TSR_DOMAIN_INDEX)
                b->data[i].i[k] = (int32_t)(cls < KLT_CLASSES ? cls : next_random(&seed) % cls);
            else
                b->data[i].f[k] = next_random(&seed) % 16 ? 0.0f : next_value(&seed);
}

static uint32_t used_classes(const bench *b, int32_t cls) {
    uint32_t n = 0;
    for (size_t k = 0; k < band_size(b, b->st.at); k++)
        n += cls ? b->data[b->st.at].i[k] == cls : b->data[b->st.at].i[k] != 0;
    return n;
}

static double worst_error(const bench *b) {
    double worst = 0;
    for (uint32_t p = 0; p < b->in.n; p++)
        for (size_t i = 0; i < (size_t)b->g.width * b->g.height; i++)
            worst = fmax(worst, fabs((double)b->in.p[p].s.f[i] - b->out.p[p].s.f[i]));
    return worst;
}

static void test_round_trip(void) {
    static const uint32_t size[][3] = {{1, 1, 1},   {1, 9, 3},   {7, 1, 4},
                                       {8, 8, 1},   {9, 33, 2},  {31, 17, 3},
                                       {64, 40, 3}, {65, 41, 4}, {3, 100, 1}};
    uint32_t used = 0;
    for (int classes = 0; classes < 2; classes++)
        for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
            bench b;
            open_classes(&b, classes, size[i][0], size[i][1], size[i][2], 3);
            fill_picture(&b);
            CU_ASSERT_EQUAL(analyse(&b, 4.0f), TSR_OK);
            if (classes) used += used_classes(&b, 0);
            CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
            CU_ASSERT(worst_error(&b) < 2e-3);
            bench_close(&b);
        }
    CU_ASSERT(used > 0);
}

static void check_band(const bench *b, uint32_t i) {
    const tsr_band *band = &b->band[i];
    CU_ASSERT(i == 0 || band->layer == band[-1].layer || band->layer == band[-1].layer + 1);
    for (int r = 0; r < TSR_REFS; r++) {
        if (band->ref[r] == TSR_NO_BAND) continue;
        CU_ASSERT_FATAL(band->ref[r] < i);
        const tsr_band *other = &b->band[band->ref[r]];
        CU_ASSERT(other->w == band->w && other->h == band->h);
        CU_ASSERT_EQUAL(other->domain, TSR_DOMAIN_REAL);
        CU_ASSERT(r >= TSR_REF_PLANE_A || other->plane == band->plane);
    }
}

static void test_layout(void) {
    for (int classes = 0; classes < 2; classes++) {
        bench b;
        open_classes(&b, classes, 70, 30, 4, 1);
        CU_ASSERT_EQUAL(b.coeffs.n, 4 * (63 + 16) + (uint32_t)classes);
        for (uint32_t i = 0; i < b.coeffs.n; i++) {
            check_band(&b, i);
            CU_ASSERT_EQUAL(b.band[i].domain == TSR_DOMAIN_INDEX, classes && i == 64);
        }
        const tsr_band *first = &b.band[64 + classes]; /* components (1, 0) and (0, 1) */
        CU_ASSERT(first[0].orient == TSR_ORIENT_H && first[1].orient == TSR_ORIENT_V);
        CU_ASSERT_EQUAL(first[1].ref[TSR_REF_SISTER_B], 64 + (uint32_t)classes);
        bench_close(&b);
    }
}

/* Blocks made of few components of a class are found to be of that class. */
static void test_choice(void) {
    for (int32_t cls = 2; cls < KLT_CLASSES; cls += 5) {
        bench b;
        open_classes(&b, 1, 128, 128, 1, 2);
        fill_coefficients(&b, (uint32_t)cls);
        CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
        memcpy(b.in.p[0].s.f, b.out.p[0].s.f, 128 * 128 * sizeof(float));
        CU_ASSERT_EQUAL(analyse(&b, 8.0f), TSR_OK);
        CU_ASSERT(used_classes(&b, cls) > band_size(&b, b.st.at) * 9 / 10);
        CU_ASSERT_EQUAL(analyse(&b, 1000.0f), TSR_OK); /* nothing is left at this step */
        CU_ASSERT_EQUAL(used_classes(&b, 0), 0);
        bench_close(&b);
    }
}

/* FNV-1a over the bits of the samples. */
static uint32_t hash_planes(const bench *b) {
    uint32_t h = 2166136261u, bits;
    for (uint32_t p = 0; p < b->out.n; p++)
        for (size_t i = 0; i < (size_t)b->g.width * b->g.height; i++) {
            memcpy(&bits, &b->out.p[p].s.f[i], sizeof bits);
            h = (h ^ bits) * 16777619u;
        }
    return h;
}

/* The decoder's samples are the same bits on every machine, with every compiler and any number of
 * workers: the hashes below were made once and stay as long as the bases do. */
static void test_exact(void) {
    static const uint32_t hash[2] = {0xb8e973f7, 0xd0c83940};
    for (int classes = 0; classes < 2; classes++)
        for (uint32_t threads = 1; threads <= 7; threads += 3) {
            bench b;
            open_classes(&b, classes, 203, 101, 3, threads);
            fill_coefficients(&b, KLT_CLASSES);
            CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
            CU_ASSERT_EQUAL(hash_planes(&b), hash[classes]);
            bench_close(&b);
        }
}

static void test_threads(void) {
    bench a, b;
    open_classes(&a, 1, 203, 101, 3, 1);
    open_classes(&b, 1, 203, 101, 3, 7);
    fill_picture(&a);
    fill_picture(&b);
    CU_ASSERT_EQUAL(analyse(&a, 10.0f), TSR_OK);
    CU_ASSERT_EQUAL(analyse(&b, 10.0f), TSR_OK);
    CU_ASSERT(used_classes(&a, 0) > 0);
    for (uint32_t i = 0; i < a.coeffs.n; i++)
        CU_ASSERT_EQUAL(memcmp(a.data[i].f, b.data[i].f, band_size(&a, i) * sizeof(float)), 0);
    bench_close(&a);
    bench_close(&b);
}

static void test_failures(void) {
    bench b;
    open_classes(&b, 1, 50, 40, 3, 2);
    fill_picture(&b);
    for (uint32_t room = 0; room < 7; room++) { /* arrays, 4 of the blocks, levels, prices */
        b.host.fail_at = b.own + room;
        CU_ASSERT(analyse(&b, 5.0f) != TSR_OK);
        if (room < 6) CU_ASSERT(synthesise(&b) != TSR_OK);
    }
    b.host.fail_at = UINT32_MAX;
    b.host.cancel = 1;
    CU_ASSERT_EQUAL(analyse(&b, 5.0f), TSR_ERR_CANCELLED);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_ERR_CANCELLED);
    bench_close(&b);
}

/* ---- training ---- */

/* Slanted waves of several directions. */
static void fill_training(uint8_t *pixel, uint32_t w, uint32_t h, unsigned picture) {
    double turn = 0.4 + 0.3 * picture;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            pixel[y * w + x] = (uint8_t)(128 + 90 * sin(0.9 * (cos(turn) * x + sin(turn) * y)));
}

/* The model of four pictures, or none. */
static tsr_blob train(tsr_context *ctx, uint32_t rounds, double *saving) {
    enum { W = 96, H = 80 };
    static uint8_t pixel[W * H];
    tsr_klt_fit_options o = {.rounds = rounds, .seed = 3};
    tsr_klt_fit *f = tsr_klt_fit_new(&o);
    tsr_blob model = {0};
    tsr_diag d;
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (unsigned i = 0; i < 4; i++) {
        fill_training(pixel, W, H, i);
        const tsr_image im = {.width = W, .height = H, .channels = 1, .depth = 8, .pixels = pixel};
        CU_ASSERT_EQUAL(tsr_klt_fit_add(f, ctx, &im, &d), TSR_OK);
    }
    tsr_status s = tsr_klt_fit_finish(f, &model, &d);
    CU_ASSERT_EQUAL(s, tsr_lapack_available() ? TSR_OK : TSR_ERR_UNSUPPORTED);
    *saving = tsr_klt_fit_saving(f);
    tsr_klt_fit_free(f);
    return model;
}

static void check_model(const tsr_blob *model) {
    const uint8_t *p = model->data;
    double worst = 0;
    CU_ASSERT_EQUAL_FATAL(model->size, KLT_BASES * KLT_ROTATED * KLT_ROTATED * 2);
    for (unsigned n = 0; n < KLT_BASES; n++, p += KLT_ROTATED * KLT_ROTATED * 2)
        for (unsigned a = 0; a < KLT_ROTATED; a++)
            for (unsigned b = 0; b <= a; b++) {
                double dot = 0;
                for (unsigned i = 0; i < KLT_ROTATED; i++) {
                    const uint8_t *x = p + (a * KLT_ROTATED + i) * 2,
                                  *y = p + (b * KLT_ROTATED + i) * 2;
                    dot += (double)(int16_t)(x[0] | x[1] << 8) * (int16_t)(y[0] | y[1] << 8);
                }
                worst = fmax(worst, fabs(dot / (1 << 2 * KLT_FRACTION) - (a == b)));
            }
    CU_ASSERT(worst < 3e-4);
}

static void test_training(void) {
    tsr_context *ctx;
    tsr_diag d;
    double few, many, again;
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, NULL, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(ctx, &d), TSR_OK);
    tsr_blob a = train(ctx, 2, &few), b = train(ctx, 12, &many), c = train(ctx, 12, &again);
    if (tsr_lapack_available()) {
        check_model(&b);
        CU_ASSERT(many > few && many > 0.05);
        CU_ASSERT(c.size == b.size && memcmp(b.data, c.data, b.size) == 0);
    }
    tsr_blob_free(&a);
    tsr_blob_free(&b);
    tsr_blob_free(&c);
    tsr_context_free(ctx);
}

TSR_TEST_MAIN("klt", {"bases are orthonormal", test_orthonormal}, {"views are undone", test_views},
              {"products in order", test_combine}, {"classes are undone", test_classes_invert},
              {"round trip, all sizes", test_round_trip},
              {"bands refer to earlier bands of their kind", test_layout},
              {"the class that a block was made of is found", test_choice},
              {"synthesis is exact", test_exact},
              {"analysis does not depend on workers", test_threads},
              {"no memory, cancelled", test_failures}, {"training", test_training})
