/* test_nn_ops.c - every operation: its gradient against finite differences, its result against a
 * plain formula. */
#include "nn_check.h"
#include "tsr_test.h"

#define LIMIT 1e-2

/* ---------------------------------------------------------------- adapters */

static nn_back back_of(check_op *c, float *dy, int add) {
    return (nn_back){.dy = {dy, c->y.s},
                     .y = c->y.data,
                     .act = c->act,
                     .add = add,
                     .dx = c->dx,
                     .dw = c->n_w ? c->dw : NULL,
                     .dbias = c->n_b ? c->db : NULL};
}

static void conv_forward(check_op *c) {
    tsr_op_conv_forward(&c->conv, c->x, c->w, c->b, c->y, c->act, c->work);
}
static void conv_backward(check_op *c, float *dy, int add) {
    nn_back g = back_of(c, dy, add);
    tsr_op_conv_backward(&c->conv, c->x, c->w, &g, c->work);
}
static void depthwise_forward(check_op *c) {
    tsr_op_depthwise_forward(&c->conv, c->x, c->w, c->b, c->y, c->act, c->work);
}
static void depthwise_backward(check_op *c, float *dy, int add) {
    nn_back g = back_of(c, dy, add);
    tsr_op_depthwise_backward(&c->conv, c->x, c->w, &g, c->work);
}
static void transposed_forward(check_op *c) {
    tsr_op_transposed_forward(&c->conv, c->x, c->w, c->b, c->y, c->act, c->work);
}
static void transposed_backward(check_op *c, float *dy, int add) {
    nn_back g = back_of(c, dy, add);
    tsr_op_transposed_backward(&c->conv, c->x, c->w, &g, c->work);
}
static void pointwise_forward(check_op *c) {
    tsr_op_pointwise_forward(c->x, c->w, c->b, NULL, c->y, c->act);
}
static void pointwise_backward(check_op *c, float *dy, int add) {
    nn_back g = back_of(c, dy, add);
    tsr_op_pointwise_backward(c->x, c->w, &g);
}

/* ---------------------------------------------------------------- a plain convolution */

/* Sample of a plane with its borders. */
static float sample(nn_tensor x, uint32_t n, uint32_t c, int64_t y, int64_t xx, uint32_t pad) {
    int64_t h = x.s.h, w = x.s.w;
    if (pad == NN_PAD_REFLECT) {
        while (y < 0 || y >= h) y = h == 1 ? 0 : y < 0 ? -y : 2 * h - 2 - y;
        while (xx < 0 || xx >= w) xx = w == 1 ? 0 : xx < 0 ? -xx : 2 * w - 2 - xx;
    }
    if (y < 0 || xx < 0 || y >= h || xx >= w) return 0;
    return x.data[((n * x.s.c + c) * x.s.h + (size_t)y) * x.s.w + (size_t)xx];
}

static int64_t front(const nn_conv *c, uint32_t n) {
    int64_t missing = (int64_t)((n - 1) / c->stride) * c->stride + c->k - n;
    return missing > 0 ? missing / 2 : 0;
}

/* One result; depthwise: of channel o alone. */
static double plain_conv(const check_op *op, int depthwise, uint32_t n, uint32_t o, uint32_t y,
                         uint32_t x) {
    const nn_conv *c = &op->conv;
    uint32_t taps = tsr_op_conv_taps(c), first = depthwise ? o : 0, in = depthwise ? 1 : c->in;
    double sum = op->b[o];
    for (uint32_t i = 0; i < in; i++)
        for (uint32_t t = 0; t < taps; t++) {
            int64_t sy = (int64_t)y * c->stride + t / c->k - front(c, op->x.s.h);
            int64_t sx = (int64_t)x * c->stride + t % c->k - front(c, op->x.s.w);
            sum += (double)op->w[((size_t)o * in + i) * taps + t] *
                   sample(op->x, n, first + i, sy, sx, c->pad);
        }
    return sum;
}

