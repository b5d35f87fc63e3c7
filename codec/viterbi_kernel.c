/* viterbi_kernel.c - the inner loop of the trellis search for one instruction set (KERNEL_ISA).
 *
 * The state machine is a shift register (trellis.c): state 2j comes from j (even level) or
 * j ^ h1/2 (odd level), state 2j + 1 from the upper half likewise with j ^ h0/2. States are kept in
 * vectors of eight; the exclusive or permutes within a vector and among vectors. Additions,
 * products and minima only, in the same order for every build: the same levels everywhere. Cost:
 * about 0.5 ns a state and coefficient, 2 ns without vectors of eight; next to nothing where
 * nothing stirs.
 */
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "viterbi.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

#define INLINE static inline __attribute__((always_inline))

#define LANES 8u
typedef float vfloat __attribute__((vector_size(4 * LANES)));
typedef int32_t vint __attribute__((vector_size(4 * LANES)));
typedef uint8_t vbyte __attribute__((vector_size(LANES), aligned(1)));
#define MAX_VECTORS (TSR_TRELLIS_MAX / LANES)

#ifdef __AVX2__
/* Lane i of the result is lane at[i] of v. */
static inline vint permute(vint v, vint at) {
    return (vint)_mm256_permutevar8x32_epi32((__m256i)v, (__m256i)at);
}

/* Lanes of a and b in turn: the first eight and the last eight. */
static inline void zip(vint a, vint b, vint out[2]) {
    __m256i lo = _mm256_unpacklo_epi32((__m256i)a, (__m256i)b),
            hi = _mm256_unpackhi_epi32((__m256i)a, (__m256i)b);
    out[0] = (vint)_mm256_permute2x128_si256(lo, hi, 0x20);
    out[1] = (vint)_mm256_permute2x128_si256(lo, hi, 0x31);
}
#else
static inline vint permute(vint v, vint at) {
    vint r;
    for (uint32_t i = 0; i < LANES; i++) r[i] = v[at[i]];
    return r;
}

static inline void zip(vint a, vint b, vint out[2]) {
    for (uint32_t i = 0; i < LANES; i++) {
        out[i / 4][2 * (i % 4)] = a[i];
        out[i / 4][2 * (i % 4) + 1] = b[i];
    }
}
#endif

/* What the paths see of a coefficient: is a level worth a look, and may there be one to its left?
 */
typedef enum kind {
    QUIET,    /* neither */
    FADING,   /* to its left only */
    ISOLATED, /* here only */
    BUSY
} kind;

/* Costs of a coefficient for each quantizer and code to the left. */
typedef struct costs {
    _Alignas(32) float even[2][TSR_CODES], odd[2][TSR_CODES];
    _Alignas(32) int32_t even_code[2][TSR_CODES];
    int32_t odd_code[2];
    kind kind;
} costs;

/* The two levels around a under each quantizer. */
typedef struct around {
    uint32_t level[2]; /* even, odd */
    float error[2];    /* squared */
    int32_t code[2];
} around;

static inline around levels_around(float a, uint32_t q1) {
    uint32_t lo = (uint32_t)((a + (float)q1) * 0.5f), is_odd = lo & 1;
    around r;
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t k = lo + i, at = i ^ is_odd, mag = k ? 2 * k - q1 : 0;
        float d = a - (float)mag;
        r.level[at] = k;
        r.error[at] = d * d;
        r.code[at] = (int32_t)(TSR_CODE_Q0_FLOOR + 2 * q1 + i);
    }
    return r;
}

/* Costs of level zero only, when `codes` codes may stand to the left, of magnitudes left[]. */
static inline void fill_zero(const tsr_viterbi *v, costs *c, float a, uint32_t base,
                             const uint32_t *left, uint32_t codes) {
    for (uint32_t w = 0; w < codes; w++) {
        uint32_t bucket = tsr_energy_bucket(base + v->w_weight * left[w]);
        for (uint32_t q1 = 0; q1 < 2; q1++)
            c->even[q1][w] = a * a + v->lambda * v->bits[bucket][q1][0];
    }
}

