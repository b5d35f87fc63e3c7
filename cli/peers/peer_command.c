/* peer_command.c - an external encoder and decoder, run by the shell on files of a temporary
 * folder.
 *
 * Each call has its own folder in $TMPDIR or /tmp: source.SUFFIX, coded.SUFFIX, decoded.SUFFIX and
 * what the command says. Standard input is empty, standard output is not looked at. The working
 * folder is that of the caller.
 */
#define _XOPEN_SOURCE 700 /* nftw */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "io_formats.h"
#include "peer.h"

extern char **environ;

#define MAX_LINE 200 /* of what a command said, in a message */

typedef struct job {
    const tsr_peer_command *c;
    const char *what; /* "encoder", "decoder" */
    const char *command;
    double setting;
    char folder[PATH_MAX];
    char in[PATH_MAX + 64], out[PATH_MAX + 64], said[PATH_MAX + 64]; /* files in it */
    tsr_diag *d;
} job;

static tsr_status system_error(const job *j, const char *what) {
    return tsr_diag_set(j->d, TSR_ERR_IO, TSR_NO_OFFSET, "cmd:%s %s: %s: %s", j->c->name, j->what,
                        what, strerror(errno));
}

/* ---------------------------------------------------------------- the folder */

static tsr_status make_folder(job *j) {
    const char *base = getenv("TMPDIR");
    int n = snprintf(j->folder, sizeof j->folder, "%s/tessera-peer-XXXXXX",
                     base && *base ? base : "/tmp");
    if (n < 0 || (size_t)n >= sizeof j->folder) {
        errno = ENAMETOOLONG;
        *j->folder = 0;
    } else if (!mkdtemp(j->folder)) {
        *j->folder = 0;
    }
    return *j->folder ? TSR_OK : system_error(j, "cannot make a temporary folder");
}

static void name_files(job *j, const char *in, const char *in_suffix, const char *out,
                       const char *out_suffix) {
    snprintf(j->in, sizeof j->in, "%s/%s.%s", j->folder, in, in_suffix);
    snprintf(j->out, sizeof j->out, "%s/%s.%s", j->folder, out, out_suffix);
    snprintf(j->said, sizeof j->said, "%s/said.txt", j->folder);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at) {
    return remove(path);
}

