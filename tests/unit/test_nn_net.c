/* test_nn_net.c - declared nets: gradients of whole nets, counts, mistakes, memory, determinism. */
#include <string.h>

#include "nn_check.h"
#include "tsr_test.h"

#define LIMIT 1e-2

/* ---------------------------------------------------------------- a net under test */

typedef struct net_case {
    nn_store *store;
    nn_net *net;
    nn_run *run;
    nn_id in[3], out[2];
    uint32_t n_in, n_out;
    float *r[2]; /* weights of the results */
    tsr_diag diag;
} net_case;

static void case_open(net_case *c) {
    *c = (net_case){.store = tsr_nn_store_new(5), .net = tsr_nn_net_new("t")};
}

static void case_close(net_case *c) {
    tsr_nn_run_free(c->run);
    tsr_nn_net_free(c->net);
    tsr_nn_store_free(c->store);
    for (uint32_t i = 0; i < 2; i++) free(c->r[i]);
}

/* Finishes, makes a run, fills inputs and weights with random numbers. */
static int case_start(net_case *c, uint32_t n, uint32_t h, uint32_t w, float scale) {
    tsr_status s = tsr_nn_net_finish(c->net, c->store, &c->diag);
    if (!s) s = tsr_nn_run_new(&c->run, c->net, n, h, w, 1, &c->diag);
    CU_ASSERT_EQUAL(s, TSR_OK);
    if (s) {
        printf("%s\n", c->diag.text);
        return 0;
    }
    for (uint32_t i = 0; i < c->n_in; i++) {
        nn_tensor x = tsr_nn_run_value(c->run, c->in[i]);
        check_fill(x.data, nn_count(x.s), 10 + i);
    }
    for (uint32_t i = 0; i < c->n_out; i++)
        c->r[i] = check_random(nn_count(tsr_nn_run_value(c->run, c->out[i]).s), 20 + i);
    /* Zero-initialised layers would hide errors. */
    for (uint32_t i = 0; i < tsr_nn_store_entries(c->store); i++) {
        const nn_entry *e = tsr_nn_store_peek(c->store, i);
        if (e->flags & NN_STATE) continue;
        check_fill(tsr_nn_store_values(c->store) + e->offset, e->count, 30 + i);
        for (size_t k = 0; k < e->count; k++) tsr_nn_store_values(c->store)[e->offset + k] *= scale;
    }
    return 1;
}

static double case_loss(void *arg) {
    net_case *c = arg;
    double sum = 0;
    tsr_nn_forward(c->run, tsr_nn_store_read(c->store));
    for (uint32_t i = 0; i < c->n_out; i++) {
        nn_tensor y = tsr_nn_run_value(c->run, c->out[i]);
        sum += check_dot(y.data, c->r[i], nn_count(y.s));
    }
    return sum;
}

static void case_backward(net_case *c, float *grad) {
    case_loss(c);
    for (uint32_t i = 0; i < c->n_out; i++) {
        nn_tensor dy = tsr_nn_run_grad(c->run, c->out[i]);
        memcpy(dy.data, c->r[i], nn_count(dy.s) * sizeof(float));
    }
    tsr_nn_backward(c->run, tsr_nn_store_read(c->store), grad);
}

/* All parameters and all inputs against finite differences. */
static void case_check(net_case *c, uint32_t n, uint32_t h, uint32_t w, float scale, float step) {
    if (!case_start(c, n, h, w, scale)) return;
    float *grad = tsr_nn_alloc(tsr_nn_store_size(c->store));
    case_backward(c, grad);
    for (uint32_t i = 0; i < tsr_nn_store_entries(c->store); i++) {
        const nn_entry *e = tsr_nn_store_peek(c->store, i);
        if (e->flags & NN_STATE) continue;
        double error = check_gradient(case_loss, c, tsr_nn_store_values(c->store) + e->offset,
                                      e->count, grad + e->offset, step);
        CU_ASSERT(error < LIMIT);
        if (error >= LIMIT) printf("%s: %g\n", e->name, error);
    }
    for (uint32_t i = 0; i < c->n_in; i++) {
        nn_tensor x = tsr_nn_run_value(c->run, c->in[i]), dx = tsr_nn_run_grad(c->run, c->in[i]);
        if (!dx.data) continue;
        float *copy = check_random(nn_count(dx.s), 1); /* forward passes do not keep it */
        memcpy(copy, dx.data, nn_count(dx.s) * sizeof(float));
        double error = check_gradient(case_loss, c, x.data, nn_count(x.s), copy, step);
        CU_ASSERT(error < LIMIT);
        if (error >= LIMIT) printf("input %u: %g\n", i, error);
        free(copy);
    }
    free(grad);
}

