/* train_ints_measure.c - what the values within a network are: the decoder of floats, layer by
 * layer on a whole tile.
 */
#include <math.h>
#include <stdlib.h>

#include "nn.h"
#include "train_ints.h"
#include "vqvae_net.h"

static const float band_unit[] = {2, 1, 1, 0.5f}; /* of a tile, in the transform's scale */

tsr_status tsr_train_ranges_new(train_ranges *r, const tsr_vqvae_net *n) {
    size_t outputs = tsr_vqvae_net_outputs(n);
    r->peak = calloc(outputs, sizeof *r->peak);
    return r->peak ? TSR_OK : TSR_ERR_MEMORY;
}

void tsr_train_ranges_free(train_ranges *r) {
    free(r->peak);
}

/* Values on the tile's grid while layer after layer is run. */
typedef struct pass {
    const tsr_vqvae_net *n;
    float l;
    nn_tensor h, g; /* hidden values; what a block makes of them */
    float *next, *work;
    float bias[TSR_VQVAE_MAX_WIDTH];
    size_t done; /* outputs of the layers so far */
} pass;

static void set_bias(pass *p, const tsr_vqvae_layer *l) {
    for (uint32_t o = 0; o < l->out; o++) {
        const float *b = l->bias + o;
        p->bias[o] = b[0] + p->l * (b[l->out] + p->l * b[2 * l->out]);
    }
}

/* Takes note of the outputs of the layer that has made x. */
static void note_outputs(train_ranges *r, pass *p, nn_tensor x) {
    size_t plane = nn_plane(x.s);
    for (uint32_t c = 0; c < x.s.c; c++) {
        const float *v = x.data + c * plane;
        float *peak = &r->peak[p->done + c];
        for (size_t i = 0; i < plane; i++)
            if (fabsf(v[i]) > *peak) *peak = fabsf(v[i]);
    }
    p->done += x.s.c;
}

static void run_block(train_ranges *r, pass *p, uint32_t b) {
    nn_conv conv = {.in = p->n->width, .out = p->n->width, .k = 3, .stride = 1, .pad = NN_PAD_ZERO};
    tsr_vqvae_layer l = tsr_vqvae_net_layer(p->n, 1 + 2 * b);
    set_bias(p, &l);
    tsr_op_depthwise_forward(&conv, p->h, l.weight, p->bias, p->g, NN_RELU, p->work);
    note_outputs(r, p, p->g);
    l = tsr_vqvae_net_layer(p->n, 2 + 2 * b);
    nn_tensor y = {p->next, p->h.s};
    set_bias(p, &l);
    tsr_op_pointwise_forward(p->g, l.weight, p->bias, p->h.data, y, NN_LINEAR);
    p->next = p->h.data;
    p->h = y;
    note_outputs(r, p, p->h);
}

static void run_layers(train_ranges *r, pass *p, nn_tensor u) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(p->n, 0);
    set_bias(p, &l);
    tsr_op_pointwise_forward(u, l.weight, p->bias, NULL, p->h, NN_LINEAR);
    note_outputs(r, p, p->h);
    for (uint32_t b = 0; b < p->n->blocks; b++) run_block(r, p, b);
}

/* The decoded (version 1) or original (0) bands, times factor, in the transform's scale. */
static void tile_bands(const train_tile *t, int version, float factor, float *out) {
    const train_view all = {.w = t->w, .h = t->h};
    size_t plane = (size_t)t->w * t->h;
    tsr_train_tile_view(t, version, &all, out);
    for (size_t i = 0; i < TRAIN_CHANNELS * plane; i++) out[i] *= factor / band_unit[i / plane / 3];
}

