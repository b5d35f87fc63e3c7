/* bad_room.c - writes all bands whatever room there is, if there is any. */
#include "sample.h"

static uint32_t layout(const void *st, tsr_band *out, uint32_t cap) {
    return sample_layout(st, out, cap ? UINT32_MAX : 0);
}

SAMPLE_PLUGIN(t->layout = layout)
