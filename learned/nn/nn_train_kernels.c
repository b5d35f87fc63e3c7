/* nn_train_kernels.c - the trainer's inner loops for one instruction set (KERNEL_ISA names it). */
#include "nn_train_kernels.h"

#include "nn_lanes.h"
#include "nn_ops.h"

enum { BLOCK = 4 * NN_LANES };

typedef float quarter __attribute__((vector_size(16)));

NN_INLINE float lanes_sum(nn_lanes v) {
    quarter q[NN_LANES / 4];
    memcpy(q, &v, sizeof q);
    for (unsigned n = NN_LANES / 8; n; n /= 2)
        for (unsigned i = 0; i < n; i++) q[i] += q[i + n];
    return (q[0][0] + q[0][2]) + (q[0][1] + q[0][3]);
}

/* The first n < NN_LANES samples, then zeros. */
NN_INLINE nn_lanes load_part(const float *p, size_t n) {
    float t[NN_LANES] = {0};
    memcpy(t, p, n * sizeof *t);
    return nn_lanes_load(t);
}

NN_INLINE void store_part(float *p, nn_lanes v, size_t n) {
    float t[NN_LANES];
    nn_lanes_store(t, v);
    memcpy(p, t, n * sizeof *t);
}

/* ---------------------------------------------------------------- depthwise */

NN_INLINE void correlate_block(float *y, const float *x, const ptrdiff_t *off, const float *w,
                               uint32_t taps) {
    nn_lanes acc[4] = {{0}};
    for (uint32_t t = 0; t < taps; t++) {
        const float *p = x + off[t];
        nn_lanes f = nn_lanes_all(w[t]);
        for (unsigned j = 0; j < 4; j++) acc[j] += f * nn_lanes_load(p + j * NN_LANES);
    }
    for (unsigned j = 0; j < 4; j++) nn_lanes_store(y + j * NN_LANES, acc[j]);
}

static void correlate(float *y, const float *x, const ptrdiff_t *off, const float *w, uint32_t taps,
                      size_t n) {
    if (taps == 9)
        for (size_t i = 0; i < n; i += BLOCK) correlate_block(y + i, x + i, off, w, 9);
    else
        for (size_t i = 0; i < n; i += BLOCK) correlate_block(y + i, x + i, off, w, taps);
}

NN_INLINE void dots_group(float *dw, const float *dy, const float *x, const ptrdiff_t *off,
                          uint32_t taps, size_t n) {
    nn_lanes acc[9] = {{0}};
    for (size_t i = 0; i < n; i += NN_LANES) {
        nn_lanes g = nn_lanes_load(dy + i);
        for (uint32_t t = 0; t < taps; t++) acc[t] += g * nn_lanes_load(x + i + off[t]);
    }
    for (uint32_t t = 0; t < taps; t++) dw[t] += lanes_sum(acc[t]);
}

static void dots(float *dw, const float *dy, const float *x, const ptrdiff_t *off, uint32_t taps,
                 size_t n) {
    n = (n + BLOCK - 1) / BLOCK * BLOCK;
    for (; taps >= 9; taps -= 9, dw += 9, off += 9) dots_group(dw, dy, x, off, 9, n);
    for (; taps >= 3; taps -= 3, dw += 3, off += 3) dots_group(dw, dy, x, off, 3, n);
    for (; taps; taps--, dw++, off++) dots_group(dw, dy, x, off, 1, n);
}

/* ---------------------------------------------------------------- 3 x 3
 *
 * Columns of one vector run down the plane: each row of it is read once at three offsets and serves
 * three rows of the result.
 */

/* n: samples of the vector that exist; full when it is NN_LANES. */
NN_INLINE void correlate3_column(float *y, const float *x, size_t stride, const nn_lanes f[9],
                                 uint32_t h, uint32_t width, size_t n, int add) {
    nn_lanes above = {0}, here = {0}; /* sums of the rows before and at the one that comes next */
    for (uint32_t r = 0; r < h + 2; r++, x += stride) {
        nn_lanes a = nn_lanes_load(x), b = nn_lanes_load(x + 1), c = nn_lanes_load(x + 2);
        NN_KEEP(a);
        NN_KEEP(b);
        NN_KEEP(c);
        nn_lanes done = above + f[6] * a + f[7] * b + f[8] * c;
        above = here + f[3] * a + f[4] * b + f[5] * c;
        here = f[0] * a + f[1] * b + f[2] * c;
        if (r < 2) continue;
        float *to = y + (size_t)(r - 2) * width;
        if (n == NN_LANES)
            nn_lanes_store(to, add ? done + nn_lanes_load(to) : done);
        else
            store_part(to, add ? done + load_part(to, n) : done, n);
    }
}

static void copy_rows(float *to, size_t stride, const float *from, uint32_t h, uint32_t width) {
    for (uint32_t r = 0; r < h; r++, to += stride, from += width) {
        uint32_t x = 0;
        for (; x + NN_LANES <= width; x += NN_LANES)
            nn_lanes_store(to + x, nn_lanes_load(from + x));
        for (; x < width; x++) to[x] = from[x];
    }
}

