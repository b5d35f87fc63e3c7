/* plugin_check_round_trip.c - what comes back: fine steps, every size and number of planes, coarse
 * steps, fewer layers, a closed loop; and the same through whole numbers, exactly. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plugin_picture.h"
#include "plugin_trial.h"

/* Rounding to multiples of a step costs step / sqrt(12) = 0.29 step where the gains are right and
 * the bands are orthogonal; the rest is room for edges and for bases that are not. */
static const double MAX_RMS = 0.6;

static void expect_rms(tsr_check *c, const tsr_trial *t, double limit) {
    double rms = tsr_trial_rms(t);
    if (!(rms <= limit))
        tsr_check_fail(c, "an rms error up to %.4g levels expected, %.4g seen", limit, rms);
}

void tsr_check_round_trip(tsr_check *c) {
    tsr_trial t = {.w = 96, .h = 80, .planes = 3};
    tsr_trial_run(c, &t);
    tsr_trial_expect_legal(c, &t);
    expect_rms(c, &t, TSR_TRIAL_STEP);
    tsr_check_note(c, "rms error %.2g levels without quantization", tsr_trial_rms(&t));
    tsr_trial_drop(c, &t);
}

void tsr_check_sizes(tsr_check *c) {
    double worst = 0;
    for (unsigned k = 0; k < tsr_trial_n_sizes; k++)
        for (uint32_t planes = 1; planes <= TSR_MAX_PLANES; planes++) {
            tsr_trial t = {.w = tsr_trial_sizes[k].w,
                           .h = tsr_trial_sizes[k].h,
                           .planes = planes,
                           .quant = TSR_TRIAL_STEP};
            tsr_trial_run(c, &t);
            tsr_trial_expect_legal(c, &t);
            expect_rms(c, &t, TSR_TRIAL_STEP);
            if (tsr_trial_rms(&t) > worst) worst = tsr_trial_rms(&t);
            tsr_trial_drop(c, &t);
        }
    tsr_check_note(c, "rms error up to %.2g steps", worst / (double)TSR_TRIAL_STEP);
}

/* With bits next to free nothing may be dropped, whatever the step; at the price of bits that goes
 * with a step, the result has to be legal. */
void tsr_check_steps(tsr_check *c) {
    static const float steps[] = {0.05f, 0.5f, 2, 16, 100};
    double worst = 0;
    for (unsigned k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        tsr_trial t = {.w = 96, .h = 80, .planes = 3, .step = steps[k], .quant = steps[k]};
        tsr_trial_run(c, &t);
        tsr_trial_expect_legal(c, &t);
        expect_rms(c, &t, MAX_RMS * (double)steps[k]);
        if (tsr_trial_rms(&t) / (double)steps[k] > worst)
            worst = tsr_trial_rms(&t) / (double)steps[k];
        tsr_trial_drop(c, &t);
        t.lambda = 0.15f * steps[k] * steps[k];
        for (t.effort = 1; t.effort <= 9; t.effort += 4) {
            tsr_trial_run(c, &t);
            tsr_trial_expect_legal(c, &t);
            tsr_trial_drop(c, &t);
        }
    }
    tsr_check_note(c, "rms error up to %.2g steps", worst);
}

/* ---------------------------------------------------------------- layers */

/* Synthesis from the layers below `keep`; the bands of the others are zero. */
static void synthesise_layers(tsr_check *c, tsr_trial *t, uint32_t keep) {
    for (uint32_t b = 0; b < t->enc.n; b++)
        if (t->enc.band[b].layer >= keep)
            memset(t->enc.decoded[b].f, 0, tsr_band_count(&t->enc.band[b]) * sizeof(float));
    tsr_trial_expect_ok(c, t, tsr_trial_synthesise(c, t, t->enc.decoded));
    tsr_trial_expect_legal(c, t);
}

void tsr_check_layers(tsr_check *c) {
    bool can_lossless = c->t->h.caps & TSR_CAP_LOSSLESS;
    for (int lossless = 0; lossless <= can_lossless; lossless++) {
        tsr_trial t = {
            .w = 65, .h = 47, .planes = 3, .lossless = lossless, .label = "later layers missing"};
        tsr_trial_run(c, &t);
        uint32_t layers = tsr_inst_layers(&t.enc);
        for (uint32_t keep = layers; keep-- > 0;) synthesise_layers(c, &t, keep);
        if (!lossless) tsr_check_note(c, "%u layer%s", layers, layers > 1 ? "s" : "");
        tsr_trial_drop(c, &t);
    }
}

