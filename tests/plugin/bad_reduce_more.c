/* bad_reduce_more.c - does more halvings than are wanted. */
#include "sample.h"

static uint32_t reduce(const void *st, uint32_t halvings, uint32_t *bands) {
    return sample_reduce(st, halvings, bands) + 1;
}

SAMPLE_PLUGIN(t->reduce = reduce)
