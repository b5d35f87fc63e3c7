/* sweep_remote.c - rows made by other ranks: rank 0 hands out jobs, one at a time, and writes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli_open.h"
#include "sweep.h"

#define PULSE 1000000L /* nanoseconds between looks for a message: MPI alone would spin */

enum { READY = 1, JOB, RESULT, END };

/* A job on its way to a rank. The name guards against ranks that see different files. */
typedef struct job_message {
    uint32_t picture, codec, setting;
    char sha256[65], name[256];
} job_message;

/* ---------------------------------------------------------------- rank 0 */

tsr_status tsr_remote_open(tsr_remote *r, tsr_sweep *s, tsr_queue *q, tsr_diag *d) {
    size_t n = (size_t)s->ranks->size;
    *r = (tsr_remote){
        .sweep = s, .queue = q, .job = calloc(n, sizeof(tsr_sweep_job *)), .waiting = calloc(n, 1)};
    if (!r->job || !r->waiting)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the ranks");
    return TSR_OK;
}

void tsr_remote_close(tsr_remote *r) {
    free(r->job);
    free(r->waiting);
}

static void give_job(tsr_remote *r, int rank) {
    tsr_sweep_job *j = tsr_queue_take_remote(r->queue);
    if (!j) return;
    const tsr_picture *p = &r->sweep->pictures.v[j->picture];
    job_message m = {.picture = j->picture, .codec = j->codec, .setting = j->setting};
    memcpy(m.sha256, p->sha256, sizeof m.sha256);
    snprintf(m.name, sizeof m.name, "%.255s", p->name);
    r->job[rank] = j;
    r->waiting[rank] = 0;
    r->busy++;
    tsr_ranks_send(r->sweep->ranks, rank, JOB, &m, sizeof m);
}

static tsr_status take_result(tsr_remote *r, int rank, const tsr_sweep_result *result,
                              tsr_diag *d) {
    tsr_sweep_job *j = r->job[rank];
    tsr_status s = TSR_OK;
    if (!j) return TSR_OK;
    r->job[rank] = NULL;
    r->busy--;
    if (result->status != TSR_ERR_CANCELLED)
        s = tsr_sweep_store(r->sweep, j, result, d);
    else
        tsr_queue_stop(r->queue);
    tsr_queue_finish(r->queue, j, 1, result->status != TSR_OK);
    return s;
}

tsr_status tsr_remote_serve(tsr_remote *r, tsr_diag *d) {
    const tsr_ranks *ranks = r->sweep->ranks;
    tsr_status s = TSR_OK;
    int from, tag;
    size_t size;
    while (!s && tsr_ranks_look(ranks, &from, &tag, &size)) {
        tsr_sweep_result result = {0};
        tsr_ranks_receive(ranks, from, tag, &result, size < sizeof result ? size : sizeof result);
        if (tag == RESULT) s = take_result(r, from, &result, d);
        r->waiting[from] = 1;
    }
    for (int i = 1; i < ranks->size && !s; i++)
        if (r->waiting[i]) give_job(r, i);
    return s;
}

void tsr_remote_dismiss(const tsr_ranks *r) {
    for (int i = 1; i < r->size; i++) tsr_ranks_send(r, i, END, NULL, 0);
    /* a message that nobody takes would keep its sender from leaving */
    int from, tag;
    size_t size;
    tsr_sweep_result rest;
    while (r->size > 1 && tsr_ranks_look(r, &from, &tag, &size))
        tsr_ranks_receive(r, from, tag, &rest, size < sizeof rest ? size : sizeof rest);
}

/* ---------------------------------------------------------------- the others */

static int wait_for_job(const tsr_ranks *r, job_message *m) {
    const struct timespec pulse = {0, PULSE};
    int from, tag;
    size_t size;
    while (!tsr_ranks_look(r, &from, &tag, &size)) nanosleep(&pulse, NULL);
    tsr_ranks_receive(r, from, tag, m, size < sizeof *m ? size : sizeof *m);
    return tag == JOB;
}

static tsr_status do_job(tsr_sweep *s, tsr_context *ctx, const job_message *m,
                         tsr_sweep_result *r) {
    tsr_picture *p = m->picture < s->pictures.n ? &s->pictures.v[m->picture] : NULL;
    if (!p || strncmp(p->name, m->name, sizeof m->name - 1) || m->codec >= s->codecs.n ||
        m->setting >= s->codecs.v[m->codec].settings.n) {
        *r = (tsr_sweep_result){.status = TSR_ERR_INTERNAL};
        snprintf(r->message, sizeof r->message, "rank %d sees other files than rank 0",
                 s->ranks->rank);
        return r->status;
    }
    memcpy(p->sha256, m->sha256, sizeof p->sha256);
    return tsr_sweep_work(s, ctx, m->picture, m->codec, m->setting, 0, r);
}

tsr_status tsr_remote_work(tsr_sweep *s, tsr_diag *d) {
    tsr_context *ctx = NULL;
    tsr_sweep_result result = {0};
    job_message m;
    tsr_status st = tsr_cli_context(s->cli, s->args, 1, &ctx, d);
    if (st) return st;
    tsr_ranks_send(s->ranks, 0, READY, NULL, 0);
    while (wait_for_job(s->ranks, &m)) {
        do_job(s, ctx, &m, &result);
        tsr_ranks_send(s->ranks, 0, RESULT, &result, sizeof result);
    }
    tsr_context_free(ctx);
    return tsr_cli_interrupted() ? TSR_ERR_CANCELLED : TSR_OK;
}