/* Costs of all candidates likewise. */
static inline void fill_all(const tsr_viterbi *v, costs *c, float a, uint32_t base,
                            const uint32_t *left, uint32_t codes) {
    around near[2] = {levels_around(a, 0), levels_around(a, 1)};
    fill_zero(v, c, a, base, left, codes);
    for (uint32_t q1 = 0; q1 < 2; q1++) c->odd_code[q1] = near[q1].code[1];
    for (uint32_t w = 0; w < codes; w++) {
        uint32_t bucket = tsr_energy_bucket(base + v->w_weight * left[w]);
        for (uint32_t q1 = 0; q1 < 2; q1++) {
            const float *bits = v->bits[bucket][q1];
            const around *r = &near[q1];
            c->odd[q1][w] = r->error[1] + v->lambda * tsr_rate_bits(bits, bucket, r->level[1]);
            c->even_code[q1][w] = TSR_CODE_ZERO;
            if (!r->level[0]) continue;
            float even = r->error[0] + v->lambda * tsr_rate_bits(bits, bucket, r->level[0]);
            if (even >= c->even[q1][w]) continue;
            c->even[q1][w] = even;
            c->even_code[q1][w] = r->code[0];
        }
    }
}

/* Extends the paths of a machine of any size. */
static void extend_any(tsr_viterbi *v, const costs *c, uint8_t *from) {
    uint32_t n = v->trellis->states, live = c->kind >= ISOLATED;
    float cost[TSR_TRELLIS_MAX];
    int32_t code[TSR_TRELLIS_MAX];
    for (uint32_t e = 0; e < n; e++) cost[e] = TSR_VITERBI_FAR, code[e] = TSR_CODE_ZERO;
    for (uint32_t e = 0; e < n; e++) {
        uint32_t q1 = tsr_trellis_q1(v->trellis, e), w = (uint32_t)v->code[e];
        uint32_t next = v->trellis->next[e][0];
        float even = v->cost[e] + c->even[q1][w];
        if (even < cost[next]) cost[next] = even, code[next] = live ? c->even_code[q1][w] : 0;
        if (!live) continue;
        next = v->trellis->next[e][1];
        float odd = v->cost[e] + c->odd[q1][w];
        if (odd < cost[next]) cost[next] = odd, code[next] = c->odd_code[q1];
    }
    for (uint32_t e = 0; e < n; e++) {
        v->cost[e] = cost[e];
        v->code[e] = code[e];
        if (live) from[e] = (uint8_t)code[e];
    }
}

/* Lane permutations of the machine. */
typedef struct butterfly {
    vint h1, h0, h01;     /* lanes for the exclusive or within a vector */
    uint32_t r1, r0, r01; /* the same among vectors */
} butterfly;

static butterfly butterfly_of(const tsr_trellis *t) {
    const vint lane = {0, 1, 2, 3, 4, 5, 6, 7};
    uint32_t h1 = t->next[0][1] >> 1, h0 = t->next[t->states / 2][0] >> 1;
    butterfly b;
    b.h1 = lane ^ (int32_t)(h1 % LANES);
    b.h0 = lane ^ (int32_t)(h0 % LANES);
    b.h01 = lane ^ (int32_t)((h0 ^ h1) % LANES);
    b.r1 = h1 / LANES;
    b.r0 = h0 / LANES;
    b.r01 = (h0 ^ h1) / LANES;
    return b;
}

static inline vfloat minimum(vfloat a, vfloat b, vint less) {
    return (vfloat)(((vint)b & less) | ((vint)a & ~less));
}

