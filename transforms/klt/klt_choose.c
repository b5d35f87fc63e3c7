/* klt_choose.c - the class of each block, by rate and distortion.
 *
 * A block is priced in all classes (klt_price.h), the sum over its planes. Classes are then taken
 * in coding order, each at the price that its number has in the context of its neighbours; that is
 * done again with what the pass before has counted. When nothing is saved in the end, all blocks
 * stay in the fixed basis, which takes no bits. Cost: 80 multiplications a sample and class.
 */
#include <math.h>
#include <string.h>

#include "klt_price.h"

enum { CONTEXTS = 3, PASSES = 4 };

/* A number weighs more than its bits: what the neighbours lose is not in the price of a block. */
#define CAUTION 1.5f

typedef struct chooser {
    const klt *k;
    const tsr_samples *data;
    uint32_t plane; /* being priced */
    klt_prices prices;
    float *cost; /* [block][class]: bits, of all planes */
    int32_t *cls;
    float number[CONTEXTS][KLT_CLASSES]; /* bits of a class's number */
} chooser;

static tsr_status level_row(void *arg, uint32_t y, uint32_t worker) {
    const chooser *c = arg;
    const klt_prices *p = &c->prices;
    for (size_t at = (size_t)y * p->nx; at < (size_t)(y + 1) * p->nx; at++) {
        float x[KLT_SIZE];
        tsr_klt_gather(c->k, c->data, c->plane, at, x);
        tsr_klt_levels(p, x, p->level + at * KLT_SIZE);
    }
    return TSR_OK;
}

/* Adds the price of a block of the current plane in each class. */
static void add_prices(const chooser *c, const float *x, const uint16_t *around, float *cost) {
    const klt_bases *b = c->k->bases;
    float seen[KLT_SIZE], y[KLT_SIZE], turned[KLT_SIZE];
    cost[0] += tsr_klt_block_price(&c->prices, x, around);
    for (unsigned view = 0; view < KLT_VIEWS; view++) {
        tsr_klt_view(view, x, seen);
        for (unsigned n = 0; n < KLT_BASES; n++) {
            tsr_klt_combine(b->column[n], seen, y);
            tsr_klt_unview(view, y, turned);
            cost[1 + n * KLT_VIEWS + view] += tsr_klt_block_price(&c->prices, turned, around);
        }
    }
}

static tsr_status price_row(void *arg, uint32_t y, uint32_t worker) {
    const chooser *c = arg;
    const klt_prices *p = &c->prices;
    for (uint32_t bx = 0; bx < p->nx; bx++) {
        size_t at = (size_t)y * p->nx + bx;
        float x[KLT_SIZE];
        uint8_t level[KLT_SIZE];
        uint16_t around[KLT_SIZE];
        tsr_klt_gather(c->k, c->data, c->plane, at, x);
        if (!tsr_klt_levels(p, x, level)) continue;
        tsr_klt_around(p, bx, y, around);
        add_prices(c, x, around, c->cost + at * KLT_CLASSES);
    }
    return TSR_OK;
}

/* As the entropy coders code numbers: by what the left and upper neighbours have. */
static unsigned context_of(const chooser *c, uint32_t x, uint32_t y) {
    const int32_t *p = c->cls + (size_t)y * c->prices.nx + x;
    int32_t left = x ? p[-1] : 0, up = y ? p[-(ptrdiff_t)c->prices.nx] : 0;
    return left || up ? (left == up ? 2 : 1) : 0;
}

static void start_numbers(chooser *c) {
    for (unsigned t = 0; t < CONTEXTS; t++)
        for (unsigned n = 0; n < KLT_CLASSES; n++) c->number[t][n] = t ? 4.0f : n ? 5.0f : 0.3f;
}

static void price_numbers(chooser *c, double (*count)[KLT_CLASSES]) {
    for (unsigned t = 0; t < CONTEXTS; t++) {
        double total = 0;
        for (unsigned n = 0; n < KLT_CLASSES; n++) total += count[t][n] += 0.3;
        for (unsigned n = 0; n < KLT_CLASSES; n++)
            c->number[t][n] = (float)-log2(count[t][n] / total);
    }
}

/* One pass over the blocks; the bits saved against the fixed basis everywhere. */
static double pick(chooser *c) {
    double count[CONTEXTS][KLT_CLASSES] = {{0}}, saved = 0;
    const float *cost = c->cost;
    int32_t *cls = c->cls;
    for (uint32_t y = 0; y < c->prices.ny; y++)
        for (uint32_t x = 0; x < c->prices.nx; x++, cost += KLT_CLASSES) {
            unsigned t = context_of(c, x, y), best = 0;
            for (unsigned n = 1; n < KLT_CLASSES; n++)
                if (cost[n] + CAUTION * c->number[t][n] < cost[best] + CAUTION * c->number[t][best])
                    best = n;
            *cls++ = (int32_t)best;
            count[t][best]++;
            saved += (double)cost[0] - cost[best] - c->number[t][best];
        }
    price_numbers(c, count);
    return saved;
}

static tsr_status price_planes(chooser *c, const tsr_env *env) {
    tsr_status s = TSR_OK;
    uint32_t rows = c->prices.ny;
    for (c->plane = 0; c->plane < c->k->g.planes && !s; c->plane++) {
        s = env->parallel_for(env, rows, level_row, c);
        if (s) return s;
        tsr_klt_prices_count(&c->prices);
        s = env->parallel_for(env, rows, price_row, c);
    }
    return s;
}

tsr_status tsr_klt_choose(const klt *k, const tsr_samples *data, const tsr_goal *goal, int32_t *cls,
                          const tsr_env *env) {
    const lapped_grid *g = &k->lapped.grid[0];
    size_t blocks = lapped_grid_blocks(g), row = KLT_CLASSES * sizeof(float);
    chooser c = {.k = k, .data = data, .cls = cls};
    tsr_status s = tsr_klt_prices_begin(&c.prices, g->nx, g->ny, goal, env);
    if (s) return s;
    if (blocks > SIZE_MAX / row) return TSR_ERR_MEMORY;
    c.cost = env->alloc(env, blocks * row);
    if (!c.cost) return TSR_ERR_MEMORY;
    memset(c.cost, 0, blocks * row);
    s = price_planes(&c, env);
    if (s) return s;
    double saved = 0;
    start_numbers(&c);
    for (int pass = 0; pass < PASSES; pass++) saved = pick(&c);
    if (saved <= 0) memset(cls, 0, blocks * sizeof *cls);
    return TSR_OK;
}
