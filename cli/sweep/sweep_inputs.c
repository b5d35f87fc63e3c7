/* sweep_inputs.c - operands to picture files: files, folders, globs, names of the corpus. */
#include "sweep_inputs.h"

#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "corpus_store.h"
#include "io.h"
#include "sweep_list.h"

static tsr_status no_memory(tsr_cli *cli) {
    return tsr_diag_set(&cli->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the pictures");
}

void tsr_inputs_free(tsr_inputs *in) {
    for (size_t i = 0; i < in->n; i++) {
        free(in->v[i].path);
        free(in->v[i].name);
    }
    free(in->v);
    *in = (tsr_inputs){0};
}

static tsr_status add_file(tsr_inputs *in, const char *path, tsr_cli *cli) {
    tsr_input *more = realloc(in->v, (in->n + 1) * sizeof *more);
    if (!more) return no_memory(cli);
    in->v = more;
    in->v[in->n] = (tsr_input){.path = strdup(path)};
    return in->v[in->n++].path ? TSR_OK : no_memory(cli);
}

/* ---------------------------------------------------------------- kinds of operands */

static int is_picture_name(const struct dirent *e) {
    tsr_io_format format;
    const char *dot = strrchr(e->d_name, '.');
    return e->d_name[0] != '.' && dot &&
           (tsr_io_format_by_name(e->d_name, &format) || !strcmp(dot, ".tsr"));
}

static int is_file(const char *path) {
    struct stat st;
    return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

static tsr_status add_folder(tsr_inputs *in, const char *dir, tsr_cli *cli) {
    struct dirent **entry = NULL;
    tsr_status s = TSR_OK;
    size_t before = in->n, len = strlen(dir);
    int n = scandir(dir, &entry, is_picture_name, alphasort);
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/",
                 entry[i]->d_name);
        if (!s && is_file(path)) s = add_file(in, path, cli);
        free(entry[i]);
    }
    free(entry);
    if (!s && in->n == before)
        s = tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                         "%s: no picture in the folder", dir);
    return s;
}

static tsr_status add_glob(tsr_inputs *in, const char *pattern, tsr_cli *cli, int *found) {
    glob_t g;
    tsr_status s = TSR_OK;
    *found = 0;
    if (!strpbrk(pattern, "*?[") || glob(pattern, 0, NULL, &g)) return TSR_OK;
    for (size_t i = 0; i < g.gl_pathc && !s; i++) {
        struct stat st;
        if (stat(g.gl_pathv[i], &st) || !S_ISREG(st.st_mode)) continue;
        s = add_file(in, g.gl_pathv[i], cli);
        *found = 1;
    }
    globfree(&g);
    return s;
}

static tsr_status add_corpus_file(tsr_inputs *in, const tsr_store *store, const tsr_corpus_file *f,
                                  tsr_cli *cli) {
    char path[PATH_MAX];
    tsr_status s = tsr_store_path(store, f, path, &cli->diag);
    if (!s && tsr_store_peek(store, f) != TSR_FILE_RIGHT)
        s = tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET,
                         "%s is not here: get it with tessera corpus fetch %s", f->name, f->name);
    return s ? s : add_file(in, path, cli);
}

/* A name of the manifest. */
static tsr_status add_corpus(tsr_inputs *in, const char *name, tsr_cli *cli) {
    tsr_store store;
    tsr_status s = TSR_OK;
    size_t before = in->n;
    if (!tsr_store_open(&store, cli, NULL, NULL)) {
        for (size_t i = 0; i < store.manifest.n && !s; i++)
            if (tsr_corpus_matches(&store.manifest.files[i], name))
                s = add_corpus_file(in, &store, &store.manifest.files[i], cli);
        tsr_store_close(&store);
    }
    if (!s && in->n == before)
        s = tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET,
                         "%s: no such file or folder, and no such name in the corpus", name);
    return s;
}

static tsr_status add_operand(tsr_inputs *in, const char *name, tsr_cli *cli) {
    struct stat st;
    int found;
    if (!stat(name, &st))
        return S_ISDIR(st.st_mode) ? add_folder(in, name, cli) : add_file(in, name, cli);
    tsr_status s = add_glob(in, name, cli, &found);
    return s || found ? s : add_corpus(in, name, cli);
}

