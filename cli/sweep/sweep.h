/* sweep.h - a sweep as a whole, and its steps in the order in which they run. */
#ifndef TSR_SWEEP_H
#define TSR_SWEEP_H

#include "ranks.h"
#include "sweep_codec.h"
#include "sweep_pictures.h"
#include "sweep_queue.h"
#include "sweep_results.h"

typedef struct tsr_sweep {
    tsr_cli *cli;
    const tsr_args *args;
    tsr_ranks *ranks;
    tsr_inputs inputs;
    tsr_pictures pictures;
    tsr_sweep_codecs codecs;
    tsr_results results;
    char metrics[200];     /* canonical list of the columns wanted */
    uint32_t metrics_mask; /* bit i: column i */
    unsigned threads;      /* of this process */
    int verify;            /* decode by a second process, too */
    tsr_sweep_job *job;    /* [n_jobs] rows to be made, longest first; owned */
    size_t n_jobs, n_rows; /* rows of the whole sweep */
    double start;          /* of the clock */
} tsr_sweep;

/* ---- sweep_facts.c: what is known of the pictures ---- */

/* Hash and shape of all pictures: from images.csv where the hash is still the same, else read.
 * Errors: IO, MEMORY, CANCELLED. */
tsr_status tsr_sweep_learn_pictures(tsr_sweep *s, tsr_diag *d) TSR_MUST_CHECK;

/* Writes images.csv: the pictures of this sweep and those of earlier ones. Errors: IO, MEMORY. */
tsr_status tsr_sweep_write_pictures(tsr_sweep *s, tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_about.c ---- */

/* Writes run.json: versions, command line, machine, date. Errors: IO, MEMORY. */
tsr_status tsr_sweep_write_about(tsr_sweep *s, tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_plan.c ---- */

/* The list of rows to be made, given what the results hold. Rows of these pictures, codecs and
 * settings that something else gave are dropped; with `retry` failed ones, too. Errors: MEMORY. */
tsr_status tsr_sweep_make_plan(tsr_sweep *s, int retry, tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_work.c: one row ---- */

/* Codes picture p with codec c at its setting, `repeats` times (0: once, not as a timing). Returns
 * the status, also in *r with its message; CANCELLED is no result. */
tsr_status tsr_sweep_work(tsr_sweep *s, tsr_context *ctx, uint32_t p, uint32_t c, uint32_t setting,
                          uint32_t repeats, tsr_sweep_result *r);

/* ---- sweep_verify.c ---- */

/* Decodes a stream by a process of its own and compares with what was decoded here. Errors:
 * INTERNAL (another picture), IO (the process could not be run), and what it ended with. */
tsr_status tsr_sweep_verify(tsr_sweep *s, const tsr_blob *stream, const tsr_image *decoded,
                            tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_run.c: all rows, in parallel ---- */

/* Makes the rows of the plan. Errors: IO, MEMORY, CANCELLED; that rows fail is none. */
tsr_status tsr_sweep_run(tsr_sweep *s, tsr_diag *d) TSR_MUST_CHECK;

/* Stores a result of a job. For several threads at once. Errors: IO, MEMORY. */
tsr_status tsr_sweep_store(tsr_sweep *s, const tsr_sweep_job *j, const tsr_sweep_result *r,
                           tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_remote.c: other processes ---- */

/* Rank 0: what the others are at. */
typedef struct tsr_remote {
    tsr_sweep *sweep;
    tsr_queue *queue;
    tsr_sweep_job **job; /* [ranks] the one a rank works on, or NULL */
    char *waiting;       /* [ranks] asked for a job and got none yet */
    unsigned busy;       /* ranks at work */
} tsr_remote;

tsr_status tsr_remote_open(tsr_remote *r, tsr_sweep *s, tsr_queue *q, tsr_diag *d) TSR_MUST_CHECK;

/* Takes what has come and gives out jobs; does not wait. Errors: those of tsr_sweep_store. */
tsr_status tsr_remote_serve(tsr_remote *r, tsr_diag *d) TSR_MUST_CHECK;
void tsr_remote_close(tsr_remote *r);

/* Rank 0, when all is over, also after a failure: sends the others home. */
void tsr_remote_dismiss(const tsr_ranks *r);

/* Any other rank: does what rank 0 says until it says that it is over. Errors: CANCELLED. */
tsr_status tsr_remote_work(tsr_sweep *s, tsr_diag *d) TSR_MUST_CHECK;

/* ---- sweep_time.c ---- */

/* Times the rows of this sweep that have not been timed with so many repeats, one at a time on one
 * thread, and writes the median. Errors: as tsr_sweep_run. */
tsr_status tsr_sweep_time(tsr_sweep *s, uint32_t repeats, tsr_diag *d) TSR_MUST_CHECK;

#endif
