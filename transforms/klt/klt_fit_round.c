/* klt_fit_round.c - sparse orthonormal transforms by alternation.
 *
 * After Sezer, Guleryuz and Altunbasak, "Approximation and compression with sparse orthonormal
 * transforms", IEEE Trans. Image Processing 24(8), 2015, section III: each block chooses the class
 * in which it costs least, then each basis is fitted to its blocks. In place of their hard
 * threshold the cost of a component y (in steps) is
 *
 *     f(y) = A y^2 / (y^2 + T) + B log2(1 + y^2),
 *
 * bits of a level that is not 0 and its growth. f' / y falls with |y|, so that a quadratic of
 * curvature L = f''(0) that touches f in y lies above it, and sum f falls when
 * sum |R x - (y - f'(y) / L)|^2 does. Its minimum over orthonormal R is the polar factor of
 * sum (y - f'(y) / L) x' (orthogonal Procrustes problem; Schonemann 1966).
 *
 * The first bases are the eigenvectors of the covariance of blocks with the same direction of the
 * gradient, seen mirrored and transposed so that it lies between 0 and 45 degrees. Each takes the
 * place of the component that it is most like. Cost of a round: 64 multiplications a sample and
 * class.
 */
#include <math.h>
#include <string.h>

#include "klt_fit.h"
#include "lapack_eig.h"

#define A         3.0f
#define B         0.5f
#define T         0.4f
#define PER_LN2   1.44269504f
#define CURVATURE (2.0f * A / T + 2.0f * B * PER_LN2)
#define INERTIA   1e-4 /* of the old basis, for directions that no block has */

enum { N = KLT_ROTATED };

/* ---- cost ---- */

static float block_bits(const float *y) {
    float sum = 0.0f, product = 1.0f;
    for (unsigned i = 0; i < KLT_SIZE; i++) {
        float square = y[i] * y[i];
        sum += A * square / (square + T);
        product *= 1.0f + square;
        if (i % 4 < 3) continue;
        sum += B * log2f(product);
        product = 1.0f;
    }
    return sum;
}

/* y - f'(y) / L */
static float shrunk(float y) {
    float square = y * y, s = square + T;
    float slope = 2.0f * A * T * y / (s * s) + 2.0f * B * PER_LN2 * y / (1.0f + square);
    return y - slope / CURVATURE;
}

/* ---- start ---- */

/* The view in which the gradient of the block points between 0 and 45 degrees; *angle: where, 0
 * .. 1. */
static unsigned fold(const float *x, float *angle) {
    float gx = x[1], gy = x[KLT_SIDE], ax = fabsf(gx), ay = fabsf(gy);
    *angle =
        ax + ay > 0.0f ? (float)(atan2(fminf(ax, ay), fmaxf(ax, ay)) / 0.78539816339744831) : 0.0f;
    return (unsigned)(gx * gy < 0.0f) | (unsigned)(ay > ax) << 1;
}

/* Covariance of the blocks of direction n, each divided by its energy. */
static void add_covariances(const tsr_klt_fit *f, unsigned n, double *c) {
    memset(c, 0, sizeof(double) * N * N);
    for (size_t b = 0; b < f->n; b++) {
        float y[KLT_SIZE], angle, energy = 1.0f;
        tsr_klt_view(fold(f->block[b], &angle), f->block[b], y);
        unsigned direction = (unsigned)(angle * KLT_BASES);
        if ((direction < KLT_BASES ? direction : KLT_BASES - 1) != n) continue;
        for (unsigned i = 1; i < KLT_SIZE; i++) energy += y[i] * y[i];
        for (unsigned i = 0; i < N; i++)
            for (unsigned j = i; j < N; j++) c[i * N + j] += (double)(y[i + 1] * y[j + 1] / energy);
    }
    for (unsigned i = 0; i < N; i++) c[i * N + i] += 1e-6 * (double)f->n;
}

/* Eigenvectors, rows of v by rising eigenvalue, to the places that they are most like. */
static void place(const double *v, klt_matrix row) {
    unsigned char taken[N] = {0};
    for (unsigned k = N; k-- > 0;) {
        const double *e = v + (size_t)k * N;
        unsigned best = N;
        for (unsigned j = 0; j < N; j++)
            if (!taken[j] && (best == N || fabs(e[j]) > fabs(e[best]))) best = j;
        taken[best] = 1;
        for (unsigned j = 0; j < N; j++) row[best + 1][j + 1] = (float)(e[best] < 0 ? -e[j] : e[j]);
    }
}