/* ---------------------------------------------------------------- gradients */

/* Smooth parts only: everything but the activations' kinks. */
static void test_linear_net(void) {
    net_case c;
    case_open(&c);
    nn_id x = tsr_nn_input(c.net, "x", 3, 1, 0), v = tsr_nn_input(c.net, "v", 2, 0, 0);
    nn_id z = tsr_nn_input(c.net, "z", 4, 4, 0);
    nn_id h = tsr_nn_space_to_depth(c.net, x, 2);
    h = tsr_nn_pointwise(c.net, "in", h, 8, (nn_opt){0});
    h = tsr_nn_condition(c.net, "cond", h, v);
    nn_id wide = tsr_nn_depth_to_space(c.net, tsr_nn_pointwise(c.net, "z", z, 16, (nn_opt){0}), 2);
    h = tsr_nn_concat(c.net, h, wide);
    nn_id s = tsr_nn_slice(c.net, h, 3, 6);
    h = tsr_nn_add(c.net, tsr_nn_scale(c.net, s, 0.5f),
                   tsr_nn_conv(c.net, "c", h, 6, 3, (nn_opt){0}));
    h = tsr_nn_causal(c.net, "causal", h, 6, 3, 0, (nn_opt){.no_bias = 1});
    h = tsr_nn_add(c.net, h, tsr_nn_causal_depthwise(c.net, "cdw", h, 5, 1, (nn_opt){0}));
    h = tsr_nn_add(c.net, h, tsr_nn_depthwise(c.net, "dw", h, 3, (nn_opt){.pad = NN_PAD_REFLECT}));
    nn_id down = tsr_nn_conv(c.net, "down", h, 5, 4, (nn_opt){.stride = 2});
    nn_id up = tsr_nn_transposed(c.net, "up", down, 6, 4, (nn_opt){.stride = 2});
    h = tsr_nn_bias(c.net, "bias", tsr_nn_add(c.net, up, h));
    h = tsr_nn_add(c.net, h, h);
    c.out[0] =
        tsr_nn_output(c.net, tsr_nn_transposed(c.net, "last", h, 3, 2, (nn_opt){.stride = 2}));
    c.out[1] = tsr_nn_output(c.net, tsr_nn_average2(c.net, down));
    c.in[0] = x, c.in[1] = v, c.in[2] = z;
    c.n_in = 3, c.n_out = 2;
    case_check(&c, 2, 16, 8, 0.4f, 1e-2f);
    CU_ASSERT_EQUAL(tsr_nn_net_align(c.net), 8);
    case_close(&c);
}

/* An output that feeds other layers, a value with many readers, a residual of the input itself. */
static void test_shared_values(void) {
    net_case c;
    case_open(&c);
    nn_id x = tsr_nn_input(c.net, "x", 4, 1, 0);
    nn_id a = tsr_nn_output(c.net, tsr_nn_pointwise(c.net, "a", x, 4, (nn_opt){0}));
    nn_id b = tsr_nn_add(c.net, a, tsr_nn_pointwise(c.net, "b", a, 4, (nn_opt){0}));
    nn_id d = tsr_nn_add(c.net, b, tsr_nn_pointwise(c.net, "d", a, 4, (nn_opt){0}));
    nn_id e = tsr_nn_add(c.net, tsr_nn_add(c.net, b, d), x);
    nn_id f = tsr_nn_add(c.net, tsr_nn_pointwise(c.net, "f", e, 4, (nn_opt){0}), e);
    /* Read twice: cannot become part of either reader. */
    nn_id m = tsr_nn_pointwise(c.net, "m", f, 4, (nn_opt){0});
    f = tsr_nn_add(c.net, tsr_nn_add(c.net, m, x), tsr_nn_scale(c.net, m, 0.5f));
    nn_id w = tsr_nn_wavelet(c.net, f, 0);
    w = tsr_nn_add(c.net, w, tsr_nn_pointwise(c.net, "w", w, 16, (nn_opt){0}));
    c.out[0] = a;
    c.out[1] = tsr_nn_output(c.net, tsr_nn_wavelet(c.net, w, 1));
    c.in[0] = x;
    c.n_in = 1, c.n_out = 2;
    case_check(&c, 2, 6, 10, 0.4f, 1e-2f);
    case_close(&c);
}

