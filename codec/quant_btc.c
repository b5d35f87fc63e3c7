/* quant_btc.c - block truncation coding: two levels a block that keep its moments.
 *
 * Coefficients of a block of m are above its mean (q of them) or below, and decoded as
 *
 *     moments=square     mean + s sqrt((m - q) / q)    or    mean - s sqrt(q / (m - q))
 *     moments=absolute   mean + s m / (2 q)            or    mean - s m / (2 (m - q))
 *
 * which keeps mean and standard deviation s (Delp & Mitchell 1979, equation 7), or mean and mean
 * absolute deviation s (Lema & Mitchell 1984, equations 8, 9). A block whose two levels are not
 * worth their bits has s = 0 and one level, its mean or zero. Mean and s are in half steps. Cost:
 * 5 ns a coefficient.
 */
#include <math.h>

#include "quant_blocks.h"
#include "quant_param.h"

enum { P_BLOCK, P_MOMENTS };
enum { SQUARE, ABSOLUTE };
enum { MEAN, SPREAD, NUMBERS }; /* of a block */
enum { KIND_SPREAD, KIND_DETAIL, KIND_LOW };

#define LARGEST  4194304 /* 2^22: numbers are cut off there, far beyond real ones */
#define MAX_SIDE 64u

static const char *const moment_names[] = {"square", "absolute", NULL};

static const tsr_param params[] = {
    TSR_QUANT_BLOCK(MAX_SIDE, 4),
    {.name = "moments",
     .help = "kept beside the mean: variance or mean absolute deviation",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = SQUARE,
     .choices = moment_names},
};

typedef struct btc {
    tsr_block_numbers numbers;
    int absolute;
} btc;

static tsr_status btc_open(void *st, const tsr_layout *l, const tsr_value *v, tsr_job *j) {
    btc *s = st;
    s->absolute = v[P_MOMENTS].i == ABSOLUTE;
    return tsr_block_numbers_alloc(&s->numbers, l, (uint32_t)v[P_BLOCK].i, NUMBERS, j);
}

static int32_t *block_numbers(const btc *s, uint32_t b, const tsr_block *k) {
    return s->numbers.band[b] + (size_t)k->number * NUMBERS;
}

/* Decoded values of coefficients below and above the mean, `above` of n. */
static void two_levels(const btc *s, const int32_t *number, float unit, uint32_t n, uint32_t above,
                       float level[2]) {
    float mean = (float)number[MEAN] * unit, spread = (float)number[SPREAD] * unit;
    level[0] = level[1] = mean;
    if (!number[SPREAD] || !above || above == n) return;
    float high = (float)above, low = (float)(n - above);
    if (s->absolute) {
        float half = spread * (float)n * 0.5f;
        level[0] = mean - half / low;
        level[1] = mean + half / high;
    } else {
        level[0] = mean - spread * sqrtf(high / low);
        level[1] = mean + spread * sqrtf(low / high);
    }
}

/* ---- encoder ---- */

/* What a way to code a block costs. */
typedef struct choice {
    int32_t number[NUMBERS];
    double cost;
} choice;

static double block_error(const float *v, uint32_t n, float threshold, const float level[2]) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double e = v[i] - level[v[i] >= threshold];
        sum += e * e;
    }
    return sum;
}

static double number_bits(int32_t v) {
    return v ? 2 * log2(1 + fabs((double)v)) + 1 : 0.5;
}

static int32_t in_units(double v, float unit) {
    double k = floor(v / unit + 0.5);
    return (int32_t)(k < -LARGEST ? -LARGEST : k > LARGEST ? LARGEST : k);
}

/* The cheapest of: zero; the mean; two levels. lambda: squared coefficients a bit. */
static choice choose(const btc *s, const float *v, uint32_t n, float unit, double lambda) {
    double sum = 0, squares = 0, absolute = 0;
    uint32_t above = 0;
    for (uint32_t i = 0; i < n; i++) sum += v[i];
    float mean = (float)(sum / n);
    for (uint32_t i = 0; i < n; i++) {
        double d = (double)v[i] - mean;
        squares += d * d;
        absolute += fabs(d);
        above += v[i] >= mean;
    }
    choice c[3] = {{{0, 0}, 0}, {{in_units(mean, unit), 0}, 0}, {{in_units(mean, unit), 0}, 0}};
    c[2].number[SPREAD] = in_units(s->absolute ? absolute / n : sqrt(squares / n), unit);
    int best = 0;
    for (int i = 0; i < 3; i++) {
        float level[2];
        double bits = number_bits(c[i].number[MEAN]) + number_bits(c[i].number[SPREAD]);
        two_levels(s, c[i].number, unit, n, above, level);
        c[i].cost = block_error(v, n, mean, level) + lambda * (bits + (i == 2 ? n : 0));
        if (c[i].cost < c[best].cost) best = i;
    }
    return c[best];
}

