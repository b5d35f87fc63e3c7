/* test_vqvae_net.c - the networks against a direct evaluation of their definition, to the bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_maker.h"
#include "test_host.h"
#include "test_picture.h"
#include "tsr_test.h"
#include "vqvae_net.h"

enum { CHANNELS = TSR_VQVAE_CHANNELS };

/* ---------------------------------------------------------------- the definition */

/* A picture of c channels on the grid, [c][h][w]. */
typedef struct stack {
    uint32_t c, w, h;
    float *v;
} stack;

static stack stack_new(uint32_t c, const vqvae_grid *g) {
    stack s = {c, g->w, g->h, calloc((size_t)c * g->w * g->h + 1, sizeof(float))};
    if (!s.v) abort();
    return s;
}

static float at(const stack *s, uint32_t c, int64_t x, int64_t y) {
    int inside = x >= 0 && y >= 0 && x < s->w && y < s->h;
    return inside ? s->v[((size_t)c * s->h + (size_t)y) * s->w + (size_t)x] : 0.0f;
}

static float one_sum(const tsr_vqvae_layer *l, const stack *in, uint32_t o, int64_t x, int64_t y,
                     float level) {
    const float *b = l->bias;
    float sum = b[o] + level * (b[l->out + o] + level * b[2 * l->out + o]);
    if (l->kind == TSR_VQVAE_POINTWISE)
        for (uint32_t i = 0; i < l->in; i++) sum += l->weight[o * l->in + i] * at(in, i, x, y);
    else
        for (int t = 0; t < 9; t++)
            sum += l->weight[o * 9 + t] * at(in, o, x + t % 3 - 1, y + t / 3 - 1);
    return sum;
}

static stack evaluate(const tsr_vqvae_layer *l, const stack *in, const vqvae_grid *g, float level,
                      int relu) {
    stack out = stack_new(l->out, g);
    for (uint32_t o = 0; o < l->out; o++)
        for (uint32_t y = 0; y < g->h; y++)
            for (uint32_t x = 0; x < g->w; x++) {
                float v = one_sum(l, in, o, x, y, level);
                out.v[((size_t)o * g->h + y) * g->w + x] = relu && !(v > 0) ? 0.0f : v;
            }
    return out;
}

/* Layer i of the network applied to *s, which is replaced. */
static void step_on(const tsr_vqvae_net *n, uint32_t i, stack *s, const vqvae_grid *g, float level,
                    int relu) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
    stack next = evaluate(&l, s, g, level, relu);
    free(s->v);
    *s = next;
}

static stack reference(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g) {
    stack h = stack_new(CHANNELS, g);
    for (uint32_t c = 0; c < CHANNELS; c++)
        for (uint32_t y = 0; y < g->channel[c].h && g->channel[c].in; y++)
            for (uint32_t x = 0; x < g->channel[c].w; x++)
                h.v[((size_t)c * g->h + y) * g->w + x] =
                    g->channel[c].in[(size_t)y * g->channel[c].w + x] * scale.inverse;
    uint32_t i = 0;
    step_on(n, i++, &h, g, scale.l, 0);
    for (uint32_t b = 0; b < n->blocks; b++) {
        stack change = stack_new(n->width, g);
        memcpy(change.v, h.v, (size_t)n->width * g->w * g->h * sizeof(float));
        step_on(n, i++, &change, g, scale.l, n->pointwise == 1);
        step_on(n, i++, &change, g, scale.l, n->pointwise == 2);
        if (n->pointwise == 2) step_on(n, i++, &change, g, scale.l, 0);
        for (size_t k = 0; k < (size_t)n->width * g->w * g->h; k++) h.v[k] += change.v[k];
        free(change.v);
    }
    step_on(n, i, &h, g, scale.l, 0);
    return h;
}

/* ---------------------------------------------------------------- that of integers */

/* Values of 16 bits are kept as floats, which hold them. */

static double clipped(double v) {
    return v < -32768 ? -32768 : v > 32767 ? 32767 : v;
}

