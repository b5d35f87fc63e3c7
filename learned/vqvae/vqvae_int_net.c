/* vqvae_int_net.c - a network of integers on a grid, in strips whose rows stream through the
 * layers (vqvae_rows.h).
 *
 * Values are words of 16 bits, sums have 32 (model.h: why none overflows). The channels of a
 * position lie beside each other.
 * Cost: tsr_vqvae_net_macs() a position, (1 + 2 blocks / span)(1 + blocks / rows) times.
 */
#include <string.h>

#include "nn_int.h"
#include "vqvae_net.h"
#include "vqvae_rows.h"

enum {
    SPAN = 128,     /* columns of a strip at most */
    ROWS = 32,      /* of a task at least */
    TASKS = 4,      /* for each thread, where there are rows enough */
    POSITIONS = 12, /* a row has a multiple of this: what suits the kernels */
    ALIGN = 64
};

typedef struct run {
    const vqvae_grid *g;
    const nn_int_kernels *kernels;
    uint32_t blocks, channels; /* channels: of a hidden position, padded */
    nn_int_product head, tail, product[TSR_VQVAE_MAX_BLOCKS];
    nn_int_taps depthwise[TSR_VQVAE_MAX_BLOCKS];
    float in_factor, out_factor[TSR_VQVAE_CHANNELS];
    uint32_t span, rows, strips, bands; /* columns and rows of a task; tasks across and down */
    size_t n;                           /* positions of a row at work */
    size_t row;                         /* bytes of a hidden row: n positions and two more */
    uint8_t *scratch;
    size_t share; /* bytes of scratch for each worker */
} run;

/* A task at work. Position p of a row is column x0 + p of the grid. */
typedef struct strip {
    const run *r;
    int64_t x0, y0, y1;
    uint8_t *kept;   /* [blocks + 1][KEPT] hidden rows */
    int16_t *active; /* n x channels: what a depthwise layer leaves */
    int16_t *planar; /* TSR_VQVAE_CHANNELS x n */
    int16_t *in;     /* n x TSR_VQVAE_CHANNELS */
    int32_t *change; /* TSR_VQVAE_CHANNELS x n */
    int32_t *sums;   /* n x NN_INT_OUT */
} strip;

static size_t aligned(size_t bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t kept_bytes(const run *r) {
    return (size_t)(r->blocks + 1) * KEPT * r->row;
}

/* ---- rows ---- */

/* Position 0 of row y of the input of block b (of the tail, for b == blocks). */
static int16_t *kept_row(const strip *s, uint32_t b, int64_t y) {
    uint8_t *row = s->kept + (b * KEPT + row_slot(y)) * s->r->row;
    return (int16_t *)(void *)row + s->r->channels;
}

/* Row y as zeros, if it lies outside the grid. */
static int outside(const strip *s, int64_t y, int16_t *row) {
    const run *r = s->r;
    if (y >= 0 && y < r->g->h) return 0;
    memset(row, 0, (size_t)r->n * r->channels * sizeof *row);
    return 1;
}

/* Zeros outside of the grid in a row that crosses its sides. */
static void clear_sides(const strip *s, int16_t *row) {
    const run *r = s->r;
    int64_t left = -s->x0, right = (int64_t)r->g->w - s->x0;
    size_t position = r->channels * sizeof *row;
    if (left > 0) memset(row, 0, (size_t)left * position);
    if (right < (int64_t)r->n)
        memset(row + (size_t)right * r->channels, 0, (size_t)(r->n - right) * position);
}

/* ---- head ---- */

/* Row y of the inputs of a channel, zero where there is no sample. */
static void load_channel(const strip *s, uint32_t c, int64_t y, int16_t *to) {
    const run *r = s->r;
    const vqvae_channel *ch = &r->g->channel[c];
    int64_t first = s->x0 < 0 ? 0 : s->x0, end = s->x0 + (int64_t)r->n;
    if (end > ch->w) end = ch->w;
    memset(to, 0, r->n * sizeof *to);
    if (!ch->in || y >= ch->h || end <= first) return;
    r->kernels->quantize(ch->in + (size_t)y * ch->w + first, r->in_factor, to + (first - s->x0),
                         (size_t)(end - first));
}

/* Row y of the inputs. */
static void load_row(const strip *s, int64_t y) {
    const size_t n = s->r->n;
    for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++) load_channel(s, c, y, s->planar + c * n);
    for (size_t x = 0; x < n; x++)
        for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++)
            s->in[x * TSR_VQVAE_CHANNELS + c] = s->planar[c * n + x];
}

static void head_row(const void *arg, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    int16_t *to = kept_row(s, 0, y);
    if (outside(s, y, to)) return;
    load_row(s, y);
    r->kernels->words(&r->head, s->in, TSR_VQVAE_CHANNELS, NULL, to, r->channels, r->n);
    clear_sides(s, to);
}

/* ---- blocks ---- */

