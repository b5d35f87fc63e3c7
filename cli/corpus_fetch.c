/* corpus_fetch.c - resumable downloads with libcurl (HTTP ranges, RFC 9110 section 14), verified by
 * SHA-256 before the file gets its name. The library, with all it needs itself, is opened for the
 * first download. */
#include "corpus_fetch.h"

#ifdef TSR_HAVE_CURL

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tessera/library.h>

#include "corpus_store.h"

#define FUNCTIONS(X)                                                                               \
    X(global_init)                                                                                 \
    X(global_cleanup)                                                                              \
    X(easy_init) X(easy_setopt) X(easy_perform) X(easy_getinfo) X(easy_cleanup) X(easy_strerror)
#define POINTER(f) __typeof__(curl_##f) *f;
#define SYMBOL(f)  {.name = "curl_" #f, .to = &curl.f},

static struct { FUNCTIONS(POINTER) } curl;

typedef struct transfer {
    tsr_cli *cli;
    const tsr_corpus_file *file;
    const char *path; /* the final one */
    char part[PATH_MAX];
    FILE *out;     /* part, open and locked */
    uint64_t have; /* bytes in part */
    int too_long;  /* the server sent more than the manifest says */
    char reason[CURL_ERROR_SIZE];
} transfer;

static tsr_status system_error(tsr_cli *cli, const char *what, const char *path) {
    return tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET, "cannot %s %s: %s", what, path,
                        strerror(errno));
}

/* Makes every folder on the way to a path. */
static tsr_status make_folders(tsr_cli *cli, const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *p = folder + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        if (mkdir(folder, 0777) && errno != EEXIST)
            return system_error(cli, "make the folder", folder);
    }
    return TSR_OK;
}

/* ---------------------------------------------------------------- the partial file */

static tsr_status start_over(transfer *t) {
    t->have = 0;
    return ftruncate(fileno(t->out), 0) ? system_error(t->cli, "write", t->part) : TSR_OK;
}

/* Opens what an earlier call left, or a new one. The lock keeps a second program out. */
static tsr_status part_open(transfer *t) {
    struct stat st;
    snprintf(t->part, sizeof t->part, "%s.part", t->path);
    t->out = fopen(t->part, "ab");
    if (!t->out) return system_error(t->cli, "write", t->part);
    if (flock(fileno(t->out), LOCK_EX | LOCK_NB))
        return tsr_diag_set(&t->cli->diag, TSR_ERR_IO, TSR_NO_OFFSET,
                            "%s is being written by another program", t->part);
    if (fstat(fileno(t->out), &st)) return system_error(t->cli, "read", t->part);
    t->have = (uint64_t)st.st_size;
    return t->have > t->file->bytes ? start_over(t) : TSR_OK;
}

/* ---------------------------------------------------------------- the transfer */

static size_t on_data(char *data, size_t size, size_t n, void *arg) {
    transfer *t = arg;
    n *= size;
    t->too_long = n > t->file->bytes - t->have;
    if (t->too_long || fwrite(data, 1, n, t->out) != n) return 0;
    t->have += n;
    tsr_progress_update(&t->cli->progress, t->file->name, (double)t->have / (double)t->file->bytes);
    return n;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now) {
    return tsr_cli_interrupted();
}

static void set_options(CURL *c, transfer *t) {
    curl.easy_setopt(c, CURLOPT_URL, t->file->location);
    curl.easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    curl.easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl.easy_setopt(c, CURLOPT_MAXREDIRS, 8L);
    curl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
    curl.easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl.easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 60L);
    curl.easy_setopt(c, CURLOPT_USERAGENT, "tessera/" TSR_VERSION);
    curl.easy_setopt(c, CURLOPT_ERRORBUFFER, t->reason);
    curl.easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->have);
    curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    curl.easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl.easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl.easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
}

static CURLcode transfer_once(transfer *t, long *http) {
    CURL *c = curl.easy_init();
    if (!c) return CURLE_OUT_OF_MEMORY;
    *t->reason = 0;
    set_options(c, t);
    CURLcode code = curl.easy_perform(c);
    curl.easy_getinfo(c, CURLINFO_RESPONSE_CODE, http);
    curl.easy_cleanup(c);
    if (!*t->reason) snprintf(t->reason, sizeof t->reason, "%s", curl.easy_strerror(code));
    return code;
}

