/* sample.h - a transform that keeps every promise of tessera/plugin.h and uses most of it: two
 * layers in a closed loop, side information, lossless mode, parameters, scratch and lasting memory,
 * workers, smaller pictures.
 *
 * Layer 0 holds the mean of each block of n x n samples, layer 1 what is left of each sample after
 * the decoded mean. The rounded mean of a plane is side information. The programs bad_*.c include
 * this file and break one promise each; `tessera plugin check` has to notice.
 */
#ifndef TSR_SAMPLE_H
#define TSR_SAMPLE_H

#include <math.h>
#include <string.h>

#include <tessera/plugin.h>

#define SAMPLE_OFFSET_MAX ((1 << 18) - 1)

enum { SAMPLE_BLOCK, SAMPLE_OFFSET, SAMPLE_PARAMS };

static const tsr_param sample_params[SAMPLE_PARAMS] = {
    [SAMPLE_BLOCK] = {"block", "side of a block", "samples", TSR_PARAM_INT, 0, 2, 8, 2, NULL},
    [SAMPLE_OFFSET] = {"offset", "take the mean of a plane out", "", TSR_PARAM_BOOL,
                       TSR_PARAM_ENCODER, 0, 1, 1, NULL},
};

typedef struct sample_state {
    tsr_geometry g;
    uint32_t block, use_offset, bw, bh; /* blocks across and down */
    int32_t *offset;                    /* [planes], lasting memory */
} sample_state;

/* One call's work; a row of blocks of one plane is one piece. */
typedef struct sample_job {
    const sample_state *s;
    const tsr_planes *in;
    const tsr_samples *data, *decoded;
    const tsr_plane *out;
    double *sums; /* bw for each worker */
} sample_job;

/* ---------------------------------------------------------------- configure, layout */

static inline tsr_status sample_configure(void *st, const tsr_value *v, const tsr_geometry *g,
                                          const tsr_env *env) {
    sample_state *s = st;
    s->g = *g;
    s->block = (uint32_t)v[SAMPLE_BLOCK].i;
    s->use_offset = (uint32_t)v[SAMPLE_OFFSET].i;
    s->bw = (g->width + s->block - 1) / s->block;
    s->bh = (g->height + s->block - 1) / s->block;
    s->offset = env->alloc(env, g->planes * sizeof *s->offset);
    if (!s->offset) return TSR_ERR_MEMORY;
    memset(s->offset, 0, g->planes * sizeof *s->offset);
    return TSR_OK;
}

static inline tsr_band sample_band(const sample_state *s, uint32_t i) {
    uint32_t p = i % s->g.planes, fine = i / s->g.planes;
    tsr_band b = {.w = fine ? s->g.width : s->bw,
                  .h = fine ? s->g.height : s->bh,
                  .domain = s->g.lossless ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL,
                  .plane = (uint8_t)p,
                  .orient = fine ? TSR_ORIENT_D : TSR_ORIENT_LOW,
                  .level = fine ? 1 : 0,
                  .layer = (uint16_t)fine,
                  .gain = fine ? 1.0f : (float)(s->block * s->block)};
    for (int r = 0; r < TSR_REFS; r++) b.ref[r] = TSR_NO_BAND;
    if (p > 0) b.ref[TSR_REF_PLANE_A] = i - p;
    if (p > 1) b.ref[TSR_REF_PLANE_B] = i - 1;
    return b;
}

static inline uint32_t sample_layout(const void *st, tsr_band *out, uint32_t cap) {
    const sample_state *s = st;
    const uint32_t n = 2 * s->g.planes;
    for (uint32_t i = 0; i < n && i < cap; i++) out[i] = sample_band(s, i);
    return n;
}

/* ---------------------------------------------------------------- analysis */

static inline double sample_at(const sample_job *j, uint32_t p, size_t i) {
    const tsr_samples x = j->in->p[p].s;
    return (j->s->g.lossless ? (double)x.i[i] : (double)x.f[i]) - j->s->offset[p];
}

