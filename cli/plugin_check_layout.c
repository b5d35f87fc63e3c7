/* plugin_check_layout.c - the layout: the band rules of tessera/plugin.h, for every size and number
 * of planes; the same in every instance; written no further than there is room. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_guard.h"
#include "plugin_trial.h"

/* Coefficients a transform may have for each sample, on top of those for a tiny picture: what
 * codec/layout.c takes. */
enum { MAX_PER_SAMPLE = 8, MAX_EXTRA = 1 << 16 };

/* ---------------------------------------------------------------- one band */

/* Half, whichever way a transform splits an odd size. */
static bool is_half(uint32_t whole, uint32_t half) {
    return half >= whole / 2 && half <= whole / 2 + 1;
}

/* The same, give or take one: splits of odd lengths differ. */
static bool same_size(const tsr_band *r, const tsr_band *b) {
    return r->w <= b->w + 1 && b->w <= r->w + 1 && r->h <= b->h + 1 && b->h <= r->h + 1;
}

/* Whether band r may be reference k of band b. */
static bool legal_ref(const tsr_band *r, const tsr_band *b, int k) {
    switch (k) {
    case TSR_REF_PLANE_A:
        return r->plane == 0 && b->plane != 0 && same_size(r, b);
    case TSR_REF_PLANE_B:
        return r->plane < b->plane && same_size(r, b);
    default:
        return r->plane == b->plane &&
               (same_size(r, b) || (is_half(b->w, r->w) && is_half(b->h, r->h)));
    }
}

static void check_refs(tsr_check *c, const tsr_band *band, uint32_t i) {
    static const char *const names[TSR_REFS] = {"parent", "sister_a", "sister_b", "plane_a",
                                                "plane_b"};
    const tsr_band *b = &band[i];
    for (int k = 0; k < TSR_REFS; k++) {
        uint32_t r = b->ref[k];
        if (r == TSR_NO_BAND) continue;
        if (r >= i)
            tsr_check_fail(c, "band %u: ref %s: an earlier band expected, %u seen", i, names[k], r);
        if (!legal_ref(&band[r], b, k))
            tsr_check_fail(
                c, "band %u (plane %u, %ux%u): band %u (plane %u, %ux%u) cannot be its ref %s", i,
                b->plane, b->w, b->h, r, band[r].plane, band[r].w, band[r].h, names[k]);
    }
}

static void check_domain(tsr_check *c, const tsr_trial *t, const tsr_band *b, uint32_t i) {
    if (b->domain > TSR_DOMAIN_INDEX)
        tsr_check_fail(c, "band %u: domain %u is not known", i, b->domain);
    if (t->lossless && b->domain == TSR_DOMAIN_REAL)
        tsr_check_fail(c, "band %u: a whole-number domain expected in lossless mode", i);
    bool index = b->domain == TSR_DOMAIN_INDEX;
    if (index ? b->alphabet < 2 || b->alphabet > 65536 : b->alphabet != 0)
        tsr_check_fail(c, "band %u: alphabet: %s expected, %u seen", i, index ? "2 to 65536" : "0",
                       b->alphabet);
}

static void check_band(tsr_check *c, const tsr_trial *t, const tsr_band *band, uint32_t i) {
    const tsr_band *b = &band[i];
    uint16_t before = i > 0 ? band[i - 1].layer : 0;
    if (b->plane >= t->planes)
        tsr_check_fail(c, "band %u: a plane below %u expected, %u seen", i, t->planes, b->plane);
    if (b->orient > TSR_ORIENT_D)
        tsr_check_fail(c, "band %u: orientation %u is not known", i, b->orient);
    if (b->reserved) tsr_check_fail(c, "band %u: reserved: 0 expected, %u seen", i, b->reserved);
    if (b->layer != before && (i == 0 || b->layer != before + 1))
        tsr_check_fail(c, "band %u: layer %s%u expected, %u seen", i, i ? "as before or " : "",
                       i ? before + 1u : 0u, b->layer);
    if (!(b->gain > 0) || !isfinite(b->gain))
        tsr_check_fail(c, "band %u: a gain above 0 expected, %g seen", i, (double)b->gain);
    check_domain(c, t, b, i);
    check_refs(c, band, i);
}

/* ---------------------------------------------------------------- one layout */

