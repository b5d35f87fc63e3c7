/* lab_report.c - computes what a report says: studies and BD-rates of each metric and scale,
 * speeds.
 */
#include "lab_report.h"

#include <math.h>
#include <string.h>

const char tsr_report_flags_legend[] =
    "t: thin overlap (under 2 dB, or under half of the shorter curve), "
    "m: a curve is not monotone, f: fewer than four points, -: no overlap of 0.5 dB";

const char *tsr_report_flags(unsigned flags, char buf[8]) {
    char *to = buf;
    if (flags & TSR_BD_NO_OVERLAP) *to++ = '-';
    if (flags & TSR_BD_THIN) *to++ = 't';
    if (flags & TSR_BD_NOT_MONOTONE) *to++ = 'm';
    if (flags & TSR_BD_FEW_POINTS) *to++ = 'f';
    *to = 0;
    return buf;
}

/* Quality as a function of rate: the fit the other way round, found by bisection. */
double tsr_report_quality_at(const tsr_study *s, size_t codec, double bpp) {
    const tsr_rd_fit *f = &s->means[codec].fit;
    double y = log(bpp);
    if (f->n < 2 || f->not_monotone || y < f->y[0] || y > f->y[f->n - 1]) return NAN;
    double lo = f->x[0], hi = f->x[f->n - 1];
    for (int i = 0; i < 60; i++) {
        double mid = (lo + hi) / 2;
        if (tsr_rd_fit_at(f, mid) < y)
            lo = mid;
        else
            hi = mid;
    }
    return (lo + hi) / 2;
}

/* Throughput is a ratio of sums, so that the slow settings weigh what they cost. */
static tsr_status measure_speed(tsr_report *r, tsr_diag *d) {
    typedef struct sums {
        double enc_px, enc_s, dec_px, dec_s;
    } sums;
    size_t n = r->names.n_codecs;
    sums *sum = tsr_lab_pool_alloc(&r->lab->pool, n, sizeof *sum);
    r->speed = tsr_lab_pool_alloc(&r->lab->pool, n, sizeof *r->speed);
    if (!sum || !r->speed) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < r->lab->n_rows; i++) {
        const tsr_lab_row *row = &r->lab->rows[i];
        size_t c = tsr_lab_codec_index(&r->names, row->codec);
        if (!row->repeats || row->scale != 1 || !tsr_lab_row_ok(row) || !(row->pixels > 0))
            continue;
        r->speed[c].rows++;
        if (row->enc_s > 0) sum[c].enc_px += row->pixels, sum[c].enc_s += row->enc_s;
        if (row->dec_s > 0) sum[c].dec_px += row->pixels, sum[c].dec_s += row->dec_s;
    }
    for (size_t c = 0; c < n; c++) {
        r->speed[c].enc = sum[c].enc_s > 0 ? sum[c].enc_px / sum[c].enc_s / 1e6 : NAN;
        r->speed[c].dec = sum[c].dec_s > 0 ? sum[c].dec_px / sum[c].dec_s / 1e6 : NAN;
        r->n_timed += r->speed[c].rows > 0;
    }
    return TSR_OK;
}

static tsr_status make_metrics(tsr_report *r, tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (int m = 0; m < TSR_LAB_METRICS && !s; m++) {
        r->has[m] = tsr_lab_has(r->lab, (tsr_lab_metric)m, 1);
        if (!r->has[m]) continue;
        s = tsr_study_make(r->lab, &r->names, (tsr_lab_metric)m, 1, &r->study[m], d);
        if (!s)
            s = tsr_bd_table_make(&r->study[m], r->anchor, m == (int)r->metric, &r->table[m], d);
    }
    return s;
}

static tsr_status make_scales(tsr_report *r, tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (int below = 1; below <= 32 && r->n_scales < TSR_LAB_SCALES && !s; below++) {
        size_t k = r->n_scales;
        double scale = 1.0 / below;
        if (!tsr_lab_has(r->lab, r->metric, scale)) continue;
        r->scale[r->n_scales++] = scale;
        s = tsr_study_make(r->lab, &r->names, r->metric, scale, &r->scaled[k], d);
        if (!s) s = tsr_bd_table_make(&r->scaled[k], r->anchor, 0, &r->scaled_table[k], d);
    }
    return s;
}

static tsr_status find_anchor(tsr_report *r, const char *anchor, tsr_diag *d) {
    r->anchor = tsr_bd_default_anchor(&r->names);
    if (!anchor) return TSR_OK;
    r->anchor = tsr_lab_codec_index(&r->names, anchor);
    if (r->anchor != SIZE_MAX) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "there are no rows of the anchor '%s'",
                        anchor);
}

tsr_status tsr_report_make(tsr_lab *lab, tsr_lab_metric metric, const char *anchor,
                           const tsr_gate *gate, tsr_report *r, tsr_diag *d) {
    *r = (tsr_report){.lab = lab, .metric = metric, .gate = gate};
    tsr_status s = tsr_lab_names_make(lab, &r->names, d);
    if (s) return s;
    if (!tsr_lab_has(lab, metric, 1))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "there are no rows with %s",
                            tsr_lab_metric_word(metric));
    for (size_t i = 0; i < lab->n_rows; i++) r->n_failed += !tsr_lab_row_ok(&lab->rows[i]);
    s = find_anchor(r, anchor, d);
    if (!s) s = make_metrics(r, d);
    if (!s) s = make_scales(r, d);
    if (!s) s = measure_speed(r, d);
    if (!s) s = tsr_lab_grid_make(lab, &r->names, &r->grid, d);
    return s;
}
