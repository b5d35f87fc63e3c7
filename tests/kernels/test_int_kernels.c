/* test_int_kernels.c - the decoders' integer layers: every instruction set gives the sums written
 * out here, for drawn values and for the largest that are allowed.
 *
 * With --bench: the rate of each.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nn_int.h"
#include "tsr_test.h"

enum { MAX_TABLES = 4, UNTOUCHED = 77, ALIGN = 64 };

/* Without any vectors: compiled for this test. */
extern const nn_int_kernels tsr_int_generic;

static uint32_t usable(const nn_int_kernels *table[MAX_TABLES]) {
    static const uint32_t masks[] = {0, TSR_CPU_AVX2, TSR_CPU_AVX512};
    uint32_t n = 0;
    table[n++] = &tsr_int_generic;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        const nn_int_kernels *k = tsr_int_kernels(tsr_cpu_detect() & masks[i]);
        if (k != table[n - 1]) table[n++] = k;
    }
    return n;
}

static uint32_t draw(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void *room(size_t bytes) {
    size_t size = (bytes / ALIGN + 1) * ALIGN;
    void *p = aligned_alloc(ALIGN, size);
    if (!p) abort();
    memset(p, 0, size);
    return p;
}

static int32_t clip(int32_t v) {
    return v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v;
}

/* Values within +- limit; with `extreme`, one of the two ends. */
static void fill(int16_t *x, size_t n, int32_t low, int32_t high, int extreme, uint32_t *seed) {
    for (size_t i = 0; i < n; i++)
        x[i] = (int16_t)(extreme ? (draw(seed) & 1 ? low : high)
                                 : low + (int32_t)(draw(seed) % (uint32_t)(high - low + 1)));
}

/* ---------------------------------------------------------------- inputs */

static int16_t word_of(float x, float factor) {
    volatile float v = x * factor;
    if (!(v > -32768)) return INT16_MIN;
    if (v >= 32767) return INT16_MAX;
    volatile float up = v + 32768.5f;
    return (int16_t)(floor((double)up) - 32768);
}

static void test_quantize(void) {
    enum { VALUES = 133 };
    static const float odd[] = {0,        -0.0f,     0.5f,      -0.5f,     1.5f,   -1.5f,
                                32766.5f, 32767.5f,  -32767.5f, -32768.5f, 1e30f,  -1e30f,
                                INFINITY, -INFINITY, NAN,       1e-40f,    0.499f, -0.501f};
    const nn_int_kernels *table[MAX_TABLES];
    uint32_t tables = usable(table), bad = 0, seed = 1;
    float x[VALUES];
    for (uint32_t i = 0; i < VALUES; i++)
        x[i] = i < sizeof odd / sizeof odd[0] ? odd[i] : ((float)draw(&seed) - 0x800000) * 0.0051f;
    for (uint32_t t = 0; t < tables; t++)
        for (uint32_t n = 0; n <= VALUES; n++)
            for (float factor = 1; factor < 3; factor += 1.25f) {
                int16_t y[VALUES + 1];
                y[n] = UNTOUCHED;
                table[t]->quantize(x + VALUES - n, factor, y, n);
                for (uint32_t i = 0; i < n; i++) bad += y[i] != word_of(x[VALUES - n + i], factor);
                bad += y[n] != UNTOUCHED;
            }
    CU_ASSERT_EQUAL(bad, 0);
}

/* ---------------------------------------------------------------- pointwise */

typedef struct product {
    uint32_t in, out, padded_in, padded_out;
    size_t n, stride; /* of x, before and y */
    int16_t *w;       /* [out][in] */
    int16_t *packed, *x, *before;
    int32_t *bias, *shift;
} product;

static nn_int_product layer_of(const product *p) {
    return (nn_int_product){p->padded_in, p->padded_out, p->packed, p->bias, p->shift};
}

/* extreme: weights, inputs and biases as large as sums can bear, all of one sign. */
static product product_new(uint32_t in, uint32_t out, size_t n, int extreme) {
    enum { WEIGHT_SUM = 49151, BIAS = 1 << 28 };
    uint32_t seed = in * 31 + out * 7 + (uint32_t)n;
    product p = {.in = in, .out = out, .n = n};
    p.padded_out = (out + NN_INT_OUT - 1) / NN_INT_OUT * NN_INT_OUT;
    p.padded_in = (in + 1) / 2 * 2;
    p.stride = p.padded_out > p.padded_in ? p.padded_out : p.padded_in;
    p.w = room((size_t)in * out * sizeof *p.w);
    p.packed = room((size_t)p.padded_out * p.padded_in * sizeof *p.packed);
    p.x = room(n * p.stride * sizeof *p.x);
    p.before = room(n * p.stride * sizeof *p.before);
    p.bias = room(p.padded_out * sizeof *p.bias);
    p.shift = room(p.padded_out * sizeof *p.shift);
    int32_t weight = WEIGHT_SUM / (int32_t)in;
    if (weight > INT16_MAX) weight = INT16_MAX;
    fill(p.w, (size_t)in * out, extreme ? weight : -weight, weight, 0, &seed);
    fill(p.x, n * p.stride, INT16_MIN, extreme == 2 ? INT16_MIN : INT16_MAX, extreme, &seed);
    fill(p.before, n * p.stride, INT16_MIN, INT16_MAX, extreme, &seed);
    for (uint32_t o = 0; o < out; o++) {
        p.bias[o] = extreme ? -BIAS : (int32_t)(draw(&seed) & 0xfffff) - 0x80000;
        p.shift[o] = (int32_t)(draw(&seed) % 25);
    }
    tsr_int_pack(p.packed, p.w, in, out);
    return p;
}

static void product_free(product *p) {
    free(p->w), free(p->bias), free(p->shift);
    free(p->before), free(p->x), free(p->packed);
}

static int32_t sum_of(const product *p, size_t q, uint32_t o) {
    int64_t sum = p->bias[o];
    for (uint32_t i = 0; i < p->in && o < p->out; i++)
        sum += (int32_t)p->w[(size_t)o * p->in + i] * p->x[q * p->stride + i];
    CU_ASSERT_FATAL(sum == (int32_t)sum);
    return (int32_t)sum;
}

/* Outputs of a kernel that are not what they should be. */
static uint32_t check_product(const nn_int_kernels *k, const product *p, const int32_t *expected) {
    const nn_int_product a = layer_of(p);
    size_t total = p->n * p->stride + 1;
    int16_t *y = room(total * sizeof *y), *added = room(total * sizeof *added);
    int32_t *sums = room(total * sizeof *sums);
    uint32_t bad = 0;
    memcpy(added, p->before, (total - 1) * sizeof *added);
    y[total - 1] = added[total - 1] = UNTOUCHED;
    sums[total - 1] = UNTOUCHED;
    k->sums(&a, p->x, p->stride, sums, p->stride, p->n);
    k->words(&a, p->x, p->stride, NULL, y, p->stride, p->n);
    k->words(&a, p->x, p->stride, added, added, p->stride, p->n);
    for (size_t q = 0; q < p->n; q++)
        for (uint32_t o = 0; o < p->padded_out; o++) {
            size_t at = q * p->stride + o;
            int32_t word = clip(expected[at] >> p->shift[o]);
            bad += sums[at] != expected[at];
            bad += y[at] != word;
            bad += added[at] != clip(p->before[at] + word);
        }
    bad += y[total - 1] != UNTOUCHED || added[total - 1] != UNTOUCHED;
    bad += sums[total - 1] != UNTOUCHED;
    free(y), free(added), free(sums);
    return bad;
}

static uint32_t check_tables(const product *p) {
    const nn_int_kernels *table[MAX_TABLES];
    uint32_t tables = usable(table), bad = 0;
    int32_t *expected = room(p->n * p->stride * sizeof *expected);
    for (size_t q = 0; q < p->n; q++)
        for (uint32_t o = 0; o < p->padded_out; o++) expected[q * p->stride + o] = sum_of(p, q, o);
    for (uint32_t t = 0; t < tables; t++) bad += check_product(table[t], p, expected);
    free(expected);
    return bad;
}

static void test_pointwise(void) {
    static const size_t lengths[] = {1, 2, 3, 4, 5, 6, 7, 12, 17, 24};
    static const uint32_t channels[][2] = {{1, 1},   {3, 2},    {12, 32}, {32, 12},
                                           {48, 48}, {64, 100}, {5, 96},  {128, 128}};
    uint32_t bad = 0;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
        for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++)
            for (int extreme = 0; extreme < 3; extreme++) {
                product p = product_new(channels[c][0], channels[c][1], lengths[l], extreme);
                bad += check_tables(&p);
                product_free(&p);
            }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_STRING_EQUAL(tsr_int_kernels(0)->name, "plain");
}