static void compare_plain(check_op *op, int depthwise, size_t work) {
    op->x.data = check_random(nn_count(op->x.s), 1);
    op->y.data = tsr_nn_alloc(nn_count(op->y.s));
    op->w = check_random(op->n_w, 2);
    op->b = check_random(op->n_b, 3);
    op->work = tsr_nn_alloc(work);
    op->forward(op);
    double worst = 0;
    const float *got = op->y.data;
    for (uint32_t n = 0; n < op->y.s.n; n++)
        for (uint32_t o = 0; o < op->y.s.c; o++)
            for (uint32_t y = 0; y < op->y.s.h; y++)
                for (uint32_t x = 0; x < op->y.s.w; x++)
                    worst = fmax(worst, fabs(*got++ - plain_conv(op, depthwise, n, o, y, x)));
    CU_ASSERT(worst < 1e-4);
    check_op_free(op);
}

static check_op conv_op(nn_conv conv, nn_shape x, uint32_t act) {
    check_op c = {.forward = conv_forward, .backward = conv_backward, .conv = conv, .act = act};
    c.x.s = x;
    c.y.s = tsr_op_conv_shape(&conv, x);
    c.n_w = (size_t)conv.in * conv.out * tsr_op_conv_taps(&conv);
    c.n_b = conv.out;
    return c;
}

static check_op depthwise_op(nn_conv conv, nn_shape x, uint32_t act) {
    check_op c = conv_op(conv, x, act);
    c.forward = depthwise_forward;
    c.backward = depthwise_backward;
    c.n_w = (size_t)conv.in * tsr_op_conv_taps(&conv);
    return c;
}

/* ---------------------------------------------------------------- tests */

static const nn_conv convs[] = {
    {3, 5, 3, 1, NN_PAD_ZERO, 0}, {3, 5, 3, 1, NN_PAD_REFLECT, 0}, {2, 4, 5, 2, NN_PAD_ZERO, 0},
    {2, 3, 4, 2, NN_PAD_ZERO, 0}, {2, 3, 5, 2, NN_PAD_REFLECT, 0}, {3, 2, 5, 1, NN_PAD_ZERO, 1},
    {3, 2, 3, 1, NN_PAD_ZERO, 2}, {4, 4, 1, 1, NN_PAD_ZERO, 0},    {1, 2, 2, 2, NN_PAD_ZERO, 0},
};

