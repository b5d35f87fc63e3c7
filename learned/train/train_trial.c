/* train_trial.c - validation of both networks by real files: rate and PSNR of the codec itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/metrics.h>
#include <tessera/model.h>

#include "train_session.h"

enum { SPEC = 256 };

typedef struct point {
    double bpp, psnr;
} point;

typedef struct trial {
    train_session *s;
    tsr_context *ctx;
    char spec[2][SPEC]; /* without networks, with them */
    point sum[2][TSR_TRAIN_STEPS];
    uint32_t pictures;
} trial;

static tsr_status measure(trial *t, const tsr_image *im, const char *spec, double step,
                          point *sum) {
    tsr_encode_options o;
    tsr_metrics m;
    tsr_blob file = {0};
    tsr_image out = {0};
    tsr_diag *d = t->s->diag;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = TSR_TARGET_STEP;
    o.value = step;
    o.postfilter = 1;
    o.drop_metadata = 1;
    tsr_status status = tsr_encode(t->ctx, im, &o, &file, NULL, d);
    if (!status) status = tsr_decode(t->ctx, file.data, file.size, NULL, &out, NULL, d);
    if (!status) status = tsr_compare(im, &out, &m, d);
    if (!status) {
        sum->bpp += (double)file.size * 8 / ((double)im->width * im->height);
        sum->psnr += fmin(m.psnr_rgb, 100);
    }
    tsr_image_free(&out);
    tsr_blob_free(&file);
    return status;
}

static void skip_picture(const train_session *s, uint32_t i, const char *why) {
    char line[640];
    if (s->skips_said || !s->o->note) return;
    snprintf(line, sizeof line, "%s: skipped: %s", s->val->name(s->val->user, i), why);
    s->o->note(s->o->user, line);
}

static tsr_status try_picture(trial *t, uint32_t i) {
    const tsr_train_source *v = t->s->val;
    tsr_image im = {0}, piece = {0};
    tsr_status read = v->read(v->user, i, &im, t->s->diag);
    if (read == TSR_ERR_CANCELLED || read == TSR_ERR_MEMORY) return read;
    if (read) {
        skip_picture(t->s, i, t->s->diag->text);
        return TSR_OK;
    }
    train_cut cut = tsr_train_cut_centre(&im, t->s->o->crop);
    tsr_status status = tsr_train_cut_out(&piece, &im, &cut, t->s->diag);
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS && !status; k++)
        for (int net = 0; net < 2 && !status; net++)
            status = measure(t, &piece, t->spec[net], tsr_train_val_steps[k], &t->sum[net][k]);
    t->pictures++;
    tsr_image_free(&piece);
    tsr_image_free(&im);
    return status;
}

/* The curve without networks at a rate: straight in log rate, continued beyond its ends. */
static double psnr_at(const point *curve, double bpp) {
    uint32_t k = bpp < curve[1].bpp ? 1 : 0; /* finer steps come first */
    double x0 = log(curve[k].bpp), x1 = log(curve[k + 1].bpp);
    double f = x1 != x0 ? (log(bpp) - x0) / (x1 - x0) : 0;
    return curve[k].psnr + f * (curve[k + 1].psnr - curve[k].psnr);
}

static void take_results(trial *t) {
    tsr_train_progress *p = &t->s->progress;
    for (int net = 0; net < 2; net++)
        for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++) {
            t->sum[net][k].bpp /= t->pictures;
            t->sum[net][k].psnr /= t->pictures;
        }
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++) {
        p->bpp[k] = t->sum[1][k].bpp;
        p->psnr[k] = t->sum[1][k].psnr;
        p->psnr_base[k] = psnr_at(t->sum[0], p->bpp[k]);
    }
    p->validated = 1;
}

/* The transform of the codec replaced by vqvae. */
static void make_specs(trial *t) {
    const char *rest = strchr(t->s->o->codec, '/');
    snprintf(t->spec[0], SPEC, "vqvae:net=off%s", rest ? rest : "");
    snprintf(t->spec[1], SPEC, "vqvae%s", rest ? rest : "");
}

tsr_status tsr_train_trial(train_session *s) {
    trial t = {.s = s};
    tsr_blob model;
    tsr_status status = tsr_train_model_pack(s, &model);
    if (status) return status;
    make_specs(&t);
    status = s->o->open(s->o->user, &t.ctx, s->diag);
    if (!status) status = tsr_add_model(t.ctx, model.data, model.size, "training", 0, s->diag);
    uint32_t n = s->val->n < TRAIN_VAL_PICTURES ? s->val->n : TRAIN_VAL_PICTURES;
    for (uint32_t i = 0; i < n && !status; i++)
        status = try_picture(&t, (uint32_t)((uint64_t)i * s->val->n / n));
    s->skips_said = 1;
    if (!status && !t.pictures)
        status = tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                              "no validation picture can be read");
    if (!status) take_results(&t);
    tsr_context_free(t.ctx);
    tsr_blob_free(&model);
    return status;
}
