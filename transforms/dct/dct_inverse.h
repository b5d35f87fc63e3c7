/* dct_inverse.h - the inverse DCT of several blocks side by side. */
#ifndef DCT_INVERSE_H
#define DCT_INVERSE_H

#include "dct_lanes.h"

/* Inverts the orthonormal 2-D DCT of DCT_LANES blocks of ny rows of nx in place: t[y * nx + x]
 * holds the same position of all blocks. nx, ny: 1, 2, 4, 8, 16 or 32. */
void tsr_dct_inverse(dct_lanes *t, unsigned nx, unsigned ny);

#endif
