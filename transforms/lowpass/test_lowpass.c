/* test_lowpass.c - tests of the low-pass pyramid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fft.h"
#include "lowpass_internal.h"
#include "tsr_test.h"

extern const tsr_transform tsr_transform_lowpass;

enum { SHAPES = 5, RESIDUALS = 4, MAX_BLOCKS = 512, MAX_BANDS = 4 * (1 + 64 * 10) };

static const double pi = 3.14159265358979323846;

/* ---- a small host ---- */

typedef struct host {
    tsr_env env;
    void *block[MAX_BLOCKS];
    uint32_t blocks, fail_at; /* allocations fail from number fail_at on */
    int cancel;
} host;

static void *host_alloc(const tsr_env *env, size_t bytes) {
    host *h = env->host;
    if (h->blocks >= h->fail_at || h->blocks == MAX_BLOCKS) return NULL;
    void *p = aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (p) memset(p, 0x7f, bytes); /* nothing may count on zeros */
    h->block[h->blocks++] = p;
    return p;
}

/* Last item first, so that what depends on the order of items shows. */
static tsr_status host_parallel_for(const tsr_env *env, uint32_t n,
                                    tsr_status (*fn)(void *, uint32_t, uint32_t), void *arg) {
    tsr_status first = TSR_OK;
    for (uint32_t i = n; i-- > 0;) {
        tsr_status s = fn(arg, i, i % env->threads);
        if (s) first = s;
    }
    return first;
}

static tsr_status host_fail(const tsr_env *env, tsr_status status, const char *fmt, ...) {
    return status;
}

static void host_log(const tsr_env *env, int level, const char *fmt, ...) {}

static int host_progress(const tsr_env *env, double fraction) {
    return ((const host *)env->host)->cancel;
}

static void host_init(host *h, uint32_t threads) {
    *h = (host){.fail_at = UINT32_MAX};
    h->env = (tsr_env){.struct_size = sizeof h->env,
                       .threads = threads,
                       .host = h,
                       .alloc = host_alloc,
                       .parallel_for = host_parallel_for,
                       .fail = host_fail,
                       .log = host_log,
                       .progress = host_progress};
}

static void host_free(host *h) {
    for (uint32_t i = 0; i < h->blocks; i++) free(h->block[i]);
}

/* ---- a codec around the transform: planes, bands, uniform quantization in the loop ---- */

typedef struct codec {
    host h;
    lowpass state;
    tsr_geometry g;
    tsr_planes in, out;
    uint32_t n, layers;
    tsr_band band[MAX_BANDS];
    tsr_samples data[MAX_BANDS], decoded_data[MAX_BANDS];
    tsr_coeffs coeffs, decoded;
} codec;

static void alloc_planes(tsr_planes *p, const tsr_geometry *g) {
    p->n = g->planes;
    for (uint32_t i = 0; i < g->planes; i++) {
        p->p[i] = (tsr_plane){.w = g->width, .h = g->height};
        p->p[i].s.f = calloc((size_t)g->width * g->height, sizeof(float));
    }
}

/* Returns NULL when configure() fails. */
static codec *codec_open(uint32_t w, uint32_t h, uint32_t planes, uint32_t threads, int levels,
                         int shape, double cutoff, int residual) {
    codec *c = calloc(1, sizeof *c);
    host_init(&c->h, threads);
    c->g = (tsr_geometry){.struct_size = sizeof c->g, .width = w, .height = h, .planes = planes};
    tsr_value v[4] = {{.i = levels}, {.i = shape}, {.r = cutoff}, {.i = residual}};
    if (tsr_transform_lowpass.configure(&c->state, v, &c->g, &c->h.env)) {
        host_free(&c->h);
        free(c);
        return NULL;
    }
    c->n = tsr_transform_lowpass.layout(&c->state, c->band, MAX_BANDS);
    c->layers = c->band[c->n - 1].layer + 1u;
    for (uint32_t b = 0; b < c->n; b++) {
        size_t n = (size_t)c->band[b].w * c->band[b].h;
        c->data[b].f = calloc(n + 1, sizeof(float));
        c->decoded_data[b].f = calloc(n + 1, sizeof(float));
    }
    c->coeffs = (tsr_coeffs){c->n, c->band, c->data};
    c->decoded = (tsr_coeffs){c->n, c->band, c->decoded_data};
    alloc_planes(&c->in, &c->g);
    alloc_planes(&c->out, &c->g);
    return c;
}