static void correlate3(float *y, const float *padded, size_t stride, const float w[9], uint32_t h,
                       uint32_t width, int add) {
    nn_lanes f[9];
    for (unsigned t = 0; t < 9; t++) f[t] = nn_lanes_all(w[t]);
    uint32_t x = 0;
    for (; x + NN_LANES <= width; x += NN_LANES)
        correlate3_column(y + x, padded + x, stride, f, h, width, NN_LANES, add);
    if (x < width) correlate3_column(y + x, padded + x, stride, f, h, width, width - x, add);
}

NN_INLINE void dots3_column(nn_lanes acc[9], const float *x, size_t stride, const float *dy,
                            uint32_t h, uint32_t width, size_t n) {
    nn_lanes before = {0}, last = {0}; /* dy two rows and one row up */
    for (uint32_t r = 0; r < h + 2; r++, x += stride) {
        nn_lanes a = nn_lanes_load(x), b = nn_lanes_load(x + 1), c = nn_lanes_load(x + 2);
        NN_KEEP(a);
        NN_KEEP(b);
        NN_KEEP(c);
        nn_lanes now = {0};
        if (r < h) {
            const float *from = dy + (size_t)r * width;
            now = n == NN_LANES ? nn_lanes_load(from) : load_part(from, n);
        }
        acc[0] += now * a;
        acc[1] += now * b;
        acc[2] += now * c;
        acc[3] += last * a;
        acc[4] += last * b;
        acc[5] += last * c;
        acc[6] += before * a;
        acc[7] += before * b;
        acc[8] += before * c;
        before = last;
        last = now;
    }
}

static void dots3(float dw[9], const float *padded, size_t stride, const float *dy, uint32_t h,
                  uint32_t width) {
    nn_lanes acc[9] = {{0}};
    uint32_t x = 0;
    for (; x + NN_LANES <= width; x += NN_LANES)
        dots3_column(acc, padded + x, stride, dy + x, h, width, NN_LANES);
    if (x < width) dots3_column(acc, padded + x, stride, dy + x, h, width, width - x);
    for (unsigned t = 0; t < 9; t++) dw[t] += lanes_sum(acc[t]);
}

/* ---------------------------------------------------------------- elementwise */

static void bias_act(float *y, size_t n, float bias, uint32_t act) {
    if (act == NN_RELU)
        for (size_t i = 0; i < n; i++) y[i] = y[i] + bias > 0 ? y[i] + bias : 0;
    else if (act == NN_LEAKY)
        for (size_t i = 0; i < n; i++) {
            float v = y[i] + bias;
            y[i] = v > 0 ? v : 0.125f * v;
        }
    else
        for (size_t i = 0; i < n; i++) y[i] += bias;
}

/* Sum of n floats along fixed lanes. */
static float plain_sum(const float *x, size_t n) {
    nn_lanes acc = {0};
    size_t i = 0;
    for (; i + NN_LANES <= n; i += NN_LANES) acc += nn_lanes_load(x + i);
    float sum = lanes_sum(acc);
    for (; i < n; i++) sum += x[i];
    return sum;
}

static float act_slope(float *restrict dy, const float *restrict y, size_t n, uint32_t act) {
    if (act == NN_RELU)
        for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
    else if (act == NN_LEAKY)
        for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : 0.125f * dy[i];
    return plain_sum(dy, n);
}

