/* test_wavelet.c - the wavelet transform: reconstruction, filters, gains, layout, exactness. */
#include <math.h>

#include "tsr_test.h"
#include "wavelet_test.h"

/* ---------------------------------------------------------------- helpers */

/* Fills the planes: integers of 9 bits for float planes, any 32 bits for int32 planes. */
static void fill_planes(instance *in, uint32_t seed) {
    size_t n = in->samples / in->planes.n;
    for (uint32_t p = 0; p < in->planes.n; p++)
        for (size_t i = 0; i < n; i++) {
            uint32_t r = random_bits(&seed);
            if (in->state.g.lossless)
                in->planes.p[p].s.i[i] = (int32_t)r;
            else
                in->planes.p[p].s.f[i] = (float)((int32_t)(r & 511) - 256);
        }
}

/* The same for the bands, with fractions of 1/16. */
static void fill_bands(instance *in, uint32_t seed) {
    for (uint32_t b = 0; b < in->coeffs.n; b++)
        for (size_t i = 0; i < (size_t)in->band[b].w * in->band[b].h; i++) {
            uint32_t r = random_bits(&seed);
            if (in->state.g.lossless)
                in->data[b].i[i] = (int32_t)(r & 0xffffff) - 0x800000;
            else
                in->data[b].f[i] = (float)((int32_t)(r & 4095) - 2048) / 16.0f;
        }
}

static float *copy_planes(const instance *in) {
    size_t n = in->samples / in->planes.n;
    float *all = samples_alloc(in->samples);
    for (uint32_t p = 0; p < in->planes.n; p++)
        memcpy(all + p * n, in->planes.p[p].s.f, n * sizeof(float));
    return all;
}

static void clear_planes(instance *in) {
    for (uint32_t p = 0; p < in->planes.n; p++)
        memset(in->planes.p[p].s.f, 0x55, in->samples / in->planes.n * sizeof(float));
}

/* FNV-1a over the 32-bit patterns of all samples, the same on either byte order. */
static uint32_t hash_words(uint32_t h, const void *words, size_t n) {
    const uint32_t *w = words;
    for (size_t i = 0; i < n; i++)
        for (uint32_t byte = 0; byte < 4; byte++) h = (h ^ (w[i] >> (8 * byte) & 255)) * 16777619u;
    return h;
}

static uint32_t hash_planes(const instance *in) {
    uint32_t h = 2166136261u;
    for (uint32_t p = 0; p < in->planes.n; p++)
        h = hash_words(h, in->planes.p[p].s.f, in->samples / in->planes.n);
    return h;
}

static uint32_t hash_bands(const instance *in) {
    uint32_t h = 2166136261u;
    for (uint32_t b = 0; b < in->coeffs.n; b++)
        h = hash_words(h, in->data[b].f, (size_t)in->band[b].w * in->band[b].h);
    return h;
}

/* ---------------------------------------------------------------- reconstruction */

/* Largest error of analysis and synthesis, or -1 when a call fails; lossless: 0 or 1. */
static double round_trip_error(instance_shape s) {
    instance in;
    if (instance_open(&in, s, 1, tsr_cpu_detect()) != TSR_OK) return -1;
    fill_planes(&in, 1 + s.w * 37 + s.h);
    float *before = copy_planes(&in);
    tsr_status a = instance_analysis(&in);
    clear_planes(&in);
    tsr_status b = instance_synthesis(&in);
    float *after = copy_planes(&in);
    double worst = a == TSR_OK && b == TSR_OK ? 0 : -1;
    if (s.lossless && memcmp(before, after, in.samples * sizeof(float)) != 0) worst = 1;
    for (size_t i = 0; i < in.samples && !s.lossless && worst >= 0; i++)
        worst = fmax(worst, fabs((double)before[i] - after[i]));
    free(before);
    free(after);
    instance_close(&in);
    return worst;
}

/* All sizes up to 17 x 17 and three larger ones at every level; counts those beyond the tolerance.
 */
static uint32_t count_bad(uint32_t filter, uint32_t lossless, double tolerance) {
    static const uint32_t larger[][2] = {{63, 65}, {4099, 3}, {2, 777}};
    uint32_t bad = 0;
    for (uint32_t levels = 0; levels <= 10; levels++) {
        for (uint32_t i = 0; i < 17 * 17; i++) {
            instance_shape s = {1 + i % 17, 1 + i / 17, 1, filter, levels, lossless};
            double e = round_trip_error(s);
            bad += !(e >= 0 && e <= tolerance);
        }
        for (uint32_t i = 0; i < 3; i++) {
            instance_shape s = {larger[i][0], larger[i][1], 3, filter, levels, lossless};
            double e = round_trip_error(s);
            bad += !(e >= 0 && e <= tolerance);
        }
    }
    return bad;
}

