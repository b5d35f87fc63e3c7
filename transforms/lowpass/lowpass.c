/* lowpass.c - a pyramid of low-pass pictures and the residuals between its levels.
 *
 * Analysis filters a picture in the frequency domain, decimates it by two both ways, and repeats;
 * the coarsest picture is coded first. Each finer level is then predicted from the decoded coarser
 * one by interpolation, and what the prediction misses is coded as residual (Burt and Adelson, IEEE
 * Trans. Communications 31 (1983), with the quantizer inside the prediction loop). The decoder
 * interpolates and adds; it needs no Fourier transform.
 */
#include <string.h>

#include "lowpass_internal.h"
#include "lowpass_spectrum.h"

enum { P_LEVELS, P_SHAPE, P_CUTOFF, P_RESIDUAL, N_PARAMS };

/* Automatic levels: the coarsest picture's longer side is at most this. */
enum { COARSEST_SIDE = 16 };

static const char *const shapes[] = {"matched", "ideal", "cosine", "gaussian", "butterworth", NULL};
static const char *const residuals[] = {"bands", "dct4", "dct8", "samples", NULL};

static const tsr_param params[N_PARAMS] = {
    [P_LEVELS] = {.name = "levels",
                  .help = "times the picture is halved; 0 chooses by its size",
                  .unit = "",
                  .type = TSR_PARAM_INT,
                  .min = 0,
                  .max = LOWPASS_MAX_LEVELS,
                  .def = 0},
    [P_SHAPE] = {.name = "shape",
                 .help = "frequency response of the low-pass filter; matched is the dual of the "
                         "interpolation filter",
                 .unit = "",
                 .type = TSR_PARAM_CHOICE,
                 .def = SHAPE_MATCHED,
                 .choices = shapes},
    [P_CUTOFF] = {.name = "cutoff",
                  .help = "frequency of half amplitude relative to the highest one of the halved "
                          "picture; shape=matched has its own",
                  .unit = "",
                  .type = TSR_PARAM_REAL,
                  .flags = TSR_PARAM_ENCODER,
                  .min = 0.25,
                  .max = 2.0,
                  .def = 1.2},
    [P_RESIDUAL] = {.name = "residual",
                    .help =
                        "what is coded of a residual: subbands, block DCT coefficients or samples",
                    .unit = "",
                    .type = TSR_PARAM_CHOICE,
                    .def = RESIDUAL_BANDS,
                    .choices = residuals},
};

/* ---- set-up ---- */

static void set_sizes(lowpass *lp, uint32_t wanted) {
    uint32_t w = lp->g.width, h = lp->g.height, stop = wanted ? 1 : COARSEST_SIDE;
    uint32_t most = wanted ? wanted : LOWPASS_MAX_LEVELS;
    lp->levels = 0;
    lp->w[0] = w;
    lp->h[0] = h;
    while (lp->levels < most && (w > stop || h > stop)) {
        w -= w / 2;
        h -= h / 2;
        lp->levels++;
        lp->w[lp->levels] = w;
        lp->h[lp->levels] = h;
    }
}

static tsr_status lowpass_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                    const tsr_env *env) {
    lowpass *lp = st;
    lp->g = *g;
    lp->shape = (uint32_t)v[P_SHAPE].i;
    lp->cutoff = v[P_CUTOFF].r;
    lp->residual = (uint32_t)v[P_RESIDUAL].i;
    set_sizes(lp, (uint32_t)v[P_LEVELS].i);
    for (uint32_t p = 0; p < g->planes; p++)
        for (uint32_t l = 1; l <= lp->levels; l++) {
            lp->picture[p][l] = env->alloc(env, lowpass_size(lp, l) * sizeof(float));
            if (!lp->picture[p][l]) return TSR_ERR_MEMORY;
        }
    return tsr_lowpass_describe(lp, env);
}

static uint32_t lowpass_layout(const void *st, tsr_band *out, uint32_t cap) {
    const lowpass *lp = st;
    uint32_t n = lp->n_bands < cap ? lp->n_bands : cap;
    if (n) memcpy(out, lp->band, n * sizeof *out);
    return lp->n_bands;
}

/* ---- analysis ---- */

