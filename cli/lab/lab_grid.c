/* lab_grid.c - finds the transforms and quantizers that the codecs of a report are made of. */
#include <stdlib.h>
#include <string.h>

#include "lab_report.h"

/* The stages of a spec TRANSFORM/QUANTIZER[/ENTROPY]; a label or a peer has no quantizer. */
typedef struct stages {
    const char *transform, *quantizer, *entropy;
} stages;

static int is_word(const char *s, size_t n) {
    if (!n) return 0;
    for (size_t i = 0; i < n; i++)
        if (s[i] == ' ' || s[i] == '/') return 0;
    return 1;
}

/* Splits in place of a copy; transform NULL: not a spec of this form. */
static tsr_status split(tsr_lab_pool *pool, const char *codec, stages *out, tsr_diag *d) {
    const char *a = strchr(codec, '/'), *b = a ? strchr(a + 1, '/') : NULL;
    *out = (stages){0};
    if (!a || (b && strchr(b + 1, '/'))) return TSR_OK;
    size_t n_quantizer = b ? (size_t)(b - a) - 1 : strlen(a + 1);
    if (!is_word(codec, (size_t)(a - codec)) || !is_word(a + 1, n_quantizer)) return TSR_OK;
    out->transform = tsr_lab_pool_copy(pool, codec, (size_t)(a - codec));
    out->quantizer = tsr_lab_pool_copy(pool, a + 1, n_quantizer);
    out->entropy = b ? b + 1 : "";
    return out->transform && out->quantizer ? TSR_OK : tsr_lab_pool_error(d);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t place(const char *const *names, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return i;
    return n;
}

static size_t add_name(const char **names, size_t n, const char *name) {
    if (place(names, n, name) < n) return n;
    names[n] = name;
    return n + 1;
}

/* Quantizers that come with several entropy coders are told apart by them. */
static tsr_status name_columns(tsr_lab_pool *pool, stages *s, size_t n, tsr_diag *d) {
    int several = 0;
    const char *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!s[i].transform) continue;
        if (!first) first = s[i].entropy;
        several |= strcmp(first, s[i].entropy) != 0;
    }
    for (size_t i = 0; i < n && several; i++) {
        if (!s[i].transform) continue;
        s[i].quantizer = tsr_lab_pool_print(pool, "%s/%s", s[i].quantizer, s[i].entropy);
        if (!s[i].quantizer) return tsr_lab_pool_error(d);
    }
    return TSR_OK;
}

static tsr_status fill(tsr_lab *lab, const stages *s, size_t n, tsr_lab_grid *g, tsr_diag *d) {
    g->rows = tsr_lab_pool_alloc(&lab->pool, n, sizeof *g->rows);
    g->columns = tsr_lab_pool_alloc(&lab->pool, n, sizeof *g->columns);
    if (!g->rows || !g->columns) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < n; i++) {
        if (!s[i].transform) continue;
        g->n_rows = add_name(g->rows, g->n_rows, s[i].transform);
        g->n_columns = add_name(g->columns, g->n_columns, s[i].quantizer);
    }
    if (g->n_rows) qsort(g->rows, g->n_rows, sizeof *g->rows, by_text);
    if (g->n_columns) qsort(g->columns, g->n_columns, sizeof *g->columns, by_text);
    size_t cells = g->n_rows * g->n_columns;
    g->codec = tsr_lab_pool_alloc(&lab->pool, cells, sizeof *g->codec);
    if (!g->codec) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < cells; i++) g->codec[i] = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (s[i].transform)
            g->codec[place(g->rows, g->n_rows, s[i].transform) * g->n_columns +
                     place(g->columns, g->n_columns, s[i].quantizer)] = i;
    return TSR_OK;
}

tsr_status tsr_lab_grid_make(tsr_lab *lab, const tsr_lab_names *names, tsr_lab_grid *g,
                             tsr_diag *d) {
    stages *s = tsr_lab_pool_alloc(&lab->pool, names->n_codecs, sizeof *s);
    *g = (tsr_lab_grid){0};
    if (!s) return tsr_lab_pool_error(d);
    tsr_status st = TSR_OK;
    for (size_t i = 0; i < names->n_codecs && !st; i++)
        st = split(&lab->pool, names->codecs[i], &s[i], d);
    if (!st) st = name_columns(&lab->pool, s, names->n_codecs, d);
    if (!st) st = fill(lab, s, names->n_codecs, g, d);
    if (!st && (g->n_rows < 2 || g->n_columns < 2)) g->n_rows = g->n_columns = 0;
    return st;
}
