/* train_window.c - makes tiles ahead of need in a thread, hands them over in order. */
#include "train_window.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { CUTS_A_PICTURE = 4, AHEAD = 16 };

/* What makes tiles: used by one thread. */
typedef struct maker {
    train_window_options o;
    tsr_context *ctx;
    uint8_t *bad;    /* pictures that could not be read */
    uint32_t *order; /* of the pictures, in this pass over them */
    uint64_t pass;   /* UINT64_MAX: none yet */
    tsr_image im;    /* the last picture */
    uint64_t group;  /* of cuts that it is for; UINT64_MAX: none */
} maker;

struct train_window {
    maker make;
    train_tile *tile; /* capacity of them: tile number m at m % capacity */
    uint64_t first, end;
    /* tiles made ahead: number m at m % AHEAD, end <= m < made */
    pthread_t thread;
    int running, stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    train_tile ahead[AHEAD];
    uint64_t made;
    tsr_status status; /* of the thread */
    tsr_diag diag;
};

/* ---- making ---- */

static tsr_status maker_open(maker *k, const train_window_options *o, tsr_diag *d) {
    *k = (maker){.o = *o, .pass = UINT64_MAX, .group = UINT64_MAX};
    if (!o->source->n)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no picture in the folder");
    k->bad = calloc(o->source->n, 1);
    k->order = calloc(o->source->n, sizeof *k->order);
    if (!k->bad || !k->order)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    return o->open(o->user, &k->ctx, d);
}

static void maker_close(maker *k) {
    tsr_image_free(&k->im);
    tsr_context_free(k->ctx);
    free(k->bad);
    free(k->order);
}

static void skip_picture(maker *k, uint32_t i, const char *why) {
    char line[640];
    const tsr_train_source *s = k->o.source;
    k->bad[i] = 1;
    snprintf(line, sizeof line, "%s: skipped: %s", s->name(s->user, i), why);
    if (k->o.note) k->o.note(k->o.user, line);
}

/* Picture `first`, or the next one that can be read. */
static tsr_status read_from(maker *k, uint32_t first, tsr_diag *d) {
    const tsr_train_source *s = k->o.source;
    for (uint32_t j = 0; j < s->n; j++) {
        uint32_t i = (first + j) % s->n;
        if (k->bad[i]) continue;
        tsr_image_free(&k->im);
        tsr_status status = s->read(s->user, i, &k->im, d);
        if (!status) return TSR_OK;
        k->im = (tsr_image){0};
        if (status == TSR_ERR_CANCELLED || status == TSR_ERR_MEMORY) return status;
        skip_picture(k, i, d->text);
    }
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no picture in the folder");
}

/* Every pass takes the pictures in another order (Fisher and Yates 1938). */
static uint32_t picture_of(maker *k, uint64_t group) {
    uint32_t n = k->o.source->n;
    if (k->pass != group / n) {
        k->pass = group / n;
        nn_rng rng = tsr_nn_rng_stream(k->o.seed, 2 * k->pass);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t j = tsr_nn_rng_below(&rng, i + 1);
            k->order[i] = k->order[j];
            k->order[j] = i;
        }
    }
    return k->order[group % n];
}

/* Log-uniform in [low, high). */
static double random_step(nn_rng *rng, double low, double high) {
    return low * exp2(tsr_nn_rng_uniform(rng) * log2(high / low));
}

/* Tile m of this process. Cuts of one picture follow one another, so that it is read once. */
static tsr_status make_tile(maker *k, uint64_t m, train_tile *t, tsr_diag *d) {
    uint64_t group = m / CUTS_A_PICTURE * (k->o.processes ? k->o.processes : 1) + k->o.process;
    nn_rng rng =
        tsr_nn_rng_stream(k->o.seed, 2 * (group * CUTS_A_PICTURE + m % CUTS_A_PICTURE) + 1);
    tsr_status s = TSR_OK;
    if (k->group != group) s = read_from(k, picture_of(k, group), d);
    if (s) return s;
    k->group = group;
    train_cut cut = tsr_train_cut_random(&k->im, k->o.min_side, &rng);
    double step = random_step(&rng, k->o.step_min, k->o.step_max);
    return tsr_train_tile_make(t, k->ctx, &k->im, &cut, &k->o.coding, step, d);
}

/* ---- the thread ---- */

