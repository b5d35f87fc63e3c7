/* test_vqvae_model.c - a model's bytes, limits and step arithmetic. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_maker.h"
#include "test_picture.h"
#include "tsr_test.h"

static const model_recipe small = {.name = "small",
                                   .seed = 7,
                                   .width = 5,
                                   .blocks = 2,
                                   .pointwise = 2,
                                   .encoder = 1,
                                   .amplitude = 0.25f};

static const model_recipe integers = {.name = "integers",
                                      .seed = 9,
                                      .width = 5,
                                      .blocks = 2,
                                      .pointwise = 1,
                                      .encoder = 1,
                                      .amplitude = 0.25f,
                                      .integers = 1};

static void *take(void *who, size_t bytes) {
    unsigned *calls = who;
    (*calls)++;
    return malloc(bytes);
}

static void *refuse(void *who, size_t bytes) {
    return NULL;
}

static void release(tsr_vqvae_model *m) {
    free(m->decoder.param);
    free(m->decoder.ints.bias);
    free(m->encoder.param);
}

static void test_counts(void) {
    tsr_vqvae_net n = {.channels = 12, .width = 32, .blocks = 4, .pointwise = 1};
    CU_ASSERT_EQUAL(tsr_vqvae_net_layers(&n), 10);
    CU_ASSERT_EQUAL(tsr_vqvae_net_macs(&n), 2 * 12 * 32 + 4 * (9 * 32 + 32 * 32));
    CU_ASSERT_EQUAL(tsr_vqvae_net_params(&n), tsr_vqvae_net_macs(&n) + 3 * (12 + 9 * 32));
    n.pointwise = 2;
    CU_ASSERT_EQUAL(tsr_vqvae_net_layers(&n), 14);
    CU_ASSERT_EQUAL(tsr_vqvae_net_macs(&n), 2 * 12 * 32 + 4 * (9 * 32 + 2 * 32 * 32));
    CU_ASSERT_EQUAL(tsr_vqvae_net_layer(&n, 0).in, 12);
    CU_ASSERT_EQUAL(tsr_vqvae_net_layer(&n, 1).kind, TSR_VQVAE_DEPTHWISE);
    CU_ASSERT_EQUAL(tsr_vqvae_net_layer(&n, 3).kind, TSR_VQVAE_POINTWISE);
    CU_ASSERT_EQUAL(tsr_vqvae_net_layer(&n, 4).kind, TSR_VQVAE_DEPTHWISE);
    CU_ASSERT_EQUAL(tsr_vqvae_net_layer(&n, 13).out, 12);
}

static void test_limits(void) {
    tsr_vqvae_net n = {.channels = 12, .width = 32, .blocks = 4, .pointwise = 1}, bad = n;
    CU_ASSERT(tsr_vqvae_net_legal(&n));
    bad.channels = 4;
    CU_ASSERT(!tsr_vqvae_net_legal(&bad));
    bad = n;
    bad.width = 0;
    CU_ASSERT(!tsr_vqvae_net_legal(&bad));
    bad.width = 129;
    CU_ASSERT(!tsr_vqvae_net_legal(&bad));
    bad = n;
    bad.blocks = 17;
    CU_ASSERT(!tsr_vqvae_net_legal(&bad));
    bad = n;
    bad.pointwise = 3;
    CU_ASSERT(!tsr_vqvae_net_legal(&bad));
    bad = (tsr_vqvae_net){.channels = 12, .width = 128, .blocks = 16, .pointwise = 2};
    CU_ASSERT(!tsr_vqvae_net_legal(&bad)); /* too many multiply-adds */
}

