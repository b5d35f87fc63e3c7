/* dct.c - the dct transform: blockwise DCT-II, by default lapped and with a second stage.
 *
 * Ahmed, Natarajan and Rao, "Discrete Cosine Transform", IEEE Trans. Computers C-23, 1974. Analysis
 * uses FFTW; synthesis is our own and exact on every machine. README.md says what the parameters
 * do.
 */
#include "dct_internal.h"

enum { PARAM_BLOCK, PARAM_LAPPED, PARAM_SECOND, N_PARAMS };

static const char *const block_names[] = {"8", "16", "32", NULL};
static const char *const second_names[] = {"off", "4", "8", NULL};

static const tsr_param params[N_PARAMS] = {
    [PARAM_BLOCK] = {.name = "block",
                     .help = "side of a block",
                     .unit = "samples",
                     .type = TSR_PARAM_CHOICE,
                     .choices = block_names},
    [PARAM_LAPPED] = {.name = "lapped",
                      .help = "filters across block boundaries: no blocking, fewer bits",
                      .unit = "",
                      .type = TSR_PARAM_BOOL,
                      .def = 1},
    [PARAM_SECOND] = {.name = "second",
                      .help =
                          "side of the blocks of a second transform, of the lowest coefficients",
                      .unit = "coefficients",
                      .type = TSR_PARAM_CHOICE,
                      .def = 1,
                      .choices = second_names},
};

/* The block's side along an axis of `size` samples: a power of two, not above the next one of size.
 */
static uint32_t block_side(uint32_t block, uint32_t size) {
    while (block / 2 >= size) block /= 2;
    return block;
}

static dct_stage make_stage(uint32_t w, uint32_t h, uint32_t block, unsigned lap) {
    dct_stage s = {.w = w, .h = h, .nx = block_side(block, w), .ny = block_side(block, h)};
    s.bx = (w - 1) / s.nx + 1;
    s.by = (h - 1) / s.ny + 1;
    s.lap = tsr_dct_lap(lap);
    return s;
}

static tsr_status dct_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                const tsr_env *env) {
    dct *d = st;
    uint32_t block = 8u << v[PARAM_BLOCK].i,
             second = v[PARAM_SECOND].i ? 2u << v[PARAM_SECOND].i : 0;
    int lapped = v[PARAM_LAPPED].i != 0;
    d->g = *g;
    d->stage[0] = make_stage(g->width, g->height, block, lapped ? DCT_MAX_LAP : 0);
    d->stages = 1;
    if (second)
        d->stage[d->stages++] =
            make_stage(d->stage[0].bx, d->stage[0].by, second, lapped ? second / 2 : 0);
    return tsr_dct_order_bands(d, env);
}

static uint32_t dct_layout(const void *st, tsr_band *out, uint32_t cap) {
    const dct *d = st;
    tsr_dct_describe_bands(d, out, cap < d->n_bands ? cap : d->n_bands);
    return d->n_bands;
}

/* The coefficient arrays of one stage of one plane; `low` stands in where the next stage takes
 * over. */
static void list_coefs(const dct *d, const tsr_coeffs *c, uint32_t stage, uint32_t plane,
                       float *low, float **coef) {
    const dct_stage *s = &d->stage[stage];
    for (uint32_t v = 0; v < s->ny; v++)
        for (uint32_t u = 0; u < s->nx; u++) {
            uint32_t band = dct_band_index(d, stage, plane, u, v);
            coef[v * s->nx + u] = band == TSR_NO_BAND ? low : c->data[band].f;
        }
}

/* For each plane the lowest coefficients of the first stage; NULL with one stage. */
static tsr_status alloc_low(const dct *d, float **low, const tsr_env *env) {
    for (uint32_t p = 0; p < d->g.planes; p++) {
        low[p] = NULL;
        if (d->stages > 1 && !(low[p] = dct_alloc(env, d->stage[1].w, d->stage[1].h)))
            return TSR_ERR_MEMORY;
    }
    return TSR_OK;
}

static tsr_status report(const dct *d, uint32_t planes_done, const tsr_env *env) {
    double whole = (double)d->g.planes * d->stages;
    return env->progress(env, planes_done / whole) ? TSR_ERR_CANCELLED : TSR_OK;
}

static tsr_status forward_stage(const dct *d, uint32_t stage, const tsr_planes *in,
                                float *const *low, const tsr_coeffs *out, const tsr_env *env) {
    dct_forward f;
    float *coef[DCT_MAX_FREQS];
    tsr_status status = tsr_dct_forward_begin(&f, &d->stage[stage], env);
    for (uint32_t p = 0; p < in->n && !status; p++) {
        list_coefs(d, out, stage, p, low[p], coef);
        status = tsr_dct_forward_run(&f, stage ? low[p] : in->p[p].s.f, coef, env);
        if (!status) status = report(d, stage * in->n + p + 1, env);
    }
    tsr_dct_forward_end(&f);
    return status;
}

static tsr_status dct_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                               tsr_coeffs *out, const tsr_env *env) {
    const dct *d = st;
    float *low[TSR_MAX_PLANES];
    tsr_status status = alloc_low(d, low, env);
    for (uint32_t s = 0; s < d->stages && !status; s++)
        status = forward_stage(d, s, in, low, out, env);
    return status;
}

static tsr_status backward_stage(const dct *d, uint32_t stage, const tsr_coeffs *in,
                                 float *const *low, tsr_planes *out, const tsr_env *env) {
    dct_backward b;
    float *coef[DCT_MAX_FREQS];
    tsr_status status = tsr_dct_backward_begin(&b, &d->stage[stage], env);
    for (uint32_t p = 0; p < out->n && !status; p++) {
        list_coefs(d, in, stage, p, low[p], coef);
        float *picture = stage ? low[p] : out->p[p].s.f;
        status = tsr_dct_backward_run(&b, (const float *const *)coef, picture, env);
        if (!status) status = report(d, (d->stages - 1 - stage) * out->n + p + 1, env);
    }
    return status;
}

static tsr_status dct_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                const tsr_env *env) {
    const dct *d = st;
    float *low[TSR_MAX_PLANES];
    tsr_status status = alloc_low(d, low, env);
    for (uint32_t s = d->stages; s-- > 0 && !status;)
        status = backward_stage(d, s, in, low, out, env);
    return status;
}

extern const tsr_transform tsr_transform_dct;
const tsr_transform tsr_transform_dct = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 3,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "dct",
          .summary = "cosine transform of blocks, lapped",
          .reference = "Ahmed, Natarajan, Rao 1974; Tran, Liang, Tu 2003 (lapped, section III)",
          .params = params,
          .n_params = N_PARAMS,
          .state_size = sizeof(dct)},
    .configure = dct_configure,
    .layout = dct_layout,
    .analysis = dct_analysis,
    .synthesis = dct_synthesis,
};
