/* vector_choose.c - search of a codebook by branch and bound.
 *
 * The book is a tree of levels, coefficient by coefficient; a branch carries the bits of the levels
 * so far, given the energies that these levels make, and the least squared error that its shapes
 * can have. Beside the shapes there is one point of the grid: each level in turn the cheapest.
 */
#include "vector_choose.h"

#include <math.h>

#include "vector_code.h"

#define FAR       1e30f
#define SIGN_BITS 1.0f
#define MAX_LEVEL 4194303.0f
#define GRID_COST 0.5f /* tsr_vector_nearest: how much closer a grid point must be */

/* A path down the tree. */
typedef struct path {
    uint32_t level[TSR_VECTOR];
    float bits, error; /* error: a lower bound */
    int any;
} path;

typedef struct search {
    const tsr_vector_rate *r;
    const tsr_vector_input *v;
    const tsr_book *book;
    const tsr_vector_weights *weight;
    float lambda;
    tsr_vector_choice best;
} search;

/* Bits of a level at coefficient i, given those before it; FAR where it cannot be. */
static float level_bits(const search *s, const path *p, unsigned i, uint32_t bucket,
                        uint32_t level) {
    const tsr_vector_input *v = s->v;
    unsigned kind = tsr_vector_kind(i, p->any, v->outside);
    if (kind == TSR_KIND_CERTAIN && !level) return FAR;
    float flag = kind == TSR_KIND_CERTAIN ? 0 : s->r->zero[v->cls][kind][bucket].bits[level != 0];
    return level ? flag + tsr_vector_level_bits(s->r, v->cls, bucket, level) : flag;
}

static uint32_t bucket_inside(const search *s, const path *p, unsigned i) {
    return tsr_energy_bucket(
        tsr_vector_energy_inside(s->weight, s->v->energy, s->v->before, i, p->level));
}

/* The shapes of the pattern at the end of the path. */
static void try_shapes(search *s, const path *p, const tsr_codebook_branch *at) {
    const tsr_vector_bits(*flag)[TSR_VECTOR_LEVELS] =
        (const tsr_vector_bits(*)[TSR_VECTOR_LEVELS])s->r->shape +
        tsr_shape_number(s->r->book, s->v->cls, at->first);
    uint32_t all = tsr_vector_level(s->v->total);
    float bits = p->bits;
    for (uint32_t n = 0; n < at->n; n++) {
        const uint8_t *shape = s->book->shape[at->first + n];
        float d = 0, mine = bits;
        for (unsigned i = 0; i < TSR_VECTOR; i++) {
            float e = s->v->y[i] - (float)shape[i] * (1.0f / TSR_VECTOR_SCALE);
            d += e * e;
            mine += shape[i] ? SIGN_BITS : 0.0f;
        }
        if (n + 1 < at->n) {
            mine += flag[n][all].bits[1];
            bits += flag[n][all].bits[0];
        }
        float cost = d + s->lambda * mine;
        if (cost >= s->best.cost) continue;
        s->best = (tsr_vector_choice){.cost = cost, .shape = (int)(at->first + n)};
        memcpy(s->best.level, p->level, sizeof p->level);
    }
}

static void descend(search *s, const path *p, const tsr_codebook_branch *at, unsigned i) {
    uint32_t bucket = bucket_inside(s, p, i);
    const tsr_codebook_branch *branch = s->book->branch[i] + at->first;
    for (uint32_t n = 0; n < at->n; n++, branch++) {
        float off = fabsf(s->v->y[i] - (float)branch->level) - 0.5f;
        path q = *p;
        if (off > 0) q.error += off * off;
        if (q.error + s->lambda * q.bits >= s->best.cost) continue;
        q.bits += level_bits(s, p, i, bucket, branch->level);
        if (q.error + s->lambda * q.bits >= s->best.cost) continue;
        q.level[i] = branch->level;
        q.any |= branch->level != 0;
        if (i + 1 == TSR_VECTOR)
            try_shapes(s, &q, branch);
        else
            descend(s, &q, branch, i + 1);
    }
}

/* The cheapest grid point, level by level; it counts when its pattern has no shape. */
static void try_grid(search *s, const path *start) {
    path p = *start;
    uint32_t first;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        if (s->v->outside >> i & 1) continue;
        float y = s->v->y[i], best = FAR, bits = 0, error = 0;
        uint32_t bucket = bucket_inside(s, &p, i);
        uint32_t lo = (uint32_t)(y < MAX_LEVEL ? y : MAX_LEVEL), found = lo;
        for (uint32_t k = lo > 1 ? lo : 0; k <= lo + 1; k++) {
            float e = y - (float)k;
            float b = level_bits(s, &p, i, bucket, k) + (k ? SIGN_BITS : 0.0f);
            if (e * e + s->lambda * b >= best) continue;
            best = e * e + s->lambda * b;
            bits = b;
            error = e * e;
            found = k;
        }
        p.bits += bits;
        p.error += error;
        p.level[i] = found;
        p.any |= found != 0;
    }
    float cost = p.error + s->lambda * p.bits;
    if (!p.any || cost >= s->best.cost) return;
    if (!s->v->outside && tsr_book_pattern(s->book, p.level, &first)) return;
    s->best = (tsr_vector_choice){.cost = cost, .shape = TSR_GRID};
    memcpy(s->best.level, p.level, sizeof p.level);
}

