/* test_file_out.c - files are written whole or not at all, and nothing is left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io_test.h"

static char folder[] = "/tmp/tsr-file-out-XXXXXX";
static char path[sizeof folder + 32];

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Number of entries in the folder. */
static int entries(void) {
    DIR *dir = opendir(folder);
    int n = -2; /* . and .. */
    while (dir && readdir(dir)) n++;
    if (dir) closedir(dir);
    return n;
}

static void clear(void) {
    static const char *const names[] = {"a", "b", "link", "fifo", "dir/a", "dir"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) remove(in_folder(names[i]));
}

static tsr_status put(const char *name, const char *text, tsr_diag *d) {
    tsr_diag_init(d);
    return tsr_write_file(in_folder(name), text, strlen(text), d);
}

static int holds(const char *name, const char *text) {
    tsr_blob b;
    tsr_diag d;
    if (tsr_read_file(in_folder(name), 0, &b, &d)) return 0;
    int same = b.size == strlen(text) && !memcmp(b.data ? b.data : (void *)"", text, b.size);
    tsr_blob_free(&b);
    return same;
}

/* ---------------------------------------------------------------- reading */

static void test_reading(void) {
    tsr_diag d;
    tsr_blob b;
    CU_ASSERT_EQUAL(put("a", "0123456789", &d), TSR_OK);
    CU_ASSERT(holds("a", "0123456789"));
    CU_ASSERT_EQUAL(tsr_read_file(in_folder("a"), 10, &b, &d), TSR_OK);
    tsr_blob_free(&b);
    CU_ASSERT_EQUAL(tsr_read_file(in_folder("a"), 9, &b, &d), TSR_ERR_LIMIT);
    CU_ASSERT_PTR_NULL(b.data);
    CU_ASSERT_EQUAL(tsr_read_file("/dev/zero", 100000, &b, &d), TSR_ERR_LIMIT);
    CU_ASSERT_EQUAL(tsr_read_file("/dev/null", 0, &b, &d), TSR_OK);
    CU_ASSERT(!b.data && !b.size);
    CU_ASSERT_EQUAL(tsr_read_file(folder, 0, &b, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(EISDIR)));
    CU_ASSERT_EQUAL(tsr_read_file(in_folder("none"), 0, &b, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(ENOENT)));
    clear();
}

/* A million bytes through a pipe, in whatever pieces they come. */
static void test_standard_input(void) {
    int fd[2];
    CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
    tsr_blob sent = io_test_block(1000000, 3), got;
    tsr_diag d;
    pid_t child = fork();
    if (!child) {
        for (size_t at = 0; at < sent.size;) {
            ssize_t n = write(fd[1], sent.data + at, sent.size - at);
            if (n < 0) _exit(1);
            at += (size_t)n;
        }
        _exit(0);
    }
    close(fd[1]);
    int keep = dup(STDIN_FILENO);
    dup2(fd[0], STDIN_FILENO);
    CU_ASSERT_EQUAL(tsr_read_file("-", sent.size, &got, &d), TSR_OK);
    dup2(keep, STDIN_FILENO);
    close(keep);
    close(fd[0]);
    waitpid(child, NULL, 0);
    CU_ASSERT(io_test_same_blob(&sent, &got));
    tsr_blob_free(&sent);
    tsr_blob_free(&got);
}

/* ---------------------------------------------------------------- writing */

static void test_create_and_replace(void) {
    tsr_diag d;
    CU_ASSERT_EQUAL(put("a", "one", &d), TSR_OK);
    CU_ASSERT_EQUAL(put("a", "second", &d), TSR_OK);
    CU_ASSERT(holds("a", "second"));
    CU_ASSERT_EQUAL(put("b", "", &d), TSR_OK);
    CU_ASSERT(holds("b", ""));
    CU_ASSERT_EQUAL(entries(), 2);
    clear();
}

