/* train_vqvae.c - the training of the vqvae transform's networks from beginning to end. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "train_log.h"

enum { LOG_SECONDS = 10, WARM_UP = 100, LAST_RATE_PERCENT = 2 };
static const double report_seconds = 0.5;

const double tsr_train_val_steps[TSR_TRAIN_STEPS] = {16, 32, 64};

void tsr_train_options_init(tsr_train_options *o) {
    *o = (tsr_train_options){.struct_size = sizeof *o,
                             .threads = 1,
                             .seed = 1,
                             .rate = 3e-3,
                             .clip = 0.03,
                             .batch = 8,
                             .crop = 96,
                             .width = 32,
                             .blocks = 4,
                             .pointwise = 1,
                             .tiles = 256,
                             .refresh = 4,
                             .step_min = 9,
                             .step_max = 200,
                             .checkpoint = 120,
                             .codec = "wavelet:levels=6/rdo/adaptive"};
}

double tsr_train_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double tsr_train_elapsed(const train_session *s) {
    return s->seconds + tsr_train_clock() - s->start;
}

/* ---- set-up ---- */

static tsr_status check_options(const tsr_train_options *o, tsr_diag *d) {
    const char *wrong = NULL;
    if (!o->model || !o->write || !o->read || !o->open) wrong = "there is nowhere to write to";
    if (!(o->minutes > 0) && !o->iterations) wrong = "neither iterations nor minutes are given";
    if (!o->threads || !o->batch || !o->tiles || !o->refresh) wrong = "a count is zero";
    if (o->crop < 16 || o->crop % 2 || o->crop > TRAIN_TILE_SIDE)
        wrong = "the side of crops must be even, from 16 to 256";
    if (!(o->step_min > 0) || !(o->step_max >= o->step_min) || o->step_max > 1024)
        wrong = "the range of steps is empty";
    if (!wrong) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%s", wrong);
}

static int is_first(const train_session *s) {
    return s->o->process == 0;
}

static tsr_status open_networks(train_session *s) {
    static const uint32_t kinds[] = {[TSR_TRAIN_ADAM] = NN_ADAM,
                                     [TSR_TRAIN_SGD] = NN_SGD,
                                     [TSR_TRAIN_MOMENTUM] = NN_MOMENTUM,
                                     [TSR_TRAIN_RMSPROP] = NN_RMSPROP};
    tsr_vqvae_net shape = {.channels = TSR_VQVAE_CHANNELS,
                           .width = s->o->width,
                           .blocks = s->o->blocks,
                           .pointwise = s->o->pointwise};
    nn_optim_options oo = tsr_nn_optim_defaults(kinds[s->o->optimizer]);
    oo.rate = (float)s->o->rate;
    oo.decay = (float)s->o->weight_decay;
    oo.clip = (float)s->o->clip;
    oo.schedule = NN_SCHEDULE_COSINE;
    oo.last = LAST_RATE_PERCENT / 100.0f;
    oo.warmup = WARM_UP;
    oo.steps = s->o->iterations;
    s->store = tsr_nn_store_new(s->o->seed);
    if (!s->store)
        return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    s->has_encoder = s->stage == TSR_TRAIN_JOINT;
    tsr_status status =
        tsr_train_net_build(&s->decoder, "decoder", &shape, s->store, s->has_encoder, s->diag);
    if (!status && s->has_encoder)
        status = tsr_train_net_build(&s->encoder, "encoder", &shape, s->store, 0, s->diag);
    if (!status) status = tsr_nn_optim_new(&s->optim, &oo, s->store, s->diag);
    return status;
}

static tsr_status open_workers(train_session *s) {
    uint32_t side = s->o->crop / 2, threads = s->o->threads;
    size_t n = (size_t)TRAIN_CHANNELS * side * side;
    nn_shape picture = {1, TRAIN_CHANNELS / 4, 2 * side, 2 * side};
    s->team = tsr_nn_team_new(threads);
    s->grads = tsr_nn_grads_new(tsr_nn_store_size(s->store));
    s->worker = calloc(threads, sizeof *s->worker);
    s->base = calloc(s->o->batch, sizeof *s->base);
    tsr_status status = TSR_OK;
    int bad = !s->team || !s->grads || !s->worker || !s->base;
    for (uint32_t i = 0; i < threads && !bad && !status; i++) {
        train_worker *w = &s->worker[i];
        status = tsr_nn_run_new(&w->run, s->decoder.net, 1, side, side, 1, s->diag);
        w->pixels = tsr_nn_alloc(n);
        w->error = tsr_nn_alloc(n);
        if (!status && s->has_encoder)
            status = tsr_nn_run_new(&w->encoder_run, s->encoder.net, 1, side, side, 1, s->diag);
        w->work = tsr_nn_alloc(s->has_encoder ? tsr_train_joint_work(side)
                                              : tsr_op_wavelet_work(picture));
        bad = !w->pixels || !w->error || !w->work;
    }
    if (!bad) return status;
    return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
}

