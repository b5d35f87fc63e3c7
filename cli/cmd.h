/* cmd.h - what a command (verb) is, and what every command gets.
 *
 * A command is a const table entry: help, man page and completion are made from it. The main
 * program parses the arguments, checks the number of operands, answers --help, opens the library
 * with the built-in transforms, TESSERA_PLUGIN_PATH and --plugin, and calls run().
 */
#ifndef TSR_CMD_H
#define TSR_CMD_H

#include <tessera/tessera.h>

#include "exit_code.h"
#include "option.h"
#include "progress.h"

/* What a running command has at hand. */
typedef struct tsr_cli {
    tsr_context *ctx; /* open, all transforms registered; NULL when the command is TSR_CMD_BARE */
    tsr_diag diag;    /* for the functions that fail; see tsr_cli_fail() */
    tsr_progress progress;
    unsigned threads;                /* as the context was opened: 0 is one a processor */
    uint64_t max_pixels, max_memory; /* as the context was opened, defaults filled in */
    int quiet;                       /* --quiet: only errors on stderr */
    int verbose;                     /* -v */
} tsr_cli;

typedef struct tsr_example {
    const char *command; /* the whole line: "tessera encode photo.png photo.tsr -q 80" */
    const char *what;    /* a sentence, starts lower case, no full stop */
} tsr_example;

/* tsr_command.flags. BARE: needs no codec, so no context is opened, and the options of a codec
 * (--threads, --plugin, --max-memory, --max-pixels) are not offered. */
enum { TSR_CMD_BARE = 1 };

/* A command, or a subcommand. A command with subcommands has no run and no options of its own. */
typedef struct tsr_command {
    const char *name;        /* "encode"; a subcommand is named in full: "plugin check" */
    const char *summary;     /* one line, starts lower case, no full stop */
    const char *operands;    /* for the usage line: "IN OUT"; "" if none */
    const char *description; /* full sentences, paragraphs separated by an empty line */
    unsigned min_operands, max_operands;
    unsigned flags; /* TSR_CMD_* */
    /* Own options, ended by a NULL name; NULL: none. --help, --quiet and --verbose are added to
     * every command, and those of a codec to every one that is not BARE. */
    const tsr_option *options;
    const tsr_example *examples;                    /* ended by a NULL command; NULL: none */
    const struct tsr_command *const *subs;          /* NULL-terminated, or NULL */
    int (*run)(tsr_cli *cli, const tsr_args *args); /* returns an exit code, see exit_code.h */
} tsr_command;

extern const tsr_command tsr_cmd_encode, tsr_cmd_decode, tsr_cmd_info, tsr_cmd_compare,
    tsr_cmd_list, tsr_cmd_plugin, tsr_cmd_corpus, tsr_cmd_report, tsr_cmd_sweep, tsr_cmd_model,
    tsr_cmd_model_quantize, tsr_cmd_train, tsr_cmd_train_vqvae;

/* ---------------------------------------------------------------- commands.c: the table */

/* All commands in the order of the help, NULL-terminated. */
extern const tsr_command *const tsr_commands[];

#define TSR_COMMAND_TABLES 4

/* The option tables of a command: its own, a codec's, the common ones, NULL. */
void tsr_command_tables(const tsr_command *cmd, const tsr_option *tables[TSR_COMMAND_TABLES]);

/* The command of a NULL-terminated list whose name (its last word, for a subcommand) this is. When
 * there is none: NULL, and *nearest (may be NULL) is the nearest legal name or NULL. */
const tsr_command *tsr_command_find(const tsr_command *const *list, const char *name,
                                    const char **nearest);

/* The last word of a command's name. */
const char *tsr_command_word(const tsr_command *cmd);

/* ---------------------------------------------------------------- report.c: messages */

/* Prints `tessera: FILE: text (offset N)` from cli->diag as exactly one line on stderr and returns
 * the exit code of the status: `return tsr_cli_fail(cli, path, status);`. file may be NULL. When
 * the diagnostic has no text, the name of the status is printed. */
int tsr_cli_fail(tsr_cli *cli, const char *file, tsr_status status);

/* The same for a message made by a command. */
int tsr_cli_error(const char *file, tsr_status status, const char *fmt, ...) TSR_PRINTF(3, 4);

/* The same for bad arguments of a command: `tessera: COMMAND: text`, exit code 1. */
int tsr_cli_usage(const tsr_command *cmd, const char *fmt, ...) TSR_PRINTF(2, 3);

/* A line on stderr that is no error; nothing when --quiet. */
void tsr_cli_note(tsr_cli *cli, const char *fmt, ...) TSR_PRINTF(2, 3);

/* ---------------------------------------------------------------- interrupt.c: signals */

/* From arm to disarm, the first SIGINT or SIGTERM is remembered and a second one kills. A command
 * is run armed; the library asks tsr_cli_interrupted() through its progress callback, long loops of
 * a command ask by themselves and return TSR_ERR_CANCELLED. */
void tsr_interrupt_arm(void);
void tsr_interrupt_disarm(void);
int tsr_cli_interrupted(void);

#endif
