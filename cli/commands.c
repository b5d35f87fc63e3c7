/* commands.c - the table of commands, and the options that several share. */
#include <string.h>

#include "cmd.h"

const tsr_command *const tsr_commands[] = {
    &tsr_cmd_encode, &tsr_cmd_decode, &tsr_cmd_info,   &tsr_cmd_compare,
    &tsr_cmd_list,   &tsr_cmd_plugin, &tsr_cmd_corpus, &tsr_cmd_sweep,
    &tsr_cmd_report, &tsr_cmd_train,  &tsr_cmd_model,  NULL,
};

static const tsr_option no_options[] = {{0}};

static const tsr_option common_options[] = {
    {.name = "verbose", .letter = 'v', .help = "say more about what is done"},
    {.name = "quiet", .help = "no progress bar, notes or warnings: only errors on standard error"},
    {.name = "help", .letter = 'h', .help = "print this help"},
    {0},
};

static const tsr_option codec_options[] = {
    {.name = "threads",
     .letter = 'j',
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 256,
     .word = "all",
     .def = "all",
     .help = "threads to work with; the result does not depend on it"},
    {.name = "plugin",
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .repeat = 1,
     .help = "load the transforms of a shared object; may be repeated"},
    {.name = "model",
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "the trained model to encode with, or one that a stream needs: a file (.tsm), or the "
             "name of a model that is built in or in TESSERA_MODEL_PATH"},
    {.name = "max-memory",
     .type = TSR_OPTION_SIZE,
     .arg = "BYTES",
     .min = 65536,
     .max = 0x1p50,
     .def = "8G",
     .help = "refuse work that needs more memory than this"},
    {.name = "max-pixels",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1e12,
     .def = "268435456",
     .help = "refuse pictures of more pixels than this"},
    {0},
};

void tsr_command_tables(const tsr_command *cmd, const tsr_option *tables[TSR_COMMAND_TABLES]) {
    unsigned n = 0;
    tables[n++] = cmd->options ? cmd->options : no_options;
    if (!(cmd->flags & TSR_CMD_BARE) && !cmd->subs) tables[n++] = codec_options;
    tables[n++] = common_options;
    tables[n] = NULL;
}

const char *tsr_command_word(const tsr_command *cmd) {
    const char *space = strrchr(cmd->name, ' ');
    return space ? space + 1 : cmd->name;
}

const tsr_command *tsr_command_find(const tsr_command *const *list, const char *name,
                                    const char **nearest) {
    const char *names[32];
    size_t n = 0;
    for (; list[n] && n < sizeof names / sizeof *names; n++) {
        names[n] = tsr_command_word(list[n]);
        if (!strcmp(names[n], name)) return list[n];
    }
    if (nearest) *nearest = tsr_nearest_name(name, names, n);
    return NULL;
}
