/* test_layout.c - every promise about bands that a transform may break is caught, and named. */
#include <math.h>
#include <string.h>

#include "codec_test.h"
#include "fake_transform.h"
#include "layout.h"
#include "tsr_test.h"

enum { W = 20, H = 13, MAX = 8 };
#define NO TSR_NO_BAND

/* What the fake transform says; set by each test. */
static tsr_band bands[MAX];
static uint32_t n_bands;
static int unstable;

static uint32_t told_layout(const void *st, tsr_band *out, uint32_t cap) {
    for (uint32_t i = 0; i < n_bands && i < cap && i < MAX; i++) out[i] = bands[i];
    return n_bands + (unstable && cap ? 1 : 0);
}

static tsr_band band(uint32_t w, uint32_t h, uint8_t orient, uint16_t layer) {
    return (tsr_band){
        .w = w, .h = h, .orient = orient, .layer = layer, .gain = 1, .ref = {NO, NO, NO, NO, NO}};
}

/* Low band and three details of one level, of which every test breaks something. */
static void sound_layout(void) {
    unstable = 0;
    n_bands = 4;
    bands[0] = band(10, 7, TSR_ORIENT_LOW, 0);
    bands[1] = band(10, 7, TSR_ORIENT_H, 1);
    bands[2] = band(10, 6, TSR_ORIENT_V, 1);
    bands[3] = band(10, 6, TSR_ORIENT_D, 1);
    bands[3].ref[TSR_REF_SISTER_A] = 1;
}

static tsr_status build(tsr_layout *l, uint32_t lossless, codec_test_job *t) {
    tsr_transform told = fake_transform("told", 70000);
    tsr_geometry g = {
        .struct_size = sizeof g, .width = W, .height = H, .planes = 1, .lossless = lossless};
    told.layout = told_layout;
    return tsr_layout_build(l, &told, NULL, &g, &t->job);
}

/* Builds the layout as it is now; true when it is refused with this text for this band. */
static int refused(uint32_t b, const char *what) {
    char expected[160];
    tsr_layout l;
    codec_test_job t;
    codec_test_job_open(&t, 1, 0);
    snprintf(expected, sizeof expected, "transform 'told', band %u: %s", b, what);
    int ok = build(&l, 0, &t) == TSR_ERR_ABI && !strcmp(t.diag.text, expected);
    if (!ok) printf("expected \"%s\", got \"%s\"\n", expected, t.diag.text);
    codec_test_job_close(&t);
    return ok;
}

static void check_sound(uint32_t lossless, uint64_t total) {
    tsr_layout l = {0};
    codec_test_job t;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL(build(&l, lossless, &t), TSR_OK);
    CU_ASSERT_EQUAL(l.total, total);
    CU_ASSERT_EQUAL(l.n, n_bands);
    CU_ASSERT_EQUAL(l.layers, bands[n_bands - 1].layer + 1u);
    codec_test_job_close(&t);
}

static void test_sound(void) {
    sound_layout();
    check_sound(0, 70 + 70 + 60 + 60);
    for (int i = 0; i < 4; i++) bands[i].domain = TSR_DOMAIN_INT;
    check_sound(1, 260);
    bands[2].w = 0; /* empty bands are allowed */
    bands[3].h = 0;
    bands[3].ref[TSR_REF_SISTER_A] = NO;
    check_sound(0, 140);
    bands[1].domain = TSR_DOMAIN_INDEX;
    bands[1].alphabet = 65536;
    check_sound(1, 140);
}

static void test_counts(void) {
    sound_layout();
    n_bands = 0;
    CU_ASSERT(refused(0, "the number of bands is not in 1..16384"));
    n_bands = TSR_MAX_BANDS + 1;
    CU_ASSERT(refused(0, "the number of bands is not in 1..16384"));
    sound_layout();
    unstable = 1;
    CU_ASSERT(refused(0, "the number of bands is not stable"));
}

static void test_fields(void) {
    sound_layout();
    bands[2].plane = 1;
    CU_ASSERT(refused(2, "the plane does not exist"));
    sound_layout();
    bands[1].orient = 4;
    CU_ASSERT(refused(1, "unknown orientation"));
    sound_layout();
    bands[1].domain = 3;
    CU_ASSERT(refused(1, "unknown domain"));
    static const uint32_t alphabets[] = {0, 1, 65537, UINT32_MAX};
    for (int i = 0; i < 4; i++) {
        sound_layout();
        bands[1].domain = TSR_DOMAIN_INDEX;
        bands[1].alphabet = alphabets[i];
        CU_ASSERT(refused(1, "alphabet not in 2..65536"));
    }
    static const float gains[] = {0, -1, INFINITY, NAN, 2e12f};
    for (int i = 0; i < 5; i++) {
        sound_layout();
        bands[3].gain = gains[i];
        CU_ASSERT(refused(3, "gain is not positive and finite"));
    }
}

