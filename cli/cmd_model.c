/* cmd_model.c - tessera model: what trained models there are, and what is in one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/model.h>

#include "cli_open.h"
#include "json.h"

/* ---------------------------------------------------------------- lines of key=value */

/* Calls say(user, key, value) for each line; the text is cut into pieces in place. */
static void each_line(char *text, void (*say)(void *user, const char *key, const char *value),
                      void *user) {
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        char *equals = strchr(line, '=');
        if (!equals) continue;
        *equals = 0;
        say(user, line, equals + 1);
    }
}

static void say_text(void *user, const char *key, const char *value) {
    printf("%-*s %s\n", *(const int *)user, key, value);
}

static void say_json(void *user, const char *key, const char *value) {
    tsr_json_text(user, key, value);
}

/* ---------------------------------------------------------------- info */

static const tsr_option info_options[] = {
    {.name = "json", .help = "print JSON"},
    {0},
};

static const tsr_example info_examples[] = {
    {"tessera model info photo.tsm", "name, SHA-256, networks, and how it was trained"},
    {"tessera model info photo --json", "a model built in or in TESSERA_MODEL_PATH, as JSON"},
    {0},
};

/* The text of the file as a string of its own. */
static char *meta_text(const tsr_model_file *m) {
    char *text = malloc(m->meta_size + 1);
    if (!text) return NULL;
    memcpy(text, m->meta, m->meta_size);
    text[m->meta_size] = 0;
    return text;
}

static void print_text(tsr_cli *cli, const tsr_model_info *info, const tsr_model_file *m,
                       char *meta) {
    enum { ROOM = 4096 };
    char described[ROOM];
    int column = 22;
    printf("%-*s %s\n", column, "model", info->name);
    printf("%-*s %s\n", column, "source", info->source);
    printf("%-*s %zu bytes\n", column, "size", info->size);
    printf("%-*s %s\n", column, "SHA-256", info->sha256);
    if (info->id) printf("%-*s %u\n", column, "built-in number", info->id);
    for (uint32_t i = 0; i < m->n_sections; i++) {
        printf("\nsection %s: %zu bytes\n", m->section[i].name, m->section[i].size);
        if (tsr_model_describe(cli->ctx, &m->section[i], described, sizeof described))
            each_line(described, say_text, &column);
    }
    printf("\ntext\n");
    each_line(meta, say_text, &column);
}

static void print_json(tsr_cli *cli, const tsr_model_info *info, const tsr_model_file *m,
                       char *meta) {
    enum { ROOM = 4096 };
    char described[ROOM];
    tsr_json j = tsr_json_begin(stdout);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "name", info->name);
    tsr_json_text(&j, "source", info->source);
    tsr_json_int(&j, "bytes", (int64_t)info->size);
    tsr_json_text(&j, "sha256", info->sha256);
    tsr_json_int(&j, "id", info->id);
    tsr_json_array(&j, "sections");
    for (uint32_t i = 0; i < m->n_sections; i++) {
        tsr_json_object(&j, NULL);
        tsr_json_text(&j, "name", m->section[i].name);
        tsr_json_int(&j, "bytes", (int64_t)m->section[i].size);
        if (tsr_model_describe(cli->ctx, &m->section[i], described, sizeof described))
            each_line(described, say_json, &j);
        tsr_json_end(&j);
    }
    tsr_json_end(&j);
    tsr_json_object(&j, "text");
    each_line(meta, say_json, &j);
    tsr_json_end(&j);
    tsr_json_end(&j);
}

static int run_info(tsr_cli *cli, const tsr_args *args) {
    tsr_model_info info;
    tsr_model_file m;
    const char *name = tsr_args_operand(args, 0);
    tsr_status s = tsr_cli_choose_model(cli, name);
    if (s || !tsr_model_chosen(cli->ctx, &info)) return tsr_cli_fail(cli, name, s);
    s = tsr_model_read(&m, info.data, info.size, &cli->diag);
    if (s) return tsr_cli_fail(cli, name, s);
    char *meta = meta_text(&m);
    if (!meta) return tsr_cli_error(name, TSR_ERR_MEMORY, "no memory");
    (tsr_args_has(args, "json") ? print_json : print_text)(cli, &info, &m, meta);
    free(meta);
    return TSR_EXIT_OK;
}

static const tsr_command cmd_info = {
    .name = "model info",
    .summary = "print what a model is and how it was made",
    .operands = "FILE|NAME",
    .description =
        "Prints the name, the SHA-256 and the networks of a trained model, and the text that its "
        "trainer left: command, seed, time, machine, pictures, figures. What has a slash or ends "
        "in "
        ".tsm is a file; everything else is the name of a model that is built in or lies as "
        "NAME.tsm in "
        "a folder of TESSERA_MODEL_PATH.",
    .min_operands = 1,
    .max_operands = 1,
    .options = info_options,
    .examples = info_examples,
    .run = run_info,
};

/* ---------------------------------------------------------------- list */

static const tsr_example list_examples[] = {
    {"tessera model list", "name, size and source of every model known"},
    {0},
};

static int run_list(tsr_cli *cli, const tsr_args *args) {
    tsr_model_info info;
    tsr_find_models(cli->ctx);
    for (uint32_t i = 0; i < tsr_model_count(cli->ctx); i++) {
        tsr_model_at(cli->ctx, i, &info);
        printf("%-24s %10zu bytes  %.16s...  %s\n", info.name, info.size, info.sha256, info.source);
    }
    return TSR_EXIT_OK;
}

static const tsr_command cmd_list = {
    .name = "model list",
    .summary = "list the models that are built in or in TESSERA_MODEL_PATH",
    .operands = "",
    .description = "Prints a line for each model: name, size, SHA-256 (its beginning), source.",
    .examples = list_examples,
    .run = run_list,
};

static const tsr_command *const subs[] = {&cmd_info, &cmd_list, &tsr_cmd_model_quantize, NULL};

const tsr_command tsr_cmd_model = {
    .name = "model",
    .summary = "look at trained models, and make them faster",
    .operands = "",
    .description =
        "Transforms such as vqvae need a trained model. Models are built in, given by --model, or "
        "found "
        "in the folders of TESSERA_MODEL_PATH.",
    .subs = subs,
};
