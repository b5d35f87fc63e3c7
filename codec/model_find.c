/* model_find.c - models in files and folders, and the one that a stream names. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

enum { PATH_SIZE = 4096 };

/* ---- a file ---- */

/* What went wrong with a file whose path the caller knows. */
static tsr_status unreadable(tsr_diag *d, int error) {
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot read the model: %s", strerror(error));
}

static tsr_status too_large(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET, "the model exceeds the limit of %zu bytes",
                        TSR_MODEL_MAX_BYTES);
}

/* Reads to the end. The memory grows as there is something to read. */
static tsr_status read_stream(FILE *f, tsr_blob *out, tsr_diag *d) {
    size_t room = 0, got = 1;
    while (got) {
        if (out->size == room) {
            uint8_t *more = realloc(out->data, room += (1 << 16) + room);
            if (!more)
                return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a model");
            out->data = more;
        }
        got = fread(out->data + out->size, 1, room - out->size, f);
        out->size += got;
        if (out->size > TSR_MODEL_MAX_BYTES) return too_large(d);
    }
    return ferror(f) ? unreadable(d, errno) : TSR_OK;
}

static tsr_status add_file(tsr_context *ctx, const char *path, tsr_model_entry **out, tsr_diag *d) {
    tsr_blob b = {0};
    FILE *f = fopen(path, "rb");
    if (!f) return unreadable(d, errno);
    tsr_status s = read_stream(f, &b, d);
    fclose(f);
    if (!s) s = tsr_model_store_add(ctx, b.data, b.size, path, 0, out, d);
    tsr_blob_free(&b);
    return s;
}

tsr_status tsr_load_model(tsr_context *ctx, const char *path, tsr_diag *d) {
    tsr_model_entry *e;
    tsr_status s = add_file(ctx, path, &e, d);
    if (!s) ctx->models.first_choice = e;
    return s;
}

/* ---- folders ---- */

tsr_status tsr_set_model_path(tsr_context *ctx, const char *path_list, tsr_diag *d) {
    char *copy = path_list && *path_list ? strdup(path_list) : NULL;
    if (path_list && *path_list && !copy)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model path");
    free(ctx->models.path);
    ctx->models.path = copy;
    return TSR_OK;
}

/* The next folder of a colon-separated list; 0 at its end. */
static int next_folder(const char **rest, char dir[PATH_SIZE]) {
    while (*rest && **rest) {
        size_t n = strcspn(*rest, ":");
        const char *from = *rest;
        *rest += n + (from[n] == ':');
        if (!n || n >= PATH_SIZE) continue;
        memcpy(dir, from, n);
        dir[n] = 0;
        return 1;
    }
    return 0;
}

static int is_model_file(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 4 && !strcmp(e->d_name + n - 4, ".tsm");
}

/* Adds what is in a folder; with a name only NAME.tsm. A file that is no model is logged. */
static void add_folder(tsr_context *ctx, const char *dir, const char *name) {
    struct dirent **list = NULL;
    char path[2 * PATH_SIZE];
    tsr_diag d;
    int n = scandir(dir, &list, is_model_file, alphasort);
    for (int i = 0; i < n; i++) {
        size_t stem = strlen(list[i]->d_name) - 4;
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        int wanted = !name || (strlen(name) == stem && !memcmp(list[i]->d_name, name, stem));
        if (wanted && add_file(ctx, path, NULL, &d))
            tsr_context_log(ctx, TSR_LOG_WARN, "%s: %s", path, d.text);
        free(list[i]);
    }
    free(list);
}

static void add_folders(tsr_context *ctx, const char *name) {
    char dir[PATH_SIZE];
    const char *rest = ctx->models.path;
    while (next_folder(&rest, dir)) add_folder(ctx, dir, name);
}

void tsr_find_models(tsr_context *ctx) {
    add_folders(ctx, NULL);
}

/* "looked among 2 known models and in the folders a:b" */
static void say_where(const tsr_context *ctx, char *out, size_t size) {
    const char *path = ctx->models.path;
    snprintf(out, size, "looked among %u known model%s and in %s%.120s", ctx->models.n,
             ctx->models.n == 1 ? "" : "s", path ? "the folders " : "no folder", path ? path : "");
}

/* ---- by name ---- */

static tsr_model_entry *find_name(const tsr_context *ctx, const char *name) {
    for (uint32_t i = ctx->models.n; i-- > 0;)
        if (!strcmp(ctx->models.entry[i]->name, name)) return ctx->models.entry[i];
    return NULL;
}

tsr_status tsr_use_model(tsr_context *ctx, const char *name, tsr_diag *d) {
    char where[200];
    tsr_model_entry *e = find_name(ctx, name);
    if (!e) {
        add_folders(ctx, NULL);
        e = find_name(ctx, name);
    }
    if (e) {
        ctx->models.first_choice = e;
        return TSR_OK;
    }
    say_where(ctx, where, sizeof where);
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET, "no model is called '%.64s': %s", name,
                        where);
}

/* ---- by what a stream says ---- */

static tsr_model_entry *find_id(const tsr_context *ctx, uint32_t id) {
    for (uint32_t i = 0; i < ctx->models.n; i++)
        if (ctx->models.entry[i]->id == id) return ctx->models.entry[i];
    return NULL;
}

static tsr_model_entry *find_hash(const tsr_context *ctx, const uint8_t *hash) {
    for (uint32_t i = 0; i < ctx->models.n; i++)
        if (!memcmp(tsr_model_hash(ctx->models.entry[i]), hash, TSR_SHA256_BYTES))
            return ctx->models.entry[i];
    return NULL;
}

static tsr_status missing_builtin(uint32_t id, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET,
                        "the stream needs built-in model %u, which this version does not have: a "
                        "later version of Tessera does",
                        id);
}

static tsr_status missing_file(const tsr_context *ctx, const tsr_model_ref *r, tsr_diag *d) {
    char hex[2 * TSR_SHA256_BYTES + 1], other[2 * TSR_SHA256_BYTES + 1], where[200];
    tsr_model_entry *same = find_name(ctx, r->name);
    tsr_sha256_hex(r->sha256, hex);
    say_where(ctx, where, sizeof where);
    if (same) tsr_sha256_hex(tsr_model_hash(same), other);
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET,
                        "the stream needs model '%s', SHA-256 %s%s%.12s%s: get %s.tsm from whoever "
                        "made the stream and give it with --model FILE or put it into a folder of "
                        "TESSERA_MODEL_PATH; %s",
                        r->name, hex, same ? " (the one known by that name is another, " : "",
                        same ? other : "", same ? "...)" : "", r->name, where);
}

tsr_status tsr_model_resolve(tsr_context *ctx, const tsr_model_ref *r, tsr_model_entry **out,
                             tsr_diag *d) {
    *out = NULL;
    if (r->id) {
        *out = find_id(ctx, r->id);
        return *out ? TSR_OK : missing_builtin(r->id, d);
    }
    /* What is in memory, then the file of that name, then every file of the folders. */
    for (int pass = 0; pass < 3 && !*out; pass++) {
        if (pass > 0) add_folders(ctx, pass == 1 ? r->name : NULL);
        *out = find_hash(ctx, r->sha256);
    }
    return *out ? TSR_OK : missing_file(ctx, r, d);
}
