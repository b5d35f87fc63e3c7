/* klt.c - lapped blocks in a trained basis, and if asked for each in the best of several.
 *
 * The fixed basis of common/lapped_frame.c was fitted to photographs; 16 more turn the components
 * of a block to where they are few (klt_bases.h). All are part of the codec: a file names the class
 * of each block and holds no basis. Only training needs LAPACKE.
 */
#include <string.h>

#include "klt_internal.h"

enum { PARAM_CLASSES, PARAM_OVERLAP, N_PARAMS };

static const tsr_param params[N_PARAMS] = {
    [PARAM_CLASSES] = {.name = "classes",
                       .help = "choose among 17 trained bases for each block",
                       .unit = "",
                       .type = TSR_PARAM_BOOL,
                       .def = 0},
    [PARAM_OVERLAP] = {.name = "overlap",
                       .help = "basis functions reach into the neighbouring blocks",
                       .unit = "",
                       .type = TSR_PARAM_BOOL,
                       .def = 1},
};

static uint32_t count_coarse_bands(const lapped_blocks *l) {
    uint32_t n = 0;
    while (n < l->bands && l->order[n].stage) n++;
    return n;
}

static tsr_status klt_configure(void *state, const tsr_value *v, const tsr_geometry *g,
                                const tsr_env *env) {
    klt *k = state;
    if (g->lossless) return env->fail(env, TSR_ERR_UNSUPPORTED, "klt: there is no lossless mode");
    k->g = *g;
    k->classes = 1;
    tsr_status s = tsr_lapped_configure(&k->lapped, g, KLT_SIDE, v[PARAM_OVERLAP].i != 0, env);
    if (s || !v[PARAM_CLASSES].i) return s;
    k->classes = KLT_CLASSES;
    k->at = count_coarse_bands(&k->lapped);
    k->bases = env->alloc(env, sizeof *k->bases);
    if (!k->bases) return TSR_ERR_MEMORY;
    tsr_klt_bases_load(k->bases);
    return TSR_OK;
}

static uint32_t klt_layout(const void *state, tsr_band *out, uint32_t cap) {
    return tsr_klt_layout(state, out, cap);
}

void tsr_klt_gather(const klt *k, const tsr_samples *data, uint32_t plane, size_t at, float *x) {
    const uint32_t *band = k->lapped.band[0] + plane * KLT_SIZE;
    x[0] = 0.0f;
    for (unsigned i = 1; i < KLT_SIZE; i++) x[i] = data[band[i]].f[at];
}

void tsr_klt_scatter(const klt *k, const tsr_samples *data, uint32_t plane, size_t at,
                     const float *x) {
    const uint32_t *band = k->lapped.band[0] + plane * KLT_SIZE;
    for (unsigned i = 1; i < KLT_SIZE; i++) data[band[i]].f[at] = x[i];
}

/* The arrays of the bands without that of the classes. */
static tsr_samples *component_arrays(const klt *k, const tsr_coeffs *c, const tsr_env *env) {
    tsr_samples *data = env->alloc(env, c->n * sizeof *data);
    if (!data) return NULL;
    memcpy(data, c->data, k->lapped.bands * sizeof *data);
    if (k->classes > 1)
        memcpy(data + k->at, c->data + k->at + 1, (k->lapped.bands - k->at) * sizeof *data);
    return data;
}

/* ---- blocks from the fixed basis to that of their class, and back ---- */

typedef struct turn {
    const klt *k;
    const tsr_samples *data;
    const int32_t *cls;
    void (*apply)(const klt_bases *b, uint32_t cls, float *x);
} turn;

static tsr_status turn_row(void *arg, uint32_t y, uint32_t worker) {
    const turn *t = arg;
    uint32_t nx = t->k->lapped.grid[0].nx;
    for (size_t at = (size_t)y * nx; at < (size_t)(y + 1) * nx; at++)
        for (uint32_t p = 0; p < t->k->g.planes && t->cls[at]; p++) {
            float x[KLT_SIZE];
            tsr_klt_gather(t->k, t->data, p, at, x);
            t->apply(t->k->bases, (uint32_t)t->cls[at], x);
            tsr_klt_scatter(t->k, t->data, p, at, x);
        }
    return TSR_OK;
}

static tsr_status klt_analysis(void *state, const tsr_planes *in, const tsr_goal *goal,
                               tsr_coeffs *out, const tsr_env *env) {
    klt *k = state;
    tsr_samples *data = component_arrays(k, out, env);
    if (!data) return TSR_ERR_MEMORY;
    tsr_status s = tsr_lapped_forward(&k->lapped, in, data, env);
    if (s || k->classes == 1) return s;
    s = tsr_klt_choose(k, data, goal, out->data[k->at].i, env);
    turn t = {k, data, out->data[k->at].i, tsr_klt_forward};
    return s ? s : env->parallel_for(env, k->lapped.grid[0].ny, turn_row, &t);
}

/* Copies of the components of stage 0, which are to be turned. */
static tsr_status copy_components(const klt *k, tsr_samples *data, const tsr_env *env) {
    size_t n = lapped_grid_blocks(&k->lapped.grid[0]), bands = k->lapped.bands - k->at;
    if (n > SIZE_MAX / sizeof(float) / bands) return TSR_ERR_MEMORY;
    float *copy = env->alloc(env, n * bands * sizeof *copy);
    if (!copy) return TSR_ERR_MEMORY;
    for (uint32_t i = k->at; i < k->lapped.bands; i++, copy += n) {
        memcpy(copy, data[i].f, n * sizeof *copy);
        data[i].f = copy;
    }
    return TSR_OK;
}

static tsr_status klt_synthesis(void *state, const tsr_coeffs *in, tsr_planes *out,
                                const tsr_env *env) {
    klt *k = state;
    tsr_samples *data = component_arrays(k, in, env);
    if (!data) return TSR_ERR_MEMORY;
    tsr_status s = TSR_OK;
    if (k->classes > 1) {
        turn t = {k, data, in->data[k->at].i, tsr_klt_backward};
        s = copy_components(k, data, env);
        if (!s) s = env->parallel_for(env, k->lapped.grid[0].ny, turn_row, &t);
    }
    return s ? s : tsr_lapped_backward(&k->lapped, data, out, env);
}

extern const tsr_transform tsr_transform_klt;
const tsr_transform tsr_transform_klt = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 7,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_STEPWISE,
          .name = "klt",
          .summary = "lapped blocks in trained bases, one or the best of 17 for each block",
          .reference = "Sezer, Guleryuz & Altunbasak 2015; Tran, Liang & Tu 2003 (overlap)",
          .params = params,
          .n_params = N_PARAMS,
          .state_size = sizeof(klt)},
    .configure = klt_configure,
    .layout = klt_layout,
    .analysis = klt_analysis,
    .synthesis = klt_synthesis,
};
