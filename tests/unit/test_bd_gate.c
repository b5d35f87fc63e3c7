/* test_bd_gate.c - the regression gate finds what is worse, names it, and nothing else. */
#include <math.h>
#include <string.h>

#include "lab/bd_gate.h"
#include "tsr_test.h"

/* Two codecs, three pictures, five settings; codec b on picture p1 needs `factor` times the bits,
 * its quality at s4 is `loss` dB lower, and its row at setting `lost` on p2 has failed. */
static void make_rows(tsr_lab *lab, double factor, double loss, int lost) {
    static const char *const codecs[] = {"a", "b"}, *const images[] = {"p0", "p1", "p2"};
    static const char *const settings[] = {"s0", "s1", "s2", "s3", "s4"};
    tsr_diag d;
    tsr_diag_init(&d);
    *lab = (tsr_lab){0};
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 5; k++) {
                tsr_lab_row r = {.codec = codecs[c],
                                 .setting = settings[k],
                                 .image = images[i],
                                 .status = "ok",
                                 .message = "",
                                 .scale = 1,
                                 .pixels = 1000,
                                 .max_error = NAN,
                                 .enc_s = NAN,
                                 .dec_s = NAN};
                for (int m = 0; m < TSR_LAB_METRICS; m++) r.metric[m] = NAN;
                r.bpp = 0.1 * (1 + i) * (1 << k) * (c && i == 1 ? factor : 1);
                r.bytes = r.bpp * 125;
                r.metric[TSR_LAB_PSNR_RGB] = 28 + 3 * k + i - (c && k == 4 ? loss : 0);
                if (c && i == 2 && k == lost) r.status = "internal", r.bpp = NAN;
                CU_ASSERT_EQUAL_FATAL(tsr_lab_add(lab, &r, &d), TSR_OK);
            }
    CU_ASSERT_EQUAL_FATAL(tsr_lab_finish(lab, NULL, 0, &d), TSR_OK);
}

static void run_gate(tsr_lab *now, tsr_lab *base, double bd, double psnr, tsr_gate *g) {
    tsr_diag d;
    tsr_diag_init(&d);
    const tsr_gate_limits limits = {bd, psnr};
    CU_ASSERT_EQUAL_FATAL(tsr_gate_make(now, base, TSR_LAB_PSNR_RGB, &limits, g, &d), TSR_OK);
}

static void test_same(void) {
    tsr_lab now, base;
    tsr_gate g;
    make_rows(&now, 1, 0, -1);
    make_rows(&base, 1, 0, -1);
    run_gate(&now, &base, 0, 0, &g);
    CU_ASSERT_EQUAL(g.n_failed, 0);
    CU_ASSERT_EQUAL(g.n_codecs, 2);
    CU_ASSERT_EQUAL(g.n_images, 6);
    tsr_lab_free(&now);
    tsr_lab_free(&base);
}

static void test_worse(void) {
    tsr_lab now, base;
    tsr_gate g;
    make_rows(&now, 1.012, 0, -1);
    make_rows(&base, 1, 0, -1);
    run_gate(&now, &base, 0.5, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 1); /* the picture; the mean is +0.4 % */
    for (size_t i = 0; i < g.n; i++) {
        if (!g.finds[i].fails) continue;
        CU_ASSERT_STRING_EQUAL(g.finds[i].codec, "b");
        CU_ASSERT_STRING_EQUAL(g.finds[i].image, "p1");
        CU_ASSERT_DOUBLE_EQUAL(g.finds[i].amount, 1.2, 1e-6);
        CU_ASSERT_STRING_EQUAL(tsr_gate_text(&now.pool, &g, &g.finds[i]),
                               "b, p1: BD-rate +1.20 % (limit 0.50 %)");
    }
    run_gate(&now, &base, 0.3, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 2); /* and the mean */
    run_gate(&now, &base, 1.3, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 0);
    run_gate(&base, &now, 0, NAN, &g); /* the other way round it is better */
    CU_ASSERT_EQUAL(g.n_failed, 0);
    tsr_lab_free(&now);
    tsr_lab_free(&base);
}

static void test_quality(void) {
    tsr_lab now, base;
    tsr_gate g;
    make_rows(&now, 1, 0.02, -1);
    make_rows(&base, 1, 0, -1);
    run_gate(&now, &base, 50, 0.01, &g);
    CU_ASSERT_EQUAL(g.n_failed, 3);
    CU_ASSERT_EQUAL(g.finds[g.n - 1].kind, TSR_GATE_PSNR);
    CU_ASSERT_STRING_EQUAL(g.finds[g.n - 1].setting, "s4");
    CU_ASSERT_DOUBLE_EQUAL(g.finds[g.n - 1].amount, 0.02, 1e-9);
    run_gate(&now, &base, 50, 0.03, &g);
    CU_ASSERT_EQUAL(g.n_failed, 0);
    tsr_lab_free(&now);
    tsr_lab_free(&base);
}

static void test_lost(void) {
    tsr_lab now, base;
    tsr_gate g;
    make_rows(&now, 1, 0, 2);
    make_rows(&base, 1, 0, -1);
    run_gate(&now, &base, 5, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 1);
    CU_ASSERT_EQUAL(g.finds[g.n - 1].kind, TSR_GATE_LOST);
    CU_ASSERT_STRING_EQUAL(g.finds[g.n - 1].image, "p2");
    run_gate(&base, &now, 5, NAN, &g); /* a row that has come is no loss */
    CU_ASSERT_EQUAL(g.n_failed, 0);
    tsr_lab_free(&now);
    tsr_lab_free(&base);
}

/* Lossless rows have no curve: their bytes are compared. */
static void test_bytes(void) {
    tsr_lab labs[2];
    memset(labs, 0, sizeof labs);
    tsr_gate g;
    tsr_diag d;
    tsr_diag_init(&d);
    for (int k = 0; k < 2; k++) {
        tsr_lab_row r = {.codec = "a",
                         .setting = "lossless",
                         .image = "p0",
                         .status = "ok",
                         .message = "",
                         .scale = 1,
                         .pixels = 1000,
                         .bytes = 1000 + 20 * k};
        r.bpp = r.bytes * 8 / r.pixels;
        for (int m = 0; m < TSR_LAB_METRICS; m++) r.metric[m] = NAN;
        CU_ASSERT_EQUAL_FATAL(tsr_lab_add(&labs[k], &r, &d), TSR_OK);
        CU_ASSERT_EQUAL_FATAL(tsr_lab_finish(&labs[k], NULL, 0, &d), TSR_OK);
    }
    run_gate(&labs[1], &labs[0], 0.5, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 2); /* the picture and the mean */
    CU_ASSERT_DOUBLE_EQUAL(g.finds[0].amount, 2, 1e-9);
    run_gate(&labs[0], &labs[1], 0.5, NAN, &g);
    CU_ASSERT_EQUAL(g.n_failed, 0);
    tsr_lab_free(&labs[0]);
    tsr_lab_free(&labs[1]);
}

TSR_TEST_MAIN("bd_gate", {"equal rows pass with any limit", test_same},
              {"a seeded loss of 1.2 % is found and named", test_worse},
              {"lower quality", test_quality}, {"a lost row", test_lost},
              {"lossless rows by their bytes", test_bytes})
