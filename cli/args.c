/* args.c - the arguments of a command: parsing by option tables, and access to what was parsed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option_value.h"

typedef struct given {
    const tsr_option *option;
    const char *text; /* NULL for a flag */
    double value;
} given;

struct tsr_args {
    const tsr_option *const *tables;
    unsigned n_given, n_operands;
    given *given; /* in the order of the command line */
    const char **operands;
};

/* ---------------------------------------------------------------- parsing */

typedef struct parser {
    tsr_args *a;
    int argc, at; /* the next argument */
    char *const *argv;
    tsr_diag *d;
} parser;

static tsr_status unknown_option(parser *p, const char *dashes, const char *name, size_t len) {
    char copy[64], option[72], hint[TSR_HINT_SIZE];
    snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : sizeof copy - 1), name);
    const char *near = len > 1 ? tsr_option_nearest(p->a->tables, copy) : NULL;
    if (near) snprintf(option, sizeof option, "--%s", near);
    return tsr_diag_set(p->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "unknown option '%s%s'%s", dashes,
                        copy, tsr_hint(near ? option : NULL, hint));
}

static tsr_status missing_argument(parser *p, const tsr_option *o) {
    char range[256];
    tsr_option_range(o, range, sizeof range);
    return tsr_diag_set(p->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "option '--%s' needs %s%s%s",
                        o->name, o->arg, *range ? ": " : "", range);
}

static tsr_status add_given(parser *p, const tsr_option *o, const char *text) {
    given *g = &p->a->given[p->a->n_given++];
    *g = (given){.option = o, .text = text};
    return text ? tsr_option_value(o, text, &g->value, p->d) : TSR_OK;
}

/* An option with its argument, which is attached (not NULL) or comes next. */
static tsr_status take_argument(parser *p, const tsr_option *o, const char *attached) {
    if (attached) return add_given(p, o, attached);
    if (p->at == p->argc) return missing_argument(p, o);
    return add_given(p, o, p->argv[p->at++]);
}

static tsr_status parse_long(parser *p, const char *arg) {
    const char *eq = strchr(arg, '=');
    size_t len = eq ? (size_t)(eq - arg) : strlen(arg);
    char name[64];
    if (len >= sizeof name) return unknown_option(p, "--", arg, len);
    memcpy(name, arg, len);
    name[len] = 0;
    const tsr_option *o = tsr_option_find(p->a->tables, name);
    if (!o) return unknown_option(p, "--", arg, len);
    if (o->type != TSR_OPTION_FLAG) return take_argument(p, o, eq ? eq + 1 : NULL);
    if (eq)
        return tsr_diag_set(p->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "option '--%s' takes no argument", name);
    return add_given(p, o, NULL);
}

/* A bundle of letters; the first that takes an argument takes the rest. */
static tsr_status parse_short(parser *p, const char *letters) {
    const char *whole = letters;
    for (; *letters; letters++) {
        const tsr_option *o = tsr_option_find_letter(p->a->tables, *letters);
        if (!o)
            return letters == whole ? unknown_option(p, "-", whole, strlen(whole))
                                    : unknown_option(p, "-", letters, 1);
        if (o->type != TSR_OPTION_FLAG) return take_argument(p, o, letters[1] ? letters + 1 : NULL);
        tsr_status s = add_given(p, o, NULL);
        if (s) return s;
    }
    return TSR_OK;
}

static tsr_status parse_all(parser *p) {
    tsr_status s = TSR_OK;
    int only_operands = 0;
    while (p->at < p->argc && !s) {
        const char *arg = p->argv[p->at++];
        if (only_operands || arg[0] != '-' || !arg[1])
            p->a->operands[p->a->n_operands++] = arg;
        else if (!strcmp(arg, "--"))
            only_operands = 1;
        else
            s = arg[1] == '-' ? parse_long(p, arg + 2) : parse_short(p, arg + 1);
    }
    return s;
}

static tsr_status check_exclusive(const tsr_args *a, tsr_diag *d) {
    for (unsigned i = 0; i < a->n_given; i++)
        for (unsigned k = i + 1; k < a->n_given; k++) {
            const tsr_option *x = a->given[i].option, *y = a->given[k].option;
            if (x != y && x->exclusive && x->exclusive == y->exclusive)
                return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                    "--%s and --%s exclude each other", x->name, y->name);
        }
    return TSR_OK;
}

tsr_status tsr_args_parse(tsr_args **out, const tsr_option *const *tables, int argc,
                          char *const *argv, tsr_diag *d) {
    /* An argument makes at most one operand, and at most as many options as it has letters. */
    size_t letters = 1;
    for (int i = 0; i < argc; i++) letters += strlen(argv[i]);
    *out = NULL;
    tsr_args *a = calloc(1, sizeof *a);
    if (a) {
        a->tables = tables;
        a->given = calloc(letters, sizeof *a->given);
        a->operands = calloc((size_t)argc + 1, sizeof *a->operands);
    }
    tsr_status s = TSR_OK;
    if (!a || !a->given || !a->operands)
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the arguments");
    if (!s) s = parse_all(&(parser){.a = a, .argc = argc, .argv = argv, .d = d});
    if (!s) s = check_exclusive(a, d);
    if (s)
        tsr_args_free(a);
    else
        *out = a;
    return s;
}

void tsr_args_free(tsr_args *a) {
    if (!a) return;
    free(a->given);
    free(a->operands);
    free(a);
}

/* ---------------------------------------------------------------- access */

static const given *find_last(const tsr_args *a, const char *name) {
    assert(tsr_option_find(a->tables, name));
    for (unsigned i = a->n_given; i-- > 0;)
        if (!strcmp(a->given[i].option->name, name)) return &a->given[i];
    return NULL;
}

int tsr_args_has(const tsr_args *a, const char *name) {
    return find_last(a, name) != NULL;
}

const char *tsr_args_text(const tsr_args *a, const char *name) {
    const given *g = find_last(a, name);
    return g ? g->text : tsr_option_find(a->tables, name)->def;
}

double tsr_args_real(const tsr_args *a, const char *name) {
    const given *g = find_last(a, name);
    if (g) return g->value;
    const tsr_option *o = tsr_option_find(a->tables, name);
    double v = 0;
    tsr_status s = o->def ? tsr_option_value(o, o->def, &v, NULL) : TSR_OK;
    assert(!s);
    return s ? 0 : v;
}

int64_t tsr_args_int(const tsr_args *a, const char *name) {
    return (int64_t)tsr_args_real(a, name);
}

const char *tsr_args_text_at(const tsr_args *a, const char *name, unsigned i) {
    assert(tsr_option_find(a->tables, name));
    for (unsigned k = 0; k < a->n_given; k++)
        if (!strcmp(a->given[k].option->name, name) && i-- == 0) return a->given[k].text;
    return NULL;
}

unsigned tsr_args_operands(const tsr_args *a) {
    return a->n_operands;
}

const char *tsr_args_operand(const tsr_args *a, unsigned i) {
    return i < a->n_operands ? a->operands[i] : NULL;
}
