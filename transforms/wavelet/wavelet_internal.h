/* wavelet_internal.h - the state of the wavelet transform and what its parts offer each other. */
#ifndef WAVELET_INTERNAL_H
#define WAVELET_INTERNAL_H

#include <tessera/plugin.h>

#include "wavelet_filter.h"

enum { WAVELET_MAX_LEVELS = 10 };

/* Squared norms of the synthesis basis along one dimension, by level. */
typedef struct wavelet_norms {
    double low[WAVELET_MAX_LEVELS + 1];  /* [0] is 1: the samples themselves */
    double high[WAVELET_MAX_LEVELS + 1]; /* [0] is not used; 1 where the band is empty */
} wavelet_norms;

typedef struct wavelet {
    tsr_geometry g;
    uint32_t filter, levels;            /* levels in use: 0 .. WAVELET_MAX_LEVELS */
    uint32_t w[WAVELET_MAX_LEVELS + 1]; /* low band after each level; [0] is the picture */
    uint32_t h[WAVELET_MAX_LEVELS + 1];
    wavelet_norms x, y;
    lift_scheme forward, inverse;
} wavelet;

/* wavelet_bands.c */
uint32_t tsr_wavelet_band_index(const wavelet *wv, uint32_t level, uint32_t plane, uint32_t band);
uint32_t tsr_wavelet_layout(const void *st, tsr_band *out, uint32_t cap);

/* wavelet_run.c */
tsr_status tsr_wavelet_analysis(void *st, const tsr_planes *in, const tsr_goal *goal,
                                tsr_coeffs *out, const tsr_env *env);
tsr_status tsr_wavelet_synthesis(void *st, const tsr_coeffs *in, tsr_planes *out,
                                 const tsr_env *env);

/* wavelet_reduce.c */
uint32_t tsr_wavelet_reduce(const void *st, uint32_t halvings, uint32_t *bands);
tsr_status tsr_wavelet_synthesis_reduced(void *st, uint32_t n, const tsr_coeffs *in,
                                         tsr_planes *out, const tsr_env *env);

/* wavelet_gain.c: norms for a line of n >= 1 samples and levels 0 .. WAVELET_MAX_LEVELS. Uses env's
 * memory. Errors: MEMORY. */
tsr_status tsr_wavelet_measure(wavelet_norms *out, uint32_t filter, uint32_t n, uint32_t levels,
                               const tsr_env *env);

#endif
