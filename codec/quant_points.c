/* quant_points.c - fitting, coding and use of reconstruction points. */
#include "quant_points.h"

#include <math.h>
#include <string.h>

#include "coef_context.h"
#include "lattice.h"
#include "trellis.h"

#define POINT_BITS 4.0f /* a coded offset; plus one flag byte a layer */

typedef struct point_sums {
    double error[2][3]; /* sum of index - |coefficient| in half steps */
    double n[2][3];
} point_sums;

static unsigned magnitude_class(int32_t k) {
    int32_t a = k < 0 ? -k : k;
    return a < 3 ? (unsigned)a - 1 : 2;
}

/* Distance of a symbol's point from zero in half steps, signed; q1 is the active quantizer of a
 * trellis. */
static int32_t point_index(const tsr_symbols *s, int32_t k, uint32_t q1) {
    return s->lattice ? k : tsr_trellis_index(k, q1);
}

static unsigned point_class(const tsr_symbols *s, int32_t k) {
    return magnitude_class(s->lattice ? tsr_e8_level(k) : k);
}

static void sum_band(point_sums *sums, const tsr_quant_task *t, const tsr_trellis *tr, uint32_t b) {
    unsigned chroma = tsr_plane_kind(t->layout, b) != 0;
    float inv = 2.0f / tsr_band_step(t, b);
    const float *c = t->coeffs->data[b].f;
    const int32_t *k = t->symbols->data[b];
    size_t n = tsr_band_size(&t->layout->band[b]);
    uint32_t state = 0;
    for (size_t i = 0; i < n;) {
        size_t run = tsr_zero_run(k + i, n - i);
        state = tsr_trellis_skip(tr, state, run);
        size_t end = i + run + 16 < n ? i + run + 16 : n;
        for (i += run; i < end; i++) {
            if (k[i]) {
                int32_t index = point_index(t->symbols, k[i], tsr_trellis_q1(tr, state));
                unsigned m = point_class(t->symbols, k[i]);
                sums->error[chroma][m] += k[i] > 0 ? index - c[i] * inv : c[i] * inv - index;
                sums->n[chroma][m]++;
            }
            state = tr->next[state][k[i] & 1];
        }
    }
}

/* Offsets of one layer; all zero when the gain in distortion is less than lambda times their bits.
 */
static void fit_layer(tsr_points *p, const tsr_quant_task *t, uint32_t layer,
                      const point_sums *sums) {
    double gain = 0; /* squared error saved, in half steps squared */
    int8_t fitted[2][3];
    for (int c = 0; c < 2; c++)
        for (int m = 0; m < 3; m++) {
            double n = sums->n[c][m], mean = n ? sums->error[c][m] / n : 0;
            double o = floor(mean * 8 + 0.5);
            o = o < -8 ? -8 : o > 7 ? 7 : o;
            fitted[c][m] = (int8_t)o;
            gain += n * (mean * mean - (mean - o / 8) * (mean - o / 8));
        }
    double half = t->step / 2;
    int worth = gain * half * half > t->lambda * 6 * POINT_BITS;
    for (int c = 0; c < 2; c++)
        for (int m = 0; m < 3; m++) p->offset[layer][c][m] = worth ? fitted[c][m] : 0;
}

void tsr_points_fit(tsr_points *p, const tsr_quant_task *t) {
    tsr_trellis detail, none;
    tsr_trellis_init(&detail, t->symbols->states);
    tsr_trellis_init(&none, 0);
    for (uint32_t layer = t->first_layer; layer < t->end_layer && layer < TSR_POINT_LAYERS;
         layer++) {
        point_sums sums = {0};
        for (uint32_t b = 0; b < t->layout->n; b++)
            if (t->layout->band[b].layer == layer && tsr_quant_wants(t, b) &&
                t->layout->band[b].orient != TSR_ORIENT_LOW)
                sum_band(&sums, t, &detail, b);
        fit_layer(p, t, layer, &sums);
    }
}

/* ---- reconstruction ---- */

/* The coefficient of symbol k. Offsets are towards zero, by min(level, 3); that of level 0 is 0.
 * Zeros and signs are anybody's guess: nothing branches on them. */