/* Bias and products, an integer below 2^31. */
static double int_sum(const tsr_vqvae_layer *l, const stack *in, uint32_t o, int64_t x, int64_t y,
                      float level) {
    const float *b = l->bias + o;
    volatile float bias = b[0] + level * (b[l->out] + level * b[2 * l->out]);
    bias = ldexpf(bias, l->shift[o]);
    bias = fmaxf(-0x1p28f, fminf(0x1p28f, bias));
    bias = bias + 0.5f;
    double sum = floor((double)bias);
    if (l->kind == TSR_VQVAE_POINTWISE)
        for (uint32_t i = 0; i < l->in; i++)
            sum += (double)l->integer[o * l->in + i] * (double)at(in, i, x, y);
    else
        for (int t = 0; t < 9; t++)
            sum += (double)l->integer[o * 9 + t] * (double)at(in, o, x + t % 3 - 1, y + t / 3 - 1);
    return sum;
}

/* Layer i of the network of integers on *s, which is replaced: shifted, clipped and, with relu,
 * without negative values; of the last layer the sums, in units of the result. */
static void int_step_on(const tsr_vqvae_net *n, uint32_t i, stack *s, const vqvae_grid *g,
                        float level, int relu) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
    int last = i + 1 == tsr_vqvae_net_layers(n);
    stack next = stack_new(l.out, g);
    for (uint32_t o = 0; o < l.out; o++)
        for (uint32_t y = 0; y < g->h; y++)
            for (uint32_t x = 0; x < g->w; x++) {
                double sum = int_sum(&l, s, o, x, y, level), unit = ldexp(1, l.shift[o]);
                double v = clipped(floor((sum + floor(unit / 2)) / unit));
                if (relu && v < 0) v = 0;
                next.v[((size_t)o * g->h + y) * g->w + x] =
                    last ? (float)sum / (float)unit : (float)v;
            }
    free(s->v);
    *s = next;
}

static stack int_reference(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g) {
    stack h = stack_new(CHANNELS, g);
    volatile float factor = ldexpf(scale.inverse, (int)n->ints.fraction);
    for (uint32_t c = 0; c < CHANNELS; c++)
        for (uint32_t y = 0; y < g->channel[c].h && g->channel[c].in; y++)
            for (uint32_t x = 0; x < g->channel[c].w; x++) {
                volatile float v = g->channel[c].in[(size_t)y * g->channel[c].w + x] * factor;
                volatile float up = (float)clipped((double)v) + 32768.5f;
                h.v[((size_t)c * g->h + y) * g->w + x] = floorf(up) - 32768;
            }
    uint32_t i = 0;
    int_step_on(n, i++, &h, g, scale.l, 0);
    for (uint32_t b = 0; b < n->blocks; b++) {
        stack change = stack_new(n->width, g);
        size_t values = (size_t)n->width * g->w * g->h;
        memcpy(change.v, h.v, values * sizeof(float));
        int_step_on(n, i++, &change, g, scale.l, 1);
        int_step_on(n, i++, &change, g, scale.l, 0);
        for (size_t k = 0; k < values; k++) h.v[k] = (float)clipped((double)(h.v[k] + change.v[k]));
        free(change.v);
    }
    int_step_on(n, i, &h, g, scale.l, 0);
    return h;
}

/* ---------------------------------------------------------------- comparison */

typedef struct scene {
    vqvae_grid g;
    float *in[CHANNELS], *out[CHANNELS];
} scene;

/* A grid for a picture of width x height, `seen` planes of which there are. */
static void scene_open(scene *s, uint32_t width, uint32_t height, uint32_t seen, uint64_t seed) {
    *s = (scene){.g = {.w = width - width / 2, .h = height - height / 2}};
    for (uint32_t c = 0; c < CHANNELS; c++) {
        uint32_t band = c / 3, w = band & 1 ? width / 2 : s->g.w,
                 h = band & 2 ? height / 2 : s->g.h;
        size_t n = (size_t)w * h;
        s->in[c] = malloc((n + 1) * sizeof(float));
        s->out[c] = malloc((n + 1) * sizeof(float));
        for (size_t i = 0; i < n; i++)
            s->in[c][i] = (float)test_random_laplacian(&seed, band ? 20 : 200) / 3.0f;
        if (c % 3 < seen && n) s->g.channel[c] = (vqvae_channel){s->in[c], s->out[c], w, h};
    }
}