static void test_real_in_lossless(void) {
    tsr_layout l;
    codec_test_job t;
    sound_layout();
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL(build(&l, 1, &t), TSR_ERR_ABI);
    CU_ASSERT_STRING_EQUAL(t.diag.text, "transform 'told', band 0: a real band in lossless mode");
    codec_test_job_close(&t);
}

static void test_layers(void) {
    const char *text = "layers must start at 0 and grow by at most 1";
    sound_layout();
    bands[0].layer = 1;
    CU_ASSERT(refused(0, text));
    sound_layout();
    bands[1].layer = 2;
    CU_ASSERT(refused(1, text));
    sound_layout();
    bands[3].layer = 0;
    CU_ASSERT(refused(3, text));
}

static void test_references(void) {
    sound_layout();
    bands[2].ref[TSR_REF_SISTER_A] = 2;
    CU_ASSERT(refused(2, "a reference to a band that is not earlier"));
    sound_layout();
    bands[0].ref[TSR_REF_PLANE_B] = 3;
    CU_ASSERT(refused(0, "a reference to a band that is not earlier"));
    sound_layout();
    bands[3].ref[TSR_REF_PARENT] = 100;
    CU_ASSERT(refused(3, "a reference to a band that is not earlier"));
}

/* Is band 1 of w x h accepted with band 0 of rw x rh in this role? */
static int fits(int role, uint32_t w, uint32_t h, uint32_t rw, uint32_t rh) {
    tsr_layout l;
    codec_test_job t;
    n_bands = 2;
    unstable = 0;
    bands[0] = band(rw, rh, TSR_ORIENT_D, 0);
    bands[1] = band(w, h, TSR_ORIENT_D, 0);
    bands[1].ref[role] = 0;
    codec_test_job_open(&t, 1, 0);
    tsr_status s = build(&l, 0, &t);
    if (s) CU_ASSERT_PTR_NOT_NULL(strstr(t.diag.text, "a reference to a band of unfitting size"));
    codec_test_job_close(&t);
    return s == TSR_OK;
}

static void test_reference_sizes(void) {
    for (int role = 0; role < TSR_REFS; role++) {
        int half = role <= TSR_REF_SISTER_B;
        CU_ASSERT(fits(role, 10, 7, 10, 7));
        CU_ASSERT(fits(role, 10, 7, 9, 8));
        CU_ASSERT_FALSE(fits(role, 10, 7, 8, 7));
        CU_ASSERT_FALSE(fits(role, 10, 7, 12, 7));
        CU_ASSERT_FALSE(fits(role, 10, 7, 20, 14));
        CU_ASSERT_EQUAL(fits(role, 10, 7, 5, 3), half);
        CU_ASSERT_EQUAL(fits(role, 10, 7, 5, 4), half);
        CU_ASSERT_EQUAL(fits(role, 10, 7, 6, 4), half);
        CU_ASSERT_FALSE(fits(role, 10, 7, 4, 4));
        CU_ASSERT_FALSE(fits(role, 10, 7, 3, 2));
    }
}

static void test_sizes(void) {
    sound_layout();
    bands[2].w = 65536;
    bands[2].h = 65536;
    CU_ASSERT(refused(2, "more than 2^31 coefficients"));
    sound_layout();
    bands[2].w = 65536;
    bands[2].h = 2;
    CU_ASSERT(refused(2, "far more coefficients than samples"));
}

/* Symbols and coefficients of a sound layout: disjoint, zero, aligned. */
static void test_allocation(void) {
    tsr_layout l;
    tsr_symbols s;
    tsr_coeffs c;
    codec_test_job t;
    sound_layout();
    bands[2].w = 0;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(build(&l, 0, &t), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(&s, &l, &t.job), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_coeffs_alloc(&c, &l, &s, &t.job), TSR_OK);
    for (uint32_t b = 0; b < l.n; b++) {
        CU_ASSERT_EQUAL((uintptr_t)c.data[b].f % 64, 0);
        for (size_t i = 0; i < tsr_band_size(&l.band[b]); i++) {
            CU_ASSERT(s.data[b][i] == 0 && c.data[b].f[i] == 0);
            s.data[b][i] = (int32_t)b + 1;
        }
    }
    for (uint32_t b = 0; b < l.n; b++)
        for (size_t i = 0; i < tsr_band_size(&l.band[b]); i++)
            CU_ASSERT_EQUAL(s.data[b][i], (int32_t)b + 1);
    codec_test_job_close(&t);
}

TSR_TEST_MAIN("layout", {"sound layouts", test_sound}, {"number of bands", test_counts},
              {"fields", test_fields}, {"real bands in lossless mode", test_real_in_lossless},
              {"layers", test_layers}, {"references", test_references},
              {"sizes of references", test_reference_sizes}, {"sizes", test_sizes},
              {"allocation", test_allocation})
