/* vqvae_net.c - a network on a grid, in strips of columns whose rows stream through the layers.
 *
 * A task is SPAN columns and ROWS rows, which run through all layers as vqvae_rows.h says. Each
 * block reaches one position farther, so a strip carries as many columns more on both sides as
 * there are blocks; what comes out in the middle does not depend on the cut.
 * Cost: tsr_vqvae_net_macs() a position, (1 + 2 blocks / SPAN)(1 + blocks / ROWS) times.
 */
#include "vqvae_net.h"

#include <string.h>

#include "nn_infer.h"
#include "vqvae_rows.h"

enum { SPAN = 128, ROWS = 64, TAPS = 9, GUARD = 1, ALIGN = 16 };

/* A layer with its biases for one step. */
typedef struct layer {
    const float *weight, *bias;
    uint32_t in, out;
} layer;

/* What all tasks share. */
typedef struct run {
    const vqvae_grid *g;
    const nn_kernels *kernels;
    tsr_vqvae_scale scale;
    uint32_t blocks, pointwise, width, widest; /* widest: channels of a row of scratch */
    const layer *layer;
    uint32_t strips, bands; /* of columns; of rows */
    size_t stride;          /* floats from one channel of a row to the next */
    float *scratch;         /* `share` floats for each worker */
    size_t share;
} run;

/* A task at work. Column p of a row is column x0 + p of the grid; a row has n columns and a guard
 * of zeros at either end. */
typedef struct strip {
    const run *r;
    int64_t x0, y0, y1; /* rows y0 .. y1 - 1 come out */
    uint32_t n;
    float *kept;  /* [blocks + 1][KEPT] rows of width channels */
    float *a, *b; /* rows of scratch */
} strip;

/* ---- rows ---- */

static size_t row_floats(const run *r) {
    return r->width * r->stride;
}

/* Row y of the input of block b (of the tail, for b == blocks). */
static float *kept_row(const strip *s, uint32_t b, int64_t y) {
    return s->kept + (b * KEPT + row_slot(y)) * row_floats(s->r);
}

/* Zeros outside of the grid, whose columns are x0 .. x0 + n - 1 of a row. */
static void clear_outside(const strip *s, float *row, uint32_t channels) {
    const run *r = s->r;
    int64_t left = -s->x0, right = (int64_t)r->g->w - s->x0;
    for (uint32_t c = 0; c < channels; c++) {
        float *p = row + c * r->stride + GUARD;
        if (left > 0) memset(p, 0, (size_t)left * sizeof *p);
        if (right < s->n) memset(p + right, 0, (size_t)(s->n - right) * sizeof *p);
    }
}

static void pointwise(const strip *s, const layer *l, const float *x, float *y, uint32_t act) {
    const run *r = s->r;
    r->kernels->pointwise(l->weight, l->bias, l->in, l->out, x + GUARD, r->stride, y + GUARD,
                          r->stride, s->n, act);
}

/* ---- head ---- */

/* Row y of the inputs, scaled, zero where a channel has no sample. */
static void load_row(const strip *s, int64_t y, float *to) {
    const run *r = s->r;
    for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++) {
        const vqvae_channel *ch = &r->g->channel[c];
        float *row = to + c * r->stride + GUARD;
        int64_t first = s->x0 < 0 ? 0 : s->x0, end = s->x0 + s->n;
        if (end > ch->w) end = ch->w;
        memset(row, 0, s->n * sizeof *row);
        if (!ch->in || y >= ch->h) continue;
        const float *from = ch->in + (size_t)y * ch->w;
        for (int64_t x = first; x < end; x++) row[x - s->x0] = from[x] * r->scale.inverse;
    }
}

static void head_row(const void *arg, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    float *to = kept_row(s, 0, y);
    if (y < 0 || y >= r->g->h) {
        memset(to, 0, row_floats(r) * sizeof *to);
        return;
    }
    load_row(s, y, s->a);
    pointwise(s, &r->layer[0], s->a, to, NN_LINEAR);
    clear_outside(s, to, r->width);
}

/* ---- blocks ---- */

static void depthwise(const strip *s, const layer *l, uint32_t b, int64_t y, float *to,
                      uint32_t act) {
    const run *r = s->r;
    const float *row[KEPT], *tap[TAPS];
    for (int k = 0; k < KEPT; k++) row[k] = kept_row(s, b, y + k - 1) + GUARD;
    for (uint32_t c = 0; c < l->out; c++) {
        for (int t = 0; t < TAPS; t++) tap[t] = row[t / 3] + c * r->stride + t % 3 - 1;
        r->kernels->taps(l->weight + (size_t)c * TAPS, l->bias[c], TAPS, tap,
                         to + c * r->stride + GUARD, s->n, act);
    }
}

static void add_rows(float *restrict to, const float *restrict x, const float *restrict y,
                     size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = x[i] + y[i];
}

