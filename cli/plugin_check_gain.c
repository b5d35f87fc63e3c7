/* plugin_check_gain.c - the gain of each band against the measured energy of its synthesis basis.
 *
 * A band is filled with random signs of amplitude A, all others with zero. For a linear synthesis
 * the expected energy of the planes is A^2 times the sum of the squared norms of the basis
 * functions, because cross terms cancel in the mean; divided by A^2 and the number of coefficients
 * it is the mean gain. Cost: a few syntheses a band. */
#include <math.h>
#include <string.h>

#include "plugin_picture.h"
#include "plugin_trial.h"

enum { MAX_BANDS_MEASURED = 160, MIN_COEFFICIENTS = 512, MAX_ROUNDS = 32 };
static const float AMPLITUDE = 16;

/* Allowed ratio of measured and stated gain: the mean over a small band is one of edges. */
static double allowed_ratio(const tsr_band *b) {
    return tsr_band_count(b) >= 64 ? 1.3 : 2.5;
}

static void zero_bands(tsr_trial *t) {
    for (uint32_t b = 0; b < t->enc.n; b++)
        memset(t->enc.decoded[b].f, 0, tsr_band_count(&t->enc.band[b]) * sizeof(float));
}

static void synthesise(tsr_check *c, tsr_trial *t) {
    tsr_trial_expect_ok(c, t, tsr_trial_synthesise(c, t, t->enc.decoded));
}

/* Sum of squares of scale * out - base; out is not changed. */
static double energy(const tsr_planes *out, const tsr_planes *base) {
    double sum = 0;
    for (uint32_t p = 0; p < out->n; p++)
        for (size_t i = 0; i < (size_t)out->p[p].w * out->p[p].h; i++) {
            double d = (double)out->p[p].s.f[i] - (double)base->p[p].s.f[i];
            sum += d * d;
        }
    return sum;
}

static void copy_planes(tsr_planes *to, const tsr_planes *from) {
    for (uint32_t p = 0; p < from->n; p++)
        memcpy(to->p[p].s.f, from->p[p].s.f, (size_t)from->p[p].w * from->p[p].h * sizeof(float));
}

/* Mean gain of band b; base: the planes of zero coefficients. */
static double measure(tsr_check *c, tsr_trial *t, uint32_t b, const tsr_planes *base) {
    const size_t n = tsr_band_count(&t->enc.band[b]);
    size_t rounds = (MIN_COEFFICIENTS + n - 1) / n;
    if (rounds > MAX_ROUNDS) rounds = MAX_ROUNDS;
    uint32_t random = 2463534242u + b;
    double sum = 0;
    for (size_t r = 0; r < rounds; r++) {
        for (size_t i = 0; i < n; i++)
            t->enc.decoded[b].f[i] = tsr_check_random(&random) & 0x1000u ? AMPLITUDE : -AMPLITUDE;
        synthesise(c, t);
        sum += energy(&t->out, base);
    }
    memset(t->enc.decoded[b].f, 0, n * sizeof(float));
    return sum / ((double)AMPLITUDE * (double)AMPLITUDE * (double)n * (double)rounds);
}

static void check_band(tsr_check *c, tsr_trial *t, uint32_t b, const tsr_planes *base,
                       double *worst) {
    const tsr_band *band = &t->enc.band[b];
    double measured = measure(c, t, b, base), stated = (double)band->gain;
    double ratio = measured > stated ? measured / stated : stated / measured;
    if (!(ratio <= allowed_ratio(band)))
        tsr_check_fail(c, "band %u (%ux%u): gain %.4g stated, %.4g measured", b, band->w, band->h,
                       stated, measured);
    if (tsr_band_count(band) >= 64 && ratio > *worst) *worst = ratio;
}

void tsr_check_gain(tsr_check *c) {
    tsr_trial t = {.w = 96, .h = 80, .planes = 2};
    tsr_planes base;
    tsr_trial_run(c, &t);
    tsr_check_planes_make(c, &base, t.w, t.h, t.planes, 0);
    zero_bands(&t);
    synthesise(c, &t);
    copy_planes(&base, &t.out);
    double worst = 1;
    unsigned measured = 0;
    uint32_t stride = 1 + t.enc.n / MAX_BANDS_MEASURED;
    for (uint32_t b = 0; b < t.enc.n; b += stride) {
        if (t.enc.band[b].domain != TSR_DOMAIN_REAL || !tsr_band_count(&t.enc.band[b])) continue;
        check_band(c, &t, b, &base, &worst);
        measured++;
    }
    tsr_check_planes_drop(&base);
    tsr_trial_drop(c, &t);
    if (!measured) tsr_check_skip(c, "no band of real numbers");
    tsr_check_note(c, "%u bands measured, ratio up to %.3f", measured, worst);
}
