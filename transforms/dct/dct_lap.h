/* dct_lap.h - filters across block boundaries, before the DCT and after its inverse. */
#ifndef DCT_LAP_H
#define DCT_LAP_H

#include <stddef.h>

#define DCT_MAX_LAP 4u /* samples on each side of a boundary */

/* The filter for the samples x[0 .. half-1] before and x[half .. 2*half-1] after a boundary: with
 * the differences d[i] = x[i] - x[2*half-1-i], e = G d is added to x[i] and taken from
 * x[2*half-1-i]. post undoes pre. A constant passes both unchanged. */
typedef struct dct_lap {
    unsigned half;
    float pre[DCT_MAX_LAP][DCT_MAX_LAP], post[DCT_MAX_LAP][DCT_MAX_LAP]; /* G, row by row */
} dct_lap;

/* The filter with `half` samples on each side; NULL when there is none (only 2 and 4 exist). */
const dct_lap *tsr_dct_lap(unsigned half);

/* Filters n boundaries at once: row[i][c] is sample i at boundary c. In place; the 2 * half rows do
 * not overlap. g: pre or post of a filter. */
void tsr_dct_lap_rows(const float g[][DCT_MAX_LAP], unsigned half, float *const *row, size_t n);

/* Filters the boundaries inside a row of `blocks` blocks of n samples with the pre-filter. */
void tsr_dct_lap_row_pre(const dct_lap *lap, float *x, size_t n, size_t blocks);

#endif
