/* plugin_check_repeat.c - the same input gives the same bytes: on any number of workers, in any
 * order, again, in a used instance, with other bytes in fresh memory, and (decoding) on any set of
 * instructions; and analysis looks at the goal only when it says so. */
#include <string.h>

#include "plugin_picture.h"
#include "plugin_trial.h"

/* Runs a picture and compares with trial a. */
static void expect_as(tsr_check *c, const tsr_trial *a, tsr_trial b, const char *what) {
    tsr_trial_run(c, &b);
    tsr_trial_expect_same(c, a, &b, what);
    tsr_trial_drop(c, &b);
}

static void check_workers(tsr_check *c, tsr_trial given) {
    static const struct {
        tsr_env_setup env;
        const char *what;
    } setups[] = {{{.threads = 2}, "1 worker, then 2"},
                  {{.threads = 7}, "1 worker, then 7"},
                  {{.threads = 1, .reverse = true}, "ascending order, then descending"},
                  {{.threads = 7, .reverse = true}, "1 worker, then 7 in descending order"}};
    tsr_trial a = given;
    tsr_trial_run(c, &a);
    for (unsigned k = 0; k < sizeof setups / sizeof setups[0]; k++) {
        given.env = setups[k].env;
        expect_as(c, &a, given, setups[k].what);
    }
    tsr_trial_drop(c, &a);
}

void tsr_check_threads(tsr_check *c) {
    check_workers(c, (tsr_trial){.w = 131, .h = 197, .planes = 3, .quant = 1});
    check_workers(c, (tsr_trial){.w = 5, .h = 6, .planes = 4, .quant = 1});
    if (c->t->reduce)
        check_workers(c, (tsr_trial){.w = 131, .h = 197, .planes = 3, .quant = 1, .reduce = 1});
    if (c->t->h.caps & TSR_CAP_LOSSLESS)
        check_workers(c, (tsr_trial){.w = 131, .h = 197, .planes = 3, .lossless = true});
}

/* ---------------------------------------------------------------- again */

/* Another picture and another goal first, in the same instances. */
static void run_used(tsr_check *c, tsr_trial *t) {
    const uint32_t seed = t->seed;
    t->seed = seed + 1;
    t->step = 8;
    tsr_trial_run(c, t);
    t->seed = seed;
    t->step = 0;
    if (t->lossless)
        tsr_check_planes_draw_int(&t->in, seed);
    else
        tsr_check_planes_draw(&t->in, seed);
    tsr_trial_expect_ok(c, t, tsr_trial_analyse(c, t));
}

static void check_again(tsr_check *c, tsr_trial given) {
    tsr_trial a = given, b = given;
    tsr_trial_run(c, &a);
    expect_as(c, &a, given, "run twice");
    given.env.fill = 0xff;
    expect_as(c, &a, given, "other bytes in fresh memory");
    run_used(c, &b);
    tsr_trial_close_decoder(c, &b);
    tsr_trial_expect_ok(c, &b, tsr_trial_open_decoder(c, &b, b.side, b.side_size));
    tsr_trial_expect_ok(c, &b, tsr_trial_synthesise(c, &b, b.enc.decoded));
    tsr_trial_expect_same(c, &a, &b, "after another picture");
    tsr_trial_expect_ok(c, &b, tsr_trial_synthesise(c, &b, b.enc.decoded));
    tsr_trial_expect_same(c, &a, &b, "synthesis() called again");
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

void tsr_check_repeat(tsr_check *c) {
    tsr_trial t = {.w = 65, .h = 47, .planes = 3, .quant = 1, .seed = 5};
    check_again(c, t);
    t.reduce = 1;
    if (c->t->reduce) check_again(c, t);
    if (c->t->h.caps & TSR_CAP_LOSSLESS)
        check_again(c, (tsr_trial){.w = 65, .h = 47, .planes = 3, .lossless = true, .seed = 5});
}

/* ---------------------------------------------------------------- the goal */

static void expect_same_first_layer(tsr_check *c, const tsr_trial *a, const tsr_trial *b) {
    for (uint32_t k = 0; k < a->enc.n && a->enc.band[k].layer == 0; k++)
        if (memcmp(a->enc.data[k].f, b->enc.data[k].f,
                   tsr_band_count(&a->enc.band[k]) * sizeof(float)))
            tsr_check_fail(c, "step 0.5, then 40: band %u of layer 0 differs", k);
}

void tsr_check_stepwise(tsr_check *c) {
    if (c->t->h.caps & TSR_CAP_STEPWISE)
        tsr_check_skip(c, "TSR_CAP_STEPWISE: it may read the goal");
    tsr_trial a = {.w = 65, .h = 47, .planes = 3, .step = 0.5f}, b = a;
    b.step = 40;
    b.lambda = 300;
    tsr_trial_run(c, &a);
    tsr_trial_run(c, &b);
    if (c->t->h.caps & TSR_CAP_CLOSED_LOOP)
        expect_same_first_layer(c, &a, &b); /* the later ones are redone for every goal */
    else
        tsr_trial_expect_same(c, &a, &b, "step 0.5, then 40");
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
}

/* ---------------------------------------------------------------- instruction sets */

/* Decodes the coefficients of a once more with these instruction sets and compares. */
static void check_decoder(tsr_check *c, const tsr_trial *a, tsr_trial *b, uint32_t cpu) {
    bool exact = c->t->h.caps & TSR_CAP_BITEXACT || a->lossless;
    tsr_trial_close_decoder(c, b);
    b->env.cpu = cpu;
    tsr_trial_expect_ok(c, b, tsr_trial_open_decoder(c, b, b->side, b->side_size));
    tsr_trial_expect_ok(c, b, tsr_trial_synthesise(c, b, b->enc.decoded));
    if (exact) tsr_trial_expect_same(c, a, b, "plain C, then other instructions");
    double d = a->lossless ? 0 : tsr_trial_distance(a, b);
    if (!(d <= 1))
        tsr_check_fail(c, "plain C and other instructions: at most 1 level apart expected, %g seen",
                       d);
    if (!a->lossless) tsr_check_note(c, "at most %.2g levels apart", d);
}

static void check_cpu(tsr_check *c, tsr_trial given, uint32_t cpu) {
    tsr_trial a = given, b = given;
    tsr_trial_run(c, &a);
    tsr_trial_run(c, &b);
    check_decoder(c, &a, &b, cpu & TSR_CPU_AVX2);
    check_decoder(c, &a, &b, cpu);
    tsr_trial_drop(c, &a);
    tsr_trial_drop(c, &b);
    given.env.cpu = cpu; /* the encoder may differ, but has to work */
    given.reduce = 0;
    tsr_trial_run(c, &given);
    double rms = given.lossless ? 0 : tsr_trial_rms(&given);
    if (!(rms <= 1)) tsr_check_fail(c, "an rms error up to 1 level expected, %.4g seen", rms);
    tsr_trial_drop(c, &given);
}

void tsr_check_cpu(tsr_check *c) {
    uint32_t cpu = tsr_cpu_detect();
    if (!cpu) tsr_check_skip(c, "this machine has no instruction set of TSR_CPU_*");
    tsr_trial t = {.w = 97, .h = 83, .planes = 3, .quant = 1};
    check_cpu(c, t, cpu);
    t.reduce = 1;
    if (c->t->reduce) check_cpu(c, t, cpu);
    if (c->t->h.caps & TSR_CAP_LOSSLESS)
        check_cpu(c, (tsr_trial){.w = 97, .h = 83, .planes = 3, .lossless = true}, cpu);
}
