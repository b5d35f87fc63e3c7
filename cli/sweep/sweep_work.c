/* sweep_work.c - one row: real encode to bytes, real decode of these bytes, comparison. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

#define MAX_REPEATS 1000u

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, uint32_t n) {
    qsort(v, n, sizeof *v, compare_doubles);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* What a row is made of, while it is made. */
typedef struct work {
    tsr_sweep *sweep;
    tsr_context *ctx;
    const tsr_sweep_codec *codec;
    const tsr_setting *setting;
    const tsr_image *original;
    tsr_blob stream;
    tsr_image decoded;
    tsr_diag diag;
} work;

static tsr_status encode_once(work *w, double *seconds) {
    tsr_blob out = {0};
    double start = tsr_clock_seconds();
    tsr_status s =
        tsr_sweep_encode(w->codec, w->setting, w->ctx, w->original, &out, NULL, &w->diag);
    *seconds = tsr_clock_seconds() - start;
    if (!s && w->stream.size && out.size != w->stream.size)
        s = tsr_diag_set(&w->diag, TSR_ERR_INTERNAL, TSR_NO_OFFSET,
                         "encoding twice gave %zu and %zu bytes", w->stream.size, out.size);
    tsr_blob_free(&w->stream);
    w->stream = out;
    return s;
}

static tsr_status decode_once(work *w, double *seconds) {
    tsr_image_free(&w->decoded);
    double start = tsr_clock_seconds();
    tsr_status s =
        tsr_sweep_decode(w->codec, w->ctx, &w->stream, w->original, &w->decoded, &w->diag);
    *seconds = tsr_clock_seconds() - start;
    return s;
}

/* Runs one half so often and returns the median time. */
static tsr_status run_half(work *w, tsr_status (*half)(work *, double *), uint32_t repeats,
                           double *out) {
    double seconds[MAX_REPEATS];
    uint32_t n = repeats ? repeats : 1;
    tsr_status s = TSR_OK;
    if (n > MAX_REPEATS) n = MAX_REPEATS;
    for (uint32_t i = 0; i < n && !s; i++) {
        s = half(w, &seconds[i]);
        if (!s && tsr_cli_interrupted()) s = TSR_ERR_CANCELLED;
    }
    if (!s) *out = median(seconds, n);
    return s;
}

/* SSIM and its like take as long as a fast codec: only when they are wanted. */
static uint32_t metric_parts(uint32_t columns) {
    const uint32_t ssim = 1u << TSR_COL_SSIM | 1u << TSR_COL_MS_SSIM;
    return (columns & ssim ? TSR_METRIC_SSIM : 0) |
           (columns & 1u << TSR_COL_PSNR_HVS ? TSR_METRIC_HVS : 0);
}

static tsr_status make_row(work *w, uint32_t repeats, tsr_sweep_result *r) {
    tsr_status s = run_half(w, encode_once, repeats, &r->enc_s);
    if (!s) s = run_half(w, decode_once, repeats, &r->dec_s);
    if (!s)
        s = tsr_compare_parts(w->original, &w->decoded, metric_parts(w->sweep->metrics_mask),
                              &r->metrics, &w->diag);
    if (!s && w->sweep->verify && tsr_sweep_is_own(w->codec) && !repeats)
        s = tsr_sweep_verify(w->sweep, &w->stream, &w->decoded, &w->diag);
    r->bytes = w->stream.size;
    r->repeats = repeats;
    return s;
}

tsr_status tsr_sweep_work(tsr_sweep *s, tsr_context *ctx, uint32_t p, uint32_t c, uint32_t setting,
                          uint32_t repeats, tsr_sweep_result *r) {
    const tsr_sweep_codec *codec = &s->codecs.v[c];
    work w = {.sweep = s, .ctx = ctx, .codec = codec, .setting = &codec->settings.v[setting]};
    tsr_diag_init(&w.diag);
    *r = (tsr_sweep_result){.enc_s = NAN, .dec_s = NAN};
    r->status = tsr_picture_get(&s->pictures, p, ctx, &w.original, &w.diag);
    if (!r->status) {
        r->status = make_row(&w, repeats, r);
        tsr_picture_put(&s->pictures, p);
    }
    if (r->status)
        snprintf(r->message, sizeof r->message, "%.230s",
                 *w.diag.text ? w.diag.text : tsr_status_text(r->status));
    tsr_blob_free(&w.stream);
    tsr_image_free(&w.decoded);
    return r->status;
}