static void quantize_block(void *arg, const tsr_quant_task *t, uint32_t b, const tsr_block *k) {
    const btc *s = arg;
    float v[MAX_SIDE * MAX_SIDE], step = tsr_band_step(t, b);
    int32_t *number = block_numbers(s, b, k);
    double sum = 0;
    tsr_block_gather(k, t->coeffs->data[b].f, LARGEST / 4 * step, v);
    for (uint32_t i = 0; i < k->n; i++) sum += v[i];
    float mean = (float)(sum / k->n);
    double lambda = t->lambda / (double)t->layout->band[b].gain;
    choice c = choose(s, v, k->n, step * 0.5f, lambda);
    number[MEAN] = c.number[MEAN];
    number[SPREAD] = c.number[SPREAD];
    for (uint32_t y = 0, i = 0; y < k->h; y++) {
        int32_t *out = t->symbols->data[b] + (size_t)(k->y + y) * k->band->w + k->x;
        for (uint32_t x = 0; x < k->w; x++, i++)
            out[x] = !number[SPREAD] ? 0 : v[i] >= mean ? 1 : -1;
    }
}

static tsr_status btc_quantize(void *st, const tsr_quant_task *t) {
    const btc *s = st;
    return tsr_blocks_quantize(&s->numbers, t, quantize_block, st);
}

/* ---- decoder ---- */

static void dequantize_block(void *arg, const tsr_quant_task *t, uint32_t b, const tsr_block *k) {
    const btc *s = arg;
    uint32_t above = 0;
    float level[2];
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t y = 0; y < k->h; y++) {
            size_t at = (size_t)(k->y + y) * k->band->w + k->x;
            for (uint32_t x = 0; x < k->w; x++) {
                int high = t->symbols->data[b][at + x] > 0;
                if (pass)
                    t->decoded->data[b].f[at + x] = level[high];
                else
                    above += (uint32_t)high;
            }
        }
        if (!pass)
            two_levels(s, block_numbers(s, b, k), tsr_band_step(t, b) * 0.5f, k->n, above, level);
    }
}

static tsr_status btc_dequantize(void *st, const tsr_quant_task *t) {
    const btc *s = st;
    tsr_blocks_dequantize(&s->numbers, t, dequantize_block, st);
    return TSR_OK;
}

/* ---- side information ---- */

static int code_moments(const void *arg, tsr_side *c, const tsr_block *k,
                        const tsr_block_near *near) {
    int low = k->band->orient == TSR_ORIENT_LOW;
    unsigned context = tsr_side_context((uint32_t)near->left[SPREAD], (uint32_t)near->up[SPREAD]);
    uint32_t spread = tsr_side_count(c, KIND_SPREAD, context, (uint32_t)near->here[SPREAD]);
    int32_t guess = low ? tsr_block_guess(k, near->left[MEAN], near->up[MEAN]) : 0;
    int32_t mean =
        guess + tsr_side_number(c, low ? KIND_LOW : KIND_DETAIL, tsr_side_context(spread, spread),
                                near->here[MEAN] - guess);
    near->here[SPREAD] = (int32_t)spread;
    near->here[MEAN] = mean;
    return spread <= LARGEST && mean >= -LARGEST && mean <= LARGEST;
}

static void btc_save(const void *st, const tsr_layout *l, tsr_buffer *out) {
    const btc *s = st;
    tsr_block_numbers_save(&s->numbers, l, out, code_moments, s);
}

static tsr_status btc_load(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d) {
    const btc *s = st;
    return tsr_block_numbers_load(&s->numbers, l, in, code_moments, s, d);
}

const tsr_quantizer tsr_quantizer_btc = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 6,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "btc",
          .summary = "block truncation coding: two levels a block that keep its moments",
          .reference = "Delp & Mitchell 1979, Image compression using block truncation coding; "
                       "Lema & Mitchell 1984 (absolute moment)",
          .params = params,
          .n_params = 2,
          .state_size = sizeof(btc)},
    .open = btc_open,
    .quantize = btc_quantize,
    .dequantize = btc_dequantize,
    .side_save = btc_save,
    .side_load = btc_load,
};