static void add(float *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

static void add_to(float *restrict y, const float *restrict a, const float *restrict b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

static void axpy(float *restrict y, const float *restrict x, size_t n, float f) {
    for (size_t i = 0; i < n; i++) y[i] += f * x[i];
}

/* ---------------------------------------------------------------- matrices */

enum { PANEL = 2 * NN_LANES, PANEL_ROWS = 256 };
#if defined(__AVX512F__)
enum { TILE_ROWS = 8 };
#elif defined(__AVX2__)
enum { TILE_ROWS = 6 };
#else
enum { TILE_ROWS = 4 };
#endif

/* Rows i .. i + rows - 1 of c in one panel's columns: c and c0 are those columns, b the panel. */
NN_INLINE void tile(const nn_product *p, uint32_t i, uint32_t rows, const float *b, const float *c0,
                    float *c, size_t ldc) {
    nn_lanes acc[TILE_ROWS][2];
    for (uint32_t r = 0; r < rows; r++) {
        nn_lanes bias = nn_lanes_all(p->bias ? p->bias[i + r] : 0);
        for (unsigned j = 0; j < 2; j++)
            acc[r][j] = c0 ? nn_lanes_load(c0 + r * ldc + j * NN_LANES) + bias : bias;
    }
    const float *a = p->a + i * p->row;
    for (uint32_t l = 0; l < p->k; l++, b += PANEL, a += p->column) {
        nn_lanes b0 = nn_lanes_load(b), b1 = nn_lanes_load(b + NN_LANES);
        for (uint32_t r = 0; r < rows; r++) {
            nn_lanes f = nn_lanes_all(a[r * p->row]);
            acc[r][0] += f * b0;
            acc[r][1] += f * b1;
        }
    }
    for (uint32_t r = 0; r < rows; r++)
        for (unsigned j = 0; j < 2; j++)
            nn_lanes_store(c + r * ldc + j * NN_LANES, nn_lanes_activated(acc[r][j], p->act));
}

/* The same for a panel of n < PANEL columns, by way of a full one. */
static void tile_part(const nn_product *p, uint32_t i, const float *b, const float *c0, float *c,
                      uint32_t n) {
    float full[PANEL] = {0};
    if (c0) memcpy(full, c0, n * sizeof *full);
    tile(p, i, 1, b, c0 ? full : NULL, full, PANEL);
    memcpy(c, full, n * sizeof *full);
}

static void panel(const nn_product *p, uint32_t column, uint32_t n, const float *b) {
    uint32_t i = 0;
    const float *c0 = p->c0 ? p->c0 + column : NULL;
    float *c = p->c + column;
    for (; n == PANEL && i + TILE_ROWS <= p->m; i += TILE_ROWS)
        tile(p, i, TILE_ROWS, b, c0 ? c0 + i * p->ldc : NULL, c + i * p->ldc, p->ldc);
    for (; n == PANEL && i + 2 <= p->m; i += 2)
        tile(p, i, 2, b, c0 ? c0 + i * p->ldc : NULL, c + i * p->ldc, p->ldc);
    for (; i < p->m; i++) tile_part(p, i, b, c0 ? c0 + i * p->ldc : NULL, c + i * p->ldc, n);
}

/* Rows of b lie far apart, often by a power of two: a packed panel does not fight for cache sets.
 */
static void pack(const nn_product *p, uint32_t column, uint32_t n, float *to) {
    const float *from = p->b + column;
    for (uint32_t l = 0; l < p->k; l++, to += PANEL, from += p->ldb)
        if (n == PANEL) {
            nn_lanes_store(to, nn_lanes_load(from));
            nn_lanes_store(to + NN_LANES, nn_lanes_load(from + NN_LANES));
        } else {
            memset(to, 0, PANEL * sizeof *to);
            memcpy(to, from, n * sizeof *to);
        }
}

/* All columns, k at most PANEL_ROWS. */
static void product_block(const nn_product *p) {
    float packed[PANEL_ROWS * PANEL] __attribute__((aligned(64)));
    for (uint32_t column = 0; column < p->n; column += PANEL) {
        uint32_t n = p->n - column < PANEL ? p->n - column : PANEL;
        pack(p, column, n, packed);
        panel(p, column, n, packed);
    }
}

static void product(const nn_product *p) {
    nn_product part = *p;
    for (uint32_t l = 0; l < p->k; l += PANEL_ROWS) {
        int last = p->k - l <= PANEL_ROWS;
        part.k = last ? p->k - l : PANEL_ROWS;
        part.act = last ? p->act : NN_LINEAR;
        product_block(&part);
        part.a += PANEL_ROWS * p->column;
        part.b += PANEL_ROWS * p->ldb;
        part.c0 = p->c;
        part.bias = NULL;
    }
}

/* rows x columns dot products along k, both 1 .. 4. */
NN_INLINE void nt_tile(uint32_t rows, uint32_t columns, uint32_t k, const float *a, size_t lda,
                       const float *b, size_t ldb, float *c, size_t ldc) {
    nn_lanes acc[4][4] = {{{0}}};
    uint32_t l = 0;
    for (; l + NN_LANES <= k; l += NN_LANES)
        for (uint32_t i = 0; i < rows; i++)
            for (uint32_t j = 0; j < columns; j++)
                acc[i][j] += nn_lanes_load(a + i * lda + l) * nn_lanes_load(b + j * ldb + l);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++) {
            float sum = lanes_sum(acc[i][j]);
            for (uint32_t q = l; q < k; q++) sum += a[i * lda + q] * b[j * ldb + q];
            c[i * ldc + j] += sum;
        }
}

static void product_t(uint32_t m, uint32_t n, uint32_t k, const float *a, size_t lda,
                      const float *b, size_t ldb, float *c, size_t ldc) {
    for (uint32_t i = 0; i < m;) {
        uint32_t rows = m - i >= 4 ? 4 : 1, j = 0;
        const float *ai = a + i * lda;
        float *ci = c + i * ldc;
        if (rows == 4)
            for (; j + 4 <= n; j += 4) nt_tile(4, 4, k, ai, lda, b + j * ldb, ldb, ci + j, ldc);
        for (; j < n; j++)
            for (uint32_t r = 0; r < rows; r++)
                nt_tile(1, 1, k, ai + r * lda, lda, b + j * ldb, ldb, ci + r * ldc + j, ldc);
        i += rows;
    }
}

const nn_train_kernels NN_JOIN(tsr_nn_train_, KERNEL_ISA) = {
    .name = NN_QUOTE(KERNEL_ISA),
    .correlate = correlate,
    .dots = dots,
    .copy_rows = copy_rows,
    .correlate3 = correlate3,
    .dots3 = dots3,
    .bias_act = bias_act,
    .act_slope = act_slope,
    .add = add,
    .add_to = add_to,
    .axpy = axpy,
    .product = product,
    .product_t = product_t,
};
