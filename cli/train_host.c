/* train_host.c - what commands that train offer the library. */
#include "train_host.h"

#include <stdio.h>

#include "cli_open.h"
#include "io.h"

tsr_status tsr_train_host_open(void *user, tsr_context **ctx, tsr_diag *d) {
    const tsr_train_host *h = user;
    return tsr_cli_context(h->cli, h->args, 1, ctx, d);
}

/* Puts the path before the line of text that says what is wrong. */
static tsr_status about_file(tsr_status s, const char *path, tsr_diag *d) {
    char why[sizeof d->text];
    if (!s) return s;
    snprintf(why, sizeof why, "%s", d->text);
    return tsr_diag_set(d, s, TSR_NO_OFFSET, "%s: %s", path, why);
}

tsr_status tsr_train_host_write(void *user, const char *path, const void *data, size_t size,
                                tsr_diag *d) {
    (void)user;
    return about_file(tsr_write_file(path, data, size, d), path, d);
}

tsr_status tsr_train_host_read(void *user, const char *path, tsr_blob *out, tsr_diag *d) {
    const tsr_train_host *h = user;
    return about_file(tsr_read_file(path, h->cli->max_memory, out, d), path, d);
}

void tsr_train_host_note(void *user, const char *line) {
    tsr_cli_note(((const tsr_train_host *)user)->cli, "%s", line);
}
