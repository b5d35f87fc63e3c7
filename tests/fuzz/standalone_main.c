/* standalone_main.c - drives a fuzz target without libFuzzer.
 *
 *     fuzz_x [--runs N] [--seed S] [--last FILE] PATH...
 *
 * Tries every file (of every folder) as it is, then N random mutations of them. Run i depends on S,
 * i and the files only. --last keeps the input being tried in FILE, so that it is there after a
 * crash.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { MAX_FILE = 1 << 20, MAX_INSERT = 64 };

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

typedef struct session {
    bytes *seeds;
    size_t n;
    unsigned long runs, seed;
    int last; /* descriptor, or -1 */
} session;

static int fail(const char *what, const char *name) {
    fprintf(stderr, "%s: %s\n", what, name);
    return 2;
}

/* ---------------------------------------------------------------- inputs */

static int add_file(session *s, const char *path) {
    FILE *f = fopen(path, "rb");
    bytes *grown = realloc(s->seeds, (s->n + 1) * sizeof *grown);
    uint8_t *data = malloc(MAX_FILE);
    if (grown) s->seeds = grown;
    if (!f || !grown || !data) {
        if (f) fclose(f);
        free(data);
        return fail("cannot read", path);
    }
    size_t size = fread(data, 1, MAX_FILE, f);
    fclose(f);
    s->seeds[s->n++] = (bytes){data, size};
    return 0;
}

static int is_regular(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode);
}

/* Files of a folder in name order, or one file. */
static int add_path(session *s, const char *path) {
    struct dirent **entry = NULL;
    int n = scandir(path, &entry, NULL, alphasort), rc = 0;
    if (n < 0) return add_file(s, path);
    for (int i = 0; i < n; i++) {
        char name[4096];
        int length = snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
        if (!rc && length > 0 && (size_t)length < sizeof name && is_regular(name))
            rc = add_file(s, name);
        free(entry[i]);
    }
    free(entry);
    return rc;
}

/* ---------------------------------------------------------------- mutations */

/* splitmix64 (Steele, Lea, Flood 2014): any state gives a good next number. */
static uint64_t next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n) {
    return n ? (size_t)(next(state) % n) : 0;
}

/* Replaces [at, at + gone) by n bytes; there is always room for MAX_INSERT more. */
static void splice(bytes *b, size_t at, size_t gone, const uint8_t *in, size_t n) {
    memmove(b->data + at + n, b->data + at + gone, b->size - at - gone);
    memcpy(b->data + at, in, n);
    b->size = b->size - gone + n;
}

/* A number that tends to sit on a boundary, at a random width and byte order. */
static void plant_number(bytes *b, uint64_t *r) {
    static const uint32_t edge[] = {0,      1,      0x7f,   0x80,       0xff,       0x100,
                                    0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
    uint32_t v = edge[below(r, sizeof edge / sizeof edge[0])];
    size_t width = (size_t)1 << below(r, 3), at = below(r, b->size);
    int big = (int)below(r, 2);
    for (size_t i = 0; i < width && at + i < b->size; i++)
        b->data[at + i] = (uint8_t)(v >> 8 * (big ? width - 1 - i : i));
}

static void mutate_once(const session *s, bytes *b, uint64_t *r) {
    uint8_t noise[MAX_INSERT];
    size_t at = below(r, b->size), n = below(r, MAX_INSERT);
    size_t rest = b->size - at < n ? b->size - at : n;
    const bytes *other = s->n ? &s->seeds[below(r, s->n)] : b;
    for (size_t i = 0; i < n; i++) noise[i] = (uint8_t)next(r);
    switch (below(r, 8)) {
    case 0:
        splice(b, at, 0, noise, n);
        break;
    case 1:
        splice(b, at, rest, noise, 0);
        break;
    case 2:
        splice(b, at, rest, noise, rest);
        break;
    case 3:
        b->size = at;
        break;
    case 4:
        if (other->size > n) splice(b, at, rest, other->data + below(r, other->size - n), rest);
        break;
    case 5:
        plant_number(b, r);
        break;
    default:
        if (b->size) b->data[at] ^= (uint8_t)(1 << below(r, 8));
    }
}

/* ---------------------------------------------------------------- runs */

/* From a copy of exactly that size, so that a sanitizer sees every byte read beyond. */
static int try_input(const session *s, const uint8_t *data, size_t size) {
    if (s->last >= 0 && (ftruncate(s->last, 0) || pwrite(s->last, data, size, 0) != (ssize_t)size))
        return fail("cannot write", "--last");
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) return fail("no memory for", "an input");
    if (size) memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 0;
}

static int run_all(const session *s) {
    bytes b = {malloc(MAX_FILE + 16 * MAX_INSERT), 0};
    int rc = b.data ? 0 : fail("no memory for", "an input");
    for (size_t i = 0; i < s->n && !rc; i++) rc = try_input(s, s->seeds[i].data, s->seeds[i].size);
    for (unsigned long i = 0; i < s->runs && !rc; i++) {
        uint64_t r = (uint64_t)s->seed << 32 ^ i;
        const bytes *from = s->n ? &s->seeds[below(&r, s->n)] : NULL;
        b.size = from ? from->size : 0;
        if (b.size) memcpy(b.data, from->data, b.size);
        for (size_t k = 1 + below(&r, 8); k; k--) mutate_once(s, &b, &r);
        rc = try_input(s, b.data, b.size);
    }
    free(b.data);
    return rc;
}

static int parse(session *s, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        int option = !strncmp(argv[i], "--", 2), rc = 0;
        if (option && !value) return fail("a value is missing for", argv[i]);
        if (!strcmp(argv[i], "--runs"))
            s->runs = strtoul(value, NULL, 10);
        else if (!strcmp(argv[i], "--seed"))
            s->seed = strtoul(value, NULL, 10);
        else if (!strcmp(argv[i], "--last"))
            rc = (s->last = open(value, O_WRONLY | O_CREAT, 0666)) < 0 ? fail("cannot write", value)
                                                                       : 0;
        else
            rc = option ? fail("unknown option", argv[i]) : add_path(s, argv[i]);
        if (rc) return rc;
        i += option;
    }
    return 0;
}

int main(int argc, char **argv) {
    session s = {.last = -1};
    int rc = parse(&s, argc, argv);
    if (!rc) rc = run_all(&s);
    if (!rc) printf("%zu files, %lu mutations, seed %lu: no failure\n", s.n, s.runs, s.seed);
    for (size_t i = 0; i < s.n; i++) free(s.seeds[i].data);
    free(s.seeds);
    if (s.last >= 0) close(s.last);
    return rc;
}