tsr_status tsr_train_ranges_add(train_ranges *r, const tsr_vqvae_model *m, const train_tile *t) {
    const tsr_vqvae_net *n = &m->decoder;
    tsr_vqvae_scale scale = tsr_vqvae_scale_of(m, t->step);
    nn_shape hidden = {1, n->width, t->h, t->w}, in = {1, TRAIN_CHANNELS, t->h, t->w};
    nn_conv conv = {.in = n->width, .out = n->width, .k = 3, .stride = 1, .pad = NN_PAD_ZERO};
    size_t count = nn_count(hidden);
    float *memory = tsr_nn_alloc(3 * count + nn_count(in) + tsr_op_depthwise_work(&conv, hidden));
    if (!memory) return TSR_ERR_MEMORY;
    pass p = {.n = n,
              .l = scale.l,
              .h = {memory, hidden},
              .g = {memory + count, hidden},
              .next = memory + 2 * count,
              .work = memory + 3 * count + nn_count(in)};
    nn_tensor u = {memory + 3 * count, in};
    tile_bands(t, 1, scale.inverse, u.data);
    run_layers(r, &p, u);
    free(memory);
    return TSR_OK;
}

/* ---- by the decoder's own code ---- */

/* The services that a network asks of its host: memory, and one thread. */
typedef struct small_host {
    tsr_env env;
    void *block[8];
    uint32_t n;
} small_host;

static void *host_alloc(const tsr_env *env, size_t bytes) {
    small_host *h = env->host;
    if (h->n == sizeof h->block / sizeof h->block[0]) return NULL;
    return h->block[h->n++] = tsr_nn_alloc(bytes / sizeof(float) + 1);
}

static tsr_status host_for(const tsr_env *env, uint32_t n,
                           tsr_status (*fn)(void *arg, uint32_t i, uint32_t worker), void *arg) {
    tsr_status s = TSR_OK;
    (void)env;
    for (uint32_t i = 0; i < n && !s; i++) s = fn(arg, i, 0);
    return s;
}

static int host_progress(const tsr_env *env, double fraction) {
    (void)env, (void)fraction;
    return 0;
}

static tsr_status run_net(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const train_tile *t,
                          const float *in, float *out) {
    vqvae_grid g = {.w = t->w, .h = t->h};
    small_host h = {.env = {.struct_size = sizeof h.env,
                            .threads = 1,
                            .cpu = tsr_cpu_detect(),
                            .host = &h,
                            .alloc = host_alloc,
                            .parallel_for = host_for,
                            .progress = host_progress}};
    for (uint32_t c = 0; c < TRAIN_CHANNELS; c++) {
        size_t at = c * (size_t)t->w * t->h;
        int there = c % 3 < t->planes;
        g.channel[c] = (vqvae_channel){there ? in + at : NULL, out + at, t->w, t->h};
    }
    tsr_status s = tsr_vqvae_net_run(n, scale, &g, &h.env);
    for (uint32_t i = 0; i < h.n; i++) free(h.block[i]);
    return s;
}

/* Mean squared error of the pixels that the difference of bands makes; changes a. */
static double pixel_error(const train_tile *t, float *a, const float *b, float *work) {
    nn_tensor e = {a, {1, TRAIN_CHANNELS, t->h, t->w}};
    size_t plane = nn_plane(e.s), n = TRAIN_CHANNELS * plane;
    double sum = 0;
    for (size_t i = 0; i < n; i++) a[i] = (a[i] - b[i]) * band_unit[i / plane / 3];
    tsr_op_wavelet_inverse(e, work, work + n);
    for (size_t i = 0; i < 4 * plane * t->planes; i++) sum += (double)work[i] * work[i];
    return sum / (double)(4 * plane * t->planes);
}

tsr_status tsr_train_ints_error(const tsr_vqvae_net *n, const tsr_vqvae_model *m,
                                const train_tile *t, double *without, double *with) {
    size_t count = (size_t)TRAIN_CHANNELS * t->w * t->h;
    nn_shape picture = {1, TRAIN_CHANNELS / 4, 2 * t->h, 2 * t->w};
    float *decoded = tsr_nn_alloc(4 * count + tsr_op_wavelet_work(picture));
    if (!decoded) return TSR_ERR_MEMORY;
    float *original = decoded + count, *improved = original + count, *work = improved + count;
    tile_bands(t, 1, 1, decoded);
    tile_bands(t, 0, 1, original);
    tsr_status s = run_net(n, tsr_vqvae_scale_of(m, t->step), t, decoded, improved);
    if (!s) {
        *without = pixel_error(t, decoded, original, work);
        *with = pixel_error(t, improved, original, work);
    }
    free(decoded);
    return s;
}
