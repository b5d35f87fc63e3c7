/* test_dct.c - tables and plans shared by transforms, the kernels, and the transform as a whole. */
#include <math.h>

#include "../../tests/unit/tsr_test.h"
#include "../common/dct_basis.h"
#include "../common/fft.h"
#include "../common/test_host.h"
#include "dct_internal.h"
#include "dct_inverse.h"

extern const tsr_transform tsr_transform_dct;

static const double pi = 3.14159265358979323846;

/* The next of a sequence of pseudo-random values in -128 .. 127. */
static float next_value(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 24) - 128.0f;
}

static double basis(uint32_t n, uint32_t k, uint32_t j) {
    return sqrt((k ? 2.0 : 1.0) / n) * cos(pi * (2 * j + 1) * k / (2.0 * n));
}

/* ---- tables ---- */

static void test_basis(void) {
    for (uint32_t n = 2; n <= 32; n *= 2) {
        const float *m = tsr_dct_basis(n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m);
        double worst = 0;
        for (uint32_t k = 0; k < n; k++)
            for (uint32_t j = 0; j < n; j++) {
                double exact = basis(n, k, j);
                double error = fabs((double)m[k * n + j] - exact) / fabs(exact);
                if (error > worst) worst = error;
            }
        CU_ASSERT(worst <= 0x1.0001p-24); /* half a unit in the last place */
    }
    CU_ASSERT_PTR_NULL(tsr_dct_basis(1));
    CU_ASSERT_PTR_NULL(tsr_dct_basis(12));
    CU_ASSERT_PTR_NULL(tsr_dct_basis(64));
}

/* ---- FFTW behind its wrapper ---- */

static double complex_error(const tsr_complex z, double re, double im) {
    return fmax(fabs((double)z[0] - re), fabs((double)z[1] - im));
}

/* Largest difference of a spectrum from the definition. */
static double spectrum_error(const float *x, const tsr_complex *z, uint32_t w, uint32_t h) {
    double worst = 0;
    for (uint32_t ky = 0; ky < h; ky++)
        for (uint32_t kx = 0; kx < tsr_fft_row(w); kx++) {
            double re = 0, im = 0;
            for (uint32_t i = 0; i < w * h; i++) {
                double turn = (double)kx * (i % w) / w + (double)ky * (i / w) / h;
                re += (double)x[i] * cos(2 * pi * turn);
                im -= (double)x[i] * sin(2 * pi * turn);
            }
            worst = fmax(worst, complex_error(z[ky * tsr_fft_row(w) + kx], re, im));
        }
    return worst;
}

static void check_fourier(uint32_t w, uint32_t h) {
    test_host host;
    test_host_init(&host, 1);
    uint32_t n = w * h, seed = 7;
    float *x = test_host_alloc(&host.env, n * sizeof *x);
    float *kept = test_host_alloc(&host.env, n * sizeof *kept);
    tsr_complex *z = test_host_alloc(&host.env, (size_t)tsr_fft_row(w) * h * sizeof *z);
    for (uint32_t i = 0; i < n; i++) kept[i] = x[i] = next_value(&seed);
    tsr_fft *plan;
    CU_ASSERT_EQUAL_FATAL(tsr_fft_create(&plan, w, h, x, z, &host.env), TSR_OK);
    tsr_fft_forward(plan, x, z);
    CU_ASSERT_EQUAL(memcmp(x, kept, n * sizeof *x), 0);
    CU_ASSERT(spectrum_error(x, z, w, h) < 1e-5 * 128 * n);
    tsr_fft_inverse(plan, z, x);
    double worst = 0;
    for (uint32_t i = 0; i < n; i++) worst = fmax(worst, fabs((double)x[i] / n - (double)kept[i]));
    CU_ASSERT(worst < 1e-3);
    tsr_fft_destroy(plan);
    test_host_free(&host, 0);
}

