/* sweep_results.c - reading, appending and replacing the files of a sweep. */
#include "sweep_results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

static tsr_status no_memory(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the results");
}

static tsr_status system_error(tsr_diag *d, const char *what, const char *name) {
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "%s %s: %s", what, name, strerror(errno));
}

const char *tsr_results_path(const tsr_results *r, const char *name, char buf[TSR_RESULTS_PATH]) {
    snprintf(buf, TSR_RESULTS_PATH, "%s/%s", r->dir, name);
    return buf;
}

/* ---------------------------------------------------------------- the folder */

/* Makes a folder and those above it. */
static int make_folder(const char *dir) {
    char path[TSR_RESULTS_PATH];
    snprintf(path, sizeof path, "%s", dir);
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            mkdir(path, 0777);
            *p = '/';
        }
    return !mkdir(path, 0777) || errno == EEXIST;
}

static tsr_status take_folder(tsr_results *r, tsr_diag *d) {
    if (!make_folder(r->dir)) return system_error(d, "cannot make", r->dir);
    r->folder = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->folder < 0) return system_error(d, "cannot open", r->dir);
    if (flock(r->folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "another sweep is working in %s", r->dir);
    return TSR_OK;
}

/* ---------------------------------------------------------------- rows in memory */

static tsr_status keep(tsr_results *r, tsr_row *row, tsr_diag *d) {
    tsr_kept_row *k = malloc(sizeof *k);
    if (k && r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 256;
        tsr_kept_row **more = realloc(r->rows, cap * sizeof(tsr_kept_row *));
        if (more) {
            r->rows = more;
            r->cap = cap;
        }
    }
    if (!k || r->n == r->cap) {
        free(k);
        tsr_row_free(row);
        return no_memory(d);
    }
    *k = (tsr_kept_row){.row = *row, .serial = r->n};
    *row = (tsr_row){0};
    r->rows[r->n++] = k;
    return TSR_OK;
}

static int compare_columns(const tsr_row *a, const tsr_row *b, const tsr_column *c, unsigned n) {
    int order = 0;
    for (unsigned i = 0; i < n && !order; i++) order = strcmp(a->field[c[i]], b->field[c[i]]);
    return order;
}

static int compare_names(const void *a, const void *b) {
    static const tsr_column c[] = {TSR_COL_CODEC, TSR_COL_SETTING, TSR_COL_IMAGE};
    const tsr_kept_row *x = *(tsr_kept_row *const *)a, *y = *(tsr_kept_row *const *)b;
    return compare_columns(&x->row, &y->row, c, 3);
}

static int compare_keys(const void *a, const void *b) {
    static const tsr_column c[] = {TSR_COL_KEY};
    const tsr_kept_row *x = *(tsr_kept_row *const *)a, *y = *(tsr_kept_row *const *)b;
    return compare_columns(&x->row, &y->row, c, 1);
}

/* Of rows with the same names the last one counts. */
static int compare_names_and_place(const void *a, const void *b) {
    const tsr_kept_row *x = *(tsr_kept_row *const *)a, *y = *(tsr_kept_row *const *)b;
    int order = compare_names(a, b);
    return order ? order : x->serial < y->serial ? 1 : -1;
}

tsr_status tsr_results_index(tsr_results *r, tsr_diag *d) {
    size_t all = 0, n = 0;
    free(r->by_name);
    free(r->by_key);
    r->n_found = 0;
    r->by_name = malloc((r->n + 1) * sizeof(tsr_kept_row *));
    r->by_key = malloc((r->n + 1) * sizeof(tsr_kept_row *));
    if (!r->by_name || !r->by_key) return no_memory(d);
    for (size_t i = 0; i < r->n; i++)
        if (!r->rows[i]->dropped) r->by_name[all++] = r->rows[i];
    qsort(r->by_name, all, sizeof(tsr_kept_row *), compare_names_and_place);
    for (size_t i = 0; i < all; i++) {
        if (n && !compare_names(&r->by_name[n - 1], &r->by_name[i]))
            tsr_results_drop(r, r->by_name[i]);
        else
            r->by_name[n++] = r->by_name[i];
    }
    r->n_found = n;
    if (n) memcpy(r->by_key, r->by_name, n * sizeof(tsr_kept_row *));
    qsort(r->by_key, n, sizeof(tsr_kept_row *), compare_keys);
    return TSR_OK;
}

