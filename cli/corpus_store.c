/* corpus_store.c - finds the manifest and the folder of downloads, and checks files against
 * SHA-256. */
#include "corpus_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tessera/sha256.h>

static const char *find_manifest(const char *given) {
    static const char *const places[] = {TSR_CORPUS_INSTALLED "/manifest",
                                         TSR_CORPUS_SOURCE "/manifest"};
    if (given) return given;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!access(places[i], R_OK)) return places[i];
    return NULL;
}

static int find_dir(const char *given, char dir[PATH_MAX]) {
    const char *corpus = getenv("TESSERA_CORPUS"), *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME"), *base = given, *below = "";
    if (!base && corpus && *corpus) base = corpus;
    if (!base && data && *data == '/') {
        base = data;
        below = "/tessera/corpus";
    }
    if (!base && home && *home) {
        base = home;
        below = "/.local/share/tessera/corpus";
    }
    if (!base || !*base) return 0;
    int n = snprintf(dir, PATH_MAX, "%s%s", base, below);
    return n > 0 && n < PATH_MAX;
}

int tsr_store_open(tsr_store *s, tsr_cli *cli, const char *manifest, const char *dir) {
    memset(s, 0, sizeof *s);
    if (!find_dir(dir, s->dir))
        return tsr_cli_error(NULL, TSR_ERR_ARGUMENT,
                             "no folder for the corpus: give --dir DIR or set TESSERA_CORPUS");
    const char *path = find_manifest(manifest);
    if (!path)
        return tsr_cli_error(NULL, TSR_ERR_IO,
                             "the corpus manifest is neither in %s nor in %s: give --manifest FILE",
                             TSR_CORPUS_INSTALLED, TSR_CORPUS_SOURCE);
    tsr_status st = tsr_manifest_read(path, &s->manifest, &cli->diag);
    return st ? tsr_cli_fail(cli, path, st) : TSR_EXIT_OK;
}

void tsr_store_close(tsr_store *s) {
    tsr_manifest_free(&s->manifest);
}

tsr_status tsr_store_path(const tsr_store *s, const tsr_corpus_file *f, char path[PATH_MAX],
                          tsr_diag *d) {
    int shipped = tsr_corpus_is_shipped(f);
    int n = snprintf(path, PATH_MAX, "%s/%s", shipped ? s->manifest.folder : s->dir,
                     shipped ? f->location : f->name);
    /* room for the suffix of a download in progress */
    if (n < 0 || n + 8 >= PATH_MAX)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "the path of %s is too long",
                            f->name);
    return TSR_OK;
}

tsr_file_state tsr_store_peek(const tsr_store *s, const tsr_corpus_file *f) {
    char path[PATH_MAX];
    struct stat st;
    if (tsr_store_path(s, f, path, NULL)) return TSR_FILE_ABSENT;
    if (!stat(path, &st))
        return (uint64_t)st.st_size == f->bytes ? TSR_FILE_RIGHT : TSR_FILE_WRONG_SIZE;
    strcat(path, ".part");
    return stat(path, &st) ? TSR_FILE_ABSENT : TSR_FILE_PARTIAL;
}

static tsr_status hash_stream(tsr_cli *cli, FILE *f, const tsr_corpus_file *file, char hash[65]) {
    static const size_t piece = 1 << 20;
    uint8_t digest[TSR_SHA256_BYTES], *buf = malloc(piece);
    if (!buf) return tsr_diag_set(&cli->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
    tsr_sha256 s;
    tsr_status st = TSR_OK;
    tsr_sha256_init(&s);
    for (size_t n; !st && (n = fread(buf, 1, piece, f)) > 0;) {
        tsr_sha256_update(&s, buf, n);
        tsr_progress_update(&cli->progress, file->name, (double)s.bytes / (double)file->bytes);
        if (tsr_cli_interrupted())
            st = tsr_diag_set(&cli->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "interrupted");
    }
    if (!st && ferror(f))
        st =
            tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET, "cannot read: %s", strerror(errno));
    tsr_sha256_final(&s, digest);
    tsr_sha256_hex(digest, hash);
    free(buf);
    return st;
}

tsr_status tsr_file_check(tsr_cli *cli, const char *path, const tsr_corpus_file *file,
                          tsr_file_state *state, char hash[65]) {
    struct stat st;
    *state = TSR_FILE_ABSENT;
    FILE *f = fopen(path, "rb");
    if (!f && (errno == ENOENT || errno == ENOTDIR)) return TSR_OK;
    if (!f || fstat(fileno(f), &st)) {
        tsr_status bad =
            tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET, "cannot open: %s", strerror(errno));
        if (f) fclose(f);
        return bad;
    }
    tsr_status s = TSR_OK;
    *state = TSR_FILE_WRONG_SIZE;
    if ((uint64_t)st.st_size == file->bytes) {
        tsr_progress_begin(&cli->progress, "verify");
        s = hash_stream(cli, f, file, hash);
        tsr_progress_end(&cli->progress);
        *state = strcmp(hash, file->sha256) ? TSR_FILE_WRONG_HASH : TSR_FILE_RIGHT;
    }
    fclose(f);
    return s;
}

const char *tsr_file_state_text(tsr_file_state state) {
    static const char *const text[] = {"not here", "partly here", "here", "wrong size",
                                       "wrong SHA-256"};
    return text[state];
}