/* Row y of the output of block b from rows y - 1 .. y + 1 of its input. */
static void block_row(const void *arg, uint32_t b, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    const layer *l = &r->layer[1 + b * (1 + r->pointwise)];
    float *to = kept_row(s, b + 1, y);
    if (y < 0 || y >= r->g->h) {
        memset(to, 0, row_floats(r) * sizeof *to);
        return;
    }
    float *x = s->a, *change = s->b;
    depthwise(s, l, b, y, x, r->pointwise == 1 ? NN_RELU : NN_LINEAR);
    pointwise(s, l + 1, x, change, r->pointwise == 1 ? NN_LINEAR : NN_RELU);
    if (r->pointwise == 2) {
        pointwise(s, l + 2, change, x, NN_LINEAR);
        change = x;
    }
    const float *before = kept_row(s, b, y);
    for (uint32_t c = 0; c < r->width; c++) {
        size_t at = c * r->stride + GUARD;
        add_rows(to + at, before + at, change + at, s->n);
    }
    clear_outside(s, to, r->width);
}

/* ---- tail ---- */

static void tail_row(const void *arg, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    const uint32_t halo = r->blocks;
    pointwise(s, &r->layer[1 + r->blocks * (1 + r->pointwise)], kept_row(s, r->blocks, y), s->a,
              NN_LINEAR);
    for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++) {
        const vqvae_channel *ch = &r->g->channel[c];
        int64_t first = s->x0 + halo, end = first + SPAN;
        if (end > ch->w) end = ch->w;
        if (!ch->in || y >= ch->h) continue;
        const float *change = s->a + c * r->stride + GUARD, *from = ch->in + (size_t)y * ch->w;
        float *to = ch->out + (size_t)y * ch->w;
        for (int64_t x = first; x < end; x++) to[x] = from[x] + r->scale.amount * change[x - s->x0];
    }
}

/* ---- a task ---- */

static tsr_status run_strip(void *arg, uint32_t task, uint32_t worker) {
    const run *r = arg;
    const int64_t blocks = r->blocks, top = (int64_t)(task / r->strips) * ROWS;
    float *scratch = r->scratch + worker * r->share;
    strip s = {.r = r,
               .x0 = (int64_t)(task % r->strips) * SPAN - blocks,
               .y0 = top,
               .y1 = top + ROWS < r->g->h ? top + ROWS : r->g->h,
               .n = SPAN + 2 * r->blocks,
               .a = scratch,
               .b = scratch + r->widest * r->stride,
               .kept = scratch + 2 * r->widest * r->stride};
    memset(scratch, 0, r->share * sizeof *scratch); /* the guards; and no stale rows */
    stream_rows((row_stages){head_row, block_row, tail_row}, &s, blocks, s.y0, s.y1);
    return TSR_OK;
}

/* ---- set-up ---- */

/* Biases for the step. bias has room for `out` of each layer. */
static void set_layers(const tsr_vqvae_net *n, float l, layer *layers, float *bias) {
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) {
        tsr_vqvae_layer from = tsr_vqvae_net_layer(n, i);
        layers[i] = (layer){from.weight, bias, from.in, from.out};
        for (uint32_t o = 0; o < from.out; o++)
            bias[o] =
                from.bias[o] + l * (from.bias[from.out + o] + l * from.bias[2 * from.out + o]);
        bias += from.out;
    }
}

tsr_status tsr_vqvae_net_run(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g,
                             const tsr_env *env) {
    const uint32_t layers = tsr_vqvae_net_layers(n);
    if (n->ints.weight) return tsr_vqvae_int_net_run(n, scale, g, env);
    run r = {.g = g,
             .kernels = tsr_infer_kernels(env->cpu),
             .scale = scale,
             .blocks = n->blocks,
             .pointwise = n->pointwise,
             .width = n->width,
             .widest = n->width > n->channels ? n->width : n->channels,
             .strips = pieces(g->w, SPAN),
             .bands = pieces(g->h, ROWS),
             .stride = (size_t)pieces(SPAN + 2 * n->blocks + 2 * GUARD, ALIGN) * ALIGN};
    r.share = (2 * r.widest + (size_t)(r.blocks + 1) * KEPT * r.width) * r.stride;
    layer *list = env->alloc(env, layers * sizeof *list);
    float *bias = env->alloc(env, (size_t)layers * TSR_VQVAE_MAX_WIDTH * sizeof *bias);
    r.scratch = env->alloc(env, r.share * env->threads * sizeof(float));
    if (!list || !bias || !r.scratch) return TSR_ERR_MEMORY;
    set_layers(n, scale.l, list, bias);
    r.layer = list;
    tsr_status s = env->parallel_for(env, r.strips * r.bands, run_strip, &r);
    if (!s && env->progress(env, 1)) s = TSR_ERR_CANCELLED;
    return s;
}
