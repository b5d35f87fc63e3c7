/* bd_gate.c - compares each codec with itself in an older set of rows: BD-rate per picture and
 * mean, bytes at equal settings where there is no curve (lossless, one setting), lost rows,
 * quality. */
#include "bd_gate.h"

#include <math.h>
#include <string.h>

typedef struct gate_maker {
    tsr_gate *g;
    tsr_lab *now;
    const tsr_lab *base;
    const tsr_study *now_study, *base_study;
    tsr_lab_metric metric;
    tsr_diag *d;
} gate_maker;

static tsr_status add_find(gate_maker *m, tsr_gate_find f) {
    tsr_gate *g = m->g;
    tsr_status s = tsr_lab_grow(m->now, &g->finds, g->n, &g->cap, sizeof *g->finds, m->d);
    if (s) return s;
    g->finds[g->n++] = f;
    g->n_failed += f.fails != 0;
    return TSR_OK;
}

static int is_same(const tsr_lab_row *a, const tsr_lab_row *b) {
    return a->scale == b->scale && !strcmp(a->codec, b->codec) && !strcmp(a->image, b->image) &&
           !strcmp(a->setting, b->setting);
}

/* The row of the same codec, picture and setting, or NULL. Rows are sorted by codec, so that only
 * those of one codec are looked at: [from, to). */
static const tsr_lab_row *counterpart(const tsr_lab *lab, size_t from, size_t to,
                                      const tsr_lab_row *r) {
    for (size_t i = from; i < to; i++)
        if (is_same(&lab->rows[i], r)) return &lab->rows[i];
    return NULL;
}

static void rows_of(const tsr_lab *lab, const char *codec, size_t *from, size_t *to) {
    *from = 0;
    while (*from < lab->n_rows && strcmp(lab->rows[*from].codec, codec)) ++*from;
    *to = *from;
    while (*to < lab->n_rows && !strcmp(lab->rows[*to].codec, codec)) ++*to;
}

/* ---------------------------------------------------------------- row by row */

/* How much larger the files of one picture got, over the settings both have; NAN: none. */
static double bytes_growth(const gate_maker *m, const char *codec, const char *image) {
    size_t from, to, base_from, base_to;
    double now = 0, before = 0;
    rows_of(m->now, codec, &from, &to);
    rows_of(m->base, codec, &base_from, &base_to);
    for (size_t i = from; i < to; i++) {
        const tsr_lab_row *r = &m->now->rows[i], *b;
        if (strcmp(r->image, image) || r->scale != 1 || !tsr_lab_row_ok(r)) continue;
        b = counterpart(m->base, base_from, base_to, r);
        if (!b || !tsr_lab_row_ok(b)) continue;
        now += r->bpp;
        before += b->bpp;
    }
    return before > 0 ? (now / before - 1) * 100 : NAN;
}

static tsr_status compare_row(gate_maker *m, const tsr_lab_row *b, const tsr_lab_row *r) {
    tsr_gate_find f = {.codec = b->codec, .image = b->image, .setting = b->setting, .fails = 1};
    if (!r || !tsr_lab_row_ok(r)) {
        f.kind = TSR_GATE_LOST;
        return add_find(m, f);
    }
    double was = tsr_lab_metric_db(m->metric, b->metric[m->metric]);
    double is = tsr_lab_metric_db(m->metric, r->metric[m->metric]);
    f.kind = TSR_GATE_PSNR;
    f.amount = was - is;
    return f.amount > m->g->limits.psnr ? add_find(m, f) : TSR_OK;
}

static tsr_status compare_rows(gate_maker *m, const char *codec) {
    size_t from, to, base_from, base_to;
    tsr_status s = TSR_OK;
    rows_of(m->now, codec, &from, &to);
    rows_of(m->base, codec, &base_from, &base_to);
    for (size_t i = base_from; i < base_to && !s; i++) {
        const tsr_lab_row *b = &m->base->rows[i];
        if (tsr_lab_row_ok(b)) s = compare_row(m, b, counterpart(m->now, from, to, b));
    }
    return s;
}

/* ---------------------------------------------------------------- curves */

typedef struct tally {
    double sum;
    size_t n, n_bytes; /* pictures; of them, those compared by bytes */
} tally;

