/* json.c - the JSON writer: commas, indentation, escapes. */
#include "json.h"

#include <assert.h>
#include <math.h>

tsr_json tsr_json_begin(FILE *f) {
    return (tsr_json){.f = f};
}

unsigned tsr_utf8_length(const unsigned char *s) {
    unsigned n = s[0] < 0x80                    ? 1
                 : s[0] >= 0xc2 && s[0] <= 0xdf ? 2
                 : s[0] >= 0xe0 && s[0] <= 0xef ? 3
                 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                : 0;
    for (unsigned i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0;
    if (s[0] == 0xed && s[1] > 0x9f) return 0;
    if (s[0] == 0xf0 && s[1] < 0x90) return 0;
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0;
    return n;
}

static void put_string(FILE *f, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    putc('"', f);
    while (*s) {
        unsigned n = tsr_utf8_length(s);
        if (*s == '"' || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if (*s < 0x20 || *s == 0x7f)
            fprintf(f, "\\u%04x", *s);
        else if (n)
            fwrite(s, 1, n, f);
        else
            fputs("\\ufffd", f);
        s += n ? n : 1;
    }
    putc('"', f);
}

static void start_value(tsr_json *j, const char *key) {
    if (j->items[j->depth]++) putc(',', j->f);
    if (j->depth && !j->one_line) fprintf(j->f, "\n%*s", (int)j->depth * 2, "");
    if (j->one_line && j->items[j->depth] > 1) putc(' ', j->f);
    if (key) {
        put_string(j->f, key);
        fputs(": ", j->f);
    }
}

static void open_group(tsr_json *j, const char *key, char open, char close) {
    assert(j->depth < TSR_JSON_DEPTH);
    start_value(j, key);
    putc(open, j->f);
    j->close[j->depth++] = close;
    j->items[j->depth] = 0;
}

void tsr_json_object(tsr_json *j, const char *key) {
    open_group(j, key, '{', '}');
}

void tsr_json_array(tsr_json *j, const char *key) {
    open_group(j, key, '[', ']');
}

void tsr_json_end(tsr_json *j) {
    assert(j->depth > 0);
    int empty = !j->items[j->depth];
    j->depth--;
    if (!empty && !j->one_line) fprintf(j->f, "\n%*s", (int)j->depth * 2, "");
    putc(j->close[j->depth], j->f);
    if (!j->depth) putc('\n', j->f);
}

void tsr_json_text(tsr_json *j, const char *key, const char *value) {
    start_value(j, key);
    if (value)
        put_string(j->f, value);
    else
        fputs("null", j->f);
}

void tsr_json_int(tsr_json *j, const char *key, int64_t value) {
    start_value(j, key);
    fprintf(j->f, "%lld", (long long)value);
}

void tsr_json_bool(tsr_json *j, const char *key, int value) {
    start_value(j, key);
    fputs(value ? "true" : "false", j->f);
}

void tsr_json_real(tsr_json *j, const char *key, double value, int digits) {
    start_value(j, key);
    if (isfinite(value))
        fprintf(j->f, "%.*f", digits, value);
    else
        fputs("null", j->f);
}

void tsr_json_number(tsr_json *j, const char *key, double value) {
    start_value(j, key);
    if (isfinite(value))
        fprintf(j->f, "%.9g", value);
    else
        fputs("null", j->f);
}
