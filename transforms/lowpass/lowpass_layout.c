/* lowpass_layout.c - the bands of the pyramid: order, layers, references, gains.
 *
 * Layer 0: the coarsest picture, one low band a plane. Layer k: the residual of level levels - k,
 * plane by plane. A residual has the parts [low,] H, V, D; or one band for every frequency of a
 * block; or its samples.
 *
 * The matched decimation filter leaves no low part in the residual, and so the layout has none: the
 * representation then has exactly as many coefficients as the picture has samples.
 */
#include "lowpass_internal.h"

/* Blocks and samples are a third more coefficients than the picture has samples: the error of a
 * coarse level is seen again in the residual of the next finer one and corrected where that is
 * coded. Coarser steps for all but the finest level pay. */
static const float redundant_step = 1.2f;

typedef struct describer {
    lowpass *lp;
    lowpass_norms x, y;
} describer;

uint32_t tsr_lowpass_block(const lowpass *lp) {
    return lp->residual == RESIDUAL_DCT4 ? 4 : lp->residual == RESIDUAL_DCT8 ? 8 : 1;
}

static int has_low_part(const lowpass *lp) {
    return lp->shape != SHAPE_MATCHED;
}

static uint32_t bands_per_residual(const lowpass *lp) {
    if (lp->residual == RESIDUAL_BANDS) return has_low_part(lp) ? 4 : 3;
    return tsr_lowpass_block(lp) * tsr_lowpass_block(lp);
}

uint32_t tsr_lowpass_first_band(const lowpass *lp, uint32_t level, uint32_t plane) {
    uint32_t before = (lp->levels - 1 - level) * lp->g.planes + plane;
    return lp->g.planes + before * bands_per_residual(lp);
}

uint32_t tsr_lowpass_part(const lowpass *lp, uint32_t level, uint32_t plane, uint32_t part) {
    uint32_t first = tsr_lowpass_first_band(lp, level, plane);
    if (has_low_part(lp)) return first + part;
    return part == PART_LOW ? TSR_NO_BAND : first + part - PART_H;
}

/* ---- one band ---- */

/* norm: squared norm of the synthesis basis of a band of `level`. */
static float gain_of(const lowpass *lp, uint32_t level, double norm) {
    int coarser = level > 0 && lp->residual != RESIDUAL_BANDS;
    return (float)norm / (coarser ? redundant_step * redundant_step : 1.0f);
}

static tsr_band blank(const describer *d, uint32_t level, uint32_t plane) {
    tsr_band b = {.domain = TSR_DOMAIN_REAL,
                  .plane = (uint8_t)plane,
                  .level = (uint8_t)(level + 1),
                  .layer = (uint16_t)(d->lp->levels - level)};
    for (uint32_t i = 0; i < TSR_REFS; i++) b.ref[i] = TSR_NO_BAND;
    return b;
}

/* The band at the same offset of plane 0, and for the second chroma plane that of the first; the
 * one of the next coarser residual. */
static void set_common_references(const lowpass *lp, uint32_t level, uint32_t plane,
                                  uint32_t offset, tsr_band *b) {
    if (plane > 0) b->ref[TSR_REF_PLANE_A] = tsr_lowpass_first_band(lp, level, 0) + offset;
    if (plane == 2) b->ref[TSR_REF_PLANE_B] = tsr_lowpass_first_band(lp, level, 1) + offset;
    if (level + 1 < lp->levels)
        b->ref[TSR_REF_PARENT] = tsr_lowpass_first_band(lp, level + 1, plane) + offset;
}

static void describe_low(describer *d, uint32_t plane) {
    lowpass *lp = d->lp;
    uint32_t l = lp->levels;
    tsr_band b = blank(d, l, plane);
    b.w = lp->w[l];
    b.h = lp->h[l];
    b.orient = TSR_ORIENT_LOW;
    b.level = (uint8_t)l;
    b.gain = gain_of(lp, l, d->x.low[l] * d->y.low[l]);
    if (plane > 0) b.ref[TSR_REF_PLANE_A] = lowpass_low_band(0);
    if (plane == 2) b.ref[TSR_REF_PLANE_B] = lowpass_low_band(1);
    lp->band[lowpass_low_band(plane)] = b;
}

/* An earlier part that is not empty, or TSR_NO_BAND. */
static uint32_t sister(const lowpass *lp, uint32_t level, uint32_t plane, uint32_t part) {
    if (level >= lp->levels) return TSR_NO_BAND;
    uint32_t i = tsr_lowpass_part(lp, level, plane, part);
    return lp->band[i].w && lp->band[i].h ? i : TSR_NO_BAND;
}

