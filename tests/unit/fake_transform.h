/* fake_transform.h - a transform that passes every check and does nothing, to break or to extend.
 */
#ifndef TSR_FAKE_TRANSFORM_H
#define TSR_FAKE_TRANSFORM_H

#include <tessera/plugin.h>

static inline tsr_status fake_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                        const tsr_env *env) {
    (void)st, (void)v, (void)g, (void)env;
    return TSR_OK;
}

static inline uint32_t fake_layout(const void *st, tsr_band *out, uint32_t cap) {
    (void)st;
    if (cap)
        out[0] =
            (tsr_band){.w = 1,
                       .h = 1,
                       .gain = 1,
                       .ref = {TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND}};
    return 1;
}

static inline tsr_status fake_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                       tsr_coeffs *out, const tsr_env *env) {
    (void)st, (void)in, (void)goal, (void)out, (void)env;
    return TSR_OK;
}

static inline tsr_status fake_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                        const tsr_env *env) {
    (void)st, (void)in, (void)out, (void)env;
    return TSR_OK;
}

/* The descriptor has these two only if a test adds them. */
static inline uint32_t fake_reduce(const void *st, uint32_t halvings, uint32_t *bands) {
    (void)st;
    *bands = 1;
    return halvings;
}

static inline tsr_status fake_synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in,
                                                tsr_planes *out, const tsr_env *env) {
    (void)n;
    return fake_synthesis(st, in, out, env);
}

static inline tsr_transform fake_transform(const char *name, uint64_t id) {
    return (tsr_transform){.h = {.struct_size = sizeof(tsr_transform),
                                 .abi = TSR_ABI,
                                 .id = id,
                                 .stream_version = 1,
                                 .name = name,
                                 .summary = "does nothing",
                                 .reference = ""},
                           .configure = fake_configure,
                           .layout = fake_layout,
                           .analysis = fake_analysis,
                           .synthesis = fake_synthesis};
}

/* A module of n descriptors. */
static inline tsr_plugin fake_plugin(const tsr_transform *const *transforms, uint32_t n) {
    return (tsr_plugin){.struct_size = sizeof(tsr_plugin),
                        .abi = TSR_ABI,
                        .name = "fake",
                        .version = "1",
                        .licence = "none",
                        .transforms = transforms,
                        .n_transforms = n};
}

#endif
