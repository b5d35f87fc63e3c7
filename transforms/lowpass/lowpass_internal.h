/* lowpass_internal.h - the state of the low-pass pyramid and what its parts offer each other.
 *
 * Level 0 is the picture; the picture of level l + 1 is that of level l, low-pass filtered and
 * decimated by two (sizes rounded up). Samples keep their scale: a constant picture is the same
 * constant at every level.
 */
#ifndef LOWPASS_INTERNAL_H
#define LOWPASS_INTERNAL_H

#include <tessera/plugin.h>

enum { LOWPASS_MAX_LEVELS = 10 };

/* Frequency response of the decimation filter. */
enum { SHAPE_MATCHED, SHAPE_IDEAL, SHAPE_COSINE, SHAPE_GAUSSIAN, SHAPE_BUTTERWORTH };

/* How the residual of a level is represented. */
enum { RESIDUAL_BANDS, RESIDUAL_DCT4, RESIDUAL_DCT8, RESIDUAL_SAMPLES };

/* The four parts of a residual of RESIDUAL_BANDS: the correction of the coarser picture, and detail
 * across x, across y and across both. */
enum { PART_LOW, PART_H, PART_V, PART_D, PARTS };

enum { LOWPASS_MAX_BLOCK = 8 };

typedef struct lowpass {
    tsr_geometry g;
    uint32_t levels; /* in use: 0 .. LOWPASS_MAX_LEVELS */
    uint32_t shape, residual;
    double cutoff;
    uint32_t w[LOWPASS_MAX_LEVELS + 1], h[LOWPASS_MAX_LEVELS + 1]; /* picture of each level */
    float *picture[TSR_MAX_PLANES][LOWPASS_MAX_LEVELS + 1];        /* [..][0] is NULL */
    int pictures_ready; /* picture[][] holds what analysis made of the current picture */
    uint32_t n_bands;
    tsr_band *band; /* n_bands entries */
} lowpass;

static inline size_t lowpass_size(const lowpass *lp, uint32_t level) {
    return (size_t)lp->w[level] * lp->h[level];
}

/* ---- lowpass_layout.c ---- */

/* Side of the blocks of RESIDUAL_DCT4 and RESIDUAL_DCT8; 1 for RESIDUAL_SAMPLES. */
uint32_t tsr_lowpass_block(const lowpass *lp);

/* Index of the only band of the coarsest picture. */
static inline uint32_t lowpass_low_band(uint32_t plane) {
    return plane;
}

/* Index of the first band of the residual of `level` (below lp->levels). Blockwise: the band of
 * frequency (u across, v down) follows at v * block + u. */
uint32_t tsr_lowpass_first_band(const lowpass *lp, uint32_t level, uint32_t plane);

/* Index of a part of the residual of RESIDUAL_BANDS, or TSR_NO_BAND when the layout has none. */
uint32_t tsr_lowpass_part(const lowpass *lp, uint32_t level, uint32_t plane, uint32_t part);

/* Fills lp->n_bands and lp->band from parameters and geometry. Errors: MEMORY or LIMIT. */
tsr_status tsr_lowpass_describe(lowpass *lp, const tsr_env *env);

/* ---- lowpass_norm.c ---- */

/* Squared norms of the synthesis basis along a line. */
typedef struct lowpass_norms {
    double low[LOWPASS_MAX_LEVELS + 1];  /* a sample of the picture of a level */
    double high[LOWPASS_MAX_LEVELS + 1]; /* a detail sample in the picture of a level */
    double block[LOWPASS_MAX_LEVELS + 1][LOWPASS_MAX_BLOCK]; /* frequency k of a block, in the
                                                                picture of a level */
} lowpass_norms;

/* Measures the norms on a line of n samples for levels 0 .. levels and blocks of `block` samples.
 * Uses env's memory. Errors: MEMORY or LIMIT. */
tsr_status tsr_lowpass_measure(lowpass_norms *out, uint32_t n, uint32_t levels, uint32_t block,
                               const tsr_env *env);

/* ---- lowpass_expand.c ---- */

/* Detail of a picture of w * h samples. */
typedef struct lowpass_detail {
    const float *x;  /* across x: floor(w/2) * ceil(h/2) samples */
    const float *y;  /* across y: ceil(w/2) * floor(h/2) */
    const float *xy; /* across both: floor(w/2) * floor(h/2) */
} lowpass_detail;

/* One level up: interpolates lo (ceil(w/2) * ceil(h/2) samples) to w * h samples and adds detail
 * (NULL: none). out and scratch have w * h samples and overlap nothing. The same bits on every
 * machine and for every number of threads. */
tsr_status tsr_lowpass_expand(uint32_t w, uint32_t h, const float *lo, const lowpass_detail *detail,
                              float *out, float *scratch, const tsr_env *env);

enum { LOW_REACH = 5, HIGH_REACH = 6 };

/* Interpolation and detail filters: symmetric, taps at distance 0, 1, ... from the centre. */
extern const float tsr_lowpass_low_taps[LOW_REACH + 1];
extern const float tsr_lowpass_high_taps[HIGH_REACH + 1];

/* ---- lowpass_residual.c ---- */

/* Residual samples of `level` to the coefficients of its bands, for the blockwise and the direct
 * representation; and back, added to picture. */
tsr_status tsr_lowpass_residual_forward(const lowpass *lp, uint32_t level, uint32_t plane,
                                        const float *residual, const tsr_coeffs *out,
                                        const tsr_env *env);
tsr_status tsr_lowpass_residual_add(const lowpass *lp, uint32_t level, uint32_t plane,
                                    const tsr_coeffs *in, float *picture, const tsr_env *env);

/* ---- lowpass_rebuild.c ---- */

/* Decodes the pictures of one plane from the coarsest level down to `level`. picture[l] receives
 * the picture of level l, l = level .. levels; scratch has as many samples as the picture of
 * `level`. */
tsr_status tsr_lowpass_rebuild(const lowpass *lp, const tsr_coeffs *in, uint32_t plane,
                               uint32_t level, float *const picture[], float *scratch,
                               const tsr_env *env);

/* ---- lowpass_response.c ---- */

/* What a filter passes at n frequencies k / n cycles per sample, k = 0 .. n - 1. */
enum {
    FILTER_SHAPE, /* the decimation filter, as the parameters say */
    FILTER_LOW,   /* the low-pass filter dual to the interpolation */
    FILTER_HIGH,  /* the high-pass filter dual to the detail synthesis, one sample ahead */
    FILTERS
};

/* Response of the decimation filter at f cycles per sample, 0 <= f <= 1/2. */
double tsr_lowpass_response(uint32_t shape, double cutoff, double f);

/* out[k] = real part, imaginary part of the response at k / n. */
void tsr_lowpass_filter(uint32_t filter, uint32_t shape, double cutoff, uint32_t n,
                        float (*out)[2]);

#endif
