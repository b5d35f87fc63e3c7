/* bad_unstable.c - the layout depends on the picture. */
#include "sample.h"

static uint32_t layout(const void *st, tsr_band *out, uint32_t cap) {
    const sample_state *s = st;
    uint32_t n = sample_layout(st, out, cap);
    if (cap > 0 && s->offset[0] > 0) out[0].gain *= 1.01f;
    return n;
}

SAMPLE_PLUGIN(t->layout = layout)
