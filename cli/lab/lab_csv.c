/* lab_csv.c - records of a CSV text (RFC 4180), unquoted in place. */
#include "lab_csv.h"

#include <string.h>

tsr_csv tsr_csv_begin(char *text, size_t size) {
    static const char bom[] = "\xef\xbb\xbf";
    size_t skip = size >= 3 && !memcmp(text, bom, 3) ? 3 : 0;
    return (tsr_csv){.at = text + skip, .end = text + size, .next_line = 1};
}

static tsr_status bad(const tsr_csv *c, const char *why, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "line %u: %s", c->line, why);
}

/* Takes a quoted field, c->at behind its opening quote; returns where its text ends. */
static char *take_quoted(tsr_csv *c) {
    char *to = c->at;
    for (; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            if (c->at + 1 == c->end || c->at[1] != '"') {
                c->at++;
                return to;
            }
            c->at++;
        }
        c->next_line += *c->at == '\n';
        *to++ = *c->at;
    }
    c->cut = 1;
    return to;
}

/* Takes one field and what separates it from the next; *last when it ends the record. */
static tsr_status take_field(tsr_csv *c, int *last, tsr_diag *d) {
    int quoted = c->at < c->end && *c->at == '"';
    char *start = c->at + quoted, *to;
    c->at = start;
    to = quoted ? take_quoted(c) : start;
    char *rest = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '\n') c->at++;
    size_t tail = (size_t)(c->at - rest); /* of a plain field all of it, else what follows quotes */
    int at_end = c->at == c->end;
    *last = at_end || *c->at == '\n';
    if (tail && *last && rest[tail - 1] == '\r') tail--;
    memmove(to, rest, tail);
    to += tail;
    if (to - start > TSR_CSV_FIELD_BYTES) return bad(c, "a field is longer than 65536 bytes", d);
    if (memchr(start, 0, (size_t)(to - start))) return bad(c, "a zero byte: not a text", d);
    if (at_end) c->cut = 1;
    c->at += !at_end;
    *to = 0;
    if (c->n == TSR_CSV_FIELDS) return bad(c, "more than 128 fields", d);
    c->field[c->n++] = start;
    return TSR_OK;
}

tsr_status tsr_csv_next(tsr_csv *c, int *more, tsr_diag *d) {
    *more = 0;
    while (c->at < c->end) {
        int last = 0;
        c->n = 0;
        c->cut = 0;
        c->line = c->next_line;
        while (!last) {
            tsr_status s = take_field(c, &last, d);
            if (s) return s;
        }
        c->next_line++;
        if (c->n == 1 && !*c->field[0]) continue;
        *more = 1;
        return TSR_OK;
    }
    return TSR_OK;
}

int tsr_csv_find(const tsr_csv *c, const char *name) {
    for (unsigned i = 0; i < c->n; i++)
        if (!strcmp(c->field[i], name)) return (int)i;
    return -1;
}
