/* bad_id.c - an id from the range of the transforms in the tree. */
#include "sample.h"

SAMPLE_PLUGIN(t->h.id = 0xfff1)