static void test_reconstruction(void) {
    /* Samples of up to 256 in single precision; db3 has the largest intermediate values. */
    static const double tolerance[] = {5e-4, 2e-5, 1e-5, 4e-3};
    for (uint32_t f = 0; f < WAVELET_FILTERS; f++)
        CU_ASSERT_EQUAL(count_bad(f, 0, tolerance[f]), 0);
}

static void test_lossless(void) {
    CU_ASSERT_EQUAL(count_bad(WAVELET_CDF53, 1, 0), 0);
    CU_ASSERT_EQUAL(count_bad(WAVELET_HAAR, 1, 0), 0);
}

static void test_not_reversible(void) {
    static const uint32_t filters[] = {WAVELET_CDF97, WAVELET_DB3};
    for (uint32_t i = 0; i < 2; i++) {
        instance in;
        instance_shape s = {8, 8, 1, filters[i], 0, 1};
        CU_ASSERT_EQUAL(instance_open(&in, s, 1, 0), TSR_ERR_ARGUMENT);
        CU_ASSERT_PTR_NOT_NULL(strstr(in.host.text, tsr_wavelet_filter_names[filters[i]]));
        CU_ASSERT_PTR_NOT_NULL(strstr(in.host.text, "filter=cdf53"));
        CU_ASSERT_PTR_NOT_NULL(strstr(in.host.text, "filter=haar"));
        instance_close(&in);
    }
}

/* ---------------------------------------------------------------- the filters are the published
 * ones */

/* Taps of the analysis filters by distance from the centre; low: DC gain 1, high: Nyquist gain 2
 * for 9/7 (ISO/IEC 15444-1, table F.3 lists the same up to that factor) and 1 - (-1/2) * 2 = 2 for
 * 5/3. */
static const double low97[] = {0.602949018236360, 0.266864118442875, -0.078223266528990,
                               -0.016864118442875, 0.026748757410810};
static const double high97[] = {1.115087052456994, -0.591271763114247, -0.057543526228500,
                                0.091271763114250};
static const double low53[] = {0.75, 0.25, -0.125}, high53[] = {1.0, -0.5};

/* Index i of a line of n >= 2 mirrored about its first and last sample. */
static uint32_t mirror(int64_t i, uint32_t n) {
    int64_t period = 2 * ((int64_t)n - 1);
    i = (i % period + period) % period;
    return (uint32_t)(i < n ? i : period - i);
}

static double convolve(const float *x, uint32_t n, int64_t centre, const double *taps, int reach) {
    double sum = 0;
    for (int j = -reach; j <= reach; j++) sum += taps[abs(j)] * x[mirror(centre + j, n)];
    return sum;
}

/* Largest difference between one level on a line of n and convolution with mirrored ends. */
static double convolution_error(uint32_t filter, uint32_t n, int along_y) {
    instance in;
    instance_shape s = {along_y ? 1 : n, along_y ? n : 1, 1, filter, 1, 0};
    if (instance_open(&in, s, 1, tsr_cpu_detect()) != TSR_OK) return INFINITY;
    fill_planes(&in, n);
    const float *x = in.planes.p[0].s.f, *low = in.data[0].f, *high = in.data[along_y ? 2 : 1].f;
    double worst = instance_analysis(&in) == TSR_OK ? 0 : INFINITY;
    int is97 = filter == WAVELET_CDF97;
    for (uint32_t k = 0; k < n - n / 2; k++) {
        double y = is97 ? convolve(x, n, 2 * k, low97, 4) : convolve(x, n, 2 * k, low53, 2);
        worst = fmax(worst, fabs(y - low[k]));
    }
    for (uint32_t k = 0; k < n / 2; k++) {
        double y =
            is97 ? convolve(x, n, 2 * k + 1, high97, 3) : convolve(x, n, 2 * k + 1, high53, 1);
        worst = fmax(worst, fabs(y - high[k]));
    }
    instance_close(&in);
    return worst;
}

