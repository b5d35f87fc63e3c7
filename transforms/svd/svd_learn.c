/* svd_learn.c - the data basis: which components to rotate, and by how much.
 *
 * A block is the vector of its components in all planes. Their covariance over the blocks of this
 * picture, each block weighted by the inverse of its energy (blocks are alike in shape, not in
 * contrast), tells which components are correlated. The strongest correlations join components into
 * groups of at most SVD_GROUP; LAPACK's eigenvectors of a group's covariance are its Karhunen-Loeve
 * basis, which is written as plane rotations by quantized angles. A group is kept when the bits it
 * saves exceed those of its side information. What is left over is looked at again.
 *
 * A value x takes about log2(1 + (x / step)^2) / 2 bits (Gaussian of that variance, reverse
 * water-filling: Cover and Thomas, Elements of Information Theory, eq. 10.33). Rotations keep the
 * squared error, so bits are all there is to compare.
 *
 * Cost: one sweep takes n^2 / 2 multiplications a sampled block for n active components.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lapack_eig.h"
#include "svd_internal.h"

enum {
    MAX_ACTIVE = TSR_MAX_PLANES * SVD_CANDIDATES,
    MAX_SAMPLES = 8192, /* blocks looked at */
    LANES = 8
};

#define ACTIVE_VARIANCE 0.02 /* in steps squared: below it a component is hardly ever coded */
#define SIGNIFICANT     20.0 /* correlation^2 x blocks that a pair must reach */
#define HALF_PI         1.57079632679489662

typedef struct learner {
    svd *st;
    double inverse_step2, scale; /* scale: blocks of the picture for each sampled one */
    uint32_t n;                  /* active components */
    uint32_t comp[MAX_ACTIVE];
    uint8_t in_basis[MAX_ACTIVE]; /* by candidate number: already rotated by some group */
    uint32_t rank;                /* components in the basis */
    size_t samples, stride;       /* of the arrays; stride: a multiple of LANES, zero-padded */
    float *value[MAX_ACTIVE];     /* sampled components */
    float *weighted[MAX_ACTIVE];  /* the same, by inverse energy */
    float *weight;                /* [stride] */
    float *saved[SVD_GROUP];      /* to take a group back */
    double *covariance;           /* n x n */
} learner;

typedef struct edge {
    uint16_t a, b;
    float correlation2;
} edge;

/* ---- samples ---- */

static int is_active(const learner *l, const float *x, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sum * l->inverse_step2 > ACTIVE_VARIANCE * (double)n;
}

static void list_active(learner *l, const tsr_coeffs *c) {
    uint32_t size = lapped_grid_size(&l->st->lapped.grid[0]);
    uint32_t ranks = size < SVD_CANDIDATES ? size : SVD_CANDIDATES;
    for (uint32_t p = 0; p < l->st->g.planes; p++)
        for (uint32_t r = 1; r < ranks; r++) {
            uint32_t k = p * SVD_CANDIDATES + r;
            if (is_active(l, c->data[tsr_svd_candidate_band(l->st, k)].f,
                          lapped_grid_blocks(&l->st->lapped.grid[0])))
                l->comp[l->n++] = k;
        }
}

static tsr_status alloc_samples(learner *l, const tsr_env *env) {
    size_t bytes = l->stride * sizeof(float);
    float *all = env->alloc(env, (2 * l->n + SVD_GROUP + 1) * bytes);
    l->covariance = env->alloc(env, (size_t)l->n * l->n * sizeof(double));
    if (!all || !l->covariance) return TSR_ERR_MEMORY;
    for (uint32_t i = 0; i < l->n; i++, all += 2 * l->stride) {
        l->value[i] = all;
        l->weighted[i] = all + l->stride;
    }
    for (unsigned k = 0; k < SVD_GROUP; k++, all += l->stride) l->saved[k] = all;
    l->weight = all;
    return TSR_OK;
}