static void check_total(tsr_check *c, const tsr_trial *t, const tsr_check_inst *inst) {
    double total = 0, samples = (double)t->w * t->h * t->planes;
    for (uint32_t i = 0; i < inst->n; i++) total += (double)inst->band[i].w * inst->band[i].h;
    if (total < 1 || total > MAX_PER_SAMPLE * samples + MAX_EXTRA)
        tsr_check_fail(c, "1 to %d coefficients a sample expected, %.0f for %.0f samples seen",
                       MAX_PER_SAMPLE, total, samples);
}

static void check_one(tsr_check *c, tsr_trial t) {
    tsr_trial_run_layout(c, &t);
    for (uint32_t i = 0; i < t.enc.n; i++) check_band(c, &t, t.enc.band, i);
    check_total(c, &t, &t.enc);
    tsr_trial_drop(c, &t);
}

/* Calls `look` for every size, number of planes and mode that the transform has to take. */
static void for_each_geometry(tsr_check *c, void (*look)(tsr_check *c, tsr_trial t)) {
    bool can_lossless = c->t->h.caps & TSR_CAP_LOSSLESS;
    for (unsigned k = 0; k < tsr_trial_n_sizes; k++)
        for (uint32_t planes = 1; planes <= TSR_MAX_PLANES; planes++)
            for (int lossless = 0; lossless <= can_lossless; lossless++)
                look(c, (tsr_trial){.w = tsr_trial_sizes[k].w,
                                    .h = tsr_trial_sizes[k].h,
                                    .planes = planes,
                                    .lossless = lossless});
}

void tsr_check_layout(tsr_check *c) {
    for_each_geometry(c, check_one);
    check_one(c, (tsr_trial){.w = 4099, .h = 3, .planes = 3});
    check_one(c, (tsr_trial){.w = 2000, .h = 1500, .planes = 4});
}

/* ---------------------------------------------------------------- the same everywhere */

static void expect_same_bands(tsr_check *c, const tsr_band *a, const tsr_band *b, uint32_t n,
                              const char *when) {
    for (uint32_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a)) tsr_check_fail(c, "band %u %s", i, when);
}

/* Two instances and, in one of them, before and after a picture. The room for the bands is filled
 * with different bytes, so that a member that is not written differs. */
static void check_fresh(tsr_check *c, tsr_trial a) {
    tsr_trial b = a;
    b.fill = b.env.fill = 0xff;
    tsr_trial_run_layout(c, &a);
    tsr_trial_run_encoder(c, &b);
    if (a.enc.n != b.enc.n)
        tsr_check_fail(c, "%u bands in one instance, %u in another", a.enc.n, b.enc.n);
    expect_same_bands(c, a.enc.band, b.enc.band, a.enc.n, "differs between instances");
    tsr_band *after = tsr_check_alloc(c, b.enc.n, sizeof *after);
    uint32_t n = c->t->layout(b.enc.st, after, b.enc.n);
    if (n != b.enc.n) tsr_check_fail(c, "%u bands before analysis(), %u after it", b.enc.n, n);
    expect_same_bands(c, b.enc.band, after, n, "differs before and after analysis()");
    free(after);
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

void tsr_check_layout_fresh(tsr_check *c) {
    for_each_geometry(c, check_fresh);
}

/* ---------------------------------------------------------------- no further than there is room */

void tsr_check_layout_room(tsr_check *c) {
    tsr_trial t = {.w = 33, .h = 20, .planes = 3};
    tsr_trial_run_layout(c, &t);
    uint32_t stride = t.enc.n > 64 ? t.enc.n / 64 : 1;
    for (uint32_t cap = 0; cap <= t.enc.n; cap += stride) {
        tsr_band *room = tsr_guard_new(cap * sizeof *room, 0);
        if (!room) tsr_check_fail(c, "no memory for the check itself");
        uint32_t n = c->t->layout(t.enc.st, room, cap);
        if (n != t.enc.n)
            tsr_check_fail(c, "room for %u: %u bands expected, %u returned", cap, t.enc.n, n);
        if (!tsr_guard_intact(room)) tsr_check_fail(c, "room for %u: more were written", cap);
        expect_same_bands(c, room, t.enc.band, cap, "differs when there is less room");
        tsr_guard_free(room);
    }
    tsr_trial_drop(c, &t);
}