static void test_symmetric_extension(void) {
    for (uint32_t n = 2; n < 40; n++)
        for (int along_y = 0; along_y < 2; along_y++) {
            CU_ASSERT(convolution_error(WAVELET_CDF97, n, along_y) < 1e-3);
            CU_ASSERT(convolution_error(WAVELET_CDF53, n, along_y) < 1e-3);
        }
}

/* The inner low samples of db3 are inner products with Daubechies' taps. */
static void test_db3_taps(void) {
    static const double taps[] = {0.332670552950083,  0.806891509311092,  0.459877502118491,
                                  -0.135011020010255, -0.085441273882027, 0.035226291885710};
    instance in;
    instance_shape s = {64, 1, 1, WAVELET_DB3, 1, 0};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    fill_planes(&in, 3);
    CU_ASSERT_EQUAL(instance_analysis(&in), TSR_OK);
    const float *x = in.planes.p[0].s.f;
    for (uint32_t k = 2; k < 30; k++) {
        double low = 0, high = 0;
        for (uint32_t j = 0; j < 6; j++) {
            low += taps[j] * x[2 * k - 2 + j] / sqrt(2);
            high += (j % 2 ? 1 : -1) * taps[5 - j] * x[2 * k - 2 + j] * sqrt(2);
        }
        CU_ASSERT_DOUBLE_EQUAL(in.data[0].f[k], low, 1e-3);
        CU_ASSERT_DOUBLE_EQUAL(in.data[1].f[k], high, 1e-3);
    }
    instance_close(&in);
}

static void test_haar_means(void) {
    instance in;
    instance_shape s = {7, 1, 1, WAVELET_HAAR, 1, 0};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    static const float x[] = {1, 4, -2, 8, 0, 6, 9};
    memcpy(in.planes.p[0].s.f, x, sizeof x);
    CU_ASSERT_EQUAL(instance_analysis(&in), TSR_OK);
    static const float low[] = {2.5f, 3, 3, 9}, high[] = {3, 10, 6};
    CU_ASSERT_EQUAL(memcmp(in.data[0].f, low, sizeof low), 0);
    CU_ASSERT_EQUAL(memcmp(in.data[1].f, high, sizeof high), 0);
    instance_close(&in);
}

/* ---------------------------------------------------------------- vanishing moments */

/* Largest detail of the polynomial ramp^degree, `edge` coefficients from every border left out. */
static double largest_detail(uint32_t filter, uint32_t degree, uint32_t edge) {
    instance in;
    instance_shape s = {61, 45, 1, filter, 1, 0};
    if (instance_open(&in, s, 1, 0) != TSR_OK) return INFINITY;
    for (uint32_t i = 0; i < 61 * 45; i++) {
        double ramp = (i % 61 - 30.0) / 8 + (i / 61 - 20.0) / 16;
        in.planes.p[0].s.f[i] = (float)(degree == 0 ? 100 : degree == 1 ? ramp : ramp * ramp);
    }
    double worst = instance_analysis(&in) == TSR_OK ? 0 : INFINITY;
    for (uint32_t b = 1; b < 4; b++)
        for (uint32_t y = edge; y + edge < in.band[b].h; y++)
            for (uint32_t x = edge; x + edge < in.band[b].w; x++)
                worst = fmax(worst, fabs((double)in.data[b].f[(size_t)y * in.band[b].w + x]));
    instance_close(&in);
    return worst;
}

static void test_vanishing_moments(void) {
    /* Constants vanish up to the borders, and polynomials below the order of the filter inside. */
    static const uint32_t moments[] = {4, 2, 1, 3};
    for (uint32_t f = 0; f < WAVELET_FILTERS; f++) {
        CU_ASSERT(largest_detail(f, 0, 0) < 1e-4);
        for (uint32_t degree = 1; degree < 3; degree++) {
            double detail = largest_detail(f, degree, 3);
            CU_ASSERT(degree < moments[f] ? detail < 1e-4 : detail > 1e-3);
        }
    }
}

/* The low band keeps the mean: constants stay what they are. */
static void test_low_band_scale(void) {
    for (uint32_t f = 0; f < WAVELET_FILTERS; f++) {
        instance in;
        instance_shape s = {50, 35, 1, f, 5, 0};
        CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
        for (size_t i = 0; i < in.samples; i++) in.planes.p[0].s.f[i] = 100;
        CU_ASSERT_EQUAL(instance_analysis(&in), TSR_OK);
        for (uint32_t i = 0; i < in.band[0].w * in.band[0].h; i++)
            CU_ASSERT_DOUBLE_EQUAL(in.data[0].f[i], 100, 1e-3);
        instance_close(&in);
    }
}