static void scene_close(scene *s) {
    for (uint32_t c = 0; c < CHANNELS; c++) {
        free(s->in[c]);
        free(s->out[c]);
    }
}

/* Samples of the scene that differ from the definition. */
static size_t differences(const scene *s, const stack *expected, float amount) {
    size_t n = 0;
    for (uint32_t c = 0; c < CHANNELS; c++) {
        const vqvae_channel *ch = &s->g.channel[c];
        for (uint32_t y = 0; y < ch->h && ch->in; y++)
            for (uint32_t x = 0; x < ch->w; x++) {
                size_t i = (size_t)y * ch->w + x;
                float want = ch->in[i] + amount * at(expected, c, x, y);
                n += memcmp(&want, &ch->out[i], sizeof want) != 0;
            }
    }
    return n;
}

/* Runs one network on one size, with every set of instructions and some numbers of threads. */
static size_t compare(const tsr_vqvae_net *n, uint32_t width, uint32_t height, uint32_t seen,
                      uint32_t cpu) {
    static const uint32_t masks[] = {0, TSR_CPU_AVX2, TSR_CPU_AVX2 | TSR_CPU_AVX512};
    const tsr_vqvae_scale scale = {.l = 0.75f, .inverse = 1 / 53.8f, .amount = 53.8f};
    size_t bad = 0;
    scene s;
    scene_open(&s, width, height, seen, width * 131 + height);
    stack expected = (n->ints.weight ? int_reference : reference)(n, scale, &s.g);
    for (uint32_t m = 0; m < 3; m++)
        for (uint32_t threads = 1; threads <= 7; threads += 3) {
            test_host host;
            if (masks[m] & ~cpu) continue;
            test_host_init(&host, threads);
            host.env.cpu = masks[m];
            for (uint32_t c = 0; c < CHANNELS; c++)
                if (s.g.channel[c].out)
                    memset(s.out[c], 0xff,
                           (size_t)s.g.channel[c].w * s.g.channel[c].h * sizeof(float));
            bad += tsr_vqvae_net_run(n, scale, &s.g, &host.env) != TSR_OK;
            bad += differences(&s, &expected, scale.amount);
            test_host_free(&host, 0);
        }
    free(expected.v);
    scene_close(&s);
    return bad;
}

static tsr_vqvae_net net_of(uint32_t width, uint32_t blocks, uint32_t pointwise) {
    uint64_t rng = width * 100 + blocks * 10 + pointwise;
    tsr_vqvae_net n = {
        .channels = CHANNELS, .width = width, .blocks = blocks, .pointwise = pointwise};
    make_net(&n, 0.3f, &rng);
    return n;
}

static void test_sizes(void) {
    static const uint32_t sizes[][2] = {{1, 1},   {2, 1},   {1, 2},    {3, 3},  {16, 16},
                                        {17, 31}, {64, 64}, {300, 10}, {5, 300}};
    tsr_vqvae_net n = net_of(7, 3, 1);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t seen = 1; seen <= 3; seen += 2)
            CU_ASSERT_EQUAL(compare(&n, sizes[i][0], sizes[i][1], seen, tsr_cpu_detect()), 0);
    free(n.param);
}

/* Cuts into strips and bands of rows (of 128 columns and 64 rows) leave no trace. */
static void test_cuts(void) {
    for (uint32_t blocks = 0; blocks <= 4; blocks += 2) {
        tsr_vqvae_net n = net_of(5, blocks, 2);
        CU_ASSERT_EQUAL(compare(&n, 531, 271, 3, tsr_cpu_detect()), 0);
        free(n.param);
    }
}

