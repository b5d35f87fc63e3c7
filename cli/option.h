/* option.h - command-line options as data: parsing, help, man pages and completion all read the
 * same const tables. */
#ifndef TSR_OPTION_H
#define TSR_OPTION_H

#include <tessera/status.h>

typedef enum tsr_option_type {
    TSR_OPTION_FLAG = 0, /* takes no argument */
    TSR_OPTION_TEXT,     /* any text */
    TSR_OPTION_FILE,     /* a path: text that completion expands as a file name */
    TSR_OPTION_SPEC,     /* a codec spec: text that completion expands as the name of a transform */
    TSR_OPTION_INT,      /* whole number within [min, max] */
    TSR_OPTION_REAL,     /* finite number within [min, max] */
    TSR_OPTION_SIZE,     /* bytes within [min, max]; K, M, G, T multiply by 1024, ... */
    TSR_OPTION_CHOICE    /* one of choices[] */
} tsr_option_type;

/* One option. A table ends with an entry whose name is NULL. Members that do not apply are zero. */
typedef struct tsr_option {
    const char *name; /* long name without dashes: "target-bpp" */
    char letter;      /* short name, 0 if none */
    tsr_option_type type;
    const char *arg;            /* how help calls the argument: "SPEC"; NULL for a flag */
    double min, max;            /* INT, REAL, SIZE */
    const char *word;           /* INT, REAL, SIZE: a word accepted for the value 0, or NULL */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *def;            /* value when not given, as the user would type it; NULL: none */
    const char *help; /* a sentence, starts lower case, no full stop; help adds range and default */
    uint8_t exclusive; /* options of a command with the same non-zero number exclude each other */
    uint8_t repeat;    /* 1: may be given several times */
} tsr_option;

/* The arguments of one command, parsed. Text points into argv and the tables. */
typedef struct tsr_args tsr_args;

/* Parses argv[0..argc-1] (without program and command name) against a NULL-terminated list of
 * tables. "--name value", "--name=value", "-n value", "-nvalue"; flags may be bundled ("-vh"); "--"
 * ends the options, "-" is an operand, options and operands may be mixed. Errors: ARGUMENT with the
 * option named, its legal range or the nearest legal name; MEMORY. On error *out is NULL. */
tsr_status tsr_args_parse(tsr_args **out, const tsr_option *const *tables, int argc,
                          char *const *argv, tsr_diag *d) TSR_MUST_CHECK;
void tsr_args_free(tsr_args *a);

/* Whether the option was given. Here and below, a name that no table has is a programmer's error.
 */
int tsr_args_has(const tsr_args *a, const char *name);

/* The value given last, else the default of the table; without either NULL, or 0. */
const char *tsr_args_text(const tsr_args *a, const char *name);
int64_t tsr_args_int(const tsr_args *a, const char *name); /* INT, SIZE; CHOICE: its index */
double tsr_args_real(const tsr_args *a, const char *name); /* INT, REAL, SIZE */

/* The i-th value (from 0) of a repeatable option; NULL after the last. */
const char *tsr_args_text_at(const tsr_args *a, const char *name, unsigned i);

/* Operands are the arguments that are not options; the i-th is NULL when out of range. */
unsigned tsr_args_operands(const tsr_args *a);
const char *tsr_args_operand(const tsr_args *a, unsigned i);

/* The option of this long name, or NULL. */
const tsr_option *tsr_option_find(const tsr_option *const *tables, const char *name);

/* " (did you mean NAME?)" in buf, or "" when nearest is NULL; returns buf. */
#define TSR_HINT_SIZE 96
const char *tsr_hint(const char *nearest, char buf[TSR_HINT_SIZE]);

/* Writes the legal values as text: "whole number from 1 to 9", "one of auto, klt"; "" for text. */
void tsr_option_range(const tsr_option *o, char *buf, size_t size);

#endif
