/* klt_price.h - what the components of a block will cost, about. */
#ifndef KLT_PRICE_H
#define KLT_PRICE_H

#include "klt_internal.h"

enum {
    KLT_LEVELS = 17,  /* the last stands for all larger ones */
    KLT_BUCKETS = 16, /* of the energy around a component */
    KLT_GROUPS = 3,   /* octaves of frequency */
    KLT_ENERGIES = 1024
};

/* The blocks of one plane, as the entropy coder will see them. */
typedef struct klt_prices {
    uint32_t nx, ny;
    float inv_step;
    float weight;   /* bits that a squared error of one step^2 is worth */
    uint8_t *level; /* [block][KLT_SIZE]: magnitudes in the fixed basis */
    uint8_t bucket[KLT_ENERGIES];
    float bits[KLT_GROUPS][KLT_BUCKETS][KLT_LEVELS]; /* of a level, with its sign */
} klt_prices;

/* Errors: MEMORY. */
tsr_status tsr_klt_prices_begin(klt_prices *p, uint32_t nx, uint32_t ny, const tsr_goal *goal,
                                const tsr_env *env) TSR_MUST_CHECK;

/* The levels of a block. Returns 1 when one is not 0. */
int tsr_klt_levels(const klt_prices *p, const float *x, uint8_t *level);

/* Counts what levels cost in this plane, all p->level being set. */
void tsr_klt_prices_count(klt_prices *p);

/* What is around each component of a block by reason of the blocks before it. */
void tsr_klt_around(const klt_prices *p, uint32_t bx, uint32_t by, uint16_t *around);

/* Bits and error of a block with these components, in bits. */
float tsr_klt_block_price(const klt_prices *p, const float *x, const uint16_t *around);

#endif
