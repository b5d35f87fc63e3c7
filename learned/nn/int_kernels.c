/* int_kernels.c - the decoders' integer layers for one instruction set (KERNEL_ISA names it).
 *
 * A pointwise layer keeps the sums of some positions and outputs in registers; each step takes two
 * words of every position's input. A depthwise layer keeps the weights of some channels in
 * registers and goes along the row, two rows' words at a time. Sums are of integers and do not
 * overflow: their order means nothing.
 */
#include "int_lanes.h"

/* ---------------------------------------------------------------- inputs */

static const float lowest = -32768, highest = 32767, half_up = 32768.5f;

NN_INLINE void quantize_lanes(const float *x, float factor, int16_t *y) {
    typedef int32_t bits __attribute__((vector_size(4 * NN_LANES)));
    typedef int16_t words __attribute__((vector_size(2 * NN_LANES)));
    nn_lanes v = nn_lanes_load(x) * nn_lanes_all(factor), low = nn_lanes_all(lowest),
             high = nn_lanes_all(highest);
    bits above = v > low; /* false where it is not a number */
    v = (nn_lanes)(((bits)v & above) | ((bits)low & ~above));
    bits below = v < high;
    v = (nn_lanes)(((bits)v & below) | ((bits)high & ~below));
    bits whole = __builtin_convertvector(v + nn_lanes_all(half_up), bits) - 32768;
    words w = __builtin_convertvector(whole, words);
    memcpy(y, &w, sizeof w);
}

static void quantize(const float *x, float factor, int16_t *y, size_t n) {
    size_t i = 0;
    for (; i + NN_LANES <= n; i += NN_LANES) quantize_lanes(x + i, factor, y + i);
    for (; i < n; i++) {
        float v = x[i] * factor;
        v = v > lowest ? v : lowest;
        v = v < highest ? v : highest;
        y[i] = (int16_t)((int32_t)(v + half_up) - 32768);
    }
}

/* ---------------------------------------------------------------- pointwise */

/* Where outputs go: one of the two. */
typedef struct outlet {
    int32_t *sums;
    int16_t *words;
    const int16_t *before; /* NULL: nothing is added */
    size_t stride;
} outlet;

typedef struct inlet {
    const int16_t *x;
    size_t stride;
} inlet;

NN_INLINE void put(const nn_int_product *a, const outlet *to, size_t p, uint32_t group,
                   int_sums s) {
    size_t o = (size_t)group * NN_INT_OUT, at = p * to->stride + o;
    if (to->sums)
        int_store(to->sums + at, s);
    else
        int_store_words(to->words + at, to->before ? to->before + at : NULL, s, a->shift + o);
}

/* Positions first .. first + positions - 1, outputs of groups group .. group + groups - 1. */
NN_INLINE void tile(const nn_int_product *a, const inlet *from, const outlet *to, size_t first,
                    uint32_t positions, uint32_t group, uint32_t groups) {
    int_sums s[INT_POSITIONS][INT_GROUPS];
    size_t steps = a->in / 2;
    const int16_t *w = a->w + group * steps * NN_INT_OUT * 2, *x = from->x + first * from->stride;
    for (uint32_t p = 0; p < positions; p++)
        for (uint32_t g = 0; g < groups; g++)
            s[p][g] = int_load(a->bias + (size_t)(group + g) * NN_INT_OUT);
    for (size_t k = 0; k < steps; k++) {
        int_sums f[INT_GROUPS];
        for (uint32_t g = 0; g < groups; g++) f[g] = int_load(w + (g * steps + k) * NN_INT_OUT * 2);
        for (uint32_t p = 0; p < positions; p++) {
            int_input v = int_input_load(x + p * from->stride + 2 * k);
            for (uint32_t g = 0; g < groups; g++) s[p][g] = int_dot(s[p][g], v, f[g]);
        }
    }
    for (uint32_t p = 0; p < positions; p++)
        for (uint32_t g = 0; g < groups; g++) put(a, to, first + p, group + g, s[p][g]);
}