typedef struct analysis_task {
    const lowpass *lp;
    const lowpass_spectrum *spectrum;
    const tsr_planes *in;
    const tsr_coeffs *out;
    uint32_t level;
    float *residual[TSR_MAX_PLANES];
} analysis_task;

static const float *picture_of(const analysis_task *t, uint32_t plane) {
    return t->level ? t->lp->picture[plane][t->level] : t->in->p[plane].s.f;
}

static tsr_status halve_plane(void *arg, uint32_t plane, uint32_t worker) {
    const analysis_task *t = arg;
    const lowpass *lp = t->lp;
    uint32_t slot = lowpass_slot(t->spectrum, lp->g.planes, plane, worker);
    tsr_lowpass_spectrum_load(t->spectrum, slot, picture_of(t, plane));
    tsr_lowpass_spectrum_columns(t->spectrum, slot, FILTER_SHAPE);
    tsr_lowpass_spectrum_rows(t->spectrum, slot, FILTER_SHAPE, lp->w[t->level + 1],
                              lp->h[t->level + 1], lp->picture[plane][t->level + 1]);
    return TSR_OK;
}

/* Runs fn for every plane with the spectral tools of the task's level. */
static tsr_status for_planes(analysis_task *t, tsr_status (*fn)(void *, uint32_t, uint32_t),
                             const tsr_env *env) {
    lowpass_spectrum spectrum;
    t->spectrum = &spectrum;
    tsr_status s = tsr_lowpass_spectrum_open(&spectrum, t->lp, t->level, env);
    if (!s) s = env->parallel_for(env, t->lp->g.planes, fn, t);
    tsr_lowpass_spectrum_close(&spectrum);
    return s;
}

static tsr_status build_pyramid(lowpass *lp, const tsr_planes *in, const tsr_env *env) {
    analysis_task t = {.lp = lp, .in = in};
    lp->pictures_ready = 0;
    for (t.level = 0; t.level < lp->levels; t.level++) {
        tsr_status s = for_planes(&t, halve_plane, env);
        if (s) return s;
        if (env->progress(env, (t.level + 1.0) / lp->levels)) return TSR_ERR_CANCELLED;
    }
    lp->pictures_ready = 1;
    return TSR_OK;
}

static tsr_status lowpass_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                   tsr_coeffs *out, const tsr_env *env) {
    lowpass *lp = st;
    tsr_status s = build_pyramid(lp, in, env);
    analysis_task t = {.lp = lp, .in = in, .level = lp->levels};
    for (uint32_t p = 0; p < lp->g.planes && !s; p++)
        memcpy(out->data[lowpass_low_band(p)].f, picture_of(&t, p),
               lowpass_size(lp, lp->levels) * sizeof(float));
    return s;
}

/* ---- residuals ---- */

/* t->residual[plane] = picture - prediction from what is decoded. coarser: pictures of the coarser
 * levels; scratch: as many samples as the picture. */
static tsr_status subtract_prediction(analysis_task *t, uint32_t plane, const tsr_coeffs *decoded,
                                      float *const coarser[], float *scratch, const tsr_env *env) {
    const lowpass *lp = t->lp;
    uint32_t l = t->level;
    float *residual = t->residual[plane];
    tsr_status s = tsr_lowpass_rebuild(lp, decoded, plane, l + 1, coarser, scratch, env);
    if (!s)
        s = tsr_lowpass_expand(lp->w[l], lp->h[l], coarser[l + 1], NULL, residual, scratch, env);
    if (s) return s;
    const float *picture = picture_of(t, plane);
    size_t n = lowpass_size(lp, l);
    for (size_t i = 0; i < n; i++) residual[i] = picture[i] - residual[i];
    return TSR_OK;
}

static tsr_status make_residuals(analysis_task *t, const tsr_coeffs *decoded, const tsr_env *env) {
    const lowpass *lp = t->lp;
    float *coarser[LOWPASS_MAX_LEVELS + 1] = {0};
    size_t n = lowpass_size(lp, t->level);
    for (uint32_t l = t->level + 1; l <= lp->levels; l++) {
        coarser[l] = env->alloc(env, lowpass_size(lp, l) * sizeof(float));
        if (!coarser[l]) return TSR_ERR_MEMORY;
    }
    float *scratch = env->alloc(env, n * sizeof(float));
    if (!scratch) return TSR_ERR_MEMORY;
    for (uint32_t p = 0; p < lp->g.planes; p++) {
        t->residual[p] = env->alloc(env, n * sizeof(float));
        if (!t->residual[p]) return TSR_ERR_MEMORY;
        tsr_status s = subtract_prediction(t, p, decoded, coarser, scratch, env);
        if (s) return s;
    }
    return TSR_OK;
}