/* Loading gives what was saved but for rounding, and saving that again gives the same bytes. */
static void test_round_trip(void) {
    unsigned calls = 0;
    char text[160];
    tsr_vqvae_model m;
    tsr_blob b = make_model_section(&small);
    CU_ASSERT_EQUAL_FATAL(tsr_vqvae_model_load(&m, b.data, b.size, take, &calls, text), TSR_OK);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT_EQUAL(m.decoder.width, 5);
    CU_ASSERT_EQUAL(m.step_min, 4.0f);
    CU_ASSERT_EQUAL(m.step_max, 160.0f);
    uint8_t *again = malloc(b.size);
    CU_ASSERT_EQUAL_FATAL(tsr_vqvae_model_save(&m, again, b.size), b.size);
    CU_ASSERT_EQUAL(memcmp(again, b.data, b.size), 0);
    /* What the maker drew, before rounding. */
    uint64_t rng = small.seed;
    tsr_vqvae_net n = m.decoder;
    make_net(&n, small.amplitude, &rng);
    double worst = 0;
    for (size_t i = 0; i < tsr_vqvae_net_params(&n); i++)
        worst = fmax(worst, fabs((double)n.param[i] - (double)m.decoder.param[i]));
    CU_ASSERT(worst > 0 && worst < 1.0 / 32768); /* the largest weight is below 2 */
    free(n.param);
    free(again);
    release(&m);
    tsr_blob_free(&b);
}

static void test_not_saved(void) {
    static const float bad[] = {NAN, INFINITY, -64, 1e9f};
    uint64_t rng = 1;
    tsr_vqvae_model m = {.step_min = 4, .step_max = 100};
    m.decoder = (tsr_vqvae_net){.channels = 12, .width = 2, .blocks = 1, .pointwise = 1};
    make_net(&m.decoder, 1, &rng);
    CU_ASSERT(tsr_vqvae_model_save(&m, NULL, 0) > 0);
    for (unsigned i = 0; i < 4; i++) {
        float kept = m.decoder.param[i];
        m.decoder.param[i] = bad[i];
        CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
        m.decoder.param[i] = kept;
    }
    m.step_min = 101;
    CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
    m.step_min = NAN;
    CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
    release(&m);
}

/* Every cut, and every byte at several values: refused with a text, or numbers within the limits.
 */
static void check_hostile(const model_recipe *r) {
    char text[160];
    tsr_vqvae_model m;
    tsr_blob b = make_model_section(r);
    unsigned calls = 0, bad = 0;
    for (size_t n = 0; n < b.size; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, b.data, n);
        tsr_status s = tsr_vqvae_model_load(&m, cut, n, take, &calls, text);
        bad += s != TSR_ERR_FORMAT || !strstr(text, "too early");
        release(&m);
        free(cut);
    }
    CU_ASSERT_EQUAL(bad, 0);
    for (size_t i = 0; i < b.size; i++)
        for (unsigned k = 0; k < 4; k++) {
            static const uint8_t values[] = {0, 255, 128, 7};
            uint8_t kept = b.data[i];
            b.data[i] = values[k];
            tsr_status s = tsr_vqvae_model_load(&m, b.data, b.size, take, &calls, text);
            bad += s ? !text[0] : 0;
            if (!s && m.decoder.ints.weight) bad += !tsr_vqvae_ints_sound(&m.decoder);
            for (size_t j = 0; !s && m.decoder.param && j < tsr_vqvae_net_params(&m.decoder); j++)
                bad += !(fabsf(m.decoder.param[j]) <= 64);
            release(&m);
            b.data[i] = kept;
        }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_EQUAL(tsr_vqvae_model_load(&m, b.data, b.size, refuse, NULL, text), TSR_ERR_MEMORY);
    b.data[0] = 3;
    CU_ASSERT_EQUAL(tsr_vqvae_model_load(&m, b.data, b.size, take, &calls, text),
                    TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "version 3"));
    tsr_blob_free(&b);
}

static void test_hostile(void) {
    check_hostile(&small);
    check_hostile(&integers);
}

/* ---- networks of integers ---- */