/* ---------------------------------------------------------------- gains */

/* Squared norm of what the middle coefficient of band b becomes. */
static double impulse_energy(instance *in, uint32_t b) {
    size_t w = in->band[b].w, at = in->band[b].h / 2 * w + w / 2;
    in->data[b].f[at] = 1;
    double sum = instance_synthesis(in) == TSR_OK ? 0 : INFINITY;
    in->data[b].f[at] = 0;
    const float *x = in->planes.p[in->band[b].plane].s.f;
    for (size_t i = 0; i < in->samples / in->planes.n; i++) sum += (double)x[i] * x[i];
    return sum;
}

static void test_gains(void) {
    static const uint32_t size[][2] = {{1, 1}, {1, 9}, {2, 2}, {5, 7}, {23, 64}, {400, 190}};
    for (uint32_t f = 0; f < WAVELET_FILTERS; f++)
        for (uint32_t i = 0; i < 6; i++) {
            instance in;
            instance_shape s = {size[i][0], size[i][1], 1, f, i == 5 ? 3 : 10, 0};
            CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
            for (uint32_t b = 0; b < in.coeffs.n; b++) {
                CU_ASSERT(in.band[b].gain > 0);
                if (in.band[b].w == 0 || in.band[b].h == 0) continue;
                CU_ASSERT_DOUBLE_EQUAL(impulse_energy(&in, b) / in.band[b].gain, 1, 1e-5);
            }
            instance_close(&in);
        }
}

/* db3 is orthogonal: inside, energy in the bands times gain is the energy of the picture. */
static void test_db3_orthogonal(void) {
    instance in;
    instance_shape s = {128, 128, 1, WAVELET_DB3, 3, 0};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    uint32_t seed = 9;
    double energy = 0, sum = 0;
    for (uint32_t y = 48; y < 80; y++)
        for (uint32_t x = 48; x < 80; x++) {
            float v = (float)(random_bits(&seed) & 255) - 128;
            in.planes.p[0].s.f[y * 128 + x] = v;
            energy += (double)v * v;
        }
    CU_ASSERT_EQUAL(instance_analysis(&in), TSR_OK);
    for (uint32_t b = 0; b < in.coeffs.n; b++)
        for (uint32_t i = 0; i < in.band[b].w * in.band[b].h; i++)
            sum += (double)in.band[b].gain * in.data[b].f[i] * in.data[b].f[i];
    CU_ASSERT_DOUBLE_EQUAL(sum / energy, 1, 1e-5);
    instance_close(&in);
}

/* ---------------------------------------------------------------- layout */

static void check_layout(instance_shape s) {
    instance in;
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    tsr_band first[2] = {{0}};
    CU_ASSERT_EQUAL(tsr_transform_wavelet.layout(&in.state, first, 1), in.coeffs.n);
    CU_ASSERT_EQUAL(memcmp(&first[0], &in.band[0], sizeof(tsr_band)), 0);
    CU_ASSERT_EQUAL(first[1].gain, 0);
    size_t samples = 0;
    for (uint32_t b = 0; b < in.coeffs.n; b++) {
        const tsr_band *band = &in.band[b];
        samples += (size_t)band->w * band->h;
        CU_ASSERT(b == 0 || band->layer >= in.band[b - 1].layer);
        CU_ASSERT(b == 0 || band->layer <= in.band[b - 1].layer + 1);
        CU_ASSERT_EQUAL(band->domain, s.lossless ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL);
        for (uint32_t r = 0; r < TSR_REFS; r++) {
            if (band->ref[r] == TSR_NO_BAND) continue;
            CU_ASSERT_FATAL(band->ref[r] < b);
            const tsr_band *ref = &in.band[band->ref[r]];
            int cross = r == TSR_REF_PLANE_A || r == TSR_REF_PLANE_B;
            CU_ASSERT(ref->w > 0 && ref->h > 0);
            CU_ASSERT(cross ? ref->plane < band->plane : ref->plane == band->plane);
            if (cross) CU_ASSERT(ref->w == band->w && ref->h == band->h);
            if (cross || r == TSR_REF_PARENT) CU_ASSERT_EQUAL(ref->orient, band->orient);
            if (r == TSR_REF_PARENT) CU_ASSERT_EQUAL(ref->level, band->level + 1);
        }
    }
    CU_ASSERT_EQUAL(samples, in.samples);
    instance_close(&in);
}

