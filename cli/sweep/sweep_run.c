/* sweep_run.c - the parallel pass: threads and other ranks make rows, this one watches. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sweep.h"
#include "sweep_crew.h"

#define PULSE 2000000L /* nanoseconds between looks */

/* What the threads share. */
typedef struct run {
    tsr_sweep *sweep;
    tsr_queue queue;
    pthread_mutex_t lock;
    tsr_diag failure; /* the first one that ends the sweep */
} run;

tsr_status tsr_sweep_store(tsr_sweep *s, const tsr_sweep_job *j, const tsr_sweep_result *r,
                           tsr_diag *d) {
    const tsr_sweep_codec *c = &s->codecs.v[j->codec];
    const tsr_picture *p = &s->pictures.v[j->picture];
    const tsr_row_subject subject = {.codec = c->label,
                                     .setting = c->settings.v[j->setting].text,
                                     .image = p->name,
                                     .image_sha256 = p->sha256,
                                     .key = j->key,
                                     .width = p->width,
                                     .height = p->height,
                                     .metrics = s->metrics_mask};
    tsr_row row;
    if (!tsr_row_make(&row, &subject, r))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a row");
    if (s->cli->verbose)
        tsr_cli_note(s->cli, "%s, %s, %s: %s%s%s%s", subject.image, c->label, subject.setting,
                     r->status ? tsr_status_word(r->status) : row.field[TSR_COL_BPP],
                     r->status ? ": " : " bpp, ",
                     r->status ? r->message : row.field[TSR_COL_PSNR_RGB], r->status ? "" : " dB");
    return tsr_results_append(&s->results, &row, d);
}

static void fail(run *r, tsr_status s, const tsr_diag *d) {
    pthread_mutex_lock(&r->lock);
    if (!r->failure.status) {
        r->failure = *d;
        r->failure.status = s;
    }
    pthread_mutex_unlock(&r->lock);
    tsr_queue_stop(&r->queue);
}

/* A thread of the crew. */
static void make_rows(void *arg, tsr_context *ctx) {
    run *r = arg;
    const tsr_sweep_job *j;
    while ((j = tsr_queue_take(&r->queue))) {
        tsr_sweep_result result;
        tsr_diag d;
        tsr_diag_init(&d);
        tsr_status s = tsr_sweep_work(r->sweep, ctx, j->picture, j->codec, j->setting, 0, &result);
        if (s != TSR_ERR_CANCELLED) {
            s = tsr_sweep_store(r->sweep, j, &result, &d);
            if (s) fail(r, s, &d);
        } else {
            tsr_queue_stop(&r->queue);
        }
        tsr_queue_finish(&r->queue, j, 0, result.status != TSR_OK);
    }
}

static void show_progress(run *r) {
    char text[80], failed[32] = "";
    tsr_sweep *s = r->sweep;
    tsr_queue_state q = tsr_queue_look(&r->queue);
    double elapsed = tsr_clock_seconds() - s->cli->progress.start;
    if (q.failed) snprintf(failed, sizeof failed, ", %zu failed", q.failed);
    snprintf(text, sizeof text, "%zu/%zu rows, %.1f rows/s%s", s->n_rows - s->n_jobs + q.done,
             s->n_rows, elapsed > 0 ? (double)q.done / elapsed : 0, failed);
    tsr_progress_update(&s->cli->progress, text, q.fraction);
}

static void watch(run *r, tsr_crew *crew, tsr_remote *remote) {
    const struct timespec pulse = {0, PULSE};
    while (tsr_crew_is_working(crew) || remote->busy) {
        tsr_diag d;
        tsr_diag_init(&d);
        if (tsr_cli_interrupted()) tsr_queue_stop(&r->queue);
        tsr_status s = tsr_remote_serve(remote, &d);
        if (s) fail(r, s, &d);
        show_progress(r);
        nanosleep(&pulse, NULL);
    }
}

static tsr_status run_all(run *r, tsr_diag *d) {
    tsr_sweep *s = r->sweep;
    tsr_crew crew = {0};
    tsr_remote remote = {0};
    unsigned n = s->n_jobs < s->threads ? (unsigned)s->n_jobs : s->threads;
    tsr_status st = tsr_remote_open(&remote, s, &r->queue, d);
    if (!st) st = tsr_crew_open(&crew, n, s->cli, s->args, d);
    if (!st) st = tsr_crew_start(&crew, make_rows, r, d);
    if (!st) watch(r, &crew, &remote);
    tsr_crew_join(&crew);
    tsr_crew_close(&crew);
    tsr_remote_close(&remote);
    return st;
}

tsr_status tsr_sweep_run(tsr_sweep *s, tsr_diag *d) {
    run r = {.sweep = s};
    if (!s->n_jobs) return TSR_OK;
    pthread_mutex_init(&r.lock, NULL);
    tsr_diag_init(&r.failure);
    tsr_queue_open(&r.queue, s->job, s->n_jobs, s->cli->max_memory);
    tsr_progress_begin(&s->cli->progress, "sweep");
    tsr_status st = run_all(&r, d);
    tsr_progress_end(&s->cli->progress);
    if (!st && r.failure.status) {
        *d = r.failure;
        st = d->status;
    }
    if (!st && tsr_cli_interrupted())
        st = tsr_diag_set(d, TSR_ERR_CANCELLED, TSR_NO_OFFSET,
                          "interrupted; the same command goes on where it stopped");
    tsr_queue_close(&r.queue);
    pthread_mutex_destroy(&r.lock);
    return st;
}