tsr_vector_choice tsr_vector_cheapest(const tsr_vector_rate *r, const tsr_vector_input *v,
                                      float lambda) {
    const float *flag = r->vector[v->cls][tsr_vector_level(v->total)].bits;
    search s = {.r = r,
                .v = v,
                .book = tsr_class_book(r->book, v->cls),
                .weight = &r->book->weight[v->cls],
                .lambda = lambda};
    path root = {.bits = flag[1]};
    float power = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) power += v->y[i] * v->y[i];
    s.best = (tsr_vector_choice){.cost = power + lambda * flag[0], .shape = TSR_GRID};
    if (s.best.cost <= lambda * (flag[1] + SIGN_BITS)) return s.best; /* nothing can be cheaper */
    try_grid(&s, &root);
    if (!v->outside) descend(&s, &root, &s.book->root, 0);
    return s.best;
}

/* ---- by distance ---- */

static float distance(const tsr_vector_input *v, const uint8_t *shape) {
    float d = 0;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        float e = v->y[i] - (shape ? (float)shape[i] * (1.0f / TSR_VECTOR_SCALE) : 0.0f);
        d += v->outside >> i & 1 ? 0.0f : e * e;
    }
    return d;
}

static void try_rounded(const tsr_vector_input *v, const tsr_book *book, tsr_vector_choice *best) {
    tsr_vector_choice c = {.shape = TSR_GRID, .cost = v->outside ? 0 : GRID_COST};
    uint32_t first;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        float a = floorf((v->y[i] < MAX_LEVEL ? v->y[i] : MAX_LEVEL) + 0.5f);
        c.level[i] = (uint32_t)a;
        c.cost += (v->y[i] - a) * (v->y[i] - a);
    }
    if (c.cost < best->cost && (v->outside || !tsr_book_pattern(book, c.level, &first))) *best = c;
}

tsr_vector_choice tsr_vector_nearest(const tsr_codebook *cb, const tsr_vector_input *v, int grid) {
    const tsr_book *book = tsr_class_book(cb, v->cls);
    tsr_vector_choice best = {.shape = TSR_GRID, .cost = distance(v, NULL)};
    for (uint32_t k = 0; k < book->shapes && !(grid && v->outside); k++) {
        float d = distance(v, book->shape[k]);
        if (d >= best.cost) continue;
        best = (tsr_vector_choice){.cost = d, .shape = (int)k};
        for (unsigned i = 0; i < TSR_VECTOR; i++)
            best.level[i] = tsr_vector_round(book->shape[k][i]);
    }
    if (grid) try_rounded(v, book, &best);
    return best;
}

/* ---- counting ---- */

static void count_level(tsr_vector_rate *r, const tsr_vector_input *v, const path *p, unsigned i,
                        uint32_t level, uint32_t times) {
    uint32_t bucket = tsr_energy_bucket(
        tsr_vector_energy_inside(&r->book->weight[v->cls], v->energy, v->before, i, p->level));
    unsigned kind = tsr_vector_kind(i, p->any, v->outside);
    if (kind != TSR_KIND_CERTAIN) r->zero[v->cls][kind][bucket].count[level != 0] += (float)times;
    uint32_t u = level ? ((level - 1) >> tsr_unary_shift(bucket)) + 1 : 0;
    r->levels.count[v->cls % TSR_DETAIL_CLASSES][bucket][0]
                   [u < TSR_RATE_LEVELS ? u : TSR_RATE_LEVELS - 1] += times;
}

void tsr_vector_count(tsr_vector_rate *r, const tsr_vector_input *v, const tsr_vector_choice *c,
                      uint32_t times) {
    uint32_t all = tsr_vector_level(v->total), first, number;
    int any = c->level[0] || c->level[1] || c->level[2] || c->level[3];
    r->vector[v->cls][all].count[any] += (float)times;
    if (!any) return;
    path p = {.any = 0};
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        if (v->outside >> i & 1) continue;
        count_level(r, v, &p, i, c->level[i], times);
        p.level[i] = c->level[i];
        p.any |= c->level[i] != 0;
    }
    if (c->shape == TSR_GRID) return;
    const tsr_book *book = tsr_class_book(r->book, v->cls);
    uint32_t n = tsr_book_pattern(book, c->level, &first);
    number = tsr_shape_number(r->book, v->cls, first);
    for (uint32_t k = 0; k + 1 < n; k++) {
        int bit = (int)(first + k) == c->shape;
        r->shape[number + k][all].count[bit] += (float)times;
        if (bit) break;
    }
}
