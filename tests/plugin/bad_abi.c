/* bad_abi.c - compiled for another major version of the ABI. */
#include "sample.h"

SAMPLE_PLUGIN(m->abi = (TSR_ABI_MAJOR + 1) << 16)
