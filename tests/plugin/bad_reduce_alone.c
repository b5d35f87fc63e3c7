/* bad_reduce_alone.c - says how far it can reduce, and cannot. */
#include "sample.h"

SAMPLE_PLUGIN(t->synthesis_reduced = NULL)