static void describe_part(describer *d, uint32_t level, uint32_t plane, uint32_t part) {
    static const uint8_t orient[PARTS] = {TSR_ORIENT_D, TSR_ORIENT_H, TSR_ORIENT_V, TSR_ORIENT_D};
    lowpass *lp = d->lp;
    int x_high = part == PART_H || part == PART_D, y_high = part == PART_V || part == PART_D;
    uint32_t index = tsr_lowpass_part(lp, level, plane, part);
    tsr_band b = blank(d, level, plane);
    b.w = x_high ? lp->w[level] / 2 : lp->w[level + 1];
    b.h = y_high ? lp->h[level] / 2 : lp->h[level + 1];
    b.orient = orient[part];
    b.gain = gain_of(lp, level,
                     (x_high ? d->x.high[level] : d->x.low[level + 1]) *
                         (y_high ? d->y.high[level] : d->y.low[level + 1]));
    if (b.w && b.h) {
        set_common_references(lp, level, plane, index - tsr_lowpass_first_band(lp, level, plane),
                              &b);
        if (part == PART_H) b.ref[TSR_REF_SISTER_A] = sister(lp, level + 1, plane, PART_V);
        if (part == PART_V) b.ref[TSR_REF_SISTER_A] = sister(lp, level, plane, PART_H);
        if (part == PART_H || part == PART_V)
            b.ref[TSR_REF_SISTER_B] = sister(lp, level + 1, plane, PART_D);
        if (part == PART_D) {
            b.ref[TSR_REF_SISTER_A] = sister(lp, level, plane, PART_H);
            b.ref[TSR_REF_SISTER_B] = sister(lp, level, plane, PART_V);
        }
        if (b.ref[TSR_REF_PARENT] != TSR_NO_BAND && !lp->band[b.ref[TSR_REF_PARENT]].w)
            b.ref[TSR_REF_PARENT] = TSR_NO_BAND;
    }
    lp->band[index] = b;
}

/* Frequency (u, v) of all blocks; samples are blocks of one. */
static void describe_frequency(describer *d, uint32_t level, uint32_t plane, uint32_t u,
                               uint32_t v) {
    lowpass *lp = d->lp;
    uint32_t n = tsr_lowpass_block(lp), offset = v * n + u;
    uint32_t first = tsr_lowpass_first_band(lp, level, plane);
    double gx = n > 1 ? d->x.block[level][u] : d->x.low[level];
    double gy = n > 1 ? d->y.block[level][v] : d->y.low[level];
    tsr_band b = blank(d, level, plane);
    b.w = (lp->w[level] - 1) / n + 1;
    b.h = (lp->h[level] - 1) / n + 1;
    b.orient = u && !v ? TSR_ORIENT_H : v && !u ? TSR_ORIENT_V : TSR_ORIENT_D;
    b.gain = gain_of(lp, level, gx * gy);
    set_common_references(lp, level, plane, offset, &b);
    if (u) b.ref[TSR_REF_SISTER_A] = first + offset - 1;
    if (v) b.ref[TSR_REF_SISTER_B] = first + offset - n;
    lp->band[first + offset] = b;
}

static void describe_residual(describer *d, uint32_t level, uint32_t plane) {
    if (d->lp->residual == RESIDUAL_BANDS) {
        for (uint32_t part = has_low_part(d->lp) ? PART_LOW : PART_H; part < PARTS; part++)
            describe_part(d, level, plane, part);
        return;
    }
    uint32_t n = tsr_lowpass_block(d->lp);
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t u = 0; u < n; u++) describe_frequency(d, level, plane, u, v);
}

tsr_status tsr_lowpass_describe(lowpass *lp, const tsr_env *env) {
    describer d = {.lp = lp};
    uint32_t block = tsr_lowpass_block(lp);
    lp->n_bands = lp->g.planes * (1 + lp->levels * bands_per_residual(lp));
    lp->band = env->alloc(env, lp->n_bands * sizeof *lp->band);
    if (!lp->band) return TSR_ERR_MEMORY;
    tsr_status s = tsr_lowpass_measure(&d.x, lp->g.width, lp->levels, block, env);
    if (!s) s = tsr_lowpass_measure(&d.y, lp->g.height, lp->levels, block, env);
    if (s) return s;
    for (uint32_t p = 0; p < lp->g.planes; p++) describe_low(&d, p);
    for (uint32_t l = lp->levels; l-- > 0;)
        for (uint32_t p = 0; p < lp->g.planes; p++) describe_residual(&d, l, p);
    return TSR_OK;
}
