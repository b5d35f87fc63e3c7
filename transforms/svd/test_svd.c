/* test_svd.c - the transform as a whole: both modes, the data basis, and its side information. */
#include <math.h>

#include "../../tests/unit/tsr_test.h"
#include "../common/lapack_eig.h"
#include "svd_test.h"
#define BENCH_STATE svd
#include "../common/test_bench.h"

extern const tsr_transform tsr_transform_svd;

enum { P_MODE, P_BLOCK, P_OVERLAP, P_RANK, P_PRECISION, P_TERMS, N_PARAMS };

/* ---- one instance with its planes and bands ---- */

static void default_values(tsr_value *v) {
    for (uint32_t i = 0; i < N_PARAMS; i++) v[i].i = (int64_t)tsr_transform_svd.h.params[i].def;
    if (!tsr_lapack_available()) v[P_RANK].i = 0;
}

static const tsr_goal goal = {.struct_size = sizeof goal, .effort = 5, .step = 8, .lambda = 6};

/* A smooth picture with noise. */
static void fill_photo(bench *b) {
    uint32_t seed = 5;
    for (uint32_t p = 0; p < b->in.n; p++)
        for (uint32_t y = 0; y < b->g.height; y++)
            for (uint32_t x = 0; x < b->g.width; x++)
                b->in.p[p].s.f[(size_t)y * b->g.width + x] =
                    60.0f * (float)sin(0.11 * x + p) * (float)cos(0.07 * y) +
                    (float)(next_random(&seed) % 16) - 8.0f;
}

/* Slanted waves: neighbouring components of a block are strongly correlated. */
static void fill_texture(bench *b) {
    uint32_t seed = 9;
    for (uint32_t p = 0; p < b->in.n; p++)
        for (uint32_t y = 0; y < b->g.height; y++)
            for (uint32_t x = 0; x < b->g.width; x++)
                b->in.p[p].s.f[(size_t)y * b->g.width + x] =
                    50.0f * (float)sin(0.7 * x + 0.45 * y) / (1.0f + (float)p) +
                    (float)(next_random(&seed) % 8) - 4.0f;
}

static tsr_status analyse(bench *b) {
    tsr_status s = tsr_transform_svd.analysis(&b->st, &b->in, &goal, &b->coeffs, &b->host.env);
    test_host_free(&b->host, b->own);
    return s;
}

static tsr_status synthesise(bench *b) {
    tsr_status s = tsr_transform_svd.synthesis(&b->st, &b->coeffs, &b->out, &b->host.env);
    test_host_free(&b->host, b->own);
    return s;
}

static double worst_error(const bench *b) {
    double worst = 0;
    for (uint32_t p = 0; p < b->in.n; p++)
        for (size_t i = 0; i < (size_t)b->g.width * b->g.height; i++)
            worst = fmax(worst, fabs((double)b->in.p[p].s.f[i] - b->out.p[p].s.f[i]));
    return worst;
}

/* ---- block mode ---- */

static const struct {
    uint32_t w, h, planes;
} sizes[] = {{1, 1, 1},   {1, 9, 3},   {7, 1, 4},   {8, 8, 1},  {9, 33, 2},
             {31, 17, 3}, {64, 40, 3}, {65, 41, 4}, {3, 100, 1}};

static void check_round_trip(const tsr_value *v, uint32_t w, uint32_t h, uint32_t planes) {
    bench b;
    bench_open(&b, &tsr_transform_svd, v, w, h, planes, 3);
    fill_photo(&b);
    CU_ASSERT_EQUAL(analyse(&b), TSR_OK);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
    CU_ASSERT(worst_error(&b) < 2e-3);
    bench_close(&b);
}

static void test_round_trip(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    for (v[P_BLOCK].i = 0; v[P_BLOCK].i < 3; v[P_BLOCK].i++)
        for (v[P_OVERLAP].i = 0; v[P_OVERLAP].i < 2; v[P_OVERLAP].i++)
            for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
                check_round_trip(v, sizes[i].w, sizes[i].h, sizes[i].planes);
}

static void test_layout(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 70, 30, 4, 3);
    CU_ASSERT_EQUAL(b.coeffs.n, 4 * (63 + 16));
    for (uint32_t i = 0; i < b.coeffs.n; i++) {
        const tsr_band *band = &b.band[i];
        CU_ASSERT(i == 0 || band->layer >= band[-1].layer);
        for (int r = 0; r < TSR_REFS; r++) {
            if (band->ref[r] == TSR_NO_BAND) continue;
            CU_ASSERT_FATAL(band->ref[r] < i);
            CU_ASSERT_EQUAL(b.band[band->ref[r]].w, band->w);
            CU_ASSERT_EQUAL(b.band[band->ref[r]].h, band->h);
        }
    }
    for (uint32_t p = 0; p < 4; p++) CU_ASSERT_EQUAL(b.band[p].orient, TSR_ORIENT_LOW);
    bench_close(&b);
}

