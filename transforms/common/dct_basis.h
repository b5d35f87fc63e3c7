/* dct_basis.h - orthonormal DCT-II matrices as constant tables, the same bits on every machine. */
#ifndef TSR_COMMON_DCT_BASIS_H
#define TSR_COMMON_DCT_BASIS_H

/* The n x n orthonormal DCT-II matrix, row after row, for n = 2, 4, 8, 16, 32; NULL for other n.
 * Row k is basis function k: entry (k, j) = c_k cos(pi (2 j + 1) k / (2 n)), c_0 = sqrt(1 / n),
 * c_k = sqrt(2 / n), rounded to the nearest float. The table is constant and lives for ever. */
const float *tsr_dct_basis(unsigned n);

#endif
