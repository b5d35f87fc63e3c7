/* mix_constants.h - constants of the coding loop, one for each lane. */
#ifndef TSR_MIX_CONSTANTS_H
#define TSR_MIX_CONSTANTS_H

#include "mixer.h"

typedef int32_t tsr_lane_constant[TSR_MIX_INPUTS];

extern const tsr_lane_constant tsr_lane_half; /* rounding of weights: 1/2 in 1/65536 */
extern const tsr_lane_constant tsr_lane_most, tsr_lane_least; /* weights */
extern const tsr_lane_constant tsr_lane_count;                /* mask of a counter's count */
extern const tsr_lane_constant tsr_lane_one;                  /* a counter's P(1) = 1 */
extern const tsr_lane_constant tsr_lane_byte;                 /* 255, the greatest count as well */

#endif
