/* bad_caps.c - has side information, but does not say so. */
#include "sample.h"

SAMPLE_PLUGIN(t->h.caps &= ~(uint32_t)TSR_CAP_SIDE)
