/* test_train_ints.c - turning networks of floats into networks of integers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_maker.h"
#include "train_ints.h"
#include "train_leaves.h"
#include "train_scene.h"
#include "tsr_test.h"

enum { SIDE = 48 };

/* A tile whose decoded bands differ from the original ones by noise. */
static train_tile tile_new(float step) {
    size_t n = TRAIN_CHANNELS * (size_t)SIDE * SIDE;
    train_tile t = {.w = SIDE, .h = SIDE, .planes = 3, .step = step};
    uint32_t seed = 5;
    t.data = calloc(2 * n, sizeof *t.data);
    if (!t.data) abort();
    for (size_t i = 0; i < 2 * n; i++) {
        int low = i % n < n / 4;
        seed = seed * 1664525u + 1013904223u;
        t.data[i] = (int16_t)((int32_t)(seed >> 16) % (low ? 8000 : 400) - (low ? 4000 : 200));
    }
    return t;
}

static tsr_vqvae_model model_of(uint32_t width, uint32_t blocks, float amplitude) {
    uint64_t rng = width + 10 * blocks;
    tsr_vqvae_model m = {.step_min = 9, .step_max = 200};
    m.decoder = (tsr_vqvae_net){
        .channels = TSR_VQVAE_CHANNELS, .width = width, .blocks = blocks, .pointwise = 1};
    make_net(&m.decoder, amplitude, &rng);
    return m;
}

/* Errors of the tile with no network, that of floats, and its integers. */
static void errors(const tsr_vqvae_model *m, const train_tile *t, double e[3]) {
    tsr_diag d;
    train_ranges r;
    tsr_vqvae_net ints;
    CU_ASSERT_EQUAL_FATAL(tsr_train_ranges_new(&r, &m->decoder), TSR_OK);
    CU_ASSERT_EQUAL(tsr_train_ranges_add(&r, m, t), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_train_ints_make(&ints, m, &r, &d), TSR_OK);
    CU_ASSERT(tsr_vqvae_ints_sound(&ints));
    CU_ASSERT_EQUAL(tsr_train_ints_error(&m->decoder, m, t, &e[0], &e[1]), TSR_OK);
    CU_ASSERT_EQUAL(tsr_train_ints_error(&ints, m, t, &e[0], &e[2]), TSR_OK);
    free(ints.ints.bias);
    tsr_train_ranges_free(&r);
}

/* What the network of floats does to the error, that of integers does , nearly. Networks of drawn
 * numbers make much of small differences; trained ones do not. */
static void test_close(void) {
    static const uint32_t shapes[][2] = {{8, 0}, {8, 2}, {32, 4}, {33, 1}, {128, 2}};
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (float step = 9; step < 200; step *= 4) {
            tsr_vqvae_model m = model_of(shapes[i][0], shapes[i][1], 0.3f);
            train_tile t = tile_new(step);
            double e[3];
            errors(&m, &t, e);
            CU_ASSERT(fabs(e[1] - e[0]) > 0.01 * e[0]);
            CU_ASSERT(fabs(e[2] - e[1]) < 0.005 * fabs(e[1] - e[0]));
            tsr_train_tile_free(&t);
            free(m.decoder.param);
        }
}

/* Dead channels, weights of nothing and weights as large as they may be: sound all the same. */
static void test_odd_numbers(void) {
    static const float values[] = {0, 1e-12f, 63, -63};
    train_tile t = tile_new(20);
    double e[3];
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        tsr_vqvae_model m = model_of(4, 2, 0.1f);
        for (size_t k = i; k < tsr_vqvae_net_params(&m.decoder); k += 7)
            m.decoder.param[k] = values[i];
        errors(&m, &t, e);
        CU_ASSERT(e[2] >= 0 && e[2] < INFINITY);
        free(m.decoder.param);
    }
    tsr_vqvae_model m = model_of(3, 1, 0.1f);
    memset(m.decoder.param, 0, tsr_vqvae_net_params(&m.decoder) * sizeof(float));
    errors(&m, &t, e);
    CU_ASSERT_EQUAL(e[2], e[0]);
    free(m.decoder.param);
    tsr_train_tile_free(&t);
}

static void test_refused(void) {
    tsr_vqvae_model m = model_of(3, 1, 0.1f);
    train_ranges r;
    tsr_vqvae_net ints;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(tsr_train_ranges_new(&r, &m.decoder), TSR_OK);
    m.decoder.pointwise = 2;
    CU_ASSERT_EQUAL(tsr_train_ints_make(&ints, &m, &r, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "one pointwise layer"));
    tsr_train_ranges_free(&r);
    free(m.decoder.param);
}

/* ---- model files ---- */

