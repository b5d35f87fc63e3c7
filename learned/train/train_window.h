/* train_window.h - the tiles that training draws from: a window that moves over an endless
 * sequence.
 *
 * Tile number m is a function of the seed and m alone: which picture, which cut, which step. A run
 * that is resumed makes the tiles of its window anew and goes on with the very same ones.
 */
#ifndef TRAIN_WINDOW_H
#define TRAIN_WINDOW_H

#include "train_tile.h"

typedef struct train_window train_window;

typedef struct train_window_options {
    const tsr_train_source *source;
    train_coding coding;
    uint64_t seed;
    double step_min, step_max;
    uint32_t capacity;           /* tiles kept */
    uint32_t min_side;           /* of a tile, pixels */
    int background;              /* 1: a thread of its own makes tiles ahead of need */
    uint32_t process, processes; /* this process takes tiles of its own */
    tsr_status (*open)(void *user, tsr_context **ctx, tsr_diag *d);
    void (*note)(void *user, const char *line);
    void *user; /* of both */
} train_window_options;

/* Begins with tile `first`. Errors: ARGUMENT (no picture in the folder), MEMORY. */
tsr_status tsr_train_window_new(train_window **w, const train_window_options *o, uint64_t first,
                                tsr_diag *d) TSR_MUST_CHECK;
void tsr_train_window_free(train_window *w);

/* Moves the window's end to tile number `end` (exclusive), waiting for tiles that are not made yet;
 * the oldest go when there are more than the capacity. */
tsr_status tsr_train_window_advance(train_window *w, uint64_t end, tsr_diag *d) TSR_MUST_CHECK;

/* The tiles of the window now, in an order that follows from its position. */
uint32_t tsr_train_window_size(const train_window *w);
const train_tile *tsr_train_window_tile(const train_window *w, uint32_t i);

/* The tile cut out of the centre of each of at most n pictures, spread over the source, at each of
 * n_steps steps: tiles[picture * n_steps + step], free each and the array. */
tsr_status tsr_train_fixed_tiles(const train_window_options *o, uint32_t n, const double *steps,
                                 uint32_t n_steps, train_tile **tiles, uint32_t *pictures,
                                 tsr_diag *d) TSR_MUST_CHECK;

#endif
