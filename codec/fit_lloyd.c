/* fit_lloyd.c - entropy-constrained vector quantizer design (Chou, Lookabaugh & Gray 1989, section
 * III): assign each vector to the shape of least |y - c|^2 + lambda R, move shapes to the
 * centroids, take new rates from the counts, repeat. R is what the coder's decisions cost, by the
 * encoder's own search (vector_choose.h). Vectors are folded: signs are coded apart, one bit for
 * each magnitude that is not zero; a coordinate whose sign would not pay is set to zero. The first
 * shapes are the most frequent points of the grid; shapes to spare take a share of the dearest
 * ones. With lambda = 0 it is Linde, Buzo & Gray 1980.
 */
#include "fit_lloyd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "xorshift.h"

#define GRID_ROUNDS 3u  /* with points of the grid alone */
#define REVIVALS    10u /* rounds in which shapes that nobody uses are moved */
#define SIGN_MARGIN 1.3 /* a magnitude must save so many times what its sign costs */
#define PATTERNS    (PACK * PACK * PACK * PACK)
#define PACK        16u /* levels of a coordinate that are told apart when counting patterns */
#define HALF        (TSR_VECTOR_SCALE / 2)

/* A shape while it moves. */
typedef struct centre {
    float c[TSR_VECTOR]; /* in steps */
    double n, cost, sum[TSR_VECTOR];
    uint32_t was; /* its number before the last ordering */
} centre;

typedef struct lloyd {
    const tsr_lloyd_sample *s;
    uint32_t n;
    const tsr_lloyd_options *o;
    tsr_codebook *cb;
    uint8_t (*shape)[TSR_MAX_SHAPES][TSR_VECTOR];
    tsr_vector_rate *rate;
    tsr_vector_choice *to; /* of each sample */
    centre (*centre)[TSR_MAX_SHAPES];
    uint64_t rng;
} lloyd;

/* Uniform in [0, 1). */
static double next_random(lloyd *l) {
    return (double)(tsr_xorshift(&l->rng) >> 11) / 9007199254740992.0;
}

/* ---- assignment ---- */

static void assign(lloyd *l) {
    for (uint32_t b = 0; b < l->cb->books; b++)
        for (uint32_t k = 0; k < l->o->shapes; k++) {
            l->centre[b][k].n = l->centre[b][k].cost = 0;
            memset(l->centre[b][k].sum, 0, sizeof l->centre[b][k].sum);
        }
    for (uint32_t i = 0; i < l->n; i++) {
        const tsr_lloyd_sample *s = &l->s[i];
        tsr_vector_choice *k = &l->to[i];
        *k = l->o->lambda > 0 ? tsr_vector_cheapest(l->rate, &s->v, l->o->lambda)
                              : tsr_vector_nearest(l->cb, &s->v, 1);
        if (k->shape == TSR_GRID) continue;
        centre *c = &l->centre[l->cb->map[s->v.cls]][k->shape];
        c->n += s->weight;
        c->cost += (double)s->weight * k->cost;
        for (unsigned p = 0; p < TSR_VECTOR; p++) c->sum[p] += (double)s->weight * s->v.y[p];
    }
}

static void count_all(lloyd *l) {
    for (uint32_t i = 0; i < l->n; i++)
        tsr_vector_count(l->rate, &l->s[i].v, &l->to[i], l->s[i].weight);
}

/* ---- shapes ---- */

static int compare_centres(const void *a, const void *b) {
    const centre *x = a, *y = b;
    for (unsigned p = 0; p < TSR_VECTOR; p++) {
        uint32_t i = tsr_vector_round((uint32_t)x->c[p]), k = tsr_vector_round((uint32_t)y->c[p]);
        if (i != k) return i < k ? -1 : 1;
    }
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return x->was < y->was ? -1 : 1;
}