/* Blocks with activations: weights so small, and biases before the activations so large, that no
 * unit sits at its kink. */
static void test_blocks(void) {
    for (int kind = 0; kind < 2; kind++) {
        net_case c;
        case_open(&c);
        nn_id x = tsr_nn_input(c.net, "x", 4, 1, 0), v = tsr_nn_input(c.net, "v", 2, 0, 0);
        nn_opt o = {.act = kind ? NN_LEAKY : NN_RELU};
        nn_id h =
            kind ? tsr_nn_residual(c.net, "r", x, 3, o) : tsr_nn_ds_block(c.net, "d", x, 3, o);
        h = tsr_nn_condition(c.net, "cond", tsr_nn_pointwise(c.net, "p", h, 4, (nn_opt){0}), v);
        h = tsr_nn_activation(c.net, h, o.act);
        c.out[0] = tsr_nn_output(c.net, tsr_nn_pointwise(c.net, "out", h, 3, (nn_opt){0}));
        c.in[0] = x, c.in[1] = v;
        c.n_in = 2, c.n_out = 1;
        CU_ASSERT_EQUAL_FATAL(case_start(&c, 2, 5, 6, 0.15f), 1);
        for (uint32_t i = 0; i < tsr_nn_store_entries(c.store); i++) {
            const nn_entry *e = tsr_nn_store_peek(c.store, i);
            if (!strstr(e->name, "1.b") && !strstr(e->name, "/p.b")) continue;
            for (size_t k = 0; k < e->count; k++)
                tsr_nn_store_values(c.store)[e->offset + k] = k % 2 ? 6 : -6;
        }
        float *grad = tsr_nn_alloc(tsr_nn_store_size(c.store));
        case_backward(&c, grad);
        for (uint32_t i = 0; i < tsr_nn_store_entries(c.store); i++) {
            const nn_entry *e = tsr_nn_store_peek(c.store, i);
            double error = check_gradient(case_loss, &c, tsr_nn_store_values(c.store) + e->offset,
                                          e->count, grad + e->offset, 0.2f);
            CU_ASSERT(error < LIMIT);
            if (error >= LIMIT) printf("%s: %g\n", e->name, error);
        }
        free(grad);
        case_close(&c);
    }
}

static void test_batch_norm_net(void) {
    net_case c;
    case_open(&c);
    nn_id x = tsr_nn_input(c.net, "x", 3, 1, 0);
    nn_id h = tsr_nn_pointwise(c.net, "a", x, 4, (nn_opt){.no_bias = 1});
    h = tsr_nn_batch_norm(c.net, "bn", h);
    c.out[0] = tsr_nn_output(c.net, tsr_nn_pointwise(c.net, "b", h, 2, (nn_opt){0}));
    c.in[0] = x;
    c.n_in = c.n_out = 1;
    case_check(&c, 3, 4, 5, 0.5f, 1e-2f);
    /* The running statistics move to those of the batch. */
    const float *values = tsr_nn_store_read(c.store);
    const nn_entry *mean = tsr_nn_store_find(c.store, "t/bn.mean");
    float before = values[mean->offset];
    tsr_nn_forward(c.run, values);
    tsr_nn_run_statistics(c.run, tsr_nn_store_values(c.store), 0.5f);
    float once = values[mean->offset];
    tsr_nn_run_statistics(c.run, tsr_nn_store_values(c.store), 1);
    CU_ASSERT(once != before);
    CU_ASSERT(fabsf(once - 0.5f * (before + values[mean->offset])) < 1e-6f);
    case_close(&c);
}

/* Nothing flows back through detach, to a NO_GRAD input, or into a part that no output depends on.
 */