/* Without overlap everything is orthonormal: the energy stays. */
static void test_energy(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    v[P_OVERLAP].i = 0;
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 64, 96, 3, 3);
    fill_texture(&b);
    CU_ASSERT_EQUAL(analyse(&b), TSR_OK);
    double in = 0, out = 0;
    for (uint32_t p = 0; p < 3; p++)
        for (size_t i = 0; i < 64 * 96; i++) in += pow(b.in.p[p].s.f[i], 2);
    for (uint32_t i = 0; i < b.coeffs.n; i++)
        for (size_t k = 0; k < (size_t)b.band[i].w * b.band[i].h; k++)
            out += pow(b.data[i].f[k], 2);
    CU_ASSERT(fabs(out / in - 1.0) < 1e-5);
    bench_close(&b);
}

/* Coefficients with an absolute value of more than half a step. */
static uint32_t significant(const bench *b) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->coeffs.n; i++)
        for (size_t k = 0; k < (size_t)b->band[i].w * b->band[i].h; k++)
            n += fabsf(b->data[i].f[k]) > goal.step / 2;
    return n;
}

static uint32_t significant_with(int64_t rank, int64_t precision, size_t *side) {
    tsr_value v[N_PARAMS];
    default_values(v);
    v[P_RANK].i = rank;
    v[P_PRECISION].i = precision;
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 256, 256, 2, 3);
    fill_texture(&b);
    CU_ASSERT_EQUAL(analyse(&b), TSR_OK);
    uint32_t basis = 0;
    for (uint32_t i = 0; i < b.st.n_groups; i++) {
        if (precision) CU_ASSERT_EQUAL(b.st.group[i].coarse, precision - 1);
        basis += b.st.group[i].n;
    }
    CU_ASSERT(rank || !basis);
    *side = tsr_transform_svd.side_save(&b.st, NULL, 0);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
    CU_ASSERT(worst_error(&b) < 2e-3);
    uint32_t n = significant(&b);
    bench_close(&b);
    return n;
}

/* Rank 0 is the fixed basis and costs nothing; the texture's own basis needs fewer coefficients. */
static void test_data_basis(void) {
    size_t side;
    uint32_t fixed = significant_with(0, 0, &side);
    CU_ASSERT_EQUAL(side, 0);
    if (!tsr_lapack_available()) return;
    for (int64_t precision = 0; precision < 4; precision++) {
        CU_ASSERT(significant_with(256, precision, &side) < fixed * 7 / 8);
        CU_ASSERT(side > 0 && side < 512);
    }
    CU_ASSERT(significant_with(2, 0, &side) <= fixed);
}

static void test_no_lapack(void) {
    if (tsr_lapack_available()) return;
    tsr_value v[N_PARAMS];
    default_values(v);
    v[P_RANK].i = 8;
    for (v[P_MODE].i = 0; v[P_MODE].i < 2; v[P_MODE].i++) {
        bench b;
        bench_open(&b, &tsr_transform_svd, v, 40, 40, 1, 3);
        fill_photo(&b);
        CU_ASSERT_EQUAL(analyse(&b), TSR_ERR_UNSUPPORTED);
        CU_ASSERT_PTR_NOT_NULL(strstr(b.host.text, "no LAPACKE"));
        bench_close(&b);
    }
}

static void test_lossless_refused(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    test_host host;
    test_host_init(&host, 1);
    svd st = {.n_groups = 0};
    tsr_geometry g = {sizeof g, 8, 8, 1, 1};
    CU_ASSERT_EQUAL(tsr_transform_svd.configure(&st, v, &g, &host.env), TSR_ERR_UNSUPPORTED);
    test_host_free(&host, 0);
}

/* ---- side information ---- */

static void random_basis(svd *st, uint32_t groups, uint32_t seed) {
    st->n_groups = groups;
    for (uint32_t i = 0; i < groups; i++)
        st->group[i] = random_group(&seed, st->g.planes * SVD_CANDIDATES);
}

static int same_group(const svd_group *a, const svd_group *b) {
    return a->n == b->n && a->coarse == b->coarse && !memcmp(a->comp, b->comp, a->n) &&
           !memcmp(a->angle, b->angle, a->n * (a->n - 1u) / 2);
}

