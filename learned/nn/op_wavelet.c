/* op_wavelet.c - one level of the Cohen-Daubechies-Feauveau 9/7 wavelet as a layer.
 *
 * Lifting steps and K of ISO/IEC 15444-1, table F.4, in the arithmetic of transforms/wavelet: x +
 * (c l + c r) inside, x + 2 c n at an end of the line, along y first. Elementwise, nothing
 * contracts: the inverse is exact everywhere (T1).
 *
 * The adjoint of a lifting step adds to the other kind of samples; adjoints run in reverse order.
 * Cost: 9 multiply-adds a sample.
 */
#include <assert.h>
#include <string.h>

#include "nn_ops.h"

enum { STEPS = 4 };
static const float step_factor[STEPS] = {-1.58613431f, -0.0529801175f, 0.882911086f, 0.443506867f};
/* LL and HH of the forward direction, K^-2 and K^2 times 2 and 1/2, and of the inverse. */
static const float low_scale[2] = {2 * 0.660795152f, 0.5f * 1.51332831f};
static const float high_scale[2] = {0.5f * 1.51332831f, 2 * 0.660795152f};

enum { STEP_PLAIN, STEP_ADJOINT };

/* dst += (cl * l + cr * r) */
static void lift(float *restrict dst, const float *l, const float *r, float cl, float cr,
                 size_t n) {
    for (size_t i = 0; i < n; i++) dst[i] = dst[i] + (cl * l[i] + cr * r[i]);
}

static void lift_end(float *restrict dst, const float *only, float c, size_t n) {
    for (size_t i = 0; i < n; i++) dst[i] = dst[i] + c * only[i];
}

/* The factors of one step for the two ends of a line of n pairs. Changing the odd samples, sample i
 * sees even i and i + 1; the last one has no right neighbour. Changing the even ones, sample i sees
 * odd i - 1 and i; the first one has no left one. A plain step doubles the neighbour of the sample
 * that lacks one. Its adjoint gives that sample back twice to its neighbour. */
static void step_rows(float *even, float *odd, size_t n, size_t stride, int to_odd, float c,
                      int kind, size_t m) {
    float *dst = to_odd ? odd : even, *src = to_odd ? even : odd;
    size_t lone = to_odd ? n - 1 : 0, twice = to_odd ? 0 : n - 1;
    for (size_t i = 0; i < n; i++) {
        if (i == lone) {
            float only = kind == STEP_PLAIN || n == 1 ? 2 * c : c;
            lift_end(dst + i * stride, src + i * stride, only, m);
            continue;
        }
        const float *l = to_odd ? src + i * stride : src + (i - 1) * stride;
        int doubled = kind == STEP_ADJOINT && i == twice;
        float cl = doubled && to_odd ? 2 * c : c, cr = doubled && !to_odd ? 2 * c : c;
        lift(dst + i * stride, l, l + stride, cl, cr, m);
    }
}

/* The same along a line whose even and odd samples lie apart. */
static void step_line(float *even, float *odd, size_t n, int to_odd, float c, int kind) {
    float lone = kind == STEP_PLAIN || n == 1 ? 2 * c : c;
    if (to_odd) {
        lift(odd, even, even + 1, c, c, n - 1);
        lift_end(odd + n - 1, even + n - 1, lone, 1);
        if (kind == STEP_ADJOINT && n > 1) odd[0] += c * even[0];
    } else {
        lift(even + 1, odd, odd + 1, c, c, n - 1);
        lift_end(even, odd, lone, 1);
        if (kind == STEP_ADJOINT && n > 1) even[n - 1] += c * odd[n - 1];
    }
}

/* The four directions: which steps, in which order, with which sign. Step j of the filter changes
 * odd samples for even j; its adjoint the other kind. */
typedef struct direction {
    int reversed, negative, kind;
} direction;

static const direction forward = {0, 0, STEP_PLAIN}, inverse = {1, 1, STEP_PLAIN};
static const direction forward_adjoint = {1, 0, STEP_ADJOINT},
                       inverse_adjoint = {0, 1, STEP_ADJOINT};

static int step_of(const direction *d, int j, float *c) {
    int s = d->reversed ? STEPS - 1 - j : j;
    *c = d->negative ? -step_factor[s] : step_factor[s];
    return (s % 2 == 0) != (d->kind == STEP_ADJOINT);
}

static void lift_along_x(float *even, float *odd, size_t n, const direction *d) {
    for (int j = 0; j < STEPS; j++) {
        float c;
        int to_odd = step_of(d, j, &c);
        step_line(even, odd, n, to_odd, c, d->kind);
    }
}