/* One part of a residual whose columns have been filtered. */
static void split_part(const analysis_task *t, uint32_t plane, uint32_t slot, uint32_t part) {
    uint32_t b = tsr_lowpass_part(t->lp, t->level, plane, part);
    if (b == TSR_NO_BAND || !t->out->band[b].w || !t->out->band[b].h) return;
    uint32_t filter = part == PART_H || part == PART_D ? FILTER_HIGH : FILTER_LOW;
    tsr_lowpass_spectrum_rows(t->spectrum, slot, filter, t->out->band[b].w, t->out->band[b].h,
                              t->out->data[b].f);
}

static tsr_status split_plane(void *arg, uint32_t plane, uint32_t worker) {
    const analysis_task *t = arg;
    uint32_t slot = lowpass_slot(t->spectrum, t->lp->g.planes, plane, worker);
    tsr_lowpass_spectrum_load(t->spectrum, slot, t->residual[plane]);
    tsr_lowpass_spectrum_columns(t->spectrum, slot, FILTER_LOW);
    split_part(t, plane, slot, PART_LOW);
    split_part(t, plane, slot, PART_H);
    tsr_lowpass_spectrum_columns(t->spectrum, slot, FILTER_HIGH);
    split_part(t, plane, slot, PART_V);
    split_part(t, plane, slot, PART_D);
    return TSR_OK;
}

static tsr_status lowpass_analysis_next(void *st, const tsr_planes *in, uint32_t layer,
                                        const tsr_coeffs *decoded, const tsr_goal *goal,
                                        tsr_coeffs *out, const tsr_env *env) {
    lowpass *lp = st;
    analysis_task t = {.lp = lp, .in = in, .out = out, .level = lp->levels - layer};
    tsr_status s = lp->pictures_ready ? TSR_OK : build_pyramid(lp, in, env);
    if (!s) s = make_residuals(&t, decoded, env);
    if (s) return s;
    if (lp->residual == RESIDUAL_BANDS) return for_planes(&t, split_plane, env);
    for (uint32_t p = 0; p < lp->g.planes && !s; p++)
        s = tsr_lowpass_residual_forward(lp, t.level, p, t.residual[p], out, env);
    return s;
}

/* ---- synthesis ---- */

static tsr_status lowpass_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env) {
    lowpass *lp = st;
    lp->pictures_ready = 0; /* their memory serves the decoded pictures */
    float *scratch = env->alloc(env, lowpass_size(lp, 0) * sizeof(float));
    if (!scratch) return TSR_ERR_MEMORY;
    for (uint32_t p = 0; p < lp->g.planes; p++) {
        float *picture[LOWPASS_MAX_LEVELS + 1];
        memcpy(picture, lp->picture[p], sizeof picture);
        picture[0] = out->p[p].s.f;
        tsr_status s = tsr_lowpass_rebuild(lp, in, p, 0, picture, scratch, env);
        if (s) return s;
        if (env->progress(env, (p + 1.0) / lp->g.planes)) return TSR_ERR_CANCELLED;
    }
    return TSR_OK;
}

extern const tsr_transform tsr_transform_lowpass;
const tsr_transform tsr_transform_lowpass = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = 5,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_CLOSED_LOOP,
          .name = "lowpass",
          .summary = "low-pass pyramid: every level predicted from the decoded coarser one",
          .reference = "Burt and Adelson 1983, The Laplacian pyramid as a compact image code",
          .params = params,
          .n_params = N_PARAMS,
          .state_size = sizeof(lowpass)},
    .configure = lowpass_configure,
    .layout = lowpass_layout,
    .analysis = lowpass_analysis,
    .synthesis = lowpass_synthesis,
    .analysis_next = lowpass_analysis_next,
};
