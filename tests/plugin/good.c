/* good.c - the sample as it is: every check holds. */
#include "sample.h"

SAMPLE_PLUGIN((void)t)