tsr_status tsr_klt_fit_start(tsr_klt_fit *f) {
    double c[N * N], value[N];
    for (unsigned n = 0; n < KLT_BASES; n++) {
        add_covariances(f, n, c);
        tsr_status s = tsr_eig_symmetric(N, c, value);
        if (s) return s;
        place(c, f->bases.row[n]);
    }
    tsr_klt_bases_transpose(&f->bases);
    for (unsigned k = 0; k < KLT_CLASSES; k++) f->number[k] = log2f(KLT_CLASSES);
    return TSR_OK;
}

/* ---- rounds ---- */

/* The cheapest class of a block, its components there and the block as that class sees it. */
static unsigned choose(tsr_klt_fit *f, const float *x, float *y, float *seen) {
    float bits = block_bits(x), best = bits + f->number[0];
    unsigned pick = 0;
    f->before += (double)bits;
    for (unsigned k = 1; k < KLT_CLASSES; k++) {
        float s[KLT_SIZE], t[KLT_SIZE];
        tsr_klt_view((k - 1) % KLT_VIEWS, x, s);
        tsr_klt_combine(f->bases.column[(k - 1) / KLT_VIEWS], s, t);
        bits = block_bits(t) + f->number[k];
        if (bits >= best) continue;
        best = bits;
        pick = k;
        memcpy(y, t, sizeof t);
        memcpy(seen, s, sizeof s);
    }
    f->after += (double)best;
    return pick;
}

static void add_block(double (*sum)[KLT_SIZE], const float *y, const float *x) {
    for (unsigned i = 1; i < KLT_SIZE; i++) {
        double t = shrunk(y[i]);
        for (unsigned j = 1; j < KLT_SIZE; j++) sum[i][j] += t * x[j];
    }
}

static void add_inertia(double (*sum)[KLT_SIZE], const klt_matrix row) {
    double trace = 0;
    for (unsigned i = 1; i < KLT_SIZE; i++)
        for (unsigned j = 1; j < KLT_SIZE; j++) trace += sum[i][j] * row[i][j];
    for (unsigned i = 1; i < KLT_SIZE; i++)
        for (unsigned j = 1; j < KLT_SIZE; j++)
            sum[i][j] += INERTIA * (trace / N + 1.0) * row[i][j];
}

/* m (m' m)^(-1/2), the orthonormal matrix nearest to m. */
static tsr_status polar(double (*m)[KLT_SIZE], klt_matrix out) {
    double a[N * N], value[N], root[N][N];
    for (unsigned i = 0; i < N; i++)
        for (unsigned j = 0; j < N; j++) {
            double s = 0;
            for (unsigned k = 1; k < KLT_SIZE; k++) s += m[k][i + 1] * m[k][j + 1];
            a[i * N + j] = s;
        }
    tsr_status status = tsr_eig_symmetric(N, a, value);
    if (status) return status;
    double least = 1e-14 * value[N - 1];
    for (unsigned i = 0; i < N; i++)
        for (unsigned j = 0; j < N; j++) {
            root[i][j] = 0;
            for (unsigned k = 0; k < N; k++)
                root[i][j] += a[k * N + i] * a[k * N + j] / sqrt(fmax(value[k], least));
        }
    for (unsigned i = 1; i < KLT_SIZE; i++)
        for (unsigned j = 0; j < N; j++) {
            double s = 0;
            for (unsigned k = 0; k < N; k++) s += m[i][k + 1] * root[k][j];
            out[i][j + 1] = (float)s;
        }
    return TSR_OK;
}

tsr_status tsr_klt_fit_round(tsr_klt_fit *f) {
    memset(f->sum, 0, sizeof f->sum);
    memset(f->count, 0, sizeof f->count);
    f->before = f->after = 0;
    for (size_t b = 0; b < f->n; b++) {
        float y[KLT_SIZE], seen[KLT_SIZE];
        unsigned pick = choose(f, f->block[b], y, seen);
        f->count[pick]++;
        if (pick) add_block(f->sum[(pick - 1) / KLT_VIEWS], y, seen);
    }
    for (unsigned n = 0; n < KLT_BASES; n++) {
        add_inertia(f->sum[n], f->bases.row[n]);
        tsr_status s = polar(f->sum[n], f->bases.row[n]);
        if (s) return s;
    }
    tsr_klt_bases_transpose(&f->bases);
    for (unsigned k = 0; k < KLT_CLASSES; k++)
        f->number[k] = (float)-log2((f->count[k] + 1) / ((double)f->n + KLT_CLASSES));
    return TSR_OK;
}