static void test_mode_and_links_are_kept(void) {
    tsr_diag d;
    struct stat info;
    mode_t mask = umask(027);
    CU_ASSERT_EQUAL(put("a", "one", &d), TSR_OK);
    umask(mask);
    CU_ASSERT_EQUAL(stat(in_folder("a"), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0640);
    chmod(in_folder("a"), 0604);
    CU_ASSERT_EQUAL(symlink("a", in_folder("link")), 0);
    CU_ASSERT_EQUAL(put("link", "two", &d), TSR_OK);
    CU_ASSERT(holds("a", "two"));
    CU_ASSERT_EQUAL(lstat(in_folder("link"), &info), 0);
    CU_ASSERT(S_ISLNK(info.st_mode));
    CU_ASSERT_EQUAL(stat(in_folder("a"), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0604);
    CU_ASSERT_EQUAL(entries(), 2);
    clear();
}

static void test_other_destinations(void) {
    tsr_diag d;
    CU_ASSERT_EQUAL(tsr_write_file("/dev/null", "x", 1, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_write_file("/dev/full", "x", 1, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(ENOSPC)));
    CU_ASSERT_EQUAL(tsr_write_file(folder, "x", 1, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(EISDIR)));
    CU_ASSERT_EQUAL(put("none/a", "x", &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(ENOENT)));
    CU_ASSERT_EQUAL(entries(), 0);
    struct stat info;
    CU_ASSERT(!stat("/dev/null", &info) && S_ISCHR(info.st_mode));
}

/* Past RLIMIT_FSIZE a write fails with EFBIG: the old file must stay as it was. */
static void test_failed_write_keeps_the_old_file(void) {
    tsr_diag d;
    CU_ASSERT_EQUAL(put("a", "old", &d), TSR_OK);
    struct rlimit keep, low;
    getrlimit(RLIMIT_FSIZE, &keep);
    low = keep;
    low.rlim_cur = 100000;
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &low);
    tsr_blob big = io_test_block(200000, 1);
    tsr_status st = tsr_write_file(in_folder("a"), big.data, big.size, &d);
    tsr_status fresh = tsr_write_file(in_folder("b"), big.data, big.size, &d);
    setrlimit(RLIMIT_FSIZE, &keep);
    signal(SIGXFSZ, old);
    CU_ASSERT_EQUAL(st, TSR_ERR_IO);
    CU_ASSERT_EQUAL(fresh, TSR_ERR_IO);
    CU_ASSERT(holds("a", "old"));
    CU_ASSERT_EQUAL(entries(), 1);
    tsr_blob_free(&big);
    clear();
}

static tsr_status write_to_standard_output(int fd, tsr_diag *d) {
    fflush(stdout);
    int keep = dup(STDOUT_FILENO);
    dup2(fd, STDOUT_FILENO);
    tsr_diag_init(d);
    tsr_status st = tsr_write_file("-", "text", 4, d);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    return st;
}

static void test_standard_output(void) {
    int fd[2];
    char got[8] = "";
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
    CU_ASSERT_EQUAL(write_to_standard_output(fd[1], &d), TSR_OK);
    CU_ASSERT_EQUAL(read(fd[0], got, sizeof got), 4);
    CU_ASSERT_EQUAL(memcmp(got, "text", 4), 0);
    close(fd[0]);
    CU_ASSERT_EQUAL(write_to_standard_output(fd[1], &d), TSR_ERR_IO); /* and no SIGPIPE */
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(EPIPE)));
    close(fd[1]);
    int full = open("/dev/full", O_WRONLY);
    CU_ASSERT_EQUAL(write_to_standard_output(full, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, strerror(ENOSPC)));
    close(full);
}

/* ---------------------------------------------------------------- signals */

enum { KILLS = 60 };
static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

/* Writes without end, so that a signal finds it anywhere in the middle. */
static _Noreturn void write_forever(const tsr_blob *b) {
    tsr_diag d;
    alarm(60); /* whatever happens, there is an end */
    for (;;)
        if (tsr_write_file(in_folder("a"), b->data, b->size, &d)) _exit(1);
}

