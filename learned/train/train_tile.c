/* train_tile.c - a piece of a picture is cut out, coded, decoded and split by one level of lifting.
 *
 * The bands of the decoded planes are what a decoder has before its network, because lifting
 * reconstructs perfectly: analysing the planes undoes the last synthesis.
 */
#include "train_tile.h"

#include <math.h>
#include <stdlib.h>
#include <tessera/tune.h>

#include "nn_ops.h"

/* One in so many tiles is reduced: detail that cameras and earlier compression have smoothed away
 * comes back at half the size. */
enum { REDUCE_ONE_IN = 6 };

/* ---- cutting ---- */

static uint32_t side_of(uint32_t side, uint32_t min_side) {
    if (side > TRAIN_TILE_SIDE) side = TRAIN_TILE_SIDE;
    return side < min_side ? min_side : side / 2 * 2;
}

/* Room that a cut of `side` has to move in, in pixels of the picture. */
static uint32_t room(uint32_t picture, uint32_t side) {
    return picture > side ? picture - side : 0;
}

train_cut tsr_train_cut_centre(const tsr_image *im, uint32_t min_side) {
    train_cut c = {.reduce = 1};
    c.w = side_of(im->width, min_side);
    c.h = side_of(im->height, min_side);
    c.x = room(im->width, c.w) / 2;
    c.y = room(im->height, c.h) / 2;
    return c;
}

train_cut tsr_train_cut_random(const tsr_image *im, uint32_t min_side, nn_rng *rng) {
    int reduce = tsr_nn_rng_below(rng, REDUCE_ONE_IN) == 0 && im->width >= 2 * min_side &&
                 im->height >= 2 * min_side;
    train_cut c = {.reduce = reduce ? 2 : 1};
    c.w = side_of(im->width / c.reduce, min_side);
    c.h = side_of(im->height / c.reduce, min_side);
    c.x = tsr_nn_rng_below(rng, room(im->width, c.w * c.reduce) + 1);
    c.y = tsr_nn_rng_below(rng, room(im->height, c.h * c.reduce) + 1);
    return c;
}

/* The coordinate within the picture that reflection about its ends gives for i. */
static uint32_t reflect(uint32_t i, uint32_t n) {
    uint32_t period = n > 1 ? 2 * (n - 1) : 1;
    i %= period;
    return i < n ? i : period - i;
}

