/* nn_vq.c - nearest codewords and the losses of a codebook.
 *
 * Search: |x - c|^2 = |x|^2 - 2 x c + |c|^2; the scores -2 x c + |c|^2 + rate of a block of vectors
 * against all codewords are one matrix product. Cost: k d multiply-adds a vector.
 */
#include "nn_vq.h"

#include <stdlib.h>
#include <string.h>

#include "nn_ops.h"

enum { BLOCK = 256 };

/* k scores for a block, -2 c (k x d), |c|^2. */
size_t tsr_nn_vq_work(uint32_t k, uint32_t d) {
    return (size_t)k * BLOCK + (size_t)k * d + k + BLOCK;
}

static void prepare(const nn_codebook *cb, const float *rate, float *minus2, float *offset) {
    for (uint32_t i = 0; i < cb->k; i++) {
        const float *c = cb->word + (size_t)i * cb->d;
        float sum = 0;
        for (uint32_t j = 0; j < cb->d; j++) {
            sum += c[j] * c[j];
            minus2[(size_t)i * cb->d + j] = -2 * c[j];
        }
        offset[i] = sum + (rate ? rate[i] : 0);
    }
}

static void smallest(const float *score, uint32_t k, size_t n, const float *offset, float *best,
                     int32_t *index) {
    for (size_t p = 0; p < n; p++) {
        best[p] = score[p] + offset[0];
        index[p] = 0;
    }
    for (uint32_t i = 1; i < k; i++) {
        const float *s = score + i * n;
        for (size_t p = 0; p < n; p++) {
            float v = s[p] + offset[i];
            index[p] = v < best[p] ? (int32_t)i : index[p];
            best[p] = v < best[p] ? v : best[p];
        }
    }
}

static double distance(const nn_codebook *cb, const int32_t *index, size_t n, const float *x,
                       size_t stride) {
    double sum = 0;
    for (uint32_t j = 0; j < cb->d; j++)
        for (size_t p = 0; p < n; p++) {
            float e = x[j * stride + p] - cb->word[(size_t)index[p] * cb->d + j];
            sum += (double)e * e;
        }
    return sum;
}

double tsr_nn_vq_nearest(const nn_codebook *cb, const float *x, size_t stride, size_t n,
                         const float *rate, int32_t *index, float *work) {
    float *score = work, *minus2 = score + (size_t)cb->k * BLOCK;
    float *offset = minus2 + (size_t)cb->k * cb->d, *best = offset + cb->k;
    prepare(cb, rate, minus2, offset);
    double sum = 0;
    for (size_t p = 0; p < n; p += BLOCK) {
        size_t m = n - p < BLOCK ? n - p : BLOCK;
        tsr_op_gemm(0, 0, cb->k, (uint32_t)m, cb->d, minus2, cb->d, x + p, stride, 0, score, m);
        smallest(score, cb->k, m, offset, best, index + p);
        sum += distance(cb, index + p, m, x + p, stride);
    }
    return sum;
}

void tsr_nn_vq_lookup(const nn_codebook *cb, const int32_t *index, size_t n, float *q,
                      size_t stride) {
    for (uint32_t j = 0; j < cb->d; j++)
        for (size_t p = 0; p < n; p++) q[j * stride + p] = cb->word[(size_t)index[p] * cb->d + j];
}

void tsr_nn_vq_backward(const nn_codebook *cb, const int32_t *index, size_t n, const float *dq,
                        size_t dq_stride, float *dx, size_t dx_stride, float *dword) {
    for (uint32_t j = 0; j < cb->d; j++) {
        const float *g = dq + j * dq_stride;
        for (size_t p = 0; p < n && dx; p++) dx[j * dx_stride + p] += g[p];
        for (size_t p = 0; p < n && dword; p++) dword[(size_t)index[p] * cb->d + j] += g[p];
    }
}

double tsr_nn_vq_loss(const nn_codebook *cb, const int32_t *index, size_t n, const float *x,
                      size_t x_stride, float a, float b, float *dx, size_t dx_stride,
                      float *dword) {
    double sum = 0;
    for (uint32_t j = 0; j < cb->d; j++)
        for (size_t p = 0; p < n; p++) {
            size_t word = (size_t)index[p] * cb->d + j;
            float e = x[j * x_stride + p] - cb->word[word];
            sum += (double)e * e;
            if (dx) dx[j * dx_stride + p] += 2 * b * e;
            if (dword) dword[word] -= 2 * a * e;
        }
    return sum * ((double)a + b);
}

/* ---------------------------------------------------------------- moving averages */

tsr_status tsr_nn_vq_ema_init(nn_vq_ema *e, const nn_codebook *cb, tsr_diag *d) {
    size_t n = (size_t)cb->k * cb->d;
    *e = (nn_vq_ema){.k = cb->k, .d = cb->d};
    e->count = tsr_nn_alloc(cb->k);
    e->sum = tsr_nn_alloc(n);
    e->batch = calloc(n + cb->k, sizeof *e->batch);
    if (!e->count || !e->sum || !e->batch) {
        tsr_nn_vq_ema_free(e);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "codebook: no memory");
    }
    for (uint32_t i = 0; i < cb->k; i++) e->count[i] = 1;
    memcpy(e->sum, cb->word, n * sizeof *e->sum);
    return TSR_OK;
}

void tsr_nn_vq_ema_free(nn_vq_ema *e) {
    free(e->count);
    free(e->sum);
    free(e->batch);
    *e = (nn_vq_ema){0};
}

void tsr_nn_vq_ema_add(nn_vq_ema *e, const int32_t *index, size_t n, const float *x,
                       size_t stride) {
    double *sum = e->batch + e->k;
    for (size_t p = 0; p < n; p++) e->batch[index[p]]++;
    for (uint32_t j = 0; j < e->d; j++)
        for (size_t p = 0; p < n; p++) sum[(size_t)index[p] * e->d + j] += x[j * stride + p];
}

void tsr_nn_vq_ema_update(nn_vq_ema *e, nn_codebook *cb, float decay) {
    const double laplace = 1e-5;
    double total = 0, keep = decay, *sum = e->batch + e->k;
    for (uint32_t i = 0; i < e->k; i++) {
        e->count[i] = (float)(keep * e->count[i] + (1 - keep) * e->batch[i]);
        total += e->count[i];
    }
    for (uint32_t i = 0; i < e->k; i++) {
        double smooth = (e->count[i] + laplace) / (total + e->k * laplace) * total;
        for (size_t j = (size_t)i * e->d; j < (size_t)(i + 1) * e->d; j++) {
            e->sum[j] = (float)(keep * e->sum[j] + (1 - keep) * sum[j]);
            cb->word[j] = (float)(e->sum[j] / smooth);
        }
    }
    memset(e->batch, 0, ((size_t)e->k * e->d + e->k) * sizeof *e->batch);
}

uint32_t tsr_nn_vq_revive(nn_vq_ema *e, nn_codebook *cb, float least, uint32_t keep, const float *x,
                          size_t stride, size_t n, nn_rng *rng) {
    uint32_t revived = 0;
    for (uint32_t i = 0; i < e->k && n > 0 && n <= UINT32_MAX; i++) {
        if (i == keep || e->count[i] >= least) continue;
        size_t p = tsr_nn_rng_below(rng, (uint32_t)n);
        for (uint32_t j = 0; j < e->d; j++) {
            size_t at = (size_t)i * e->d + j;
            cb->word[at] = e->sum[at] = x[j * stride + p];
        }
        e->count[i] = 1;
        revived++;
    }
    return revived;
}
