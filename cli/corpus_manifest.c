/* corpus_manifest.c - reads the table of pictures: one file a line, columns separated by one tab,
 * lines that begin with '#' and empty lines left out. Nothing in it is trusted: names become paths.
 */
#include "corpus_manifest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tessera.h>

#include "io.h"

enum { COLUMNS = 7, MAX_BYTES = 1 << 24 };
static const char *const column_names[COLUMNS] = {"name",    "location", "bytes",      "SHA-256",
                                                  "licence", "source",   "attribution"};

static tsr_status bad(tsr_diag *d, unsigned line, int column, const char *why) {
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "line %u, %s: %s", line,
                        column_names[column], why);
}

/* Letters, digits and ._+- in components that are not empty and do not begin with a dot. */
static int is_safe_path(const char *s) {
    char before = '/';
    for (; *s; before = *s++) {
        int starts = before == '/';
        if (starts && (*s == '/' || *s == '.')) return 0;
        if (!isalnum((unsigned char)*s) && !strchr("/._+-", *s)) return 0;
    }
    return before != '/';
}

static int starts_with(const char *s, const char *start) {
    return !strncmp(s, start, strlen(start));
}

static int is_url(const char *s) {
    return starts_with(s, "https://") || starts_with(s, "http://") || starts_with(s, "file://");
}

static int is_printable(const char *s) {
    for (; *s; s++)
        if (iscntrl((unsigned char)*s)) return 0;
    return 1;
}

static int read_bytes(const char *s, uint64_t *out) {
    if (!isdigit((unsigned char)*s) || strlen(s) > 15) return 0;
    char *end;
    *out = strtoull(s, &end, 10);
    return !*end && *out > 0;
}

static tsr_status read_line(char *line, unsigned number, tsr_corpus_file *f, tsr_diag *d) {
    char *column[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = strsep(&line, "\t");
        if (!column[i] || !*column[i]) return bad(d, number, i, "missing");
        if (!is_printable(column[i])) return bad(d, number, i, "control characters");
    }
    if (line) return bad(d, number, COLUMNS - 1, "more columns after it");
    *f = (tsr_corpus_file){.name = column[0],
                           .location = column[1],
                           .sha256 = column[3],
                           .licence = column[4],
                           .source = column[5],
                           .attribution = column[6]};
    if (!is_safe_path(f->name) || !strchr(f->name, '/'))
        return bad(d, number, 0, "not of the form SET/FILE");
    if (!is_url(f->location) && !is_safe_path(f->location))
        return bad(d, number, 1,
                   "neither a URL (http, https, file) nor a path beside the manifest");
    if (!read_bytes(column[2], &f->bytes)) return bad(d, number, 2, "not a positive whole number");
    if (strlen(f->sha256) != 64 || strspn(f->sha256, "0123456789abcdef") != 64)
        return bad(d, number, 3, "not 64 lower-case hexadecimal digits");
    return TSR_OK;
}

static int has_name(const tsr_manifest *m, const char *name) {
    for (size_t i = 0; i < m->n; i++)
        if (!strcmp(m->files[i].name, name)) return 1;
    return 0;
}

static tsr_status read_lines(tsr_manifest *m, tsr_diag *d) {
    char *rest = m->text, *line;
    for (unsigned number = 1; (line = strsep(&rest, "\n")); number++) {
        if (!*line || *line == '#') continue;
        tsr_corpus_file f;
        tsr_status s = read_line(line, number, &f, d);
        if (s) return s;
        if (has_name(m, f.name)) return bad(d, number, 0, "a second time");
        m->files[m->n++] = f;
    }
    return TSR_OK;
}

static size_t count_lines(const char *text, size_t size) {
    size_t n = 1;
    for (size_t i = 0; i < size; i++) n += text[i] == '\n';
    return n;
}

tsr_status tsr_manifest_parse(const char *text, size_t size, const char *folder, tsr_manifest *m,
                              tsr_diag *d) {
    *m = (tsr_manifest){.folder = strdup(folder),
                        .text = malloc(size + 1),
                        .files = calloc(count_lines(text, size), sizeof *m->files)};
    tsr_status s = TSR_OK;
    if (!m->folder || !m->text || !m->files) {
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the manifest");
    } else if (size && memchr(text, 0, size)) {
        s = tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "not a text file");
    } else {
        if (size) memcpy(m->text, text, size);
        m->text[size] = 0;
        s = read_lines(m, d);
    }
    if (s) tsr_manifest_free(m);
    return s;
}

tsr_status tsr_manifest_read(const char *path, tsr_manifest *m, tsr_diag *d) {
    *m = (tsr_manifest){0};
    tsr_blob file;
    tsr_status s = tsr_read_file(path, MAX_BYTES, &file, d);
    if (s) return s;
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash > path ? (size_t)(slash - path) : 1) : strdup(".");
    if (folder)
        s = tsr_manifest_parse(file.data ? (const char *)file.data : "", file.size, folder, m, d);
    else
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the manifest");
    free(folder);
    tsr_blob_free(&file);
    return s;
}

void tsr_manifest_free(tsr_manifest *m) {
    free(m->folder);
    free(m->text);
    free(m->files);
    *m = (tsr_manifest){0};
}

int tsr_corpus_matches(const tsr_corpus_file *f, const char *name) {
    size_t n = strlen(name);
    return n && starts_with(f->name, name) && (!f->name[n] || f->name[n] == '/');
}

const char *tsr_manifest_nearest(const tsr_manifest *m, const char *word, char *buf, size_t size) {
    int of_sets = !strchr(word, '/');
    *buf = 0;
    for (size_t i = 0; i < m->n; i++) {
        char next[256];
        const char *name = m->files[i].name, *near;
        snprintf(next, sizeof next, "%.*s", (int)strcspn(name, of_sets ? "/" : ""), name);
        near = tsr_nearest_name(word, (const char *const[]){*buf ? buf : next, next}, 2);
        if (near == next) snprintf(buf, size, "%s", next);
    }
    return *buf ? buf : NULL;
}

int tsr_corpus_is_shipped(const tsr_corpus_file *f) {
    return !is_url(f->location);
}