static void *produce(void *arg) {
    train_window *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stop && !w->status) {
        if (w->made >= w->end + AHEAD) {
            pthread_cond_wait(&w->changed, &w->lock);
            continue;
        }
        train_tile t;
        uint64_t m = w->made;
        pthread_mutex_unlock(&w->lock);
        tsr_status s = make_tile(&w->make, m, &t, &w->diag);
        pthread_mutex_lock(&w->lock);
        w->status = s;
        if (!s) w->ahead[w->made++ % AHEAD] = t;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static tsr_status take_next(train_window *w, train_tile *t, tsr_diag *d) {
    if (!w->running) return make_tile(&w->make, w->end, t, d);
    pthread_mutex_lock(&w->lock);
    while (w->made == w->end && !w->status) pthread_cond_wait(&w->changed, &w->lock);
    tsr_status s = TSR_OK;
    if (w->made > w->end) {
        *t = w->ahead[w->end % AHEAD];
        w->ahead[w->end % AHEAD].data = NULL;
    } else {
        s = w->status;
        *d = w->diag;
    }
    pthread_mutex_unlock(&w->lock);
    return s;
}

/* ---- the window ---- */

tsr_status tsr_train_window_new(train_window **out, const train_window_options *o, uint64_t first,
                                tsr_diag *d) {
    train_window *w = calloc(1, sizeof *w);
    *out = w;
    if (w) w->tile = calloc(o->capacity, sizeof *w->tile);
    if (!w || !w->tile) {
        free(w);
        *out = NULL;
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    }
    w->first = w->end = w->made = first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    tsr_status s = maker_open(&w->make, o, d);
    if (!s && o->background) w->running = !pthread_create(&w->thread, NULL, produce, w);
    if (s) {
        tsr_train_window_free(w);
        *out = NULL;
    }
    return s;
}

void tsr_train_window_free(train_window *w) {
    if (!w) return;
    pthread_mutex_lock(&w->lock);
    w->stop = 1;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    if (w->running) pthread_join(w->thread, NULL);
    for (uint64_t m = w->end; m < w->made; m++) tsr_train_tile_free(&w->ahead[m % AHEAD]);
    for (uint64_t m = w->first; m < w->end; m++)
        tsr_train_tile_free(&w->tile[m % w->make.o.capacity]);
    maker_close(&w->make);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->tile);
    free(w);
}

tsr_status tsr_train_window_advance(train_window *w, uint64_t end, tsr_diag *d) {
    uint32_t capacity = w->make.o.capacity;
    while (w->end < end) {
        train_tile t;
        tsr_status s = take_next(w, &t, d);
        if (s) return s;
        train_tile *place = &w->tile[w->end % capacity];
        if (w->end - w->first == capacity) {
            tsr_train_tile_free(place);
            w->first++;
        }
        *place = t;
        pthread_mutex_lock(&w->lock);
        w->end++;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
    }
    return TSR_OK;
}

uint32_t tsr_train_window_size(const train_window *w) {
    return (uint32_t)(w->end - w->first);
}

const train_tile *tsr_train_window_tile(const train_window *w, uint32_t i) {
    return &w->tile[(w->first + i) % w->make.o.capacity];
}

/* ---- tiles that stay the same ---- */

static tsr_status fixed_tiles(maker *k, uint32_t n, const double *steps, uint32_t n_steps,
                              train_tile *t, uint32_t *pictures, tsr_diag *d) {
    tsr_status s = TSR_OK;
    uint32_t total = k->o.source->n;
    for (*pictures = 0; *pictures < n && !s; ++*pictures) {
        s = read_from(k, (uint32_t)((uint64_t)*pictures * total / n), d);
        if (s) break;
        train_cut cut = tsr_train_cut_centre(&k->im, k->o.min_side);
        for (uint32_t i = 0; i < n_steps && !s; i++)
            s = tsr_train_tile_make(t++, k->ctx, &k->im, &cut, &k->o.coding, steps[i], d);
    }
    return s;
}

tsr_status tsr_train_fixed_tiles(const train_window_options *o, uint32_t n, const double *steps,
                                 uint32_t n_steps, train_tile **tiles, uint32_t *pictures,
                                 tsr_diag *d) {
    maker k;
    *pictures = 0;
    if (n > o->source->n) n = o->source->n;
    *tiles = calloc((size_t)n * n_steps + 1, sizeof **tiles);
    if (!*tiles) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for training");
    tsr_status s = maker_open(&k, o, d);
    if (!s) s = fixed_tiles(&k, n, steps, n_steps, *tiles, pictures, d);
    maker_close(&k);
    if (!s) return TSR_OK;
    for (size_t i = 0; i < (size_t)n * n_steps; i++) tsr_train_tile_free(&(*tiles)[i]);
    free(*tiles);
    *tiles = NULL;
    *pictures = 0;
    return s;
}