/* Means of the blocks of a row; in lossless mode rounded down. */
static inline tsr_status sample_means(void *arg, uint32_t piece, uint32_t worker) {
    const sample_job *j = arg;
    const sample_state *s = j->s;
    const uint32_t p = piece / s->bh, row = piece % s->bh, w = s->g.width;
    uint32_t end = (row + 1) * s->block < s->g.height ? (row + 1) * s->block : s->g.height;
    double *sum = j->sums + (size_t)worker * s->bw;
    for (uint32_t k = 0; k < s->bw; k++) sum[k] = 0;
    for (uint32_t y = row * s->block; y < end; y++)
        for (uint32_t x = 0; x < w; x++) sum[x / s->block] += sample_at(j, p, (size_t)y * w + x);
    for (uint32_t k = 0; k < s->bw; k++) {
        uint32_t cols = (k + 1) * s->block < w ? s->block : w - k * s->block;
        double mean = sum[k] / ((double)cols * (end - row * s->block));
        if (s->g.lossless)
            j->data[p].i[(size_t)row * s->bw + k] = (int32_t)floor(mean);
        else
            j->data[p].f[(size_t)row * s->bw + k] = (float)mean;
    }
    return TSR_OK;
}

static inline int32_t sample_plane_mean(const tsr_plane *p, int lossless) {
    const size_t n = (size_t)p->w * p->h;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += lossless ? (double)p->s.i[i] : (double)p->s.f[i];
    return (int32_t)floor(sum / (double)n);
}

static inline tsr_status sample_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                         tsr_coeffs *out, const tsr_env *env) {
    sample_state *s = st;
    sample_job j = {.s = s, .in = in, .data = out->data};
    for (uint32_t p = 0; p < in->n; p++)
        s->offset[p] = s->use_offset ? sample_plane_mean(&in->p[p], (int)s->g.lossless) : 0;
    j.sums = env->alloc(env, (size_t)env->threads * s->bw * sizeof *j.sums);
    if (!j.sums) return TSR_ERR_MEMORY;
    tsr_status status = env->parallel_for(env, in->n * s->bh, sample_means, &j);
    return status ? status : env->progress(env, 0.5) ? TSR_ERR_CANCELLED : TSR_OK;
}

/* What is left of the samples of a row of blocks after the decoded means. */
static inline tsr_status sample_rest(void *arg, uint32_t piece, uint32_t worker) {
    const sample_job *j = arg;
    const sample_state *s = j->s;
    const uint32_t p = piece / s->g.height, y = piece % s->g.height, w = s->g.width;
    const size_t means = (size_t)(y / s->block) * s->bw, at = (size_t)y * w;
    for (uint32_t x = 0; x < w; x++) {
        double v = sample_at(j, p, at + x);
        if (s->g.lossless)
            j->data[s->g.planes + p].i[at + x] = (int32_t)v - j->decoded[p].i[means + x / s->block];
        else
            j->data[s->g.planes + p].f[at + x] = (float)v - j->decoded[p].f[means + x / s->block];
    }
    return TSR_OK;
}

static inline tsr_status sample_analysis_next(void *st, const tsr_planes *in, uint32_t layer,
                                              const tsr_coeffs *decoded, const tsr_goal *goal,
                                              tsr_coeffs *out, const tsr_env *env) {
    sample_job j = {.s = st, .in = in, .data = out->data, .decoded = decoded->data};
    tsr_status status = env->parallel_for(env, in->n * in->p[0].h, sample_rest, &j);
    return status ? status : env->progress(env, 1.0) ? TSR_ERR_CANCELLED : TSR_OK;
}

/* ---------------------------------------------------------------- synthesis */

static inline tsr_status sample_add(void *arg, uint32_t piece, uint32_t worker) {
    const sample_job *j = arg;
    const sample_state *s = j->s;
    const uint32_t p = piece / s->g.height, y = piece % s->g.height, w = s->g.width;
    const size_t means = (size_t)(y / s->block) * s->bw, at = (size_t)y * w;
    const tsr_samples m = j->data[p], rest = j->data[s->g.planes + p], out = j->out[p].s;
    for (uint32_t x = 0; x < w; x++) {
        const size_t k = means + x / s->block;
        if (s->g.lossless)
            out.i[at + x] = s->offset[p] + m.i[k] + rest.i[at + x];
        else
            out.f[at + x] = ((float)s->offset[p] + m.f[k]) + rest.f[at + x];
    }
    return TSR_OK;
}

static inline tsr_status sample_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                          const tsr_env *env) {
    sample_job j = {.s = st, .data = in->data, .out = out->p};
    tsr_status status = env->parallel_for(env, out->n * out->p[0].h, sample_add, &j);
    return status ? status : env->progress(env, 1.0) ? TSR_ERR_CANCELLED : TSR_OK;
}

