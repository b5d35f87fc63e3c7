/* train_log.c - the log of a training. It is kept in memory and written whole with every
 * checkpoint, so that the two agree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train_log.h"

static const char header[] = "iteration,seconds,rate,loss,loss_base,gradient,images_s";

static tsr_status append(train_session *s, const char *text, size_t size) {
    if (s->log_size + size + 1 > s->log_room) {
        size_t room = 2 * s->log_room + size + 1024;
        char *log = realloc(s->log, room);
        if (!log) return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
        s->log = log;
        s->log_room = room;
    }
    memcpy(s->log + s->log_size, text, size);
    s->log_size += size;
    s->log[s->log_size] = 0;
    return TSR_OK;
}

/* The names of the columns. */
static tsr_status add_header(train_session *s) {
    char line[512];
    int n = snprintf(line, sizeof line, "%s", header);
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++)
        n += snprintf(line + n, sizeof line - (size_t)n, ",bpp_%g,psnr_base_%g,psnr_%g",
                      tsr_train_val_steps[k], tsr_train_val_steps[k], tsr_train_val_steps[k]);
    n += snprintf(line + n, sizeof line - (size_t)n, "\n");
    return append(s, line, (size_t)n);
}

tsr_status tsr_train_log_add(train_session *s) {
    char line[512];
    const tsr_train_progress *p = &s->progress;
    tsr_status status = s->log_size ? TSR_OK : add_header(s);
    int n = snprintf(line, sizeof line, "%llu,%.1f,%.4g,%.6f,%.6f,%.4g,%.2f",
                     (unsigned long long)p->iteration, p->seconds, p->rate, p->loss, p->base,
                     p->gradient, p->images);
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++) {
        if (p->validated)
            n += snprintf(line + n, sizeof line - (size_t)n, ",%.4f,%.4f,%.4f", p->bpp[k],
                          p->psnr_base[k], p->psnr[k]);
        else
            n += snprintf(line + n, sizeof line - (size_t)n, ",,,");
    }
    n += snprintf(line + n, sizeof line - (size_t)n, "\n");
    return status ? status : append(s, line, (size_t)n);
}

/* Writes bytes to the path of the model with another ending. */
static tsr_status write_beside(train_session *s, const char *ending, const void *data,
                               size_t size) {
    char *path = tsr_train_path(s->o->model, ending);
    if (!path) return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
    tsr_status status = s->o->write(s->o->user, path, data, size, s->diag);
    free(path);
    return status;
}

tsr_status tsr_train_log_save(train_session *s) {
    if (!s->log_size) return TSR_OK;
    tsr_status status = write_beside(s, ".csv", s->log, s->log_size);
    char *plot = status ? NULL : tsr_train_plot(s->log);
    if (plot) status = write_beside(s, ".svg", plot, strlen(plot));
    free(plot);
    return status;
}

/* Cuts the log behind the last line that is not later than the checkpoint. */
static void forget_after(train_session *s) {
    char *line = s->log;
    while (line && *line) {
        char *stop = strchr(line, '\n'), *after;
        unsigned long long iteration = strtoull(line, &after, 10);
        if (!stop || (after != line && iteration > s->iteration)) {
            *line = 0;
            s->log_size = (size_t)(line - s->log);
            return;
        }
        line = stop + 1;
    }
}

tsr_status tsr_train_log_load(train_session *s) {
    tsr_blob old = {0};
    tsr_diag ignored;
    tsr_status status = TSR_OK;
    char *path = tsr_train_path(s->o->model, ".csv");
    tsr_diag_init(&ignored);
    s->log_size = 0;
    /* A log that is gone is begun anew. */
    if (path && !s->o->read(s->o->user, path, &old, &ignored) && old.size)
        status = append(s, (const char *)old.data, old.size);
    if (s->log_size) forget_after(s);
    tsr_blob_free(&old);
    free(path);
    return status;
}
