/* step.h - quantization steps: a logarithmic scale of coded indices, and the quality scale on it.
 */
#ifndef TSR_STEP_H
#define TSR_STEP_H

#include <stdint.h>

/* step = 2^(index / 256 - 10) 8-bit levels, index 1 .. 5120: 2^-10 to 2^10 in steps of 0.27 %.
 * Index 0 stands for lossless. */
#define TSR_STEP_MIN 1u
#define TSR_STEP_MAX 5120u

/* The step of an index; the same bits on every machine. */
float tsr_step_value(uint32_t index);

/* Nearest index of a step > 0 (encoder only: uses libm). */
uint32_t tsr_step_index(double step);

/* Index of quality 0..100: quality 75 is step 20; below, the step doubles every 20 points (0: 269),
 * above, it halves every 6 (100: 1.1, near lossless). */
uint32_t tsr_step_of_quality(double quality);

#endif
