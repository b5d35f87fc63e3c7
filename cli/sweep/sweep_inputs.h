/* sweep_inputs.h - the picture files that the operands of sweep name. */
#ifndef TSR_SWEEP_INPUTS_H
#define TSR_SWEEP_INPUTS_H

#include "cmd.h"

#define TSR_MAX_SCALE 64

typedef struct tsr_input {
    char *path;
    char *name;     /* how results call it: unique, without folder where that is enough */
    uint32_t scale; /* the picture is reduced so many times before it is coded; 1: as it is */
} tsr_input;

typedef struct tsr_inputs {
    tsr_input *v;
    size_t n;
} tsr_inputs;

/* Collects files, the pictures of folders (by extension, in name order, not of folders below),
 * globs, and files and sets of the corpus manifest; a file that is named twice counts once, and
 * each stands for a picture at every --scale. *in must be empty; to be freed in every case. Errors,
 * the text in cli->diag: IO (nothing of that name), ARGUMENT (a folder without pictures, no picture
 * at all), MEMORY. */
tsr_status tsr_inputs_collect(tsr_inputs *in, tsr_cli *cli, const tsr_args *args) TSR_MUST_CHECK;
void tsr_inputs_free(tsr_inputs *in);

#endif
