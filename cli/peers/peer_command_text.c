/* peer_command_text.c - the text of --peer-cmd: 'NAME=ENCODE ;; DECODE'.
 *
 * A placeholder may carry the suffix its file is to have, {out.heic}; it is taken out here, so that
 * the command lines hold plain {in}, {out} and {q}.
 */
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "peer.h"

#define MAX_NAME 31

static tsr_status wrong(tsr_diag *d, const char *what) {
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "%s; a pair of commands is NAME=ENCODE ;; DECODE", what);
}

static tsr_status no_memory(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a pair of commands");
}

/* A copy of text[0, n) without blanks at its ends. */
static char *trimmed(const char *text, size_t n) {
    while (n && strchr(" \t\n", text[0])) text++, n--;
    while (n && strchr(" \t\n", text[n - 1])) n--;
    return strndup(text, n);
}

static tsr_status parse_name(const char *text, size_t n, char **name, tsr_diag *d) {
    *name = trimmed(text, n);
    if (!*name) return no_memory(d);
    size_t size = strlen(*name);
    size_t good = strspn(*name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (!size || size > MAX_NAME || good != size || **name < 'a' || **name > 'z')
        return wrong(d, "the name is not made of a-z, 0-9, _ and -, or too long");
    return TSR_OK;
}

/* Stores what {in.SUFFIX} said, or complains when it said something else before. */
static tsr_status set_suffix(char **suffix, const char *text, size_t n, tsr_diag *d) {
    if (*suffix && (strlen(*suffix) != n || strncmp(*suffix, text, n)))
        return wrong(d, "one file is given two suffixes");
    if (!*suffix) *suffix = strndup(text, n);
    return *suffix ? TSR_OK : no_memory(d);
}

/* Takes the suffixes of {word.SUFFIX} out of the command line. Sets *found when {word} occurs. */
static tsr_status take_suffixes(char *command, const char *word, char **suffix, int *found,
                                tsr_diag *d) {
    size_t n = strlen(word);
    *found = 0;
    for (char *p = command; (p = strchr(p, '{')); p++) {
        if (strncmp(p + 1, word, n)) continue;
        char *end = p + 1 + n;
        size_t dot = *end == '.';
        size_t length = dot ? strspn(end + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789")
                            : 0;
        if (end[dot + length] != '}' || (dot && !length)) continue;
        *found = 1;
        if (!dot) continue;
        tsr_status st = set_suffix(suffix, end + 1, length, d);
        if (st) return st;
        memmove(end, end + 1 + length, strlen(end + 1 + length) + 1);
    }
    return TSR_OK;
}

static tsr_status take_in_and_out(char *command, char **in, char **out, const char *missing,
                                  tsr_diag *d) {
    int has_in, has_out;
    tsr_status st = take_suffixes(command, "in", in, &has_in, d);
    if (!st) st = take_suffixes(command, "out", out, &has_out, d);
    if (!st && (!has_in || !has_out)) st = wrong(d, missing);
    return st;
}

static tsr_status default_suffix(char **suffix, const char *text, tsr_diag *d) {
    if (!*suffix) *suffix = strdup(text);
    return *suffix ? TSR_OK : no_memory(d);
}

static int is_picture(const char *suffix) {
    tsr_io_format format;
    return tsr_io_format_by_name(suffix, &format) && format != TSR_IO_JPEG;
}

static tsr_status fill_suffixes(tsr_peer_command *c, tsr_diag *d) {
    tsr_status st = default_suffix(&c->suffix, c->name, d);
    if (!st) st = default_suffix(&c->source_suffix, "png", d);
    if (!st) st = default_suffix(&c->decoded_suffix, "png", d);
    if (!st && (!is_picture(c->source_suffix) || !is_picture(c->decoded_suffix)))
        st = wrong(d, "pictures are .png, .ppm, .pgm, .pnm or .pam");
    return st;
}

static tsr_status parse(const char *text, tsr_peer_command *c, tsr_diag *d) {
    const char *eq = strchr(text, '='), *split = strstr(text, ";;");
    if (!eq || (split && split < eq)) return wrong(d, "there is no NAME= before the commands");
    if (!split) return wrong(d, "there is no ';;' between the two commands");
    if (strstr(split + 2, ";;")) return wrong(d, "there is more than one ';;'");
    tsr_status st = parse_name(text, (size_t)(eq - text), &c->name, d);
    if (st) return st;
    c->encode = trimmed(eq + 1, (size_t)(split - eq - 1));
    c->decode = trimmed(split + 2, strlen(split + 2));
    if (!c->encode || !c->decode) return no_memory(d);
    st = take_in_and_out(c->encode, &c->source_suffix, &c->suffix,
                         "the encoder's command lacks {in} or {out}", d);
    if (!st)
        st = take_in_and_out(c->decode, &c->suffix, &c->decoded_suffix,
                             "the decoder's command lacks {in} or {out}", d);
    return st ? st : fill_suffixes(c, d);
}

tsr_status tsr_peer_command_parse(const char *text, tsr_peer_command *c, tsr_diag *d) {
    *c = (tsr_peer_command){0};
    tsr_status st = parse(text, c, d);
    if (st) tsr_peer_command_free(c);
    return st;
}

void tsr_peer_command_free(tsr_peer_command *c) {
    free(c->name);
    free(c->encode);
    free(c->decode);
    free(c->suffix);
    free(c->source_suffix);
    free(c->decoded_suffix);
    *c = (tsr_peer_command){0};
}
