/* interrupt.c - SIGINT and SIGTERM ask the running job to stop, so that nothing half-written stays.
 *
 * The flag is the one mutable global of the command: a signal handler has no other way to speak.
 */
#include <signal.h>

#include "cmd.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    interrupted = number;
}

static void set_handler(void (*handler)(int), int flags) {
    static const int numbers[] = {SIGINT, SIGTERM};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction old, act = {.sa_handler = handler, .sa_flags = flags};
        /* What was ignored when we were started stays ignored (nohup, background jobs). */
        if (sigaction(numbers[i], NULL, &old) || old.sa_handler == SIG_IGN) continue;
        sigemptyset(&act.sa_mask);
        sigaction(numbers[i], &act, NULL);
    }
}

void tsr_interrupt_arm(void) {
    set_handler(on_signal, (int)SA_RESETHAND);
}

void tsr_interrupt_disarm(void) {
    set_handler(SIG_DFL, 0);
}

int tsr_cli_interrupted(void) {
    return interrupted != 0;
}
