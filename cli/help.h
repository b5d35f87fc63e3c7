/* help.h - what --help, the man pages and the completion say, made from the command tables. */
#ifndef TSR_HELP_H
#define TSR_HELP_H

#include <stdio.h>

#include "cmd.h"

/* Paragraphs, separated by an empty line, that the overview and tessera(1) have in common. */
extern const char tsr_help_about[];

/* Environment variables: pairs of name and meaning, ended by NULL. */
extern const char *const tsr_help_environment[];

/* `tessera --help` */
void tsr_help_overview(FILE *f);

/* `tessera COMMAND --help` */
void tsr_help_command(FILE *f, const tsr_command *cmd);

/* A name at column `indent` and its text, wrapped, from `column` on; below when the name is long.
 */
void tsr_help_item(FILE *f, unsigned indent, unsigned column, const char *name, const char *text);

/* "-q, --quality Q" with markup around names and arguments, as in "\fB" and "\fI" of troff; plain
 * when the marks are "". */
typedef struct tsr_markup {
    const char *name_on, *arg_on, *off;
} tsr_markup;
void tsr_help_option_name(const tsr_option *o, const tsr_markup *m, char *buf, size_t size);

/* The help of an option with its range and default: "... (number from 0 to 100; default 75)". */
void tsr_help_option_text(const tsr_option *o, char *buf, size_t size);

/* The man page of a command, or of the whole program (NULL), as troff with man macros. */
void tsr_man_page(FILE *f, const tsr_command *cmd);

/* The completion of bash. */
void tsr_completion_bash(FILE *f);

#endif
