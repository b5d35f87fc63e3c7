/* file_out.c - writes a file whole or not at all.
 *
 * The bytes go to a temporary name in the destination's folder, which rename() puts in place when
 * it is complete (POSIX: the change is atomic). While that name exists, SIGINT, SIGTERM and SIGHUP
 * are caught, the name is removed, and the signal goes on to whoever had it before. A signal
 * handler has no argument, so what it needs is in static variables here: one write at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io.h"

/* ---------------------------------------------------------------- signals */

enum { SIGNALS = 3 };
static const int signals[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction previous[SIGNALS], previous_pipe;
static char temp_name[PATH_MAX];
static volatile sig_atomic_t temp_armed; /* temp_name is ours to remove */
static volatile sig_atomic_t signalled;

/* Only async-signal-safe calls (POSIX 2.4.3). The raised signal is delivered on return. */
static void on_signal(int number) {
    int keep = errno;
    signalled = 1;
    if (temp_armed) unlink(temp_name);
    for (int i = 0; i < SIGNALS; i++)
        if (signals[i] == number) sigaction(number, &previous[i], NULL);
    raise(number);
    errno = keep;
}

/* An ignored signal stays ignored (nohup). SIGPIPE is ignored so that write() reports EPIPE. */
static void catch_signals(void) {
    struct sigaction ours = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    signalled = 0;
    sigaction(SIGPIPE, &ignore, &previous_pipe);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &previous[i]);
        if (previous[i].sa_handler != SIG_IGN) sigaction(signals[i], &ours, NULL);
    }
}

static void restore_signals(void) {
    for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &previous[i], NULL);
    sigaction(SIGPIPE, &previous_pipe, NULL);
}

/* ---------------------------------------------------------------- writing */

static tsr_status system_error(tsr_diag *d, const char *what) {
    return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "%s: %s", what, strerror(errno));
}

static tsr_status write_all(int fd, const uint8_t *data, size_t size, tsr_diag *d) {
    while (size) {
        if (signalled)
            return tsr_diag_set(d, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "interrupted while writing");
        ssize_t n = write(fd, data, size < 1u << 30 ? size : 1u << 30);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return system_error(d, "cannot write");
        data += n;
        size -= (size_t)n;
    }
    return TSR_OK;
}

static tsr_status write_direct(const char *path, const void *data, size_t size, tsr_diag *d) {
    int standard = !strcmp(path, "-");
    int fd = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return system_error(d, "cannot open");
    tsr_status st = write_all(fd, data, size, d);
    if (!standard && close(fd) && !st) st = system_error(d, "cannot write");
    return st;
}

/* Creates a file of a fresh name beside path and arms its removal. Returns the descriptor or -1. */
static int open_temporary(const char *path) {
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    struct timespec now;
    for (int attempt = 0; attempt < 100; attempt++) {
        clock_gettime(CLOCK_REALTIME, &now);
        int n = snprintf(temp_name, sizeof temp_name, "%.*s.tessera-%ld-%09ld-%d.tmp", folder, path,
                         (long)getpid(), (long)now.tv_nsec, attempt);
        if (n < 0 || (size_t)n >= sizeof temp_name) {
            errno = ENAMETOOLONG;
            return -1;
        }
        temp_armed = 1; /* before the file exists: a signal in between must not leave it behind */
        int fd = open(temp_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) return fd;
        temp_armed = 0;
        if (errno != EEXIST) return -1;
    }
    return -1;
}

/* Writes the open temporary file, closes it and puts it in place. mode 0: as created. */
static tsr_status fill_and_rename(int fd, const char *path, mode_t mode, const void *data,
                                  size_t size, tsr_diag *d) {
    tsr_status st = write_all(fd, data, size, d);
    if (!st && mode && fchmod(fd, mode)) st = system_error(d, "cannot set the mode of");
    /* Else a crash of the system could leave half of it. EINVAL: there is nothing to sync to. */
    if (!st && fsync(fd) && errno != EINVAL) st = system_error(d, "cannot write");
    if (close(fd) && !st) st = system_error(d, "cannot write");
    if (!st && signalled)
        st = tsr_diag_set(d, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "interrupted while writing");
    if (!st && rename(temp_name, path)) st = system_error(d, "cannot replace");
    if (st) unlink(temp_name);
    temp_armed = 0;
    return st;
}

static tsr_status write_atomically(const char *path, mode_t mode, const void *data, size_t size,
                                   tsr_diag *d) {
    int fd = open_temporary(path);
    if (fd < 0) return system_error(d, "cannot create a file in its folder");
    return fill_and_rename(fd, path, mode, data, size, d);
}

/* An existing regular file: the link's target is replaced, if it may be written. */
static tsr_status replace(const char *path, mode_t mode, const void *data, size_t size,
                          tsr_diag *d) {
    if (access(path, W_OK)) return system_error(d, "cannot write");
    char *target = realpath(path, NULL);
    if (!target) return system_error(d, "cannot open");
    tsr_status st = write_atomically(target, mode & 0777, data, size, d);
    free(target);
    return st;
}

static tsr_status write_guarded(const char *path, const void *data, size_t size, tsr_diag *d) {
    struct stat info;
    if (!strcmp(path, "-")) return write_direct(path, data, size, d);
    if (stat(path, &info))
        return errno == ENOENT ? write_atomically(path, 0, data, size, d)
                               : system_error(d, "cannot open");
    if (!S_ISREG(info.st_mode)) return write_direct(path, data, size, d);
    return replace(path, info.st_mode, data, size, d);
}

tsr_status tsr_write_file(const char *path, const void *data, size_t size, tsr_diag *d) {
    catch_signals();
    tsr_status st = write_guarded(path, data, size, d);
    restore_signals();
    return st;
}
