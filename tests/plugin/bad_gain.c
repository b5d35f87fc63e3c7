/* bad_gain.c - states the norm of the basis functions, not its square. */
#include "sample.h"

static uint32_t layout(const void *st, tsr_band *out, uint32_t cap) {
    uint32_t n = sample_layout(st, out, cap);
    for (uint32_t i = 0; i < n && i < cap; i++) out[i].gain = sqrtf(out[i].gain);
    return n;
}

SAMPLE_PLUGIN(t->layout = layout)