train_window_options tsr_train_window_options(const tsr_train_options *o,
                                              const tsr_train_source *from) {
    return (train_window_options){.source = from,
                                  .coding = {o->codec, o->postfilter},
                                  .seed = o->seed,
                                  .step_min = o->step_min,
                                  .step_max = o->step_max,
                                  .capacity = o->tiles,
                                  .min_side = o->crop,
                                  .background = o->threads > 1,
                                  .process = o->process,
                                  .processes = o->processes,
                                  .open = o->open,
                                  .note = o->note,
                                  .user = o->user};
}

/* Tiles made when iteration i begins: a quarter of the window at first, then one after another. */
static uint64_t tiles_at(const train_session *s, uint64_t i) {
    return s->o->tiles / 4 + 1 + i / s->o->refresh;
}

static tsr_status open_window(train_session *s) {
    train_window_options wo = tsr_train_window_options(s->o, s->data);
    uint64_t end = tiles_at(s, s->iteration), first = end > wo.capacity ? end - wo.capacity : 0;
    tsr_status status = tsr_train_window_new(&s->window, &wo, first, s->diag);
    if (!status) status = tsr_train_window_advance(s->window, end, s->diag);
    return status;
}

static tsr_status open_validation(train_session *s) {
    train_window_options wo = tsr_train_window_options(s->o, s->val);
    if (!is_first(s) || s->has_encoder) return TSR_OK;
    return tsr_train_fixed_tiles(&wo, TRAIN_VAL_PICTURES, tsr_train_val_steps, TSR_TRAIN_STEPS,
                                 &s->val_tile, &s->val_pictures, s->diag);
}

static tsr_status open_session(train_session *s) {
    tsr_status status = open_networks(s);
    if (!status) status = open_workers(s);
    if (!status && s->o->resume) status = tsr_train_checkpoint_load(s);
    if (!status && s->o->resume && is_first(s)) status = tsr_train_log_load(s);
    if (!status && !s->o->resume && s->o->init) status = tsr_train_model_load(s);
    if (!status) status = open_validation(s);
    if (!status) status = open_window(s);
    return status;
}

static void close_session(train_session *s) {
    for (uint32_t i = 0; s->worker && i < s->o->threads; i++) {
        tsr_nn_run_free(s->worker[i].run);
        tsr_nn_run_free(s->worker[i].whole);
        tsr_nn_run_free(s->worker[i].encoder_run);
        free(s->worker[i].pixels);
        free(s->worker[i].error);
        free(s->worker[i].work);
    }
    for (uint32_t i = 0; i < s->val_pictures * TSR_TRAIN_STEPS; i++)
        tsr_train_tile_free(&s->val_tile[i]);
    free(s->val_tile);
    free(s->worker);
    free(s->base);
    free(s->log);
    tsr_train_window_free(s->window);
    tsr_nn_grads_free(s->grads);
    tsr_nn_team_free(s->team);
    tsr_nn_optim_free(s->optim);
    tsr_train_net_free(&s->decoder);
    tsr_train_net_free(&s->encoder);
    tsr_nn_store_free(s->store);
}

/* ---- running ---- */

/* The report's figures from what the meter has gathered; the meter begins anew. */
static void update_progress(train_session *s, double fraction) {
    tsr_train_progress *p = &s->progress;
    train_meter *m = &s->meter;
    double now = tsr_train_clock(), since = now - s->reported;
    s->reported = now;
    p->struct_size = sizeof *p;
    p->stage = s->stage;
    p->iteration = s->iteration;
    p->iterations = s->o->iterations;
    p->seconds = tsr_train_elapsed(s);
    p->fraction = fraction;
    p->eta = fraction > 0 ? p->seconds * (1 - fraction) / fraction : 0;
    if (m->n) {
        p->loss = m->loss / (double)m->n;
        p->base = m->base / (double)m->n;
        p->gradient = m->norm / (double)m->n;
        p->images = (double)m->n * s->o->batch * (s->o->processes ? s->o->processes : 1) /
                    (since > 1e-9 ? since : 1e-9);
    }
    *m = (train_meter){0};
}

