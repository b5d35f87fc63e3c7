/* sweep_verify.c - the same stream decoded by a second process of this program. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "sweep.h"

#define PLUGINS 64u

extern char **environ;

/* A folder of its own with the stream in it. */
typedef struct files {
    char dir[PATH_MAX], in[PATH_MAX + 8], out[PATH_MAX + 8];
} files;

static tsr_status write_plain(const char *path, const tsr_blob *data, tsr_diag *d) {
    FILE *f = fopen(path, "wb");
    int ok = f && fwrite(data->data, 1, data->size, f) == data->size;
    if (f && fclose(f)) ok = 0;
    return ok ? TSR_OK
              : tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot write %s: %s", path,
                             strerror(errno));
}

static tsr_status make_files(files *f, const tsr_blob *stream, tsr_diag *d) {
    const char *tmp = getenv("TMPDIR");
    if (!tmp || !*tmp) tmp = "/tmp";
    int n = snprintf(f->dir, sizeof f->dir, "%s/tessera-XXXXXX", tmp);
    int too_long = n < 0 || (size_t)n >= sizeof f->dir;
    if (too_long || !mkdtemp(f->dir))
        return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot make a folder in %.40s: %s", tmp,
                            strerror(too_long ? ENAMETOOLONG : errno));
    snprintf(f->in, sizeof f->in, "%s/a.tsr", f->dir);
    snprintf(f->out, sizeof f->out, "%s/a.pam", f->dir);
    return write_plain(f->in, stream, d);
}

static void remove_files(const files *f) {
    unlink(f->in);
    unlink(f->out);
    rmdir(f->dir);
}

/* tessera decode IN OUT, with the same plug-ins and limits. Waits. */
static tsr_status run_decode(tsr_sweep *s, const files *f, tsr_diag *d) {
    char memory[40], pixels[40];
    const char *argv[16 + 2 * PLUGINS] = {"tessera", "decode", f->in, f->out, "--quiet", "-j", "1"},
                              *file;
    unsigned n = 7;
    snprintf(memory, sizeof memory, "--max-memory=%llu", (unsigned long long)s->cli->max_memory);
    snprintf(pixels, sizeof pixels, "--max-pixels=%llu", (unsigned long long)s->cli->max_pixels);
    argv[n++] = memory;
    argv[n++] = pixels;
    if ((file = tsr_args_text(s->args, "model"))) {
        argv[n++] = "--model";
        argv[n++] = file;
    }
    for (unsigned i = 0; i < PLUGINS && (file = tsr_args_text_at(s->args, "plugin", i)); i++) {
        argv[n++] = "--plugin";
        argv[n++] = file;
    }
    pid_t pid;
    int code = 0;
    int failed =
        posix_spawn(&pid, "/proc/self/exe", NULL, NULL, (char *const *)(uintptr_t)argv, environ);
    if (failed)
        return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "cannot start a second process: %s",
                            strerror(failed));
    while (waitpid(pid, &code, 0) < 0)
        if (errno != EINTR) return TSR_ERR_IO;
    if (tsr_cli_interrupted()) return TSR_ERR_CANCELLED;
    if (!WIFEXITED(code) || WEXITSTATUS(code))
        return tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET,
                            "a second process cannot decode it: exit code %d, signal %d",
                            WIFEXITED(code) ? WEXITSTATUS(code) : 0,
                            WIFSIGNALED(code) ? WTERMSIG(code) : 0);
    return TSR_OK;
}

static tsr_status compare_picture(const files *f, const tsr_image *decoded, tsr_diag *d) {
    const tsr_io_limits none = {0};
    tsr_blob file = {0};
    tsr_image im = {0};
    tsr_status s = tsr_read_file(f->out, 0, &file, d);
    if (!s) s = tsr_image_read(file.data, file.size, &none, &im, d);
    if (!s && (im.width != decoded->width || im.height != decoded->height ||
               im.channels != decoded->channels || im.depth != decoded->depth ||
               memcmp(im.pixels, decoded->pixels, tsr_image_bytes(&im))))
        s = tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET,
                         "a second process decodes another picture");
    tsr_image_free(&im);
    tsr_blob_free(&file);
    return s;
}

tsr_status tsr_sweep_verify(tsr_sweep *s, const tsr_blob *stream, const tsr_image *decoded,
                            tsr_diag *d) {
    files f = {0};
    tsr_status st = make_files(&f, stream, d);
    if (!st) st = run_decode(s, &f, d);
    if (!st) st = compare_picture(&f, decoded, d);
    remove_files(&f);
    return st;
}
