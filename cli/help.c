/* help.c - --help as plain text of at most 80 columns. */
#include "help.h"

#include <string.h>

#define COLUMNS     79
#define TEXT_COLUMN 26

const char tsr_help_about[] =
    "Tessera compresses pictures. A codec is a transform, a quantizer and an entropy coder, "
    "written "
    "as a spec: TRANSFORM[:key=value,...][/QUANTIZER[:...]][/ENTROPY[:...]], for example "
    "'wavelet:levels=4' or 'dct/uniform/adaptive'. What a spec leaves out takes its default. "
    "'tessera list' prints all stages with their parameters."
    "\n\n"
    "Pictures are read from PNG, JPEG, PGM, PPM and PAM, told apart by content, and written to the "
    "same by the extension of the name. '-' is standard input or standard output.";

const char *const tsr_help_environment[] = {
    "TESSERA_PLUGIN_PATH",
    "folders, separated by colons, whose shared objects (*.so) are loaded as plug-ins by every "
    "command that works with codecs",
    "TESSERA_MODEL_PATH",
    "folders, separated by colons, in which trained models (NAME.tsm) are looked for",
    "TESSERA_MODULES",
    "folder of the command's own modules (tessera-NAME.so: peers, MPI, PNG and PDF figures), "
    "instead "
    "of those where they were built or installed",
    NULL,
};

/* ---------------------------------------------------------------- wrapped text */

/* Prints words from column `at`, continuing lines at column `indent`; ends the line. */
static void print_wrapped(FILE *f, const char *text, unsigned at, unsigned indent) {
    int fresh = 1; /* no word on this line yet */
    while (*text) {
        size_t blank = strspn(text, " "), len = strcspn(text += blank, " ");
        if (!fresh && at + 1 + len > COLUMNS) {
            fprintf(f, "\n%*s", (int)indent, "");
            at = indent;
            fresh = 1;
        }
        fprintf(f, "%s%.*s", fresh ? "" : " ", (int)len, text);
        at += (unsigned)len + !fresh;
        fresh = 0;
        text += len;
    }
    putc('\n', f);
}

static void print_paragraphs(FILE *f, const char *text) {
    while (*text) {
        char copy[2048];
        const char *end = strstr(text, "\n\n");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        snprintf(copy, sizeof copy, "%.*s", (int)len, text);
        print_wrapped(f, copy, 0, 0);
        putc('\n', f);
        text += len + (end ? 2 : 0);
    }
}

void tsr_help_item(FILE *f, unsigned indent, unsigned column, const char *name, const char *text) {
    unsigned used = indent + (unsigned)strlen(name);
    fprintf(f, "%*s%s", (int)indent, "", name);
    if (used + 1 > column) {
        putc('\n', f);
        used = 0;
    }
    fprintf(f, "%*s", (int)(column - used), "");
    print_wrapped(f, text, column, column);
}

static void print_item(FILE *f, const char *name, const char *text) {
    tsr_help_item(f, 2, TEXT_COLUMN, name, text);
}

/* ---------------------------------------------------------------- options */

void tsr_help_option_name(const tsr_option *o, const tsr_markup *m, char *buf, size_t size) {
    char letter[32] = "", arg[96] = "";
    if (o->letter) snprintf(letter, sizeof letter, "%s-%c%s, ", m->name_on, o->letter, m->off);
    if (o->arg) snprintf(arg, sizeof arg, " %s%s%s", m->arg_on, o->arg, m->off);
    snprintf(buf, size, "%s%s--%s%s%s", letter, m->name_on, o->name, m->off, arg);
}

void tsr_help_option_text(const tsr_option *o, char *buf, size_t size) {
    char range[256];
    tsr_option_range(o, range, sizeof range);
    int detail = *range || o->def;
    snprintf(buf, size, "%s%s%s%s%s%s%s", o->help, detail ? " (" : "", range,
             *range && o->def ? "; " : "", o->def ? "default " : "", o->def ? o->def : "",
             detail ? ")" : "");
}

static void print_options(FILE *f, const tsr_command *cmd) {
    static const tsr_markup plain = {"", "", ""};
    const tsr_option *tables[TSR_COMMAND_TABLES];
    tsr_command_tables(cmd, tables);
    fputs("Options:\n", f);
    for (unsigned t = 0; tables[t]; t++)
        for (const tsr_option *o = tables[t]; o->name; o++) {
            char name[128], aligned[136], text[1024];
            tsr_help_option_name(o, &plain, name, sizeof name);
            snprintf(aligned, sizeof aligned, "%s%s", o->letter ? "" : "    ", name);
            tsr_help_option_text(o, text, sizeof text);
            print_item(f, aligned, text);
        }
}

/* ---------------------------------------------------------------- pages */

static void print_commands(FILE *f, const tsr_command *const *list) {
    fputs("Commands:\n", f);
    for (; *list; list++) {
        char name[128];
        snprintf(name, sizeof name, "%s %s", tsr_command_word(*list), (*list)->operands);
        print_item(f, (*list)->subs ? tsr_command_word(*list) : name, (*list)->summary);
    }
}

static void print_examples(FILE *f, const tsr_example *e) {
    if (!e || !e->command) return;
    fputs("\nExamples:\n", f);
    for (; e->command; e++) fprintf(f, "  %s\n      %s\n", e->command, e->what);
}

void tsr_help_overview(FILE *f) {
    fputs("Usage: tessera COMMAND [OPTIONS] ...\n\n", f);
    print_paragraphs(f, tsr_help_about);
    print_commands(f, tsr_commands);
    print_item(f, "help [COMMAND]", "print this help, or that of a command");
    fputs("\nOptions:\n", f);
    print_item(f, "-h, --help", "print this help");
    print_item(f, "-V, --version", "print the version");
    fputs("\nExit status:\n", f);
    for (int code = 0; code < TSR_EXIT_CODES; code++) {
        char name[16];
        snprintf(name, sizeof name, "%d", code);
        print_item(f, name, tsr_exit_text(code));
    }
    fputs("\nEnvironment:\n", f);
    for (const char *const *e = tsr_help_environment; *e; e += 2) print_item(f, e[0], e[1]);
    fputs("\n'tessera COMMAND --help' describes a command.\n", f);
}

void tsr_help_command(FILE *f, const tsr_command *cmd) {
    if (cmd->subs)
        fprintf(f, "Usage: tessera %s COMMAND [OPTIONS] ...\n\n", cmd->name);
    else
        fprintf(f, "Usage: tessera %s [OPTIONS]%s%s\n\n", cmd->name, *cmd->operands ? " " : "",
                cmd->operands);
    print_paragraphs(f, cmd->description);
    if (cmd->subs)
        print_commands(f, cmd->subs);
    else
        print_options(f, cmd);
    print_examples(f, cmd->examples);
    if (cmd->subs) fprintf(f, "\n'tessera %s COMMAND --help' describes a command.\n", cmd->name);
}