static double fraction_of(const train_session *s) {
    if (s->o->iterations) return (double)s->iteration / (double)s->o->iterations;
    return tsr_train_elapsed(s) / (60 * s->o->minutes);
}

/* All processes are where the first one is, and stop when one of them must. */
static tsr_status agree(train_session *s, double *fraction, int *stop) {
    float v[2] = {is_first(s) ? (float)*fraction : 0, *stop ? 1.0f : 0};
    if (s->o->processes <= 1) return TSR_OK;
    tsr_status status = s->o->sum(s->o->user, v, 2);
    *fraction = v[0];
    *stop = v[1] != 0;
    return status;
}

/* Validates, and writes model, log and checkpoint: the checkpoint last, as it says that the others
 * are there. */
static tsr_status save_all(train_session *s, int *stop) {
    s->saved = tsr_train_clock();
    update_progress(s, fmin(fraction_of(s), 1));
    tsr_status status = s->has_encoder ? tsr_train_trial(s) : tsr_train_validate(s);
    if (!status) status = tsr_train_log_add(s);
    if (!status) status = tsr_train_model_save(s);
    if (!status) status = tsr_train_log_save(s);
    if (!status) status = tsr_train_checkpoint_save(s);
    if (!status && s->o->report) *stop |= s->o->report(s->o->user, &s->progress) != 0;
    s->progress.validated = 0;
    return status;
}

/* Says how it goes when it is time; *stop: the user wants to end. */
static tsr_status report(train_session *s, double fraction, int *stop) {
    double now = tsr_train_clock();
    tsr_status status = TSR_OK;
    if (now - s->reported < report_seconds || !is_first(s)) return TSR_OK;
    update_progress(s, fraction);
    if (s->o->report) *stop = s->o->report(s->o->user, &s->progress);
    if (now - s->logged >= LOG_SECONDS) {
        s->logged = now;
        status = tsr_train_log_add(s);
    }
    return status;
}

/* Everything before an iteration, all that can fail in one process alone. *stop: do not begin it.
 */
static tsr_status prepare(train_session *s, double *fraction, int *stop) {
    *fraction = fraction_of(s);
    tsr_status status = report(s, *fraction, stop);
    if (!status) status = tsr_train_window_advance(s->window, tiles_at(s, s->iteration), s->diag);
    /* The user's wish to end reaches those who code tiles, too. */
    int cancelled = status == TSR_ERR_CANCELLED;
    if (!status && is_first(s) && tsr_train_clock() - s->saved >= s->o->checkpoint)
        status = save_all(s, stop);
    *stop |= status != TSR_OK;
    tsr_status others = agree(s, fraction, stop);
    return status && !cancelled ? status : others;
}

static tsr_status run_loop(train_session *s) {
    tsr_status status = TSR_OK;
    double fraction = 0;
    int stop = 0;
    while (!status) {
        status = prepare(s, &fraction, &stop);
        if (status || stop || fraction >= 1) break;
        status = tsr_train_step(s, fraction);
    }
    if (status) return status;
    int stopped = stop;
    if (is_first(s)) status = save_all(s, &stop);
    if (status || !stopped) return status;
    return tsr_diag_set(s->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET,
                        "stopped in iteration %llu; --resume continues",
                        (unsigned long long)s->iteration);
}

static tsr_status train_stage(const tsr_train_options *o, const tsr_train_source *data,
                              const tsr_train_source *val, tsr_train_stage stage, tsr_diag *d) {
    train_session s = {.o = o, .data = data, .val = val, .diag = d, .stage = stage};
    s.start = tsr_train_clock();
    tsr_status status = open_session(&s);
    s.start = s.saved = s.reported = s.logged = tsr_train_clock();
    /* A process that cannot begin must not be waited for by the others. */
    int failed = status != TSR_OK;
    tsr_status others = agree(&s, &(double){0}, &failed);
    if (!status) status = others;
    if (!status && failed)
        status = tsr_diag_set(d, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "another process failed");
    if (!status) status = run_loop(&s);
    close_session(&s);
    return status;
}

tsr_status tsr_train_vqvae(const tsr_train_options *o, const tsr_train_source *data,
                           const tsr_train_source *val, tsr_diag *d) {
    tsr_diag_init(d);
    tsr_status status = check_options(o, d);
    if (status) return status;
    if (o->stage == TSR_TRAIN_TILES) return tsr_train_survey(o, data, d);
    return train_stage(o, data, val,
                       o->stage == TSR_TRAIN_JOINT ? TSR_TRAIN_JOINT : TSR_TRAIN_DECODER, d);
}
