/* sweep_csv.h - fields of CSV (RFC 4180) in lines: no field here holds a line break. */
#ifndef TSR_SWEEP_CSV_H
#define TSR_SWEEP_CSV_H

#include <stdio.h>

/* Writes a field, quoted where that is needed. */
void tsr_csv_print(FILE *f, const char *text);

/* Splits a line (without its newline) into its n fields, in place. Returns 0, with the line
 * destroyed, when it has another number of fields or quotes that do not match. */
int tsr_csv_split(char *line, const char **field, unsigned n);

#endif