/* ---------------------------------------------------------------- smaller pictures */

/* The means are the picture when a block is a whole number of halvings. */
static inline uint32_t sample_reduce(const void *st, uint32_t halvings, uint32_t *bands) {
    const sample_state *s = st;
    uint32_t n = s->block == 2 ? 1 : s->block == 4 ? 2 : s->block == 8 ? 3 : 0;
    *bands = s->g.planes;
    return n <= halvings ? n : 0;
}

static inline tsr_status sample_synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in,
                                                  tsr_planes *out, const tsr_env *env) {
    const sample_state *s = st;
    for (uint32_t p = 0; p < out->n; p++)
        for (size_t i = 0; i < (size_t)s->bw * s->bh; i++)
            if (s->g.lossless)
                out->p[p].s.i[i] = s->offset[p] + in->data[p].i[i];
            else
                out->p[p].s.f[i] = (float)s->offset[p] + in->data[p].f[i];
    return TSR_OK;
}

/* ---------------------------------------------------------------- side information */

/* The offsets, 32 bits each, little-endian. */
static inline size_t sample_side_save(const void *st, uint8_t *out, size_t cap) {
    const sample_state *s = st;
    const size_t n = 4 * (size_t)s->g.planes;
    for (size_t i = 0; i < n && cap >= n; i++)
        out[i] = (uint8_t)((uint32_t)s->offset[i / 4] >> 8 * (i % 4));
    return n;
}

static inline int32_t sample_read(const uint8_t *b) {
    return (int32_t)((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                     (uint32_t)b[3] << 24);
}

static inline tsr_status sample_side_load(void *st, const uint8_t *data, size_t size,
                                          const tsr_env *env) {
    sample_state *s = st;
    const size_t wanted = 4 * (size_t)s->g.planes;
    if (size != wanted)
        return env->fail(env, size < wanted ? TSR_ERR_TRUNCATED : TSR_ERR_FORMAT,
                         "sample: %zu bytes of offsets expected, %zu found", wanted, size);
    for (uint32_t p = 0; p < s->g.planes; p++) {
        int32_t v = sample_read(data + 4 * (size_t)p);
        if (v < -SAMPLE_OFFSET_MAX || v > SAMPLE_OFFSET_MAX)
            return env->fail(env, TSR_ERR_FORMAT, "sample: offset %d is out of range", (int)v);
        s->offset[p] = v;
    }
    return TSR_OK;
}

/* ---------------------------------------------------------------- descriptors */

/* An owner number drawn for the tests. */
#define SAMPLE_ID (0xd3a1c05e97ull << 16)

static const tsr_transform sample_transform = {
    .h = {.struct_size = sizeof(tsr_transform),
          .abi = TSR_ABI,
          .id = SAMPLE_ID | 1,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_LOSSLESS | TSR_CAP_CLOSED_LOOP | TSR_CAP_SIDE,
          .name = "sample",
          .summary = "block means, then what is left",
          .reference = "",
          .params = sample_params,
          .n_params = SAMPLE_PARAMS,
          .state_size = sizeof(sample_state)},
    .configure = sample_configure,
    .layout = sample_layout,
    .analysis = sample_analysis,
    .synthesis = sample_synthesis,
    .analysis_next = sample_analysis_next,
    .side_save = sample_side_save,
    .side_load = sample_side_load,
    .reduce = sample_reduce,
    .synthesis_reduced = sample_synthesis_reduced,
};

TSR_EXPORT const tsr_plugin *tsr_plugin_entry(uint32_t host_abi);

/* Ends a plug-in: `change` may alter the module *m and the transform *t, copies of what is above.
 */
#define SAMPLE_PLUGIN(change)                                                                      \
    const tsr_plugin *tsr_plugin_entry(uint32_t host_abi) {                                        \
        static tsr_transform transform;                                                            \
        static const tsr_transform *const list[] = {&transform};                                   \
        static tsr_plugin module;                                                                  \
        tsr_transform *t = &transform;                                                             \
        tsr_plugin *m = &module;                                                                   \
        *t = sample_transform;                                                                     \
        *m = (tsr_plugin){sizeof *m, TSR_ABI, "sample", "1", "BSD-2-Clause", list, 1};             \
        change;                                                                                    \
        return m;                                                                                  \
    }

#endif
