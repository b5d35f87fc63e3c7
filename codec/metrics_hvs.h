/* metrics_hvs.h - PSNR-HVS and PSNR-HVS-M of two planes that arrive row by row (inside the codec
 * only). */
#ifndef TSR_METRICS_HVS_H
#define TSR_METRICS_HVS_H

#include <tessera/status.h>

/* The running state of one comparison. */
typedef struct tsr_hvs tsr_hvs;

/* A comparison of two planes of this width, at least 1. Memory grows with the width only. Errors:
 * MEMORY; *h is then NULL. Free with tsr_hvs_free. */
tsr_status tsr_hvs_new(tsr_hvs **h, uint32_t width, tsr_diag *d) TSR_MUST_CHECK;

/* The next row of both planes: width samples each, range 0 .. 255. */
void tsr_hvs_push(tsr_hvs *h, const double *x, const double *y);

/* After the last row: dB, INFINITY without a (visible) difference; NAN when no whole block of 8x8
 * fits. */
void tsr_hvs_finish(const tsr_hvs *h, double *psnr_hvs, double *psnr_hvs_m);

/* h may be NULL. */
void tsr_hvs_free(tsr_hvs *h);

#endif