/* Whether the server refused to continue in the middle: then the beginning is fetched again. */
static int cannot_resume(CURLcode code, long http) {
    return code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME ||
           (code == CURLE_HTTP_RETURNED_ERROR && http == 416);
}

static tsr_status explain(transfer *t, CURLcode code) {
    tsr_diag *d = &t->cli->diag;
    if (t->too_long)
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "%s is longer than the %llu bytes of the manifest", t->file->location,
                            (unsigned long long)t->file->bytes);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return tsr_diag_set(d, TSR_ERR_CANCELLED, TSR_NO_OFFSET,
                            "interrupted; the next fetch goes on at byte %llu",
                            (unsigned long long)t->have);
    const char *reason = code == CURLE_WRITE_ERROR ? strerror(errno) : t->reason;
    char again[64] = "";
    if (t->have)
        snprintf(again, sizeof again, "try again to go on at byte %llu, or ",
                 (unsigned long long)t->have);
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET,
                        "cannot download %s: %s; %sfetch it by other means and save it as %s",
                        t->file->location, reason, again, t->path);
}

static tsr_status transfer_rest(transfer *t) {
    long http = 0;
    if (t->have == t->file->bytes) return TSR_OK;
    CURLcode code = transfer_once(t, &http);
    if (t->have && cannot_resume(code, http)) {
        tsr_status s = start_over(t);
        if (s) return s;
        code = transfer_once(t, &http);
    }
    return code ? explain(t, code) : TSR_OK;
}

/* ---------------------------------------------------------------- the finished file */

static tsr_status verify(transfer *t) {
    char hash[65] = "";
    tsr_file_state state;
    tsr_status s = tsr_file_check(t->cli, t->part, t->file, &state, hash);
    if (s || state == TSR_FILE_RIGHT) return s;
    if (state == TSR_FILE_WRONG_HASH)
        return tsr_diag_set(&t->cli->diag, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "%s has SHA-256 %s, the manifest says %s", t->file->location, hash,
                            t->file->sha256);
    return tsr_diag_set(&t->cli->diag, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                        "%s has %llu bytes, the manifest says %llu", t->file->location,
                        (unsigned long long)t->have, (unsigned long long)t->file->bytes);
}

static tsr_status fetch(transfer *t) {
    tsr_progress_begin(&t->cli->progress, "fetch");
    tsr_status s = transfer_rest(t);
    tsr_progress_end(&t->cli->progress);
    if (fflush(t->out) && !s) s = system_error(t->cli, "write", t->part);
    if (!s) s = verify(t);
    /* Continuing from a wrong beginning would never come right, and nothing is not a beginning. */
    if (s == TSR_ERR_FORMAT || !t->have) unlink(t->part);
    if (!s && rename(t->part, t->path)) s = system_error(t->cli, "write", t->path);
    return s;
}

/* For several threads at once neither this nor what follows is; the command is one thread. */
static tsr_status open_curl(const tsr_corpus_file *f, const char *path, tsr_diag *d) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
    const tsr_symbol symbols[] = {FUNCTIONS(SYMBOL)};
    tsr_diag why;
    if (!tsr_library_open(names, symbols, sizeof symbols / sizeof *symbols, &why)) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                        "cannot download without libcurl (%.150s): fetch %s by other means and "
                        "save it as %s",
                        why.text, f->location, path);
}

tsr_status tsr_corpus_fetch(tsr_cli *cli, const tsr_corpus_file *f, const char *path) {
    transfer t = {.cli = cli, .file = f, .path = path};
    tsr_status s = open_curl(f, path, &cli->diag);
    if (!s) s = make_folders(cli, path);
    if (!s) s = part_open(&t);
    if (!s) {
        curl.global_init(CURL_GLOBAL_DEFAULT);
        s = fetch(&t);
        curl.global_cleanup();
    }
    if (t.out) fclose(t.out);
    return s;
}

#else

tsr_status tsr_corpus_fetch(tsr_cli *cli, const tsr_corpus_file *f, const char *path) {
    return tsr_diag_set(&cli->diag, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                        "this program was built without libcurl and cannot download: fetch %s by "
                        "other means and save it as %s",
                        f->location, path);
}

#endif
