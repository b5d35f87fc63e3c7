/* test_coef_span.c - features of neighbourhoods: every instruction set finds what is written down
 * here coefficient by coefficient. */
#include <stdlib.h>
#include <string.h>

#include "codec_test.h"
#include "coef_context.h"
#include "coef_weights.h"
#include "tsr_test.h"

enum { BANDS = 6, WIDTH = 45, HEIGHT = 9, COLUMNS = 48, KERNELS = 3 };

/* A band with all kinds of references: bands 0 and 1 are of half size. */
static const tsr_band bands[BANDS] = {
    {.w = (WIDTH + 1) / 2, .h = (HEIGHT + 1) / 2, .level = 2, .orient = 1},
    {.w = (WIDTH + 1) / 2, .h = (HEIGHT + 1) / 2, .level = 2, .orient = 2},
    {.w = WIDTH, .h = HEIGHT, .level = 1, .orient = 1},
    {.w = WIDTH, .h = HEIGHT, .level = 1, .orient = 2},
    {.w = WIDTH, .h = HEIGHT, .level = 1, .orient = 1, .plane = 1},
    {.w = WIDTH, .h = HEIGHT, .level = 1, .orient = 2, .plane = 2, .ref = {0, 4, 1, 2, 3}},
};

enum { LAST = BANDS - 1 };

typedef struct scene {
    tsr_layout layout;
    tsr_band band[BANDS];
    tsr_coef_context ctx;
} scene;

static void begin(scene *s, codec_test_job *t, uint32_t most, uint64_t seed) {
    memcpy(s->band, bands, sizeof bands);
    for (int b = 0; b < LAST; b++)
        for (int r = 0; r < TSR_REFS; r++) s->band[b].ref[r] = TSR_NO_BAND;
    s->layout = (tsr_layout){.n = BANDS, .band = s->band};
    CU_ASSERT_EQUAL_FATAL(tsr_coef_context_init(&s->ctx, &s->layout, NULL, &t->job), TSR_OK);
    for (uint32_t b = 0; b < BANDS; b++)
        for (uint32_t y = 0; y < s->band[b].h; y++)
            for (uint32_t x = 0; x < s->band[b].w; x++)
                tsr_mag_row(&s->ctx, b, y)[x] = (uint16_t)test_random_below(&seed, most + 1);
    tsr_coef_context_band(&s->ctx, LAST);
}

static uint32_t mag(const scene *s, uint32_t b, int64_t y, int64_t x) {
    return s->ctx.mags[b].m[y * (int64_t)s->ctx.mags[b].stride + x];
}

static uint32_t sat(uint32_t v) {
    return v < TSR_MAG_MAX ? v : TSR_MAG_MAX;
}

typedef struct ref_features {
    uint32_t centre, near, cross, diag;
} ref_features;

static ref_features features_of(const scene *s, int role, int64_t y, int64_t x) {
    uint32_t b = s->band[LAST].ref[role];
    int half = s->band[b].w != WIDTH;
    int64_t v = half ? y / 2 : y, u = half ? x / 2 : x;
    uint32_t left = mag(s, b, v, u - 1), right = mag(s, b, v, u + 1), up = mag(s, b, v - 1, u),
             down = mag(s, b, v + 1, u);
    uint32_t near = half ? (x & 1 ? right : left) + (y & 1 ? down : up) : right + down;
    uint32_t diag = mag(s, b, v - 1, u - 1) + mag(s, b, v - 1, u + 1) + mag(s, b, v + 1, u - 1) +
                    mag(s, b, v + 1, u + 1);
    return (ref_features){mag(s, b, v, u), sat(near), sat(left + right + up + down), sat(diag)};
}

static uint32_t energy_of(const scene *s, const ref_features *f, int64_t y, int64_t x) {
    const uint8_t *w = s->ctx.weight;
    uint32_t e = w[TSR_F_CONST] + w[TSR_F_N] * mag(s, LAST, y - 1, x);
    e += w[TSR_F_NW] * mag(s, LAST, y - 1, x - 1) + w[TSR_F_NE] * mag(s, LAST, y - 1, x + 1);
    e += w[TSR_F_NN] * mag(s, LAST, y - 2, x);
    for (int i = -1; i < 2; i += 2) {
        e += w[TSR_F_NNX] * mag(s, LAST, y - 2, x + i) +
             w[TSR_F_NXX] * mag(s, LAST, y - 1, x + 2 * i);
        e += w[TSR_F_RING] * (mag(s, LAST, y - 2, x + 2 * i) + mag(s, LAST, y - 1, x + 3 * i));
    }
    e += w[TSR_F_PARENT] * f[TSR_REF_PARENT].centre + w[TSR_F_PARENT_NEAR] * f[TSR_REF_PARENT].near;
    e += w[TSR_F_PARENT_FAR] * f[TSR_REF_PARENT].diag;
    e += w[TSR_F_SISTER_A] * f[TSR_REF_SISTER_A].centre;
    e += w[TSR_F_SISTER_A_CROSS] * f[TSR_REF_SISTER_A].cross;
    e += w[TSR_F_SISTER_B] * f[TSR_REF_SISTER_B].centre;
    e += w[TSR_F_SISTER_B_CROSS] * f[TSR_REF_SISTER_B].cross;
    e += w[TSR_F_PLANE_A] * f[TSR_REF_PLANE_A].centre;
    e += w[TSR_F_PLANE_A_CROSS] * f[TSR_REF_PLANE_A].cross;
    e += w[TSR_F_PLANE_A_DIAG] * f[TSR_REF_PLANE_A].diag;
    e += w[TSR_F_PLANE_B] * f[TSR_REF_PLANE_B].centre;
    return e + w[TSR_F_PLANE_B_CROSS] * f[TSR_REF_PLANE_B].cross;
}

static void check_row(const scene *s, uint32_t y) {
    for (uint32_t x = 0; x < WIDTH; x++) {
        ref_features f[TSR_REFS];
        for (int role = 0; role < TSR_REFS; role++) {
            const tsr_ref_row *r = &s->ctx.ref[role];
            f[role] = features_of(s, role, y, x);
            CU_ASSERT(r->centre[x] == f[role].centre && r->near[x] == f[role].near);
            CU_ASSERT(r->cross[x] == f[role].cross && r->diag[x] == f[role].diag);
        }
        CU_ASSERT_EQUAL(s->ctx.base[x], energy_of(s, f, y, x));
    }
}

static void check_machine(uint32_t cpu, uint32_t most) {
    codec_test_job t;
    scene s;
    codec_test_job_open(&t, 1, cpu);
    begin(&s, &t, most, most);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        memset(s.ctx.base, 255, COLUMNS * sizeof *s.ctx.base);
        if (y & 1) {
            tsr_coef_context_row(&s.ctx, LAST, y);
        } else {
            for (uint32_t x = 0; x < WIDTH; x += TSR_BLOCK)
                s.ctx.span(&s.ctx, LAST, y, x, TSR_BLOCK);
        }
        check_row(&s, y);
    }
    codec_test_job_close(&t);
}

/* Whatever this machine has of them. */
static void test_instruction_sets(void) {
    static const uint32_t cpu[KERNELS] = {0, TSR_CPU_AVX2, UINT32_MAX};
    for (int i = 0; i < KERNELS; i++) {
        check_machine(cpu[i], 9);
        check_machine(cpu[i], TSR_MAG_MAX);
    }
}

TSR_TEST_MAIN("coef_span", {"instruction sets agree with plain sums", test_instruction_sets})
