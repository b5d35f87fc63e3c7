/* lab_json.c - a report as JSON, for programs. */
#include <math.h>
#include <string.h>

#include "json.h"
#include "lab_report.h"

static void put_flags(tsr_json *j, unsigned flags) {
    tsr_json_array(j, "flags");
    if (flags & TSR_BD_NO_OVERLAP) tsr_json_text(j, NULL, "no overlap");
    if (flags & TSR_BD_THIN) tsr_json_text(j, NULL, "thin overlap");
    if (flags & TSR_BD_NOT_MONOTONE) tsr_json_text(j, NULL, "not monotone");
    if (flags & TSR_BD_FEW_POINTS) tsr_json_text(j, NULL, "few points");
    tsr_json_end(j);
}

static void put_pair(tsr_json *j, const tsr_report *r, size_t test, size_t anchor,
                     int with_images) {
    const tsr_bd_pair *p = tsr_bd_pair_of(tsr_report_table(r), test, anchor);
    tsr_json_object(j, NULL);
    tsr_json_text(j, "codec", r->names.codecs[test]);
    tsr_json_text(j, "anchor", r->names.codecs[anchor]);
    tsr_json_real(j, "bd_rate", p->mean, 4);
    tsr_json_real(j, "low_95", p->lo95, 4);
    tsr_json_real(j, "high_95", p->hi95, 4);
    tsr_json_real(j, "bd_rate_of_mean_curve", p->curve.percent, 4);
    tsr_json_real(j, "overlap_low_db", p->curve.lo, 4);
    tsr_json_real(j, "overlap_high_db", p->curve.hi, 4);
    tsr_json_real(j, "overlap_share", p->curve.share, 4);
    tsr_json_int(j, "images", (int64_t)p->n_compared);
    put_flags(j, tsr_bd_pair_flags(p));
    if (with_images) {
        tsr_json_object(j, "per_image");
        for (size_t i = 0; i < r->names.n_images; i++) {
            double v = tsr_bd_image(tsr_report_table(r), test, anchor, i);
            if (isfinite(v)) tsr_json_real(j, r->names.images[i], v, 4);
        }
        tsr_json_end(j);
    }
    tsr_json_end(j);
}

static void put_codec(tsr_json *j, const tsr_report *r, size_t c) {
    const tsr_study *s = tsr_report_study(r);
    tsr_json_object(j, NULL);
    tsr_json_text(j, "codec", r->names.codecs[c]);
    tsr_json_int(j, "images", (int64_t)s->n_pictures[c]);
    tsr_json_real(j, "encode_mpixel_s", r->speed[c].enc, 4);
    tsr_json_real(j, "decode_mpixel_s", r->speed[c].dec, 4);
    tsr_json_array(j, "mean_curve");
    for (size_t i = 0; i < s->means[c].n; i++) {
        const tsr_lab_point *p = &s->means[c].points[i];
        tsr_json_object(j, NULL);
        tsr_json_text(j, "setting", p->setting);
        tsr_json_real(j, "bpp", p->bpp, 6);
        tsr_json_real(j, "db", p->db, 4);
        tsr_json_end(j);
    }
    tsr_json_end(j);
    tsr_json_end(j);
}

static const char *kind_word(tsr_gate_kind k) {
    static const char *const words[] = {"bd_rate", "bytes", "quality", "lost"};
    return words[k];
}

static void put_gate(tsr_json *j, const tsr_gate *g) {
    tsr_json_object(j, "baseline");
    tsr_json_real(j, "limit_bd", g->limits.bd, 4);
    tsr_json_real(j, "limit_db", g->limits.psnr, 4);
    tsr_json_int(j, "failed", (int64_t)g->n_failed);
    tsr_json_array(j, "findings");
    for (size_t i = 0; i < g->n; i++) {
        const tsr_gate_find *f = &g->finds[i];
        tsr_json_object(j, NULL);
        tsr_json_text(j, "kind", kind_word(f->kind));
        tsr_json_text(j, "codec", f->codec);
        tsr_json_text(j, "image", f->image);
        tsr_json_text(j, "setting", f->setting);
        tsr_json_real(j, "amount", f->kind == TSR_GATE_LOST ? NAN : f->amount, 4);
        tsr_json_bool(j, "fails", f->fails);
        tsr_json_end(j);
    }
    tsr_json_end(j);
    tsr_json_end(j);
}

void tsr_report_json(FILE *f, const tsr_report *r) {
    size_t n = r->names.n_codecs;
    tsr_json j = tsr_json_begin(f);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "metric", tsr_lab_metric_word(r->metric));
    tsr_json_text(&j, "anchor", r->names.codecs[r->anchor]);
    tsr_json_int(&j, "rows", (int64_t)r->lab->n_rows);
    tsr_json_int(&j, "failed_rows", (int64_t)r->n_failed);
    tsr_json_array(&j, "codecs");
    for (size_t c = 0; c < n; c++) put_codec(&j, r, c);
    tsr_json_end(&j);
    tsr_json_array(&j, "pairs");
    for (size_t k = 0; k < n * n; k++)
        if (k / n != k % n) put_pair(&j, r, k / n, k % n, k % n == r->anchor);
    tsr_json_end(&j);
    if (r->gate) put_gate(&j, r->gate);
    tsr_json_array(&j, "notes");
    for (size_t i = 0; i < r->lab->n_notes; i++) tsr_json_text(&j, NULL, r->lab->notes[i]);
    tsr_json_end(&j);
    tsr_json_end(&j);
}
