/* svd_plane.c - plane mode: each plane as a sum of products of a column and a row.
 *
 * A = sum_k s_k u_k v_k' (Eckart and Young, Psychometrika 1, 1936: the best sum of so many terms).
 * The bands hold a_k = sqrt(s_k t_k) u_k and b_k = sqrt(s_k t_k) v_k, where t_k is s_k as the side
 * information has it, and the plane is sum_k a_k b_k' / t_k. Since |b_k|^2 is nearly t_k, an error
 * in a sample of a_k costs as much in the plane: gain 1. A term is kept while what it takes off the
 * squared error is worth the bits of its two factors.
 *
 * Cost: see lapack_eig.c; synthesis takes one multiplication a sample and term.
 */
#include <math.h>
#include <string.h>

#include "lapack_eig.h"
#include "svd_internal.h"

/* Step sizes of singular values within an octave: 2^(i / 16), rounded to float. */
static const float sixteenth[16] = {
    1.0f,        1.04427378f, 1.09050773f, 1.13878863f, 1.18920712f, 1.24185781f,
    1.29683955f, 1.35425555f, 1.41421356f, 1.47682615f, 1.54221083f, 1.61049033f,
    1.68179283f, 1.75625216f, 1.83400809f, 1.91520656f,
};

enum { SCALE_ZERO = 256 }; /* the code of 1.0 */

/* Exact: powers of two by doubling and halving. */
static float scale_value(uint32_t code) {
    float v = sixteenth[code % 16];
    for (uint32_t e = code / 16; e > SCALE_ZERO / 16; e--) v *= 2.0f;
    for (uint32_t e = code / 16; e < SCALE_ZERO / 16; e++) v *= 0.5f;
    return v;
}

static uint16_t scale_code(float s) {
    double code = rint(16.0 * log2(s > 0x1p-16f ? s : 0x1p-16f)) + SCALE_ZERO;
    return (uint16_t)(code < 0 ? 0 : code > SVD_SCALES - 1 ? SVD_SCALES - 1 : code);
}

/* ---- layout: for each group of terms and each plane, the columns and the rows ---- */

static uint32_t term_groups(const svd *st) {
    return (st->terms + SVD_TERM_GROUP - 1) / SVD_TERM_GROUP;
}

static uint32_t band_index(const svd *st, uint32_t group, uint32_t plane, uint32_t side) {
    return (group * st->g.planes + plane) * 2 + side;
}

static void describe(const svd *st, uint32_t group, uint32_t plane, uint32_t side, tsr_band *b) {
    uint32_t left = st->terms - group * SVD_TERM_GROUP;
    *b = (tsr_band){
        .w = side ? st->g.width : st->g.height,
        .h = left < SVD_TERM_GROUP ? left : SVD_TERM_GROUP,
        .domain = TSR_DOMAIN_REAL,
        .plane = (uint8_t)plane,
        .orient = TSR_ORIENT_H,
        .level = group == 0  ? 4
                 : group < 3 ? 3
                 : group < 7 ? 2
                             : 1,
        .layer = (uint16_t)group,
        .gain = 1.0f,
    };
    for (int r = 0; r < TSR_REFS; r++) b->ref[r] = TSR_NO_BAND;
    if (group && b->h == SVD_TERM_GROUP)
        b->ref[TSR_REF_PARENT] = band_index(st, group - 1, plane, side);
    if (plane) b->ref[TSR_REF_PLANE_A] = band_index(st, group, 0, side);
    if (plane > 1) b->ref[TSR_REF_PLANE_B] = band_index(st, group, plane - 1, side);
}

uint32_t tsr_svd_plane_layout(const svd *st, tsr_band *out, uint32_t cap) {
    uint32_t total = term_groups(st) * st->g.planes * 2;
    for (uint32_t i = 0; i < total && i < cap; i++)
        describe(st, i / 2 / st->g.planes, i / 2 % st->g.planes, i % 2, &out[i]);
    return total;
}

/* Array of factor k (side 0: column, of `height` samples; side 1: row, of `width`). */
static float *factor(const svd *st, const tsr_coeffs *c, uint32_t plane, uint32_t side,
                     uint32_t k) {
    float *band = c->data[band_index(st, k / SVD_TERM_GROUP, plane, side)].f;
    return band + (size_t)(k % SVD_TERM_GROUP) * (side ? st->g.width : st->g.height);
}

/* ---- analysis ---- */

typedef struct decomposition {
    svd *st;
    const tsr_planes *in;
    const tsr_goal *goal;
    const tsr_coeffs *out;
    struct {
        float *u, *s, *v;
        double *work;
    } plane[TSR_MAX_PLANES];
} decomposition;

/* Lagrangian of the n values of a factor: squared error of quantization plus lambda bits. */
static double price(const float *x, uint32_t n, const tsr_goal *goal) {
    double step2 = (double)goal->step * goal->step, error = 0.0, bits = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        double e = (double)x[i] * x[i];
        error += e < step2 / 12.0 ? e : step2 / 12.0;
        bits += 0.5 * log2(1.0 + e / step2);
    }
    return error + goal->lambda * bits;
}

