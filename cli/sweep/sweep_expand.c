/* sweep_expand.c - patterns of specs to the specs they stand for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep_list.h"

#define MAX_WORDS 10000u
#define MAX_TEXT  1024u

void tsr_words_free(tsr_words *l) {
    for (size_t i = 0; i < l->n; i++) {
        free(l->v[i].text);
        free(l->v[i].choice);
    }
    free(l->v);
    *l = (tsr_words){0};
}

tsr_status tsr_words_add(tsr_words *l, const char *text, size_t len, const char *choice,
                         tsr_diag *d) {
    if (l->n == MAX_WORDS)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "more than %u entries", MAX_WORDS);
    tsr_word w = {strndup(text, len), strdup(choice)};
    tsr_word *more = w.text && w.choice ? realloc(l->v, (l->n + 1) * sizeof *more) : NULL;
    if (!more) {
        free(w.text);
        free(w.choice);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a list");
    }
    l->v = more;
    l->v[l->n++] = w;
    return TSR_OK;
}

/* ---------------------------------------------------------------- patterns */

/* A piece of a pattern that stands for several texts: [at, end) of it, the alternatives themselves
 * in `list` (between commas, or a range of numbers). */
typedef struct choice {
    const char *at, *end, *list;
    size_t len;
    int is_range;
} choice;

static tsr_status find_choice(const char *text, choice *c, tsr_diag *d) {
    *c = (choice){0};
    const char *open = strchr(text, '{'), *close = strchr(text, '}');
    if (open && close && open < close) {
        *c = (choice){open, close + 1, open + 1, (size_t)(close - open - 1), 0};
        if (memchr(open + 1, '{', c->len))
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "'%.100s': brackets cannot be nested", text);
        return TSR_OK;
    }
    if (open || close)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%.100s': a bracket is missing",
                            text);
    const char *dots = strstr(text, ".."), *start = dots;
    if (!dots) return TSR_OK;
    while (start > text && start[-1] != '=') start--;
    c->at = c->list = start;
    c->len = strcspn(start, ",/");
    c->end = start + c->len;
    c->is_range = 1;
    return TSR_OK;
}

static tsr_status expand(const char *text, const char *choices, tsr_words *out, tsr_diag *d);

/* The text with one alternative in the place of the choice, expanded further. */
static tsr_status take(const char *text, const choice *c, const char *word, size_t len,
                       const char *choices, tsr_words *out, tsr_diag *d) {
    char next[MAX_TEXT], chosen[MAX_TEXT];
    int n = snprintf(next, sizeof next, "%.*s%.*s%s", (int)(c->at - text), text, (int)len, word,
                     c->end);
    int m =
        snprintf(chosen, sizeof chosen, "%s%s%.*s", choices, *choices ? "," : "", (int)len, word);
    if (n >= (int)sizeof next || m >= (int)sizeof chosen)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%.60s...' is too long", text);
    return expand(next, chosen, out, d);
}

static tsr_status take_numbers(const char *text, const choice *c, const char *choices,
                               tsr_words *out, tsr_diag *d) {
    char item[MAX_TEXT], number[40];
    tsr_numbers l = {0};
    snprintf(item, sizeof item, "%.*s", (int)c->len, c->list);
    tsr_status s = tsr_numbers_parse(item, -1e15, 1e15, &l, d);
    for (size_t i = 0; i < l.n && !s; i++) {
        snprintf(number, sizeof number, "%.9g", l.v[i]);
        s = take(text, c, number, strlen(number), choices, out, d);
    }
    tsr_numbers_free(&l);
    return s;
}

static tsr_status expand(const char *text, const char *choices, tsr_words *out, tsr_diag *d) {
    choice c;
    tsr_status s = find_choice(text, &c, d);
    if (s) return s;
    if (!c.at) return tsr_words_add(out, text, strlen(text), choices, d);
    if (c.is_range) return take_numbers(text, &c, choices, out, d);
    const char *end = c.list + c.len;
    for (const char *word = c.list; word <= end && !s;) {
        const char *comma = memchr(word, ',', (size_t)(end - word));
        size_t len = (size_t)((comma ? comma : end) - word);
        s = take(text, &c, word, len, choices, out, d);
        word += len + 1;
    }
    return s;
}

tsr_status tsr_words_expand(const char *pattern, tsr_words *out, tsr_diag *d) {
    if (strlen(pattern) >= MAX_TEXT)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%.60s...' is too long", pattern);
    return expand(pattern, "", out, d);
}

/* ---------------------------------------------------------------- lists of specs */

/* The length of what comes before the next comma that is not within braces. */
static size_t item_length(const char *text) {
    int depth = 0;
    size_t n = 0;
    for (; text[n] && (text[n] != ',' || depth > 0); n++)
        depth += text[n] == '{' ? 1 : text[n] == '}' ? -1 : 0;
    return n;
}

static int is_continuation(const char *item, size_t len) {
    size_t n = strcspn(item, "=:");
    return n < len && item[n] == '=';
}

tsr_status tsr_words_split_specs(const char *text, tsr_words *out, tsr_diag *d) {
    tsr_status s = TSR_OK;
    while (*text && !s) {
        size_t len = item_length(text);
        while (text[len] == ',' && is_continuation(text + len + 1, item_length(text + len + 1)))
            len += 1 + item_length(text + len + 1);
        if (len) s = tsr_words_add(out, text, len, "", d);
        text += len + (text[len] == ',');
    }
    return s;
}
