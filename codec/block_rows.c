/* block_rows.c - an order of rows of blocks, and threads that follow it.
 *
 * The order is that of the earliest times at which rows could start, were there a thread for each
 * and took it a time in proportion to its width. Threads take the next row and wait for what it
 * depends on, which others have taken before: the first of the rows at work never waits.
 */
#include "block_rows.h"

#include <pthread.h>
#include <stdlib.h>

#include "coef_context.h"

typedef struct place {
    uint64_t start, end; /* times */
    uint32_t b, row;
} place;

typedef struct run {
    const tsr_block_rows *r;
    place *order;
    uint32_t n;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* guarded by lock: */
    uint32_t next, *done; /* done: [bands] rows that are ready */
    tsr_status status;
} run;

static uint32_t rows_of(const tsr_block_rows *r, uint32_t b) {
    const tsr_band *band = &r->layout->band[b];
    return r->wanted[b] && tsr_band_size(band) ? (band->h + TSR_BLOCK - 1) / TSR_BLOCK : 0;
}

/* Rows of blocks of a reference band that a row of blocks of b sees: one row of coefficients more
 * than its own. */
static uint32_t rows_seen(const tsr_block_rows *r, uint32_t b, uint32_t ref, uint32_t row) {
    const tsr_layout *l = r->layout;
    uint32_t last = row * TSR_BLOCK + TSR_BLOCK - 1, all = rows_of(r, ref);
    if (tsr_band_halves(&l->band[b], &l->band[ref])) last /= 2;
    uint32_t seen = (last + 1) / TSR_BLOCK + 1;
    return seen < all ? seen : all;
}

/* ---- the order ---- */

/* first: where a band's rows begin in `of`, which has those of the bands before. */
static uint64_t earliest(const tsr_block_rows *r, const place *of, const uint32_t *first,
                         uint32_t b, uint32_t row) {
    uint64_t start = row ? of[first[b] + row - 1].end : 0;
    for (int role = 0; role < TSR_REFS; role++) {
        uint32_t ref = r->layout->band[b].ref[role];
        uint32_t seen = ref == TSR_NO_BAND ? 0 : rows_seen(r, b, ref, row);
        if (seen && of[first[ref] + seen - 1].end > start) start = of[first[ref] + seen - 1].end;
    }
    return start;
}

static int by_start(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->start != q->start) return p->start < q->start ? -1 : 1;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

static tsr_status make_order(run *k, tsr_job *j) {
    const tsr_layout *l = k->r->layout;
    uint32_t *first = tsr_job_alloc(j, l->n, sizeof *first);
    if (!first) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; k->n += rows_of(k->r, b++)) first[b] = k->n;
    k->order = tsr_job_alloc(j, k->n, sizeof *k->order);
    if (!k->order) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++)
        for (uint32_t row = 0; row < rows_of(k->r, b); row++) {
            uint64_t start = earliest(k->r, k->order, first, b, row);
            k->order[first[b] + row] = (place){start, start + l->band[b].w, b, row};
        }
    qsort(k->order, k->n, sizeof *k->order, by_start);
    return TSR_OK;
}

/* ---- the threads ---- */

static int ready(const run *k, const place *p) {
    if (k->done[p->b] < p->row) return 0;
    for (int role = 0; role < TSR_REFS; role++) {
        uint32_t ref = k->r->layout->band[p->b].ref[role];
        if (ref != TSR_NO_BAND && k->done[ref] < rows_seen(k->r, p->b, ref, p->row)) return 0;
    }
    return 1;
}

/* Takes the next row and waits until it can be worked on. Lock held. NULL: there is none. */
static const place *take(run *k) {
    if (k->next >= k->n || k->status) return NULL;
    const place *p = &k->order[k->next++];
    while (!k->status && !ready(k, p)) pthread_cond_wait(&k->changed, &k->lock);
    return k->status ? NULL : p;
}

static tsr_status follow(void *arg, uint32_t slot, uint32_t worker) {
    run *k = arg;
    const tsr_block_rows *r = k->r;
    const place *p;
    pthread_mutex_lock(&k->lock);
    while ((p = take(k))) {
        uint32_t taken = k->next;
        pthread_mutex_unlock(&k->lock);
        tsr_status s = worker ? TSR_OK : r->progress(r->arg, (double)(taken - 1) / k->n);
        if (!s) r->fn(r->arg, slot, p->b, p->row);
        pthread_mutex_lock(&k->lock);
        k->done[p->b] = p->row + 1;
        if (s) k->status = s;
        pthread_cond_broadcast(&k->changed);
    }
    pthread_mutex_unlock(&k->lock);
    return TSR_OK;
}

tsr_status tsr_block_rows_run(const tsr_block_rows *r, tsr_job *j) {
    run k = {.r = r, .done = tsr_job_alloc(j, r->layout->n, sizeof *k.done)};
    if (!k.done) return tsr_job_memory_status(j);
    tsr_status s = make_order(&k, j);
    if (s) return s;
    if (pthread_mutex_init(&k.lock, NULL)) return TSR_ERR_MEMORY;
    if (pthread_cond_init(&k.changed, NULL)) {
        pthread_mutex_destroy(&k.lock);
        return TSR_ERR_MEMORY;
    }
    s = tsr_pool_run(j->ctx->pool, r->slots, follow, &k);
    pthread_cond_destroy(&k.changed);
    pthread_mutex_destroy(&k.lock);
    return s ? s : k.status;
}
