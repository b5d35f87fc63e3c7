/* main.c - finds the command, parses its arguments, runs it. */
#include <string.h>

#include "cli_open.h"
#include "help.h"

/* Output that could not be written (a full disk, a closed descriptor) is a failure like any other.
 */
static int finish(int code) {
    if (fflush(stdout) || ferror(stdout)) {
        int io = tsr_cli_error("standard output", TSR_ERR_IO, "cannot be written");
        return code ? code : io;
    }
    return code;
}

static int run_command(const tsr_command *cmd, const tsr_args *args) {
    tsr_cli cli;
    unsigned n = tsr_args_operands(args);
    if (n < cmd->min_operands)
        return tsr_cli_usage(cmd, "an argument is missing: needs %s; see 'tessera %s --help'",
                             cmd->operands, cmd->name);
    if (n > cmd->max_operands)
        return tsr_cli_usage(cmd, "unexpected argument '%s'; see 'tessera %s --help'",
                             tsr_args_operand(args, cmd->max_operands), cmd->name);
    int code = tsr_cli_open(&cli, cmd, args);
    if (!code) {
        tsr_interrupt_arm();
        code = cmd->run(&cli, args);
        tsr_interrupt_disarm();
    }
    tsr_cli_close(&cli);
    return code;
}

static int parse_and_run(const tsr_command *cmd, int argc, char **argv) {
    const tsr_option *tables[TSR_COMMAND_TABLES];
    tsr_args *args = NULL;
    tsr_diag d;
    int code = TSR_EXIT_OK;
    tsr_diag_init(&d);
    tsr_command_tables(cmd, tables);
    tsr_status s = tsr_args_parse(&args, tables, argc, argv, &d);
    if (s) return tsr_cli_error(cmd->name, s, "%s; see 'tessera %s --help'", d.text, cmd->name);
    if (tsr_args_has(args, "help"))
        tsr_help_command(stdout, cmd);
    else if (cmd->subs)
        code = tsr_cli_usage(cmd, "no subcommand given; see 'tessera %s --help'", cmd->name);
    else
        code = run_command(cmd, args);
    tsr_args_free(args);
    return code;
}

static int unknown_command(const char *group, const char *word, const char *nearest) {
    const char *space = *group ? " " : "";
    char hint[TSR_HINT_SIZE];
    return tsr_cli_error(NULL, TSR_ERR_ARGUMENT,
                         "unknown command '%s%s%s'%s; see 'tessera%s%s --help'", group, space, word,
                         tsr_hint(nearest, hint), space, group);
}

/* Finds the command that argv[0..*used-1] names, a subcommand where there is one. Otherwise prints
 * why not and returns NULL with the exit code. */
static const tsr_command *find_command(int argc, char **argv, int *used, int *code) {
    const char *nearest = NULL;
    const tsr_command *cmd = tsr_command_find(tsr_commands, argv[0], &nearest), *sub;
    *used = 1;
    if (!cmd) {
        *code = unknown_command("", argv[0], nearest);
        return NULL;
    }
    if (!cmd->subs || argc < 2 || argv[1][0] == '-') return cmd;
    *used = 2;
    sub = tsr_command_find(cmd->subs, argv[1], &nearest);
    if (!sub) *code = unknown_command(cmd->name, argv[1], nearest);
    return sub;
}

static int dispatch(int argc, char **argv) {
    int used, code = TSR_EXIT_OK;
    const tsr_command *cmd = find_command(argc, argv, &used, &code);
    return cmd ? parse_and_run(cmd, argc - used, argv + used) : code;
}

static int help(int argc, char **argv) {
    int used, code = TSR_EXIT_OK;
    if (!argc) {
        tsr_help_overview(stdout);
        return code;
    }
    const tsr_command *cmd = find_command(argc, argv, &used, &code);
    if (cmd) tsr_help_command(stdout, cmd);
    return code;
}

/* Hidden verbs: the build makes the man pages and the completion with them. */
static int generate_man(int argc, char **argv) {
    const tsr_command *cmd = argc ? tsr_command_find(tsr_commands, argv[0], NULL) : NULL;
    if (argc && !cmd) return unknown_command("", argv[0], NULL);
    tsr_man_page(stdout, cmd);
    return TSR_EXIT_OK;
}

static int generate_completion(int argc, char **argv) {
    if (argc != 1 || strcmp(argv[0], "bash"))
        return tsr_cli_error(NULL, TSR_ERR_ARGUMENT, "__completion: the one shell known is bash");
    tsr_completion_bash(stdout);
    return TSR_EXIT_OK;
}

static int print_version(int argc, char **argv) {
    printf("tessera %s\n", tsr_version());
    return TSR_EXIT_OK;
}

typedef struct special {
    const char *word;
    int (*run)(int argc, char **argv);
} special;

static const special specials[] = {
    {"help", help},
    {"--help", help},
    {"-h", help},
    {"--version", print_version},
    {"-V", print_version},
    {"__man", generate_man},
    {"__completion", generate_completion},
};

int main(int argc, char **argv) {
    if (argc < 2)
        return tsr_cli_error(NULL, TSR_ERR_ARGUMENT, "no command given; see 'tessera --help'");
    for (unsigned i = 0; i < sizeof specials / sizeof *specials; i++)
        if (!strcmp(argv[1], specials[i].word)) return finish(specials[i].run(argc - 2, argv + 2));
    return finish(dispatch(argc - 1, argv + 1));
}
