/* fit_prior.c - samples for the network of the `mix` coder: neighbourhoods of decisions, what was
 * decided, and what the contexts expected. */
#include <stdlib.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "mix_start.h"
#include "mix_vector.h"

/* Kept of a picture, about: decisions, if there were one a pixel; vectors, if all had four. */
#define PER_PICTURE         12000.0
#define VECTORS_PER_PICTURE 24000.0
#define FIRST_ROOM          65536u

struct tsr_prior_fit {
    tsr_prior_sink sink;
    int started, vectors; /* vectors: that is what the samples are of */
    double pixels;        /* of the current picture */
};

tsr_prior_fit *tsr_prior_fit_new(uint64_t seed) {
    tsr_prior_fit *f = calloc(1, sizeof *f);
    if (f) f->sink.random = seed * 2 + 1;
    return f;
}

void tsr_prior_fit_free(tsr_prior_fit *f) {
    if (!f) return;
    free(f->vectors ? (void *)f->sink.sample.vector : (void *)f->sink.sample.level);
    free(f);
}

const tsr_prior_sample *tsr_prior_fit_samples(const tsr_prior_fit *f, size_t *n) {
    *n = f->vectors ? 0 : f->sink.n;
    return f->vectors ? NULL : f->sink.sample.level;
}

const tsr_prior_vector_sample *tsr_prior_fit_vectors(const tsr_prior_fit *f, size_t *n) {
    *n = f->vectors ? f->sink.n : 0;
    return f->vectors ? f->sink.sample.vector : NULL;
}

/* Room for another picture; what it has beyond that is left out. */
static tsr_status provide_room(tsr_prior_fit *f, tsr_job *j) {
    tsr_prior_sink *k = &f->sink;
    if (k->room - k->n >= FIRST_ROOM) return TSR_OK;
    size_t room = k->room ? 2 * k->room : 2 * FIRST_ROOM;
    void *s = f->vectors ? realloc(k->sample.vector, room * sizeof *k->sample.vector)
                         : realloc(k->sample.level, room * sizeof *k->sample.level);
    if (!s) return tsr_diag_set(j->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for samples");
    if (f->vectors)
        k->sample.vector = s;
    else
        k->sample.level = s;
    k->room = room;
    return TSR_OK;
}

/* What samples are of follows from the first picture; how many are kept of one, from its size. */
static tsr_status begin_samples(tsr_prior_fit *f, int vectors, tsr_job *j) {
    if (f->started && vectors != f->vectors)
        return tsr_diag_set(j->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "samples of levels and of vectors do not mix");
    f->started = 1;
    f->vectors = vectors;
    double share = (vectors ? VECTORS_PER_PICTURE : PER_PICTURE) / f->pixels;
    f->sink.keep = (uint64_t)((share < 1 ? share : 1) * 4294967296.0);
    return provide_room(f, j);
}

/* A network whose weights are all 0: it advises nothing, and takes the place that it will have. */
static tsr_status begin_network(tsr_mix_model *m, int vectors, tsr_job *j) {
    if (!vectors) {
        m->prior = tsr_job_alloc(j, 1, sizeof *m->prior);
        return m->prior ? TSR_OK : tsr_job_memory_status(j);
    }
    m->vec->prior = tsr_job_alloc(j, 1, sizeof *m->vec->prior);
    if (!m->vec->prior) return tsr_job_memory_status(j);
    m->vec->prior->b = UINT32_MAX;
    return TSR_OK;
}

static tsr_status sample_picture(void *arg, tsr_encoder *e) {
    tsr_prior_fit *f = arg;
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_job *j = e->job;
    int vectors = s->codebook != NULL;
    if (vectors && s->codebook->fixed_bits)
        return tsr_diag_set(j->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "numbers of a fixed length teach the network nothing");
    tsr_mix_model *m = tsr_job_alloc(j, 1, sizeof *m);
    if (!m) return tsr_job_memory_status(j);
    tsr_status st = tsr_entropy_mix.begin(m, NULL, s, j);
    if (!st) st = begin_network(m, vectors, j);
    if (!st) st = begin_samples(f, vectors, j);
    if (st) return st;
    m->sink = &f->sink;
    tsr_mix_train(m, s);
    return TSR_OK;
}

tsr_status tsr_prior_fit_add(tsr_prior_fit *f, tsr_context *ctx, const tsr_image *im,
                             const tsr_encode_options *o, tsr_diag *d) {
    f->pixels = (double)im->width * im->height;
    return tsr_encoder_visit(ctx, im, o, sample_picture, f, d);
}