typedef struct files {
    tsr_blob in, out;
    int opened;
} files;

static tsr_status open_context(void *user, tsr_context **ctx, tsr_diag *d) {
    ((files *)user)->opened++;
    return train_scene_open(NULL, ctx, d);
}

static tsr_status read_file(void *user, const char *path, tsr_blob *out, tsr_diag *d) {
    const files *f = user;
    return tsr_blob_copy(out, f->in.data, f->in.size);
}

static tsr_status write_file(void *user, const char *path, const void *data, size_t size,
                             tsr_diag *d) {
    return tsr_blob_copy(&((files *)user)->out, data, size);
}

/* A model with both sections, each with an encoder network. */
static tsr_blob whole_model(uint32_t pointwise) {
    static const char *const names[] = {"vqvae", "filter"};
    model_recipe r = {.width = 4, .blocks = 1, .pointwise = pointwise, .encoder = 1};
    tsr_blob section[2], file;
    tsr_diag d;
    r.amplitude = 0.1f;
    tsr_model_file m = {.meta = "name=m\n", .meta_size = 7, .n_sections = 2};
    for (uint32_t i = 0; i < 2; i++) {
        r.seed = 1 + i;
        section[i] = make_model_section(&r);
        m.section[i] = (tsr_model_section){.data = section[i].data, .size = section[i].size};
        snprintf(m.section[i].name, sizeof m.section[i].name, "%s", names[i]);
    }
    if (tsr_model_write(&m, &file, &d)) abort();
    for (uint32_t i = 0; i < 2; i++) tsr_blob_free(&section[i]);
    return file;
}

static tsr_status convert(files *f, uint32_t pointwise, tsr_diag *d) {
    train_scene scene;
    tsr_ints_result result;
    train_scene_init(&scene, 1, 96, 96);
    *f = (files){.in = whole_model(pointwise)};
    tsr_ints_options o = {.struct_size = sizeof o,
                          .pictures = 1,
                          .model = "in.tsm",
                          .out = "out.tsm",
                          .data = &scene.source,
                          .codec = "wavelet:levels=2/rdo/adaptive",
                          .user = f,
                          .open = open_context,
                          .write = write_file,
                          .read = read_file};
    tsr_status s = tsr_train_ints(&o, &result, d);
    tsr_blob_free(&f->in);
    return s;
}

/* All sections become integers; their encoders stay. */
static void test_both_sections(void) {
    files f;
    tsr_diag d;
    tsr_model_file m;
    tsr_vqvae_model nets;
    char text[160];
    CU_ASSERT_EQUAL_FATAL(convert(&f, 1, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_model_read(&m, f.out.data, f.out.size, &d), TSR_OK);
    CU_ASSERT_EQUAL(m.n_sections, 2);
    for (uint32_t i = 0; i < m.n_sections; i++) {
        const tsr_model_section *s = &m.section[i];
        CU_ASSERT_EQUAL_FATAL(tsr_vqvae_model_read(&nets, s->data, s->size, text), TSR_OK);
        CU_ASSERT(nets.decoder.ints.weight && nets.has_encoder && nets.encoder.param);
        tsr_vqvae_model_free(&nets);
    }
    tsr_blob_free(&f.out);
}

/* Before a tile is coded. */
static void test_refused_at_once(void) {
    files f;
    tsr_diag d;
    CU_ASSERT_EQUAL(convert(&f, 2, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "one pointwise layer"));
    CU_ASSERT(!f.opened && !f.out.size);
}

/* Always the same pictures, each another one, not flat. */
static void test_leaves(void) {
    tsr_train_source s = tsr_train_leaves(3);
    tsr_image a = {0}, b = {0}, c = {0};
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(s.read(s.user, 1, &a, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(s.read(s.user, 1, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(s.read(s.user, 2, &c, &d), TSR_OK);
    size_t n = (size_t)a.width * a.height * a.channels, levels = 0;
    uint8_t seen[256] = {0};
    CU_ASSERT_EQUAL(memcmp(a.pixels, b.pixels, n), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(a.pixels, c.pixels, n), 0);
    for (size_t i = 0; i < n; i++) {
        levels += !seen[((const uint8_t *)a.pixels)[i]];
        seen[((const uint8_t *)a.pixels)[i]] = 1;
    }
    CU_ASSERT(levels > 200);
    tsr_image_free(&a), tsr_image_free(&b), tsr_image_free(&c);
}

TSR_TEST_MAIN("networks of integers", {"close to the floats", test_close},
              {"odd numbers", test_odd_numbers}, {"two pointwise layers are refused", test_refused},
              {"both sections of a model", test_both_sections},
              {"a model is refused at once", test_refused_at_once}, {"drawn pictures", test_leaves})