/* After any of the three signals there is the whole file and nothing else. Kills during the write
 * are most of the child's time: the block is large. */
static void test_signals_leave_nothing(void) {
    tsr_blob b = io_test_block(4000000, 1), got;
    tsr_diag d;
    uint32_t state = 1;
    void (*old[3])(int);
    /* A job in the background ignores some: a child must not, from its first instruction. */
    for (int i = 0; i < 3; i++) old[i] = signal(numbers[i], SIG_DFL);
    CU_ASSERT_EQUAL(tsr_write_file(in_folder("a"), b.data, b.size, &d), TSR_OK);
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (!child) write_forever(&b);
        usleep(1000 + io_test_random(&state) % 5000);
        kill(child, numbers[i % 3]);
        int state_of_child = 0;
        waitpid(child, &state_of_child, 0);
        CU_ASSERT(WIFSIGNALED(state_of_child) && WTERMSIG(state_of_child) == numbers[i % 3]);
        CU_ASSERT_EQUAL(entries(), 1);
        CU_ASSERT_EQUAL(tsr_read_file(in_folder("a"), 0, &got, &d), TSR_OK);
        CU_ASSERT(io_test_same_blob(&b, &got));
        tsr_blob_free(&got);
    }
    for (int i = 0; i < 3; i++) signal(numbers[i], old[i]);
    tsr_blob_free(&b);
    clear();
}

static volatile sig_atomic_t handled;

static void count_signal(int number) {
    handled++;
}

/* A handler that returns makes the write fail as cancelled; ignored signals change nothing. */
static void test_handlers_are_kept(void) {
    tsr_diag d;
    tsr_blob b = io_test_block(1 << 22, 1);
    int cancelled = 0;
    void (*old)(int) = signal(SIGHUP, count_signal);
    for (int i = 0; i < 200 && !cancelled; i++) {
        int before = handled; /* the child may be faster than fork() returns */
        pid_t child = fork();
        if (!child) {
            usleep((useconds_t)(i * 50));
            kill(getppid(), SIGHUP);
            _exit(0);
        }
        tsr_status st = TSR_OK;
        while (!st && handled == before) st = tsr_write_file(in_folder("b"), b.data, b.size, &d);
        waitpid(child, NULL, 0);
        cancelled = st == TSR_ERR_CANCELLED;
        CU_ASSERT(st == TSR_OK || st == TSR_ERR_CANCELLED);
        CU_ASSERT_EQUAL(handled, before + 1);
        if (cancelled) CU_ASSERT(entries() <= 1);
    }
    CU_ASSERT(cancelled);
    CU_ASSERT(signal(SIGHUP, SIG_IGN) == count_signal);
    raise(SIGHUP);
    CU_ASSERT_EQUAL(put("a", "x", &d), TSR_OK);
    CU_ASSERT(signal(SIGHUP, old) == SIG_IGN);
    tsr_blob_free(&b);
    clear();
}

static CU_TestInfo tests[] = {
    {"reading: limits, empty, folders, missing", test_reading},
    {"standard input through a pipe", test_standard_input},
    {"create and replace", test_create_and_replace},
    {"mode and symbolic links are kept", test_mode_and_links_are_kept},
    {"devices and folders", test_other_destinations},
    {"a failed write keeps the old file", test_failed_write_keeps_the_old_file},
    {"standard output, closed pipe, full device", test_standard_output},
    {"killed at any moment: whole file, no leftovers", test_signals_leave_nothing},
    {"handlers of others are called and put back", test_handlers_are_kept},
    CU_TEST_INFO_NULL};

int main(void) {
    if (!mkdtemp(folder)) return 2;
    int failed = tsr_test_run("files", tests);
    clear();
    return rmdir(folder) || failed;
}