/* To 1/16, which c then is in; not of the zero pattern. */
static void round_centre(centre *c) {
    unsigned largest = 0;
    for (unsigned p = 0; p < TSR_VECTOR; p++) {
        float a = floorf(c->c[p] * TSR_VECTOR_SCALE + 0.5f);
        c->c[p] = a < 255 ? a : 255;
        if (c->c[p] > c->c[largest]) largest = p;
    }
    if (c->c[largest] < HALF) c->c[largest] = HALF;
}

static int is_taken(const centre *c, uint32_t k) {
    for (uint32_t i = 0; i < k; i++)
        if (!memcmp(c[i].c, c[k].c, sizeof c->c)) return 1;
    return 0;
}

/* Rounds the centres of a book and brings them into order; what coincides is moved apart. */
static void order_book(lloyd *l, uint32_t b) {
    centre *c = l->centre[b];
    tsr_book *book = &l->cb->book[b];
    for (uint32_t k = 0; k < l->o->shapes; k++) {
        c[k].was = k;
        round_centre(&c[k]);
        while (is_taken(c, k)) {
            float *p = &c[k].c[(uint32_t)(next_random(l) * TSR_VECTOR)];
            *p = *p < 240 ? *p + 4 : *p - 40;
        }
    }
    qsort(c, l->o->shapes, sizeof *c, compare_centres);
    for (uint32_t k = 0; k < l->o->shapes; k++)
        for (unsigned p = 0; p < TSR_VECTOR; p++) {
            l->shape[b][k][p] = (uint8_t)c[k].c[p];
            c[k].c[p] /= TSR_VECTOR_SCALE;
        }
    book->shapes = l->o->shapes;
    book->shape = (const uint8_t(*)[TSR_VECTOR])l->shape[b];
    tsr_book_index(book);
}

/* The samples' choices in the numbers and patterns of the new order. */
static void renumber(lloyd *l) {
    uint32_t now[TSR_VECTOR_CLASSES][TSR_MAX_SHAPES], first;
    for (uint32_t b = 0; b < l->cb->books; b++)
        for (uint32_t k = 0; k < l->o->shapes; k++) now[b][l->centre[b][k].was] = k;
    for (uint32_t i = 0; i < l->n; i++) {
        tsr_vector_choice *c = &l->to[i];
        uint32_t b = l->cb->map[l->s[i].v.cls];
        if (c->shape != TSR_GRID)
            c->shape = (int)now[b][c->shape];
        else if (tsr_book_pattern(&l->cb->book[b], c->level, &first) && !l->s[i].v.outside)
            c->shape = (int)first;
        for (unsigned p = 0; p < TSR_VECTOR && c->shape != TSR_GRID; p++)
            c->level[p] = tsr_vector_round(l->shape[b][c->shape][p]);
    }
}

/* Shapes and their numbers are new: so are the rates. */
static void settle(lloyd *l) {
    for (uint32_t b = 0; b < l->cb->books; b++) order_book(l, b);
    renumber(l);
    count_all(l);
}

/* A magnitude m costs a sign and saves m^2. */
static void move_centres(lloyd *l, uint32_t b) {
    for (uint32_t k = 0; k < l->o->shapes; k++) {
        centre *c = &l->centre[b][k];
        for (unsigned p = 0; p < TSR_VECTOR && c->n > 0; p++) {
            double m = c->sum[p] / c->n;
            c->c[p] = m * m < l->o->lambda * SIGN_MARGIN ? 0 : (float)m;
        }
    }
}

/* Shapes that nobody uses take a share of the dearest ones. */
static void revive(lloyd *l, uint32_t b) {
    centre *c = l->centre[b];
    for (uint32_t k = 0; k < l->o->shapes; k++) {
        uint32_t from = 0;
        if (c[k].n > 0) continue;
        for (uint32_t i = 1; i < l->o->shapes; i++)
            if (c[i].cost > c[from].cost) from = i;
        c[from].cost /= 2;
        for (unsigned p = 0; p < TSR_VECTOR; p++) {
            float shift = (float)(next_random(l) - 0.5) * 0.7f;
            c[k].c[p] = c[from].c[p] > 0 ? fabsf(c[from].c[p] + shift) : 0;
        }
    }
}

