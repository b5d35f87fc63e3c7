/* lapped_frame.c - the fixed basis of a block along one axis, and its application to lanes of
 * signals.
 *
 * Tran, Liang and Tu, "Lapped transform via time-domain pre- and post-filtering", IEEE Trans.
 * Signal Processing 51 (2003), figures 3 and 9: filters across the borders between blocks make the
 * basis functions overlap while the block transform stays as it is. A second filter, inside the
 * block, lengthens them further. Filters and bases of 4 and 8 samples were fitted to photographs by
 * minimising rate plus distortion after quantization; the result is biorthogonal. Without overlap,
 * and for larger blocks, the basis is the DCT-II.
 *
 * Arithmetic: +, - and * of floats in the order written, no library functions but sqrtf, so results
 * are the same on every machine. Cost: block + taps / 2 multiplications a sample and stage.
 */
#include "lapped_frame.h"

#include <math.h>
#include <string.h>

#include "dct_basis.h"

static const float centre8_forward[16] = {
    0.966607055f,   0.0f,           0.0729041575f,    0.00363795282f,
    0.0f,           0.969160253f,   -0.000597449986f, 0.0123528876f,
    -0.0713012199f, 0.0f,           0.988337549f,     0.0493185231f,
    0.0f,           -0.0118939827f, -0.0486821607f,   1.00655331f,
};

static const float centre8_inverse[16] = {
    1.02894785f,  0.0f,           -0.0758997535f, 0.0f,          0.0f,
    1.03166572f,  0.0f,           -0.0126610787f, 0.0740522309f, -0.000606858454f,
    1.0039016f,   -0.0494487932f, 0.00358155159f, 0.0121613738f, 0.0485539103f,
    0.990948146f,
};

static const float border8_forward[16] = {
    1.14462486f,   -0.196430067f, 0.0267287951f, -0.0273785839f, 0.181961301f, 1.12069135f,
    -0.482222403f, 0.110221873f,  0.0335392375f, 0.450968634f,   0.949100605f, -0.614445307f,
    0.0353017602f, 0.164046725f,  0.717223771f,  0.903357773f,
};

static const float border8_inverse[16] = {
    0.85061297f,  0.135222157f,  0.0249242449f, 0.0262340406f, -0.128821983f, 0.734967331f,
    0.295752451f, 0.107584469f,  0.0163648681f, -0.293148965f, 0.579139898f,  0.430183122f,
    -0.02283988f, 0.0939946994f, -0.514491607f, 0.744873705f,
};

static const float basis8[64] = {
    0.353553391f,   0.353553391f,   0.353553391f,  0.353553391f,   0.353553391f,  0.353553391f,
    0.353553391f,   0.353553391f,   0.505362386f,  0.411862731f,   0.259546894f,  0.0872545642f,
    -0.0872545642f, -0.259546894f,  -0.411862731f, -0.505362386f,  0.457566339f,  0.195665952f,
    -0.186988665f,  -0.466243627f,  -0.466243627f, -0.186988665f,  0.195665952f,  0.457566339f,
    0.378685107f,   -0.0739630813f, -0.532755203f, -0.259420404f,  0.259420404f,  0.532755203f,
    0.0739630813f,  -0.378685107f,  0.34937412f,   -0.328089391f,  -0.378112469f, 0.35682774f,
    0.35682774f,    -0.378112469f,  -0.328089391f, 0.34937412f,    0.285702243f,  -0.479681195f,
    0.0604434477f,  0.429682172f,   -0.429682172f, -0.0604434477f, 0.479681195f,  -0.285702243f,
    0.208736124f,   -0.478614862f,  0.44392139f,   -0.174042651f,  -0.174042651f, 0.44392139f,
    -0.478614862f,  0.208736124f,   0.139930971f,  -0.307903401f,  0.380990673f,  -0.490368154f,
    0.490368154f,   -0.380990673f,  0.307903401f,  -0.139930971f,
};