static inline float point_value(const tsr_symbols *s, int32_t k, uint32_t q1, float half,
                                const float offset[4]) {
    int32_t a = k < 0 ? -k : k, level = s->lattice ? tsr_e8_level(a) : a;
    int32_t index = s->lattice ? a : 2 * a - (int32_t)q1;
    float v = (float)index * half - offset[level < 3 ? level : 3];
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits &= -(uint32_t)(k != 0);
    bits |= (uint32_t)k & 0x80000000u;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void detail_band(const tsr_points *p, const tsr_quant_task *t, const tsr_trellis *tr,
                        uint32_t b) {
    const tsr_band *band = &t->layout->band[b];
    float half = tsr_band_step(t, b) * 0.5f;
    float offset[4] = {0}; /* in coefficient units */
    if (band->layer < TSR_POINT_LAYERS)
        for (int m = 0; m < 3; m++)
            offset[m + 1] =
                (float)p->offset[band->layer][tsr_plane_kind(t->layout, b) != 0][m] * 0.125f * half;
    const int32_t *k = t->symbols->data[b];
    float *out = t->decoded->data[b].f;
    size_t n = tsr_band_size(band);
    uint32_t state = 0;
    for (size_t i = 0; i < n;) {
        size_t run = tsr_zero_run(k + i, n - i), end = i + run;
        memset(out + i, 0, run * sizeof *out);
        state = tsr_trellis_skip(tr, state, run);
        for (i = end, end = end + 16 < n ? end + 16 : n; i < end; i++) {
            out[i] = point_value(t->symbols, k[i], tsr_trellis_q1(tr, state), half, offset);
            state = tr->next[state][k[i] & 1];
        }
    }
}

void tsr_points_dequantize(const tsr_points *p, const tsr_quant_task *t) {
    tsr_trellis tr;
    tsr_trellis_init(&tr, t->symbols->states);
    for (uint32_t b = 0; b < t->layout->n; b++) {
        if (!tsr_quant_wants(t, b)) continue;
        if (t->layout->band[b].orient == TSR_ORIENT_LOW)
            tsr_quant_scale(t, b, tsr_low_step(t, b));
        else
            detail_band(p, t, &tr, b);
    }
}

/* ---- side information: a mask of layers with offsets, then 3 bytes for each ---- */

static uint32_t layer_count(const tsr_layout *l) {
    return l->layers < TSR_POINT_LAYERS ? l->layers : TSR_POINT_LAYERS;
}

static int layer_used(const tsr_points *p, uint32_t layer) {
    static const int8_t zero[2][3];
    return memcmp(p->offset[layer], zero, sizeof zero) != 0;
}

void tsr_points_save(const tsr_points *p, const tsr_layout *l, tsr_buffer *out) {
    uint8_t mask = 0;
    for (uint32_t i = 0; i < layer_count(l); i++) mask |= (uint8_t)(layer_used(p, i) << i);
    tsr_put_u8(out, mask);
    for (uint32_t i = 0; i < layer_count(l); i++) {
        if (!(mask >> i & 1)) continue;
        const int8_t *o = p->offset[i][0];
        for (int k = 0; k < 6; k += 2)
            tsr_put_u8(out, (uint8_t)((o[k] & 15) | (o[k + 1] & 15) << 4));
    }
}

tsr_status tsr_points_load(tsr_points *p, const tsr_layout *l, tsr_reader *in, tsr_diag *d) {
    uint8_t mask = tsr_get_u8(in);
    for (uint32_t i = 0; i < layer_count(l); i++) {
        if (!(mask >> i & 1)) continue;
        int8_t *o = p->offset[i][0];
        for (int k = 0; k < 6; k += 2) {
            uint8_t v = tsr_get_u8(in);
            o[k] = (int8_t)(((v & 15) ^ 8) - 8);
            o[k + 1] = (int8_t)(((v >> 4) ^ 8) - 8);
        }
    }
    if (in->failed || (mask >> layer_count(l)) != 0)
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "reconstruction points are corrupt");
    return TSR_OK;
}

tsr_status tsr_points_stage_dequantize(void *st, const tsr_quant_task *t) {
    tsr_points_dequantize(st, t);
    return TSR_OK;
}

void tsr_points_stage_save(const void *st, const tsr_layout *l, tsr_buffer *out) {
    tsr_points_save(st, l, out);
}

tsr_status tsr_points_stage_load(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d) {
    return tsr_points_load(st, l, in, d);
}