/* ---------------------------------------------------------------- taps */

typedef struct stencil {
    size_t n;
    int16_t *w, *x; /* x: three rows of n + 2 positions */
    int32_t *bias, *shift;
    const int16_t *row[3];
    nn_int_taps layer;
} stencil;

static stencil stencil_new(uint32_t channels, size_t n, int extreme) {
    enum { WEIGHT = 49151 / NN_INT_TAPS, BIAS = 1 << 28 };
    uint32_t seed = channels + (uint32_t)n;
    stencil s = {.n = n};
    size_t row = (n + 2) * channels;
    s.w = room(NN_INT_TAPS * channels * sizeof *s.w);
    s.bias = room(channels * sizeof *s.bias);
    s.shift = room(channels * sizeof *s.shift);
    s.x = room(3 * row * sizeof *s.x);
    fill(s.w, NN_INT_TAPS * channels, extreme ? WEIGHT : -WEIGHT, WEIGHT, 0, &seed);
    fill(s.x, 3 * row, INT16_MIN, extreme == 2 ? INT16_MIN : INT16_MAX, extreme, &seed);
    for (uint32_t c = 0; c < channels; c++) {
        s.bias[c] = extreme ? -BIAS : (int32_t)(draw(&seed) & 0xfffff) - 0x80000;
        s.shift[c] = (int32_t)(draw(&seed) % 25);
    }
    for (int k = 0; k < 3; k++) s.row[k] = s.x + (size_t)k * row + channels;
    s.layer = (nn_int_taps){channels, s.w, s.bias, s.shift};
    return s;
}