static const float centre4_forward[4] = {
    0.997290457f,
    0.0770950007f,
    -0.0735645636f,
    1.04515142f,
};

static const float centre4_inverse[4] = {
    0.997290457f,
    -0.0735645636f,
    0.070195797f,
    0.951621202f,
};

static const float border4_forward[4] = {
    1.1187766f,
    -0.316334307f,
    0.339377171f,
    1.04281446f,
};

static const float border4_inverse[4] = {
    0.818514445f,
    0.248293642f,
    -0.266380194f,
    0.878137814f,
};

static const float basis4[16] = {
    0.5f, 0.5f,  0.5f,  0.5f, 0.662798772f, 0.246369211f,  -0.246369211f, -0.662798772f,
    0.5f, -0.5f, -0.5f, 0.5f, 0.246369211f, -0.662798772f, 0.662798772f,  -0.246369211f,
};

static const lapped_filter stages8[] = {{1, centre8_forward, centre8_inverse},
                                        {0, border8_forward, border8_inverse}};
static const lapped_filter stages4[] = {{1, centre4_forward, centre4_inverse},
                                        {0, border4_forward, border4_inverse}};

lapped_frame tsr_lapped_frame(unsigned block, int overlap) {
    if (!overlap) return (lapped_frame){.block = block, .basis = tsr_dct_basis(block)};
    if (block == 4) return (lapped_frame){4, 4, 2, {stages4[0], stages4[1]}, basis4};
    if (block == 8) return (lapped_frame){8, 8, 2, {stages8[0], stages8[1]}, basis8};
    return (lapped_frame){block, 8, 1, {stages8[1]}, tsr_dct_basis(block)};
}

/* ---- lanes: four signals side by side; they never meet, so width does not change results ---- */

typedef float vec __attribute__((vector_size(4 * LAPPED_LANES)));

#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const float *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, vec v) {
    memcpy(p, &v, sizeof v);
}

/* With constant taps the loops unroll into registers; the same for constant n below. */
INLINE void filter(unsigned taps, const float *z, float *x, size_t stride, size_t lanes) {
    const unsigned h = taps / 2;
    for (size_t c = 0; c < lanes; c += LAPPED_LANES) {
        vec s[LAPPED_MAX_TAPS / 2], d[LAPPED_MAX_TAPS / 2];
        for (unsigned i = 0; i < h; i++) {
            vec a = load(x + i * stride + c), b = load(x + (taps - 1 - i) * stride + c);
            s[i] = 0.5f * (a + b);
            d[i] = 0.5f * (a - b);
        }
        for (unsigned i = 0; i < h; i++) {
            vec e = z[i * h] * d[0];
            for (unsigned j = 1; j < h; j++) e += z[i * h + j] * d[j];
            store(x + i * stride + c, s[i] + e);
            store(x + (taps - 1 - i) * stride + c, s[i] - e);
        }
    }
}

/* step_k, step_j: where element (k, j) of the matrix stands, so that its transpose is used too. */
INLINE void multiply(unsigned n, const float *t, unsigned step_k, unsigned step_j, float *x,
                     size_t stride, size_t lanes) {
    for (size_t c = 0; c < lanes; c += LAPPED_LANES) {
        vec in[LAPPED_MAX_BLOCK];
        for (unsigned j = 0; j < n; j++) in[j] = load(x + j * stride + c);
        for (unsigned k = 0; k < n; k++) {
            vec sum = t[k * step_k] * in[0];
            for (unsigned j = 1; j < n; j++) sum += t[k * step_k + j * step_j] * in[j];
            store(x + k * stride + c, sum);
        }
    }
}

void tsr_lapped_filter(const lapped_frame *f, const float *z, float *x, size_t stride,
                       size_t lanes) {
    if (f->taps == 8)
        filter(8, z, x, stride, lanes);
    else
        filter(4, z, x, stride, lanes);
}

