/* metrics.c - how far apart two pictures are: squared error, PSNR, largest error; SSIM from
 * metrics_ssim.c, PSNR-HVS from metrics_hvs.c.
 *
 * Errors are summed exactly in integers along a row and in double over the rows. Luma is ITU-R
 * BT.601 (section 2.5.1) of the colour channels, unrounded, scaled to 0..255 for every depth. One
 * pass, a few rows of memory, a time proportional to the number of samples.
 */
#include <tessera/metrics.h>

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "metrics_hvs.h"
#include "metrics_ssim.h"

typedef struct sums {
    double squares[TSR_MAX_CHANNELS]; /* squared error of each channel, levels of the depth */
    double luma_squares;              /* squared error of luma, range 0..255 */
    uint32_t max_error;
} sums;

/* Working rows; all in one allocation that starts at luma[0]. */
typedef struct rows {
    double *luma[2];    /* width */
    int32_t *sample[2]; /* width * channels */
} rows;

static tsr_status check_shape(const tsr_image *a, const tsr_image *b, tsr_diag *d) {
    const struct {
        const char *what;
        uint32_t a, b;
    } property[] = {{"width", a->width, b->width},
                    {"height", a->height, b->height},
                    {"number of channels", a->channels, b->channels},
                    {"bit depth", a->depth, b->depth}};
    for (size_t i = 0; i < sizeof property / sizeof *property; i++)
        if (property[i].a != property[i].b)
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "the pictures differ in %s: %u and %u", property[i].what,
                                (unsigned)property[i].a, (unsigned)property[i].b);
    return TSR_OK;
}

static tsr_status rows_alloc(rows *r, const tsr_image *im, tsr_diag *d) {
    uint64_t samples = (uint64_t)im->width * im->channels;
    uint64_t bytes = 2 * (im->width * sizeof(double) + samples * sizeof(int32_t));
    void *memory = bytes <= SIZE_MAX ? malloc((size_t)bytes) : NULL;
    if (!memory)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET,
                            "no memory to compare pictures %u samples wide", (unsigned)im->width);
    r->luma[0] = memory;
    r->luma[1] = r->luma[0] + im->width;
    r->sample[0] = (int32_t *)(r->luma[1] + im->width);
    r->sample[1] = r->sample[0] + samples;
    return TSR_OK;
}

/* Row y as int32, whatever the depth. */
static void load_samples(const tsr_image *im, uint32_t y, int32_t *out) {
    size_t n = (size_t)im->width * im->channels;
    if (im->depth == 8) {
        const uint8_t *p = (const uint8_t *)im->pixels + y * n;
        for (size_t i = 0; i < n; i++) out[i] = p[i];
    } else {
        const uint16_t *p = (const uint16_t *)im->pixels + y * n;
        for (size_t i = 0; i < n; i++) out[i] = p[i];
    }
}

static void add_errors(sums *s, const int32_t *a, const int32_t *b, uint32_t w, unsigned channels) {
    for (unsigned c = 0; c < channels; c++) {
        uint64_t sum = 0;
        uint32_t max = s->max_error;
        for (size_t i = c; i < (size_t)w * channels; i += channels) {
            uint32_t e = (uint32_t)abs(a[i] - b[i]);
            sum += (uint64_t)e * e;
            max = e > max ? e : max;
        }
        s->squares[c] += (double)sum;
        s->max_error = max;
    }
}

static void luma_row(const int32_t *in, uint32_t w, unsigned channels, double scale, double *out) {
    if (channels < 3) {
        for (uint32_t i = 0; i < w; i++) out[i] = scale * in[(size_t)i * channels];
        return;
    }
    for (uint32_t i = 0; i < w; i++) {
        const int32_t *p = in + (size_t)i * channels;
        out[i] = scale * (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
    }
}

static double squared_distance(const double *a, const double *b, uint32_t w) {
    double sum = 0;
    for (uint32_t i = 0; i < w; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static double psnr(double peak, double mse) {
    return mse > 0 ? 10 * log10(peak * peak / mse) : INFINITY;
}

static void finish(const sums *s, const tsr_image *im, tsr_metrics *out) {
    double pixels = (double)im->width * im->height, peak = im->depth == 8 ? 255 : 65535;
    unsigned colours = im->channels < 3 ? 1 : 3;
    double all = 0, colour = 0;
    for (unsigned c = 0; c < TSR_MAX_CHANNELS; c++) {
        out->psnr_channel[c] = c < im->channels ? psnr(peak, s->squares[c] / pixels) : NAN;
        all += s->squares[c];
        if (c < colours) colour += s->squares[c];
    }
    out->mse = all / (pixels * im->channels);
    out->psnr = psnr(peak, out->mse);
    out->psnr_rgb = psnr(peak, colour / (pixels * colours));
    out->psnr_y = psnr(255, s->luma_squares / pixels);
    out->max_error = s->max_error;
}

tsr_status tsr_compare_parts(const tsr_image *ref, const tsr_image *test, uint32_t parts,
                             tsr_metrics *out, tsr_diag *d) {
    assert(ref->pixels && test->pixels);
    tsr_status st = check_shape(ref, test, d);
    if (st) return st;
    const tsr_image *im[2] = {ref, test};
    tsr_ssim *ssim = NULL;
    tsr_hvs *hvs = NULL;
    rows r = {0};
    sums s = {0};
    if (parts & TSR_METRIC_SSIM) st = tsr_ssim_new(&ssim, ref->width, ref->height, d);
    if (!st && (parts & TSR_METRIC_HVS)) st = tsr_hvs_new(&hvs, ref->width, d);
    if (!st) st = rows_alloc(&r, ref, d);
    if (!st) {
        double scale = ref->depth == 8 ? 1 : 1 / 257.0;
        for (uint32_t y = 0; y < ref->height; y++) {
            for (int i = 0; i < 2; i++) {
                load_samples(im[i], y, r.sample[i]);
                luma_row(r.sample[i], ref->width, ref->channels, scale, r.luma[i]);
            }
            add_errors(&s, r.sample[0], r.sample[1], ref->width, ref->channels);
            s.luma_squares += squared_distance(r.luma[0], r.luma[1], ref->width);
            if (ssim) tsr_ssim_push(ssim, r.luma[0], r.luma[1]);
            if (hvs) tsr_hvs_push(hvs, r.luma[0], r.luma[1]);
        }
        finish(&s, ref, out);
        out->ssim = out->ms_ssim = out->psnr_hvs = out->psnr_hvs_m = NAN;
        if (ssim) tsr_ssim_finish(ssim, &out->ssim, &out->ms_ssim);
        if (hvs) tsr_hvs_finish(hvs, &out->psnr_hvs, &out->psnr_hvs_m);
    }
    free(r.luma[0]);
    tsr_ssim_free(ssim);
    tsr_hvs_free(hvs);
    return st;
}

tsr_status tsr_compare(const tsr_image *ref, const tsr_image *test, tsr_metrics *out, tsr_diag *d) {
    return tsr_compare_parts(ref, test, TSR_METRIC_ALL, out, d);
}
