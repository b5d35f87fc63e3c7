/* json_read.c - recursive descent over a JSON text (RFC 8259), with limits on depth and size. */
#include "json_read.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    tsr_lab_pool *pool;
    const char *start, *at, *end;
    unsigned depth, nodes;
    tsr_diag *d;
} reader;

static tsr_status bad(reader *r, const char *why) {
    return tsr_diag_set(r->d, TSR_ERR_FORMAT, (uint64_t)(r->at - r->start), "JSON: %s", why);
}

static void skip_space(reader *r) {
    while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) r->at++;
}

static int take(reader *r, char c) {
    skip_space(r);
    if (r->at == r->end || *r->at != c) return 0;
    r->at++;
    return 1;
}

static int take_word(reader *r, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n)) return 0;
    r->at += n;
    return 1;
}

/* ---------------------------------------------------------------- strings */

static int hex4(reader *r, unsigned *v) {
    *v = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at == r->end || !isxdigit((unsigned char)*r->at)) return 0;
        unsigned c = (unsigned)tolower((unsigned char)*r->at);
        *v = *v << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return 1;
}

static char *put_utf8(char *to, unsigned v) {
    if (v < 0x80) {
        *to++ = (char)v;
    } else if (v < 0x800) {
        *to++ = (char)(0xc0 | v >> 6);
        *to++ = (char)(0x80 | (v & 63));
    } else if (v < 0x10000) {
        *to++ = (char)(0xe0 | v >> 12);
        *to++ = (char)(0x80 | (v >> 6 & 63));
        *to++ = (char)(0x80 | (v & 63));
    } else {
        *to++ = (char)(0xf0 | v >> 18);
        *to++ = (char)(0x80 | (v >> 12 & 63));
        *to++ = (char)(0x80 | (v >> 6 & 63));
        *to++ = (char)(0x80 | (v & 63));
    }
    return to;
}

/* \uXXXX, or two of them for a character beyond the basic plane; a lone surrogate is U+FFFD. */
static int unicode_escape(reader *r, unsigned *v) {
    unsigned low;
    if (!hex4(r, v)) return 0;
    if (*v >= 0xd800 && *v < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        if (!hex4(r, &low)) return 0;
        *v = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((*v - 0xd800) << 10) + (low - 0xdc00)
                                           : 0xfffd;
    }
    if (*v >= 0xd800 && *v < 0xe000) *v = 0xfffd;
    return 1;
}

static int escape(reader *r, char **to) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    unsigned v;
    if (r->at == r->end) return 0;
    char c = *r->at++;
    const char *p = c ? strchr(from, c) : NULL;
    if (p) {
        *(*to)++ = into[p - from];
        return 1;
    }
    if (c != 'u' || !unicode_escape(r, &v)) return 0;
    *to = put_utf8(*to, v);
    return 1;
}

/* r->at is behind the opening quote. An escape is never shorter than what it stands for. */
static tsr_status take_string(reader *r, const char **out) {
    const char *close = r->at;
    while (close < r->end && *close != '"') close += *close == '\\' && close + 1 < r->end ? 2 : 1;
    if (close >= r->end) return bad(r, "the text ends within a string");
    char *text = tsr_lab_pool_alloc(r->pool, (size_t)(close - r->at) + 1, 1), *to = text;
    if (!text) return tsr_lab_pool_error(r->d);
    while (r->at < close) {
        if ((unsigned char)*r->at < 0x20) return bad(r, "a control character within a string");
        if (*r->at != '\\')
            *to++ = *r->at++;
        else if (r->at++, !escape(r, &to))
            return bad(r, "an escape that is not legal");
    }
    r->at = close + 1;
    *out = text;
    return TSR_OK;
}

/* ---------------------------------------------------------------- values */

static tsr_status take_value(reader *r, tsr_json_node **out);

static tsr_status take_number(reader *r, tsr_json_node *n) {
    char *end;
    n->kind = TSR_JSON_NUMBER;
    if (take_word(r, "NaN")) return n->number = NAN, TSR_OK;
    if (take_word(r, "Infinity")) return n->number = INFINITY, TSR_OK;
    if (take_word(r, "-Infinity")) return n->number = -INFINITY, TSR_OK;
    size_t len = strspn(r->at, "+-0123456789.eE");
    n->number = strtod(r->at, &end);
    if (!len || end != r->at + len || !strchr("-0123456789", *r->at))
        return bad(r, "neither a value nor a number");
    r->at = end;
    return TSR_OK;
}

/* The members of an array or object, r->at behind what opened it. */
static tsr_status take_members(reader *r, tsr_json_node *n, char close) {
    tsr_json_node **link = &n->first;
    if (++r->depth > TSR_JSON_READ_DEPTH) return bad(r, "nested too deeply");
    if (!take(r, close)) {
        do {
            const char *key = NULL;
            if (close == '}') {
                if (!take(r, '"')) return bad(r, "a member has no name");
                tsr_status s = take_string(r, &key);
                if (s) return s;
                if (!take(r, ':')) return bad(r, "a member has no value");
            }
            tsr_status s = take_value(r, link);
            if (s) return s;
            (*link)->key = key;
            link = &(*link)->next;
        } while (take(r, ','));
        if (!take(r, close)) return bad(r, "an array or object is not closed");
    }
    r->depth--;
    return TSR_OK;
}

static tsr_status take_value(reader *r, tsr_json_node **out) {
    tsr_json_node *n = *out = tsr_lab_pool_alloc(r->pool, 1, sizeof *n);
    if (!n) return tsr_lab_pool_error(r->d);
    if (++r->nodes > TSR_JSON_READ_NODES) return bad(r, "too many values");
    skip_space(r);
    if (take_word(r, "null")) return TSR_OK;
    n->kind = TSR_JSON_BOOL;
    if (take_word(r, "false")) return TSR_OK;
    n->number = 1;
    if (take_word(r, "true")) return TSR_OK;
    n->kind = TSR_JSON_STRING;
    if (take(r, '"')) return take_string(r, &n->text);
    n->kind = TSR_JSON_ARRAY;
    if (take(r, '[')) return take_members(r, n, ']');
    n->kind = TSR_JSON_OBJECT;
    if (take(r, '{')) return take_members(r, n, '}');
    return take_number(r, n);
}

tsr_status tsr_json_parse(tsr_lab_pool *pool, const char *text, size_t size, tsr_json_node **out,
                          tsr_diag *d) {
    reader r = {.pool = pool, .start = text, .at = text, .end = text + size, .d = d};
    tsr_status s = take_value(&r, out);
    skip_space(&r);
    if (!s && r.at < r.end) s = bad(&r, "more text behind the value");
    return s;
}

const tsr_json_node *tsr_json_member(const tsr_json_node *node, const char *key) {
    if (!node || node->kind != TSR_JSON_OBJECT) return NULL;
    for (const tsr_json_node *n = node->first; n; n = n->next)
        if (!strcmp(n->key, key)) return n;
    return NULL;
}

const char *tsr_json_member_text(const tsr_json_node *node, const char *key) {
    const tsr_json_node *n = tsr_json_member(node, key);
    return n && n->kind == TSR_JSON_STRING ? n->text : NULL;
}
