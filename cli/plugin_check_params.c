/* plugin_check_params.c - each parameter at its minimum, maximum, default and every choice, the
 * others at their defaults. configure() may refuse; what it takes has to work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_trial.h"

typedef struct counts {
    unsigned taken, refused;
} counts;

static void expect_exact(tsr_check *c, const tsr_trial *t) {
    for (uint32_t p = 0; p < t->planes; p++)
        if (memcmp(t->in.p[p].s.i, t->out.p[p].s.i, (size_t)t->w * t->h * sizeof(int32_t)))
            tsr_check_fail(c, "plane %u: not exact", p);
}

static void try_one(tsr_check *c, tsr_trial t, counts *n) {
    tsr_status s = tsr_trial_try(c, &t);
    bool configured = t.enc.n > 0;
    if (configured) {
        tsr_trial_expect_ok(c, &t, s);
        tsr_trial_expect_legal(c, &t);
        if (t.lossless) expect_exact(c, &t);
    }
    n->taken += configured;
    n->refused += !configured;
    tsr_trial_drop(c, &t);
}

static void say(const tsr_param *p, tsr_value v, char *out, size_t size) {
    if (p->type == TSR_PARAM_REAL)
        snprintf(out, size, "%s=%g", p->name, v.r);
    else if (p->type == TSR_PARAM_CHOICE)
        snprintf(out, size, "%s=%s", p->name, p->choices[v.i]);
    else
        snprintf(out, size, "%s=%lld", p->name, (long long)v.i);
}

/* Parameter k at value v, for two sizes and both modes. */
static void try_value(tsr_check *c, tsr_value *values, uint32_t k, tsr_value v, counts *n) {
    const tsr_value kept = values[k];
    tsr_trial t = {.w = 33, .h = 47, .planes = 3, .quant = 1, .values = values};
    say(&c->t->h.params[k], v, t.label, sizeof t.label);
    values[k] = v;
    try_one(c, t, n);
    t.lossless = true;
    if (c->t->h.caps & TSR_CAP_LOSSLESS) try_one(c, t, n);
    t.lossless = false;
    t.w = t.planes = 1;
    t.h = 2;
    try_one(c, t, n);
    values[k] = kept;
}

static void try_param(tsr_check *c, tsr_value *values, uint32_t k, counts *n) {
    const tsr_param *p = &c->t->h.params[k];
    const double numbers[] = {p->min, p->def, p->max};
    switch (p->type) {
    case TSR_PARAM_INT:
        for (int i = 0; i < 3; i++)
            try_value(c, values, k, (tsr_value){.i = (int64_t)numbers[i]}, n);
        break;
    case TSR_PARAM_REAL:
        for (int i = 0; i < 3; i++) try_value(c, values, k, (tsr_value){.r = numbers[i]}, n);
        break;
    case TSR_PARAM_CHOICE:
        for (int64_t i = 0; p->choices[i]; i++) try_value(c, values, k, (tsr_value){.i = i}, n);
        break;
    default:
        for (int64_t i = 0; i <= 1; i++) try_value(c, values, k, (tsr_value){.i = i}, n);
    }
}

void tsr_check_params(tsr_check *c) {
    const tsr_head *h = &c->t->h;
    if (!h->n_params) tsr_check_skip(c, "no parameters");
    tsr_value *values = tsr_check_alloc(c, h->n_params, sizeof *values);
    for (uint32_t k = 0; k < h->n_params; k++) values[k] = c->subject->values[k];
    counts n = {0};
    for (uint32_t k = 0; k < h->n_params; k++) try_param(c, values, k, &n);
    free(values);
    tsr_check_note(c, "%u settings work, %u refused", n.taken, n.refused);
}
