/* plugin_isolate.c - a check in a process of its own: what it says comes back through shared
 * memory, and a crash or an endless loop is something it says, too. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "plugin_check.h"

void tsr_check_doing(tsr_check *c, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->result->doing, sizeof c->result->doing, fmt, ap);
    va_end(ap);
}

void tsr_check_note(tsr_check *c, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->result->text, sizeof c->result->text, fmt, ap);
    va_end(ap);
}

/* Not exit(): the handlers and buffers of the parent are not this process's to run and flush. */
static void TSR_NORETURN finish(tsr_check *c, tsr_check_outcome outcome) {
    c->result->outcome = outcome;
    _exit(0);
}

void tsr_check_fail(tsr_check *c, const char *fmt, ...) {
    tsr_check_result *r = c->result;
    size_t n = 0;
    if (*r->doing) n = (size_t)snprintf(r->text, sizeof r->text, "%s: ", r->doing);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->text + n, sizeof r->text - n, fmt, ap);
    va_end(ap);
    finish(c, TSR_CHECK_FAILED);
}

void tsr_check_skip(tsr_check *c, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->result->text, sizeof c->result->text, fmt, ap);
    va_end(ap);
    finish(c, TSR_CHECK_SKIPPED);
}

void *tsr_check_alloc(tsr_check *c, size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p) tsr_check_fail(c, "no memory for the check itself");
    return p;
}

static void TSR_NORETURN child(const tsr_check_entry *e, const tsr_check_subject *subject,
                               unsigned seconds, tsr_check_result *result) {
    tsr_check c = {.t = subject->t, .subject = subject, .result = result};
    signal(SIGALRM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    alarm(seconds);
    e->run(&c);
    finish(&c, TSR_CHECK_OK);
}

/* Says in words how a process ended that did not end itself. */
static void tell_crash(tsr_check_result *r, int state, unsigned seconds) {
    const char *sep = *r->doing ? ": " : "";
    r->outcome = TSR_CHECK_FAILED;
    if (tsr_cli_interrupted())
        snprintf(r->text, sizeof r->text, "%s%sstopped by the user", r->doing, sep);
    else if (WIFSIGNALED(state) && WTERMSIG(state) == SIGALRM)
        snprintf(r->text, sizeof r->text, "%s%sno end within %u seconds", r->doing, sep, seconds);
    else if (WIFSIGNALED(state))
        snprintf(r->text, sizeof r->text, "%s%scrashed: %s", r->doing, sep,
                 strsignal(WTERMSIG(state)));
    else
        snprintf(r->text, sizeof r->text, "%s%sthe process ended with code %d", r->doing, sep,
                 WEXITSTATUS(state));
}

/* Waits for the end of a child; a user who wants to stop ends it. */
static bool await(pid_t pid, int *state) {
    pid_t ended;
    while ((ended = waitpid(pid, state, 0)) < 0 && errno == EINTR)
        if (tsr_cli_interrupted()) kill(pid, SIGKILL);
    return ended == pid;
}

static void refuse(tsr_check_result *result, const char *why) {
    *result = (tsr_check_result){.outcome = TSR_CHECK_FAILED};
    snprintf(result->text, sizeof result->text, "%s", why);
}

void tsr_check_isolate(const tsr_check_entry *e, const tsr_check_subject *subject, unsigned seconds,
                       tsr_check_result *result) {
    tsr_check_result *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        refuse(result, "no shared memory for the check itself");
        return;
    }
    fflush(NULL); /* or both processes print what is still in the buffers */
    pid_t pid = fork();
    if (pid == 0) child(e, subject, seconds, shared);
    int state = 0;
    if (pid < 0 || !await(pid, &state)) {
        refuse(result, "cannot start a process for the check");
    } else {
        *result = *shared;
        if (result->outcome == TSR_CHECK_CRASHED) tell_crash(result, state, seconds);
    }
    munmap(shared, sizeof *shared);
}