NN_INLINE void groups_row(const nn_int_product *a, const inlet *from, const outlet *to, size_t n,
                          uint32_t group, uint32_t groups) {
    size_t p = 0;
    for (; p + INT_POSITIONS <= n; p += INT_POSITIONS)
        tile(a, from, to, p, INT_POSITIONS, group, groups);
    for (; p < n; p++) tile(a, from, to, p, 1, group, groups);
}

NN_INLINE void product_row(const nn_int_product *a, const inlet *from, const outlet *to, size_t n) {
    uint32_t group = 0, all = a->out / NN_INT_OUT;
    for (; group + INT_GROUPS <= all; group += INT_GROUPS)
        groups_row(a, from, to, n, group, INT_GROUPS);
    for (; group < all; group++) groups_row(a, from, to, n, group, 1);
}

static void product_sums(const nn_int_product *a, const int16_t *x, size_t x_stride, int32_t *y,
                         size_t y_stride, size_t n) {
    const inlet from = {x, x_stride};
    const outlet to = {.sums = y, .stride = y_stride};
    product_row(a, &from, &to, n);
}

static void product_words(const nn_int_product *a, const int16_t *x, size_t x_stride,
                          const int16_t *before, int16_t *y, size_t y_stride, size_t n) {
    const inlet from = {x, x_stride};
    const outlet to = {.words = y, .before = before, .stride = y_stride};
    if (before)
        product_row(a, &from, &to, n);
    else
        product_row(a, &from, &(const outlet){.words = y, .stride = y_stride}, n);
}

/* ---------------------------------------------------------------- depthwise */

/* A column of three rows: the first two in pairs, the last paired with zeros. */
typedef struct column {
    int_pairs upper, lower;
} column;

NN_INLINE column column_of(int_words a, int_words b, int_words c) {
    return (column){int_pairs_of(a, b), int_pairs_of(c, int_words_zero())};
}

NN_INLINE column column_load(const int16_t *const row[3], ptrdiff_t at) {
    return column_of(int_words_load(row[0] + at), int_words_load(row[1] + at),
                     int_words_load(row[2] + at));
}

NN_INLINE int_pairs column_dot(int_pairs s, const column *x, const column *w) {
    return int_pairs_dot(int_pairs_dot(s, x->upper, w->upper), x->lower, w->lower);
}

static void taps_channels(const nn_int_taps *a, uint32_t c, const int16_t *const row[3], int16_t *y,
                          size_t n) {
    const ptrdiff_t next = (ptrdiff_t)a->channels;
    const int16_t *const at[3] = {row[0] + c, row[1] + c, row[2] + c};
    int_pairs bias = int_pairs_load(a->bias + c), shift = int_pairs_load(a->shift + c);
    column w[3], x[3];
    for (int k = 0; k < 3; k++) {
        const int16_t *const of[3] = {a->w + c, a->w + c + 3 * next, a->w + c + 6 * next};
        w[k] = column_load(of, k * next);
    }
    x[1] = column_load(at, -next);
    x[2] = column_load(at, 0);
    for (size_t p = 0; p < n; p++) {
        ptrdiff_t here = (ptrdiff_t)p * next;
        x[0] = INT_SLIDE ? x[1] : column_load(at, here - next);
        x[1] = INT_SLIDE ? x[2] : column_load(at, here);
        x[2] = column_load(at, here + next);
        int_pairs s = bias;
        for (int k = 0; k < 3; k++) s = column_dot(s, &x[k], &w[k]);
        int_pairs_store_relu(y + here + c, s, shift);
    }
}

static void taps(const nn_int_taps *a, const int16_t *const row[3], int16_t *y, size_t n) {
    for (uint32_t c = 0; c < a->channels; c += INT_CHANNELS) taps_channels(a, c, row, y, n);
}

const nn_int_kernels NN_JOIN(tsr_int_, KERNEL_ISA) = {
    .name = NN_QUOTE(KERNEL_ISA),
    .quantize = quantize,
    .sums = product_sums,
    .words = product_words,
    .taps = taps,
};
