/* klt_bases.c - products of blocks with the trained bases. */
#include "klt_bases.h"

#include <string.h>

#include "klt_data.h"

enum { LANES = 8 };

typedef float vec __attribute__((vector_size(4 * LANES)));

void tsr_klt_bases_transpose(klt_bases *b) {
    for (unsigned n = 0; n < KLT_BASES; n++)
        for (unsigned i = 0; i < KLT_SIZE; i++)
            for (unsigned j = 0; j < KLT_SIZE; j++) b->column[n][j][i] = b->row[n][i][j];
}

void tsr_klt_bases_load(klt_bases *b) {
    _Static_assert(sizeof tsr_klt_data / sizeof tsr_klt_data[0] ==
                       KLT_BASES * KLT_ROTATED * KLT_ROTATED,
                   "klt.bin has other bases");
    const int16_t *p = tsr_klt_data;
    memset(b, 0, sizeof *b);
    for (unsigned n = 0; n < KLT_BASES; n++)
        for (unsigned i = 1; i < KLT_SIZE; i++)
            for (unsigned j = 1; j < KLT_SIZE; j++)
                b->row[n][i][j] = (float)*p++ * (1.0f / (1 << KLT_FRACTION));
    tsr_klt_bases_transpose(b);
}

/* Mirroring turns the sign of the components with odd u. */
static float mirrored(unsigned view, unsigned u, float x) {
    return view & u & 1 ? -x : x;
}

void tsr_klt_view(unsigned view, const float *x, float *y) {
    unsigned right = view & 2 ? KLT_SIDE : 1, down = view & 2 ? 1 : KLT_SIDE;
    for (unsigned v = 0; v < KLT_SIDE; v++)
        for (unsigned u = 0; u < KLT_SIDE; u++)
            y[v * down + u * right] = mirrored(view, u, x[v * KLT_SIDE + u]);
}

void tsr_klt_unview(unsigned view, const float *x, float *y) {
    unsigned right = view & 2 ? KLT_SIDE : 1, down = view & 2 ? 1 : KLT_SIDE;
    for (unsigned v = 0; v < KLT_SIDE; v++)
        for (unsigned u = 0; u < KLT_SIDE; u++)
            y[v * KLT_SIDE + u] = mirrored(view, u, x[v * down + u * right]);
}

void tsr_klt_combine(const klt_matrix row, const float *weight, float *out) {
    vec sum[KLT_SIZE / LANES] = {{0}};
    for (unsigned i = 0; i < KLT_SIZE; i++) {
        if (weight[i] == 0.0f) continue;
        for (unsigned k = 0; k < KLT_SIZE / LANES; k++) {
            vec v;
            memcpy(&v, &row[i][k * LANES], sizeof v);
            sum[k] += weight[i] * v;
        }
    }
    memcpy(out, sum, sizeof sum);
}

void tsr_klt_forward(const klt_bases *b, uint32_t cls, float *x) {
    unsigned n = (cls - 1) / KLT_VIEWS, view = (cls - 1) % KLT_VIEWS;
    float seen[KLT_SIZE], y[KLT_SIZE], back[KLT_SIZE], more[KLT_SIZE];
    tsr_klt_view(view, x, seen);
    tsr_klt_combine(b->column[n], seen, y);
    tsr_klt_combine(b->row[n], y, back);
    for (unsigned i = 0; i < KLT_SIZE; i++) back[i] = seen[i] - back[i];
    tsr_klt_combine(b->column[n], back, more);
    for (unsigned i = 0; i < KLT_SIZE; i++) y[i] += more[i];
    tsr_klt_unview(view, y, x);
}

void tsr_klt_backward(const klt_bases *b, uint32_t cls, float *x) {
    unsigned n = (cls - 1) / KLT_VIEWS, view = (cls - 1) % KLT_VIEWS;
    float seen[KLT_SIZE], y[KLT_SIZE];
    tsr_klt_view(view, x, seen);
    tsr_klt_combine(b->row[n], seen, y);
    tsr_klt_unview(view, y, x);
}
