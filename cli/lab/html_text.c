/* html_text.c - escapes text for HTML and SVG. */
#include "html_text.h"

#include <stdarg.h>

#include "json.h"

/* Writes the character at s and returns its bytes. */
static unsigned put_one(FILE *f, const unsigned char *s) {
    unsigned n = tsr_utf8_length(s);
    switch (*s) {
    case '&':
        fputs("&amp;", f);
        break;
    case '<':
        fputs("&lt;", f);
        break;
    case '>':
        fputs("&gt;", f);
        break;
    case '"':
        fputs("&quot;", f);
        break;
    case '\'':
        fputs("&#39;", f);
        break;
    case '\n':
        fputs("&#10;", f);
        break;
    default:
        if (n && *s >= 0x20 && *s != 0x7f)
            fwrite(s, 1, n, f);
        else
            fputs("\xef\xbf\xbd", f);
    }
    return n ? n : 1;
}

void tsr_html_put(FILE *f, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    while (*s) s += put_one(f, s);
}

void tsr_html_put_short(FILE *f, const char *text, unsigned max) {
    unsigned n = 0;
    const unsigned char *s = (const unsigned char *)text;
    for (const unsigned char *p = s; *p; n++) {
        unsigned len = tsr_utf8_length(p);
        p += len ? len : 1;
    }
    for (unsigned i = 0; *s && (n <= max || i + 1 < max); i++) s += put_one(f, s);
    if (n > max) fputs("\xe2\x80\xa6", f);
}

void tsr_html_print(FILE *f, const char *fmt, ...) {
    char text[1001];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tsr_html_put(f, text);
}
