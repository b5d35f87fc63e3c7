/* train_quantize.h - a model of quantizer and entropy coder that gradients pass through. */
#ifndef TRAIN_QUANTIZE_H
#define TRAIN_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

/* Quantizes a band of w x h coefficients in units of the step. Returns the bits that its levels q
 * would take; slope: the derivative of these bits by each coefficient. No two arrays overlap. */
double tsr_train_quantize(const float *c, uint32_t w, uint32_t h, float *q, float *slope);

#endif
