/* fit_nonneg.h - non-negative weights that predict a magnitude from features. */
#ifndef TSR_FIT_NONNEG_H
#define TSR_FIT_NONNEG_H

#include <stdint.h>

#define TSR_NONNEG_MAX 32 /* features */

/* One sample: returns the magnitude to predict and sets its features and its weight (how often it
 * stands for others). */
typedef uint32_t (*tsr_nonneg_fn)(const void *data, uint32_t i, uint16_t *features, float *weight);

/* Fits w[0..features) to n samples. Iteratively re-weighted, since the variance of a magnitude
 * grows with its mean (0.8 E^2 + 1.5 E in half steps); each round is a non-negative least-squares
 * problem solved by coordinate descent on its normal equations. */
void tsr_fit_nonneg(tsr_nonneg_fn sample, const void *data, uint32_t n, int features, double *w);

/* The weight as stored: in 1/256, 0 .. 255. */
uint8_t tsr_fit_weight_code(double w);

#endif
