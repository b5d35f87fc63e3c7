/* plugin_new.c - writes the skeleton of a plug-in: templates with name and owner number filled in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin_template.h"

enum { MAX_NAME = 31, MAX_PATH = 4096 };

static tsr_status io_error(tsr_diag *d, const char *what, const char *path) {
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "%s %s: %s", what, path, strerror(errno));
}

static tsr_status check_name(const char *name, tsr_diag *d) {
    size_t n = strlen(name);
    if (n >= 1 && n <= MAX_NAME && name[0] >= 'a' && name[0] <= 'z' &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n)
        return TSR_OK;
    return tsr_diag_set(
        d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
        "'%s' is no legal name: a letter a to z, then up to %d of a to z, 0 to 9, _", name,
        MAX_NAME - 1);
}

/* Draws a 40-bit owner number and writes it as ten hexadecimal digits. */
static tsr_status draw_owner(char out[11], tsr_diag *d) {
    uint8_t r[5] = {0};
    if (getentropy(r, sizeof r)) return io_error(d, "cannot draw", "an owner number");
    r[0] |= 0x80; /* never in the range of numbers that look like in-tree ones */
    snprintf(out, 11, "%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3], r[4]);
    return TSR_OK;
}

/* ---------------------------------------------------------------- filling in */

typedef struct fill {
    const char *token, *value;
} fill;

/* Copies text with each token replaced by its value; the result is from malloc, NULL: no memory.
 * fills ends with a NULL token. */
static char *replace(const char *text, const fill *fills) {
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    if (!f) return NULL;
    while (*text) {
        const fill *k = fills;
        while (k->token && strncmp(text, k->token, strlen(k->token))) k++;
        if (k->token)
            fputs(k->value, f);
        else
            putc(*text, f);
        text += k->token ? strlen(k->token) : 1;
    }
    if (!fclose(f)) return out;
    free(out);
    return NULL;
}

/* ---------------------------------------------------------------- writing */

static tsr_status make_folder(const char *path, tsr_diag *d) {
    if (!mkdir(path, 0777) || errno == EEXIST) return TSR_OK;
    return io_error(d, "cannot make folder", path);
}

/* Writes a file that must not exist. */
static tsr_status write_new(const char *path, const char *text, tsr_diag *d) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0) return io_error(d, "cannot write", path);
    FILE *f = fdopen(fd, "w");
    if (!f) {
        close(fd);
        unlink(path);
        return io_error(d, "cannot write", path);
    }
    int bad = fputs(text, f) < 0;
    bad |= fclose(f) != 0;
    if (!bad) return TSR_OK;
    tsr_status s = io_error(d, "cannot write", path);
    unlink(path);
    return s;
}

static tsr_status path_of(const tsr_plugin_template *t, const char *folder, const char *name,
                          char *path, tsr_diag *d) {
    const fill in_path[] = {{"NAME", name}, {0}};
    char *file = replace(t->file, in_path);
    if (!file) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a file name");
    int n = snprintf(path, MAX_PATH, "%s/%s", folder, file);
    free(file);
    if (n < MAX_PATH) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "the path of the folder is too long");
}

static tsr_status write_one(const tsr_plugin_template *t, const char *folder, const char *name,
                            const char *owner, tsr_diag *d) {
    const fill in_text[] = {{"@NAME@", name}, {"@OWNER@", owner}, {0}};
    char path[MAX_PATH];
    tsr_status s = path_of(t, folder, name, path, d);
    if (s) return s;
    char *text = replace(t->text, in_text);
    if (!text) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %s", path);
    s = write_new(path, text, d);
    free(text);
    return s;
}

/* Removes the first n files of the skeleton: those that this call has written. */
static void take_back(uint32_t n, const char *folder, const char *name) {
    char path[MAX_PATH];
    for (uint32_t i = 0; i < n; i++)
        if (!path_of(&tsr_plugin_templates[i], folder, name, path, NULL)) unlink(path);
}

tsr_status tsr_plugin_new(const char *name, const char *dir, tsr_diag *d) {
    char owner[11], folder[MAX_PATH];
    tsr_status s = check_name(name, d);
    if (!s) s = draw_owner(owner, d);
    if (s) return s;
    if (snprintf(folder, sizeof folder, "%s/%s", dir, name) >= (int)sizeof folder)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "the path of the folder is too long");
    s = make_folder(dir, d);
    if (!s) s = make_folder(folder, d);
    for (uint32_t i = 0; !s && tsr_plugin_templates[i].file; i++) {
        s = write_one(&tsr_plugin_templates[i], folder, name, owner, d);
        if (s) take_back(i, folder, name);
    }
    return s;
}
