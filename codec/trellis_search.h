/* trellis_search.h - Viterbi search for the levels of dependent quantization, band by band.
 *
 * Paths run in raster order through a band. The magnitudes that later rows see as their
 * neighbourhood are those of the best path at the end of each row. Decisions are kept for a window
 * of rows only: when it is full, the older half is settled along the best path (paths merge within
 * some tens of samples), so memory does not grow with the height of the band.
 */
#ifndef TSR_TRELLIS_SEARCH_H
#define TSR_TRELLIS_SEARCH_H

#include "context.h"
#include "viterbi.h"

typedef struct tsr_trellis_search {
    tsr_trellis trellis;
    uint8_t previous[TSR_TRELLIS_MAX][2]; /* [state][parity of the level that led here] */
    tsr_viterbi viterbi;
    tsr_viterbi_row_fn row;
    uint8_t *from; /* [window][states] codes */
    float *a;      /* [window] magnitudes, in half steps */
    size_t room;   /* coefficients the window holds: at least two rows of the widest band */
    size_t n;      /* of them filled */
    /* of the current band: */
    const float *c; /* its coefficients (for the signs) from the window's first on */
    int32_t *level; /* where their levels go */
} tsr_trellis_search;

/* states: 0 (nothing is set up) or those of a trellis. widest: columns of the widest band. */
tsr_status tsr_trellis_search_init(tsr_trellis_search *s, uint32_t states, float lambda,
                                   uint32_t widest, tsr_job *j) TSR_MUST_CHECK;

/* Begins a band: c, level: its coefficients and levels; bits: of its class; ctx: at this band. */
void tsr_trellis_search_band(tsr_trellis_search *s, const tsr_coef_context *ctx,
                             const float (*bits)[2][TSR_RATE_LEVELS], const float *c,
                             int32_t *level);

/* The next row: n magnitudes a in half steps and energies base. mag receives the magnitudes of the
 * best path. */
void tsr_trellis_search_row(tsr_trellis_search *s, const float *a, const uint32_t *base, uint32_t n,
                            uint16_t *mag);

/* Settles what is left. */
void tsr_trellis_search_end(tsr_trellis_search *s);

#endif