static void test_conv(void) {
    const nn_shape shapes[] = {{2, 0, 7, 9}, {1, 0, 1, 1}, {1, 0, 2, 20}};
    for (size_t i = 0; i < sizeof convs / sizeof convs[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            nn_shape x = shapes[k];
            x.c = convs[i].in;
            check_op c = conv_op(convs[i], x, NN_LINEAR);
            compare_plain(&c, 0, tsr_op_conv_work(&convs[i], x));
            c = conv_op(convs[i], x, NN_LINEAR);
            check_op_run(&c, tsr_op_conv_work(&convs[i], x), LIMIT);
        }
}

/* So large that the column matrix is made in several pieces. */
static void test_conv_pieces(void) {
    nn_conv conv = {8, 3, 5, 1, NN_PAD_ZERO, 0};
    nn_shape x = {1, 8, 40, 40};
    check_op c = conv_op(conv, x, NN_LINEAR);
    compare_plain(&c, 0, tsr_op_conv_work(&conv, x));
    c = conv_op(conv, x, NN_LINEAR);
    check_op_run(&c, tsr_op_conv_work(&conv, x), LIMIT);
}

static void test_depthwise(void) {
    const nn_conv dw[] = {{5, 5, 3, 1, NN_PAD_ZERO, 0},    {5, 5, 3, 1, NN_PAD_REFLECT, 0},
                          {3, 3, 5, 1, NN_PAD_ZERO, 0},    {3, 3, 5, 1, NN_PAD_ZERO, 1},
                          {3, 3, 7, 1, NN_PAD_REFLECT, 0}, {3, 3, 3, 1, NN_PAD_ZERO, 2},
                          {2, 2, 2, 1, NN_PAD_ZERO, 0}};
    const nn_shape shapes[] = {{2, 0, 7, 9}, {1, 0, 1, 1}, {1, 0, 33, 18}, {1, 0, 1, 40}};
    for (size_t i = 0; i < sizeof dw / sizeof dw[0]; i++)
        for (size_t k = 0; k < 4; k++) {
            nn_shape x = shapes[k];
            x.c = dw[i].in;
            check_op c = depthwise_op(dw[i], x, NN_LINEAR);
            compare_plain(&c, 1, tsr_op_depthwise_work(&dw[i], x));
            c = depthwise_op(dw[i], x, NN_LINEAR);
            check_op_run(&c, tsr_op_depthwise_work(&dw[i], x), LIMIT);
        }
}

static check_op transposed_op(nn_conv conv, nn_shape x) {
    check_op c = conv_op(conv, x, NN_LINEAR);
    c.forward = transposed_forward;
    c.backward = transposed_backward;
    c.y.s = tsr_op_transposed_shape(&conv, x);
    return c;
}

/* <conv(x), y> = <x, transposed(y)>, and its own gradient. */
static void test_transposed(void) {
    const nn_conv t[] = {
        {3, 2, 4, 2, NN_PAD_ZERO, 0}, {2, 3, 3, 1, NN_PAD_ZERO, 0}, {2, 2, 2, 2, NN_PAD_ZERO, 0}};
    for (size_t i = 0; i < 3; i++) {
        nn_shape small = {2, t[i].in, 4, 5};
        check_op c = transposed_op(t[i], small);
        size_t work = tsr_op_transposed_work(&t[i], small);
        check_op_run(&c, work, LIMIT);
        nn_conv u = {t[i].out, t[i].in, t[i].k, t[i].stride, t[i].pad, 0};
        nn_shape large = tsr_op_transposed_shape(&t[i], small);
        nn_tensor x = {check_random(nn_count(large), 1), large},
                  ty = {tsr_nn_alloc(nn_count(large)), large};
        nn_tensor y = {check_random(nn_count(small), 2), small},
                  cx = {tsr_nn_alloc(nn_count(small)), small};
        float *w = check_random(c.n_w, 3), *space = tsr_nn_alloc(work);
        tsr_op_conv_forward(&u, x, w, NULL, cx, NN_LINEAR, space);
        tsr_op_transposed_forward(&t[i], y, w, NULL, ty, NN_LINEAR, space);
        double a = check_dot(cx.data, y.data, nn_count(small));
        double b = check_dot(x.data, ty.data, nn_count(large));
        CU_ASSERT(fabs(a - b) < 1e-4 * (1 + fabs(a)));
        free(x.data), free(y.data), free(cx.data), free(ty.data), free(w), free(space);
    }
}

static check_op pointwise_op(uint32_t in, uint32_t out, nn_shape x, uint32_t act) {
    check_op c = conv_op((nn_conv){in, out, 1, 1, NN_PAD_ZERO, 0}, x, act);
    c.forward = pointwise_forward;
    c.backward = pointwise_backward;
    return c;
}

static void test_pointwise(void) {
    const nn_shape shapes[] = {{2, 6, 5, 7}, {1, 6, 70, 61}, {9, 6, 1, 1}};
    for (size_t k = 0; k < 3; k++) {
        check_op c = pointwise_op(6, 11, shapes[k], NN_LINEAR);
        compare_plain(&c, 0, 1);
        c = pointwise_op(6, 11, shapes[k], NN_LINEAR);
        check_op_run(&c, 1, LIMIT);
    }
}

/* Blocks of pixels when the planes are large against the cache. */
static void test_pointwise_blocks(void) {
    check_op c = pointwise_op(128, 128, (nn_shape){1, 128, 30, 23}, NN_LINEAR);
    check_op_run(&c, 1, LIMIT);
    /* More channels than are packed at a time. */
    c = pointwise_op(600, 5, (nn_shape){1, 600, 9, 7}, NN_LINEAR);
    compare_plain(&c, 0, 1);
}

static void test_skip(void) {
    nn_shape s = {2, 4, 6, 5};
    size_t n = nn_count(s);
    float *x = check_random(n, 1), *w = check_random(16, 2), *skip = check_random(n, 3);
    float *a = tsr_nn_alloc(n), *b = tsr_nn_alloc(n);
    tsr_op_pointwise_forward((nn_tensor){x, s}, w, NULL, NULL, (nn_tensor){a, s}, NN_LINEAR);
    tsr_op_pointwise_forward((nn_tensor){x, s}, w, NULL, skip, (nn_tensor){b, s}, NN_LINEAR);
    double worst = 0;
    for (size_t i = 0; i < n; i++) worst = fmax(worst, fabs(a[i] + skip[i] - b[i]));
    CU_ASSERT(worst < 1e-5);
    free(x), free(w), free(skip), free(a), free(b);
}

/* Activations have kinks, so random points near them spoil a few directions: a small step and a
 * looser limit on smooth stretches. Here every result is far from 0: bias decides its sign. */
static void test_activations(void) {
    for (uint32_t act = NN_RELU; act < NN_ACTIVATIONS; act++) {
        nn_shape s = {2, 3, 4, 5};
        size_t n = nn_count(s), plane = nn_plane(s);
        float *y = check_random(n, 1), *dy = check_random(n, 2), *x = tsr_nn_alloc(n);
        float bias[3] = {0.5f, -0.25f, 0}, dbias[3] = {0};
        double expected[3] = {0};
        int bad = 0;
        for (size_t i = 0; i < n; i++) x[i] = y[i];
        float *g = tsr_nn_alloc(n);
        for (size_t i = 0; i < n; i++) g[i] = dy[i];
        tsr_op_bias_forward((nn_tensor){y, s}, bias, act);
        tsr_op_bias_backward(y, (nn_tensor){dy, s}, act, dbias);
        for (size_t i = 0; i < n; i++) {
            size_t c = i / plane % 3;
            float v = x[i] + bias[c], slope = v > 0 ? 1 : act == NN_LEAKY ? 0.125f : 0;
            bad += fabsf(y[i] - slope * v) > 1e-6f || dy[i] != slope * g[i];
            expected[c] += slope * g[i];
        }
        CU_ASSERT_EQUAL(bad, 0);
        for (size_t c = 0; c < 3; c++) CU_ASSERT(fabs(dbias[c] - expected[c]) < 1e-5);
        free(x), free(y), free(dy), free(g);
    }
}

/* The slope of a folded activation: weights such that no result is near zero. */
static void test_relu_layers(void) {
    nn_shape s = {1, 2, 4, 4};
    for (uint32_t act = NN_RELU; act < NN_ACTIVATIONS; act++) {
        check_op ops[] = {pointwise_op(2, 4, s, act),
                          conv_op((nn_conv){2, 4, 3, 1, NN_PAD_ZERO, 0}, s, act),
                          depthwise_op((nn_conv){2, 2, 3, 1, NN_PAD_ZERO, 0}, s, act)};
        for (size_t i = 0; i < 3; i++) {
            check_op *c = &ops[i];
            size_t ny = nn_count(c->y.s), nx = nn_count(s);
            c->x.data = check_random(nx, 1), c->y.data = tsr_nn_alloc(ny);
            c->w = check_random(c->n_w, 2), c->b = tsr_nn_alloc(c->n_b);
            for (size_t k = 0; k < c->n_w; k++) c->w[k] *= 0.02f;
            for (size_t k = 0; k < c->n_b; k++) c->b[k] = k % 2 ? 3 : -3;
            c->r = check_random(ny, 4), c->work = tsr_nn_alloc(100000);
            c->dx = tsr_nn_alloc(nx), c->dw = tsr_nn_alloc(c->n_w), c->db = tsr_nn_alloc(c->n_b);
            float *dy = check_random(ny, 4);
            c->forward(c);
            c->backward(c, dy, 0);
            CU_ASSERT(check_gradient(check_op_loss, c, c->x.data, nx, c->dx, 1e-2f) < LIMIT);
            CU_ASSERT(check_gradient(check_op_loss, c, c->w, c->n_w, c->dw, 1e-2f) < LIMIT);
            CU_ASSERT(check_gradient(check_op_loss, c, c->b, c->n_b, c->db, 1e-2f) < LIMIT);
            free(dy);
            check_op_free(c);
        }
    }
}

/* ---------------------------------------------------------------- batch norm */

static void batch_norm_forward(check_op *c) {
    float *mean = c->work + 2 * c->x.s.c, *variance = mean + c->x.s.c;
    if (c->mode) tsr_op_batch_norm_statistics(c->x, c->work, mean, variance);
    tsr_op_batch_norm_forward(c->x, c->work, c->w, c->b, c->y);
}
static void batch_norm_backward(check_op *c, float *dy, int add) {
    tsr_op_batch_norm_backward(c->x, c->work, c->w, (nn_tensor){dy, c->y.s}, (int)c->mode, c->dx,
                               add, c->dw, c->db);
}

static void test_batch_norm(void) {
    for (uint32_t training = 0; training < 2; training++) {
        check_op c = {.forward = batch_norm_forward, .backward = batch_norm_backward};
        c.x.s = c.y.s = (nn_shape){3, 4, 5, 6};
        c.n_w = c.n_b = 4;
        c.mode = training;
        check_op_run(&c, 16, LIMIT);
    }
    /* Of a batch: mean 0, variance 1. */
    nn_shape s = {3, 2, 5, 6};
    float *x = check_random(nn_count(s), 9), *y = tsr_nn_alloc(nn_count(s)), stats[4], mean[2],
          var[2];
    for (size_t i = 0; i < nn_count(s); i++) x[i] = 3 * x[i] + 7;
    const float one[2] = {1, 1}, zero[2] = {0, 0};
    tsr_op_batch_norm_statistics((nn_tensor){x, s}, stats, mean, var);
    tsr_op_batch_norm_forward((nn_tensor){x, s}, stats, one, zero, (nn_tensor){y, s});
    double sum[2] = {0}, square[2] = {0};
    for (size_t i = 0; i < nn_count(s); i++) {
        size_t c = i / nn_plane(s) % 2;
        sum[c] += y[i];
        square[c] += (double)y[i] * y[i];
    }
    for (size_t c = 0; c < 2; c++) {
        CU_ASSERT(fabs(sum[c] / 90) < 1e-5);
        CU_ASSERT(fabs(square[c] / 90 - 1) < 1e-4);
    }
    free(x), free(y);
}

/* ---------------------------------------------------------------- rearrangements */

static void s2d_forward(check_op *c) {
    tsr_op_space_to_depth(c->x, c->mode, c->y.data, 0);
}
static void s2d_backward(check_op *c, float *dy, int add) {
    tsr_op_depth_to_space((nn_tensor){dy, c->y.s}, c->mode, c->dx, add);
}
static void d2s_forward(check_op *c) {
    tsr_op_depth_to_space(c->x, c->mode, c->y.data, 0);
}
static void d2s_backward(check_op *c, float *dy, int add) {
    tsr_op_space_to_depth((nn_tensor){dy, c->y.s}, c->mode, c->dx, add);
}
static void average_forward(check_op *c) {
    tsr_op_average2_forward(c->x, c->y.data);
}
static void average_backward(check_op *c, float *dy, int add) {
    tsr_op_average2_backward((nn_tensor){dy, c->y.s}, c->dx, add);
}
static void pad_forward(check_op *c) {
    tsr_op_pad_forward(c->x, 2, c->mode, c->y.data);
}
static void pad_backward(check_op *c, float *dy, int add) {
    tsr_op_pad_backward((nn_tensor){dy, c->y.s}, 2, c->mode, c->dx, add);
}

static void test_rearrangements(void) {
    const nn_shape large = {2, 3, 6, 12};
    for (uint32_t b = 2; b <= 3; b++) {
        nn_shape small = {2, 3 * b * b, 6 / b, 12 / b};
        check_op c = {.forward = s2d_forward, .backward = s2d_backward, .mode = b};
        c.x.s = large, c.y.s = small;
        check_op_run(&c, 1, LIMIT);
        c = (check_op){.forward = d2s_forward, .backward = d2s_backward, .mode = b};
        c.x.s = small, c.y.s = large;
        check_op_run(&c, 1, LIMIT);
    }
    const float four[4] = {1, 2, 3, 4}, back[4] = {0};
    float cells[4];
    tsr_op_space_to_depth((nn_tensor){(float *)four, {1, 1, 2, 2}}, 2, cells, 0);
    for (int i = 0; i < 4; i++) CU_ASSERT_EQUAL(cells[i], four[i]);
    tsr_op_depth_to_space((nn_tensor){cells, {1, 4, 1, 1}}, 2, (float *)back, 0);
    for (int i = 0; i < 4; i++) CU_ASSERT_EQUAL(back[i], four[i]);
    check_op c = {.forward = average_forward, .backward = average_backward};
    c.x.s = large, c.y.s = (nn_shape){2, 3, 3, 6};
    check_op_run(&c, 1, LIMIT);
    float mean;
    tsr_op_average2_forward((nn_tensor){(float *)four, {1, 1, 2, 2}}, &mean);
    CU_ASSERT_EQUAL(mean, 2.5f);
}

static void test_pad(void) {
    for (uint32_t mode = NN_PAD_ZERO; mode <= NN_PAD_REFLECT; mode++) {
        check_op c = {.forward = pad_forward, .backward = pad_backward, .mode = mode};
        c.x.s = (nn_shape){2, 2, 4, 3}, c.y.s = (nn_shape){2, 2, 8, 7};
        check_op_run(&c, 1, LIMIT);
    }
    const float x[3] = {1, 2, 3}, reflected[7] = {3, 2, 1, 2, 3, 2, 1};
    float y[5 * 7];
    tsr_op_pad_forward((nn_tensor){(float *)x, {1, 1, 1, 3}}, 2, NN_PAD_REFLECT, y);
    for (int i = 0; i < 35; i++) CU_ASSERT_EQUAL(y[i], reflected[i % 7]);
}

/* ---------------------------------------------------------------- matrix products */

static void test_gemm(void) {
    enum { M = 13, N = 70, K = 37 };
    float *a = check_random(M * K, 1), *b = check_random(K * N, 2), c[M * N];
    for (int form = 0; form < 3; form++)
        for (int add = 0; add < 2; add++) {
            int a_t = form == 1, b_t = form == 2;
            double worst = 0;
            for (int i = 0; i < M * N; i++) c[i] = 5;
            tsr_op_gemm(a_t, b_t, M, N, K, a, a_t ? M : K, b, b_t ? K : N, add, c, N);
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++) {
                    double sum = add ? 5 : 0;
                    for (int l = 0; l < K; l++)
                        sum +=
                            (double)a[a_t ? l * M + i : i * K + l] * b[b_t ? j * K + l : l * N + j];
                    worst = fmax(worst, fabs(sum - c[i * N + j]));
                }
            CU_ASSERT(worst < 1e-4);
        }
    CU_ASSERT(tsr_op_gemm_name()[0] != 0);
    free(a), free(b);
}

TSR_TEST_MAIN("nn operations", {"convolution", test_conv},
              {"convolution in pieces", test_conv_pieces}, {"depthwise", test_depthwise},
              {"transposed", test_transposed}, {"pointwise and linear", test_pointwise},
              {"pointwise in blocks", test_pointwise_blocks}, {"skip operand", test_skip},
              {"activations", test_activations}, {"layers with activations", test_relu_layers},
              {"batch norm", test_batch_norm}, {"rearrangements", test_rearrangements},
              {"padding", test_pad}, {"matrix products", test_gemm})