/* ---------------------------------------------------------------- names */

static void remove_repeated(tsr_inputs *in) {
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        size_t k = 0;
        while (k < n && strcmp(in->v[k].path, in->v[i].path)) k++;
        if (k < n)
            free(in->v[i].path);
        else
            in->v[n++] = in->v[i];
    }
    in->n = n;
}

/* The last `parts` components of a path. */
static const char *tail(const char *path, unsigned parts) {
    const char *p = path + strlen(path);
    while (p > path && (p[-1] != '/' || --parts)) p--;
    return p;
}

static int compare_tails(const char *a, const char *b, unsigned parts) {
    return strcmp(tail(a, parts), tail(b, parts));
}

/* As many components as tell a picture from all others. */
static tsr_status name_files(tsr_inputs *in, tsr_cli *cli) {
    for (size_t i = 0; i < in->n; i++) {
        unsigned parts = 1;
        for (size_t k = 0; k < in->n && tail(in->v[i].path, parts) > in->v[i].path; k++)
            if (k != i && !compare_tails(in->v[i].path, in->v[k].path, parts)) {
                parts++;
                k = (size_t)-1; /* once more from the start */
            }
        in->v[i].name = strdup(tail(in->v[i].path, parts));
        if (!in->v[i].name) return no_memory(cli);
    }
    return TSR_OK;
}

/* ---------------------------------------------------------------- scales */

/* "photo.png" at 1/2 is "photo@1-2.png". */
static char *scaled_name(const char *name, uint32_t scale) {
    const char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - name) : strlen(name);
    size_t room = strlen(name) + 16;
    char *out = malloc(room);
    if (!out) return NULL;
    if (scale == 1)
        strcpy(out, name);
    else
        snprintf(out, room, "%.*s@1-%u%s", (int)stem, name, scale, name + stem);
    return out;
}

/* Every picture at every scale. */
static tsr_status multiply(tsr_inputs *in, const tsr_numbers *scales, tsr_cli *cli) {
    tsr_inputs all = {.v = calloc(in->n * scales->n, sizeof *all.v)};
    if (!all.v) return no_memory(cli);
    for (size_t k = 0; k < scales->n; k++)
        for (size_t i = 0; i < in->n; i++) {
            tsr_input *v = &all.v[all.n++];
            v->scale = (uint32_t)scales->v[k];
            v->path = strdup(in->v[i].path);
            v->name = scaled_name(in->v[i].name, v->scale);
        }
    tsr_inputs_free(in);
    *in = all;
    for (size_t i = 0; i < in->n; i++)
        if (!in->v[i].path || !in->v[i].name) return no_memory(cli);
    return TSR_OK;
}

static tsr_status check_scales(const tsr_numbers *l, tsr_cli *cli) {
    for (size_t i = 0; i < l->n; i++) {
        if (l->v[i] != (uint32_t)l->v[i])
            return tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "--scale: %g is no whole number", l->v[i]);
        for (size_t k = 0; k < i; k++)
            if (l->v[k] == l->v[i])
                return tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                    "--scale: %g is named twice", l->v[i]);
    }
    return TSR_OK;
}

static tsr_status apply_scales(tsr_inputs *in, tsr_cli *cli, const tsr_args *args) {
    const char *text = tsr_args_text(args, "scale");
    tsr_numbers scales = {0};
    tsr_status s = tsr_numbers_parse(text ? text : "1", 1, TSR_MAX_SCALE, &scales, &cli->diag);
    if (!s) s = check_scales(&scales, cli);
    if (!s) s = multiply(in, &scales, cli);
    tsr_numbers_free(&scales);
    return s;
}

tsr_status tsr_inputs_collect(tsr_inputs *in, tsr_cli *cli, const tsr_args *args) {
    tsr_status s = TSR_OK;
    for (unsigned i = 0; i < tsr_args_operands(args) && !s; i++)
        s = add_operand(in, tsr_args_operand(args, i), cli);
    if (s) return s;
    remove_repeated(in);
    if (!in->n)
        return tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no picture to work on");
    s = name_files(in, cli);
    return s ? s : apply_scales(in, cli, args);
}
