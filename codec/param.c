/* param.c - parameter values: defaults, parsing, printing, legality. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

static uint32_t choice_count(const tsr_param *p) {
    uint32_t n = 0;
    while (p->choices && p->choices[n]) n++;
    return n;
}

tsr_value tsr_param_default(const tsr_param *p) {
    tsr_value v = {0};
    if (p->type == TSR_PARAM_REAL)
        v.r = p->def;
    else
        v.i = (int64_t)p->def;
    return v;
}

int tsr_param_legal(const tsr_param *p, tsr_value v) {
    switch (p->type) {
    case TSR_PARAM_INT:
        return (double)v.i >= p->min && (double)v.i <= p->max;
    case TSR_PARAM_REAL:
        return v.r >= p->min && v.r <= p->max;
    case TSR_PARAM_CHOICE:
        return v.i >= 0 && v.i < (int64_t)choice_count(p);
    case TSR_PARAM_BOOL:
        return v.i == 0 || v.i == 1;
    default:
        return 0;
    }
}

tsr_value tsr_param_coded(const tsr_param *p, tsr_value v) {
    if (p->type != TSR_PARAM_REAL) return v;
    double code = floor(v.r * 65536.0 + 0.5);
    if (code > p->max * 65536.0) code = floor(p->max * 65536.0);
    if (code < p->min * 65536.0) code = ceil(p->min * 65536.0);
    v.r = code / 65536.0;
    return v;
}

static tsr_status bad_choice(const tsr_param *p, const char *text, tsr_diag *d) {
    char all[200] = "";
    uint32_t n = choice_count(p);
    for (uint32_t i = 0; i < n; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", p->choices[i]);
    const char *near = tsr_nearest_name(text, p->choices, n);
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%s=%s is not legal: one of %s%s%s%s",
                        p->name, text, all, near ? " (did you mean " : "", near ? near : "",
                        near ? "?)" : "");
}

static tsr_status parse_choice(const tsr_param *p, const char *text, tsr_value *v, tsr_diag *d) {
    for (uint32_t i = 0; i < choice_count(p); i++)
        if (!strcmp(text, p->choices[i])) {
            v->i = i;
            return TSR_OK;
        }
    return bad_choice(p, text, d);
}

static tsr_status parse_bool(const tsr_param *p, const char *text, tsr_value *v, tsr_diag *d) {
    static const char *const yes[] = {"on", "1", "yes", "true"}, *const no[] = {"off", "0", "no",
                                                                                "false"};
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(text, yes[i]) || !strcmp(text, no[i])) {
            v->i = !strcmp(text, yes[i]);
            return TSR_OK;
        }
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%s=%s is not legal: on or off",
                        p->name, text);
}

/* Numbers look the same whatever language the program speaks: `=0.5`, never `=0,5`. */
typedef struct number_locale {
    locale_t own, before;
} number_locale;

static number_locale numbers_begin(void) {
    number_locale l = {.own = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0)};
    if (l.own) l.before = uselocale(l.own);
    return l;
}

static void numbers_end(number_locale l) {
    if (!l.own) return;
    uselocale(l.before);
    freelocale(l.own);
}

static double read_real(const char *text, char **end) {
    number_locale l = numbers_begin();
    double v = strtod(text, end);
    numbers_end(l);
    return v;
}

static void print_real(double v, char *out, size_t size) {
    number_locale l = numbers_begin();
    snprintf(out, size, "%.9g", v);
    numbers_end(l);
}

static tsr_status parse_number(const tsr_param *p, const char *text, tsr_value *v, tsr_diag *d) {
    char *end = NULL;
    errno = 0;
    if (p->type == TSR_PARAM_INT)
        v->i = strtoll(text, &end, 10);
    else
        v->r = read_real(text, &end);
    if (errno || end == text || *end || !tsr_param_legal(p, *v))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "%s=%s is not legal: %s from %g to %g%s%s", p->name, text,
                            p->type == TSR_PARAM_INT ? "whole number" : "number", p->min, p->max,
                            *p->unit ? " " : "", p->unit);
    return TSR_OK;
}

tsr_status tsr_param_parse(const tsr_param *p, const char *text, tsr_value *v, tsr_diag *d) {
    tsr_status s = p->type == TSR_PARAM_CHOICE ? parse_choice(p, text, v, d)
                   : p->type == TSR_PARAM_BOOL ? parse_bool(p, text, v, d)
                                               : parse_number(p, text, v, d);
    if (!s) *v = tsr_param_coded(p, *v);
    return s;
}

void tsr_param_print(const tsr_param *p, tsr_value v, char *out, size_t size) {
    switch (p->type) {
    case TSR_PARAM_REAL:
        print_real(v.r, out, size);
        break;
    case TSR_PARAM_CHOICE:
        snprintf(out, size, "%s", p->choices[v.i]);
        break;
    case TSR_PARAM_BOOL:
        snprintf(out, size, "%s", v.i ? "on" : "off");
        break;
    default:
        snprintf(out, size, "%lld", (long long)v.i);
    }
}
