/* identity.c - no transform: one band a plane, the samples themselves.
 *
 * It measures what the rest of the pipeline costs and gains on its own: with it the codec is
 * predictive coding of quantized samples, and in lossless mode a plain predictive coder.
 */
#include <string.h>

#include <tessera/plugin.h>

typedef struct identity {
    tsr_geometry g;
} identity;

static tsr_status identity_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                     const tsr_env *env) {
    identity *id = st;
    id->g = *g;
    return TSR_OK;
}

static uint32_t identity_layout(const void *st, tsr_band *out, uint32_t cap) {
    const identity *id = st;
    for (uint32_t p = 0; p < id->g.planes && p < cap; p++) {
        out[p] = (tsr_band){
            .w = id->g.width,
            .h = id->g.height,
            .domain = id->g.lossless ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL,
            .plane = (uint8_t)p,
            .orient = TSR_ORIENT_LOW,
            .ref = {TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND, p > 0 ? 0 : TSR_NO_BAND,
                    p > 1 ? p - 1 : TSR_NO_BAND},
            .gain = 1.0f,
        };
    }
    return id->g.planes;
}

/* Float and int32 samples have the same size: one copy serves both modes. */
static size_t identity_bytes(const tsr_plane *p) {
    return (size_t)p->w * p->h * sizeof(float);
}

static tsr_status identity_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                    tsr_coeffs *out, const tsr_env *env) {
    for (uint32_t p = 0; p < in->n; p++)
        memcpy(out->data[p].i, in->p[p].s.i, identity_bytes(&in->p[p]));
    return TSR_OK;
}

static tsr_status identity_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                     const tsr_env *env) {
    for (uint32_t p = 0; p < out->n; p++)
        memcpy(out->p[p].s.i, in->data[p].i, identity_bytes(&out->p[p]));
    return TSR_OK;
}

extern const tsr_transform tsr_transform_identity;
const tsr_transform tsr_transform_identity = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 1,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_LOSSLESS,
          .name = "identity",
          .summary = "no transform: measures the rest of the pipeline",
          .reference = "",
          .state_size = sizeof(identity)},
    .configure = identity_configure,
    .layout = identity_layout,
    .analysis = identity_analysis,
    .synthesis = identity_synthesis,
};
