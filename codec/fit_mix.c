/* fit_mix.c - training of the start state of the `mix` coder: every decision of every context is
 * counted over many pictures; mixer weights are carried from picture to picture. */
#include <stdlib.h>
#include <string.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "mix_start.h"

#define MIN_SEEN 6u /* fewer decisions say nothing */

struct tsr_mix_fit {
    uint32_t (*tally[TSR_MIX_CONTEXTS])[2]; /* [context][quantizer][slot]: zeros, ones */
    tsr_mix_model *carry;                   /* its weights */
    int started;
};

tsr_mix_fit *tsr_mix_fit_new(void) {
    tsr_mix_fit *f = calloc(1, sizeof *f);
    int ok = f && (f->carry = calloc(1, sizeof *f->carry));
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS && ok; i++)
        ok = (f->tally[i] = calloc((size_t)tsr_mix_context_size[i] * 2 * TSR_MIX_BINS,
                                   sizeof *f->tally[i])) != NULL;
    if (ok) return f;
    tsr_mix_fit_free(f);
    return NULL;
}

void tsr_mix_fit_free(tsr_mix_fit *f) {
    if (!f) return;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) free(f->tally[i]);
    free(f->carry);
    free(f);
}

void tsr_mix_train(tsr_mix_model *m, const tsr_symbols *s) {
    tsr_buffer bytes = {0};
    for (uint32_t layer = 0; layer < s->layout->layers; layer++) {
        tsr_rc_encode_start(&m->walk.rc, &bytes);
        tsr_mix_layer_train(m, s, layer, 0);
        tsr_rc_encode_end(&m->walk.rc);
    }
    tsr_buffer_free(&bytes);
}

static tsr_status count_picture(void *arg, tsr_encoder *e) {
    tsr_mix_fit *f = arg;
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_mix_model *m = tsr_job_alloc(e->job, 1, sizeof *m);
    if (!m) return tsr_job_memory_status(e->job);
    tsr_status st = tsr_entropy_mix.begin(m, NULL, s, e->job);
    if (st) return st;
    if (f->started) {
        memcpy(m->by_class, f->carry->by_class, sizeof m->by_class);
        memcpy(m->by_energy, f->carry->by_energy, sizeof m->by_energy);
    }
    memcpy(m->tally, f->tally, sizeof m->tally);
    tsr_mix_train(m, s);
    memcpy(f->carry->by_class, m->by_class, sizeof m->by_class);
    memcpy(f->carry->by_energy, m->by_energy, sizeof m->by_energy);
    f->started = 1;
    return TSR_OK;
}

tsr_status tsr_mix_fit_add(tsr_mix_fit *f, tsr_context *ctx, const tsr_image *im,
                           const tsr_encode_options *o, tsr_diag *d) {
    return tsr_encoder_visit(ctx, im, o, count_picture, f, d);
}

int8_t tsr_mix_start_code(const tsr_logistic *t, const uint32_t n[2], uint32_t least) {
    uint64_t total = (uint64_t)n[0] + n[1];
    if (total < least) return TSR_START_UNSEEN;
    uint32_t p = (uint32_t)(((uint64_t)n[1] * 2 + 1) * 4096 / (total * 2 + 2));
    int32_t x = t->stretch[p < 4095 ? p : 4095];
    x = (x + (x < 0 ? -TSR_START_UNIT / 2 : TSR_START_UNIT / 2)) / TSR_START_UNIT;
    return (int8_t)(x < -127 ? -127 : x > 127 ? 127 : x);
}

void tsr_mix_start_put_weights(tsr_buffer *out, const void *table, size_t bytes) {
    const tsr_mixer_weights *w = table;
    for (size_t i = 0; i < bytes / sizeof *w; i++)
        for (unsigned k = 0; k < TSR_MIX_INPUTS; k++) {
            int32_t v = w[i].w[k] / 16;
            v = v > 32767 ? 32767 : v < -32768 ? -32768 : v;
            tsr_put_u8(out, (uint8_t)v);
            tsr_put_u8(out, (uint8_t)((uint32_t)v >> 8));
        }
}

tsr_status tsr_mix_fit_finish(const tsr_mix_fit *f, tsr_blob *model, tsr_diag *d) {
    tsr_buffer out = {0};
    tsr_logistic t;
    tsr_logistic_init(&t);
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        for (size_t k = 0; k < (size_t)tsr_mix_context_size[i] * 2; k++)
            for (unsigned slot = 0; slot < TSR_START_SLOTS; slot++)
                tsr_put_u8(&out, (uint8_t)tsr_mix_start_code(
                                     &t, f->tally[i][k * TSR_MIX_BINS + slot], MIN_SEEN));
    tsr_mix_start_put_weights(&out, f->carry->by_class, sizeof f->carry->by_class);
    tsr_mix_start_put_weights(&out, f->carry->by_energy, sizeof f->carry->by_energy);
    *model = (tsr_blob){out.data, out.size};
    if (!out.failed) return TSR_OK;
    tsr_blob_free(model);
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
}
