/* lowpass_residual.c - the residual of a level as samples or as an orthonormal DCT of small blocks.
 *
 * Blocks that reach over the right or lower edge continue with the last sample of the row or column
 * on analysis; what they hold beyond the edge is dropped on synthesis.
 * Cost: 2 n multiplications a sample for blocks of n x n.
 */
#include <string.h>

#include "dct_basis.h"
#include "lowpass_internal.h"

enum { BLOCK_AREA = LOWPASS_MAX_BLOCK * LOWPASS_MAX_BLOCK };

typedef struct residual_task {
    const tsr_samples *data; /* of the first band */
    const float *basis;      /* n x n, rows are basis functions */
    uint32_t n, w, h;        /* side of a block; picture */
    uint32_t across;         /* blocks */
    const float *residual;   /* forward */
    float *picture;          /* adding */
} residual_task;

/* out = m * in * transposed m, or with m transposed. */
static void transform_block(const float *m, int transposed, uint32_t n, const float *in,
                            float *out) {
    float half[BLOCK_AREA];
    uint32_t row = transposed ? 1 : n, column = transposed ? n : 1;
    for (uint32_t y = 0; y < n; y++)
        for (uint32_t k = 0; k < n; k++) {
            float sum = 0;
            for (uint32_t x = 0; x < n; x++) sum += m[k * row + x * column] * in[y * n + x];
            half[y * n + k] = sum;
        }
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t x = 0; x < n; x++) {
            float sum = 0;
            for (uint32_t y = 0; y < n; y++) sum += m[k * row + y * column] * half[y * n + x];
            out[k * n + x] = sum;
        }
}

static tsr_status forward_row(void *arg, uint32_t by, uint32_t worker) {
    const residual_task *t = arg;
    float in[BLOCK_AREA] = {0}, out[BLOCK_AREA];
    for (uint32_t bx = 0; bx < t->across; bx++) {
        for (uint32_t i = 0; i < t->n * t->n; i++) {
            uint32_t x = bx * t->n + i % t->n, y = by * t->n + i / t->n;
            x = x < t->w ? x : t->w - 1;
            y = y < t->h ? y : t->h - 1;
            in[i] = t->residual[(size_t)y * t->w + x];
        }
        transform_block(t->basis, 0, t->n, in, out);
        for (uint32_t i = 0; i < t->n * t->n; i++)
            t->data[i].f[(size_t)by * t->across + bx] = out[i];
    }
    return TSR_OK;
}

static tsr_status add_row(void *arg, uint32_t by, uint32_t worker) {
    const residual_task *t = arg;
    float in[BLOCK_AREA] = {0}, out[BLOCK_AREA];
    for (uint32_t bx = 0; bx < t->across; bx++) {
        for (uint32_t i = 0; i < t->n * t->n; i++)
            in[i] = t->data[i].f[(size_t)by * t->across + bx];
        transform_block(t->basis, 1, t->n, in, out);
        for (uint32_t i = 0; i < t->n * t->n; i++) {
            uint32_t x = bx * t->n + i % t->n, y = by * t->n + i / t->n;
            if (x < t->w && y < t->h) t->picture[(size_t)y * t->w + x] += out[i];
        }
    }
    return TSR_OK;
}

static residual_task task_of(const lowpass *lp, uint32_t level, uint32_t plane,
                             const tsr_coeffs *c) {
    uint32_t n = tsr_lowpass_block(lp);
    return (residual_task){
        .data = c->data + tsr_lowpass_first_band(lp, level, plane),
        .basis = tsr_dct_basis(n),
        .n = n,
        .w = lp->w[level],
        .h = lp->h[level],
        .across = (lp->w[level] - 1) / n + 1,
    };
}

tsr_status tsr_lowpass_residual_forward(const lowpass *lp, uint32_t level, uint32_t plane,
                                        const float *residual, const tsr_coeffs *out,
                                        const tsr_env *env) {
    residual_task t = task_of(lp, level, plane, out);
    t.residual = residual;
    if (t.n > 1) return env->parallel_for(env, (t.h - 1) / t.n + 1, forward_row, &t);
    memcpy(t.data[0].f, residual, lowpass_size(lp, level) * sizeof(float));
    return TSR_OK;
}

tsr_status tsr_lowpass_residual_add(const lowpass *lp, uint32_t level, uint32_t plane,
                                    const tsr_coeffs *in, float *picture, const tsr_env *env) {
    residual_task t = task_of(lp, level, plane, in);
    t.picture = picture;
    if (t.n > 1) return env->parallel_for(env, (t.h - 1) / t.n + 1, add_row, &t);
    size_t n = lowpass_size(lp, level);
    for (size_t i = 0; i < n; i++) picture[i] += t.data[0].f[i];
    return TSR_OK;
}
