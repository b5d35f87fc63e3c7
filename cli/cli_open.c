/* cli_open.c - opens the library as the options and the environment say. */
#include "cli_open.h"

#include <stdlib.h>
#include <string.h>
#include <tessera/builtin.h>
#include <tessera/model.h>

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

static int on_progress_silent(void *user, const char *stage, double fraction) {
    return tsr_cli_interrupted();
}

static tsr_status load_plugins(tsr_context *ctx, const tsr_args *args, const char **file,
                               tsr_diag *d) {
    const char *path_list = getenv("TESSERA_PLUGIN_PATH");
    tsr_status s = TSR_OK;
    if (path_list) tsr_load_plugin_path(ctx, path_list);
    for (unsigned i = 0; !s && (*file = tsr_args_text_at(args, "plugin", i)); i++)
        s = tsr_load_plugin(ctx, *file, d);
    return s;
}

/* What has a slash or ends in .tsm is a file. */
static int is_model_file(const char *word) {
    size_t n = strlen(word);
    return strchr(word, '/') || (n > 4 && !strcmp(word + n - 4, ".tsm"));
}

static tsr_status choose_model(tsr_context *ctx, const char *word, tsr_diag *d) {
    return is_model_file(word) ? tsr_load_model(ctx, word, d) : tsr_use_model(ctx, word, d);
}

tsr_status tsr_cli_choose_model(tsr_cli *cli, const char *word) {
    return choose_model(cli->ctx, word, &cli->diag);
}

static tsr_status load_models(tsr_context *ctx, const tsr_args *args, const char **file,
                              tsr_diag *d) {
    *file = tsr_args_text(args, "model");
    tsr_status s = tsr_set_model_path(ctx, getenv("TESSERA_MODEL_PATH"), d);
    return s || !*file ? s : choose_model(ctx, *file, d);
}

/* *file: what a failure is about, or NULL. */
static tsr_status open_context(tsr_cli *cli, const tsr_args *args, unsigned threads,
                               tsr_progress_fn progress, tsr_context **ctx, const char **file,
                               tsr_diag *d) {
    const tsr_config cfg = {.struct_size = sizeof cfg,
                            .threads = threads,
                            .cpu_mask = UINT32_MAX,
                            .max_pixels = cli->max_pixels,
                            .max_memory = cli->max_memory,
                            .log = on_log,
                            .progress = progress,
                            .user = cli};
    *file = NULL;
    tsr_status s = tsr_context_new(ctx, &cfg, d);
    if (!s) s = tsr_register_builtin(*ctx, d);
    if (!s) s = load_plugins(*ctx, args, file, d);
    return s ? s : load_models(*ctx, args, file, d);
}

static int open_first_context(tsr_cli *cli, const tsr_args *args) {
    const char *file;
    cli->threads = (unsigned)tsr_args_int(args, "threads");
    cli->max_pixels = (uint64_t)tsr_args_int(args, "max-pixels");
    cli->max_memory = (uint64_t)tsr_args_int(args, "max-memory");
    tsr_status s = open_context(cli, args, cli->threads, on_progress, &cli->ctx, &file, &cli->diag);
    return s ? tsr_cli_fail(cli, file, s) : TSR_EXIT_OK;
}

tsr_status tsr_cli_context(tsr_cli *cli, const tsr_args *args, unsigned threads, tsr_context **ctx,
                           tsr_diag *d) {
    const char *file;
    *ctx = NULL;
    tsr_status s = open_context(cli, args, threads, on_progress_silent, ctx, &file, d);
    if (s) {
        tsr_context_free(*ctx);
        *ctx = NULL;
    }
    return s;
}

int tsr_cli_open(tsr_cli *cli, const tsr_command *cmd, const tsr_args *args) {
    *cli =
        (tsr_cli){.quiet = tsr_args_has(args, "quiet"), .verbose = tsr_args_has(args, "verbose")};
    tsr_diag_init(&cli->diag);
    tsr_progress_init(&cli->progress, !cli->quiet);
    return cmd->flags & TSR_CMD_BARE ? TSR_EXIT_OK : open_first_context(cli, args);
}

void tsr_cli_close(tsr_cli *cli) {
    tsr_progress_end(&cli->progress);
    tsr_context_free(cli->ctx);
    cli->ctx = NULL;
}