static uint32_t sample(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

static void put_sample(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

static uint32_t mean_sample(const tsr_image *im, const train_cut *c, uint32_t x, uint32_t y,
                            uint32_t channel) {
    uint32_t sum = 0, n = c->reduce * c->reduce;
    for (uint32_t dy = 0; dy < c->reduce; dy++)
        for (uint32_t dx = 0; dx < c->reduce; dx++) {
            size_t sx = reflect(c->x + x * c->reduce + dx, im->width);
            size_t sy = reflect(c->y + y * c->reduce + dy, im->height);
            sum += sample(im, (sy * im->width + sx) * im->channels + channel);
        }
    return (sum + n / 2) / n;
}

tsr_status tsr_train_cut_out(tsr_image *out, const tsr_image *im, const train_cut *c, tsr_diag *d) {
    uint32_t colours = im->channels < 3 ? 1 : 3;
    tsr_status s = tsr_image_alloc(out, c->w, c->h, colours, im->depth, 0, d);
    if (s) return s;
    size_t at = 0;
    for (uint32_t y = 0; y < c->h; y++)
        for (uint32_t x = 0; x < c->w; x++)
            for (uint32_t k = 0; k < colours; k++)
                put_sample(out, at++, mean_sample(im, c, x, y, k));
    return TSR_OK;
}

/* ---- splitting ---- */

static int16_t to_fixed(float v) {
    float r = floorf(v * (1 << TRAIN_TILE_FRACTION) + 0.5f);
    return (int16_t)(r > INT16_MAX ? INT16_MAX : r < INT16_MIN ? INT16_MIN : r);
}

/* Splits the planes of one version; bands: room for 4 * planes * n samples and the lifting's work.
 */
static void split_planes(const train_tile *t, float *plane, uint32_t planes, int16_t *data,
                         float *bands) {
    size_t n = (size_t)t->w * t->h;
    nn_tensor x = {plane, {1, planes, 2 * t->h, 2 * t->w}};
    tsr_op_wavelet_forward(x, bands, bands + 4 * planes * n);
    for (uint32_t b = 0; b < 4; b++)
        for (uint32_t p = 0; p < planes; p++)
            for (size_t i = 0; i < n; i++)
                data[(b * 3 + p) * n + i] = to_fixed(bands[(b * planes + p) * n + i]);
}

static tsr_status split(train_tile *t, const tsr_coded_pair *pair, tsr_diag *d) {
    size_t n = (size_t)t->w * t->h;
    uint32_t planes = pair->planes < 3 ? 1 : 3;
    nn_shape picture = {1, planes, 2 * t->h, 2 * t->w};
    float *bands = malloc((4 * planes * n + tsr_op_wavelet_work(picture)) * sizeof *bands);
    t->data = calloc(2 * TRAIN_CHANNELS * n, sizeof *t->data);
    if (!bands || !t->data) {
        free(bands);
        tsr_train_tile_free(t);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training tiles");
    }
    split_planes(t, pair->original[0], planes, t->data, bands);
    split_planes(t, pair->decoded[0], planes, t->data + TRAIN_CHANNELS * n, bands);
    free(bands);
    return TSR_OK;
}

tsr_status tsr_train_tile_make(train_tile *t, tsr_context *ctx, const tsr_image *im,
                               const train_cut *cut, const train_coding *coding, double step,
                               tsr_diag *d) {
    tsr_encode_options o;
    tsr_image piece = {0};
    tsr_coded_pair pair = {0};
    tsr_encode_options_init(&o);
    o.spec = coding->codec;
    o.postfilter = coding->postfilter ? TSR_POSTFILTER_ON : TSR_POSTFILTER_OFF;
    o.target = TSR_TARGET_STEP;
    o.value = step;
    *t = (train_tile){.w = cut->w / 2, .h = cut->h / 2};
    tsr_status s = tsr_train_cut_out(&piece, im, cut, d);
    if (!s) s = tsr_coded_pair_make(&pair, ctx, &piece, &o, d);
    if (!s) s = split(t, &pair, d);
    if (!s) {
        t->planes = pair.planes < 3 ? 1 : 3;
        t->step = (float)pair.step;
        t->bpp = (float)((double)pair.bytes * 8 / ((double)cut->w * cut->h));
    }
    tsr_coded_pair_free(&pair);
    tsr_image_free(&piece);
    return s;
}

void tsr_train_tile_free(train_tile *t) {
    free(t->data);
    *t = (train_tile){0};
}

/* ---- looking at a part ---- */

/* A mirrored high band begins one position earlier (see read_index()), so a mirrored view leaves
 * out the first position of the tile; where there is no room for that, it is not mirrored. */
train_view tsr_train_view_random(const train_tile *t, uint32_t side, nn_rng *rng) {
    train_view v = {.w = side, .h = side};
    uint32_t bits = tsr_nn_rng_below(rng, 8);
    v.transpose = bits & 1;
    v.flip_x = bits >> 1 & 1 && t->w > side;
    v.flip_y = bits >> 2 & 1 && t->h > side;
    v.x = (uint32_t)v.flip_x + tsr_nn_rng_below(rng, t->w - side + 1 - (uint32_t)v.flip_x);
    v.y = (uint32_t)v.flip_y + tsr_nn_rng_below(rng, t->h - side + 1 - (uint32_t)v.flip_y);
    return v;
}

/* Low samples lie on even pixels, high ones on odd: mirrored about an even pixel, the high sample
 * behind low sample k was the one before it. */
static uint32_t read_index(uint32_t first, uint32_t n, uint32_t i, int flip, int high) {
    return flip ? first + n - 1 - i - (uint32_t)high : first + i;
}

static void view_channel(const train_tile *t, const int16_t *in, const train_view *v, int high_x,
                         int high_y, float *out) {
    const float unit = 1.0f / (1 << TRAIN_TILE_FRACTION);
    size_t x_stride = v->transpose ? v->h : 1, y_stride = v->transpose ? 1 : v->w;
    for (uint32_t y = 0; y < v->h; y++) {
        const int16_t *row = in + (size_t)read_index(v->y, v->h, y, v->flip_y, high_y) * t->w;
        for (uint32_t x = 0; x < v->w; x++)
            out[y * y_stride + x * x_stride] =
                unit * row[read_index(v->x, v->w, x, v->flip_x, high_x)];
    }
}

void tsr_train_tile_view(const train_tile *t, int version, const train_view *v, float *out) {
    size_t n = (size_t)t->w * t->h, m = (size_t)v->w * v->h;
    const int16_t *in = t->data + (version ? TRAIN_CHANNELS * n : 0);
    for (uint32_t c = 0; c < TRAIN_CHANNELS; c++) {
        uint32_t band = c / 3, p = c % 3;
        uint32_t to = v->transpose && band ? (band == 3 ? 3 : 3 - band) : band; /* HL <-> LH */
        view_channel(t, in + c * n, v, band & 1, band >> 1, out + (to * 3 + p) * m);
    }
}
