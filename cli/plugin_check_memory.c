/* plugin_check_memory.c - memory: all bands and samples are written, the input is not, the rules of
 * alloc() hold, nothing is left behind, and each refused allocation is an error and no crash. */
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "plugin_picture.h"
#include "plugin_trial.h"

/* Calls `look` for a lossy, a reduced and, where it is claimed, a lossless picture. */
static void for_each_mode(tsr_check *c, void (*look)(tsr_check *c, tsr_trial t)) {
    tsr_trial t = {.w = 65, .h = 47, .planes = 3}, small = t;
    look(c, t);
    small.reduce = 1;
    if (c->t->reduce) look(c, small);
    t.lossless = true;
    if (c->t->h.caps & TSR_CAP_LOSSLESS) look(c, t);
}

/* ---------------------------------------------------------------- what is written */

static void check_writes(tsr_check *c, tsr_trial a) {
    tsr_trial b = a;
    b.fill = 0x55;
    tsr_trial_run(c, &a);
    tsr_trial_run(c, &b);
    tsr_trial_expect_same(c, &a, &b, "other bytes in bands and planes before");
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

void tsr_check_writes_all(tsr_check *c) {
    for_each_mode(c, check_writes);
}

static void check_input(tsr_check *c, tsr_trial t) {
    tsr_trial before = t;
    tsr_trial_run(c, &t);
    tsr_trial_picture(c, &before);
    for (uint32_t p = 0; p < t.planes; p++)
        if (memcmp(t.in.p[p].s.i, before.in.p[p].s.i, (size_t)t.w * t.h * sizeof(float)))
            tsr_check_fail(c, "plane %u of the input was changed", p);
    if (t.enc.touched) tsr_check_fail(c, "analysis_next() changed the decoded bands");
    tsr_trial_drop(c, &t);
    tsr_trial_drop(c, &before);
}

void tsr_check_input(tsr_check *c) {
    for_each_mode(c, check_input);
}

/* ---------------------------------------------------------------- rules of the services */

static void check_rules(tsr_check *c, tsr_trial t) {
    static const uint32_t threads[] = {1, 7};
    for (unsigned k = 0; k < 2; k++) {
        t.env.threads = threads[k];
        tsr_trial_run(c, &t);
        tsr_trial_drop(c, &t); /* looks at all memory once more */
        if (*t.enc.env.fault) tsr_check_fail(c, "encoder: %s", t.enc.env.fault);
        if (*t.dec.env.fault) tsr_check_fail(c, "decoder: %s", t.dec.env.fault);
    }
}

void tsr_check_memory(tsr_check *c) {
    for_each_mode(c, check_rules);
    tsr_trial t = {.w = 256, .h = 192, .planes = 3};
    check_rules(c, t);
    tsr_trial_run(c, &t);
    double samples = (double)t.w * t.h * t.planes;
    tsr_check_note(c, "peak of %.2f bytes a sample in the encoder, %.2f in the decoder",
                   (double)t.enc.env.peak / samples, (double)t.dec.env.peak / samples);
    tsr_trial_drop(c, &t);
}

/* ---------------------------------------------------------------- refused allocations */

static void expect_refusal(tsr_check *c, const tsr_trial *t, tsr_status s, uint32_t n) {
    if (s != TSR_ERR_MEMORY && s != TSR_ERR_LIMIT)
        tsr_check_fail(c, "alloc() %u refused: status %d or %d expected, %d returned", n,
                       TSR_ERR_MEMORY, TSR_ERR_LIMIT, (int)s);
}

/* Refuses the n-th allocation of the encoder. False: there was none. */
static bool refuse_encoder(tsr_check *c, tsr_trial t, uint32_t n) {
    t.env.fail_at = n;
    tsr_status s = tsr_trial_try_encoder(c, &t);
    bool refused = t.enc.env.refused;
    if (refused)
        expect_refusal(c, &t, s, n);
    else
        tsr_trial_expect_ok(c, &t, s);
    tsr_trial_drop(c, &t);
    return refused;
}

/* The same of a decoder, for an encoder that has run. */
static bool refuse_decoder(tsr_check *c, tsr_trial *t, uint32_t n) {
    t->env.fail_at = n;
    tsr_status s = tsr_trial_open_decoder(c, t, t->side, t->side_size);
    if (!s) s = tsr_trial_synthesise(c, t, t->enc.decoded);
    bool refused = t->dec.env.refused;
    if (refused)
        expect_refusal(c, t, s, n);
    else
        tsr_trial_expect_ok(c, t, s);
    tsr_trial_close_decoder(c, t);
    return refused;
}

/* Refuses each allocation once; returns how many there are in encoder and decoder. */
static uint32_t refuse_all(tsr_check *c, tsr_trial t) {
    enum { MOST = 5000 };
    uint32_t n = 1, m = 1;
    while (n < MOST && refuse_encoder(c, t, n)) n++;
    tsr_trial_run_encoder(c, &t);
    while (m < MOST && refuse_decoder(c, &t, m)) m++;
    tsr_trial_drop(c, &t);
    return n - 1 + m - 1;
}

void tsr_check_alloc_failure(tsr_check *c) {
    tsr_trial t = {.w = 17, .h = 31, .planes = 3, .quant = 1};
    uint32_t n = refuse_all(c, t);
    t.reduce = 1;
    if (c->t->reduce) n += refuse_all(c, t);
    t.reduce = 0;
    t.lossless = true;
    if (c->t->h.caps & TSR_CAP_LOSSLESS) n += refuse_all(c, t);
    tsr_check_note(c, "%u allocations refused, one at a time", n);
}

/* ---------------------------------------------------------------- what is left behind */

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
#define HEAP_MEASURED 1
#endif
#endif

#ifdef HEAP_MEASURED
static size_t heap_bytes(void) {
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* Opens and closes instances, those that fail for want of memory included. Returns by how many
 * bytes the heap grew. */
static size_t cycle(tsr_check *c) {
    enum { TURNS = 3 };
    tsr_trial t = {.w = 17, .h = 31, .planes = 3, .quant = 1};
    size_t before = heap_bytes();
    for (int k = 0; k < TURNS; k++) {
        refuse_all(c, t);
        tsr_trial_run(c, &t);
        tsr_trial_drop(c, &t);
    }
    size_t after = heap_bytes();
    return after > before ? after - before : 0;
}
#endif

/* The caches of malloc() take some turns to fill; what is left behind grows in every cycle. */
void tsr_check_leak(tsr_check *c) {
#ifdef HEAP_MEASURED
    enum { CYCLES = 24 };
    size_t growth = 1;
    if (!heap_bytes())
        tsr_check_skip(c, "this build replaces malloc(): the heap cannot be measured");
    for (int k = 0; k < CYCLES && growth; k++) growth = cycle(c);
    tsr_check_doing(c, "configure() to close(), again and again");
    if (growth)
        tsr_check_fail(c, "no growth of the heap expected, %zu bytes in the last cycle seen",
                       growth);
#else
    tsr_check_skip(c, "the C library does not tell the size of the heap");
#endif
}

/* ---------------------------------------------------------------- cancelling */

void tsr_check_cancel(tsr_check *c) {
    tsr_trial t = {.w = 256, .h = 192, .planes = 3, .env = {.cancel = true}};
    tsr_status s = tsr_trial_try(c, &t);
    uint32_t asked = t.enc.env.cancels + t.dec.env.cancels;
    if (asked && s != TSR_ERR_CANCELLED)
        tsr_check_fail(c, "progress() asked to stop: status %d expected, %d returned",
                       TSR_ERR_CANCELLED, (int)s);
    if (!asked) tsr_trial_expect_ok(c, &t, s);
    tsr_trial_drop(c, &t);
    if (!asked) tsr_check_note(c, "progress() is not called");
}
