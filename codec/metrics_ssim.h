/* metrics_ssim.h - SSIM and MS-SSIM of two planes that arrive row by row (inside the codec only).
 */
#ifndef TSR_METRICS_SSIM_H
#define TSR_METRICS_SSIM_H

#include <tessera/status.h>

/* The running state of one comparison. */
typedef struct tsr_ssim tsr_ssim;

/* A comparison of two planes of width * height samples, each at least 1. Memory grows with the
 * width only. Errors: MEMORY; *s is then NULL. Free with tsr_ssim_free. */
tsr_status tsr_ssim_new(tsr_ssim **s, uint32_t width, uint32_t height, tsr_diag *d) TSR_MUST_CHECK;

/* The next row of both planes: width samples each, range 0 .. 255. Call it exactly height times. */
void tsr_ssim_push(tsr_ssim *s, const double *x, const double *y);

/* After the last row. *ssim is NAN when a side is below 11, *ms_ssim when a side is below 176. */
void tsr_ssim_finish(tsr_ssim *s, double *ssim, double *ms_ssim);

/* s may be NULL. */
void tsr_ssim_free(tsr_ssim *s);

#endif
