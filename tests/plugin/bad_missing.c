/* bad_missing.c - a mandatory function is missing. */
#include "sample.h"

SAMPLE_PLUGIN(t->synthesis = NULL)
