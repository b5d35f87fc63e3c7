/* svd.c - low-rank approximation with a basis from the picture itself.
 *
 * mode=block (default): blocks are vectors; their fixed basis is a lapped block transform, and
 * groups of its components are rotated to the picture's own Karhunen-Loeve basis where that saves
 * more bits than sending it takes (svd_block.c, svd_learn.c). mode=plane: a truncated singular
 * value decomposition of whole planes, for comparison (svd_plane.c). Only the encoder needs
 * LAPACKE.
 */
#include "svd_internal.h"

enum { P_MODE, P_BLOCK, P_OVERLAP, P_RANK, P_PRECISION, P_TERMS, N_PARAMS };

static const char *const modes[] = {"block", "plane", NULL};
static const char *const blocks[] = {"8", "16", "32", NULL};
static const char *const precisions[] = {"auto", "fine", "medium", "coarse", NULL};

static const tsr_param params[N_PARAMS] = {
    [P_MODE] = {.name = "mode",
                .help = "what is decomposed: blocks as vectors, or whole planes as matrices",
                .unit = "",
                .type = TSR_PARAM_CHOICE,
                .def = 0,
                .choices = modes},
    [P_BLOCK] = {.name = "block",
                 .help = "side of the blocks of mode=block",
                 .unit = "samples",
                 .type = TSR_PARAM_CHOICE,
                 .def = 0,
                 .choices = blocks},
    [P_OVERLAP] = {.name = "overlap",
                   .help = "basis functions of mode=block reach into the neighbouring blocks",
                   .unit = "",
                   .type = TSR_PARAM_BOOL,
                   .def = 1},
    [P_RANK] = {.name = "rank",
                .help = "most basis vectors of mode=block that come from the picture; 0 needs no "
                        "LAPACKE",
                .unit = "vectors",
                .type = TSR_PARAM_INT,
                .flags = TSR_PARAM_ENCODER,
                .min = 0,
                .max = TSR_MAX_PLANES * SVD_CANDIDATES,
                .def = TSR_MAX_PLANES * SVD_CANDIDATES},
    [P_PRECISION] = {.name = "precision",
                     .help = "of these vectors' rotation angles: pi/64, pi/32 or pi/16; auto "
                             "chooses by rate",
                     .unit = "",
                     .type = TSR_PARAM_CHOICE,
                     .flags = TSR_PARAM_ENCODER,
                     .def = 0,
                     .choices = precisions},
    [P_TERMS] = {.name = "terms",
                 .help = "most terms of mode=plane",
                 .unit = "terms",
                 .type = TSR_PARAM_INT,
                 .min = 1,
                 .max = SVD_MAX_TERMS,
                 .def = 96},
};

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static tsr_status svd_configure(void *state, const tsr_value *v, const tsr_geometry *g,
                                const tsr_env *env) {
    svd *st = state;
    if (g->lossless) return env->fail(env, TSR_ERR_UNSUPPORTED, "svd: there is no lossless mode");
    st->g = *g;
    st->plane_mode = v[P_MODE].i == 1;
    st->rank = (uint32_t)v[P_RANK].i;
    st->precision = (uint32_t)v[P_PRECISION].i;
    st->terms = smaller((uint32_t)v[P_TERMS].i, smaller(g->width, g->height));
    if (st->plane_mode) return TSR_OK;
    return tsr_lapped_configure(&st->lapped, g, 8u << v[P_BLOCK].i, v[P_OVERLAP].i != 0, env);
}

static uint32_t svd_layout(const void *state, tsr_band *out, uint32_t cap) {
    const svd *st = state;
    return st->plane_mode ? tsr_svd_plane_layout(st, out, cap)
                          : tsr_lapped_layout(&st->lapped, out, cap);
}

static tsr_status svd_analysis(void *state, const tsr_planes *in, const tsr_goal *goal,
                               tsr_coeffs *out, const tsr_env *env) {
    svd *st = state;
    return st->plane_mode ? tsr_svd_plane_analysis(st, in, goal, out, env)
                          : tsr_svd_block_analysis(st, in, goal, out, env);
}

static tsr_status svd_synthesis(void *state, const tsr_coeffs *in, tsr_planes *out,
                                const tsr_env *env) {
    svd *st = state;
    return st->plane_mode ? tsr_svd_plane_synthesis(st, in, out, env)
                          : tsr_svd_block_synthesis(st, in, out, env);
}

static size_t svd_side_save(const void *state, uint8_t *out, size_t cap) {
    return tsr_svd_side_save(state, out, cap);
}

static tsr_status svd_side_load(void *state, const uint8_t *data, size_t size, const tsr_env *env) {
    return tsr_svd_side_load(state, data, size, env);
}

extern const tsr_transform tsr_transform_svd;
const tsr_transform tsr_transform_svd = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 4,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_STEPWISE | TSR_CAP_SIDE,
          .name = "svd",
          .summary = "low rank: lapped blocks in a basis rotated to the picture's own",
          .reference = "Eckart & Young 1936; Tran, Liang & Tu 2003 (overlap)",
          .params = params,
          .n_params = N_PARAMS,
          .state_size = sizeof(svd)},
    .configure = svd_configure,
    .layout = svd_layout,
    .analysis = svd_analysis,
    .synthesis = svd_synthesis,
    .side_save = svd_side_save,
    .side_load = svd_side_load,
};
