/* report.c - what goes to standard error: failures as exactly one line, notes, the library's log.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/* A name or text from outside must not break the line or reach the terminal as an escape. */
static void make_printable(char *s) {
    for (; *s; s++)
        if (iscntrl((unsigned char)*s)) *s = '?';
}

static void print_line(const char *file, const char *text, uint64_t offset) {
    char where[40] = "", line[5000];
    if (offset != TSR_NO_OFFSET)
        snprintf(where, sizeof where, " (offset %llu)", (unsigned long long)offset);
    snprintf(line, sizeof line, "tessera: %s%s%s%s", file ? file : "", file ? ": " : "", text,
             where);
    make_printable(line);
    fprintf(stderr, "%s\n", line);
}

static const char *shown_name(const char *file) {
    return file && !strcmp(file, "-") ? "standard input" : file;
}

int tsr_cli_fail(tsr_cli *cli, const char *file, tsr_status status) {
    const tsr_diag *d = &cli->diag;
    int told = d->status == status && *d->text;
    tsr_progress_clear(&cli->progress);
    print_line(shown_name(file), told ? d->text : tsr_status_text(status),
               told ? d->offset : TSR_NO_OFFSET);
    return tsr_exit_code(status);
}

int tsr_cli_error(const char *file, tsr_status status, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    print_line(file, text, TSR_NO_OFFSET);
    return tsr_exit_code(status);
}

int tsr_cli_usage(const tsr_command *cmd, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    print_line(cmd ? cmd->name : NULL, text, TSR_NO_OFFSET);
    return TSR_EXIT_USAGE;
}

void tsr_cli_note(tsr_cli *cli, const char *fmt, ...) {
    if (cli->quiet) return;
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tsr_progress_clear(&cli->progress);
    print_line(NULL, text, TSR_NO_OFFSET);
}