/* picture: h rows of w samples. */
static void lift_along_y(float *picture, size_t h, size_t w, const direction *d) {
    for (int j = 0; j < STEPS; j++) {
        float c;
        int to_odd = step_of(d, j, &c);
        step_rows(picture, picture + w, h / 2, 2 * w, to_odd, c, d->kind, w);
    }
}

static void scale_line(float *even, float *odd, size_t n, int high_row, int inverted) {
    float low = high_row ? 1 : low_scale[inverted], high = high_row ? high_scale[inverted] : 1;
    for (size_t i = 0; i < n; i++) {
        even[i] *= low;
        odd[i] *= high;
    }
}

/* To bands: along y, along x, scale. */
static void analyse(float *picture, uint32_t h, uint32_t w, float *const band[4],
                    const direction *d) {
    size_t n = w / 2;
    lift_along_y(picture, h, w, d);
    for (uint32_t y = 0; y < h; y++) {
        const float *row = picture + (size_t)y * w;
        float *even = band[y % 2 * 2] + y / 2 * n, *odd = band[y % 2 * 2 + 1] + y / 2 * n;
        for (size_t i = 0; i < n; i++) {
            even[i] = row[2 * i];
            odd[i] = row[2 * i + 1];
        }
        lift_along_x(even, odd, n, d);
        scale_line(even, odd, n, y % 2, d->kind == STEP_ADJOINT);
    }
}

/* From bands: scale, along x, along y. line: w floats. */
static void synthesise(float *picture, uint32_t h, uint32_t w, const float *const band[4],
                       float *line, const direction *d) {
    size_t n = w / 2;
    float *even = line, *odd = line + n;
    for (uint32_t y = 0; y < h; y++) {
        float *row = picture + (size_t)y * w;
        memcpy(even, band[y % 2 * 2] + y / 2 * n, n * sizeof *even);
        memcpy(odd, band[y % 2 * 2 + 1] + y / 2 * n, n * sizeof *odd);
        scale_line(even, odd, n, y % 2, d->kind == STEP_PLAIN);
        lift_along_x(even, odd, n, d);
        for (size_t i = 0; i < n; i++) {
            row[2 * i] = even[i];
            row[2 * i + 1] = odd[i];
        }
    }
    lift_along_y(picture, h, w, d);
}

static void add_or_copy(float *to, const float *from, size_t n, int add) {
    if (!add)
        memcpy(to, from, n * sizeof *to);
    else
        for (size_t i = 0; i < n; i++) to[i] += from[i];
}

size_t tsr_op_wavelet_work(nn_shape picture) {
    return 2 * nn_plane(picture);
}

/* All planes of a picture tensor of shape s into bands. */
static void to_bands(nn_tensor x, float *y, int add, float *work, const direction *d) {
    nn_shape s = x.s;
    assert(s.h % 2 == 0 && s.w % 2 == 0);
    size_t plane = nn_plane(s), small = plane / 4;
    float *made = work + plane, *band[4];
    for (size_t p = 0; p < (size_t)s.n * s.c; p++) {
        float *to = y + p / s.c * nn_picture(s) + p % s.c * small;
        memcpy(work, x.data + p * plane, plane * sizeof *work);
        for (unsigned b = 0; b < 4; b++) band[b] = made + b * small;
        analyse(work, s.h, s.w, band, d);
        for (unsigned b = 0; b < 4; b++) add_or_copy(to + b * s.c * small, band[b], small, add);
    }
}

/* y: shape of the bands. */
static void from_bands(nn_tensor y, float *x, int add, float *work, const direction *d) {
    nn_shape s = {y.s.n, y.s.c / 4, y.s.h * 2, y.s.w * 2};
    assert(y.s.c % 4 == 0);
    size_t plane = nn_plane(s), small = plane / 4;
    for (size_t p = 0; p < (size_t)s.n * s.c; p++) {
        const float *from = y.data + p / s.c * nn_picture(s) + p % s.c * small, *band[4];
        for (unsigned b = 0; b < 4; b++) band[b] = from + b * s.c * small;
        synthesise(work, s.h, s.w, band, work + plane, d);
        add_or_copy(x + p * plane, work, plane, add);
    }
}

void tsr_op_wavelet_forward(nn_tensor x, float *y, float *work) {
    to_bands(x, y, 0, work, &forward);
}

void tsr_op_wavelet_inverse(nn_tensor y, float *x, float *work) {
    from_bands(y, x, 0, work, &inverse);
}

void tsr_op_wavelet_forward_adjoint(nn_tensor dy, float *dx, int add, float *work) {
    from_bands(dy, dx, add, work, &forward_adjoint);
}

void tsr_op_wavelet_inverse_adjoint(nn_tensor dx, float *dy, int add, float *work) {
    to_bands(dx, dy, add, work, &inverse_adjoint);
}
