/* plugin_compare.c - what came out of trials, against what went in and against each other. */
#include <math.h>
#include <string.h>

#include "plugin_guard.h"
#include "plugin_trial.h"

/* INT coefficients stay below this magnitude, see tessera/plugin.h. */
enum { INT_LIMIT = 1 << 24 };

/* ---------------------------------------------------------------- legal values */

static void expect_legal_band(tsr_check *c, const tsr_band *band, tsr_samples s, uint32_t index) {
    for (size_t i = 0; i < tsr_band_count(band); i++) {
        if (band->domain == TSR_DOMAIN_REAL) {
            if (!isfinite(s.f[i]))
                tsr_check_fail(c, "band %u, coefficient %zu: a finite number expected, %g seen",
                               index, i, (double)s.f[i]);
            continue;
        }
        int64_t low = band->domain == TSR_DOMAIN_INT ? 1 - (int64_t)INT_LIMIT : 0;
        int64_t high = band->domain == TSR_DOMAIN_INT ? INT_LIMIT - 1 : (int64_t)band->alphabet - 1;
        if (s.i[i] < low || s.i[i] > high)
            tsr_check_fail(c, "band %u, coefficient %zu: %lld..%lld expected, %d seen", index, i,
                           (long long)low, (long long)high, s.i[i]);
    }
}

static void expect_finite_plane(tsr_check *c, const tsr_plane *p, uint32_t index) {
    for (size_t i = 0; i < (size_t)p->w * p->h; i++)
        if (!isfinite(p->s.f[i]))
            tsr_check_fail(c, "plane %u, sample %zu: a finite number expected, %g seen", index, i,
                           (double)p->s.f[i]);
}

void tsr_trial_expect_legal(tsr_check *c, const tsr_trial *t) {
    for (uint32_t b = 0; b < t->enc.n; b++)
        expect_legal_band(c, &t->enc.band[b], t->enc.data[b], b);
    for (uint32_t p = 0; !t->lossless && p < t->out.n; p++) expect_finite_plane(c, &t->out.p[p], p);
}

/* ---------------------------------------------------------------- the same twice */

/* Index of the first differing byte, n if none. */
static size_t first_difference(const void *a, const void *b, size_t n) {
    const uint8_t *p = a, *q = b;
    if (!n || !memcmp(p, q, n)) return n;
    size_t i = 0;
    while (p[i] == q[i]) i++;
    return i;
}

static void expect_same_band(tsr_check *c, const tsr_trial *a, const tsr_trial *b, uint32_t k,
                             const char *what) {
    const tsr_band *band = &a->enc.band[k];
    size_t n = tsr_band_count(band) * sizeof(float);
    size_t i = first_difference(a->enc.data[k].f, b->enc.data[k].f, n) / sizeof(float);
    if (i * sizeof(float) >= n) return;
    if (band->domain == TSR_DOMAIN_REAL)
        tsr_check_fail(c, "%s: band %u, coefficient %zu: %.9g, then %.9g", what, k, i,
                       (double)a->enc.data[k].f[i], (double)b->enc.data[k].f[i]);
    tsr_check_fail(c, "%s: band %u, coefficient %zu: %d, then %d", what, k, i, a->enc.data[k].i[i],
                   b->enc.data[k].i[i]);
}

static void expect_same_plane(tsr_check *c, const tsr_trial *a, const tsr_trial *b, uint32_t k,
                              const char *what) {
    const tsr_plane *p = &a->out.p[k], *q = &b->out.p[k];
    size_t n = (size_t)p->w * p->h * sizeof(float);
    size_t i = first_difference(p->s.f, q->s.f, n) / sizeof(float);
    if (i * sizeof(float) >= n) return;
    if (a->lossless)
        tsr_check_fail(c, "%s: plane %u, sample %zu: %d, then %d", what, k, i, p->s.i[i],
                       q->s.i[i]);
    tsr_check_fail(c, "%s: plane %u, sample %zu: %.9g, then %.9g", what, k, i, (double)p->s.f[i],
                   (double)q->s.f[i]);
}

void tsr_trial_expect_same(tsr_check *c, const tsr_trial *a, const tsr_trial *b, const char *what) {
    if (a->enc.n != b->enc.n) tsr_check_fail(c, "%s: %u bands, then %u", what, a->enc.n, b->enc.n);
    for (uint32_t k = 0; k < a->enc.n; k++) expect_same_band(c, a, b, k, what);
    if (a->side_size != b->side_size)
        tsr_check_fail(c, "%s: %zu bytes of side information, then %zu", what, a->side_size,
                       b->side_size);
    size_t i = first_difference(a->side, b->side, a->side_size);
    if (i < a->side_size) tsr_check_fail(c, "%s: side information differs at byte %zu", what, i);
    for (uint32_t k = 0; k < a->out.n; k++) expect_same_plane(c, a, b, k, what);
}

/* ---------------------------------------------------------------- distances */

double tsr_trial_rms(const tsr_trial *t) {
    double sum = 0;
    size_t n = (size_t)t->w * t->h;
    for (uint32_t k = 0; k < t->in.n; k++)
        for (size_t i = 0; i < n; i++) {
            double d = (double)t->out.p[k].s.f[i] - (double)t->in.p[k].s.f[i];
            sum += d * d;
        }
    return sqrt(sum / ((double)n * t->in.n));
}

double tsr_trial_distance(const tsr_trial *a, const tsr_trial *b) {
    double most = 0;
    for (uint32_t k = 0; k < a->out.n; k++)
        for (size_t i = 0; i < (size_t)a->out.p[k].w * a->out.p[k].h; i++) {
            double d = fabs((double)a->out.p[k].s.f[i] - (double)b->out.p[k].s.f[i]);
            if (!(d <= most)) most = d;
        }
    return most;
}