static void take_samples(learner *l, const tsr_coeffs *c, size_t step) {
    for (uint32_t i = 0; i < l->n; i++) {
        const float *x = c->data[tsr_svd_candidate_band(l->st, l->comp[i])].f;
        for (size_t b = 0; b < l->samples; b++) l->value[i][b] = x[b * step];
        for (size_t b = l->samples; b < l->stride; b++) l->value[i][b] = 0.0f;
    }
    for (size_t b = 0; b < l->stride; b++) {
        double energy = l->n / l->inverse_step2;
        for (uint32_t i = 0; i < l->n; i++) energy += (double)l->value[i][b] * l->value[i][b];
        l->weight[b] = (float)(1.0 / sqrt(energy));
    }
}

/* ---- covariance and groups ---- */

static double dot(const float *x, const float *y, size_t n) {
    float sum[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += x[i + k] * y[i + k];
    double total = 0.0;
    for (size_t k = 0; k < LANES; k++) total += sum[k];
    return total;
}

static tsr_status weigh(void *arg, uint32_t i, uint32_t worker) {
    learner *l = arg;
    for (size_t b = 0; b < l->stride; b++) l->weighted[i][b] = l->value[i][b] * l->weight[b];
    return TSR_OK;
}

static tsr_status covariance_row(void *arg, uint32_t i, uint32_t worker) {
    learner *l = arg;
    for (uint32_t j = 0; j <= i; j++)
        l->covariance[(size_t)i * l->n + j] = dot(l->weighted[i], l->weighted[j], l->stride);
    return TSR_OK;
}

static double covariance(const learner *l, uint32_t i, uint32_t j) {
    return i > j ? l->covariance[(size_t)i * l->n + j] : l->covariance[(size_t)j * l->n + i];
}

/* Strongest first; ties by place, so that the order is the same everywhere. */
static int compare_edges(const void *pa, const void *pb) {
    const edge *a = pa, *b = pb;
    if (a->correlation2 != b->correlation2) return a->correlation2 < b->correlation2 ? 1 : -1;
    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

static uint32_t list_edges(const learner *l, edge *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        for (uint32_t j = 0; j < i; j++) {
            double c = covariance(l, i, j), v = covariance(l, i, i) * covariance(l, j, j);
            if (c * c * (double)l->samples > SIGNIFICANT * v)
                out[n++] = (edge){(uint16_t)j, (uint16_t)i, (float)(c * c / v)};
        }
    qsort(out, n, sizeof *out, compare_edges);
    return n;
}

/* Joins components by their strongest correlations into groups of at most `most`; owner[i] names
 * the group of i. */
static void join(const learner *l, const edge *e, uint32_t n, uint32_t most, uint16_t *owner) {
    uint16_t size[MAX_ACTIVE];
    for (uint32_t i = 0; i < l->n; i++) {
        owner[i] = (uint16_t)i;
        size[i] = 1;
    }
    for (uint32_t k = 0; k < n; k++) {
        uint16_t a = owner[e[k].a], b = owner[e[k].b];
        if (a == b || size[a] + size[b] > (int)most) continue;
        size[a] = (uint16_t)(size[a] + size[b]);
        for (uint32_t i = 0; i < l->n; i++)
            if (owner[i] == b) owner[i] = a;
    }
}

/* ---- the basis of a group ---- */

/* Puts eigenvectors (rows of e) into columns of w so that each stands where it is largest, and
 * points there: the basis is then as near to the fixed one as it can be. */
static void match(const double *e, unsigned n, double *w) {
    unsigned row_done = 0, column_done = 0;
    for (unsigned step = 0; step < n; step++) {
        double best = -1.0;
        unsigned row = 0, column = 0;
        for (unsigned r = 0; r < n; r++)
            for (unsigned c = 0; c < n; c++)
                if (!(row_done >> r & 1) && !(column_done >> c & 1) && fabs(e[r * n + c]) > best) {
                    best = fabs(e[r * n + c]);
                    row = r;
                    column = c;
                }
        row_done |= 1u << row;
        column_done |= 1u << column;
        double sign = e[row * n + column] < 0.0 ? -1.0 : 1.0;
        for (unsigned i = 0; i < n; i++) w[i * n + column] = sign * e[row * n + i];
    }
}

/* Angles that turn the matrix w into the identity pair by pair (a vector's sign is free). */
static void angles_of(double *w, unsigned n, double *angle) {
    unsigned pair = 0;
    for (unsigned a = 0; a < n; a++)
        for (unsigned b = a + 1; b < n; b++, pair++) {
            double t = atan2(w[b * n + a], w[a * n + a]);
            if (t > HALF_PI) t -= 2.0 * HALF_PI;
            if (t < -HALF_PI) t += 2.0 * HALF_PI;
            double c = cos(t), s = sin(t);
            for (unsigned k = 0; k < n; k++) {
                double x = w[a * n + k], y = w[b * n + k];
                w[a * n + k] = c * x + s * y;
                w[b * n + k] = c * y - s * x;
            }
            angle[pair] = t;
        }
}

/* Rotation angles of the Karhunen-Loeve basis of components index[0 .. n-1]. */
static tsr_status find_angles(const learner *l, const uint32_t *index, unsigned n, double *angle) {
    double e[SVD_GROUP * SVD_GROUP], w[SVD_GROUP * SVD_GROUP], value[SVD_GROUP];
    for (unsigned a = 0; a < n; a++)
        for (unsigned b = 0; b < n; b++) e[a * n + b] = covariance(l, index[a], index[b]);
    tsr_status s = tsr_eig_symmetric(n, e, value);
    if (s) return s;
    match(e, n, w);
    angles_of(w, n, angle);
    return TSR_OK;
}

static void quantize_angles(svd_group *g, const double *angle) {
    double unit = HALF_PI / SVD_RIGHT_ANGLE * (1 << g->coarse);
    for (unsigned i = 0; i < g->n * (g->n - 1u) / 2; i++)
        g->angle[i] = (int8_t)((int)lrint(angle[i] / unit) * (1 << g->coarse));
}

/* Bits of the sampled values of n components. Products stand for sums of logarithms. */
static double bits_of(const learner *l, float *const *value, unsigned n) {
    double bits = 0.0;
    for (unsigned k = 0; k < n; k++)
        for (size_t i = 0; i < l->stride; i += LANES) {
            double product = 1.0;
            for (size_t j = 0; j < LANES; j++) {
                double x = value[k][i + j];
                product *= 1.0 + x * x * l->inverse_step2;
            }
            bits += log2(product);
        }
    return 0.5 * bits;
}

static void copy_values(const learner *l, float *const *from, float *const *to, unsigned n) {
    for (unsigned k = 0; k < n; k++) memcpy(to[k], from[k], l->stride * sizeof(float));
}

/* Net saving of a group in bits; value[] is left as it was. */
static double saving(const learner *l, const svd_group *g, float *const *value, double before) {
    copy_values(l, value, l->saved, g->n);
    tsr_svd_rotate(g, value, 0, l->stride);
    double after = bits_of(l, value, g->n);
    copy_values(l, l->saved, value, g->n);
    uint32_t candidates = l->st->g.planes * SVD_CANDIDATES;
    return (before - after) * l->scale - tsr_svd_group_bits(g, candidates);
}

static uint32_t new_in_basis(const learner *l, const svd_group *g) {
    uint32_t n = 0;
    for (unsigned k = 0; k < g->n; k++) n += !l->in_basis[g->comp[k]];
    return n;
}

static void keep(learner *l, const svd_group *g, float *const *value) {
    l->rank += new_in_basis(l, g);
    for (unsigned k = 0; k < g->n; k++) l->in_basis[g->comp[k]] = 1;
    tsr_svd_rotate(g, value, 0, l->stride);
    l->st->group[l->st->n_groups++] = *g;
}

/* Adds the group of components index[0 .. n-1] to the basis when it pays. */
static tsr_status try_group(learner *l, const uint32_t *index, unsigned n, int *kept) {
    svd_group best = {.n = 0}, g = {.n = (uint8_t)n};
    float *value[SVD_GROUP];
    double angle[SVD_GROUP_ANGLES], most = 0.0;
    for (unsigned k = 0; k < n; k++) {
        g.comp[k] = (uint8_t)l->comp[index[k]];
        value[k] = l->value[index[k]];
    }
    if (l->st->n_groups == SVD_MAX_GROUPS || l->rank + new_in_basis(l, &g) > l->st->rank)
        return TSR_OK;
    tsr_status s = find_angles(l, index, n, angle);
    if (s) return s;
    double before = bits_of(l, value, n);
    for (uint8_t coarse = 0; coarse < 3; coarse++) {
        if (l->st->precision && l->st->precision != coarse + 1u) continue;
        g.coarse = coarse;
        quantize_angles(&g, angle);
        double bits = saving(l, &g, value, before);
        if (bits > most) {
            most = bits;
            best = g;
        }
    }
    if (best.n) {
        keep(l, &best, value);
        *kept = 1;
    }
    return TSR_OK;
}

static tsr_status sweep(learner *l, uint32_t most, edge *edges, int *kept, const tsr_env *env) {
    tsr_status s = env->parallel_for(env, l->n, weigh, l);
    if (!s) s = env->parallel_for(env, l->n, covariance_row, l);
    uint16_t owner[MAX_ACTIVE];
    join(l, edges, s ? 0 : list_edges(l, edges), most, owner);
    for (uint32_t i = 0; i < l->n && !s; i++) {
        uint32_t index[SVD_GROUP], n = 0;
        for (uint32_t k = 0; k < l->n; k++)
            if (owner[k] == i) index[n++] = k;
        if (n > 1) s = try_group(l, index, n, kept);
    }
    return s;
}

/* ---- all of it ---- */

typedef struct apply_job {
    const svd *st;
    const tsr_coeffs *c;
} apply_job;

static tsr_status apply_row(void *arg, uint32_t y, uint32_t worker) {
    const apply_job *a = arg;
    const lapped_grid *grid = &a->st->lapped.grid[0];
    for (uint32_t i = 0; i < a->st->n_groups; i++) {
        const svd_group *g = &a->st->group[i];
        float *comp[SVD_GROUP];
        for (unsigned k = 0; k < g->n; k++)
            comp[k] = a->c->data[tsr_svd_candidate_band(a->st, g->comp[k])].f;
        tsr_svd_rotate(g, comp, (size_t)y * grid->nx, grid->nx);
    }
    return TSR_OK;
}

static tsr_status run(learner *l, const tsr_goal *goal, const tsr_coeffs *c, const tsr_env *env) {
    size_t blocks = lapped_grid_blocks(&l->st->lapped.grid[0]),
           step = (blocks + MAX_SAMPLES - 1) / MAX_SAMPLES;
    l->inverse_step2 = 1.0 / ((double)goal->step * goal->step);
    l->samples = (blocks - 1) / step + 1;
    l->scale = (double)blocks / (double)l->samples;
    l->stride = (l->samples + LANES - 1) / LANES * LANES;
    list_active(l, c);
    if (l->n < 2) return TSR_OK;
    tsr_status s = alloc_samples(l, env);
    if (s) return s;
    edge *edges = env->alloc(env, (size_t)l->n * (l->n - 1) / 2 * sizeof *edges);
    if (!edges) return TSR_ERR_MEMORY;
    take_samples(l, c, step);
    /* Large groups first: where they do not pay, parts of them may. */
    for (uint32_t most = SVD_GROUP; most > 1 && !s; most /= 2) {
        int kept = 1;
        for (uint32_t i = 0; i < (goal->effort > 5 ? 4 : 1) && kept && !s; i++) {
            kept = 0;
            s = sweep(l, most, edges, &kept, env);
        }
    }
    if (s == TSR_ERR_INTERNAL) return env->fail(env, s, "svd: an eigenproblem did not converge");
    apply_job a = {l->st, c};
    return s ? s : env->parallel_for(env, l->st->lapped.grid[0].ny, apply_row, &a);
}

tsr_status tsr_svd_learn(svd *st, const tsr_goal *goal, const tsr_coeffs *c, const tsr_env *env) {
    st->n_groups = 0;
    if (!st->rank || !(goal->step > 0.0f)) return TSR_OK;
    if (!tsr_lapack_available())
        return env->fail(env, TSR_ERR_UNSUPPORTED,
                         "svd: there is no LAPACKE (liblapacke.so.3), which finds the data basis; "
                         "use svd:rank=0 for the fixed one");
    learner *l = env->alloc(env, sizeof *l);
    if (!l) return TSR_ERR_MEMORY;
    *l = (learner){.st = st};
    return run(l, goal, c, env);
}
