/* sweep_results.h - the folder of a sweep: its rows on disk and in memory.
 *
 * Every row is appended to results.csv and results.jsonl by one write each as soon as it is known,
 * so that a process that is killed loses only what it was working on. Opening drops a line that was
 * cut off and makes the two files agree again. Whole files are replaced by renaming new ones.
 */
#ifndef TSR_SWEEP_RESULTS_H
#define TSR_SWEEP_RESULTS_H

#include <pthread.h>

#include "sweep_row.h"

typedef struct tsr_kept_row {
    tsr_row row;
    size_t serial; /* place in the file */
    int dropped;   /* not to be written again */
} tsr_kept_row;

typedef struct tsr_results {
    char *dir;
    int folder, csv, jsonl; /* descriptors; -1: not open */
    int changed;            /* the files are not what the rows say */
    tsr_kept_row **rows;    /* [n], owned */
    size_t n, cap;
    tsr_kept_row **by_name, **by_key; /* [n_found] rows by codec, setting, image; by key */
    size_t n_found;
    pthread_mutex_t lock;
} tsr_results;

/* Makes the folder if need be, takes it for this process and reads what is there. To be closed in
 * every case. Errors: IO (the folder; another sweep is working in it), FORMAT (results.csv is not
 * of a sweep), MEMORY. */
tsr_status tsr_results_open(tsr_results *r, const char *dir, tsr_diag *d) TSR_MUST_CHECK;
void tsr_results_close(tsr_results *r);

/* Sorts what there is for the two functions below, which see the rows that were there when this was
 * last called; opening calls it. Of rows with the same names the last one stays. Errors: MEMORY. */
tsr_status tsr_results_index(tsr_results *r, tsr_diag *d) TSR_MUST_CHECK;

/* A row, or NULL. */
tsr_kept_row *tsr_results_find(const tsr_results *r, const char *codec, const char *setting,
                               const char *image);
tsr_kept_row *tsr_results_find_key(const tsr_results *r, const char *key);

/* Before tsr_results_begin: removes a row; adds one (its text is then owned here, also on error).
 * Errors: MEMORY. */
void tsr_results_drop(tsr_results *r, tsr_kept_row *k);
tsr_status tsr_results_add(tsr_results *r, tsr_row *row, tsr_diag *d) TSR_MUST_CHECK;

/* Writes what changed and opens the files for appending. Errors: IO, MEMORY. */
tsr_status tsr_results_begin(tsr_results *r, tsr_diag *d) TSR_MUST_CHECK;

/* Appends a row, whose text is then owned here, also on error. For several threads at once.
 * Errors: IO, MEMORY. */
tsr_status tsr_results_append(tsr_results *r, tsr_row *row, tsr_diag *d) TSR_MUST_CHECK;

/* Writes both files anew. For one thread alone. Errors: IO, MEMORY. */
tsr_status tsr_results_save(tsr_results *r, tsr_diag *d) TSR_MUST_CHECK;

/* "DIR/NAME" in buf. */
#define TSR_RESULTS_PATH 4096
const char *tsr_results_path(const tsr_results *r, const char *name, char buf[TSR_RESULTS_PATH]);

#endif
