/* filters_choose.c - the encoder's choice of filters, on a sample of the picture. */
#include <string.h>

#include "context.h"
#include "filters.h"
#include "postfilter.h"

#define STRIP_ROWS 32u
#define STRIP_STEP 256u /* rows from one judged strip to the next */

/* Squared error that a network must leave at most, for the time it takes. */
#define NETWORK_GAIN 0.999

/* Rows y .. y + n - 1 of some planes, as planes of their own. */
static tsr_planes strip_of(const tsr_planes *p, uint32_t y, uint32_t n) {
    tsr_planes s = *p;
    for (uint32_t i = 0; i < s.n; i++) {
        s.p[i].h = n;
        s.p[i].s.f += (size_t)y * s.p[i].w;
    }
    return s;
}

static double squared_error(const tsr_planes *a, const tsr_planes *b) {
    double sum = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        size_t n = (size_t)a->p[i].w * a->p[i].h;
        for (size_t k = 0; k < n; k++) {
            double d = (double)a->p[i].s.f[k] - b->p[i].s.f[k];
            sum += d * d;
        }
    }
    return sum;
}

/* Error of a strip with filters; copy has room for it. */
static tsr_status strip_error(const tsr_planes *decoded, const tsr_planes *original,
                              const tsr_filters *f, tsr_planes *copy, double *sum, tsr_job *j) {
    for (uint32_t i = 0; i < decoded->n; i++) {
        copy->p[i].h = decoded->p[i].h;
        memcpy(copy->p[i].s.f, decoded->p[i].s.f,
               (size_t)decoded->p[i].w * decoded->p[i].h * sizeof(float));
    }
    tsr_status s = tsr_filters_apply(copy, f, j);
    *sum += squared_error(copy, original);
    return s;
}

static tsr_status sample_error(const tsr_planes *decoded, const tsr_planes *original,
                               const tsr_filters *f, tsr_planes *copy, double *sum, tsr_job *j) {
    tsr_status s = TSR_OK;
    uint32_t h = decoded->p[0].h, first = h > STRIP_STEP ? STRIP_STEP / 2 : 0;
    *sum = 0;
    for (uint32_t y = first; y < h && !s; y += STRIP_STEP) {
        uint32_t n = h - y < STRIP_ROWS ? h - y : STRIP_ROWS;
        tsr_planes a = strip_of(decoded, y, n), b = strip_of(original, y, n);
        s = strip_error(&a, &b, f, copy, sum, j);
    }
    return s;
}

static tsr_status choose_set(const tsr_planes *decoded, const tsr_planes *original, tsr_filters *f,
                             tsr_job *j) {
    tsr_arena_mark mark = tsr_arena_save(&j->scratch);
    tsr_filters trial = {.step = f->step};
    tsr_planes copy = *decoded;
    double best = 0, error;
    uint32_t nominal = f->set;
    f->set = 0;
    if (!nominal) return TSR_OK;
    for (uint32_t i = 0; i < copy.n; i++) {
        size_t bytes = (size_t)copy.p[i].w * STRIP_ROWS * sizeof(float);
        copy.p[i].s.f = tsr_arena_alloc(&j->scratch, bytes, j->diag);
        if (!copy.p[i].s.f) return tsr_job_memory_status(j);
    }
    tsr_status s = sample_error(decoded, original, &trial, &copy, &best, j);
    for (uint32_t k = nominal > 1 ? nominal - 1 : 1; k <= nominal + 2 && k <= TSR_FILTER_SETS && !s;
         k++) {
        trial.set = k;
        s = sample_error(decoded, original, &trial, &copy, &error, j);
        if (s || error >= best) continue;
        best = error;
        f->set = k;
    }
    tsr_arena_rewind(&j->scratch, mark);
    return s;
}

/* Judged on the whole picture, as a network sees too far for strips; and in place, as the memory of
 * a copy is what encoding is measured by. */
static tsr_status choose_network(tsr_planes *decoded, const tsr_planes *original, tsr_filters *f,
                                 tsr_job *j) {
    tsr_filters set = {.set = f->set, .step = f->step};
    tsr_filters network = {.network = f->network, .views = f->views, .step = f->step};
    if (!f->network) return TSR_OK;
    tsr_status s = tsr_filters_apply(decoded, &set, j);
    double plain = squared_error(decoded, original);
    if (!s) s = tsr_filters_apply(decoded, &network, j);
    if (!s && !(squared_error(decoded, original) < NETWORK_GAIN * plain)) f->network = NULL;
    return s;
}

tsr_status tsr_filters_choose(tsr_planes *decoded, const tsr_planes *original, tsr_filters *f,
                              tsr_job *j) {
    tsr_status s = choose_set(decoded, original, f, j);
    return s ? s : choose_network(decoded, original, f, j);
}
