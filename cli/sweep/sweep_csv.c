/* sweep_csv.c - one line of CSV to fields, and a field to CSV. */
#include "sweep_csv.h"

#include <string.h>

/* Unquotes a field in place; *at is left behind its end, at a comma or NUL. NULL: not legal. */
static const char *take_field(char **at) {
    char *start = *at, *out = start, *in = start;
    if (*in != '"') {
        *at = in + strcspn(in, ",\"");
        return **at == '"' ? NULL : start;
    }
    for (in++; *in && (*in != '"' || in[1] == '"'); in++) {
        in += *in == '"';
        *out++ = *in;
    }
    if (*in != '"' || (in[1] && in[1] != ',')) return NULL;
    *at = in + 1;
    *out = 0;
    return start;
}

int tsr_csv_split(char *line, const char **field, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        field[i] = take_field(&line);
        int more = *line == ',';
        if (!field[i] || more != (i + 1 < n) || (!more && *line)) return 0;
        if (more) *line++ = 0;
    }
    return 1;
}

void tsr_csv_print(FILE *f, const char *text) {
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, f);
        return;
    }
    putc('"', f);
    for (; *text; text++) {
        if (*text == '"') putc('"', f);
        putc(*text, f);
    }
    putc('"', f);
}
