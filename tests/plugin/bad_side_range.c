/* bad_side_range.c - believes the numbers in its side information: here a factor of all samples. */
#include "sample.h"

static size_t side_save(const void *st, uint8_t *out, size_t cap) {
    const float factor = 1.0f;
    size_t n = sample_side_save(st, out, cap < 4 ? 0 : cap - 4);
    if (cap >= n + 4) memcpy(out + n, &factor, 4);
    return n + 4;
}

static tsr_status side_load(void *st, const uint8_t *data, size_t size, const tsr_env *env) {
    sample_state *s = st;
    float factor;
    if (size < 4) return TSR_ERR_TRUNCATED;
    memcpy(&factor, data + size - 4, 4);
    memcpy(&s->use_offset, &factor, 4); /* not used otherwise in a decoder */
    return sample_side_load(st, data, size - 4, env);
}

static tsr_status synthesis(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env) {
    const sample_state *s = st;
    float factor;
    memcpy(&factor, &s->use_offset, 4);
    tsr_status status = sample_synthesis(st, in, out, env);
    if (in->band[0].domain == TSR_DOMAIN_REAL) out->p[0].s.f[0] *= factor;
    return status;
}

SAMPLE_PLUGIN(t->side_save = side_save; t->side_load = side_load; t->synthesis = synthesis)
