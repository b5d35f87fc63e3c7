/* klt_price.c - an estimate of rate and distortion that knows the surroundings of a component.
 *
 * The energy around a component is twice the magnitudes of the same component to the left and
 * above, once those at the corners, twice the two neighbours in the block and once the third; its
 * logarithm chooses one of 16 buckets. Levels are counted by bucket and octave, and cost what a
 * coder with these statistics would take, a sign one bit.
 */
#include "klt_price.h"

#include <math.h>

#define ROUNDING                                                                                   \
    0.36f /* a value is rounded up from 0.64 on, as a quantizer that looks at rate does */
#define PER_OCTAVE 2.5f /* buckets */
#define PRIOR      4.0f /* weight of the law before anything is counted */

tsr_status tsr_klt_prices_begin(klt_prices *p, uint32_t nx, uint32_t ny, const tsr_goal *goal,
                                const tsr_env *env) {
    *p = (klt_prices){.nx = nx,
                      .ny = ny,
                      .inv_step = 1.0f / goal->step,
                      .weight = goal->step * goal->step / goal->lambda};
    for (unsigned e = 0; e < KLT_ENERGIES; e++) {
        unsigned b = (unsigned)(PER_OCTAVE * log2f(1.0f + (float)e));
        p->bucket[e] = (uint8_t)(b < KLT_BUCKETS ? b : KLT_BUCKETS - 1);
    }
    if ((size_t)nx * ny > SIZE_MAX / KLT_SIZE) return TSR_ERR_MEMORY;
    p->level = env->alloc(env, (size_t)nx * ny * KLT_SIZE);
    return p->level ? TSR_OK : TSR_ERR_MEMORY;
}

int tsr_klt_levels(const klt_prices *p, const float *x, uint8_t *level) {
    unsigned any = 0;
    for (unsigned i = 0; i < KLT_SIZE; i++) {
        float a = fabsf(x[i]) * p->inv_step + ROUNDING;
        level[i] = (uint8_t)(a < 255.0f ? a : 255.0f);
        any |= level[i];
    }
    return any != 0;
}

static void add(uint16_t *around, const uint8_t *level, unsigned times) {
    for (unsigned i = 0; i < KLT_SIZE; i++) around[i] = (uint16_t)(around[i] + times * level[i]);
}

void tsr_klt_around(const klt_prices *p, uint32_t bx, uint32_t by, uint16_t *around) {
    const uint8_t *own = p->level + ((size_t)by * p->nx + bx) * KLT_SIZE;
    const uint8_t *above = own - (by ? (size_t)p->nx * KLT_SIZE : 0);
    for (unsigned i = 0; i < KLT_SIZE; i++) around[i] = 0;
    if (bx) add(around, own - KLT_SIZE, 2);
    if (by) add(around, above, 2);
    if (bx && by) add(around, above - KLT_SIZE, 1);
    if (by && bx + 1 < p->nx) add(around, above + KLT_SIZE, 1);
}

/* The row of prices of component i. */
static size_t bucket_of(const klt_prices *p, const uint16_t *around, const uint8_t *level,
                        unsigned i) {
    unsigned u = i % KLT_SIDE, v = i / KLT_SIDE, e = around[i];
    if (u) e += 2u * level[i - 1];
    if (v) e += 2u * level[i - KLT_SIDE];
    if (u && v)
        e += level[i - KLT_SIDE - 1];
    else if (u > 1)
        e += level[i - 2];
    else if (v > 1)
        e += level[i - 2 * KLT_SIDE];
    return p->bucket[e < KLT_ENERGIES ? e : KLT_ENERGIES - 1];
}

static unsigned group_of(unsigned i) {
    unsigned bits = i % KLT_SIDE | i / KLT_SIDE;
    return bits > 3 ? 2 : bits > 1 ? 1 : 0;
}

static void price_row(const uint32_t *count, unsigned bucket, float *bits) {
    float mean = exp2f((float)bucket / PER_OCTAVE) / 10.0f, ratio = mean / (1.0f + mean);
    float p = 1.0f - ratio, total = PRIOR;
    for (unsigned l = 0; l < KLT_LEVELS; l++) total += (float)count[l];
    for (unsigned l = 0; l < KLT_LEVELS; l++, p *= ratio)
        bits[l] = (l ? 1.0f : 0.0f) - log2f(((float)count[l] + PRIOR * (p + 1e-6f)) / total);
}

void tsr_klt_prices_count(klt_prices *p) {
    uint32_t count[KLT_GROUPS][KLT_BUCKETS][KLT_LEVELS] = {{{0}}};
    const uint8_t *level = p->level;
    for (uint32_t by = 0; by < p->ny; by++)
        for (uint32_t bx = 0; bx < p->nx; bx++, level += KLT_SIZE) {
            uint16_t around[KLT_SIZE];
            tsr_klt_around(p, bx, by, around);
            for (unsigned i = 1; i < KLT_SIZE; i++) {
                unsigned l = level[i] < KLT_LEVELS ? level[i] : KLT_LEVELS - 1;
                count[group_of(i)][bucket_of(p, around, level, i)][l]++;
            }
        }
    for (unsigned g = 0; g < KLT_GROUPS; g++)
        for (unsigned b = 0; b < KLT_BUCKETS; b++) price_row(count[g][b], b, p->bits[g][b]);
}

static float level_bits(const float *bits, unsigned level) {
    if (level < KLT_LEVELS - 1) return bits[level];
    return bits[KLT_LEVELS - 1] + 2.0f * log2f((float)(level - KLT_LEVELS + 2));
}

float tsr_klt_block_price(const klt_prices *p, const float *x, const uint16_t *around) {
    uint8_t level[KLT_SIZE];
    float bits = 0, error = 0;
    tsr_klt_levels(p, x, level);
    for (unsigned i = 1; i < KLT_SIZE; i++) {
        float d = fabsf(x[i]) * p->inv_step - (float)level[i];
        error += d * d;
        bits += level_bits(p->bits[group_of(i)][bucket_of(p, around, level, i)], level[i]);
    }
    return bits + error * p->weight;
}
