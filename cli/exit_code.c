/* exit_code.c - status to exit code, and what the codes mean. */
#include "exit_code.h"

int tsr_exit_code(tsr_status status) {
    switch (status) {
    case TSR_OK:
        return TSR_EXIT_OK;
    case TSR_ERR_ARGUMENT:
        return TSR_EXIT_USAGE;
    case TSR_ERR_IO:
        return TSR_EXIT_IO;
    case TSR_ERR_FORMAT:
    case TSR_ERR_TRUNCATED:
        return TSR_EXIT_DATA;
    case TSR_ERR_UNSUPPORTED:
        return TSR_EXIT_UNSUPPORTED;
    case TSR_ERR_LIMIT:
    case TSR_ERR_MEMORY:
        return TSR_EXIT_LIMIT;
    case TSR_ERR_TARGET:
        return TSR_EXIT_TARGET;
    case TSR_ERR_MODEL:
    case TSR_ERR_ABI:
        return TSR_EXIT_PLUGIN;
    case TSR_ERR_CANCELLED:
        return TSR_EXIT_CANCELLED;
    default:
        return TSR_EXIT_INTERNAL;
    }
}

const char *tsr_exit_text(int code) {
    static const char *const text[TSR_EXIT_CODES] = {
        "success",
        "unknown command or option, illegal argument, codec spec or value",
        "a file cannot be read or written",
        "the input is corrupt or truncated",
        "the input is valid, but this build cannot handle it",
        "a limit would be exceeded, or memory ran out",
        "the rate or quality target cannot be reached, or a training diverged",
        "a plug-in or model is missing or not usable",
        "stopped by SIGINT or SIGTERM",
        "a bug in Tessera",
        "worse than the baseline (report --baseline)",
    };
    return code >= 0 && code < TSR_EXIT_CODES ? text[code] : "unknown";
}
