/* fit_prior.c - samples for the network of the `mix` coder: neighbourhoods of decisions, what was
 * decided, and what the contexts expected. */
#include <stdlib.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "mix_start.h"

#define PER_PICTURE 12000.0 /* decisions kept, about: of a picture with one decision a pixel */
#define FIRST_ROOM  65536u

struct tsr_prior_fit {
    tsr_prior_sink sink;
};

tsr_prior_fit *tsr_prior_fit_new(uint64_t seed) {
    tsr_prior_fit *f = calloc(1, sizeof *f);
    if (f) f->sink.random = seed * 2 + 1;
    return f;
}

void tsr_prior_fit_free(tsr_prior_fit *f) {
    if (!f) return;
    free(f->sink.sample);
    free(f);
}

const tsr_prior_sample *tsr_prior_fit_samples(const tsr_prior_fit *f, size_t *n) {
    *n = f->sink.n;
    return f->sink.sample;
}

/* Room for another picture; what it has beyond that is left out. */
static tsr_status provide_room(tsr_prior_sink *k, tsr_job *j) {
    if (k->room - k->n >= FIRST_ROOM) return TSR_OK;
    size_t room = k->room ? 2 * k->room : 2 * FIRST_ROOM;
    tsr_prior_sample *s = realloc(k->sample, room * sizeof *s);
    if (!s) return tsr_diag_set(j->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for samples");
    k->sample = s;
    k->room = room;
    return TSR_OK;
}

static tsr_status sample_picture(void *arg, tsr_encoder *e) {
    tsr_prior_sink *k = arg;
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_job *j = e->job;
    if (s->codebook)
        return tsr_diag_set(j->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "vectors of a codebook do without the network");
    tsr_mix_model *m = tsr_job_alloc(j, 1, sizeof *m);
    if (!m) return tsr_job_memory_status(j);
    tsr_status st = tsr_entropy_mix.begin(m, NULL, s, j);
    if (!st) st = tsr_mix_tally_begin(m, j);
    if (!st) st = provide_room(k, j);
    if (st) return st;
    m->prior = tsr_job_alloc(j, 1, sizeof *m->prior); /* its weights are all 0 */
    if (!m->prior) return tsr_job_memory_status(j);
    m->prior->sink = k;
    tsr_mix_train(m, s);
    return TSR_OK;
}

tsr_status tsr_prior_fit_add(tsr_prior_fit *f, tsr_context *ctx, const tsr_image *im,
                             const tsr_encode_options *o, tsr_diag *d) {
    double share = PER_PICTURE / ((double)im->width * im->height);
    f->sink.keep = (uint64_t)((share < 1 ? share : 1) * 4294967296.0);
    return tsr_encoder_visit(ctx, im, o, sample_picture, &f->sink, d);
}
