/* exit_code.h - the exit codes of the command, by class of failure. Documented: they do not change.
 */
#ifndef TSR_EXIT_CODE_H
#define TSR_EXIT_CODE_H

#include <tessera/status.h>

enum {
    TSR_EXIT_OK = 0,
    TSR_EXIT_USAGE = 1,       /* unknown option, illegal argument, spec or value */
    TSR_EXIT_IO = 2,          /* cannot read or write */
    TSR_EXIT_DATA = 3,        /* corrupt or truncated input */
    TSR_EXIT_UNSUPPORTED = 4, /* valid, but this build cannot do it */
    TSR_EXIT_LIMIT = 5,       /* a limit would be exceeded, or memory ran out */
    TSR_EXIT_TARGET = 6,      /* rate or quality target not reachable */
    TSR_EXIT_PLUGIN = 7,      /* plug-in, ABI or model not usable */
    TSR_EXIT_CANCELLED = 8,   /* stopped by the user */
    TSR_EXIT_INTERNAL = 9,    /* a bug in Tessera */
    TSR_EXIT_REGRESSION = 10, /* report --baseline: worse than the baseline */
    TSR_EXIT_CODES = 11
};

/* The exit code of a status. */
int tsr_exit_code(tsr_status status);

/* What an exit code means, for help and man pages: starts lower case, no full stop. */
const char *tsr_exit_text(int code);

#endif
