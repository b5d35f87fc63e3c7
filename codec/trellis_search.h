/* trellis_search.h - Viterbi search for the levels of dependent quantization, band by band.
 *
 * Paths run in raster order through a band. The magnitudes that later rows see as their
 * neighbourhood are those of the best path at the end of each row. Decisions are kept for live
 * coefficients only (viterbi.h): the others are zero on every path, and what they do to the state
 * of the machine follows from their number. They are kept for a window: when it is full, all but
 * the last of them are settled along the best path (paths merge within some tens of live
 * coefficients), so memory does not grow with the height of the band.
 */
#ifndef TSR_TRELLIS_SEARCH_H
#define TSR_TRELLIS_SEARCH_H

#include "context.h"
#include "viterbi.h"

/* A live coefficient. */
typedef struct tsr_live {
    size_t at; /* its number in the band */
    float a;   /* magnitude, in half steps */
} tsr_live;

typedef struct tsr_trellis_search {
    tsr_trellis trellis;
    uint8_t previous[TSR_TRELLIS_MAX][2]; /* [state][parity of the level that led here] */
    tsr_trellis_zeros zeros;
    tsr_viterbi viterbi;
    tsr_viterbi_row_fn row;
    uint8_t *from;    /* [window][states] codes */
    tsr_live *live;   /* [window] */
    uint32_t *column; /* [widest band] of the row's live coefficients */
    size_t room;      /* coefficients the window holds: at least two rows of the widest band */
    size_t n;         /* of them filled */
    /* of the current band: */
    size_t end;     /* coefficients the paths have passed, live or not */
    const float *c; /* its coefficients (for the signs) */
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