static void check_side(bench *b) {
    uint8_t data[16384], again[16384];
    size_t size = tsr_transform_svd.side_save(&b->st, data, sizeof data);
    CU_ASSERT_FATAL(size <= sizeof data);
    svd loaded = b->st;
    CU_ASSERT_EQUAL(tsr_transform_svd.side_load(&loaded, data, size, &b->host.env), TSR_OK);
    CU_ASSERT_EQUAL(loaded.n_groups, b->st.n_groups);
    for (uint32_t i = 0; i < loaded.n_groups; i++)
        CU_ASSERT(same_group(&loaded.group[i], &b->st.group[i]));
    CU_ASSERT_EQUAL(tsr_transform_svd.side_save(&loaded, again, sizeof again), size);
    CU_ASSERT_EQUAL(memcmp(data, again, size), 0);
}

static void test_side(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    for (uint32_t planes = 1; planes <= 4; planes++) {
        bench b;
        bench_open(&b, &tsr_transform_svd, v, 40, 40, planes, 3);
        for (uint32_t n = 0; n <= SVD_MAX_GROUPS; n += 1 + n) {
            random_basis(&b.st, n, n + planes);
            check_side(&b);
        }
        bench_close(&b);
    }
}

static int basis_is_sound(const svd *st) {
    if (st->n_groups > SVD_MAX_GROUPS) return 0;
    for (uint32_t i = 0; i < st->n_groups; i++) {
        const svd_group *g = &st->group[i];
        if (g->n < 2 || g->n > SVD_GROUP) return 0;
        for (unsigned k = 0; k < g->n; k++)
            if (g->comp[k] >= st->g.planes * SVD_CANDIDATES || g->comp[k] % SVD_CANDIDATES == 0 ||
                (k && g->comp[k] <= g->comp[k - 1]))
                return 0;
        for (unsigned a = 0; a < g->n * (g->n - 1u) / 2; a++)
            if (g->angle[a] > SVD_RIGHT_ANGLE || g->angle[a] < -SVD_RIGHT_ANGLE) return 0;
    }
    return 1;
}

/* Whatever the bytes: an error that leaves no basis, or a basis that decodes. */
static void load_hostile(bench *b, const uint8_t *data, size_t size) {
    tsr_status s = tsr_transform_svd.side_load(&b->st, data, size, &b->host.env);
    CU_ASSERT(s == TSR_OK || s == TSR_ERR_FORMAT);
    CU_ASSERT(basis_is_sound(&b->st));
    if (s) CU_ASSERT_EQUAL(b->st.n_groups, 0);
    if (s) CU_ASSERT_EQUAL(b->st.kept[0], 0);
    if (!s) CU_ASSERT_EQUAL(synthesise(b), TSR_OK);
}

static void hostile(bench *b, const uint8_t *good, size_t size) {
    uint8_t data[4096];
    uint32_t seed = 1;
    for (size_t cut = 0; cut < size; cut++) load_hostile(b, good, cut);
    for (int i = 0; i < 300; i++) {
        memcpy(data, good, size);
        data[next_random(&seed) % size] = (uint8_t)next_random(&seed);
        load_hostile(b, data, size);
        size_t n = next_random(&seed) % 64;
        for (size_t k = 0; k < n; k++) data[k] = (uint8_t)next_random(&seed);
        load_hostile(b, data, n);
    }
    memset(data, 0xff, sizeof data);
    load_hostile(b, data, sizeof data);
    memcpy(data, good, size);
    data[size] = 1;
    CU_ASSERT_EQUAL(tsr_transform_svd.side_load(&b->st, data, size + 1, &b->host.env),
                    TSR_ERR_FORMAT);
}

static void test_hostile_side(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    uint8_t data[2048];
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 24, 16, 3, 3);
    random_basis(&b.st, 12, 77);
    size_t size = tsr_transform_svd.side_save(&b.st, data, sizeof data);
    CU_ASSERT_FATAL(size > 0 && size <= sizeof data);
    hostile(&b, data, size);
    bench_close(&b);
}

/* ---- plane mode ---- */

/* Three products and nothing else: three terms bring it back. */
static void fill_low_rank(bench *b) {
    for (uint32_t p = 0; p < b->in.n; p++)
        for (uint32_t y = 0; y < b->g.height; y++)
            for (uint32_t x = 0; x < b->g.width; x++)
                b->in.p[p].s.f[(size_t)y * b->g.width + x] =
                    (float)(40 * sin(0.1 * x) * cos(0.2 * y + p) + 30 * sin(0.05 * y) +
                            20 * cos(0.3 * x + 1) * sin(0.4 * y));
}

