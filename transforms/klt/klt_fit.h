/* klt_fit.h - the parts of training. */
#ifndef KLT_FIT_H
#define KLT_FIT_H

#include <tessera/tune.h>

#include "klt_bases.h"

typedef float klt_block[KLT_SIZE];

struct tsr_klt_fit {
    tsr_klt_fit_options o;
    uint64_t random;
    size_t n; /* blocks */
    klt_block *block;
    klt_bases bases;
    double sum[KLT_BASES][KLT_SIZE][KLT_SIZE];
    double count[KLT_CLASSES];
    float number[KLT_CLASSES]; /* bits of a class's number */
    double before, after;      /* mean bits of a block in the fixed basis, and in its class */
};

/* Bases to begin with. Errors: those of tsr_eig_symmetric(). */
tsr_status tsr_klt_fit_start(tsr_klt_fit *f) TSR_MUST_CHECK;

/* Chooses the class of each block, then makes each basis better for the blocks that chose it.
 * Errors as above. */
tsr_status tsr_klt_fit_round(tsr_klt_fit *f) TSR_MUST_CHECK;

#endif
