/* man.c - man pages from the command tables: tessera(1), tessera-encode(1), ... */
#include <ctype.h>
#include <string.h>

#include "help.h"

/* Text with what troff would take for markup escaped. Only the words of tsr_markup keep theirs, by
 * being printed around it. */
static void put_text(FILE *f, const char *s) {
    for (int start = 1; *s; start = *s == '\n', s++) {
        if (start && (*s == '.' || *s == '\'')) fputs("\\&", f);
        if (*s == '\\')
            fputs("\\e", f);
        else if (*s == '-')
            fputs("\\-", f);
        else if (*s == '\'')
            fputs("\\(aq", f);
        else if (*s == '^' || *s == '~')
            fprintf(f, "\\(%s", *s == '^' ? "ha" : "ti");
        else
            putc(*s, f);
    }
}

static void put_paragraphs(FILE *f, const char *text) {
    while (*text) {
        char copy[2048];
        const char *end = strstr(text, "\n\n");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        snprintf(copy, sizeof copy, "%.*s", (int)len, text);
        fputs(".PP\n", f);
        put_text(f, copy);
        putc('\n', f);
        text += len + (end ? 2 : 0);
    }
}

static void put_item(FILE *f, const char *name, const char *text) {
    fputs(".TP\n\\fB", f);
    put_text(f, name);
    fputs("\\fR\n", f);
    put_text(f, text);
    putc('\n', f);
}

static void put_head(FILE *f, const char *name, const char *summary) {
    fputs(".TH \"", f);
    for (const char *s = name; *s; s++) putc(toupper((unsigned char)*s), f);
    fprintf(f, "\" \"1\" \"\" \"Tessera %s\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\n",
            tsr_version());
    put_text(f, name);
    fputs(" \\- ", f);
    put_text(f, summary);
    fputs("\n.SH SYNOPSIS\n", f);
}

static void put_synopsis(FILE *f, const tsr_command *cmd) {
    fputs("\\fBtessera ", f);
    put_text(f, cmd->name);
    fputs("\\fR [\\fIOPTIONS\\fR] \\fI", f);
    put_text(f, cmd->operands);
    fputs("\\fR\n", f);
}

/* An option's name is put together with font changes first and escaped after, so the marks are
 * control characters until then. */
static void put_option(FILE *f, const tsr_option *o) {
    static const tsr_markup marks = {"\001", "\002", "\003"};
    char name[160], text[1024];
    tsr_help_option_name(o, &marks, name, sizeof name);
    tsr_help_option_text(o, text, sizeof text);
    fputs(".TP\n", f);
    for (const char *s = name; *s; s++) {
        if (*s >= 1 && *s <= 3)
            fprintf(f, "\\f%c", "BIR"[*s - 1]);
        else
            put_text(f, (char[2]){*s, 0});
    }
    putc('\n', f);
    put_text(f, text);
    putc('\n', f);
}

static void put_options(FILE *f, const tsr_command *cmd) {
    const tsr_option *tables[TSR_COMMAND_TABLES];
    tsr_command_tables(cmd, tables);
    for (unsigned t = 0; tables[t]; t++)
        for (const tsr_option *o = tables[t]; o->name; o++) put_option(f, o);
}

static void put_examples(FILE *f, const tsr_example *e) {
    if (!e || !e->command) return;
    fputs(".SH EXAMPLES\n", f);
    for (; e->command; e++) put_item(f, e->command, e->what);
}

static void put_shared_sections(FILE *f) {
    fputs(".SH EXIT STATUS\n", f);
    for (int code = 0; code < TSR_EXIT_CODES; code++) {
        char name[12];
        snprintf(name, sizeof name, "%d", code);
        put_item(f, name, tsr_exit_text(code));
    }
    fputs(".SH ENVIRONMENT\n", f);
    for (const char *const *e = tsr_help_environment; *e; e += 2) put_item(f, e[0], e[1]);
}

static void overview_page(FILE *f) {
    put_head(f, "tessera", "image compression with exchangeable transforms and quantizers");
    fputs("\\fBtessera\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...\n.SH DESCRIPTION\n", f);
    put_paragraphs(f, tsr_help_about);
    fputs(".SH COMMANDS\n", f);
    for (const tsr_command *const *c = tsr_commands; *c; c++)
        put_item(f, (*c)->name, (*c)->summary);
    fputs(".SH OPTIONS\n", f);
    put_item(f, "-h, --help", "print a short help");
    put_item(f, "-V, --version", "print the version");
    put_shared_sections(f);
    fputs(".SH SEE ALSO\n", f);
    for (const tsr_command *const *c = tsr_commands; *c; c++)
        fprintf(f, ".BR tessera\\-%s (1)%s\n", (*c)->name, c[1] ? "," : "");
}

static void put_subcommand(FILE *f, const tsr_command *cmd) {
    fputs(".SS \"tessera ", f);
    put_text(f, cmd->name);
    fputs("\"\n", f);
    put_synopsis(f, cmd);
    put_paragraphs(f, cmd->description);
    put_options(f, cmd);
    for (const tsr_example *e = cmd->examples; e && e->command; e++)
        put_item(f, e->command, e->what);
}

static void command_page(FILE *f, const tsr_command *cmd) {
    char title[64];
    snprintf(title, sizeof title, "tessera-%s", cmd->name);
    put_head(f, title, cmd->summary);
    for (const tsr_command *const *s = cmd->subs; s && *s; s++) {
        put_synopsis(f, *s);
        fputs(".br\n", f);
    }
    if (!cmd->subs) put_synopsis(f, cmd);
    fputs(".SH DESCRIPTION\n", f);
    put_paragraphs(f, cmd->description);
    fputs(cmd->subs ? ".SH COMMANDS\n" : ".SH OPTIONS\n", f);
    for (const tsr_command *const *s = cmd->subs; s && *s; s++) put_subcommand(f, *s);
    if (!cmd->subs) put_options(f, cmd);
    put_examples(f, cmd->examples);
    put_shared_sections(f);
    fputs(".SH SEE ALSO\n.BR tessera (1)\n", f);
}

void tsr_man_page(FILE *f, const tsr_command *cmd) {
    if (cmd)
        command_page(f, cmd);
    else
        overview_page(f);
}