static tsr_status compare_image(gate_maker *m, const char *codec, const char *image,
                                const tsr_lab_curve *now, const tsr_lab_curve *base, tally *t) {
    tsr_gate_find f = {.kind = TSR_GATE_BD, .codec = codec, .image = image};
    f.amount = tsr_bd_rate(&base->fit, &now->fit).percent;
    if (isnan(f.amount)) {
        f.kind = TSR_GATE_BYTES;
        f.amount = bytes_growth(m, codec, image);
    }
    if (isnan(f.amount)) return TSR_OK;
    t->sum += f.amount;
    t->n++;
    t->n_bytes += f.kind == TSR_GATE_BYTES;
    f.fails = f.amount > m->g->limits.bd;
    return f.fails ? add_find(m, f) : TSR_OK;
}

/* The mean stands before what fails in it: its place is taken first. */
static tsr_status compare_codec(gate_maker *m, size_t now, size_t base) {
    const tsr_lab_names *names = m->now_study->names, *old = m->base_study->names;
    const char *codec = names->codecs[now];
    size_t at = m->g->n;
    tally t = {0};
    tsr_status s = add_find(m, (tsr_gate_find){.kind = TSR_GATE_BD, .codec = codec, .amount = NAN});
    for (size_t i = 0; i < names->n_images && !s; i++) {
        size_t k = tsr_lab_image_index(old, names->images[i]);
        if (k == SIZE_MAX) continue;
        s = compare_image(m, codec, names->images[i], tsr_study_curve(m->now_study, now, i),
                          tsr_study_curve(m->base_study, base, k), &t);
    }
    if (s) return s;
    tsr_gate_find *mean = &m->g->finds[at];
    mean->amount =
        t.n ? t.sum / (double)t.n
            : tsr_bd_rate(&m->base_study->means[base].fit, &m->now_study->means[now].fit).percent;
    if (t.n && t.n == t.n_bytes) mean->kind = TSR_GATE_BYTES;
    mean->fails = mean->amount > m->g->limits.bd;
    m->g->n_failed += mean->fails != 0;
    m->g->n_images += t.n;
    m->g->n_codecs++;
    return compare_rows(m, codec);
}

/* A codec of the baseline that is gone takes its rows with it. */
static tsr_status compare_all(gate_maker *m) {
    const tsr_lab_names *old = m->base_study->names;
    tsr_status s = TSR_OK;
    for (size_t c = 0; c < old->n_codecs && !s; c++) {
        size_t now = tsr_lab_codec_index(m->now_study->names, old->codecs[c]);
        s = now == SIZE_MAX ? add_find(m, (tsr_gate_find){.kind = TSR_GATE_LOST,
                                                          .codec = old->codecs[c],
                                                          .fails = 1})
                            : compare_codec(m, now, c);
    }
    return s;
}

tsr_status tsr_gate_make(tsr_lab *now, tsr_lab *base, tsr_lab_metric metric,
                         const tsr_gate_limits *limits, tsr_gate *g, tsr_diag *d) {
    tsr_lab_names now_names, base_names;
    tsr_study now_study, base_study;
    *g = (tsr_gate){.limits = *limits};
    tsr_status s = tsr_lab_names_make(now, &now_names, d);
    if (!s) s = tsr_lab_names_make(base, &base_names, d);
    if (!s) s = tsr_study_make(now, &now_names, metric, 1, &now_study, d);
    if (!s) s = tsr_study_make(base, &base_names, metric, 1, &base_study, d);
    if (s) return s;
    gate_maker m = {g, now, base, &now_study, &base_study, metric, d};
    s = compare_all(&m);
    if (!s && !g->n_codecs)
        s = tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                         "no codec in common with the baseline: nothing to compare");
    return s;
}

char *tsr_gate_text(tsr_lab_pool *pool, const tsr_gate *g, const tsr_gate_find *f) {
    const char *image = f->image ? f->image : "mean";
    switch (f->kind) {
    case TSR_GATE_BD:
    case TSR_GATE_BYTES:
        return tsr_lab_pool_print(pool, "%s, %s: %s %+.2f %% (limit %.2f %%)", f->codec, image,
                                  f->kind == TSR_GATE_BD ? "BD-rate" : "bytes at equal setting",
                                  f->amount, g->limits.bd);
    case TSR_GATE_PSNR:
        return tsr_lab_pool_print(pool, "%s, %s, %s: quality %.3f dB lower (limit %.3f dB)",
                                  f->codec, image, f->setting, f->amount, g->limits.psnr);
    default:
        return f->image ? tsr_lab_pool_print(pool, "%s, %s, %s: no result, the baseline has one",
                                             f->codec, image, f->setting)
                        : tsr_lab_pool_print(pool, "%s: no rows, the baseline has some", f->codec);
    }
}
