/* option.c - option tables: looking up names, reading values, saying what is legal. */
#include "option.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tessera.h>

#include "option_value.h"

const tsr_option *tsr_option_find(const tsr_option *const *tables, const char *name) {
    for (; *tables; tables++)
        for (const tsr_option *o = *tables; o->name; o++)
            if (!strcmp(o->name, name)) return o;
    return NULL;
}

const tsr_option *tsr_option_find_letter(const tsr_option *const *tables, char letter) {
    for (; *tables; tables++)
        for (const tsr_option *o = *tables; o->name; o++)
            if (o->letter && o->letter == letter) return o;
    return NULL;
}

const char *tsr_option_nearest(const tsr_option *const *tables, const char *name) {
    const char *names[96];
    size_t n = 0;
    for (; *tables; tables++)
        for (const tsr_option *o = *tables; o->name && n < sizeof names / sizeof *names; o++)
            names[n++] = o->name;
    return tsr_nearest_name(name, names, n);
}

const char *tsr_hint(const char *nearest, char buf[TSR_HINT_SIZE]) {
    *buf = 0;
    if (nearest) snprintf(buf, TSR_HINT_SIZE, " (did you mean %s?)", nearest);
    return buf;
}

/* ---------------------------------------------------------------- ranges as text */

static void print_size(double bytes, char *buf, size_t size) {
    static const char suffix[] = " KMGT";
    unsigned i = 0;
    while (bytes >= 1024 && fmod(bytes, 1024) == 0 && i < 4) {
        bytes /= 1024;
        i++;
    }
    snprintf(buf, size, "%.0f%.*s", bytes, i > 0, suffix + i);
}

static void print_choices(const tsr_option *o, char *buf, size_t size) {
    size_t used = (size_t)snprintf(buf, size, "one of ");
    for (const char *const *c = o->choices; *c && used < size; c++)
        used += (size_t)snprintf(buf + used, size - used, "%s%s", c == o->choices ? "" : ", ", *c);
}

void tsr_option_range(const tsr_option *o, char *buf, size_t size) {
    char lo[32], hi[32];
    const char *kind = "";
    *buf = 0;
    switch (o->type) {
    case TSR_OPTION_CHOICE:
        print_choices(o, buf, size);
        return;
    case TSR_OPTION_INT:
        kind = "whole number";
        break;
    case TSR_OPTION_REAL:
        kind = "number";
        break;
    case TSR_OPTION_SIZE:
        kind = "bytes";
        break;
    default:
        return;
    }
    if (o->type == TSR_OPTION_SIZE) {
        print_size(o->min, lo, sizeof lo);
        print_size(o->max, hi, sizeof hi);
    } else {
        snprintf(lo, sizeof lo, "%.15g", o->min);
        snprintf(hi, sizeof hi, "%.15g", o->max);
    }
    snprintf(buf, size, "%s from %s to %s%s%s", kind, lo, hi, o->word ? ", or " : "",
             o->word ? o->word : "");
}

/* ---------------------------------------------------------------- values */

static tsr_status bad_value(const tsr_option *o, const char *text, tsr_diag *d) {
    char range[256], hint[TSR_HINT_SIZE];
    const char *near = NULL;
    tsr_option_range(o, range, sizeof range);
    if (o->type == TSR_OPTION_CHOICE) {
        size_t n = 0;
        while (o->choices[n]) n++;
        near = tsr_nearest_name(text, o->choices, n);
    }
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "--%s '%.100s' is not legal: %s%s",
                        o->name, text, range, tsr_hint(near, hint));
}

/* The whole text as a decimal number; 0 when it is none. */
static int parse_decimal(const char *text, double *v, const char **end) {
    char *stop;
    if (!isdigit((unsigned char)*text) && !strchr("+-.", *text)) return 0; /* " 1", "inf", "nan" */
    if (strpbrk(text, "xX")) return 0;
    errno = 0;
    *v = strtod(text, &stop);
    *end = stop;
    return stop != text && !errno && isfinite(*v);
}

static int parse_number(const tsr_option *o, const char *text, double *v) {
    const char *end;
    if (o->word && !strcmp(text, o->word)) {
        *v = 0;
        return 1;
    }
    if (!*text || !parse_decimal(text, v, &end)) return 0;
    if (o->type == TSR_OPTION_SIZE && *end) {
        static const char suffixes[] = "KMGTkmgt";
        const char *suffix = strchr(suffixes, *end++);
        if (!suffix) return 0;
        *v = ldexp(*v, 10 * (int)(1 + (suffix - suffixes) % 4));
    }
    if (o->type != TSR_OPTION_REAL && *v != floor(*v)) return 0;
    return !*end && *v >= o->min && *v <= o->max;
}

static int parse_choice(const tsr_option *o, const char *text, double *v) {
    for (unsigned i = 0; o->choices[i]; i++)
        if (!strcmp(o->choices[i], text)) {
            *v = i;
            return 1;
        }
    return 0;
}

tsr_status tsr_option_value(const tsr_option *o, const char *text, double *v, tsr_diag *d) {
    int ok = 1;
    *v = 0;
    switch (o->type) {
    case TSR_OPTION_INT:
    case TSR_OPTION_REAL:
    case TSR_OPTION_SIZE:
        ok = parse_number(o, text, v);
        break;
    case TSR_OPTION_CHOICE:
        ok = parse_choice(o, text, v);
        break;
    default:
        break;
    }
    return ok ? TSR_OK : bad_value(o, text, d);
}
