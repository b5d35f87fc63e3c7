/* vqvae_rows.h - the order in which the rows of a strip stream through the layers of a network.
 *
 * A strip is some columns of rows y0 .. y1 - 1 of the grid. Each block reads the rows above and
 * below, so with the head at row t, block b is at row t - 1 - b, and the tail at the row of the
 * last block: of a block's input KEPT rows are alive at a time, and what is at work stays in the
 * cache. Above and below the strip every block works on as many rows as the ones behind it need.
 */
#ifndef VQVAE_ROWS_H
#define VQVAE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

enum { KEPT = 3 };

/* What gives row y of the head's output, of block b's, of the result. Rows of the first two may lie
 * outside the grid. */
typedef struct row_stages {
    void (*head)(const void *strip, int64_t y);
    void (*block)(const void *strip, uint32_t b, int64_t y);
    void (*tail)(const void *strip, int64_t y);
} row_stages;

/* Where among the KEPT rows of a block's input row y is; y >= -TSR_VQVAE_MAX_BLOCKS. */
static inline size_t row_slot(int64_t y) {
    return (size_t)(y + KEPT * TSR_VQVAE_MAX_BLOCKS) % KEPT;
}

static inline void stream_rows(row_stages stage, const void *strip, int64_t blocks, int64_t y0,
                               int64_t y1) {
    for (int64_t t = y0 - blocks; t < y1 + blocks; t++) {
        stage.head(strip, t);
        for (int64_t b = 0; b < blocks && t - 1 - b >= y0 - (blocks - 1 - b); b++)
            stage.block(strip, (uint32_t)b, t - 1 - b);
        if (t - blocks >= y0) stage.tail(strip, t - blocks);
    }
}

/* How many pieces of at most `size` make n. */
static inline uint32_t pieces(uint32_t n, uint32_t size) {
    return (n + size - 1) / size;
}

#endif