/* A network of integers stays as it is but for its biases, and those from the second time on. */
static void test_integers(void) {
    unsigned calls = 0;
    char text[160];
    tsr_vqvae_model m;
    tsr_blob b = make_model_section(&integers);
    CU_ASSERT_EQUAL_FATAL(tsr_vqvae_model_load(&m, b.data, b.size, take, &calls, text), TSR_OK);
    CU_ASSERT_PTR_NULL(m.decoder.param);
    CU_ASSERT_PTR_NULL(m.encoder.ints.weight);
    uint64_t rng = integers.seed;
    tsr_vqvae_net n = m.decoder;
    make_int_net(&n, integers.amplitude, &rng);
    CU_ASSERT_EQUAL(n.ints.fraction, m.decoder.ints.fraction);
    CU_ASSERT_EQUAL(memcmp(n.ints.weight, m.decoder.ints.weight,
                           (size_t)tsr_vqvae_net_macs(&n) * sizeof(int16_t)),
                    0);
    CU_ASSERT_EQUAL(memcmp(n.ints.shift, m.decoder.ints.shift, tsr_vqvae_net_outputs(&n)), 0);
    uint8_t *again = malloc(b.size);
    CU_ASSERT_EQUAL_FATAL(tsr_vqvae_model_save(&m, again, b.size), b.size);
    CU_ASSERT_EQUAL(memcmp(again, b.data, b.size), 0);
    free(n.ints.bias);
    free(again);
    release(&m);
    tsr_blob_free(&b);
}

/* Each limit, met and exceeded: not sound, not saved. */
static void test_unsound(void) {
    uint64_t rng = 1;
    tsr_vqvae_model m = {.step_min = 4, .step_max = 100};
    tsr_vqvae_net *n = &m.decoder;
    *n = (tsr_vqvae_net){.channels = 12, .width = 3, .blocks = 1, .pointwise = 1};
    make_int_net(n, 1, &rng);
    CU_ASSERT(tsr_vqvae_model_save(&m, NULL, 0) > 0);
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        uint32_t fan = (uint32_t)l.n_weights / l.out;
        int16_t *w = l.integer + (l.out - 1) * fan;
        memset(w, 0, fan * sizeof *w);
        w[0] = -32768;
        w[fan - 1] = 16383;
        CU_ASSERT(tsr_vqvae_ints_sound(n));
        w[fan - 1] = 16384;
        CU_ASSERT(!tsr_vqvae_ints_sound(n));
        CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
        w[fan - 1] = 0;
        l.shift[0] = TSR_VQVAE_MAX_SHIFT + 1;
        CU_ASSERT(!tsr_vqvae_ints_sound(n));
        l.shift[0] = TSR_VQVAE_MAX_SHIFT;
        CU_ASSERT(tsr_vqvae_ints_sound(n));
    }
    n->ints.bias[0] = 32768;
    CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
    n->ints.bias[0] = -32767;
    CU_ASSERT(tsr_vqvae_model_save(&m, NULL, 0) > 0);
    n->ints.fraction = TSR_VQVAE_MAX_FRACTION + 1;
    CU_ASSERT(!tsr_vqvae_ints_sound(n));
    n->ints.fraction = 0;
    m.has_encoder = 1; /* an encoder of integers is not a thing */
    m.encoder = m.decoder;
    CU_ASSERT_EQUAL(tsr_vqvae_model_save(&m, NULL, 0), 0);
    free(n->ints.bias);
}

static void test_scale(void) {
    const tsr_vqvae_model m = {.step_min = 4, .step_max = 160};
    double worst = 0;
    for (float s = 4; s <= 160; s *= 1.003f) {
        tsr_vqvae_scale c = tsr_vqvae_scale_of(&m, s);
        worst = fmax(worst, fabs((double)c.l - log2((double)s / 32)));
        CU_ASSERT_EQUAL(c.amount, s);
        CU_ASSERT_EQUAL(c.inverse, 1.0f / s);
    }
    CU_ASSERT(worst < 5e-7);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 64).l, 1.0f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 1000).l, tsr_vqvae_scale_of(&m, 160).l);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 1000).amount, 1000.0f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 3).l, -3.0f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 3).inverse, 0.25f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 3).amount, 1.5f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 2).amount, 0.0f);
    CU_ASSERT_EQUAL(tsr_vqvae_scale_of(&m, 0).amount, 0.0f);
}

TSR_TEST_MAIN("vqvae model", {"layers, parameters and multiply-adds", test_counts},
              {"declarations beyond the limits are not legal", test_limits},
              {"what is loaded is what was saved", test_round_trip},
              {"numbers that no decoder could use are not saved", test_not_saved},
              {"integers are saved as they are", test_integers},
              {"integers beyond the limits are not", test_unsound},
              {"cut and damaged bytes are refused or harmless", test_hostile},
              {"the scale follows the step", test_scale})
