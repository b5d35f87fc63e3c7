/* html_text.h - text within HTML and SVG. */
#ifndef TSR_HTML_TEXT_H
#define TSR_HTML_TEXT_H

#include <stdio.h>

#include <tessera/status.h>

/* Writes text as content or within quotes: markup is escaped; what is no legal character (not
 * UTF-8, a control character) becomes U+FFFD. */
void tsr_html_put(FILE *f, const char *text);

/* The same, at most max characters; when there are more, the last is an ellipsis. */
void tsr_html_put_short(FILE *f, const char *text, unsigned max);

/* As by printf, then escaped; longer than 1000 bytes is cut. */
void tsr_html_print(FILE *f, const char *fmt, ...) TSR_PRINTF(2, 3);

#endif
