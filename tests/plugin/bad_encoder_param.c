/* bad_encoder_param.c - the decoder needs a parameter that is not in the file. */
#include "sample.h"

static const tsr_param params[SAMPLE_PARAMS] = {
    {"block", "side of a block", "samples", TSR_PARAM_INT, TSR_PARAM_ENCODER, 2, 8, 2, NULL},
    {"offset", "take the mean of a plane out", "", TSR_PARAM_BOOL, TSR_PARAM_ENCODER, 0, 1, 1,
     NULL},
};

SAMPLE_PLUGIN(t->h.params = params)
