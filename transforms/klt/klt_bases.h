/* klt_bases.h - the trained bases, and what a class does to the components of a block.
 *
 * Class 0 leaves the components of the fixed basis as they are. Class 1 + n * KLT_VIEWS + view
 * looks at the block mirrored or transposed, applies basis n, and mirrors or transposes the result
 * back. Component 0, the mean of the block, is in no basis.
 */
#ifndef KLT_BASES_H
#define KLT_BASES_H

#include <stdint.h>

enum {
    KLT_SIDE = 8,                   /* of a block */
    KLT_SIZE = KLT_SIDE * KLT_SIDE, /* components of a block */
    KLT_ROTATED = KLT_SIZE - 1,     /* those that the bases turn */
    KLT_BASES = 4,
    KLT_VIEWS = 4, /* as they are, mirrored left to right, transposed, both */
    KLT_CLASSES = 1 + KLT_BASES * KLT_VIEWS,
    KLT_FRACTION = 14 /* bits of the entries in the model file */
};

/* Orthonormal to 14 bits; row 0 and column 0 are 0. */
typedef float klt_matrix[KLT_SIZE][KLT_SIZE];

typedef struct klt_bases {
    klt_matrix row[KLT_BASES];    /* row i: basis vector i */
    klt_matrix column[KLT_BASES]; /* its transpose */
} klt_bases;

/* The bases that are built in. */
void tsr_klt_bases_load(klt_bases *b);

/* Fills the transposed matrices. */
void tsr_klt_bases_transpose(klt_bases *b);

/* The block as view 0 .. 3 sees it, and back. x and y do not overlap. */
void tsr_klt_view(unsigned view, const float *x, float *y);
void tsr_klt_unview(unsigned view, const float *x, float *y);

/* out = the sum over i, in rising order, of weight[i] times row i; weights that are 0 are left out.
 * 4096 multiplications at most. */
void tsr_klt_combine(const klt_matrix row, const float *weight, float *out);

/* From the fixed basis to class cls > 0, and back: in place. Back is exact on every machine;
 * forward makes up for the rounding of the entries. */
void tsr_klt_forward(const klt_bases *b, uint32_t cls, float *x);
void tsr_klt_backward(const klt_bases *b, uint32_t cls, float *x);

#endif
