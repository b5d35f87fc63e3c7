/* cli_open.h - from the arguments of a command to a context with all its transforms. */
#ifndef TSR_CLI_OPEN_H
#define TSR_CLI_OPEN_H

#include "cmd.h"

/* Fills *cli for a command. Returns an exit code; on failure the message is printed. To be closed
 * in every case. *cli must stay where it is until then: the library's callbacks point to it. */
int tsr_cli_open(tsr_cli *cli, const tsr_command *cmd, const tsr_args *args);
void tsr_cli_close(tsr_cli *cli);

/* Another context like the command's own, for a thread of its own: the same transforms and limits,
 * `threads` threads, stopped by a signal, without a progress bar. Free with tsr_context_free before
 * tsr_cli_close. On error *ctx is NULL. */
tsr_status tsr_cli_context(tsr_cli *cli, const tsr_args *args, unsigned threads, tsr_context **ctx,
                           tsr_diag *d) TSR_MUST_CHECK;

/* Makes a model the first choice of encoders: a file, when the word has a slash or ends in .tsm,
 * else the model of that name. */
tsr_status tsr_cli_choose_model(tsr_cli *cli, const char *word) TSR_MUST_CHECK;

#endif
