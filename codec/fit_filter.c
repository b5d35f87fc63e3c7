/* fit_filter.c - least-squares training of the post filter on decoded pictures.
 *
 * For each set, plane and class: minimise |original - decoded - sum_t w_t d_t|^2 over the weights,
 * d_t being the symmetric differences of tap pair t (postfilter.h); ridge-regularised normal
 * equations, Cholesky.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tune.h>

#include "encoder.h"
#include "postfilter.h"
#include "step.h"

#define T TSR_FILTER_TAPS

typedef struct class_sums {
    double a[T][T], b[T], n; /* lower triangle */
} class_sums;

struct tsr_filter_fit {
    class_sums (*sums)[TSR_FILTER_CLASSES]; /* [plane][class] */
    uint32_t set;
    uint64_t rng;
    tsr_filter_weights weights[TSR_FILTER_SETS];
};

tsr_filter_fit *tsr_filter_fit_new(uint64_t seed) {
    tsr_filter_fit *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->rng = seed * 2 + 1;
    f->sums = calloc(TSR_FILTER_PLANES, sizeof *f->sums);
    if (!f->sums) {
        free(f);
        return NULL;
    }
    return f;
}

void tsr_filter_fit_free(tsr_filter_fit *f) {
    if (f) free(f->sums);
    free(f);
}

uint32_t tsr_filter_fit_sets(void) {
    return TSR_FILTER_SETS;
}

double tsr_filter_fit_step(uint32_t set) {
    return 4.0 * exp2(set / 2.0);
}

/* ---- accumulation ---- */

static void add_pixel(class_sums *s, const float *d, float target) {
    for (uint32_t i = 0; i < T; i++) {
        double v = d[i];
        s->b[i] += v * target;
        for (uint32_t k = 0; k <= i; k++) s->a[i][k] += v * d[k];
    }
    s->n++;
}

static void add_row(tsr_filter_fit *fit, const tsr_filter_planes *f, const tsr_filter_classes *c,
                    const tsr_planes *original, uint32_t plane, uint32_t y, uint32_t first,
                    uint32_t every) {
    ptrdiff_t offset[T];
    uint8_t source[T];
    tsr_filter_offsets(f, plane, offset, source);
    for (uint32_t x = first; x < f->w; x += every) {
        size_t at = (size_t)y * f->stride + x;
        float d[T], unit = 1.0f / (1 << TSR_FILTER_FRACTION);
        for (uint32_t t = 0; t < T; t++) {
            const int16_t *p = f->p[source[t]] + at;
            d[t] = (float)(p[offset[t]] + p[-offset[t]] - 2 * p[0]) * unit;
        }
        float target = original->p[plane].s.f[(size_t)y * f->w + x] - (float)f->p[plane][at] * unit;
        add_pixel(&fit->sums[plane][c->cls[(size_t)y * f->w + x]], d, target);
    }
}

static tsr_status accumulate(tsr_filter_fit *fit, const tsr_planes *decoded,
                             const tsr_planes *original, uint32_t every, tsr_job *j) {
    tsr_filter_planes f;
    tsr_filter_classes c;
    tsr_status s = tsr_filter_load(&f, decoded, j);
    if (!s) s = tsr_filter_classify(&c, &f, fit->set + 1, j);
    for (uint32_t plane = 0; plane < f.n && !s; plane++)
        for (uint32_t y = 0; y < f.h; y++) {
            fit->rng = fit->rng * 6364136223846793005u + 1442695040888963407u;
            add_row(fit, &f, &c, original, plane, y, (uint32_t)(fit->rng >> 33) % every, every);
        }
    return s;
}

/* What one picture is added to. */
typedef struct accumulation {
    tsr_filter_fit *fit;
    uint32_t every;
} accumulation;

static tsr_status visit(void *arg, tsr_encoder *e) {
    const accumulation *a = arg;
    tsr_status s = tsr_encoder_reconstruct(e);
    return s ? s : accumulate(a->fit, &e->synthesis, &e->planes, a->every, e->job);
}

void tsr_filter_fit_begin(tsr_filter_fit *f, uint32_t set) {
    f->set = set;
    memset(f->sums, 0, TSR_FILTER_PLANES * sizeof *f->sums);
}

tsr_status tsr_filter_fit_add(tsr_filter_fit *f, tsr_context *ctx, const tsr_image *im,
                              const char *spec, uint32_t effort, uint32_t every, tsr_diag *d) {
    tsr_encode_options o;
    accumulation a = {f, every};
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.effort = effort;
    o.target = TSR_TARGET_STEP;
    o.postfilter = 1;
    f->rng = f->rng * 6364136223846793005u + 1442695040888963407u;
    o.value = tsr_filter_fit_step(f->set) * exp2((double)(f->rng >> 40) / (1 << 24) / 2 - 0.25);
    return tsr_encoder_visit(ctx, im, &o, visit, &a, d);
}

/* ---- solution ---- */

/* Cholesky factor in place of the lower triangle, then two substitutions. 0: not positive definite.
 */
static int solve(double a[T][T], double *b) {
    for (uint32_t i = 0; i < T; i++)
        for (uint32_t k = 0; k <= i; k++) {
            double v = a[i][k];
            for (uint32_t m = 0; m < k; m++) v -= a[i][m] * a[k][m];
            if (i == k && v <= 0) return 0;
            a[i][k] = i == k ? sqrt(v) : v / a[k][k];
        }
    for (uint32_t i = 0; i < T; i++) {
        for (uint32_t m = 0; m < i; m++) b[i] -= a[i][m] * b[m];
        b[i] /= a[i][i];
    }
    for (uint32_t i = T; i-- > 0;) {
        for (uint32_t m = i + 1; m < T; m++) b[i] -= a[m][i] * b[m];
        b[i] /= a[i][i];
    }
    return 1;
}

static void solve_class(class_sums *s, double step, int16_t *w) {
    double trace = 0;
    memset(w, 0, T * sizeof *w);
    if (s->n < 200) return;
    for (uint32_t i = 0; i < T; i++) trace += s->a[i][i] / T;
    for (uint32_t i = 0; i < T; i++) s->a[i][i] += 2 * step * step + 1e-3 * trace;
    if (!solve(s->a, s->b)) return;
    for (uint32_t i = 0; i < T; i++) {
        double v = floor(s->b[i] * (1 << TSR_FILTER_WEIGHT_BITS) + 0.5),
               max = TSR_FILTER_WEIGHT_MAX;
        w[i] = (int16_t)(v > max ? max : v < -max ? -max : v);
    }
}

void tsr_filter_fit_end(tsr_filter_fit *f) {
    for (uint32_t plane = 0; plane < TSR_FILTER_PLANES; plane++)
        for (uint32_t c = 0; c < TSR_FILTER_CLASSES; c++)
            solve_class(&f->sums[plane][c], tsr_filter_fit_step(f->set),
                        f->weights[f->set][plane][c]);
}

tsr_status tsr_filter_fit_finish(const tsr_filter_fit *f, tsr_blob *model, tsr_diag *d) {
    tsr_buffer out = {0};
    const int16_t *w = f->weights[0][0][0];
    for (size_t i = 0; i < sizeof f->weights / sizeof *w; i++) {
        tsr_put_u8(&out, (uint8_t)w[i]);
        tsr_put_u8(&out, (uint8_t)((uint16_t)w[i] >> 8));
    }
    *model = (tsr_blob){0};
    if (out.failed) {
        tsr_buffer_free(&out);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
    }
    *model = (tsr_blob){out.data, out.size};
    return TSR_OK;
}
