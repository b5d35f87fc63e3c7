/* test_parts.c - where bands are cut: parts cover every band once, and refer to themselves only. */
#include "band_scene.h"
#include "codec_test.h"
#include "parts.h"
#include "tsr_test.h"

static band_scene scene;

/* Rows of part k of b and of what it refers to are the same stretch of the picture. */
static void check_reference(const tsr_parts *p, uint32_t b, uint32_t r, uint32_t k) {
    const tsr_band *band = &scene.band[b], *ref = &scene.band[r];
    if (!tsr_parts_cut(p, r)) return;
    uint32_t half = (uint32_t)tsr_band_halves(band, ref);
    tsr_rows own = tsr_parts_rows(p, band, b, k), other = tsr_parts_rows(p, ref, r, k);
    CU_ASSERT_EQUAL(own.from >> half, other.from);
    if (k + 1 < p->n) CU_ASSERT_EQUAL((own.end - 1) >> half, other.end - 1);
}

static void check_band(const tsr_parts *p, uint32_t b) {
    const tsr_band *band = &scene.band[b];
    uint32_t at = 0;
    for (uint32_t k = 0; k < p->n; k++) {
        tsr_rows rows = tsr_parts_rows(p, band, b, k);
        if (!tsr_parts_cut(p, b)) {
            CU_ASSERT(rows.from == 0 && rows.end == band->h);
            continue;
        }
        CU_ASSERT_EQUAL(rows.from, at);
        CU_ASSERT_EQUAL(rows.from % 16, 0);
        CU_ASSERT(rows.end > rows.from);
        at = rows.end;
        for (int role = 0; role < TSR_REFS; role++)
            if (band->ref[role] != TSR_NO_BAND) check_reference(p, b, band->ref[role], k);
    }
    if (tsr_parts_cut(p, b)) CU_ASSERT_EQUAL(at, band->h);
}

static uint32_t check_scene(uint32_t wanted, uint32_t rows) {
    codec_test_job t;
    tsr_parts p;
    tsr_layout l = band_scene_layout(&scene);
    uint32_t cut = 0;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_parts_init(&p, &l, (tsr_parts_wish){wanted, rows}, &t.job), TSR_OK);
    CU_ASSERT(p.n >= 1 && p.n <= wanted);
    for (uint32_t b = 0; b < l.n; b++) {
        check_band(&p, b);
        cut += (uint32_t)tsr_parts_cut(&p, b);
    }
    uint32_t n = p.n;
    CU_ASSERT((n > 1) == (cut > 0));
    codec_test_job_close(&t);
    return n;
}

static void test_pyramids(void) {
    for (uint32_t h = 200; h < 3000; h += 37)
        for (uint32_t wanted = 1; wanted <= TSR_MAX_PARTS; wanted += 1 + wanted / 3) {
            band_scene_pyramid(&scene, 7 + h % 5, h, 1 + h % 4, 1 + h % 6, TSR_DOMAIN_REAL);
            uint32_t rows = TSR_LOW_PARTS + h * wanted % (TSR_PART_ROWS - TSR_LOW_PARTS + 1);
            uint32_t fit = (h + 1) / 2 / rows; /* rows of the finest level */
            CU_ASSERT_EQUAL(check_scene(wanted, rows), wanted < fit ? wanted : fit > 1 ? fit : 1);
        }
}

/* What cannot be cut: low bands, small pictures, references across sizes that do not fit. */
static void test_uncut(void) {
    band_scene_flat(&scene, 64, 2000, 3, TSR_DOMAIN_REAL);
    CU_ASSERT_EQUAL(check_scene(4, TSR_PART_ROWS), 1);
    band_scene_pyramid(&scene, 300, 200, 3, 3, TSR_DOMAIN_REAL);
    CU_ASSERT_EQUAL(check_scene(4, TSR_PART_ROWS), 1);
    band_scene_pyramid(&scene, 300, 1000, 1, 2, TSR_DOMAIN_REAL);
    scene.band[1].h = 199; /* was 250: 2 parts of it would not be those of the finer bands */
    CU_ASSERT_EQUAL(check_scene(2, TSR_PART_ROWS), 1);
}

TSR_TEST_MAIN("parts", {"pyramids", test_pyramids}, {"what is not cut", test_uncut})
