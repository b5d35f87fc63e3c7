/* infer_kernels.c - the decoders' inner loops for one instruction set (KERNEL_ISA names it).
 *
 * Vectors run across pixels. For every pixel and channel: the bias, then one product after the
 * other is added, each operation rounded to float: nothing is contracted or reassociated, so that
 * all builds agree to the bit. A last block that is not full begins earlier and repeats some
 * pixels.
 */
#include "nn_infer.h"
#include "nn_lanes.h"

/* Accumulators that fit the registers: outputs x lanes. */
#if defined(__AVX512F__)
enum { TILE_OUT = 8, TILE_LANES = 2 };
#elif defined(__AVX2__)
enum { TILE_OUT = 6, TILE_LANES = 2 };
#else
enum { TILE_OUT = 4, TILE_LANES = 2 };
#endif
enum { TILE = TILE_LANES * NN_LANES };

/* ---------------------------------------------------------------- pointwise */

typedef struct product {
    const float *w, *bias, *x;
    float *y;
    size_t x_stride, y_stride;
    uint32_t in, out, act;
} product;

/* Outputs o .. o + outs - 1 of `lanes` vectors of pixels from p on. */
NN_INLINE void product_tile(const product *a, uint32_t o, uint32_t outs, size_t p, uint32_t lanes) {
    nn_lanes acc[TILE_OUT][TILE_LANES];
    for (uint32_t i = 0; i < outs; i++)
        for (uint32_t j = 0; j < lanes; j++) acc[i][j] = nn_lanes_all(a->bias ? a->bias[o + i] : 0);
    const float *w = a->w + (size_t)o * a->in, *x = a->x + p;
    for (uint32_t c = 0; c < a->in; c++, x += a->x_stride) {
        nn_lanes v[TILE_LANES];
        for (uint32_t j = 0; j < lanes; j++) v[j] = nn_lanes_load(x + j * NN_LANES);
        for (uint32_t i = 0; i < outs; i++) {
            nn_lanes f = nn_lanes_all(w[(size_t)i * a->in + c]);
            for (uint32_t j = 0; j < lanes; j++) acc[i][j] += f * v[j];
        }
    }
    for (uint32_t i = 0; i < outs; i++)
        for (uint32_t j = 0; j < lanes; j++)
            nn_lanes_store(a->y + (o + i) * a->y_stride + p + j * NN_LANES,
                           nn_lanes_activated(acc[i][j], a->act));
}

/* All outputs of `lanes` vectors of pixels. */
NN_INLINE void product_column(const product *a, size_t p, uint32_t lanes) {
    uint32_t o = 0;
    for (; o + TILE_OUT <= a->out; o += TILE_OUT) product_tile(a, o, TILE_OUT, p, lanes);
    for (; o + 2 <= a->out; o += 2) product_tile(a, o, 2, p, lanes);
    for (; o < a->out; o++) product_tile(a, o, 1, p, lanes);
}

static float scalar_activated(float v, uint32_t act) {
    if (act == NN_LINEAR) return v;
    return v > 0 ? v : act == NN_LEAKY ? v * 0.125f : 0;
}

/* Fewer pixels than a vector has lanes. */
static void product_few(const product *a, size_t n) {
    for (uint32_t o = 0; o < a->out; o++)
        for (size_t p = 0; p < n; p++) {
            float sum = a->bias ? a->bias[o] : 0;
            for (uint32_t c = 0; c < a->in; c++)
                sum += a->w[(size_t)o * a->in + c] * a->x[c * a->x_stride + p];
            a->y[o * a->y_stride + p] = scalar_activated(sum, a->act);
        }
}

static void pointwise(const float *w, const float *bias, uint32_t in, uint32_t out, const float *x,
                      size_t x_stride, float *y, size_t y_stride, size_t n, uint32_t act) {
    const product a = {w, bias, x, y, x_stride, y_stride, in, out, act};
    if (n < NN_LANES) {
        product_few(&a, n);
        return;
    }
    size_t p = 0;
    for (; p + TILE <= n; p += TILE) product_column(&a, p, TILE_LANES);
    for (; p + NN_LANES <= n; p += NN_LANES) product_column(&a, p, 1);
    if (p < n) product_column(&a, n - NN_LANES, 1);
}

/* ---------------------------------------------------------------- taps */

NN_INLINE void taps_block(const float *w, float bias, uint32_t taps, const float *const *row,
                          float *y, size_t p, uint32_t lanes, uint32_t act) {
    nn_lanes acc[4];
    for (uint32_t j = 0; j < lanes; j++) acc[j] = nn_lanes_all(bias);
    for (uint32_t t = 0; t < taps; t++) {
        nn_lanes f = nn_lanes_all(w[t]);
        for (uint32_t j = 0; j < lanes; j++) acc[j] += f * nn_lanes_load(row[t] + p + j * NN_LANES);
    }
    for (uint32_t j = 0; j < lanes; j++)
        nn_lanes_store(y + p + j * NN_LANES, nn_lanes_activated(acc[j], act));
}

static void taps_few(const float *w, float bias, uint32_t taps, const float *const *row, float *y,
                     size_t n, uint32_t act) {
    for (size_t p = 0; p < n; p++) {
        float sum = bias;
        for (uint32_t t = 0; t < taps; t++) sum += w[t] * row[t][p];
        y[p] = scalar_activated(sum, act);
    }
}

NN_INLINE void taps_line(const float *w, float bias, uint32_t taps, const float *const *row,
                         float *y, size_t n, uint32_t act) {
    size_t p = 0;
    for (; p + 4 * NN_LANES <= n; p += 4 * NN_LANES) taps_block(w, bias, taps, row, y, p, 4, act);
    for (; p + NN_LANES <= n; p += NN_LANES) taps_block(w, bias, taps, row, y, p, 1, act);
    if (p < n) taps_block(w, bias, taps, row, y, n - NN_LANES, 1, act);
}

static void taps_row(const float *w, float bias, uint32_t taps, const float *const *row, float *y,
                     size_t n, uint32_t act) {
    if (n < NN_LANES)
        taps_few(w, bias, taps, row, y, n, act);
    else if (taps == 9)
        taps_line(w, bias, 9, row, y, n, act);
    else
        taps_line(w, bias, taps, row, y, n, act);
}

const nn_kernels NN_JOIN(tsr_infer_, KERNEL_ISA) = {
    .name = NN_QUOTE(KERNEL_ISA),
    .pointwise = pointwise,
    .taps = taps_row,
};