static void test_fourier(void) {
    if (tsr_fft_available()) {
        check_fourier(1, 1);
        check_fourier(8, 4);
        check_fourier(7, 5);
        check_fourier(13, 1);
        check_fourier(1, 6);
        return;
    }
    test_host host;
    test_host_init(&host, 1);
    tsr_fft *plan;
    CU_ASSERT_EQUAL(tsr_fft_create(&plan, 8, 8, NULL, NULL, &host.env), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NULL(plan);
    CU_ASSERT_PTR_NOT_NULL(strstr(host.text, "FFTW"));
}

/* The orthonormal coefficient (v, u) of a block of h x w by its definition. */
static double coefficient(const float *x, size_t stride, uint32_t w, uint32_t h, uint32_t u,
                          uint32_t v) {
    double sum = 0;
    for (uint32_t j = 0; j < h; j++)
        for (uint32_t i = 0; i < w; i++)
            sum += (double)x[j * stride + i] * basis(w, u, i) * basis(h, v, j);
    return sum;
}

static void check_cosine(uint32_t w, uint32_t h) {
    enum { COUNT = 3 };
    test_host host;
    test_host_init(&host, 1);
    uint32_t n = w * h, seed = 3;
    float *x = test_host_alloc(&host.env, COUNT * n * sizeof *x);
    float *kept = test_host_alloc(&host.env, COUNT * n * sizeof *kept);
    for (uint32_t i = 0; i < COUNT * n; i++) kept[i] = x[i] = next_value(&seed);
    tsr_fft_dct *plan;
    CU_ASSERT_EQUAL_FATAL(tsr_fft_dct_create(&plan, w, h, COUNT, x, &host.env), TSR_OK);
    tsr_fft_dct_execute(plan, x);
    double worst = 0;
    for (uint32_t i = 0; i < COUNT * n; i++) {
        uint32_t u = i % w, v = i / w % h;
        double scale = 2 * sqrt(n) * (u ? 1 : sqrt(2)) * (v ? 1 : sqrt(2));
        double exact = coefficient(kept + i / n * n, w, w, h, u, v);
        worst = fmax(worst, fabs((double)x[i] / scale - exact));
    }
    CU_ASSERT(worst < 1e-3);
    tsr_fft_dct_destroy(plan);
    test_host_free(&host, 0);
}

static void test_cosine(void) {
    if (tsr_fft_available()) {
        check_cosine(8, 8);
        check_cosine(32, 32);
        check_cosine(16, 4);
        check_cosine(1, 8);
        check_cosine(1, 1);
        return;
    }
    test_host host;
    test_host_init(&host, 1);
    tsr_fft_dct *plan;
    CU_ASSERT_EQUAL(tsr_fft_dct_create(&plan, 8, 8, 1, NULL, &host.env), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NULL(plan);
    CU_ASSERT_PTR_NOT_NULL(strstr(host.text, "FFTW"));
}

/* ---- kernels ---- */

/* The inverse of unit impulses and of noise against the definition. */
static double inverse_error(uint32_t nx, uint32_t ny) {
    static dct_lanes t[DCT_MAX_FREQS];
    static float in[DCT_LANES][DCT_MAX_FREQS];
    uint32_t seed = nx * 64 + ny;
    for (uint32_t l = 0; l < DCT_LANES; l++)
        for (uint32_t i = 0; i < nx * ny; i++) t[i][l] = in[l][i] = next_value(&seed);
    tsr_dct_inverse(t, nx, ny);
    double worst = 0;
    for (uint32_t l = 0; l < DCT_LANES; l++)
        for (uint32_t i = 0; i < nx * ny; i++) {
            double sum = 0;
            for (uint32_t k = 0; k < nx * ny; k++)
                sum += (double)in[l][k] * basis(nx, k % nx, i % nx) * basis(ny, k / nx, i / nx);
            worst = fmax(worst, fabs((double)t[i][l] - sum));
        }
    return worst;
}

static void test_inverse(void) {
    for (uint32_t ny = 1; ny <= 32; ny *= 2)
        for (uint32_t nx = 1; nx <= 32; nx *= 2) CU_ASSERT(inverse_error(nx, ny) < 1e-3);
}

static void check_lap(unsigned half) {
    enum { N = 11 }; /* not a multiple of the lanes */
    const dct_lap *lap = tsr_dct_lap(half);
    CU_ASSERT_PTR_NOT_NULL_FATAL(lap);
    float x[2 * DCT_MAX_LAP][N], kept[2 * DCT_MAX_LAP][N], *row[2 * DCT_MAX_LAP];
    uint32_t seed = half;
    for (unsigned i = 0; i < 2 * half; i++) {
        row[i] = x[i];
        for (int c = 0; c < N; c++) kept[i][c] = x[i][c] = c ? next_value(&seed) : 77;
    }
    tsr_dct_lap_rows(lap->pre, half, row, N);
    double moved = 0, worst = 0;
    for (unsigned i = 0; i < 2 * half; i++) {
        CU_ASSERT_EQUAL(x[i][0], 77); /* a constant passes */
        for (int c = 1; c < N; c++) moved = fmax(moved, fabs((double)x[i][c] - (double)kept[i][c]));
    }
    CU_ASSERT(moved > 1);
    tsr_dct_lap_rows(lap->post, half, row, N);
    for (unsigned i = 0; i < 2 * half; i++)
        for (int c = 0; c < N; c++) worst = fmax(worst, fabs((double)x[i][c] - (double)kept[i][c]));
    CU_ASSERT(worst < 1e-4);
}

static void check_lap_row(unsigned half, size_t n, size_t blocks) {
    const dct_lap *lap = tsr_dct_lap(half);
    float x[160], rows[160], *row[2 * DCT_MAX_LAP];
    uint32_t seed = 5;
    for (size_t i = 0; i < n * blocks; i++) rows[i] = x[i] = next_value(&seed);
    tsr_dct_lap_row_pre(lap, x, n, blocks);
    for (size_t b = 1; b < blocks; b++) {
        for (unsigned i = 0; i < 2 * half; i++) row[i] = rows + b * n - half + i;
        tsr_dct_lap_rows(lap->pre, half, row, 1);
    }
    CU_ASSERT_EQUAL(memcmp(x, rows, n * blocks * sizeof *x), 0);
}

static void test_lap(void) {
    check_lap(2);
    check_lap(4);
    check_lap_row(2, 4, 7);
    check_lap_row(4, 8, 9);
    check_lap_row(4, 16, 10);
    check_lap_row(4, 8, 1);
    CU_ASSERT_PTR_NULL(tsr_dct_lap(0));
    CU_ASSERT_PTR_NULL(tsr_dct_lap(3));
}

/* ---- the transform ---- */

enum { MAX_BANDS = 4 * (32 * 32 + 8 * 8) };

typedef struct shape {
    uint32_t w, h, planes;
    int block, lapped, second; /* values of the parameters */
} shape;

typedef struct codec {
    test_host host;
    dct state;
    tsr_planes in, out;
    uint32_t kept; /* blocks of the host that live until the end */
    tsr_band band[MAX_BANDS];
    tsr_samples data[MAX_BANDS];
    tsr_coeffs coeffs;
} codec;

static size_t band_size(const codec *c, uint32_t b) {
    return (size_t)c->band[b].w * c->band[b].h;
}

static codec *codec_open(shape s, uint32_t threads) {
    codec *c = calloc(1, sizeof *c);
    if (!c) abort();
    test_host_init(&c->host, threads);
    tsr_geometry g = {sizeof g, s.w, s.h, s.planes, 0};
    tsr_value v[] = {{.i = s.block}, {.i = s.lapped}, {.i = s.second}};
    CU_ASSERT_EQUAL_FATAL(tsr_transform_dct.configure(&c->state, v, &g, &c->host.env), TSR_OK);
    c->kept = c->host.blocks;
    c->in.n = c->out.n = s.planes;
    uint32_t seed = 1;
    for (uint32_t p = 0; p < s.planes; p++) {
        size_t n = (size_t)s.w * s.h;
        c->in.p[p] = c->out.p[p] = (tsr_plane){s.w, s.h, {NULL}};
        c->in.p[p].s.f = calloc(n, sizeof(float));
        c->out.p[p].s.f = calloc(n, sizeof(float));
        for (size_t i = 0; i < n; i++) c->in.p[p].s.f[i] = next_value(&seed);
    }
    uint32_t n = tsr_transform_dct.layout(&c->state, NULL, 0);
    CU_ASSERT_FATAL(n <= MAX_BANDS);
    CU_ASSERT_EQUAL(tsr_transform_dct.layout(&c->state, c->band, n), n);
    c->coeffs = (tsr_coeffs){n, c->band, c->data};
    for (uint32_t b = 0; b < n; b++) c->data[b].f = calloc(band_size(c, b), sizeof(float));
    return c;
}

static void codec_close(codec *c) {
    for (uint32_t p = 0; p < c->in.n; p++) {
        free(c->in.p[p].s.f);
        free(c->out.p[p].s.f);
    }
    for (uint32_t b = 0; b < c->coeffs.n; b++) free(c->data[b].f);
    test_host_free(&c->host, 0);
    free(c);
}

static tsr_status analyse(codec *c) {
    tsr_status s = tsr_transform_dct.analysis(&c->state, &c->in, NULL, &c->coeffs, &c->host.env);
    test_host_free(&c->host, c->kept);
    return s;
}

static tsr_status synthesise(codec *c) {
    tsr_status s = tsr_transform_dct.synthesis(&c->state, &c->coeffs, &c->out, &c->host.env);
    test_host_free(&c->host, c->kept);
    return s;
}

/* Coefficients of noise; independent of FFTW. */
static void fill_coefficients(codec *c) {
    uint32_t seed = 9;
    for (uint32_t b = 0; b < c->coeffs.n; b++)
        for (size_t i = 0; i < band_size(c, b); i++) c->data[b].f[i] = next_value(&seed);
}

static double energy(const float *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Largest difference between the planes that went in and those that came out. */
static double plane_error(const codec *c) {
    double worst = 0;
    for (uint32_t p = 0; p < c->in.n; p++)
        for (size_t i = 0; i < (size_t)c->in.p[p].w * c->in.p[p].h; i++)
            worst = fmax(worst, fabs((double)c->in.p[p].s.f[i] - (double)c->out.p[p].s.f[i]));
    return worst;
}

static void check_round_trip(shape s) {
    codec *c = codec_open(s, 3);
    if (tsr_fft_available()) {
        CU_ASSERT_EQUAL(analyse(c), TSR_OK);
        CU_ASSERT_EQUAL(synthesise(c), TSR_OK);
        CU_ASSERT(plane_error(c) < 2e-3);
    } else {
        CU_ASSERT_EQUAL(analyse(c), TSR_ERR_UNSUPPORTED);
    }
    codec_close(c);
}

static void test_round_trip(void) {
    static const uint32_t size[][2] = {{1, 1},  {1, 40},  {33, 1},  {3, 5},  {8, 8},
                                       {9, 17}, {67, 45}, {130, 3}, {64, 96}};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
        for (int k = 0; k < 18; k++)
            check_round_trip((shape){.w = size[i][0],
                                     .h = size[i][1],
                                     .planes = 1 + (uint32_t)k % 4,
                                     .block = k % 3,
                                     .lapped = k / 3 % 2,
                                     .second = k / 6});
}

/* Unlapped coefficients against the definition, the block over the corner completed by repetition.
 */
static void test_blocks(void) {
    if (!tsr_fft_available()) return;
    enum { W = 21, H = 13, N = 8 };
    codec *c = codec_open((shape){.w = W, .h = H, .planes = 2}, 2);
    CU_ASSERT_EQUAL(analyse(c), TSR_OK);
    float block[N * N];
    double worst = 0;
    for (uint32_t b = 0; b < c->coeffs.n; b++) {
        const dct_band_id *id = &c->state.id[b];
        for (uint32_t by = 0; by < c->band[b].h; by++)
            for (uint32_t bx = 0; bx < c->band[b].w; bx++) {
                for (uint32_t i = 0; i < N * N; i++) {
                    uint32_t x = bx * N + i % N, y = by * N + i / N;
                    x = x < W ? x : W - 1;
                    y = y < H ? y : H - 1;
                    block[i] = c->in.p[id->plane].s.f[y * W + x];
                }
                double exact = coefficient(block, N, N, N, id->u, id->v);
                double got = (double)c->data[b].f[by * c->band[b].w + bx];
                worst = fmax(worst, fabs(got - exact));
            }
    }
    CU_ASSERT(worst < 1e-3);
    codec_close(c);
}

/* Without the boundary filters the transform is orthonormal. */
static void test_energy(void) {
    if (!tsr_fft_available()) return;
    for (int second = 0; second < 3; second++) {
        codec *c = codec_open((shape){.w = 128, .h = 64, .planes = 1, .second = second}, 2);
        CU_ASSERT_EQUAL(analyse(c), TSR_OK);
        double in = energy(c->in.p[0].s.f, 128 * 64), out = 0;
        for (uint32_t b = 0; b < c->coeffs.n; b++) {
            CU_ASSERT(fabs((double)c->band[b].gain - 1) < 1e-6);
            out += energy(c->data[b].f, band_size(c, b));
        }
        CU_ASSERT(fabs(out / in - 1) < 1e-5);
        codec_close(c);
    }
}

/* A unit in the middle of every band has the energy that the band's gain states. */
static void test_gain(void) {
    codec *c = codec_open((shape){.w = 160, .h = 224, .planes = 1, .lapped = 1, .second = 1}, 2);
    double worst = 0;
    for (uint32_t b = 0; b < c->coeffs.n; b++) {
        float *middle = c->data[b].f + c->band[b].h / 2 * c->band[b].w + c->band[b].w / 2;
        *middle = 1;
        CU_ASSERT_EQUAL(synthesise(c), TSR_OK);
        *middle = 0;
        double gain = (double)c->band[b].gain;
        worst = fmax(worst, fabs(energy(c->out.p[0].s.f, 160 * 224) / gain - 1));
    }
    CU_ASSERT(worst < 1e-5);
    codec_close(c);
}

static void check_references(const codec *c, uint32_t b) {
    const tsr_band *band = &c->band[b];
    for (int r = 0; r < TSR_REFS; r++) {
        if (band->ref[r] == TSR_NO_BAND) continue;
        CU_ASSERT(band->ref[r] < b);
        CU_ASSERT_EQUAL(c->band[band->ref[r]].w, band->w);
        CU_ASSERT_EQUAL(c->band[band->ref[r]].h, band->h);
        CU_ASSERT(c->band[band->ref[r]].orient != TSR_ORIENT_LOW || band->orient == TSR_ORIENT_LOW);
    }
    const dct_band_id *id = &c->state.id[b];
    if (id->u > 1 && id->v) {
        const dct_band_id *left = &c->state.id[band->ref[TSR_REF_SISTER_A]];
        CU_ASSERT(left->u + 1 == id->u && left->v == id->v && left->plane == id->plane);
    }
    if (id->plane) CU_ASSERT_EQUAL(c->state.id[band->ref[TSR_REF_PLANE_A]].plane, 0);
}

static void test_layout(void) {
    codec *c = codec_open((shape){.w = 100, .h = 70, .planes = 3, .lapped = 1, .second = 1}, 1);
    CU_ASSERT_EQUAL(c->coeffs.n, 3 * (63 + 16));
    CU_ASSERT_EQUAL(c->band[0].orient, TSR_ORIENT_LOW);
    CU_ASSERT_EQUAL(c->band[0].level, 5);
    CU_ASSERT_EQUAL(c->band[c->coeffs.n - 1].level, 1);
    CU_ASSERT_EQUAL(c->band[c->coeffs.n - 1].layer, 5); /* lowest + 2 octaves + 3 octaves */
    for (uint32_t b = 0; b < c->coeffs.n; b++) {
        check_references(c, b);
        if (b) CU_ASSERT((uint32_t)(c->band[b].layer - c->band[b - 1].layer) <= 1);
    }
    codec_close(c);
}

/* FNV-1a over the bits of the samples. */
static uint32_t hash_planes(const codec *c) {
    uint32_t h = 2166136261u, bits;
    for (uint32_t p = 0; p < c->out.n; p++)
        for (size_t i = 0; i < (size_t)c->out.p[p].w * c->out.p[p].h; i++) {
            memcpy(&bits, &c->out.p[p].s.f[i], sizeof bits);
            h = (h ^ bits) * 16777619u;
        }
    return h;
}

/* The decoder's samples are the same bits on every machine, with every compiler and any number of
 * workers: the hashes below were made once and stay. */
static void test_exact(void) {
    static const struct {
        shape s;
        uint32_t hash;
    } cases[] = {
        {{.w = 203, .h = 101, .planes = 3, .block = 0, .lapped = 1, .second = 1}, 0x03b5c98a},
        {{.w = 203, .h = 101, .planes = 1, .block = 1, .lapped = 1, .second = 2}, 0xbb999689},
        {{.w = 99, .h = 203, .planes = 2, .block = 2, .lapped = 0, .second = 0}, 0x5bd67702},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint32_t threads = 1; threads <= 7; threads += 3) {
            codec *c = codec_open(cases[i].s, threads);
            fill_coefficients(c);
            CU_ASSERT_EQUAL(synthesise(c), TSR_OK);
            CU_ASSERT_EQUAL(hash_planes(c), cases[i].hash);
            codec_close(c);
        }
}

/* The encoder's coefficients do not depend on the number of workers either. */
static void test_threads(void) {
    if (!tsr_fft_available()) return;
    const shape s = {.w = 203, .h = 101, .planes = 3, .lapped = 1, .second = 1};
    codec *a = codec_open(s, 1), *b = codec_open(s, 7);
    CU_ASSERT_EQUAL(analyse(a), TSR_OK);
    CU_ASSERT_EQUAL(analyse(b), TSR_OK);
    for (uint32_t i = 0; i < a->coeffs.n; i++)
        CU_ASSERT_EQUAL(memcmp(a->data[i].f, b->data[i].f, band_size(a, i) * sizeof(float)), 0);
    codec_close(a);
    codec_close(b);
}

static void test_failures(void) {
    codec *c = codec_open((shape){.w = 50, .h = 40, .planes = 3, .lapped = 1, .second = 1}, 2);
    for (uint32_t room = 0; room < 7; room++) { /* 3 low pictures, 2 arrays in each of 2 stages */
        c->host.fail_at = c->kept + room;
        if (tsr_fft_available()) CU_ASSERT_EQUAL(analyse(c), TSR_ERR_MEMORY);
        CU_ASSERT_EQUAL(synthesise(c), TSR_ERR_MEMORY);
    }
    c->host.fail_at = UINT32_MAX;
    c->host.cancel = 1;
    if (tsr_fft_available()) CU_ASSERT_EQUAL(analyse(c), TSR_ERR_CANCELLED);
    CU_ASSERT_EQUAL(synthesise(c), TSR_ERR_CANCELLED);
    codec_close(c);
}

TSR_TEST_MAIN("dct", {"tables equal the formula", test_basis},
              {"Fourier transform equals the definition", test_fourier},
              {"cosine transform equals the definition", test_cosine},
              {"inverse kernels equal the definition", test_inverse},
              {"boundary filters undo each other", test_lap},
              {"round trip, all parameters and odd sizes", test_round_trip},
              {"unlapped coefficients equal the definition", test_blocks},
              {"unlapped transform keeps energy", test_energy},
              {"gain is the energy of a basis function", test_gain},
              {"bands refer to earlier bands of their kind", test_layout},
              {"synthesis is exact", test_exact},
              {"analysis does not depend on workers", test_threads},
              {"no memory, cancelled", test_failures})
