/* metrics.h - how far apart two pictures are. */
#ifndef TESSERA_METRICS_H
#define TESSERA_METRICS_H

#include <tessera/image.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tsr_metrics {
    double mse;      /* over all samples, in levels of the depth, alpha included */
    double psnr;     /* dB over all channels together: 10 log10((2^depth - 1)^2 / mse); INFINITY if
                        equal */
    double psnr_rgb; /* the same over the colour channels only (grey: the one channel) */
    double psnr_y;   /* BT.601 luma of RGB, unrounded; grey: the grey channel */
    double psnr_channel[TSR_MAX_CHANNELS];
    double ssim;    /* Wang 2004, luma, 11x11 Gaussian sigma 1.5, valid region; NAN if smaller than
                       11x11 */
    double ms_ssim; /* Wang 2003, luma, 5 scales; NAN if min(w, h) < 176 */
    uint32_t max_error; /* largest absolute difference of any sample */
    double psnr_hvs;    /* Egiazarian 2006, luma, dB: weighted by contrast sensitivity; INFINITY if
                           equal, NAN if smaller than 8x8 */
    double psnr_hvs_m;  /* Ponomarenko 2007: the same less what the picture masks; INFINITY if
                           nothing visible is left */
} tsr_metrics;

/* Compares two pictures of the same shape (width, height, channels, depth). Errors: ARGUMENT (which
 * property differs, both values in the text), MEMORY. */
TSR_EXPORT tsr_status tsr_compare(const tsr_image *ref, const tsr_image *test, tsr_metrics *out,
                                  tsr_diag *d) TSR_MUST_CHECK;

/* What takes long. */
enum {
    TSR_METRIC_SSIM = 1 << 0, /* ssim, ms_ssim */
    TSR_METRIC_HVS = 1 << 1,  /* psnr_hvs, psnr_hvs_m */
    TSR_METRIC_ALL = TSR_METRIC_SSIM | TSR_METRIC_HVS
};

/* tsr_compare with only those of `parts` (TSR_METRIC_*); the others are NAN. */
TSR_EXPORT tsr_status tsr_compare_parts(const tsr_image *ref, const tsr_image *test, uint32_t parts,
                                        tsr_metrics *out, tsr_diag *d) TSR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
