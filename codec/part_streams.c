/* part_streams.c - running the parts of a layer on the threads of the job. */
#include "part_streams.h"

void tsr_part_streams_init(tsr_part_streams *p, const tsr_part_coder *coder, void *st, tsr_job *j) {
    *p = (tsr_part_streams){.coder = coder, .job = j, .state = {st}};
}

static const tsr_parts *parts_of(const tsr_part_streams *p) {
    return &p->coder->walk(p->state[0])->parts;
}

/* The other parts begin with what part 0 knows when the first band that is cut comes up. */
static tsr_status fork_states(tsr_part_streams *p) {
    uint32_t n = parts_of(p)->n;
    if (p->state[n - 1]) return TSR_OK;
    for (uint32_t k = 1; k < n; k++) {
        void *st = tsr_job_copy(p->job, p->state[0], 1, p->coder->state_size);
        if (!st) return tsr_job_memory_status(p->job);
        tsr_status s = p->coder->fork(st, k, p->job);
        if (s) return s;
        p->state[k] = st;
    }
    return TSR_OK;
}

typedef struct run {
    const tsr_part_streams *p;
    const tsr_symbols *s;
    uint32_t layer;
    int decoding;
    uint8_t order[TSR_MAX_PARTS]; /* in which parts are begun */
} run;

static run make_run(const tsr_part_streams *p, const tsr_symbols *s, uint32_t layer, int decoding) {
    run r = {.p = p, .s = s, .layer = layer, .decoding = decoding};
    for (uint32_t k = 0; k < TSR_MAX_PARTS; k++) r.order[k] = (uint8_t)k;
    return r;
}

static tsr_status run_part(void *arg, uint32_t i, uint32_t worker) {
    const run *r = arg;
    uint32_t k = r->order[i];
    tsr_walk *w = r->p->coder->walk(r->p->state[k]);
    w->part = k;
    r->p->coder->run(r->p->state[k], r->s, r->layer, r->decoding);
    if (!r->decoding) tsr_rc_encode_end(&w->rc);
    return TSR_OK;
}

static tsr_status run_parts(run *r) {
    uint32_t n = parts_of(r->p)->n;
    if (!r->s->meter) return tsr_pool_run(r->p->job->ctx->pool, n, run_part, r);
    for (uint32_t k = 0; k < n; k++) run_part(r, k, 0); /* there is one meter */
    return TSR_OK;
}

/* The bands that are not cut; their range coder is left open for part 0. */
static void run_uncut(const run *r) {
    r->p->coder->walk(r->p->state[0])->part = TSR_NO_PART;
    r->p->coder->run(r->p->state[0], r->s, r->layer, r->decoding);
}

/* ---- encoding ---- */

static void states_of_band(uint8_t *const *state, const tsr_walk *w, uint32_t b,
                           const int32_t *level) {
    const tsr_band *band = &w->ctx.layout->band[b];
    uint32_t at = 0;
    for (uint32_t k = 0; k < w->parts.n; k++) {
        tsr_rows rows = tsr_parts_rows(&w->parts, band, b, k);
        const int32_t *end = level + (size_t)(rows.end - rows.from) * band->w;
        state[k][b] = (uint8_t)at;
        while (level < end) at = w->trellis.next[at][*level++ & 1];
    }
}

static tsr_status find_states(tsr_part_streams *p, const tsr_symbols *s) {
    tsr_walk *w = p->coder->walk(p->state[0]);
    if (!s->states || w->state) return TSR_OK;
    uint8_t **state = tsr_job_alloc(p->job, w->parts.n, sizeof *state);
    if (!state) return tsr_job_memory_status(p->job);
    for (uint32_t k = 0; k < w->parts.n; k++)
        if (!(state[k] = tsr_job_alloc(p->job, s->layout->n, 1)))
            return tsr_job_memory_status(p->job);
    for (uint32_t b = 0; b < s->layout->n; b++)
        if (tsr_parts_cut(&w->parts, b)) states_of_band(state, w, b, s->data[b]);
    w->state = (const uint8_t *const *)state;
    return TSR_OK;
}