static void codec_free(codec *c) {
    for (uint32_t b = 0; b < c->n; b++) {
        free(c->data[b].f);
        free(c->decoded_data[b].f);
    }
    for (uint32_t p = 0; p < c->g.planes; p++) {
        free(c->in.p[p].s.f);
        free(c->out.p[p].s.f);
    }
    host_free(&c->h);
    free(c);
}

static void quantize_layer(codec *c, uint32_t layer, float step) {
    for (uint32_t b = 0; b < c->n; b++) {
        if (c->band[b].layer != layer) continue;
        float s = step / sqrtf(c->band[b].gain);
        size_t n = (size_t)c->band[b].w * c->band[b].h;
        for (size_t i = 0; i < n; i++) c->decoded_data[b].f[i] = s * roundf(c->data[b].f[i] / s);
    }
}

static void clear_layers(codec *c, uint32_t from) {
    for (uint32_t b = 0; b < c->n; b++)
        if (c->band[b].layer >= from)
            memset(c->decoded_data[b].f, 0, (size_t)c->band[b].w * c->band[b].h * sizeof(float));
}

static tsr_status encode_layer(codec *c, uint32_t layer, float step) {
    const tsr_transform *t = &tsr_transform_lowpass;
    tsr_goal goal = {.struct_size = sizeof goal, .effort = 5, .step = step};
    tsr_status s = layer ? t->analysis_next(&c->state, &c->in, layer, &c->decoded, &goal,
                                            &c->coeffs, &c->h.env)
                         : t->analysis(&c->state, &c->in, &goal, &c->coeffs, &c->h.env);
    if (!s) quantize_layer(c, layer, step);
    return s;
}

static tsr_status encode(codec *c, float step) {
    tsr_status s = TSR_OK;
    for (uint32_t layer = 0; layer < c->layers && !s; layer++) s = encode_layer(c, layer, step);
    return s;
}

static tsr_status decode(codec *c) {
    return tsr_transform_lowpass.synthesis(&c->state, &c->decoded, &c->out, &c->h.env);
}

/* Mean squared error over all planes; *worst: largest absolute error. */
static double error_of(const codec *c, double *worst) {
    size_t n = (size_t)c->g.width * c->g.height;
    double sum = 0;
    *worst = 0;
    for (uint32_t p = 0; p < c->g.planes; p++)
        for (size_t i = 0; i < n; i++) {
            double e = fabs((double)c->in.p[p].s.f[i] - c->out.p[p].s.f[i]);
            sum += e * e;
            if (!(e <= *worst)) *worst = e;
        }
    return sum / (double)(n * c->g.planes);
}

/* Smooth areas, edges of several directions and some texture: amplitudes as in a photograph. */
static void paint(codec *c) {
    uint32_t seed = 12345;
    for (uint32_t p = 0; p < c->g.planes; p++)
        for (uint32_t y = 0; y < c->g.height; y++)
            for (uint32_t x = 0; x < c->g.width; x++) {
                double dx = x - 0.4 * c->g.width, dy = y - 0.55 * c->g.height;
                double v = 50 * sin(x * 0.021 + p) * cos(y * 0.017);
                v += dx * dx + dy * dy < 0.06 * c->g.width * c->g.height ? 45 : -20;
                v += x * 0.7 + y > 0.9 * c->g.width ? 12 : -8;
                seed = seed * 1664525u + 1013904223u;
                v += ((double)(seed >> 16) / 65536 - 0.5) * 8;
                c->in.p[p].s.f[(size_t)y * c->g.width + x] = (float)(v / (1 + p));
            }
}

/* ---- tests ---- */

static const struct {
    uint32_t w, h, planes;
} sizes[] = {{1, 1, 1},  {2, 1, 3},  {1, 2, 1},   {3, 3, 1},    {1, 40, 1},
             {41, 1, 2}, {5, 37, 1}, {64, 33, 3}, {75, 100, 1}, {200, 9, 4}};

static void check_fine_steps(uint32_t w, uint32_t h, uint32_t planes, int levels, int shape,
                             int residual) {
    codec *c = codec_open(w, h, planes, 2, levels, shape, 1.2, residual);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT(!levels || c->state.levels == (uint32_t)levels);
    paint(c);
    double worst = 1e9;
    CU_ASSERT_EQUAL(encode(c, 0.05f), TSR_OK);
    CU_ASSERT_EQUAL(decode(c), TSR_OK);
    double mse = error_of(c, &worst);
    CU_ASSERT(mse < 0.05 * 0.05);
    CU_ASSERT(worst < 0.25);
    codec_free(c);
}