/* Entry at code[lane] of a table, or its first one where all codes are zero. */
INLINE vint look_up(const void *table, vint code, int flat) {
    if (!flat) return permute(*(const vint *)table, code);
    int32_t first;
    memcpy(&first, table, sizeof first);
    return (vint){0} + first;
}

/* Puts the states 2j and 2j + 1 of a vector of each in order. */
INLINE void store_pair(tsr_viterbi *v, uint32_t j, const vfloat cost[2], const vint code[2],
                       uint8_t *from) {
    vint c[2];
    zip((vint)cost[0], (vint)cost[1], c);
    for (uint32_t i = 0; i < 2; i++) ((vint *)v->cost)[2 * j + i] = c[i];
    zip(code[0], code[1], c);
    for (uint32_t i = 0; i < 2; i++) {
        vbyte bytes = __builtin_convertvector(c[i], vbyte);
        ((vint *)v->code)[2 * j + i] = c[i];
        memcpy(from + (2 * j + i) * LANES, &bytes, sizeof bytes);
    }
}

INLINE void extend_live(tsr_viterbi *v, const costs *c, const butterfly *b, uint32_t half, int flat,
                        uint8_t *from) {
    const vfloat *cost = (const vfloat *)v->cost;
    const vint *code = (const vint *)v->code;
    vfloat even[MAX_VECTORS], odd[MAX_VECTORS];
    vint chosen[MAX_VECTORS];
    for (uint32_t j = 0; j < 2 * half; j++) {
        uint32_t q1 = j >= half;
        even[j] = cost[j] + (vfloat)look_up(c->even[q1], code[j], flat);
        odd[j] = cost[j] + (vfloat)look_up(c->odd[q1], code[j], flat);
        chosen[j] = look_up(c->even_code[q1], code[j], flat);
    }
    const vint odd0 = (vint){0} + c->odd_code[0], odd1 = (vint){0} + c->odd_code[1];
    for (uint32_t j = 0; j < half; j++) {
        vfloat a0 = even[j], b0 = (vfloat)permute((vint)odd[j ^ b->r1], b->h1);
        vfloat a1 = (vfloat)permute((vint)even[half + (j ^ b->r0)], b->h0),
               b1 = (vfloat)permute((vint)odd[half + (j ^ b->r01)], b->h01);
        vint c1 = permute(chosen[half + (j ^ b->r0)], b->h0);
        vint less0 = b0 < a0, less1 = b1 < a1;
        store_pair(v, j, (vfloat[2]){minimum(a0, b0, less0), minimum(a1, b1, less1)},
                   (vint[2]){(odd0 & less0) | (chosen[j] & ~less0), (odd1 & less1) | (c1 & ~less1)},
                   from);
    }
}

/* The same where only levels of zero are worth a look. */
INLINE void extend_zero(tsr_viterbi *v, const costs *c, const butterfly *b, uint32_t half,
                        int flat) {
    vfloat *cost = (vfloat *)v->cost, even[MAX_VECTORS];
    vint *code = (vint *)v->code;
    for (uint32_t j = 0; j < 2 * half; j++) {
        even[j] = cost[j] + (vfloat)look_up(c->even[j >= half], code[j], flat);
        if (!flat) code[j] = (vint){0};
    }
    for (uint32_t j = 0; j < half; j++)
        zip((vint)even[j], permute((vint)even[half + (j ^ b->r0)], b->h0), (vint *)cost + 2 * j);
}

/* Extends the paths by n coefficients. */
INLINE void extend(tsr_viterbi *v, const costs *c, uint32_t n, const butterfly *b, uint32_t half,
                   uint8_t *from) {
    for (; n; n--, c++) {
        if (c->kind == QUIET)
            extend_zero(v, c, b, half, 1);
        else if (c->kind == FADING)
            extend_zero(v, c, b, half, 0);
        else if (c->kind == ISOLATED)
            extend_live(v, c, b, half, 1, from);
        else
            extend_live(v, c, b, half, 0, from);
        if (c->kind >= ISOLATED) from += v->trellis->states;
    }
}