static void test_shapes(void) {
    static const uint32_t shapes[][3] = {{1, 0, 1}, {1, 1, 1}, {32, 4, 1}, {12, 16, 1}, {20, 2, 2}};
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        tsr_vqvae_net n = net_of(shapes[i][0], shapes[i][1], shapes[i][2]);
        CU_ASSERT_EQUAL(compare(&n, 45, 38, 3, tsr_cpu_detect()), 0);
        free(n.param);
    }
}

static tsr_vqvae_net int_net_of(uint32_t width, uint32_t blocks, float amplitude) {
    uint64_t rng = width * 100 + blocks;
    tsr_vqvae_net n = {.channels = CHANNELS, .width = width, .blocks = blocks, .pointwise = 1};
    make_int_net(&n, amplitude, &rng);
    return n;
}

static void test_int_sizes(void) {
    static const uint32_t sizes[][2] = {{1, 1},   {2, 1},   {1, 2},    {3, 3},  {16, 16},
                                        {17, 31}, {64, 64}, {300, 10}, {5, 300}};
    tsr_vqvae_net n = int_net_of(7, 3, 0.3f);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t seen = 1; seen <= 3; seen += 2)
            CU_ASSERT_EQUAL(compare(&n, sizes[i][0], sizes[i][1], seen, tsr_cpu_detect()), 0);
    free(n.ints.bias);
}

static void test_int_cuts(void) {
    for (uint32_t blocks = 0; blocks <= 4; blocks += 2) {
        tsr_vqvae_net n = int_net_of(5, blocks, 0.3f);
        CU_ASSERT_EQUAL(compare(&n, 531, 271, 3, tsr_cpu_detect()), 0);
        free(n.ints.bias);
    }
}

static void test_int_shapes(void) {
    static const uint32_t shapes[][2] = {{1, 0}, {1, 1}, {32, 4}, {33, 2}, {12, 16}, {128, 1}};
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        tsr_vqvae_net n = int_net_of(shapes[i][0], shapes[i][1], 0.3f);
        CU_ASSERT_EQUAL(compare(&n, 45, 38, 3, tsr_cpu_detect()), 0);
        free(n.ints.bias);
    }
}

/* Values that leave 16 bits in every layer, and biases beyond what counts. */
static void test_int_saturation(void) {
    tsr_vqvae_net n = int_net_of(8, 3, 0.3f);
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(&n); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(&n, i);
        for (uint32_t o = 0; o < l.out; o++) {
            if (i < 7) l.shift[o] = (uint8_t)(o % 3 == 0 ? 0 : l.shift[o] - o % 6);
            l.bias[o] = o % 4 ? l.bias[o] : o % 8 ? 32767 : -32768;
        }
    }
    CU_ASSERT_EQUAL(compare(&n, 61, 47, 3, tsr_cpu_detect()), 0);
    free(n.ints.bias);
}

static void test_failures(void) {
    tsr_vqvae_net n = net_of(4, 1, 1);
    const tsr_vqvae_scale scale = {.inverse = 1, .amount = 1};
    scene s;
    scene_open(&s, 9, 9, 3, 1);
    for (uint32_t fail = 0; fail < 3; fail++) {
        test_host host;
        test_host_init(&host, 1);
        host.fail_at = fail;
        CU_ASSERT_EQUAL(tsr_vqvae_net_run(&n, scale, &s.g, &host.env), TSR_ERR_MEMORY);
        test_host_free(&host, 0);
    }
    test_host host;
    test_host_init(&host, 1);
    host.cancel = 1;
    CU_ASSERT_EQUAL(tsr_vqvae_net_run(&n, scale, &s.g, &host.env), TSR_ERR_CANCELLED);
    test_host_free(&host, 0);
    scene_close(&s);
    free(n.param);
}

TSR_TEST_MAIN("vqvae networks", {"every size, grey and colour", test_sizes},
              {"strips leave no trace", test_cuts}, {"every shape of network", test_shapes},
              {"integers: every size", test_int_sizes},
              {"integers: strips leave no trace", test_int_cuts},
              {"integers: every shape of network", test_int_shapes},
              {"integers: the ends of the range", test_int_saturation},
              {"refused memory and a wish to stop", test_failures})
