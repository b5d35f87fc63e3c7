/* bd_table.c - compares every codec with every other. */
#include "bd_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrap.h"

double tsr_bd_value(const tsr_bd_pair *p) {
    return isnan(p->mean) ? p->curve.percent : p->mean;
}

unsigned tsr_bd_pair_flags(const tsr_bd_pair *p) {
    unsigned flags = p->curve.flags;
    if (p->n_thin) flags |= TSR_BD_THIN;
    if (p->n_not_monotone) flags |= TSR_BD_NOT_MONOTONE;
    if (p->n_compared) flags &= ~(unsigned)TSR_BD_NO_OVERLAP;
    return flags;
}

size_t tsr_bd_default_anchor(const tsr_lab_names *names) {
    static const char *const wanted[] = {"jpeg2000", "jpeg"};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
        for (size_t i = 0; i < names->n_codecs; i++)
            if (!strncmp(names->codecs[i], wanted[k], strlen(wanted[k]))) return i;
    return 0;
}

/* ---------------------------------------------------------------- one pair */

typedef struct maker {
    const tsr_study *s;
    char *use;      /* pictures that both codecs have */
    double *values; /* BD-rates to be averaged */
    int intervals;
    tsr_diag *d;
} maker;

static void add_image(tsr_bd_pair *p, const tsr_bd *bd, double *row, size_t i) {
    row[i] = bd->percent;
    if (isnan(bd->percent)) return;
    p->n_compared++;
    p->n_thin += (bd->flags & TSR_BD_THIN) != 0;
    p->n_not_monotone += (bd->flags & TSR_BD_NOT_MONOTONE) != 0;
    if (p->best == SIZE_MAX || row[i] < row[p->best]) p->best = i;
    if (p->worst == SIZE_MAX || row[i] > row[p->worst]) p->worst = i;
}

static void compare_images(maker *m, size_t test, size_t anchor, tsr_bd_pair *p, double *row) {
    size_t n = m->s->names->n_images, used = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const tsr_lab_curve *a = tsr_study_curve(m->s, anchor, i),
                            *t = tsr_study_curve(m->s, test, i);
        row[i] = NAN;
        m->use[i] = a->n && t->n;
        if (!m->use[i]) continue;
        p->n_common++;
        tsr_bd bd = tsr_bd_rate(&a->fit, &t->fit);
        add_image(p, &bd, row, i);
        if (!isnan(row[i])) sum += m->values[used++] = row[i];
    }
    p->mean = used ? sum / (double)used : NAN;
    if (m->intervals) tsr_bootstrap_mean(m->values, used, TSR_BOOTSTRAP_SEED, &p->lo95, &p->hi95);
}

/* The mean curve of a codec over the common pictures; the one at hand when those are all it has, or
 * when it was published as a mean. */
static tsr_status mean_for(maker *m, size_t codec, size_t n_common, tsr_lab_curve *out) {
    *out = m->s->means[codec];
    if (!n_common || m->s->n_pictures[codec] == n_common) return TSR_OK;
    return tsr_study_mean(m->s, codec, m->use, out, NULL, m->d);
}

static tsr_status compare_pair(maker *m, size_t test, size_t anchor, tsr_bd_pair *p, double *row) {
    tsr_lab_curve a, t;
    *p = (tsr_bd_pair){.lo95 = NAN, .hi95 = NAN, .best = SIZE_MAX, .worst = SIZE_MAX};
    compare_images(m, test, anchor, p, row);
    tsr_status s = mean_for(m, anchor, p->n_common, &a);
    if (!s) s = mean_for(m, test, p->n_common, &t);
    if (!s) p->curve = tsr_bd_rate(&a.fit, &t.fit);
    return s;
}

/* ---------------------------------------------------------------- all pairs */

/* Means of pictures and mean curves are figures of two kinds: one order takes one of them. */
static double sort_key(const tsr_bd_table *t, size_t codec) {
    const tsr_bd_pair *p = tsr_bd_pair_of(t, codec, t->anchor);
    return t->by_curve ? p->curve.percent : tsr_bd_value(p);
}

/* Insertion sort: the order of codecs with equal figures is that of their names. */
static void sort_codecs(tsr_bd_table *t) {
    size_t n = t->study->names->n_codecs;
    for (size_t i = 0; i < n; i++)
        t->by_curve |= isnan(tsr_bd_pair_of(t, i, t->anchor)->mean) &&
                       !isnan(tsr_bd_pair_of(t, i, t->anchor)->curve.percent);
    for (size_t i = 0; i < n; i++) {
        double v = sort_key(t, i);
        size_t k = i;
        for (; k > 0; k--) {
            double before = sort_key(t, t->order[k - 1]);
            if (!(v < before || (isnan(before) && !isnan(v)))) break;
            t->order[k] = t->order[k - 1];
        }
        t->order[k] = i;
    }
}

tsr_status tsr_bd_table_make(const tsr_study *s, size_t anchor, int intervals, tsr_bd_table *t,
                             tsr_diag *d) {
    size_t n = s->names->n_codecs, n_images = s->names->n_images;
    tsr_lab_pool *pool = &s->lab->pool;
    maker m = {.s = s,
               .use = tsr_lab_pool_alloc(pool, n_images, 1),
               .values = tsr_lab_pool_alloc(pool, n_images, sizeof(double)),
               .intervals = intervals,
               .d = d};
    *t = (tsr_bd_table){.study = s,
                        .pairs = tsr_lab_pool_alloc(pool, n * n, sizeof *t->pairs),
                        .images =
                            tsr_lab_pool_alloc(pool, n * n, (n_images + 1) * sizeof *t->images),
                        .order = tsr_lab_pool_alloc(pool, n, sizeof *t->order),
                        .anchor = anchor};
    if (!m.use || !m.values || !t->pairs || !t->images || !t->order) return tsr_lab_pool_error(d);
    tsr_status st = TSR_OK;
    for (size_t k = 0; k < n * n && !st; k++)
        st = compare_pair(&m, k / n, k % n, &t->pairs[k], &t->images[k * n_images]);
    if (!st) sort_codecs(t);
    return st;
}