tsr_kept_row *tsr_results_find(const tsr_results *r, const char *codec, const char *setting,
                               const char *image) {
    tsr_kept_row wanted = {0}, *key = &wanted;
    wanted.row.field[TSR_COL_CODEC] = codec;
    wanted.row.field[TSR_COL_SETTING] = setting;
    wanted.row.field[TSR_COL_IMAGE] = image;
    tsr_kept_row **k = bsearch(&key, r->by_name, r->n_found, sizeof key, compare_names);
    return k ? *k : NULL;
}

tsr_kept_row *tsr_results_find_key(const tsr_results *r, const char *text) {
    tsr_kept_row wanted = {0}, *key = &wanted;
    wanted.row.field[TSR_COL_KEY] = text;
    tsr_kept_row **k = bsearch(&key, r->by_key, r->n_found, sizeof key, compare_keys);
    return k ? *k : NULL;
}

void tsr_results_drop(tsr_results *r, tsr_kept_row *k) {
    k->dropped = 1;
    r->changed = 1;
}

tsr_status tsr_results_add(tsr_results *r, tsr_row *row, tsr_diag *d) {
    r->changed = 1;
    return keep(r, row, d);
}

/* ---------------------------------------------------------------- reading */

/* The text of a file in the folder; an absent one is empty. */
static tsr_status read_text(const tsr_results *r, const char *name, tsr_blob *out, tsr_diag *d) {
    char path[TSR_RESULTS_PATH];
    if (access(tsr_results_path(r, name, path), F_OK)) return TSR_OK;
    return tsr_read_file(path, 0, out, d);
}

static int is_header(const char *line, size_t len) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) return 0;
    tsr_row_print_header(f);
    fclose(f);
    int same = text && size == len + 1 && !memcmp(text, line, len);
    free(text);
    return same;
}

/* Takes the rows of results.csv. A last line without newline was being written when the process
 * ended: it is dropped, as is every line that is no row. */
static tsr_status take_rows(tsr_results *r, const tsr_blob *file, tsr_diag *d) {
    const char *at = (const char *)file->data, *end = at + file->size;
    tsr_status s = TSR_OK;
    for (int first = 1; at < end && !s; first = 0) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        tsr_row row;
        if (first && newline && !is_header(at, len))
            return tsr_diag_set(d, TSR_ERR_FORMAT, 0,
                                "results.csv has other columns than a sweep of this version");
        int is_row = first || !newline ? 0 : tsr_row_parse(&row, at, len);
        if (is_row < 0) return no_memory(d);
        if (is_row) s = keep(r, &row, d);
        if (!first || !newline) r->changed |= !is_row;
        at += len + 1;
    }
    return s;
}

/* Both files are written for every row, one after the other: a kill in between leaves them apart.
 */
static int has_lines(const tsr_blob *file, size_t lines) {
    size_t n = 0;
    for (size_t i = 0; i < file->size; i++) n += file->data[i] == '\n';
    return n == lines && (!file->size || file->data[file->size - 1] == '\n');
}

static tsr_status read_files(tsr_results *r, tsr_diag *d) {
    tsr_blob csv = {0}, jsonl = {0};
    tsr_status s = read_text(r, "results.csv", &csv, d);
    if (!s) s = read_text(r, "results.jsonl", &jsonl, d);
    if (!s) s = take_rows(r, &csv, d);
    if (!s && (!csv.size || !has_lines(&jsonl, r->n))) r->changed = 1;
    tsr_blob_free(&csv);
    tsr_blob_free(&jsonl);
    return s;
}