/* ---------------------------------------------------------------- closed loop */

static bool same_later_layers(const tsr_trial *a, const tsr_trial *b) {
    for (uint32_t k = 0; k < a->enc.n; k++)
        if (a->enc.band[k].layer > 0 && memcmp(a->enc.data[k].f, b->enc.data[k].f,
                                               tsr_band_count(&a->enc.band[k]) * sizeof(float)))
            return false;
    return true;
}

/* The rms error that the rounding of bands alone would make: by the gains, without any feedback. */
static double open_loop_rms(const tsr_trial *t) {
    double sum = 0;
    for (uint32_t k = 0; k < t->enc.n; k++) {
        const tsr_band *b = &t->enc.band[k];
        if (b->domain != TSR_DOMAIN_REAL) continue;
        for (size_t i = 0; i < tsr_band_count(b); i++) {
            double d = (double)t->enc.decoded[k].f[i] - (double)t->enc.data[k].f[i];
            sum += d * d * (double)b->gain;
        }
    }
    return sqrt(sum / ((double)t->w * t->h * t->planes));
}

/* The first layer is rounded coarsely and the others not at all. They have to differ from those
 * after an exact first layer, and that must not make it worse. */
static void check_loop_closes(tsr_check *c) {
    tsr_trial a = {.w = 65, .h = 47, .planes = 3}, b = a;
    b.quant = 16;
    b.quant_first = true;
    tsr_trial_run(c, &a);
    tsr_trial_run(c, &b);
    if (b.enc.early) tsr_check_fail(c, "analysis() is to write the bands of layer 0 only");
    if (tsr_inst_layers(&b.enc) < 2) tsr_check_fail(c, "at least 2 layers expected");
    if (same_later_layers(&a, &b))
        tsr_check_fail(c, "later layers that follow the decoded first one expected, the same seen");
    double open = open_loop_rms(&b), closed = tsr_trial_rms(&b);
    tsr_check_note(c, "rms error %.3g levels, %.3g if the loop were open", closed, open);
    expect_rms(c, &b, 1.1 * open + 2 * (double)TSR_TRIAL_STEP);
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

/* Bands of later layers are undefined in what analysis_next() may read. */
static void check_loop_reads(tsr_check *c) {
    tsr_trial a = {.w = 65, .h = 47, .planes = 3, .quant = 4}, b = a;
    b.fill = 0x55;
    tsr_trial_run(c, &a);
    tsr_trial_run(c, &b);
    tsr_trial_expect_same(c, &a, &b, "other bytes where later layers will be");
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

void tsr_check_closed_loop(tsr_check *c) {
    if (!(c->t->h.caps & TSR_CAP_CLOSED_LOOP)) tsr_check_skip(c, "no TSR_CAP_CLOSED_LOOP");
    check_loop_closes(c);
    check_loop_reads(c);
}

/* ---------------------------------------------------------------- lossless */

static void expect_exact(tsr_check *c, const tsr_trial *t) {
    for (uint32_t p = 0; p < t->in.n; p++)
        for (size_t i = 0; i < (size_t)t->w * t->h; i++)
            if (t->in.p[p].s.i[i] != t->out.p[p].s.i[i])
                tsr_check_fail(c, "plane %u, sample %zu: %d expected, %d seen", p, i,
                               t->in.p[p].s.i[i], t->out.p[p].s.i[i]);
}

static void check_exact(tsr_check *c, tsr_trial t) {
    tsr_trial_run(c, &t);
    tsr_trial_expect_legal(c, &t);
    expect_exact(c, &t);
    tsr_trial_drop(c, &t);
}

void tsr_check_lossless(tsr_check *c) {
    static const uint32_t pictures[] = {1, TSR_SEED_EXTREME, TSR_SEED_CHECKER};
    if (!(c->t->h.caps & TSR_CAP_LOSSLESS)) tsr_check_skip(c, "no TSR_CAP_LOSSLESS");
    for (unsigned k = 0; k < tsr_trial_n_sizes; k++)
        for (uint32_t planes = 1; planes <= TSR_MAX_PLANES; planes++)
            for (unsigned i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
                tsr_trial t = {.w = tsr_trial_sizes[k].w,
                               .h = tsr_trial_sizes[k].h,
                               .planes = planes,
                               .lossless = true,
                               .seed = pictures[i]};
                snprintf(t.label, sizeof t.label, "%s values", i ? "the largest" : "usual");
                check_exact(c, t);
            }
}