static void test_reconstruction(void) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int shape = 0; shape < SHAPES; shape++)
            for (int residual = 0; residual < RESIDUALS; residual++)
                check_fine_steps(sizes[i].w, sizes[i].h, sizes[i].planes, 0, shape, residual);
    for (int levels = 1; levels <= 10; levels++)
        check_fine_steps(1025, 3, 1, levels, SHAPE_MATCHED, RESIDUAL_BANDS);
}

/* A wrong coarse picture is put right by the residuals: they are taken against what was decoded. */
static void test_closed_loop(void) {
    for (int residual = 0; residual < RESIDUALS; residual++) {
        int shape = residual == RESIDUAL_BANDS ? SHAPE_COSINE : SHAPE_MATCHED;
        codec *c = codec_open(96, 64, 1, 1, 3, shape, 1.2, residual);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        paint(c);
        CU_ASSERT_EQUAL(encode_layer(c, 0, 0.05f), TSR_OK);
        uint32_t n = c->band[0].w * c->band[0].h;
        for (uint32_t i = 0; i < n; i++) c->decoded_data[0].f[i] += i % 3 ? 9.0f : -7.0f;
        for (uint32_t layer = 1; layer < c->layers; layer++)
            CU_ASSERT_EQUAL(encode_layer(c, layer, 0.05f), TSR_OK);
        CU_ASSERT_EQUAL(decode(c), TSR_OK);
        double worst;
        CU_ASSERT(error_of(c, &worst) < 0.05 * 0.05);
        CU_ASSERT(worst < 0.25);
        codec_free(c);
    }
}

