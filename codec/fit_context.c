/* fit_context.c - least-squares fit of the energy weights (see coef_context.h): for each class the
 * magnitude is regressed on the features (fit_nonneg.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tune.h>

#include "coef_walk.h"
#include "encoder.h"
#include "fit_nonneg.h"
#include "rate_model.h"
#include "xorshift.h"

#define SAMPLES 60000u /* kept of each class */

typedef struct sample {
    uint16_t f[TSR_FEATURES], y;
} sample;

typedef struct class_fit {
    sample *s;
    uint32_t n;
    uint64_t seen;
} class_fit;

struct tsr_context_fit {
    class_fit cls[TSR_CLASSES];
    tsr_rate_model rates; /* counts of levels */
    uint64_t rng;
};

tsr_context_fit *tsr_context_fit_new(uint64_t seed) {
    tsr_context_fit *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->rng = seed * 2 + 1;
    for (uint32_t c = 0; c < TSR_CLASSES; c++)
        if (!(f->cls[c].s = malloc(SAMPLES * sizeof(sample)))) {
            tsr_context_fit_free(f);
            return NULL;
        }
    return f;
}

void tsr_context_fit_free(tsr_context_fit *f) {
    if (!f) return;
    for (uint32_t c = 0; c < TSR_CLASSES; c++) free(f->cls[c].s);
    free(f);
}

/* Reservoir sampling (Vitter 1985, algorithm R): every neighbourhood has the same chance to be
 * kept. */
static sample *slot_for_next(tsr_context_fit *f, class_fit *c) {
    c->seen++;
    if (c->n < SAMPLES) return &c->s[c->n++];
    uint64_t i = tsr_xorshift(&f->rng) % c->seen;
    return i < SAMPLES ? &c->s[i] : NULL;
}

static void fill_sample(sample *s, const tsr_coef_context *cc, const uint16_t *m, size_t stride,
                        ptrdiff_t x) {
    const uint16_t *u = m - stride, *u2 = u - stride;
    const tsr_ref_row *r = cc->ref;
    uint32_t f[TSR_FEATURES] = {
        [TSR_F_W] = m[x - 1],
        [TSR_F_WW] = m[x - 2],
        [TSR_F_N] = u[x],
        [TSR_F_NW] = u[x - 1],
        [TSR_F_NE] = u[x + 1],
        [TSR_F_NN] = u2[x],
        [TSR_F_NNX] = (uint32_t)u2[x - 1] + u2[x + 1],
        [TSR_F_NXX] = (uint32_t)u[x - 2] + u[x + 2],
        [TSR_F_PARENT] = r[TSR_REF_PARENT].centre[x],
        [TSR_F_PARENT_NEAR] = r[TSR_REF_PARENT].near[x],
        [TSR_F_PARENT_FAR] = r[TSR_REF_PARENT].diag[x],
        [TSR_F_SISTER_A] = r[TSR_REF_SISTER_A].centre[x],
        [TSR_F_SISTER_A_CROSS] = r[TSR_REF_SISTER_A].cross[x],
        [TSR_F_SISTER_B] = r[TSR_REF_SISTER_B].centre[x],
        [TSR_F_SISTER_B_CROSS] = r[TSR_REF_SISTER_B].cross[x],
        [TSR_F_PLANE_A] = r[TSR_REF_PLANE_A].centre[x],
        [TSR_F_PLANE_A_CROSS] = r[TSR_REF_PLANE_A].cross[x],
        [TSR_F_PLANE_A_DIAG] = r[TSR_REF_PLANE_A].diag[x],
        [TSR_F_PLANE_B] = r[TSR_REF_PLANE_B].centre[x],
        [TSR_F_PLANE_B_CROSS] = r[TSR_REF_PLANE_B].cross[x],
        [TSR_F_RING] = (uint32_t)u2[x - 2] + u2[x + 2] + u[x - 3] + u[x + 3],
        [TSR_F_CONST] = 1,
    };
    for (int i = 0; i < TSR_FEATURES; i++) s->f[i] = tsr_clip_mag(f[i]);
    s->y = m[x];
}

static void sample_band(tsr_context_fit *f, tsr_coef_context *cc, uint32_t b) {
    const tsr_band *band = &cc->layout->band[b];
    tsr_coef_context_band(cc, b);
    for (uint32_t y = 0; y < band->h; y++) {
        tsr_coef_context_row(cc, b, y);
        for (uint32_t x = 0; x < band->w; x++) {
            sample *s = slot_for_next(f, &f->cls[cc->cls[b]]);
            if (s) fill_sample(s, cc, tsr_mag_row(cc, b, y), cc->mags[b].stride, x);
        }
    }
}

static tsr_status sample_levels(void *arg, tsr_encoder *e) {
    tsr_context_fit *f = arg;
    const tsr_symbols *s = &e->pipe.symbols;
    tsr_coef_context cc;
    tsr_trellis t;
    tsr_trellis_init(&t, s->states);
    tsr_status st = tsr_coef_context_init(&cc, s->layout, NULL, e->job);
    if (st) return st;
    for (uint32_t b = 0; b < s->layout->n; b++) {
        if (s->layout->band[b].domain == TSR_DOMAIN_INDEX) continue;
        tsr_coef_context_fill(&cc, b, s->data[b], &t);
        sample_band(f, &cc, b);
        if (s->layout->band[b].orient != TSR_ORIENT_LOW)
            tsr_rate_model_count(&f->rates, &cc, b, s->data[b], &t);
    }
    return TSR_OK;
}

tsr_status tsr_context_fit_add(tsr_context_fit *f, tsr_context *ctx, const tsr_image *im,
                               const tsr_encode_options *o, tsr_diag *d) {
    return tsr_encoder_visit(ctx, im, o, sample_levels, f, d);
}

/* ---- the fit ---- */

static uint32_t get_sample(const void *data, uint32_t i, uint16_t *features, float *weight) {
    const sample *s = (const sample *)data + i;
    memcpy(features, s->f, sizeof s->f);
    return s->y;
}

static void put_class(tsr_buffer *out, const double *w) {
    char text[16];
    tsr_put_bytes(out, "    {", 5);
    for (int i = 0; i < TSR_FEATURES; i++) {
        int n = snprintf(text, sizeof text, "%s%d", i ? ", " : "", tsr_fit_weight_code(w[i]));
        tsr_put_bytes(out, text, (size_t)n);
    }
    tsr_put_bytes(out, "},\n", 3);
}

tsr_status tsr_context_fit_finish(tsr_context_fit *f, tsr_blob *text, tsr_diag *d) {
    tsr_buffer out = {0};
    *text = (tsr_blob){0};
    for (uint32_t c = 0; c < TSR_CLASSES; c++) {
        double w[TSR_FEATURES];
        tsr_fit_nonneg(get_sample, f->cls[c].s, f->cls[c].n, TSR_FEATURES, w);
        put_class(&out, w);
    }
    if (out.failed) {
        tsr_buffer_free(&out);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the table");
    }
    *text = (tsr_blob){out.data, out.size};
    return TSR_OK;
}

tsr_status tsr_context_fit_rates(const tsr_context_fit *f, tsr_blob *model, tsr_diag *d) {
    tsr_buffer out = {0};
    *model = (tsr_blob){0};
    tsr_rate_model_save(&f->rates, &out);
    if (out.failed) {
        tsr_buffer_free(&out);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
    }
    *model = (tsr_blob){out.data, out.size};
    return TSR_OK;
}
