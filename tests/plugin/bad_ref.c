/* bad_ref.c - names a band of another plane as the parent. */
#include "sample.h"

static uint32_t layout(const void *st, tsr_band *out, uint32_t cap) {
    uint32_t n = sample_layout(st, out, cap);
    if (n > 2 && cap > 1) out[1].ref[TSR_REF_PARENT] = 0;
    return n;
}

SAMPLE_PLUGIN(t->layout = layout)
