/* cmd_plugin.c - tessera plugin: `new` writes a skeleton, `check` (cmd_plugin_check.c) runs the
 * conformance suite. */
#include <stdio.h>
#include <tessera/builtin.h>

#include "cmd.h"
#include "plugin_template.h"

extern const tsr_command tsr_cmd_plugin_check;

static const tsr_example new_examples[] = {
    {"tessera plugin new mytransform",
     "write ./mytransform/mytransform.c, its build, test and README"},
    {"tessera plugin new haar3 ~/codecs", "the same in ~/codecs/haar3"},
    {0},
};

/* A plug-in of a built-in's name could never be loaded. */
static tsr_status check_free_name(tsr_cli *cli, const char *name) {
    tsr_context *ctx = NULL;
    tsr_status s = tsr_context_new(&ctx, NULL, &cli->diag);
    if (!s) s = tsr_register_builtin(ctx, &cli->diag);
    if (!s && tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, name))
        s = tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                         "'%s' is the name of a built-in transform: choose another", name);
    tsr_context_free(ctx);
    return s;
}

static int run_new(tsr_cli *cli, const tsr_args *args) {
    const char *name = tsr_args_operand(args, 0), *dir = tsr_args_operand(args, 1);
    if (!dir) dir = ".";
    tsr_status s = check_free_name(cli, name);
    if (!s) s = tsr_plugin_new(name, dir, &cli->diag);
    if (s) return tsr_cli_fail(cli, NULL, s);
    printf("wrote %s/%s: build and test it with\n"
           "  cd %s/%s && meson setup build && meson test -C build\n",
           dir, name, dir, name);
    return TSR_EXIT_OK;
}

static const tsr_command cmd_new = {
    .name = "plugin new",
    .summary = "write the skeleton of a transform plug-in",
    .operands = "NAME [DIR]",
    .description =
        "Writes a folder NAME into DIR (default: the current folder) with a working transform in "
        "C, a "
        "meson.build that builds it against the installed Tessera, a test and a README. The "
        "transform "
        "passes 'tessera plugin check' as written. NAME is a lower-case letter followed by up to "
        "30 "
        "lower-case letters, digits and underscores. Existing files are never overwritten.",
    .min_operands = 1,
    .max_operands = 2,
    .flags = TSR_CMD_BARE,
    .examples = new_examples,
    .run = run_new,
};

static const tsr_command *const subs[] = {&tsr_cmd_plugin_check, &cmd_new, NULL};

const tsr_command tsr_cmd_plugin = {
    .name = "plugin",
    .summary = "write and test transform plug-ins",
    .operands = "",
    .description =
        "Writes the skeleton of a transform plug-in, and tests whether a transform keeps the "
        "promises of tessera/plugin.h.",
    .subs = subs,
};
