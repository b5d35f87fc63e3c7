/* test_block_rows.c - rows of blocks: each once, after what it depends on, whatever the number of
 * threads; an end on request. */
#include <stdatomic.h>

#include "band_scene.h"
#include "block_rows.h"
#include "codec_test.h"
#include "coef_context.h"
#include "tsr_test.h"

static band_scene scene;

typedef struct trial {
    tsr_layout layout;
    uint8_t wanted[SCENE_MAX];
    _Atomic uint32_t done[SCENE_MAX]; /* rows of blocks */
    _Atomic uint32_t busy[8], wrong, calls;
    uint32_t allowed; /* calls of progress before it fails */
} trial;

static uint32_t blocks_down(const tsr_band *b) {
    return b->w ? (b->h + TSR_BLOCK - 1) / TSR_BLOCK : 0;
}

/* Coefficient rows up to one below those that a child of the row covers must be there. */
static int reference_done(trial *t, uint32_t b, uint32_t ref, uint32_t row) {
    const tsr_band *band = &t->layout.band[b], *r = &t->layout.band[ref];
    uint32_t last = (row * TSR_BLOCK + TSR_BLOCK - 1) >> tsr_band_halves(band, r);
    if (!t->wanted[ref] || !blocks_down(r)) return 1;
    if (last + 1 >= r->h) return t->done[ref] == blocks_down(r);
    return t->done[ref] * TSR_BLOCK > last + 1;
}

static void visit(void *arg, uint32_t slot, uint32_t b, uint32_t row) {
    trial *t = arg;
    const tsr_band *band = &t->layout.band[b];
    t->wrong += t->busy[slot]++ != 0;
    t->wrong += !t->wanted[b] || row >= blocks_down(band) || t->done[b] != row;
    for (int role = 0; role < TSR_REFS; role++)
        if (band->ref[role] != TSR_NO_BAND) t->wrong += !reference_done(t, b, band->ref[role], row);
    t->done[b] = row + 1;
    t->busy[slot]--;
    t->calls++;
}

static tsr_status progress(void *arg, double done) {
    trial *t = arg;
    t->wrong += done < 0 || done > 1;
    return t->allowed-- ? TSR_OK : TSR_ERR_CANCELLED;
}

static tsr_status run(trial *t, uint32_t threads, uint32_t slots) {
    codec_test_job j;
    codec_test_job_open(&j, threads, 0);
    tsr_block_rows rows = {.layout = &t->layout,
                           .wanted = t->wanted,
                           .slots = slots,
                           .fn = visit,
                           .arg = t,
                           .progress = progress};
    tsr_status s = tsr_block_rows_run(&rows, &j.job);
    codec_test_job_close(&j);
    return s;
}

static trial make_trial(uint32_t w, uint32_t h, uint32_t planes, uint32_t levels) {
    band_scene_pyramid(&scene, w, h, planes, levels, TSR_DOMAIN_REAL);
    trial t = {.layout = band_scene_layout(&scene), .allowed = UINT32_MAX};
    for (uint32_t b = 0; b < t.layout.n; b++) t.wanted[b] = scene.band[b].orient != TSR_ORIENT_LOW;
    return t;
}

static void test_order(void) {
    for (uint32_t slots = 1; slots <= 8; slots++)
        for (uint32_t h = 1; h < 700; h += 1 + h / 2) {
            trial t = make_trial(20 + 30 * slots, h, 1 + slots % 3, 1 + slots % 5);
            CU_ASSERT_EQUAL(run(&t, 1 + slots / 2, slots), TSR_OK);
            CU_ASSERT_EQUAL(t.wrong, 0);
            for (uint32_t b = 0; b < t.layout.n; b++)
                CU_ASSERT_EQUAL(t.done[b], t.wanted[b] ? blocks_down(&t.layout.band[b]) : 0);
        }
}

static void test_cancel(void) {
    for (uint32_t allowed = 0; allowed < 9; allowed += 4) {
        trial t = make_trial(200, 300, 3, 3);
        t.allowed = allowed;
        CU_ASSERT_EQUAL(run(&t, 1, 1), TSR_ERR_CANCELLED);
        CU_ASSERT_EQUAL(t.calls, allowed);
        t = make_trial(200, 300, 3, 3);
        t.allowed = allowed;
        tsr_status s = run(&t, 3, 3); /* the others may have done it all */
        CU_ASSERT(s == TSR_ERR_CANCELLED || s == TSR_OK);
        CU_ASSERT_EQUAL(t.wrong, 0);
    }
}

TSR_TEST_MAIN("block rows", {"order", test_order}, {"cancelling", test_cancel})