void tsr_lapped_project(const lapped_frame *f, float *x, size_t stride, size_t lanes) {
    if (f->block == 8)
        multiply(8, f->basis, 8, 1, x, stride, lanes);
    else
        multiply(f->block, f->basis, f->block, 1, x, stride, lanes);
}

void tsr_lapped_expand(const lapped_frame *f, float *x, size_t stride, size_t lanes) {
    if (f->block == 8)
        multiply(8, f->basis, 1, 8, x, stride, lanes);
    else
        multiply(f->block, f->basis, 1, f->block, x, stride, lanes);
}

/* ---- whole signals ---- */

static void filter_all(const lapped_frame *f, const lapped_filter *s, const float *z, float *x,
                       size_t n, size_t stride, size_t lanes) {
    size_t count = lapped_filter_count(s, n / f->block);
    float *first = x + lapped_filter_start(f, s) * stride;
    for (size_t i = 0; i < count; i++)
        tsr_lapped_filter(f, z, first + i * f->block * stride, stride, lanes);
}

void tsr_lapped_analyse(const lapped_frame *f, float *x, size_t n, size_t stride, size_t lanes) {
    for (unsigned s = 0; s < f->n_filters; s++)
        filter_all(f, &f->stage[s], f->stage[s].forward, x, n, stride, lanes);
    for (size_t i = 0; i < n; i += f->block) tsr_lapped_project(f, x + i * stride, stride, lanes);
}

void tsr_lapped_synthesise(const lapped_frame *f, float *x, size_t n, size_t stride, size_t lanes) {
    for (size_t i = 0; i < n; i += f->block) tsr_lapped_expand(f, x + i * stride, stride, lanes);
    for (unsigned s = f->n_filters; s-- > 0;)
        filter_all(f, &f->stage[s], f->stage[s].inverse, x, n, stride, lanes);
}

/* ---- norms ---- */

enum { SPAN = 5 }; /* blocks: no synthesis function reaches further than 2 blocks from its own */

/* Synthesis of one frame from component k of the middle block; x has SPAN blocks of rows. */
static void impulse(const lapped_frame *f, unsigned k, float *x) {
    memset(x, 0, SPAN * f->block * LAPPED_LANES * sizeof *x);
    x[(SPAN / 2 * f->block + k) * LAPPED_LANES] = 1.0f;
    tsr_lapped_synthesise(f, x, SPAN * f->block, LAPPED_LANES, LAPPED_LANES);
}

static float norm_of(const float *x, size_t n) {
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++) sum += x[i * LAPPED_LANES] * x[i * LAPPED_LANES];
    return sqrtf(sum);
}

void tsr_lapped_norms(const lapped_frame *fine, const lapped_frame *coarse, float *norm,
                      float *coarse_norm) {
    float x[SPAN * LAPPED_MAX_BLOCK * LAPPED_LANES];
    for (unsigned k = 0; k < fine->block; k++) {
        impulse(fine, k, x);
        norm[k] = norm_of(x, SPAN * fine->block);
    }
    /* On the grid of component 0, with two more blocks of zeros for the fine functions' reach. */
    enum { GRID = (SPAN + 2) * LAPPED_COARSE_BLOCK };
    float y[GRID * LAPPED_MAX_BLOCK * LAPPED_LANES];
    for (unsigned k = 0; k < coarse->block; k++) {
        impulse(coarse, k, x);
        memset(y, 0, sizeof y);
        for (unsigned i = 0; i < SPAN * coarse->block; i++)
            y[(i + coarse->block) * fine->block * LAPPED_LANES] = x[i * LAPPED_LANES];
        size_t n = (SPAN + 2) * coarse->block * fine->block;
        tsr_lapped_synthesise(fine, y, n, LAPPED_LANES, LAPPED_LANES);
        coarse_norm[k] = norm_of(y, n);
    }
}
