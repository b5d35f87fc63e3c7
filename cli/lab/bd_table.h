/* bd_table.h - BD-rates of all pairs of codecs: per picture, their mean with an interval, and of
 * the mean curves. */
#ifndef TSR_BD_TABLE_H
#define TSR_BD_TABLE_H

#include "bd_rate.h"
#include "study.h"

typedef struct tsr_bd_pair {
    double mean;           /* of the per-picture BD-rates, percent; NAN: none */
    double lo95, hi95;     /* bootstrap interval of that mean; NAN: fewer than two pictures */
    tsr_bd curve;          /* of the mean curves over the pictures that both have */
    size_t n_common;       /* pictures that both have */
    size_t n_compared;     /* of them, those with a BD-rate */
    size_t n_thin;         /* of those, with a thin overlap */
    size_t n_not_monotone; /* of those, with a curve that falls back */
    size_t best, worst;    /* picture of least and largest BD-rate; SIZE_MAX: none */
} tsr_bd_pair;

typedef struct tsr_bd_table {
    const tsr_study *study;
    tsr_bd_pair *pairs; /* [test * n_codecs + anchor] */
    double *images;     /* [(test * n_codecs + anchor) * n_images + image], percent or NAN */
    size_t *order;      /* codecs by BD-rate against the anchor, none last */
    int by_curve;       /* that order is by mean curves, as some codec has nothing else */
    size_t anchor;
} tsr_bd_table;

/* Compares all codecs of a study; the intervals, which take most of the time, are made when
 * `intervals` is not 0, else they are NAN. Cost: codecs^2 * (pictures + bootstrap). */
tsr_status tsr_bd_table_make(const tsr_study *s, size_t anchor, int intervals, tsr_bd_table *t,
                             tsr_diag *d) TSR_MUST_CHECK;

static inline const tsr_bd_pair *tsr_bd_pair_of(const tsr_bd_table *t, size_t test, size_t anchor) {
    return &t->pairs[test * t->study->names->n_codecs + anchor];
}

static inline double tsr_bd_image(const tsr_bd_table *t, size_t test, size_t anchor, size_t image) {
    const tsr_lab_names *n = t->study->names;
    return t->images[(test * n->n_codecs + anchor) * n->n_images + image];
}

/* The figure of a pair: the mean of the per-picture BD-rates, or where there is none (a published
 * mean curve) that of the mean curves. */
double tsr_bd_value(const tsr_bd_pair *p);

/* What to be careful about: TSR_BD_* of the mean curves and of the pictures together. */
unsigned tsr_bd_pair_flags(const tsr_bd_pair *p);

/* The codec to compare with when none is named: the first whose name begins with jpeg2000, else
 * jpeg, else the first. */
size_t tsr_bd_default_anchor(const tsr_lab_names *names);

#endif