static tsr_status encode_parts(tsr_part_streams *p, run *r, tsr_buffer *out) {
    uint32_t n = parts_of(p)->n;
    tsr_buffer stream[TSR_MAX_PARTS] = {{0}};
    tsr_rc_encode_start(&p->coder->walk(p->state[0])->rc, &stream[0]);
    run_uncut(r);
    tsr_status s = find_states(p, r->s);
    if (!s) s = fork_states(p);
    for (uint32_t k = 1; k < n && !s; k++)
        tsr_rc_encode_start(&p->coder->walk(p->state[k])->rc, &stream[k]);
    if (!s) s = run_parts(r);
    for (uint32_t k = 0; k + 1 < n; k++) tsr_put_varint(out, stream[k].size);
    for (uint32_t k = 0; k < n; k++) {
        tsr_put_bytes(out, stream[k].data, stream[k].size);
        out->failed |= stream[k].failed;
        tsr_buffer_free(&stream[k]);
    }
    return s;
}

tsr_status tsr_part_streams_encode(tsr_part_streams *p, const tsr_symbols *s, uint32_t layer,
                                   tsr_buffer *out) {
    run r = make_run(p, s, layer, 0);
    tsr_rc *rc = &p->coder->walk(p->state[0])->rc;
    if (tsr_parts_in_layer(parts_of(p), s->whole, layer)) return encode_parts(p, &r, out);
    tsr_rc_encode_start(rc, out);
    run_uncut(&r);
    tsr_rc_encode_end(rc);
    return TSR_OK;
}

/* ---- decoding ---- */

typedef struct span {
    const uint8_t *data;
    size_t size;
} span;

static tsr_status find_streams(const tsr_part_streams *p, tsr_reader *r, span *stream) {
    uint32_t n = parts_of(p)->n;
    uint64_t size[TSR_MAX_PARTS] = {0}, sum = 0;
    int bad = 0;
    for (uint32_t k = 0; k + 1 < n; k++) {
        size[k] = tsr_get_varint(r);
        bad |= r->failed || size[k] > r->size;
        sum += bad ? 0 : size[k];
    }
    bad |= sum > r->size - r->pos;
    if (bad)
        return tsr_diag_set(p->job->diag, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "sizes of parts are corrupt");
    size[n - 1] = r->size - r->pos - sum;
    for (uint32_t k = 0; k < n; k++)
        stream[k] = (span){tsr_get_bytes(r, (size_t)size[k]), (size_t)size[k]};
    return TSR_OK;
}

/* The longest first: what is left to the end, when threads run out of parts, is short. */
static void order_parts(run *r, const span *stream) {
    uint32_t n = parts_of(r->p)->n;
    for (uint32_t i = 1; i < n; i++) {
        uint8_t k = r->order[i];
        uint32_t at = i;
        for (; at && stream[r->order[at - 1]].size < stream[k].size; at--)
            r->order[at] = r->order[at - 1];
        r->order[at] = k;
    }
}

static tsr_status decode_parts(tsr_part_streams *p, run *r, const uint8_t *data, size_t size) {
    tsr_reader reader = {.data = data, .size = size};
    span stream[TSR_MAX_PARTS];
    tsr_status s = find_streams(p, &reader, stream);
    if (s) return s;
    tsr_rc_decode_start(&p->coder->walk(p->state[0])->rc, stream[0].data, stream[0].size);
    run_uncut(r);
    s = fork_states(p);
    for (uint32_t k = 1; k < parts_of(p)->n && !s; k++)
        tsr_rc_decode_start(&p->coder->walk(p->state[k])->rc, stream[k].data, stream[k].size);
    if (!r->s->meter) order_parts(r, stream);
    return s ? s : run_parts(r);
}

tsr_status tsr_part_streams_decode(tsr_part_streams *p, tsr_symbols *s, uint32_t layer,
                                   const uint8_t *data, size_t size) {
    run r = make_run(p, s, layer, 1);
    if (tsr_parts_in_layer(parts_of(p), s->whole, layer)) return decode_parts(p, &r, data, size);
    tsr_rc_decode_start(&p->coder->walk(p->state[0])->rc, data, size);
    run_uncut(&r);
    return TSR_OK;
}