/* ---- the first shapes ---- */

static uint32_t pack_levels(const uint32_t *level) {
    uint32_t key = 0;
    for (unsigned p = 0; p < TSR_VECTOR; p++) {
        if (level[p] >= PACK) return 0; /* as the zero vector: not counted */
        key = key * PACK + level[p];
    }
    return key;
}

static void take_frequent_patterns(lloyd *l, uint32_t b, double *count) {
    memset(count, 0, PATTERNS * sizeof *count);
    for (uint32_t i = 0; i < l->n; i++)
        if (l->cb->map[l->s[i].v.cls] == b) count[pack_levels(l->to[i].level)] += l->s[i].weight;
    for (uint32_t k = 0; k < l->o->shapes; k++) {
        uint32_t best = 1;
        for (uint32_t i = 2; i < PATTERNS; i++)
            if (count[i] > count[best]) best = i;
        for (unsigned p = 0; p < TSR_VECTOR; p++)
            l->centre[b][k].c[p] = (float)(best >> (4 * (TSR_VECTOR - 1 - p)) & (PACK - 1));
        count[best] = 0;
    }
}

static tsr_status first_shapes(lloyd *l) {
    double *count = malloc(PATTERNS * sizeof *count);
    if (!count) return TSR_ERR_MEMORY;
    for (uint32_t round = 0; round < GRID_ROUNDS; round++) {
        assign(l);
        count_all(l);
        tsr_vector_rate_update(l->rate);
    }
    for (uint32_t b = 0; b < l->cb->books; b++) take_frequent_patterns(l, b, count);
    free(count);
    return TSR_OK;
}

/* ---- all of it ---- */

static tsr_status alloc_lloyd(lloyd *l, tsr_job *j) {
    static const int8_t even[TSR_VECTOR_CLASSES * TSR_MAX_SHAPES * TSR_BUCKETS]; /* p = 1/2 */
    l->cb->rate_vector = (const int8_t(*)[TSR_VECTOR_LEVELS])even;
    l->cb->rate_zero = (const int8_t(*)[TSR_VECTOR_KINDS][TSR_BUCKETS])even;
    l->cb->rate_shape = (const int8_t(*)[TSR_VECTOR_LEVELS])even;
    l->cb->book = tsr_job_alloc(j, l->cb->books, sizeof *l->cb->book);
    l->rate = l->cb->book ? tsr_vector_rate_new(l->cb, j) : NULL;
    l->to = tsr_job_alloc(j, l->n, sizeof *l->to);
    l->centre = tsr_job_alloc(j, l->cb->books, sizeof *l->centre);
    return l->rate && l->to && l->centre ? TSR_OK : tsr_job_memory_status(j);
}

tsr_status tsr_fit_lloyd(const tsr_lloyd_sample *s, uint32_t n, const tsr_lloyd_options *o,
                         tsr_codebook *cb, uint8_t (*shape)[TSR_MAX_SHAPES][TSR_VECTOR],
                         tsr_buffer *rates, tsr_job *j) {
    lloyd l = {.s = s, .n = n, .o = o, .cb = cb, .shape = shape, .rng = o->seed * 2 + 1};
    tsr_status st = alloc_lloyd(&l, j);
    if (!st) st = first_shapes(&l);
    if (st) return st;
    settle(&l);
    for (uint32_t round = 0; round < o->rounds; round++) {
        tsr_vector_rate_update(l.rate);
        assign(&l);
        for (uint32_t b = 0; b < cb->books; b++) {
            move_centres(&l, b);
            if (round < REVIVALS) revive(&l, b);
        }
        settle(&l);
    }
    tsr_vector_rate_save(l.rate, rates);
    return TSR_OK;
}
