/* quant_blocks.h - bands cut into square blocks, each with numbers of its own: what block
 * quantizers share.
 */
#ifndef TSR_QUANT_BLOCKS_H
#define TSR_QUANT_BLOCKS_H

#include "quant.h"
#include "quant_side.h"

#define TSR_BLOCK_SIDE_MAX 64u

/* The numbers of the blocks of all REAL bands: `stride` of each block, bands in order, blocks in
 * raster order. Base bands have none: they are rounded. */
typedef struct tsr_block_numbers {
    uint32_t side, stride;
    int32_t **band; /* [bands]; NULL where the band is not REAL, empty or the base */
} tsr_block_numbers;

/* One block of a band. */
typedef struct tsr_block {
    const tsr_band *band;
    uint32_t side, across, number; /* number: in raster order */
    uint32_t x, y, w, h, n;        /* n = w * h samples */
} tsr_block;

tsr_status tsr_block_numbers_alloc(tsr_block_numbers *all, const tsr_layout *l, uint32_t side,
                                   uint32_t stride, tsr_job *j) TSR_MUST_CHECK;

/* for (tsr_block k = tsr_block_first(band, side); k.n; tsr_block_next(&k)); an empty band has none.
 */
tsr_block tsr_block_first(const tsr_band *band, uint32_t side);
void tsr_block_next(tsr_block *k);

typedef void (*tsr_block_fn)(void *arg, const tsr_quant_task *t, uint32_t b, const tsr_block *k);

/* Call fn for all blocks of the wanted bands, and round or scale the base. */
tsr_status tsr_blocks_quantize(const tsr_block_numbers *all, const tsr_quant_task *t,
                               tsr_block_fn fn, void *arg) TSR_MUST_CHECK;
void tsr_blocks_dequantize(const tsr_block_numbers *all, const tsr_quant_task *t, tsr_block_fn fn,
                           void *arg);

/* Samples of a block, row after row, limited to +-limit. */
void tsr_block_gather(const tsr_block *k, const float *band, float limit, float *out);

/* Numbers of this block and of those to the left and above: two zeros where there is none. */
typedef struct tsr_block_near {
    int32_t *here;
    const int32_t *left, *up;
} tsr_block_near;

/* Guess of a number from those to the left and above: their mean, or the one there is. */
static inline int32_t tsr_block_guess(const tsr_block *k, int32_t left, int32_t up) {
    return !k->x ? up : !k->y ? left : (left + up) >> 1;
}

/* Codes the numbers of one block, in either direction; false when they are not legal. */
typedef int (*tsr_block_code_fn)(const void *arg, tsr_side *c, const tsr_block *k,
                                 const tsr_block_near *near);

void tsr_block_numbers_save(const tsr_block_numbers *all, const tsr_layout *l, tsr_buffer *out,
                            tsr_block_code_fn fn, const void *arg);
/* Takes the rest of *in. */
tsr_status tsr_block_numbers_load(const tsr_block_numbers *all, const tsr_layout *l, tsr_reader *in,
                                  tsr_block_code_fn fn, const void *arg,
                                  tsr_diag *d) TSR_MUST_CHECK;

#endif