tsr_status tsr_results_open(tsr_results *r, const char *dir, tsr_diag *d) {
    *r = (tsr_results){.folder = -1, .csv = -1, .jsonl = -1, .dir = strdup(dir)};
    pthread_mutex_init(&r->lock, NULL);
    if (!r->dir) return no_memory(d);
    if (strlen(dir) > TSR_RESULTS_PATH - 64)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "the name of the folder is too long");
    tsr_status s = take_folder(r, d);
    if (!s) s = read_files(r, d);
    return s ? s : tsr_results_index(r, d);
}

static void close_files(tsr_results *r) {
    if (r->csv >= 0) close(r->csv);
    if (r->jsonl >= 0) close(r->jsonl);
    r->csv = r->jsonl = -1;
}

void tsr_results_close(tsr_results *r) {
    close_files(r);
    if (r->folder >= 0) close(r->folder);
    for (size_t i = 0; i < r->n; i++) {
        tsr_row_free(&r->rows[i]->row);
        free(r->rows[i]);
    }
    free(r->rows);
    free(r->by_name);
    free(r->by_key);
    free(r->dir);
    pthread_mutex_destroy(&r->lock);
}

/* ---------------------------------------------------------------- writing */

static tsr_status save_file(tsr_results *r, const char *name, int json, tsr_diag *d) {
    char path[TSR_RESULTS_PATH], *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) return no_memory(d);
    if (!json) tsr_row_print_header(f);
    for (size_t i = 0; i < r->n; i++) {
        if (r->rows[i]->dropped) continue;
        (json ? tsr_row_print_json : tsr_row_print_csv)(f, &r->rows[i]->row);
    }
    int failed = fclose(f) || !text;
    tsr_status s =
        failed ? no_memory(d) : tsr_write_file(tsr_results_path(r, name, path), text, size, d);
    free(text);
    return s;
}

static tsr_status open_append(tsr_results *r, const char *name, int *fd, tsr_diag *d) {
    *fd = openat(r->folder, name, O_WRONLY | O_APPEND | O_CLOEXEC);
    return *fd < 0 ? system_error(d, "cannot open", name) : TSR_OK;
}

static tsr_status open_files(tsr_results *r, tsr_diag *d) {
    tsr_status s = open_append(r, "results.csv", &r->csv, d);
    return s ? s : open_append(r, "results.jsonl", &r->jsonl, d);
}

tsr_status tsr_results_save(tsr_results *r, tsr_diag *d) {
    close_files(r);
    tsr_status s = save_file(r, "results.csv", 0, d);
    if (!s) s = save_file(r, "results.jsonl", 1, d);
    if (s) return s;
    r->changed = 0;
    return open_files(r, d);
}

tsr_status tsr_results_begin(tsr_results *r, tsr_diag *d) {
    return r->changed ? tsr_results_save(r, d) : open_files(r, d);
}

/* One write() a line: it is in the file as a whole, or cut where the disk is full. */
static tsr_status append_line(int fd, void (*print)(FILE *, const tsr_row *), const tsr_row *row,
                              tsr_diag *d) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) return no_memory(d);
    print(f, row);
    int failed = fclose(f) || !text;
    tsr_status s = failed ? no_memory(d) : TSR_OK;
    for (size_t done = 0; !s && done < size;) {
        ssize_t n = write(fd, text + done, size - done);
        if (n < 0 && errno != EINTR) s = system_error(d, "cannot write", "the results");
        if (n > 0) done += (size_t)n;
    }
    free(text);
    return s;
}

tsr_status tsr_results_append(tsr_results *r, tsr_row *row, tsr_diag *d) {
    pthread_mutex_lock(&r->lock);
    tsr_status s = append_line(r->csv, tsr_row_print_csv, row, d);
    if (!s) s = append_line(r->jsonl, tsr_row_print_json, row, d);
    tsr_status kept = keep(r, row, s ? NULL : d);
    pthread_mutex_unlock(&r->lock);
    return s ? s : kept;
}