static void stencil_free(stencil *s) {
    free(s->w), free(s->bias), free(s->shift), free(s->x);
}

static int16_t tap_sum(const stencil *s, size_t p, uint32_t c) {
    const uint32_t channels = s->layer.channels;
    int64_t sum = s->bias[c];
    for (uint32_t t = 0; t < NN_INT_TAPS; t++) {
        const int16_t *x = s->row[t / 3] + (p + t % 3) * channels + c;
        sum += (int32_t)x[-(ptrdiff_t)channels] * s->w[t * channels + c];
    }
    CU_ASSERT_FATAL(sum == (int32_t)sum);
    int32_t y = clip((int32_t)sum >> s->shift[c]);
    return (int16_t)(y > 0 ? y : 0);
}

static uint32_t check_stencil(const nn_int_kernels *k, const stencil *s) {
    const uint32_t channels = s->layer.channels;
    size_t total = s->n * channels + 1;
    int16_t *y = room(total * sizeof *y);
    uint32_t bad = 0;
    y[total - 1] = UNTOUCHED;
    k->taps(&s->layer, s->row, y, s->n);
    for (size_t i = 0; i + 1 < total; i++)
        bad += y[i] != tap_sum(s, i / channels, (uint32_t)(i % channels));
    bad += y[total - 1] != UNTOUCHED;
    free(y);
    return bad;
}

static void test_taps(void) {
    static const size_t lengths[] = {1, 2, 3, 7, 20};
    const nn_int_kernels *table[MAX_TABLES];
    uint32_t tables = usable(table), bad = 0;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
        for (uint32_t channels = 32; channels <= 128; channels += 32)
            for (int extreme = 0; extreme < 3; extreme++) {
                stencil s = stencil_new(channels, lengths[l], extreme);
                for (uint32_t t = 0; t < tables; t++) bad += check_stencil(table[t], &s);
                stencil_free(&s);
            }
    CU_ASSERT_EQUAL(bad, 0);
}

/* ---------------------------------------------------------------- timing */

enum { BENCH_POSITIONS = 144 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double product_rate(const nn_int_kernels *k, uint32_t in, uint32_t out) {
    product p = product_new(in, out, BENCH_POSITIONS, 0);
    const nn_int_product a = layer_of(&p);
    int16_t *y = room(p.n * p.stride * sizeof *y);
    double best = 0;
    for (int round = 0; round < 30; round++) {
        double t = now();
        for (int i = 0; i < 50; i++) k->words(&a, p.x, p.stride, p.before, y, p.stride, p.n);
        best = fmax(best, 50.0 * in * out * (double)p.n / (now() - t));
    }
    free(y);
    product_free(&p);
    return best * 1e-9;
}

static double taps_rate(const nn_int_kernels *k, uint32_t channels) {
    stencil s = stencil_new(channels, BENCH_POSITIONS, 0);
    int16_t *y = room(s.n * channels * sizeof *y);
    double best = 0;
    for (int round = 0; round < 30; round++) {
        double t = now();
        for (int i = 0; i < 50; i++) k->taps(&s.layer, s.row, y, s.n);
        best = fmax(best, 50.0 * NN_INT_TAPS * channels * (double)s.n / (now() - t));
    }
    free(y);
    stencil_free(&s);
    return best * 1e-9;
}

static int bench(void) {
    const nn_int_kernels *table[MAX_TABLES];
    uint32_t n = usable(table);
    for (uint32_t i = 0; i < n; i++)
        printf("%-7s pointwise 12->32 %.1f, 32->32 %.1f, 64->64 %.1f, 32->12 %.1f, 3x3 taps of 32 "
               "channels %.1f, of 64 %.1f GMAC/s\n",
               table[i]->name, product_rate(table[i], 12, 32), product_rate(table[i], 32, 32),
               product_rate(table[i], 64, 64), product_rate(table[i], 32, 12),
               taps_rate(table[i], 32), taps_rate(table[i], 64));
    return 0;
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"inputs", test_quantize},
                           {"pointwise", test_pointwise},
                           {"taps", test_taps},
                           CU_TEST_INFO_NULL};
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) return bench();
    return tsr_test_run("int_kernels", tests);
}