static void test_no_gradient(void) {
    net_case c;
    case_open(&c);
    nn_id x = tsr_nn_input(c.net, "x", 2, 1, NN_NO_GRAD);
    nn_id a = tsr_nn_pointwise(c.net, "a", x, 2, (nn_opt){0});
    nn_id b = tsr_nn_pointwise(c.net, "b", tsr_nn_detach(c.net, a), 2, (nn_opt){0});
    tsr_nn_pointwise(c.net, "unused", a, 2, (nn_opt){0});
    c.out[0] = tsr_nn_output(c.net, b);
    c.in[0] = x;
    c.n_in = c.n_out = 1;
    CU_ASSERT_EQUAL_FATAL(case_start(&c, 1, 3, 3, 1), 1);
    float *grad = tsr_nn_alloc(tsr_nn_store_size(c.store));
    case_backward(&c, grad);
    CU_ASSERT_PTR_NULL(tsr_nn_run_grad(c.run, x).data);
    CU_ASSERT_EQUAL(grad[tsr_nn_store_find(c.store, "t/a.w")->offset], 0);
    CU_ASSERT_EQUAL(grad[tsr_nn_store_find(c.store, "t/unused.w")->offset], 0);
    CU_ASSERT_NOT_EQUAL(grad[tsr_nn_store_find(c.store, "t/b.w")->offset], 0);
    case_backward(&c, NULL); /* gradients of inputs only: nothing to write, nothing to read */
    free(grad);
    case_close(&c);
}

/* ---------------------------------------------------------------- counts and mistakes */

static nn_id post_filter(nn_net *net) {
    nn_id x = tsr_nn_input(net, "x", 3, 1, NN_NO_GRAD),
          l = tsr_nn_input(net, "l", 2, 0, NN_NO_GRAD);
    nn_id h = tsr_nn_space_to_depth(net, x, 2);
    h = tsr_nn_condition(net, "cond", tsr_nn_pointwise(net, "in", h, 32, (nn_opt){0}), l);
    h = tsr_nn_ds_block(net, "d1", h, 3, (nn_opt){0});
    h = tsr_nn_ds_block(net, "d2", h, 3, (nn_opt){0});
    h = tsr_nn_pointwise(net, "out", h, 12, (nn_opt){.init = NN_INIT_ZERO});
    return tsr_nn_output(net, tsr_nn_add(net, tsr_nn_depth_to_space(net, h, 2), x));
}

static void test_counts(void) {
    nn_store *store = tsr_nn_store_new(1);
    nn_net *net = tsr_nn_net_new("post");
    nn_id y = post_filter(net);
    CU_ASSERT_EQUAL_FATAL(tsr_nn_net_finish(net, store, NULL), TSR_OK);
    size_t block = 9 * 32 + 2 * (32 * 32 + 32);
    CU_ASSERT_EQUAL(tsr_nn_net_parameters(net), 12 * 32 + 32 + 2 * 32 + 2 * block + 32 * 12 + 12);
    CU_ASSERT_EQUAL(tsr_nn_store_parameters(store), tsr_nn_net_parameters(net));
    double macs = (12 * 32 + 2 * (9 * 32 + 2 * 32 * 32) + 32 * 12) / 4.0;
    CU_ASSERT_DOUBLE_EQUAL(tsr_nn_net_macs(net), macs, 1e-9);
    CU_ASSERT_EQUAL(tsr_nn_net_channels(net, y), 3);
    CU_ASSERT_EQUAL(tsr_nn_net_down(net, y), 1);
    char *text = tsr_nn_net_describe(net);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "d2/pw1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "total"));
    free(text);
    /* A net whose last layers are zero is the identity from the start. */
    nn_run *run;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_run_new(&run, net, 1, 8, 8, 0, NULL), TSR_OK);
    nn_tensor x = tsr_nn_run_value(run, 0), out = tsr_nn_run_value(run, y);
    check_fill(x.data, nn_count(x.s), 1);
    tsr_nn_forward(run, tsr_nn_store_read(store));
    CU_ASSERT_EQUAL(memcmp(x.data, out.data, nn_count(x.s) * sizeof(float)), 0);
    tsr_nn_run_free(run);
    tsr_nn_net_free(net);
    tsr_nn_store_free(store);
}