/* Writes the factors of term k; what keeping it costs, less what it saves. */
static double write_term(const decomposition *d, uint32_t p, uint32_t k) {
    svd *st = d->st;
    float s = d->plane[p].s[k], *a = factor(st, d->out, p, 0, k), *b = factor(st, d->out, p, 1, k);
    st->scale[p][k] = scale_code(s);
    if (k && st->scale[p][k] > st->scale[p][k - 1]) st->scale[p][k] = st->scale[p][k - 1];
    float root = sqrtf(s * scale_value(st->scale[p][k]));
    const float *u = d->plane[p].u + (size_t)k * st->g.height;
    const float *v = d->plane[p].v + (size_t)k * st->g.width;
    for (uint32_t i = 0; i < st->g.height; i++) a[i] = root * u[i];
    for (uint32_t i = 0; i < st->g.width; i++) b[i] = root * v[i];
    return price(a, st->g.height, d->goal) + price(b, st->g.width, d->goal) - (double)s * s;
}

static void clear_terms(const decomposition *d, uint32_t p, uint32_t from) {
    for (uint32_t k = from; k < d->st->terms; k++) {
        memset(factor(d->st, d->out, p, 0, k), 0, d->st->g.height * sizeof(float));
        memset(factor(d->st, d->out, p, 1, k), 0, d->st->g.width * sizeof(float));
    }
}

static tsr_status decompose(void *arg, uint32_t p, uint32_t worker) {
    const decomposition *d = arg;
    svd *st = d->st;
    tsr_status status =
        tsr_svd_truncated(d->in->p[p].s.f, st->g.height, st->g.width, st->terms, d->plane[p].u,
                          d->plane[p].s, d->plane[p].v, d->plane[p].work);
    if (status) return status;
    double total = 0.0, least = 0.0;
    st->kept[p] = 0;
    for (uint32_t k = 0; k < st->terms; k++) {
        total += write_term(d, p, k);
        if (total < least) {
            least = total;
            st->kept[p] = k + 1;
        }
    }
    clear_terms(d, p, st->kept[p]);
    return TSR_OK;
}

static tsr_status alloc_factors(decomposition *d, const tsr_env *env) {
    const svd *st = d->st;
    size_t doubles = tsr_svd_work_size(st->g.height, st->g.width, st->terms);
    if (!doubles)
        return env->fail(env, TSR_ERR_LIMIT, "svd: a plane of %u x %u is too large", st->g.width,
                         st->g.height);
    for (uint32_t p = 0; p < st->g.planes; p++) {
        d->plane[p].work = env->alloc(env, doubles * sizeof(double));
        d->plane[p].u = env->alloc(env, (size_t)st->terms * st->g.height * sizeof(float));
        d->plane[p].v = env->alloc(env, (size_t)st->terms * st->g.width * sizeof(float));
        d->plane[p].s = env->alloc(env, st->terms * sizeof(float));
        if (!d->plane[p].work || !d->plane[p].u || !d->plane[p].v || !d->plane[p].s)
            return TSR_ERR_MEMORY;
    }
    return TSR_OK;
}

tsr_status tsr_svd_plane_analysis(svd *st, const tsr_planes *in, const tsr_goal *goal,
                                  tsr_coeffs *out, const tsr_env *env) {
    if (!tsr_lapack_available())
        return env->fail(
            env, TSR_ERR_UNSUPPORTED,
            "svd: there is no LAPACKE (liblapacke.so.3), which mode=plane needs to encode");
    decomposition d = {.st = st, .in = in, .goal = goal, .out = out};
    tsr_status s = alloc_factors(&d, env);
    if (!s) s = env->parallel_for(env, in->n, decompose, &d);
    if (s == TSR_ERR_INTERNAL)
        return env->fail(env, s, "svd: the singular value decomposition did not converge");
    return s;
}

/* ---- synthesis ---- */

typedef struct product {
    const svd *st;
    const tsr_coeffs *in;
    uint32_t plane;
    float *out;
} product;

static tsr_status product_row(void *arg, uint32_t y, uint32_t worker) {
    const product *p = arg;
    const svd *st = p->st;
    float *row = p->out + (size_t)y * st->g.width;
    memset(row, 0, st->g.width * sizeof *row);
    for (uint32_t k = 0; k < st->kept[p->plane]; k++) {
        float a = factor(st, p->in, p->plane, 0, k)[y] / scale_value(st->scale[p->plane][k]);
        const float *b = factor(st, p->in, p->plane, 1, k);
        for (uint32_t x = 0; x < st->g.width; x++) row[x] += a * b[x];
    }
    return TSR_OK;
}

tsr_status tsr_svd_plane_synthesis(const svd *st, const tsr_coeffs *in, tsr_planes *out,
                                   const tsr_env *env) {
    tsr_status s = TSR_OK;
    for (uint32_t p = 0; p < out->n && !s; p++) {
        product job = {st, in, p, out->p[p].s.f};
        s = env->parallel_for(env, st->g.height, product_row, &job);
    }
    return s;
}
