/* picture.h - what the commands that take pictures have in common: reading one of any kind, and
 * checks on names before the work begins. */
#ifndef TSR_PICTURE_H
#define TSR_PICTURE_H

#include <stdio.h>

#include "cmd.h"
#include "io.h"

/* Reads a whole input within the limits of cli, '-' being standard input; signals kill while it
 * waits, as there is nothing to clean up. Failures are in cli->diag. */
tsr_status tsr_input_read(tsr_cli *cli, const char *path, tsr_blob *out) TSR_MUST_CHECK;

/* Reads a picture: a Tessera stream is decoded, everything else is told apart by content. *im must
 * own nothing; on error it owns nothing. file_bytes may be NULL. Failures are in cli->diag. */
tsr_status tsr_picture_read(tsr_cli *cli, const char *path, tsr_image *im,
                            uint64_t *file_bytes) TSR_MUST_CHECK;

/* The output of a command whose operands are IN and OUT, OUT also by --output: checks that it is
 * given once, is not the input itself, and that standard output is no terminal. Returns an exit
 * code; the message is printed. */
int tsr_output_name(const tsr_command *cmd, const tsr_args *args, const char **out);

/* "-" as people say it: "standard output". */
const char *tsr_output_shown(const char *path);

/* Where a command's report goes: standard output, or standard error when the data takes that. */
FILE *tsr_report_stream(const char *out_path);

/* Reads the clock and starts the progress bar of a job; the end removes the bar and returns the
 * seconds it took. */
void tsr_timed_begin(tsr_cli *cli, const char *label);
double tsr_timed_end(tsr_cli *cli);

/* "grey", "grey + alpha", "RGB", "RGBA" for 1..4 channels. */
const char *tsr_channels_text(unsigned channels);

#endif