static void test_layout(void) {
    for (uint32_t i = 0; i < 12 * 12; i++) {
        check_layout((instance_shape){1 + i % 12, 1 + i / 12, 1 + i % 4, i % 4, i % 11, 0});
        check_layout((instance_shape){1 + i % 12, 1 + i / 12, 1 + i % 4, 1 + i % 2, i % 11, 1});
    }
}

/* Order, orientation, layers and references of a picture of three planes, six levels. */
static void test_layout_order(void) {
    instance in;
    instance_shape s = {768, 512, 3, WAVELET_CDF97, 0, 0};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(in.coeffs.n, 3 + 6 * 9);
    CU_ASSERT(in.band[0].w == 12 && in.band[0].h == 8 && in.band[0].orient == TSR_ORIENT_LOW);
    CU_ASSERT(in.band[3].level == 6 && in.band[3].orient == TSR_ORIENT_H);
    CU_ASSERT(in.band[4].orient == TSR_ORIENT_V && in.band[5].orient == TSR_ORIENT_D);
    CU_ASSERT(in.band[29].layer == 0 && in.band[29].level == 4 && in.band[30].layer == 1);
    CU_ASSERT(in.band[39].layer == 2 && in.band[48].layer == 3 && in.band[56].layer == 3);
    /* LH of plane 2 at level 1: parent, own HL, parent level's HH, planes 0 and 1. */
    static const uint32_t lh[] = {46, 54, 47, 49, 52}, hl[] = {45, 46, 47, 48, 51};
    static const uint32_t hh[] = {47, 54, 55, 50, 53};
    CU_ASSERT_EQUAL(memcmp(in.band[54].ref, hl, sizeof hl), 0);
    CU_ASSERT_EQUAL(memcmp(in.band[55].ref, lh, sizeof lh), 0);
    CU_ASSERT_EQUAL(memcmp(in.band[56].ref, hh, sizeof hh), 0);
    instance_close(&in);
}

static void test_auto_levels(void) {
    static const uint32_t size_levels[][3] = {{1, 1, 0},    {14, 3, 0},    {15, 3, 1},
                                              {100, 40, 3}, {40, 4099, 6}, {768, 512, 6},
                                              {9999, 1, 6}};
    for (uint32_t i = 0; i < sizeof size_levels / sizeof size_levels[0]; i++) {
        instance in;
        instance_shape s = {size_levels[i][0], size_levels[i][1], 1, WAVELET_CDF97, 0, 0};
        CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
        CU_ASSERT_EQUAL(in.state.levels, size_levels[i][2]);
        instance_close(&in);
    }
}

/* ---------------------------------------------------------------- exactness */

/* Hashes of the bands after an analysis, of the planes after a synthesis, and of the gains. */
typedef struct hashes {
    uint32_t bands, planes, gains;
} hashes;

static hashes hash_all(instance_shape s, uint32_t threads, uint32_t cpu) {
    instance in;
    hashes h = {0, 0, 2166136261u};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, threads, cpu), TSR_OK);
    fill_planes(&in, 5);
    CU_ASSERT_EQUAL(instance_analysis(&in), TSR_OK);
    h.bands = hash_bands(&in);
    fill_bands(&in, 6);
    clear_planes(&in);
    CU_ASSERT_EQUAL(instance_synthesis(&in), TSR_OK);
    h.planes = hash_planes(&in);
    for (uint32_t b = 0; b < in.coeffs.n; b++) h.gains = hash_words(h.gains, &in.band[b].gain, 1);
    instance_close(&in);
    return h;
}

static const instance_shape exact_shapes[] = {
    {301, 517, 3, WAVELET_CDF97, 5, 0}, {301, 517, 3, WAVELET_CDF53, 5, 0},
    {301, 517, 3, WAVELET_HAAR, 5, 0},  {301, 517, 3, WAVELET_DB3, 5, 0},
    {301, 517, 3, WAVELET_CDF53, 5, 1}, {301, 517, 3, WAVELET_HAAR, 5, 1},
};
enum { EXACT_SHAPES = sizeof exact_shapes / sizeof exact_shapes[0] };

static void test_instruction_sets(void) {
    static const uint32_t cpus[] = {TSR_CPU_AVX2, TSR_CPU_AVX512};
    for (uint32_t i = 0; i < EXACT_SHAPES; i++)
        for (uint32_t c = 0; c < 2; c++) {
            if (!(tsr_cpu_detect() & cpus[c])) continue;
            hashes plain = hash_all(exact_shapes[i], 1, 0);
            hashes wide = hash_all(exact_shapes[i], 1, cpus[c]);
            CU_ASSERT_EQUAL(plain.bands, wide.bands);
            CU_ASSERT_EQUAL(plain.planes, wide.planes);
        }
}

