/* viterbi_kernel.c - the inner loop of the trellis search for one instruction set (KERNEL_ISA).
 *
 * The state machine is a shift register (trellis.c): state 2j comes from j (even level) or
 * j ^ h1/2 (odd level), state 2j + 1 from the upper half likewise with j ^ h0/2. States are kept in
 * vectors of eight; the exclusive or permutes within a vector and among vectors. Additions,
 * products and minima only, in the same order for every build: the same levels everywhere. Cost:
 * about 1 ns a state and coefficient at most.
 */
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "viterbi.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

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

/* Costs of a coefficient for each quantizer and code to the left. */
typedef struct costs {
    _Alignas(32) float even[2][TSR_CODES], odd[2][TSR_CODES];
    _Alignas(32) int32_t even_code[2][TSR_CODES];
    int32_t odd_code[2];
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

/* Costs of all candidates when `codes` codes may stand to the left, of magnitudes left[]. */
static inline void fill_costs(const tsr_viterbi *v, costs *c, float a, uint32_t base,
                              const uint32_t *left, uint32_t codes, int zero_only) {
    around near[2];
    float zero_error = a * a;
    if (!zero_only) {
        near[0] = levels_around(a, 0);
        near[1] = levels_around(a, 1);
        c->odd_code[0] = near[0].code[1];
        c->odd_code[1] = near[1].code[1];
    }
    for (uint32_t w = 0; w < codes; w++) {
        uint32_t bucket = tsr_energy_bucket(base + v->w_weight * left[w]);
        for (uint32_t q1 = 0; q1 < 2; q1++) {
            const float *bits = v->bits[bucket][q1];
            float zero = zero_error + v->lambda * bits[0];
            c->even[q1][w] = zero;
            c->even_code[q1][w] = TSR_CODE_ZERO;
            if (zero_only) continue;
            const around *r = &near[q1];
            c->odd[q1][w] = r->error[1] + v->lambda * tsr_rate_bits(bits, bucket, r->level[1]);
            if (!r->level[0]) continue;
            float even = r->error[0] + v->lambda * tsr_rate_bits(bits, bucket, r->level[0]);
            if (even >= zero) continue;
            c->even[q1][w] = even;
            c->even_code[q1][w] = r->code[0];
        }
    }
}

/* Extends the paths of a machine of any size. */
static void extend_any(tsr_viterbi *v, const costs *c, int zero_only, uint8_t *from) {
    uint32_t n = v->trellis->states;
    float cost[TSR_TRELLIS_MAX];
    int32_t code[TSR_TRELLIS_MAX];
    for (uint32_t e = 0; e < n; e++) cost[e] = TSR_VITERBI_FAR, code[e] = TSR_CODE_ZERO;
    for (uint32_t e = 0; e < n; e++) {
        uint32_t q1 = tsr_trellis_q1(v->trellis, e), w = (uint32_t)v->code[e];
        uint32_t next = v->trellis->next[e][0];
        float even = v->cost[e] + c->even[q1][w];
        if (even < cost[next]) cost[next] = even, code[next] = c->even_code[q1][w];
        if (zero_only) continue;
        next = v->trellis->next[e][1];
        float odd = v->cost[e] + c->odd[q1][w];
        if (odd < cost[next]) cost[next] = odd, code[next] = c->odd_code[q1];
    }
    for (uint32_t e = 0; e < n; e++) {
        v->cost[e] = cost[e];
        v->code[e] = code[e];
        from[e] = (uint8_t)code[e];
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

static inline void store_states(tsr_viterbi *v, uint32_t at, vfloat cost, vint code,
                                uint8_t *from) {
    vbyte bytes = __builtin_convertvector(code, vbyte);
    ((vfloat *)v->cost)[at] = cost;
    ((vint *)v->code)[at] = code;
    memcpy(from + at * LANES, &bytes, sizeof bytes);
}

/* Puts the states 2j and 2j + 1 of a vector of each in order. */
static inline void store_pair(tsr_viterbi *v, uint32_t j, vfloat cost0, vfloat cost1, vint code0,
                              vint code1, uint8_t *from) {
    vint cost[2], code[2];
    zip((vint)cost0, (vint)cost1, cost);
    zip(code0, code1, code);
    for (uint32_t i = 0; i < 2; i++) store_states(v, 2 * j + i, (vfloat)cost[i], code[i], from);
}

static inline vfloat minimum(vfloat a, vfloat b, vint less) {
    return (vfloat)(((vint)b & less) | ((vint)a & ~less));
}

static inline __attribute__((always_inline)) void
extend(tsr_viterbi *v, const costs *c, const butterfly *b, uint32_t half, uint8_t *from) {
    const vfloat *cost = (const vfloat *)v->cost;
    const vint *code = (const vint *)v->code;
    vfloat even[MAX_VECTORS], odd[MAX_VECTORS];
    vint chosen[MAX_VECTORS];
    for (uint32_t q1 = 0; q1 < 2; q1++) {
        vfloat even_cost = *(const vfloat *)c->even[q1], odd_cost = *(const vfloat *)c->odd[q1];
        vint even_code = *(const vint *)c->even_code[q1];
        for (uint32_t j = q1 * half; j < (q1 + 1) * half; j++) {
            even[j] = cost[j] + (vfloat)permute((vint)even_cost, code[j]);
            odd[j] = cost[j] + (vfloat)permute((vint)odd_cost, code[j]);
            chosen[j] = permute(even_code, code[j]);
        }
    }
    const vint zero = {0};
    vint odd0 = zero + c->odd_code[0], odd1 = zero + c->odd_code[1];
    for (uint32_t j = 0; j < half; j++) {
        vfloat a0 = even[j], b0 = (vfloat)permute((vint)odd[j ^ b->r1], b->h1);
        vfloat a1 = (vfloat)permute((vint)even[half + (j ^ b->r0)], b->h0),
               b1 = (vfloat)permute((vint)odd[half + (j ^ b->r01)], b->h01);
        vint c1 = permute(chosen[half + (j ^ b->r0)], b->h0);
        vint less0 = b0 < a0, less1 = b1 < a1;
        store_pair(v, j, minimum(a0, b0, less0), minimum(a1, b1, less1),
                   (odd0 & less0) | (chosen[j] & ~less0), (odd1 & less1) | (c1 & ~less1), from);
    }
}

/* The same where only levels of zero are worth a look. */
static inline __attribute__((always_inline)) void
extend_zero(tsr_viterbi *v, const costs *c, const butterfly *b, uint32_t half, uint8_t *from) {
    const vfloat *cost = (const vfloat *)v->cost;
    const vint *code = (const vint *)v->code;
    vfloat even[MAX_VECTORS];
    for (uint32_t j = 0; j < 2 * half; j++)
        even[j] = cost[j] + (vfloat)permute((vint) * (const vfloat *)c->even[j >= half], code[j]);
    const vint zero = {0};
    for (uint32_t j = 0; j < half; j++)
        store_pair(v, j, even[j], (vfloat)permute((vint)even[half + (j ^ b->r0)], b->h0), zero,
                   zero, from);
}

static inline void extend_states(tsr_viterbi *v, const costs *c, const butterfly *b, int zero_only,
                                 uint8_t *from) {
    uint32_t half = v->trellis->states / (2 * LANES);
    if (zero_only) {
        switch (half) { /* constant bounds: the loops unroll */
        case 1:
            extend_zero(v, c, b, 1, from);
            return;
        case 2:
            extend_zero(v, c, b, 2, from);
            return;
        case 4:
            extend_zero(v, c, b, 4, from);
            return;
        default:
            extend_zero(v, c, b, half, from);
            return;
        }
    }
    switch (half) {
    case 1:
        extend(v, c, b, 1, from);
        return;
    case 2:
        extend(v, c, b, 2, from);
        return;
    case 4:
        extend(v, c, b, 4, from);
        return;
    default:
        extend(v, c, b, half, from);
        return;
    }
}

/* A coefficient below 0.6 half steps is never worth a level. */
static inline int only_zero(float a) {
    return a < 0.6f;
}

void JOIN(tsr_viterbi_row_, KERNEL_ISA)(tsr_viterbi *v, const float *a, const uint32_t *base,
                                        uint32_t n, uint8_t *from) {
    uint32_t states = v->trellis->states, left[TSR_CODES] = {0}, codes = 1, second = 0;
    butterfly b = {0};
    costs c;
    memset(&c, 0, sizeof c);
    if (states >= 2 * LANES) b = butterfly_of(v->trellis);
    memset(v->code, 0, sizeof v->code);
    for (uint32_t x = 0; x < n; x++, from += states) {
        int zero = only_zero(a[x]);
        fill_costs(v, &c, a[x], base[x] + v->ww_weight * second, left, codes, zero);
        if (states >= 2 * LANES)
            extend_states(v, &c, &b, zero, from);
        else
            extend_any(v, &c, zero, from);
        second = x ? tsr_dead_zone_magnitude(a[x - 1]) : 0;
        codes = zero ? 1 : 5;
        for (uint32_t w = 0; w < codes; w++) left[w] = tsr_code_magnitude(a[x], w);
    }
}
