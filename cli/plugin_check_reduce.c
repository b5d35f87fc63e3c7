/* plugin_check_reduce.c - smaller pictures: from the bands that were asked for, of every size, as
 * bright as the whole one and with everything in its place. */
#include <math.h>

#include "plugin_trial.h"

enum { MOST_HALVINGS = 8 };

/* Allowed difference of mean samples, in levels. */
static const double MAX_BIAS = 0.5;

static double sample(const tsr_trial *t, const tsr_plane *p, size_t i) {
    return t->lossless ? (double)p->s.i[i] : (double)p->s.f[i];
}

/* Mean of the samples of the whole plane that sample (x, y) of a smaller one stands for. */
static double area_mean(const tsr_trial *whole, uint32_t plane, uint32_t x, uint32_t y,
                        uint32_t n) {
    const tsr_plane *p = &whole->out.p[plane];
    uint32_t x1 = (x + 1) << n < p->w ? (x + 1) << n : p->w;
    uint32_t y1 = (y + 1) << n < p->h ? (y + 1) << n : p->h;
    double sum = 0;
    for (uint32_t v = y << n; v < y1; v++)
        for (uint32_t u = x << n; u < x1; u++) sum += sample(whole, p, (size_t)v * p->w + u);
    return sum / ((double)(x1 - (x << n)) * (y1 - (y << n)));
}

/* Of a smaller plane against means of areas: mean and rms difference, and that of these means to
 * the means one sample to the left, which is what a shift would look like. */
typedef struct likeness {
    double bias, rms, shifted;
} likeness;

static likeness compare(const tsr_trial *whole, const tsr_trial *small, uint32_t plane) {
    const tsr_plane *p = &small->out.p[plane];
    likeness l = {0};
    for (uint32_t y = 0; y < p->h; y++) {
        double before = 0;
        for (uint32_t x = 0; x < p->w; x++) {
            double mean = area_mean(whole, plane, x, y, small->halvings);
            double d = sample(small, p, (size_t)y * p->w + x) - mean;
            l.bias += d;
            l.rms += d * d;
            if (x) l.shifted += (mean - before) * (mean - before);
            before = mean;
        }
    }
    double n = (double)p->w * p->h;
    return (likeness){l.bias / n, sqrt(l.rms / n), sqrt(l.shifted / n)};
}

static void expect_alike(tsr_check *c, const tsr_trial *whole, const tsr_trial *small) {
    for (uint32_t p = 0; p < small->planes; p++) {
        likeness l = compare(whole, small, p);
        if (!(fabs(l.bias) <= MAX_BIAS))
            tsr_check_fail(c,
                           "plane %u, %u halvings: as bright as the whole picture within %g "
                           "levels expected, %+.3g seen",
                           p, small->halvings, MAX_BIAS, l.bias);
        if (!(l.rms <= l.shifted / 2))
            tsr_check_fail(c,
                           "plane %u, %u halvings: an rms difference to means of areas up to "
                           "%.3g levels expected, %.3g seen",
                           p, small->halvings, l.shifted / 2, l.rms);
    }
}

/* Every number of halvings; returns the most that were done. */
static uint32_t check_picture(tsr_check *c, tsr_trial t, bool alike) {
    tsr_trial whole = t;
    uint32_t most = 0;
    tsr_trial_run(c, &whole);
    for (t.reduce = 1; t.reduce <= MOST_HALVINGS; t.reduce++) {
        tsr_trial_run(c, &t);
        tsr_trial_expect_legal(c, &t);
        if (t.halvings > most) most = t.halvings;
        if (t.halvings && alike) expect_alike(c, &whole, &t);
        tsr_trial_drop(c, &t);
    }
    tsr_trial_drop(c, &whole);
    return most;
}

static uint32_t check_mode(tsr_check *c, bool lossless) {
    for (unsigned k = 0; k < tsr_trial_n_sizes; k++)
        for (uint32_t planes = 1; planes <= TSR_MAX_PLANES; planes++)
            check_picture(c,
                          (tsr_trial){.w = tsr_trial_sizes[k].w,
                                      .h = tsr_trial_sizes[k].h,
                                      .planes = planes,
                                      .lossless = lossless},
                          false);
    return check_picture(c, (tsr_trial){.w = 512, .h = 384, .planes = 3, .lossless = lossless},
                         true);
}

void tsr_check_reduce(tsr_check *c) {
    if (!c->t->reduce) tsr_check_skip(c, "no reduce()");
    uint32_t most = check_mode(c, false);
    if (c->t->h.caps & TSR_CAP_LOSSLESS) check_mode(c, true);
    tsr_check_note(c, "up to %u halvings", most);
}
