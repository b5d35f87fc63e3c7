/* test_identity.c - the identity gives back what it got, in both modes. */
#include <string.h>

#include <tessera/plugin.h>

#include "tsr_test.h"

extern const tsr_transform tsr_transform_identity;

static void check_mode(uint32_t lossless) {
    enum { W = 7, H = 5, N = 3 };
    const tsr_transform *t = &tsr_transform_identity;
    int32_t in[N][W * H], mid[N][W * H], out[N][W * H];
    unsigned char state[256] = {0};
    tsr_geometry g = {sizeof g, W, H, N, lossless};
    tsr_env env = {.struct_size = sizeof env, .threads = 1};
    tsr_planes a = {.n = N}, b = {.n = N};
    tsr_band band[N];
    tsr_samples data[N];
    CU_ASSERT_FATAL(t->h.state_size <= sizeof state);
    for (uint32_t p = 0; p < N; p++) {
        for (int i = 0; i < W * H; i++) in[p][i] = (int32_t)(p * 1000) + i * 37 - 500;
        a.p[p] = (tsr_plane){W, H, {.i = in[p]}};
        b.p[p] = (tsr_plane){W, H, {.i = out[p]}};
        data[p].i = mid[p];
    }
    CU_ASSERT_EQUAL_FATAL(t->configure(state, NULL, &g, &env), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(t->layout(state, band, N), N);
    CU_ASSERT_EQUAL(band[2].domain, lossless ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL);
    CU_ASSERT_EQUAL(band[2].ref[TSR_REF_PLANE_A], 0);
    tsr_coeffs c = {N, band, data};
    tsr_goal goal = {sizeof goal, 5, 1, 1};
    CU_ASSERT_EQUAL(t->analysis(state, &a, &goal, &c, &env), TSR_OK);
    CU_ASSERT_EQUAL(t->synthesis(state, &c, &b, &env), TSR_OK);
    CU_ASSERT_EQUAL(memcmp(in, out, sizeof in), 0);
}

static void test_lossy(void) {
    check_mode(0);
}
static void test_lossless(void) {
    check_mode(1);
}

TSR_TEST_MAIN("identity", {"lossy planes survive", test_lossy},
              {"lossless planes survive", test_lossless})