/* He: variance 2 / fan-in; the same seed gives the same values whatever was declared before. */
static void test_initial_values(void) {
    nn_store *a = tsr_nn_store_new(7), *b = tsr_nn_store_new(7), *c = tsr_nn_store_new(8);
    const uint32_t dim[2] = {100, 50};
    size_t oa, ob, oc, other;
    CU_ASSERT_EQUAL(tsr_nn_store_add(a, "x", 2, dim, NN_INIT_HE, 50, 0, &oa, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(b, "y", 1, dim, NN_INIT_ONE, 1, 0, &other, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(b, "x", 2, dim, NN_INIT_HE, 50, 0, &ob, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_store_add(c, "x", 2, dim, NN_INIT_HE, 50, 0, &oc, NULL), TSR_OK);
    const float *va = tsr_nn_store_read(a) + oa, *vb = tsr_nn_store_read(b) + ob;
    CU_ASSERT_EQUAL(memcmp(va, vb, 5000 * sizeof(float)), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(va, tsr_nn_store_read(c) + oc, 5000 * sizeof(float)), 0);
    CU_ASSERT_DOUBLE_EQUAL(check_dot(va, va, 5000) / 5000, 2.0 / 50, 0.002);
    CU_ASSERT_EQUAL(tsr_nn_store_read(b)[other], 1);
    tsr_nn_store_free(a);
    tsr_nn_store_free(b);
    tsr_nn_store_free(c);
}

/* Each makes one mistake. */
static void mistake_channels(nn_net *n, nn_id x) {
    tsr_nn_add(n, x, tsr_nn_pointwise(n, "p", x, 5, (nn_opt){0}));
}
static void mistake_grid(nn_net *n, nn_id x) {
    tsr_nn_add(n, x, tsr_nn_average2(n, x));
}
static void mistake_concat(nn_net *n, nn_id x) {
    tsr_nn_concat(n, x, tsr_nn_average2(n, x));
}
static void mistake_id(nn_net *n, nn_id x) {
    tsr_nn_scale(n, x + 100, 1);
}
static void mistake_slice(nn_net *n, nn_id x) {
    tsr_nn_slice(n, x, 3, 2);
}
static void mistake_depth(nn_net *n, nn_id x) {
    tsr_nn_depth_to_space(n, tsr_nn_pointwise(n, "p", x, 7, (nn_opt){0}), 2);
}
static void mistake_finer(nn_net *n, nn_id x) {
    tsr_nn_transposed(n, "t", x, 2, 2, (nn_opt){.stride = 2});
}
static void mistake_kernel(nn_net *n, nn_id x) {
    tsr_nn_conv(n, "c", x, 2, 99, (nn_opt){0});
}
static void mistake_causal(nn_net *n, nn_id x) {
    tsr_nn_causal(n, "c", x, 2, 4, 0, (nn_opt){0});
}
static void mistake_no_taps(nn_net *n, nn_id x) {
    tsr_nn_causal(n, "c", x, 2, 1, 0, (nn_opt){0});
}
static void mistake_vector(nn_net *n, nn_id x) {
    tsr_nn_linear(n, "l", x, 3, (nn_opt){0});
}
static void mistake_twice(nn_net *n, nn_id x) {
    tsr_nn_pointwise(n, "p", tsr_nn_pointwise(n, "p", x, 2, (nn_opt){0}), 2, (nn_opt){0});
}
static void mistake_name(nn_net *n, nn_id x) {
    tsr_nn_pointwise(n, "no spaces", x, 2, (nn_opt){0});
}
static void mistake_zero(nn_net *n, nn_id x) {
    tsr_nn_pointwise(n, "p", x, 0, (nn_opt){0});
}

static void test_mistakes(void) {
    void (*const mistakes[])(nn_net *, nn_id) = {
        mistake_channels, mistake_grid,  mistake_concat, mistake_id,     mistake_slice,
        mistake_depth,    mistake_finer, mistake_kernel, mistake_causal, mistake_no_taps,
        mistake_vector,   mistake_twice, mistake_name,   mistake_zero,
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        nn_store *store = tsr_nn_store_new(1);
        nn_net *net = tsr_nn_net_new("m");
        nn_id x = tsr_nn_input(net, "x", 4, 1, 0);
        mistakes[i](net, x);
        tsr_nn_output(net, x);
        tsr_diag d = {0};
        CU_ASSERT_EQUAL(tsr_nn_net_finish(net, store, &d), TSR_ERR_ARGUMENT);
        CU_ASSERT_NOT_EQUAL(d.text[0], 0);
        tsr_nn_net_free(net);
        tsr_nn_store_free(store);
    }
    nn_store *store = tsr_nn_store_new(1);
    nn_net *net = tsr_nn_net_new("m");
    nn_run *run;
    tsr_nn_input(net, "x", 4, 1, 0);
    CU_ASSERT_EQUAL(tsr_nn_net_finish(net, store, NULL), TSR_ERR_ARGUMENT); /* no output */
    CU_ASSERT_EQUAL(tsr_nn_run_new(&run, net, 1, 4, 4, 0, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NULL(run);
    tsr_nn_net_free(net);
    net = tsr_nn_net_new("m");
    tsr_nn_output(net, tsr_nn_average2(net, tsr_nn_input(net, "x", 4, 1, 0)));
    CU_ASSERT_EQUAL(tsr_nn_net_finish(net, store, NULL), TSR_OK);
    CU_ASSERT_EQUAL(tsr_nn_run_new(&run, net, 1, 5, 4, 0, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_run_new(&run, net, 1, 0, 4, 0, NULL), TSR_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(tsr_nn_run_new(&run, net, 1, 1u << 31, 1u << 31, 0, NULL), TSR_ERR_LIMIT);
    tsr_nn_net_free(net);
    tsr_nn_store_free(store);
}

/* More values than a net may have; grids whose common size is too large. */
static void test_limits(void) {
    nn_store *store = tsr_nn_store_new(1);
    nn_net *net = tsr_nn_net_new("m");
    tsr_diag d = {0};
    nn_id x = tsr_nn_input(net, "x", 1, 1, 0);
    for (int i = 0; i < 4096; i++) x = tsr_nn_scale(net, x, 2);
    CU_ASSERT_EQUAL(x, -1);
    CU_ASSERT_EQUAL(tsr_nn_net_finish(net, store, &d), TSR_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(d.text, "net m: too many values");
    tsr_nn_net_free(net);
    net = tsr_nn_net_new("m");
    tsr_nn_output(net, tsr_nn_input(net, "x", 1, 4096, 0));
    tsr_nn_output(net, tsr_nn_input(net, "y", 1, 3, 0));
    CU_ASSERT_EQUAL(tsr_nn_net_finish(net, store, &d), TSR_ERR_ARGUMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "common size"));
    tsr_nn_net_free(net);
    tsr_nn_store_free(store);
}

/* ---------------------------------------------------------------- runs */

/* Shared memory, sample by sample and all at once: the same results. */
static void test_same_results(void) {
    nn_store *store = tsr_nn_store_new(3);
    nn_net *net = tsr_nn_net_new("s");
    nn_id y = post_filter(net);
    CU_ASSERT_EQUAL_FATAL(tsr_nn_net_finish(net, store, NULL), TSR_OK);
    check_fill(tsr_nn_store_values(store), tsr_nn_store_size(store), 2);
    nn_run *all, *one, *lean;
    CU_ASSERT_EQUAL_FATAL(tsr_nn_run_new(&all, net, 3, 16, 20, 1, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_nn_run_new(&one, net, 1, 16, 20, 1, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_nn_run_new(&lean, net, 1, 16, 20, 0, NULL), TSR_OK);
    for (nn_id in = 0; in < 2; in++) {
        nn_tensor x = tsr_nn_run_value(all, in);
        check_fill(x.data, nn_count(x.s), 4);
        for (int k = 0; k < 2; k++) {
            nn_tensor to = tsr_nn_run_value(k ? lean : one, in);
            memcpy(to.data, x.data + nn_count(to.s), nn_count(to.s) * sizeof(float));
        }
    }
    const float *params = tsr_nn_store_read(store);
    tsr_nn_forward(all, params);
    tsr_nn_forward(one, params);
    tsr_nn_forward(lean, params);
    nn_tensor a = tsr_nn_run_value(all, y), b = tsr_nn_run_value(one, y);
    size_t n = nn_count(b.s);
    CU_ASSERT_EQUAL(memcmp(a.data + n, b.data, n * sizeof(float)), 0);
    CU_ASSERT_EQUAL(memcmp(tsr_nn_run_value(lean, y).data, b.data, n * sizeof(float)), 0);
    tsr_nn_run_free(all);
    tsr_nn_run_free(one);
    tsr_nn_run_free(lean);
    tsr_nn_net_free(net);
    tsr_nn_store_free(store);
}

TSR_TEST_MAIN("nets", {"gradients of a net", test_linear_net},
              {"shared values", test_shared_values}, {"blocks", test_blocks},
              {"batch norm", test_batch_norm_net}, {"where no gradient flows", test_no_gradient},
              {"counts", test_counts}, {"initial values", test_initial_values},
              {"mistakes", test_mistakes}, {"limits", test_limits},
              {"same results in any run", test_same_results})