/* With whatever else the command has put there. */
static void remove_folder(const job *j) {
    if (*j->folder) nftw(j->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static tsr_status write_input(const job *j, const tsr_blob *b) {
    FILE *f = fopen(j->in, "wbe");
    if (!f) return system_error(j, "cannot write its input");
    size_t done = fwrite(b->data, 1, b->size, f);
    if (fclose(f) || done != b->size) return system_error(j, "cannot write its input");
    return TSR_OK;
}

/* ---------------------------------------------------------------- the command line */

/* Text for the shell: quoted when it has more than plain characters. */
static int put_word(tsr_io_sink *s, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+./,:@%=";
    if (!word[strspn(word, plain)]) return tsr_io_sink_put(s, word, strlen(word));
    int ok = tsr_io_sink_put(s, "'", 1);
    for (; *word && ok; word++)
        ok = *word == '\'' ? tsr_io_sink_put(s, "'\\''", 4) : tsr_io_sink_put(s, word, 1);
    return ok && tsr_io_sink_put(s, "'", 1);
}

/* The command with its placeholders replaced; NULL without memory. */
static char *command_line(const job *j) {
    char q[40];
    snprintf(q, sizeof q, "%.9g", j->setting);
    const char *const from[] = {"{in}", "{out}", "{q}"}, *const to[] = {j->in, j->out, q};
    tsr_io_sink s = {0};
    int ok = 1;
    for (const char *p = j->command; *p && ok;) {
        unsigned i = 0;
        while (i < 3 && strncmp(p, from[i], strlen(from[i]))) i++;
        ok = i < 3 ? put_word(&s, to[i]) : tsr_io_sink_put(&s, p, 1);
        p += i < 3 ? strlen(from[i]) : 1;
    }
    if (ok && tsr_io_sink_put(&s, "", 1)) return (char *)s.data;
    free(s.data);
    return NULL;
}

/* ---------------------------------------------------------------- running it */

static int spawn(pid_t *child, char *line, const char *said) {
    char shell[] = "/bin/sh", option[] = "-c";
    char *const argv[] = {shell, option, line, NULL};
    posix_spawn_file_actions_t files;
    int error = posix_spawn_file_actions_init(&files);
    if (error) return error;
    error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, said,
                                                 O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!error) error = posix_spawn(child, shell, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* The first line with text that the command wrote to standard error, without control characters. */
static void first_line(const job *j, char line[MAX_LINE]) {
    FILE *f = fopen(j->said, "re");
    *line = 0;
    while (f && fgets(line, MAX_LINE, f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (line[strspn(line, " \t")]) break;
        *line = 0;
    }
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127) *p = ' ';
    if (f) fclose(f);
}

static tsr_status command_failed(const job *j, int status) {
    char line[MAX_LINE];
    int killed = WIFSIGNALED(status);
    first_line(j, line);
    return tsr_diag_set(j->d, TSR_ERR_IO, TSR_NO_OFFSET, "cmd:%s %s: %s %d%s%s", j->c->name,
                        j->what, killed ? "killed by signal" : "exit status",
                        killed ? WTERMSIG(status) : WEXITSTATUS(status), *line ? ": " : "", line);
}

static tsr_status run_command(const job *j) {
    pid_t child = 0;
    int status = 0;
    char *line = command_line(j);
    if (!line)
        return tsr_diag_set(j->d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "cmd:%s: no memory", j->c->name);
    int error = spawn(&child, line, j->said);
    free(line);
    if (error) {
        errno = error;
        return system_error(j, "cannot start /bin/sh");
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return system_error(j, "cannot wait for it");
    return status ? command_failed(j, status) : TSR_OK;
}

static tsr_status read_output(const job *j, tsr_blob *out) {
    char line[MAX_LINE];
    if (!access(j->out, F_OK)) {
        tsr_status st = tsr_read_file(j->out, 0, out, j->d);
        if (st || out->size) return st;
    }
    first_line(j, line);
    return tsr_diag_set(j->d, TSR_ERR_IO, TSR_NO_OFFSET,
                        "cmd:%s %s: exit status 0, but no output%s%s", j->c->name, j->what,
                        *line ? ": " : "", line);
}

/* Runs a command whose folder and names are set. */
static tsr_status run_on(job *j, const tsr_blob *in, tsr_blob *out) {
    tsr_status st = write_input(j, in);
    if (!st) st = run_command(j);
    return st ? st : read_output(j, out);
}

/* ---------------------------------------------------------------- both directions */

tsr_status tsr_peer_command_encode(const tsr_peer_command *c, const tsr_image *im, double setting,
                                   tsr_blob *out, tsr_diag *d) {
    job j = {.c = c, .what = "encoder", .command = c->encode, .setting = setting, .d = d};
    tsr_io_format format = TSR_IO_PNG;
    tsr_blob source = {0};
    tsr_image plain = *im; /* the file's metadata is not part of a comparison */
    plain.icc = plain.exif = (tsr_blob){0};
    *out = (tsr_blob){0};
    tsr_io_format_by_name(c->source_suffix, &format);
    tsr_status st = tsr_image_write(&plain, format, &source, d);
    if (!st) st = make_folder(&j);
    if (!st) {
        name_files(&j, "source", c->source_suffix, "coded", c->suffix);
        st = run_on(&j, &source, out);
    }
    remove_folder(&j);
    tsr_blob_free(&source);
    return st;
}

tsr_status tsr_peer_command_decode(const tsr_peer_command *c, const tsr_blob *in, tsr_image *im,
                                   tsr_diag *d) {
    job j = {.c = c, .what = "decoder", .command = c->decode, .d = d};
    tsr_blob decoded = {0};
    *im = (tsr_image){0};
    tsr_status st = make_folder(&j);
    if (!st) {
        name_files(&j, "coded", c->suffix, "decoded", c->decoded_suffix);
        st = run_on(&j, in, &decoded);
    }
    remove_folder(&j);
    if (!st) st = tsr_image_read(decoded.data, decoded.size, NULL, im, d);
    tsr_blob_free(&decoded);
    return st;
}
