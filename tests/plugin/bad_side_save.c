/* bad_side_save.c - writes its side information whatever room there is, if there is any. */
#include "sample.h"

static size_t side_save(const void *st, uint8_t *out, size_t cap) {
    return sample_side_save(st, out, cap ? SIZE_MAX : 0);
}

SAMPLE_PLUGIN(t->side_save = side_save)