static void check_plane(uint32_t w, uint32_t h, uint32_t planes, int64_t terms) {
    tsr_value v[N_PARAMS];
    default_values(v);
    v[P_MODE].i = 1;
    v[P_TERMS].i = terms;
    bench b;
    bench_open(&b, &tsr_transform_svd, v, w, h, planes, 3);
    fill_low_rank(&b);
    CU_ASSERT_EQUAL(analyse(&b), TSR_OK);
    uint8_t side[4096];
    size_t size = tsr_transform_svd.side_save(&b.st, side, sizeof side);
    CU_ASSERT(size <= sizeof side);
    for (uint32_t p = 0; p < planes; p++) {
        CU_ASSERT(b.st.kept[p] <= 3 && b.st.kept[p] >= (w > 1 && h > 1));
        b.st.kept[p] = 0;
    }
    CU_ASSERT_EQUAL(tsr_transform_svd.side_load(&b.st, side, size, &b.host.env), TSR_OK);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
    if (w > 1 && h > 1 && terms > 2) CU_ASSERT(worst_error(&b) < 0.02);
    if (size) hostile(&b, side, size);
    bench_close(&b);
}

static void test_plane(void) {
    if (!tsr_lapack_available()) return;
    check_plane(60, 44, 3, 96);
    check_plane(44, 61, 1, 20);
    check_plane(33, 7, 2, 3);
    check_plane(5, 90, 4, 1);
    check_plane(1, 1, 1, 256);
}

/* The decoder of plane mode needs no LAPACKE: side information written by hand. */
static void test_plane_decode(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    v[P_MODE].i = 1;
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 6, 4, 1, 3);
    b.st.kept[0] = 1;
    b.st.scale[0][0] = 256 + 3 * 16; /* 8 */
    uint8_t side[64];
    size_t size = tsr_transform_svd.side_save(&b.st, side, sizeof side);
    b.st.kept[0] = b.st.scale[0][0] = 0;
    CU_ASSERT_EQUAL(tsr_transform_svd.side_load(&b.st, side, size, &b.host.env), TSR_OK);
    for (uint32_t i = 0; i < 4; i++) b.data[0].f[i] = (float)(i + 1);
    for (uint32_t i = 0; i < 6; i++) b.data[1].f[i] = (float)(2 * i);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_OK);
    for (uint32_t y = 0; y < 4; y++)
        for (uint32_t x = 0; x < 6; x++)
            CU_ASSERT_EQUAL(b.out.p[0].s.f[y * 6 + x], (float)((y + 1) * 2 * x) / 8.0f);
    bench_close(&b);
}

/* ---- the host ---- */

static void test_out_of_memory(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    for (v[P_MODE].i = 0; v[P_MODE].i < (tsr_lapack_available() ? 2 : 1); v[P_MODE].i++) {
        tsr_status s = TSR_ERR_MEMORY;
        for (uint32_t n = 0; n < 32 && s; n++) {
            bench b;
            bench_open(&b, &tsr_transform_svd, v, 48, 48, 2, 3);
            fill_texture(&b);
            b.host.fail_at = b.own + n;
            s = analyse(&b);
            CU_ASSERT(s == TSR_OK || s == TSR_ERR_MEMORY);
            bench_close(&b);
        }
        CU_ASSERT_EQUAL(s, TSR_OK);
    }
}

static void test_cancel(void) {
    tsr_value v[N_PARAMS];
    default_values(v);
    bench b;
    bench_open(&b, &tsr_transform_svd, v, 48, 48, 2, 3);
    b.host.cancel = 1;
    CU_ASSERT_EQUAL(analyse(&b), TSR_ERR_CANCELLED);
    CU_ASSERT_EQUAL(synthesise(&b), TSR_ERR_CANCELLED);
    bench_close(&b);
}

TSR_TEST_MAIN("svd", {"analysis and synthesis invert", test_round_trip},
              {"bands refer to earlier ones of their size", test_layout},
              {"energy is kept without overlap", test_energy},
              {"a texture's own basis pays", test_data_basis},
              {"without LAPACKE encoding says so", test_no_lapack},
              {"lossless is refused", test_lossless_refused},
              {"side information round trip", test_side},
              {"hostile side information", test_hostile_side}, {"plane mode", test_plane},
              {"plane mode decodes on its own", test_plane_decode},
              {"refused allocations", test_out_of_memory}, {"cancel", test_cancel})
