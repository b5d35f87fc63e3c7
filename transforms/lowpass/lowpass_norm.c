/* lowpass_norm.c - squared norms of the pyramid's synthesis basis, measured along one dimension.
 *
 * A unit coefficient in the middle of a line goes up the levels; the sum of squares of what arrives
 * is the norm. The basis of a picture is a product of two lines, and so is its norm. Encoder and
 * decoder measure alike: the same arithmetic in the same order everywhere.
 * Cost: about 2^(levels + 8) interpolated samples.
 */
#include <string.h>

#include "dct_basis.h"
#include "lowpass_internal.h"

/* Samples of the coarsest line that are looked at: more than twice the reach of a basis function.
 */
enum { PROBE = 32 };

typedef struct probe {
    uint32_t length[LOWPASS_MAX_LEVELS + 2]; /* of the line at each level and at the one beyond */
    float *a, *b, *detail, *scratch;
    const tsr_env *env;
} probe;

/* Takes the line in p->a from `level` to level 0. */
static double climb(probe *p, uint32_t level) {
    for (uint32_t l = level; l-- > 0;) {
        /* One row: a single task, which does not fail. */
        (void)!tsr_lowpass_expand(p->length[l], 1, p->a, NULL, p->b, p->scratch, p->env);
        float *swap = p->a;
        p->a = p->b;
        p->b = swap;
    }
    double sum = 0;
    for (uint32_t i = 0; i < p->length[0]; i++) sum += (double)p->a[i] * p->a[i];
    return sum;
}

static double low_norm(probe *p, uint32_t level) {
    memset(p->a, 0, p->length[level] * sizeof(float));
    p->a[p->length[level] / 2] = 1.0f;
    return climb(p, level);
}

static double high_norm(probe *p, uint32_t level) {
    uint32_t n = p->length[level];
    if (n == 1) return 1.0;
    memset(p->a, 0, n * sizeof(float));
    memset(p->detail, 0, n * sizeof(float));
    p->detail[n / 4] = 1.0f;
    lowpass_detail d = {p->detail, NULL, NULL};
    (void)!tsr_lowpass_expand(n, 1, p->a, &d, p->b, p->scratch, p->env);
    memcpy(p->a, p->b, n * sizeof(float));
    return climb(p, level);
}

/* The part of the block's basis function that lies on the line. */
static double block_norm(probe *p, uint32_t level, uint32_t block, uint32_t k) {
    uint32_t n = p->length[level], first = n / 2 / block * block;
    memset(p->a, 0, n * sizeof(float));
    for (uint32_t i = 0; i < block && first + i < n; i++)
        p->a[first + i] = tsr_dct_basis(block)[k * block + i];
    return climb(p, level);
}

static void start(probe *p, uint32_t n, uint32_t level) {
    p->length[0] = n < (uint32_t)PROBE << level ? n : (uint32_t)PROBE << level;
    for (uint32_t l = 0; l < level; l++) p->length[l + 1] = p->length[l] - p->length[l] / 2;
}

tsr_status tsr_lowpass_measure(lowpass_norms *out, uint32_t n, uint32_t levels, uint32_t block,
                               const tsr_env *env) {
    probe p = {.env = env};
    start(&p, n, levels + 1);
    float *lines = env->alloc(env, 4 * (size_t)p.length[0] * sizeof(float));
    if (!lines) return TSR_ERR_MEMORY;
    p.a = lines;
    p.b = p.a + p.length[0];
    p.detail = p.b + p.length[0];
    p.scratch = p.detail + p.length[0];
    for (uint32_t l = 0; l <= levels; l++) {
        start(&p, n, l + 1);
        out->low[l] = low_norm(&p, l);
        out->high[l] = high_norm(&p, l);
        for (uint32_t k = 0; k < block && block > 1; k++)
            out->block[l][k] = block_norm(&p, l, block, k);
    }
    return TSR_OK;
}