/* Row y of the output of block b from rows y - 1 .. y + 1 of its input. */
static void block_row(const void *arg, uint32_t b, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    int16_t *to = kept_row(s, b + 1, y);
    if (outside(s, y, to)) return;
    const int16_t *const row[KEPT] = {kept_row(s, b, y - 1), kept_row(s, b, y),
                                      kept_row(s, b, y + 1)};
    r->kernels->taps(&r->depthwise[b], row, s->active, r->n);
    r->kernels->words(&r->product[b], s->active, r->channels, row[1], to, r->channels, r->n);
    clear_sides(s, to);
}

/* ---- tail ---- */

/* to = from + factor * change, n of them. */
static void add_change(float *restrict to, const float *restrict from,
                       const int32_t *restrict change, float factor, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = from[i] + factor * (float)change[i];
}

static void tail_row(const void *arg, int64_t y) {
    const strip *s = arg;
    const run *r = s->r;
    const size_t n = r->n;
    int64_t first = s->x0 + r->blocks;
    r->kernels->sums(&r->tail, kept_row(s, r->blocks, y), r->channels, s->sums, NN_INT_OUT, n);
    for (size_t x = 0; x < n; x++)
        for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++)
            s->change[c * n + x] = s->sums[x * NN_INT_OUT + c];
    for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++) {
        const vqvae_channel *ch = &r->g->channel[c];
        int64_t end = first + r->span < ch->w ? first + r->span : ch->w;
        if (!ch->in || y >= ch->h || end <= first) continue;
        size_t at = (size_t)y * ch->w + (size_t)first;
        add_change(ch->out + at, ch->in + at, s->change + c * n + r->blocks, r->out_factor[c],
                   (size_t)(end - first));
    }
}

/* ---- a task ---- */

/* Takes bytes from *at on. */
static void *take(uint8_t **at, size_t bytes) {
    void *memory = *at;
    *at += aligned(bytes);
    return memory;
}

/* Finds places for what is at work, one behind another. */
static void lay_out(strip *s, uint8_t *scratch) {
    const run *r = s->r;
    s->kept = take(&scratch, kept_bytes(r));
    s->active = take(&scratch, r->n * r->channels * sizeof *s->active);
    s->planar = take(&scratch, r->n * TSR_VQVAE_CHANNELS * sizeof *s->planar);
    s->in = take(&scratch, r->n * TSR_VQVAE_CHANNELS * sizeof *s->in);
    s->sums = take(&scratch, r->n * NN_INT_OUT * sizeof *s->sums);
    s->change = take(&scratch, r->n * TSR_VQVAE_CHANNELS * sizeof *s->change);
}

/* What lay_out() needs. */
static size_t share_bytes(const run *r) {
    size_t words = r->channels + 2 * TSR_VQVAE_CHANNELS, sums = NN_INT_OUT + TSR_VQVAE_CHANNELS;
    return kept_bytes(r) + aligned(r->n * (words * sizeof(int16_t) + sums * sizeof(int32_t))) +
           5 * ALIGN;
}

static strip open_strip(const run *r, uint32_t task, uint32_t worker) {
    strip s = {.r = r,
               .x0 = (int64_t)(task % r->strips) * r->span - r->blocks,
               .y0 = (int64_t)(task / r->strips) * r->rows};
    s.y1 = s.y0 + r->rows < r->g->h ? s.y0 + r->rows : r->g->h;
    lay_out(&s, r->scratch + worker * r->share);
    memset(s.kept, 0, kept_bytes(r)); /* padding; what lies beside a row; no stale rows */
    return s;
}

static tsr_status run_strip(void *arg, uint32_t task, uint32_t worker) {
    const run *r = arg;
    const strip s = open_strip(r, task, worker);
    stream_rows((row_stages){head_row, block_row, tail_row}, &s, r->blocks, s.y0, s.y1);
    return TSR_OK;
}

/* ---- set-up: layers ---- */

static uint32_t padded(uint32_t n, uint32_t size) {
    return (n + size - 1) / size * size;
}

/* The bias of output o in 2^-shift, rounded. */
static int32_t bias_of(const tsr_vqvae_layer *l, uint32_t o, float step) {
    const float *b = l->bias + o, bound = TSR_VQVAE_MAX_BIAS;
    float v = b[0] + step * (b[l->out] + step * b[2 * l->out]);
    v *= (float)(1 << l->shift[o]);
    v = v > -bound ? v : -bound;
    v = v < bound ? v : bound;
    v += 0.5f;
    int32_t i = (int32_t)v;
    return (float)i > v ? i - 1 : i;
}

enum { SHIFTED, SUMS }; /* what a layer gives */

/* Biases and shifts; biases with what makes the shift round to the nearest. */
static void set_outputs(const tsr_vqvae_layer *l, int kind, float step, int32_t *bias,
                        int32_t *shift) {
    for (uint32_t o = 0; o < l->out; o++) {
        shift[o] = l->shift[o];
        bias[o] = bias_of(l, o, step) + (kind == SHIFTED ? (1 << shift[o]) >> 1 : 0);
    }
}

