/* bad_default.c - the default of a parameter lies outside its range. */
#include "sample.h"

static const tsr_param params[SAMPLE_PARAMS] = {
    {"block", "side of a block", "samples", TSR_PARAM_INT, 0, 2, 8, 9, NULL},
    {"offset", "take the mean of a plane out", "", TSR_PARAM_BOOL, TSR_PARAM_ENCODER, 0, 1, 1,
     NULL},
};

SAMPLE_PLUGIN(t->h.params = params)
