/* block_rows.h - work on rows of blocks of bands, shared out to threads.
 *
 * Where a decision depends on those before it and on reference bands (coef_context.h), bands wait
 * for each other, but not for whole bands: a row of blocks needs the one above it and, of each
 * reference band, those that its contexts see. Rows of many bands can then be at work at a time.
 */
#ifndef TSR_BLOCK_ROWS_H
#define TSR_BLOCK_ROWS_H

#include "context.h"
#include "layout.h"

/* Works on rows row * TSR_BLOCK .. (row + 1) * TSR_BLOCK - 1 of band b, where the band has them.
 * slot: no two calls with the same one run at a time. */
typedef void (*tsr_block_row_fn)(void *arg, uint32_t slot, uint32_t b, uint32_t row);

typedef struct tsr_block_rows {
    const tsr_layout *layout;
    const uint8_t *wanted; /* [bands] 0: there is nothing to do, and nobody waits */
    uint32_t slots;        /* how many calls may run at a time */
    tsr_block_row_fn fn;
    void *arg;
    /* Called now and then, on the thread that called tsr_block_rows_run(); a failure ends the run.
     */
    tsr_status (*progress)(void *arg, double done);
} tsr_block_rows;

/* Runs all rows, each after those that it depends on. What fn() writes must not depend on the order
 * beyond that. Memory from the job: 24 bytes a row. */
tsr_status tsr_block_rows_run(const tsr_block_rows *r, tsr_job *j) TSR_MUST_CHECK;

#endif
