/* lab_csv.h - records of a CSV text (RFC 4180) of whatever origin: quoted fields, doubled quotes
 * and line breaks within them, line ends LF or CRLF, any number of columns. (sweep_csv.h splits the
 * lines that Tessera wrote itself.) */
#ifndef TSR_LAB_CSV_H
#define TSR_LAB_CSV_H

#include <tessera/status.h>

#define TSR_CSV_FIELDS      128   /* a record with more is an error */
#define TSR_CSV_FIELD_BYTES 65536 /* so is a longer field */

typedef struct tsr_csv {
    char *at, *end; /* what is left of the text; *end is a zero that belongs to it */
    unsigned line;  /* of the record read last, from 1 */
    unsigned next_line;
    unsigned n; /* fields of it */
    int cut;    /* it ended within quotes, or without a line end: the text was cut there */
    char *field[TSR_CSV_FIELDS];
} tsr_csv;

/* Starts on text[0..size-1]; text[size] must be a writable zero. The text is changed while it is
 * read: fields point into it, unquoted and ended by a zero. */
tsr_csv tsr_csv_begin(char *text, size_t size);

/* Reads the next record; empty lines are skipped. *more is 0 after the last. Errors: FORMAT (a zero
 * byte, too many fields, a field too long), with the line in the text. */
tsr_status tsr_csv_next(tsr_csv *c, int *more, tsr_diag *d) TSR_MUST_CHECK;

/* Which field of the record has this text, or -1: finds the columns of a header. */
int tsr_csv_find(const tsr_csv *c, const char *name);

#endif
