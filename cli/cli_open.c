/* cli_open.c - opens the library as the options and the environment say. */
#include "cli_open.h"

#include <stdlib.h>
#include <tessera/builtin.h>

static void on_log(void *user, int level, const char *line) {
    tsr_cli *cli = user;
    if (level <= TSR_LOG_WARN || (level == TSR_LOG_INFO && cli->verbose))
        tsr_cli_note(cli, "%s", line);
}

static int on_progress(void *user, const char *stage, double fraction) {
    tsr_cli *cli = user;
    tsr_progress_update(&cli->progress, stage, fraction);
    return tsr_cli_interrupted();
}

static int load_plugins(tsr_cli *cli, const tsr_args *args) {
    const char *path_list = getenv("TESSERA_PLUGIN_PATH"), *file;
    if (path_list) tsr_load_plugin_path(cli->ctx, path_list);
    for (unsigned i = 0; (file = tsr_args_text_at(args, "plugin", i)); i++) {
        tsr_status s = tsr_load_plugin(cli->ctx, file, &cli->diag);
        if (s) return tsr_cli_fail(cli, file, s);
    }
    return TSR_EXIT_OK;
}

static int open_context(tsr_cli *cli, const tsr_args *args) {
    cli->threads = (unsigned)tsr_args_int(args, "threads");
    cli->max_pixels = (uint64_t)tsr_args_int(args, "max-pixels");
    cli->max_memory = (uint64_t)tsr_args_int(args, "max-memory");
    const tsr_config cfg = {.struct_size = sizeof cfg,
                            .threads = cli->threads,
                            .cpu_mask = UINT32_MAX,
                            .max_pixels = cli->max_pixels,
                            .max_memory = cli->max_memory,
                            .log = on_log,
                            .progress = on_progress,
                            .user = cli};
    tsr_status s = tsr_context_new(&cli->ctx, &cfg, &cli->diag);
    if (!s) s = tsr_register_builtin(cli->ctx, &cli->diag);
    return s ? tsr_cli_fail(cli, NULL, s) : load_plugins(cli, args);
}

int tsr_cli_open(tsr_cli *cli, const tsr_command *cmd, const tsr_args *args) {
    *cli =
        (tsr_cli){.quiet = tsr_args_has(args, "quiet"), .verbose = tsr_args_has(args, "verbose")};
    tsr_diag_init(&cli->diag);
    tsr_progress_init(&cli->progress, !cli->quiet);
    return cmd->flags & TSR_CMD_BARE ? TSR_EXIT_OK : open_context(cli, args);
}

void tsr_cli_close(tsr_cli *cli) {
    tsr_progress_end(&cli->progress);
    tsr_context_free(cli->ctx);
    cli->ctx = NULL;
}
