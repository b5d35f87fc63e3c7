/* train_host.h - what commands that train offer the library: contexts, files, notes. */
#ifndef TSR_TRAIN_HOST_H
#define TSR_TRAIN_HOST_H

#include "cmd.h"
#include "ranks.h"

/* The `user` of the functions, which are those of tsr_train_options. */
typedef struct tsr_train_host {
    tsr_cli *cli;
    const tsr_args *args;
    tsr_ranks ranks;
} tsr_train_host;

tsr_status tsr_train_host_open(void *user, tsr_context **ctx, tsr_diag *d);
tsr_status tsr_train_host_write(void *user, const char *path, const void *data, size_t size,
                                tsr_diag *d);
tsr_status tsr_train_host_read(void *user, const char *path, tsr_blob *out, tsr_diag *d);
void tsr_train_host_note(void *user, const char *line);

#endif
