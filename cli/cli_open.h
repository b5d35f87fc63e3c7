/* cli_open.h - from the arguments of a command to a context with all its transforms. */
#ifndef TSR_CLI_OPEN_H
#define TSR_CLI_OPEN_H

#include "cmd.h"

/* Fills *cli for a command. Returns an exit code; on failure the message is printed. To be closed
 * in every case. *cli must stay where it is until then: the library's callbacks point to it. */
int tsr_cli_open(tsr_cli *cli, const tsr_command *cmd, const tsr_args *args);
void tsr_cli_close(tsr_cli *cli);

#endif