static nn_int_product make_product(const tsr_vqvae_layer *l, int kind, float step, uint8_t **p) {
    uint32_t in = padded(l->in, 2), out = padded(l->out, NN_INT_OUT);
    int32_t *bias = take(p, out * sizeof *bias), *shift = take(p, out * sizeof *shift);
    int16_t *w = take(p, (size_t)out * in * sizeof *w);
    set_outputs(l, kind, step, bias, shift);
    tsr_int_pack(w, l->integer, l->in, l->out);
    return (nn_int_product){in, out, w, bias, shift};
}

static nn_int_taps make_taps(const tsr_vqvae_layer *l, uint32_t channels, float step, uint8_t **p) {
    int32_t *bias = take(p, channels * sizeof *bias), *shift = take(p, channels * sizeof *shift);
    int16_t *w = take(p, NN_INT_TAPS * channels * sizeof *w);
    set_outputs(l, SHIFTED, step, bias, shift);
    for (uint32_t o = 0; o < l->out; o++)
        for (uint32_t t = 0; t < NN_INT_TAPS; t++)
            w[t * channels + o] = l->integer[o * NN_INT_TAPS + t];
    return (nn_int_taps){channels, w, bias, shift};
}

/* Enough for all layers: of each, weights for padded sides, biases and shifts. */
static size_t pool_bytes(const run *r) {
    size_t side = r->channels, outputs = 2 * aligned(side * sizeof(int32_t));
    size_t product = outputs + aligned(side * side * sizeof(int16_t));
    size_t depthwise = outputs + aligned(NN_INT_TAPS * side * sizeof(int16_t));
    return (2 + (size_t)r->blocks) * product + r->blocks * depthwise;
}

static tsr_status make_layers(run *r, const tsr_vqvae_net *n, float step, const tsr_env *env) {
    size_t bytes = pool_bytes(r);
    uint8_t *p = env->alloc(env, bytes);
    if (!p) return TSR_ERR_MEMORY;
    memset(p, 0, bytes);
    tsr_vqvae_layer l = tsr_vqvae_net_layer(n, 0);
    r->head = make_product(&l, SHIFTED, step, &p);
    for (uint32_t b = 0; b < r->blocks; b++) {
        l = tsr_vqvae_net_layer(n, 1 + 2 * b);
        r->depthwise[b] = make_taps(&l, r->channels, step, &p);
        l = tsr_vqvae_net_layer(n, 2 + 2 * b);
        r->product[b] = make_product(&l, SHIFTED, step, &p);
    }
    l = tsr_vqvae_net_layer(n, 1 + 2 * r->blocks);
    r->tail = make_product(&l, SUMS, step, &p);
    return TSR_OK;
}

/* ---- set-up: tasks ---- */

/* Strips of equal width, cut into as few tasks as keep all threads busy. */
static void cut_grid(run *r, uint32_t threads) {
    r->strips = pieces(r->g->w, SPAN);
    r->span = pieces(r->g->w, r->strips);
    r->strips = pieces(r->g->w, r->span);
    uint32_t bands = pieces(threads > 1 ? TASKS * threads : 1, r->strips);
    r->rows = pieces(r->g->h, bands);
    if (r->rows < ROWS) r->rows = ROWS;
    r->bands = pieces(r->g->h, r->rows);
    r->n = padded(r->span + 2 * r->blocks, POSITIONS);
    r->row = aligned((size_t)(r->n + 2) * r->channels * sizeof(int16_t));
}

static void set_factors(run *r, const tsr_vqvae_net *n, tsr_vqvae_scale scale) {
    r->in_factor = scale.inverse * (float)(1 << n->ints.fraction);
    for (uint32_t c = 0; c < TSR_VQVAE_CHANNELS; c++)
        r->out_factor[c] = scale.amount / (float)(1 << r->tail.shift[c]);
}

tsr_status tsr_vqvae_int_net_run(const tsr_vqvae_net *n, tsr_vqvae_scale scale, const vqvae_grid *g,
                                 const tsr_env *env) {
    run r = {.g = g,
             .kernels = tsr_int_kernels(env->cpu),
             .blocks = n->blocks,
             .channels = padded(n->width, NN_INT_CHANNELS)};
    cut_grid(&r, env->threads);
    tsr_status s = make_layers(&r, n, scale.l, env);
    if (s) return s;
    set_factors(&r, n, scale);
    r.share = share_bytes(&r);
    r.scratch = env->alloc(env, r.share * env->threads);
    if (!r.scratch) return TSR_ERR_MEMORY;
    s = env->parallel_for(env, r.strips * r.bands, run_strip, &r);
    if (!s && env->progress(env, 1)) s = TSR_ERR_CANCELLED;
    return s;
}
