/* sweep_list.c - lists and ranges of numbers. */
#include "sweep_list.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBERS 10000u

void tsr_numbers_free(tsr_numbers *l) {
    free(l->v);
    *l = (tsr_numbers){0};
}

static tsr_status add_number(tsr_numbers *l, double v, tsr_diag *d) {
    if (l->n == MAX_NUMBERS)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "more than %u numbers in a list",
                            MAX_NUMBERS);
    double *more = realloc(l->v, (l->n + 1) * sizeof *more);
    if (!more) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a list");
    l->v = more;
    l->v[l->n++] = v;
    return TSR_OK;
}

/* The number that is all of text[0 .. len-1]; 0 when it is none. */
static int parse_number(const char *text, size_t len, double *v) {
    char copy[40], *end;
    if (!len || len >= sizeof copy) return 0;
    memcpy(copy, text, len);
    copy[len] = 0;
    if (!isdigit((unsigned char)*copy) && !strchr("+-.", *copy)) return 0; /* " 1", "inf", "nan" */
    errno = 0;
    *v = strtod(copy, &end);
    return !*end && !errno && isfinite(*v);
}

/* The first ".." of text[0 .. len-1], or NULL. */
static const char *find_dots(const char *text, size_t len) {
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '.' && text[i + 1] == '.') return text + i;
    return NULL;
}

/* FROM..TO[:STEP] or one number. */
static int parse_item(const char *text, size_t len, double *from, double *to, double *step) {
    const char *dots = find_dots(text, len);
    *step = 1;
    if (!dots) {
        int ok = parse_number(text, len, from);
        *to = *from;
        return ok;
    }
    const char *second = dots + 2, *end = text + len;
    const char *colon = memchr(second, ':', (size_t)(end - second));
    if (colon && (!parse_number(colon + 1, (size_t)(end - colon - 1), step) || *step <= 0))
        return 0;
    return parse_number(text, (size_t)(dots - text), from) &&
           parse_number(second, (size_t)((colon ? colon : end) - second), to);
}

tsr_status tsr_numbers_parse(const char *text, double lo, double hi, tsr_numbers *out,
                             tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (const char *item = text; item && !s;) {
        const char *comma = strchr(item, ',');
        size_t len = comma ? (size_t)(comma - item) : strlen(item);
        double from = 0, to = 0, step = 1;
        if (!parse_item(item, len, &from, &to, &step) || fmin(from, to) < lo || fmax(from, to) > hi)
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "'%.*s' is not legal: a number or FROM..TO:STEP from %.9g to %.9g",
                                (int)(len < 60 ? len : 60), item, lo, hi);
        /* a range whose end is missed by a rounding error contains it */
        double count = floor(fabs(to - from) / step + 1e-9);
        for (double i = 0; i <= count && !s; i++)
            s = add_number(out, from + (to < from ? -i : i) * step, d);
        item = comma ? comma + 1 : NULL;
    }
    return s;
}