/* analysis_next() after synthesis(), which takes the memory of the pyramid, and a second trial. */
static void test_trials(void) {
    codec *c = codec_open(90, 70, 2, 1, 0, SHAPE_MATCHED, 1.2, RESIDUAL_BANDS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    paint(c);
    CU_ASSERT_EQUAL(encode(c, 20.0f), TSR_OK);
    CU_ASSERT_EQUAL(decode(c), TSR_OK);
    CU_ASSERT_EQUAL(decode(c), TSR_OK);
    for (uint32_t layer = 1; layer < c->layers; layer++)
        CU_ASSERT_EQUAL(encode_layer(c, layer, 0.05f), TSR_OK);
    CU_ASSERT_EQUAL(decode(c), TSR_OK);
    codec *once = codec_open(90, 70, 2, 1, 0, SHAPE_MATCHED, 1.2, RESIDUAL_BANDS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    paint(once);
    CU_ASSERT_EQUAL(encode_layer(once, 0, 20.0f), TSR_OK);
    for (uint32_t layer = 1; layer < c->layers; layer++)
        CU_ASSERT_EQUAL(encode_layer(once, layer, 0.05f), TSR_OK);
    CU_ASSERT_EQUAL(decode(once), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(c->out.p[1].s.f, once->out.p[1].s.f, 90 * 70 * sizeof(float)), 0);
    codec_free(once);
    codec_free(c);
}

static void test_prefix(void) {
    for (int shape = 0; shape < SHAPES; shape++)
        for (int residual = 0; residual < RESIDUALS; residual++) {
            codec *c = codec_open(160, 120, 1, 1, 4, shape, 1.2, residual);
            CU_ASSERT_PTR_NOT_NULL_FATAL(c);
            paint(c);
            CU_ASSERT_EQUAL(encode(c, 6.0f), TSR_OK);
            double best = 0, first = 0, worst;
            for (uint32_t layers = c->layers; layers > 0; layers--) {
                clear_layers(c, layers);
                CU_ASSERT_EQUAL(decode(c), TSR_OK);
                double mse = error_of(c, &worst);
                CU_ASSERT(mse >= best);
                if (layers == c->layers) first = mse;
                best = mse;
            }
            CU_ASSERT(first < 6.0 * 6.0 / 6);
            CU_ASSERT(best > 4 * first);
            CU_ASSERT(best < 50.0 * 50.0); /* the coarsest picture alone already resembles it */
            codec_free(c);
        }
}

static void test_threads(void) {
    static const uint32_t threads[] = {1, 2, 3, 7};
    for (int residual = 0; residual < RESIDUALS; residual++) {
        codec *c[4];
        for (int i = 0; i < 4; i++) {
            c[i] = codec_open(131, 77, 3, threads[i], 0, SHAPE_MATCHED, 1.2, residual);
            CU_ASSERT_PTR_NOT_NULL_FATAL(c[i]);
            paint(c[i]);
            CU_ASSERT_EQUAL(encode(c[i], 3.0f), TSR_OK);
            CU_ASSERT_EQUAL(decode(c[i]), TSR_OK);
            for (uint32_t b = 0; b < c[0]->n; b++)
                CU_ASSERT_EQUAL(memcmp(c[i]->data[b].f, c[0]->data[b].f,
                                       (size_t)c[0]->band[b].w * c[0]->band[b].h * sizeof(float)),
                                0);
            for (uint32_t p = 0; p < 3; p++)
                CU_ASSERT_EQUAL(
                    memcmp(c[i]->out.p[p].s.f, c[0]->out.p[p].s.f, 131 * 77 * sizeof(float)), 0);
        }
        for (int i = 0; i < 4; i++) codec_free(c[i]);
    }
}

/* Amplitude of a wave of f cycles per sample across (or down) after one halving. */
static double passed_amplitude(int shape, double cutoff, double f, int down) {
    enum { LONG = 512, SHORT = 12 };
    codec *c = codec_open(down ? SHORT : LONG, down ? LONG : SHORT, 1, 1, 1, shape, cutoff, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (uint32_t i = 0; i < LONG * SHORT; i++) {
        uint32_t at = down ? i / SHORT : i % LONG;
        c->in.p[0].s.f[i] = (float)(100 * sin(2 * pi * f * at + 1));
    }
    CU_ASSERT_EQUAL(encode_layer(c, 0, 0.05f), TSR_OK);
    const float *low = c->data[0].f;
    double sum = 0, n = 0;
    for (uint32_t i = LONG / 8; i < LONG / 8 * 3; i++, n++) {
        double v = down ? low[(size_t)i * (SHORT / 2) + 3] : low[3 * (LONG / 2) + i];
        sum += v * v;
    }
    codec_free(c);
    return sqrt(2 * sum / n) / 100;
}

static void test_response(void) {
    static const struct {
        int shape;
        double u, amplitude; /* frequency in units of the cut-off */
    } expected[] = {
        {SHAPE_IDEAL, 0.8, 1},
        {SHAPE_IDEAL, 1.2, 0},
        {SHAPE_COSINE, 0.4, 1},
        {SHAPE_COSINE, 0.97, 0.547},
        {SHAPE_COSINE, 1.25, 0.1464},
        {SHAPE_COSINE, 1.6, 0},
        {SHAPE_GAUSSIAN, 0.5, 0.8409},
        {SHAPE_GAUSSIAN, 1.4, 0.257},
        {SHAPE_BUTTERWORTH, 0.5, 1},
        {SHAPE_BUTTERWORTH, 0.97, 0.5606},
        {SHAPE_BUTTERWORTH, 1.4, 0.0635},
    };
    static const double cutoffs[] = {0.6, 0.93, 1.2};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        for (int k = 0; k < 3; k++) {
            double f = expected[i].u * cutoffs[k] / 4;
            double a = passed_amplitude(expected[i].shape, cutoffs[k], f, k == 1);
            CU_ASSERT_DOUBLE_EQUAL(a, expected[i].amplitude, 0.025);
        }
    /* The matched filter: a constant passes, the highest frequency does not. */
    CU_ASSERT_DOUBLE_EQUAL(tsr_lowpass_response(SHAPE_MATCHED, 1, 0), 1, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(tsr_lowpass_response(SHAPE_MATCHED, 1, 0.5), 0, 1e-5);
    CU_ASSERT(passed_amplitude(SHAPE_MATCHED, 1, 0.08, 0) > 0.95);
    CU_ASSERT(passed_amplitude(SHAPE_MATCHED, 1, 0.43, 1) < 0.06);
}

/* The matched pyramid has as many coefficients as samples; the others a third more (blocks:
 * padded). */
static void test_coefficient_count(void) {
    for (int shape = 0; shape < SHAPES; shape++) {
        codec *c = codec_open(77, 53, 3, 1, 5, shape, 1.2, RESIDUAL_BANDS);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        uint64_t total = 0;
        for (uint32_t b = 0; b < c->n; b++) total += (uint64_t)c->band[b].w * c->band[b].h;
        if (shape == SHAPE_MATCHED) CU_ASSERT_EQUAL(total, 77 * 53 * 3);
        if (shape != SHAPE_MATCHED) CU_ASSERT(total > 77 * 53 * 3 * 5 / 4);
        codec_free(c);
    }
}

/* gain is the energy that a unit coefficient in the middle of its band adds to the picture, but for
 * the coarser steps of blocks and samples above the finest level. */
static void test_gain(void) {
    for (int residual = 0; residual < RESIDUALS; residual++) {
        codec *c = codec_open(192, 256, 1, 1, 3, SHAPE_COSINE, 1.2, residual);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        for (uint32_t b = 0; b < c->n; b++) {
            clear_layers(c, 0);
            c->decoded_data[b].f[c->band[b].h / 2 * c->band[b].w + c->band[b].w / 2] = 1;
            CU_ASSERT_EQUAL(decode(c), TSR_OK);
            double energy = 0;
            for (uint32_t i = 0; i < 192 * 256; i++)
                energy += (double)c->out.p[0].s.f[i] * c->out.p[0].s.f[i];
            int coarse = b == 0 || c->band[b].level > 1;
            double factor = residual == RESIDUAL_BANDS || !coarse ? 1 : 1.2 * 1.2;
            CU_ASSERT_DOUBLE_EQUAL(c->band[b].gain * factor / energy, 1, 0.01);
        }
        codec_free(c);
    }
}

/* Each allocation fails once: an error comes back, nothing crashes. */
static void test_allocation_failure(void) {
    for (uint32_t k = 0; k < MAX_BLOCKS; k++) {
        host probe;
        host_init(&probe, 2);
        probe.fail_at = k;
        lowpass *st = calloc(1, sizeof *st);
        tsr_geometry g = {.struct_size = sizeof g, .width = 40, .height = 24, .planes = 2};
        tsr_value v[4] = {{.i = 0}, {.i = 0}, {.r = 1}, {.i = 0}};
        tsr_status s = tsr_transform_lowpass.configure(st, v, &g, &probe.env);
        host_free(&probe);
        free(st);
        if (!s) break;
        CU_ASSERT(k + 1 < MAX_BLOCKS);
    }
    for (uint32_t k = 0;; k++) {
        codec *c = codec_open(40, 24, 2, 2, 0, SHAPE_MATCHED, 1, RESIDUAL_BANDS);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        paint(c);
        c->h.fail_at = c->h.blocks + k;
        tsr_status s = encode(c, 1.0f);
        if (!s) s = decode(c);
        codec_free(c);
        if (!s) break;
        CU_ASSERT_FATAL(k + 1 < MAX_BLOCKS);
    }
}

static void test_cancel(void) {
    codec *c = codec_open(64, 64, 1, 1, 0, SHAPE_MATCHED, 1, RESIDUAL_BANDS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    c->h.cancel = 1;
    CU_ASSERT_EQUAL(encode(c, 1.0f), TSR_ERR_CANCELLED);
    CU_ASSERT_EQUAL(decode(c), TSR_ERR_CANCELLED);
    codec_free(c);
}

/* Decoding works without FFTW; analysis then says that it is unsupported. */
static void test_without_fftw(void) {
    codec *c = codec_open(64, 48, 1, 1, 2, SHAPE_MATCHED, 1, RESIDUAL_BANDS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    uint32_t n = c->band[0].w * c->band[0].h;
    for (uint32_t i = 0; i < n; i++) c->decoded_data[0].f[i] = 17;
    CU_ASSERT_EQUAL(decode(c), TSR_OK);
    for (uint32_t i = 0; i < 64 * 48; i++)
        CU_ASSERT_DOUBLE_EQUAL(c->out.p[0].s.f[i], 17, 1e-4); /* constants pass unchanged */
    CU_ASSERT_EQUAL(encode_layer(c, 0, 1.0f), tsr_fft_available() ? TSR_OK : TSR_ERR_UNSUPPORTED);
    codec_free(c);
}

static CU_TestInfo decoder_tests[] = {
    {"gains are measured energies", test_gain},
    {"number of coefficients", test_coefficient_count},
    {"decodes without FFTW", test_without_fftw},
    CU_TEST_INFO_NULL,
};

static CU_TestInfo all_tests[] = {
    {"fine steps reconstruct, all sizes, shapes, residuals", test_reconstruction},
    {"residuals correct what was decoded", test_closed_loop},
    {"trials in any order", test_trials},
    {"more layers, less error", test_prefix},
    {"threads do not change the result", test_threads},
    {"response of the decimation filter", test_response},
    {"allocation failure", test_allocation_failure},
    {"cancel", test_cancel},
    {"gains are measured energies", test_gain},
    {"number of coefficients", test_coefficient_count},
    {"decodes without FFTW", test_without_fftw},
    CU_TEST_INFO_NULL,
};

int main(void) {
    return tsr_test_run("lowpass", tsr_fft_available() ? all_tests : decoder_tests);
}
