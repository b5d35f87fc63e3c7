/* wavelet_filter.h - the filters of the wavelet transform as lifting schemes. */
#ifndef WAVELET_FILTER_H
#define WAVELET_FILTER_H

#include "lift_kernels.h"

/* Indices of the parameter `filter` and of the coded streams: append only. */
enum { WAVELET_CDF97, WAVELET_CDF53, WAVELET_HAAR, WAVELET_DB3, WAVELET_FILTERS };
#define WAVELET_AUTO WAVELET_FILTERS /* as a parameter: cdf97, or cdf53 when lossless */

/* Names in that order, NULL-terminated. */
extern const char *const tsr_wavelet_filter_names[];

/* True when the filter has a version that maps integers to integers. */
int tsr_wavelet_filter_reversible(uint32_t filter);

/* The steps for float samples (integer == 0) or int32 samples (the filter must be reversible). */
lift_scheme tsr_wavelet_scheme(uint32_t filter, int integer, int inverse);

/* K^exponent, exponent -2 .. 2, where K is the filter's factor of the low samples in the inverse;
 * the high samples have 1/K, so that products of an equal number of both are exactly 1. K makes the
 * low band a picture of the same mean: the low samples of a constant line are that constant. */
float tsr_wavelet_scale(uint32_t filter, int exponent);

#endif