static void test_threads(void) {
    static const uint32_t threads[] = {2, 3, 7, 8};
    for (uint32_t i = 0; i < EXACT_SHAPES; i++)
        for (uint32_t t = 0; t < 4; t++) {
            instance_shape s = exact_shapes[i];
            s.planes = 1 + t % 3;
            hashes one = hash_all(s, 1, tsr_cpu_detect()),
                   many = hash_all(s, threads[t], tsr_cpu_detect());
            CU_ASSERT_EQUAL(one.bands, many.bands);
            CU_ASSERT_EQUAL(one.planes, many.planes);
        }
}

/* Samples and gains are these on every machine, with every compiler and optimisation, for ever. */
static void test_golden(void) {
    static const uint32_t planes[EXACT_SHAPES] = {0x5bf55353, 0xe5baa98a, 0x33e2a101,
                                                  0x2dec553a, 0x70444cdd, 0x8a04fc0f};
    static const uint32_t gains[EXACT_SHAPES] = {0x4a6e2517, 0x2c9938c0, 0x9d277c63,
                                                 0x1db1571f, 0x2c9938c0, 0x9d277c63};
    for (uint32_t i = 0; i < EXACT_SHAPES; i++) {
        hashes h = hash_all(exact_shapes[i], 1, 0);
        CU_ASSERT_EQUAL(h.planes, planes[i]);
        CU_ASSERT_EQUAL(h.gains, gains[i]);
    }
}

/* ---------------------------------------------------------------- failures */

static void test_no_memory(void) {
    instance_shape s = {40, 30, 3, WAVELET_CDF97, 4, 0};
    instance in;
    for (uint32_t fail_at = 0; fail_at < 2; fail_at++) {
        memset(&in, 0, sizeof in);
        host_init(&in.host, 1, 0);
        in.host.fail_at = fail_at;
        tsr_geometry g = {sizeof g, s.w, s.h, s.planes, 0};
        tsr_value v[2] = {{.i = s.filter}, {.i = s.levels}};
        CU_ASSERT_EQUAL(tsr_transform_wavelet.configure(&in.state, v, &g, &in.host.env),
                        TSR_ERR_MEMORY);
        host_free(&in.host, 0);
    }
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    for (uint32_t extra = 0; extra < 4; extra++) {
        in.host.fail_at = in.kept + extra;
        CU_ASSERT_EQUAL(instance_analysis(&in), extra < 3 ? TSR_ERR_MEMORY : TSR_OK);
        CU_ASSERT_EQUAL(instance_synthesis(&in), extra < 2 ? TSR_ERR_MEMORY : TSR_OK);
    }
    instance_close(&in);
}

static void test_cancel(void) {
    instance in;
    instance_shape s = {40, 30, 3, WAVELET_CDF97, 4, 0};
    CU_ASSERT_EQUAL_FATAL(instance_open(&in, s, 1, 0), TSR_OK);
    in.host.cancel = 1;
    CU_ASSERT_EQUAL(instance_analysis(&in), TSR_ERR_CANCELLED);
    CU_ASSERT_EQUAL(instance_synthesis(&in), TSR_ERR_CANCELLED);
    instance_close(&in);
}

TSR_TEST_MAIN("wavelet", {"reconstruction at every size and level", test_reconstruction},
              {"integers come back exactly", test_lossless},
              {"irreversible filters are refused for lossless", test_not_reversible},
              {"9/7 and 5/3 are the published filters with mirrored ends",
               test_symmetric_extension},
              {"db3 has Daubechies' taps", test_db3_taps}, {"haar", test_haar_means},
              {"vanishing moments", test_vanishing_moments},
              {"the low band keeps the mean", test_low_band_scale},
              {"gains are impulse energies", test_gains},
              {"db3 is orthogonal", test_db3_orthogonal}, {"layout is sound", test_layout},
              {"order, layers and references", test_layout_order},
              {"automatic levels", test_auto_levels},
              {"instruction sets agree to the bit", test_instruction_sets},
              {"thread counts agree to the bit", test_threads}, {"golden synthesis", test_golden},
              {"no memory", test_no_memory}, {"cancelling", test_cancel})