static void extend_paths(tsr_viterbi *v, const costs *c, uint32_t n, const butterfly *b,
                         uint8_t *from) {
    switch (v->trellis->states / (2 * LANES)) { /* constant bounds: the loops unroll */
    case 0:
        for (; n; n--, c++) {
            extend_any(v, c, from);
            if (c->kind >= ISOLATED) from += v->trellis->states;
        }
        return;
    case 1:
        extend(v, c, n, b, 1, from);
        return;
    case 2:
        extend(v, c, n, b, 2, from);
        return;
    case 4:
        extend(v, c, n, b, 4, from);
        return;
    case 8:
        extend(v, c, n, b, 8, from);
        return;
    default:
        extend(v, c, n, b, 16, from);
        return;
    }
}

/* A coefficient below 0.6 half steps is never worth a level. */
static inline int is_live(float a) {
    return a >= 0.6f;
}

/* Costs of the coefficient at column x. */
static void fill_costs(const tsr_viterbi *v, const float *a, uint32_t base, uint32_t x, costs *c) {
    uint32_t left[TSR_CODES] = {0}, codes = x && is_live(a[x - 1]) ? 5 : 1;
    uint32_t second = x > 1 ? tsr_dead_zone_magnitude(a[x - 2]) : 0;
    base += v->ww_weight * second;
    for (uint32_t w = 1; w < codes; w++) left[w] = tsr_code_magnitude(a[x - 1], w);
    if (is_live(a[x])) {
        c->kind = codes > 1 ? BUSY : ISOLATED;
        fill_all(v, c, a[x], base, left, codes);
    } else {
        c->kind = codes > 1 ? FADING : QUIET;
        fill_zero(v, c, a[x], base, left, codes);
    }
}

/* Costs do not depend on paths: those of a group are computed ahead, so that they are in memory
 * when the vectors load them. */
#define GROUP 16u

/* 1 where levels and energies of n coefficients from column x on are as low as can be. */
static inline int is_still(const float *a, const uint32_t *base, uint32_t x, uint32_t n) {
    uint32_t energy = 0, live = 0;
    if (x && is_live(a[x - 1])) return 0;
    if (x > 1 && tsr_dead_zone_magnitude(a[x - 2])) return 0;
    for (uint32_t i = x; i < x + n; i++) {
        energy |= base[i];
        live |= (uint32_t)is_live(a[i]);
    }
    return !live && !tsr_energy_bucket(energy);
}

/* Returns how many of the n coefficients from column x on are live. */
static uint32_t pass_group(tsr_viterbi *v, const float *a, const uint32_t *base, uint32_t x,
                           uint32_t n, const butterfly *b, uint32_t *column, uint8_t *from) {
    costs c[GROUP];
    uint32_t live = 0;
    for (uint32_t i = 0; i < n; i++) {
        fill_costs(v, a, base[x + i], x + i, &c[i]);
        if (c[i].kind >= ISOLATED) column[live++] = x + i;
    }
    tsr_viterbi_catch_up(v);
    extend_paths(v, c, n, b, from);
    return live;
}

uint32_t JOIN(tsr_viterbi_row_, KERNEL_ISA)(tsr_viterbi *v, const float *a, const uint32_t *base,
                                            uint32_t n, uint32_t *column, uint8_t *from) {
    uint32_t states = v->trellis->states, live = 0;
    butterfly b = {0};
    if (states >= 2 * LANES) b = butterfly_of(v->trellis);
    memset(v->code, 0, sizeof v->code);
    for (uint32_t x = 0; x < n; x += GROUP) {
        uint32_t group = n - x < GROUP ? n - x : GROUP;
        if (is_still(a, base, x, group))
            v->still += group;
        else
            live +=
                pass_group(v, a, base, x, group, &b, column + live, from + (size_t)live * states);
    }
    return live;
}
