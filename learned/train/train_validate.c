/* train_validate.c - what the networks are worth on pictures that training never sees.
 *
 * PSNR of a tile is that of its pixels (three channels; a grey picture's one) before rounding and
 * clipping, by the inverse lifting of the bands' error; the mean is over pictures.
 */
#include <math.h>
#include <stdlib.h>

#include "train_session.h"

typedef struct tile_psnr {
    double base, net; /* dB */
    tsr_status status;
} tile_psnr;

typedef struct val_job {
    train_session *s;
    tile_psnr *out;
} val_job;

/* e: error in units of the step; pixels, work: room for as many samples. */
static double psnr_of(const train_tile *t, nn_tensor e, float *pixels, float *work) {
    double sum = 0;
    size_t n = 4 * nn_plane(e.s) * t->planes;
    tsr_op_wavelet_inverse(e, pixels, work);
    for (size_t i = 0; i < n; i++) sum += (double)pixels[i] * pixels[i];
    sum *= (double)t->step * t->step;
    return 10 * log10(255.0 * 255.0 * (double)n / (sum > 1e-9 ? sum : 1e-9));
}

/* A run of the tile's size: the last one when it fits. */
static tsr_status run_for(train_session *s, train_worker *w, const train_tile *t) {
    nn_shape shape = w->whole ? tsr_nn_run_value(w->whole, s->decoder.x).s : (nn_shape){0};
    if (shape.h == t->h && shape.w == t->w) return TSR_OK;
    tsr_nn_run_free(w->whole);
    w->whole = NULL;
    return tsr_nn_run_new(&w->whole, s->decoder.net, 1, t->h, t->w, 0, NULL);
}

/* buffer: twice the samples of the tile, and the lifting's work. */
static void evaluate(train_session *s, train_worker *w, const train_tile *t, float *buffer,
                     tile_psnr *out) {
    train_view all = {.w = t->w, .h = t->h};
    nn_tensor e = {buffer, tsr_nn_run_value(w->whole, s->decoder.x).s};
    size_t n = nn_count(e.s);
    float *pixels = buffer + n, *work = pixels + n;
    tsr_train_net_input(&s->decoder, w->whole, t, &all, e.data);
    out->base = psnr_of(t, e, pixels, work);
    tsr_nn_forward(w->whole, tsr_nn_store_read(s->store));
    nn_tensor y = tsr_nn_run_value(w->whole, s->decoder.y);
    for (size_t i = 0; i < n; i++) e.data[i] += y.data[i];
    out->net = psnr_of(t, e, pixels, work);
}

static void validate_tile(void *arg, uint32_t i, uint32_t worker) {
    val_job *job = arg;
    train_worker *w = &job->s->worker[worker];
    const train_tile *t = &job->s->val_tile[i];
    tile_psnr *out = &job->out[i];
    size_t n = (size_t)TRAIN_CHANNELS * t->w * t->h;
    nn_shape picture = {1, TRAIN_CHANNELS / 4, 2 * t->h, 2 * t->w};
    float *buffer = malloc((2 * n + tsr_op_wavelet_work(picture)) * sizeof *buffer);
    out->status = buffer ? run_for(job->s, w, t) : TSR_ERR_MEMORY;
    if (!out->status) evaluate(job->s, w, t, buffer, out);
    free(buffer);
}

static void take_means(train_session *s, const tile_psnr *r) {
    tsr_train_progress *p = &s->progress;
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++) {
        p->bpp[k] = p->psnr[k] = p->psnr_base[k] = 0;
        for (uint32_t i = 0; i < s->val_pictures; i++) {
            uint32_t at = i * TSR_TRAIN_STEPS + k;
            p->bpp[k] += (double)s->val_tile[at].bpp / s->val_pictures;
            p->psnr[k] += r[at].net / s->val_pictures;
            p->psnr_base[k] += r[at].base / s->val_pictures;
        }
    }
    p->validated = 1;
}

tsr_status tsr_train_validate(train_session *s) {
    uint32_t n = s->val_pictures * TSR_TRAIN_STEPS;
    tile_psnr *r = calloc(n + 1, sizeof *r);
    tsr_status status = r ? TSR_OK : TSR_ERR_MEMORY;
    val_job job = {s, r};
    if (!status) tsr_nn_team_run(s->team, n, validate_tile, &job);
    for (uint32_t i = 0; i < n && !status; i++) status = r[i].status;
    if (!status) take_means(s, r);
    free(r);
    if (!status) return TSR_OK;
    return tsr_diag_set(s->diag, status, TSR_NO_OFFSET, "no memory for the validation pictures");
}
