/* json.h - a writer of JSON (RFC 8259) to a stream: indented, one member a line.
 *
 *     tsr_json j = tsr_json_begin(stdout);
 *     tsr_json_object(&j, NULL);
 *     tsr_json_int(&j, "bytes", 1234);
 *     tsr_json_end(&j);
 *
 * Every value takes its key: a name within an object, NULL within an array and at the top.
 */
#ifndef TSR_JSON_H
#define TSR_JSON_H

#include <stdint.h>
#include <stdio.h>

#define TSR_JSON_DEPTH 8

typedef struct tsr_json {
    FILE *f;
    unsigned depth;                     /* open objects and arrays */
    char close[TSR_JSON_DEPTH];         /* what closes each */
    unsigned items[TSR_JSON_DEPTH + 1]; /* written at each depth */
    int one_line;                       /* set after begin: no line breaks but the last */
} tsr_json;

tsr_json tsr_json_begin(FILE *f);

/* Opens an object or array; tsr_json_end closes the innermost (after the outermost: a newline). */
void tsr_json_object(tsr_json *j, const char *key);
void tsr_json_array(tsr_json *j, const char *key);
void tsr_json_end(tsr_json *j);

/* Text is UTF-8; bytes that are not become U+FFFD. NULL is null. */
void tsr_json_text(tsr_json *j, const char *key, const char *value);
void tsr_json_int(tsr_json *j, const char *key, int64_t value);
void tsr_json_bool(tsr_json *j, const char *key, int value);

/* Length of the UTF-8 sequence at s, 0 when it is not one (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). */
unsigned tsr_utf8_length(const unsigned char *s);

/* A number with this many digits after the point; null when it is infinite or not a number. */
void tsr_json_real(tsr_json *j, const char *key, double value, int digits);

/* A number with the significant digits it has, at most 9; null as above. */
void tsr_json_number(tsr_json *j, const char *key, double value);

#endif
