/* mix_lanes.h - the sixteen inputs of a mixer as vectors, for the instruction set compiled for.
 *
 * Arithmetic is written once, on parts as wide as a register; what compilers do not find by
 * themselves (widening, sums across lanes, least and greatest) has its own text for AVX2 and
 * AVX-512. Integers, and one exactly rounded float division: every build gives the same bits.
 * Counters are fetched one by one: gathers and scatters of so few lanes measured no faster.
 */
#ifndef TSR_MIX_LANES_H
#define TSR_MIX_LANES_H

#include "inline.h"
#include "mix_constants.h"
#include "mixer.h"
#include "prob.h"

#ifdef __AVX2__
#include <immintrin.h>
#define PART_BYTES 32
#else
#define PART_BYTES 16
#endif

#define PARTS      (64u / PART_BYTES)
#define PART_LANES (PART_BYTES / 4u)

typedef int32_t part __attribute__((vector_size(PART_BYTES)));
typedef struct mix_lanes {
    part v[PARTS];
} mix_lanes;

/* What nobody waits for, learning, is done on lanes as wide as they come. */
#ifdef __AVX512F__
#define WIDE_BYTES 64
#else
#define WIDE_BYTES PART_BYTES
#endif
#define WIDES      (64u / WIDE_BYTES)
#define WIDE_LANES (WIDE_BYTES / 4u)
typedef int32_t wide __attribute__((vector_size(WIDE_BYTES)));
typedef uint32_t wide_unsigned __attribute__((vector_size(WIDE_BYTES)));
typedef float wide_float __attribute__((vector_size(WIDE_BYTES)));

/* Numbers of contexts: below 65536, unused lanes 0. */
typedef uint16_t mix_ids __attribute__((vector_size(32)));

TSR_INLINE mix_ids ids_load(const uint16_t *p) {
    mix_ids v;
    memcpy(&v, p, sizeof v);
    return v;
}

TSR_INLINE part part_load(const int32_t *p) {
    part v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The counters of a decision are n of a table, number i at at[i]. */
typedef struct counter_set {
    tsr_counter *table;
    const uint32_t *at;
    unsigned n;
} counter_set;

/* ---- what differs between instruction sets ---- */

#ifdef __AVX2__

TSR_INLINE mix_lanes lanes_widen(mix_ids ids) {
    __m256i v = (__m256i)ids;
    return (mix_lanes){{(part)_mm256_cvtepu16_epi32(_mm256_castsi256_si128(v)),
                        (part)_mm256_cvtepu16_epi32(_mm256_extracti128_si256(v, 1))}};
}

/* Sums of all lanes of a and of b. */
TSR_INLINE void lanes_sums(mix_lanes a, mix_lanes b, int32_t sum[2]) {
    __m256i h = _mm256_hadd_epi32((__m256i)(a.v[0] + a.v[1]), (__m256i)(b.v[0] + b.v[1]));
    __m128i q = _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
    uint64_t r = (uint64_t)_mm_cvtsi128_si64(_mm_hadd_epi32(q, q));
    sum[0] = (int32_t)(uint32_t)r;
    sum[1] = (int32_t)(uint32_t)(r >> 32);
}

#else

TSR_INLINE mix_lanes lanes_widen(mix_ids ids) {
    mix_lanes out;
    for (unsigned i = 0; i < PARTS; i++)
        out.v[i] = (part){ids[4 * i], ids[4 * i + 1], ids[4 * i + 2], ids[4 * i + 3]};
    return out;
}

TSR_INLINE void lanes_sums(mix_lanes a, mix_lanes b, int32_t sum[2]) {
    part s = (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]), t = (b.v[0] + b.v[1]) + (b.v[2] + b.v[3]);
    sum[0] = s[0] + s[1] + s[2] + s[3];
    sum[1] = t[0] + t[1] + t[2] + t[3];
}

#endif

#if defined(__AVX512F__)
TSR_INLINE wide lanes_wide(mix_lanes l, unsigned i) {
    return (wide)_mm512_inserti64x4(_mm512_castsi256_si512((__m256i)l.v[0]), (__m256i)l.v[1], 1);
}
TSR_INLINE wide wide_min(wide a, wide b) {
    return (wide)_mm512_min_epi32((__m512i)a, (__m512i)b);
}
TSR_INLINE wide wide_max(wide a, wide b) {
    return (wide)_mm512_max_epi32((__m512i)a, (__m512i)b);
}
#else
TSR_INLINE wide lanes_wide(mix_lanes l, unsigned i) {
    return l.v[i];
}
#ifdef __AVX2__
TSR_INLINE wide wide_min(wide a, wide b) {
    return (wide)_mm256_min_epi32((__m256i)a, (__m256i)b);
}
TSR_INLINE wide wide_max(wide a, wide b) {
    return (wide)_mm256_max_epi32((__m256i)a, (__m256i)b);
}
#else
TSR_INLINE wide wide_min(wide a, wide b) {
    wide less = a < b;
    return (a & less) | (b & ~less);
}
TSR_INLINE wide wide_max(wide a, wide b) {
    wide less = a < b;
    return (b & less) | (a & ~less);
}
#endif
#endif

/* A part of lanes f(first), f(first + 1), ..., put together in registers: going through memory
 * would wait for the stores. */
#ifdef __AVX2__
#define PART_OF(f, k)                                                                              \
    ((part){f(k), f((k) + 1), f((k) + 2), f((k) + 3), f((k) + 4), f((k) + 5), f((k) + 6),          \
            f((k) + 7)})
#else
#define PART_OF(f, k) ((part){f(k), f((k) + 1), f((k) + 2), f((k) + 3)})
#endif

/* ---- what is written once ---- */

/* The counters, and the inputs that they make: their stretched probabilities, then a bias. */
TSR_INLINE void lanes_read(counter_set c, const int32_t *stretch, mix_lanes *counters,
                           mix_lanes *x) {
#define COUNTER(i) ((i) < c.n ? (int32_t)c.table[c.at[i]] : 0)
#define INPUT(i)   ((i) < c.n ? stretch[c.table[c.at[i]] >> 20] : (i) == c.n ? 256 : 0)
    for (unsigned i = 0; i < PARTS; i++) {
        counters->v[i] = PART_OF(COUNTER, i * PART_LANES);
        x->v[i] = PART_OF(INPUT, i * PART_LANES);
    }
#undef COUNTER
#undef INPUT
}

/* One input more. */
TSR_INLINE void lanes_put(mix_lanes *x, unsigned i, int32_t v) {
    x->v[i / PART_LANES][i % PART_LANES] = v;
}

/* Places of counters: start + scale * id. */
TSR_INLINE void lanes_places(mix_ids ids, int32_t scale, const int32_t *start, uint32_t *at) {
    mix_lanes l = lanes_widen(ids);
    for (unsigned i = 0; i < PARTS; i++) {
        part p = l.v[i] * scale + part_load(start + i * PART_LANES);
        memcpy(at + i * PART_LANES, &p, sizeof p);
    }
}

/* Outputs of two mixers for the inputs x, stretched. */
TSR_INLINE void lanes_mix(mix_lanes x, const int32_t *wa, const int32_t *wb, int32_t out[2]) {
    mix_lanes a, b;
    for (unsigned i = 0; i < PARTS; i++) {
        a.v[i] = (x.v[i] * part_load(wa + i * PART_LANES)) >> 10;
        b.v[i] = (x.v[i] * part_load(wb + i * PART_LANES)) >> 10;
    }
    lanes_sums(a, b, out);
    out[0] >>= 6;
    out[1] >>= 6;
}

/* A constant in all lanes, from memory: compilers would put it together every time. */
TSR_INLINE wide wide_all(const tsr_lane_constant *c) {
    wide v;
    memcpy(&v, c, sizeof v);
    return v;
}

/* Moves the weights along the inputs. err: (bit - p) * 65536; |err * rate| < 2^21; |w| < 8:
 * products in lanes_mix() fit. */
TSR_INLINE void lanes_train(mix_lanes x, int32_t *w, int32_t err, int32_t rate) {
    for (unsigned i = 0; i < WIDES; i++) {
        wide v;
        memcpy(&v, w + i * WIDE_LANES, sizeof v);
        v += (lanes_wide(x, i) * ((err * rate) >> 4) + wide_all(&tsr_lane_half)) >> 16;
        v = wide_max(wide_min(v, wide_all(&tsr_lane_most)), wide_all(&tsr_lane_least));
        memcpy(w + i * WIDE_LANES, &v, sizeof v);
    }
}

/* tsr_prob_rate[count] for counts up to TSR_PROB_LIMIT: no quotient is so close below a whole
 * number that its float is not. */
TSR_INLINE wide wide_rate(wide count) {
    wide_float d = __builtin_convertvector(count, wide_float) + 1.6f;
    return __builtin_convertvector(65536.0f / d, wide);
}

/* tsr_counter_update() of each lane: equal results. d * rate of 38 bits is shifted in two parts of
 * 31. */
TSR_INLINE wide wide_updated(wide c, int bit) {
    wide count = c & wide_all(&tsr_lane_count), p = (wide)((wide_unsigned)c >> 10);
    wide d = bit ? wide_all(&tsr_lane_one) - p : -p, r = wide_rate(count);
    p += ((d >> 8) * r + (((d & wide_all(&tsr_lane_byte)) * r) >> 8)) >> 8;
    count = wide_min(count + 1, wide_all(&tsr_lane_byte));
    return (p << 10) | count;
}

/* Lets all counters of a set see the bit; old: as lanes_read() found them. */
TSR_INLINE void lanes_update(counter_set c, mix_lanes old, int bit) {
    for (unsigned i = 0; i < WIDES; i++) {
        wide v = wide_updated(lanes_wide(old, i), bit);
#pragma GCC unroll 16
        for (unsigned k = 0; k < WIDE_LANES; k++)
            if (i * WIDE_LANES + k < c.n) c.table[c.at[i * WIDE_LANES + k]] = (tsr_counter)v[k];
    }
}

/* ---- signs: eight lanes ---- */

typedef int32_t sign_lanes __attribute__((vector_size(32)));

/* One by one: the next sign waits for this, and lanes take longer to come together. */
TSR_INLINE int32_t sign_mix(const int32_t *x, const int32_t *w) {
    int32_t sum = 0;
#pragma GCC unroll 5
    for (unsigned i = 0; i < 5; i++) sum += (x[i] * w[i]) >> 10;
    return sum >> 6;
}

TSR_INLINE void sign_train(const int32_t *in, int32_t *w, int32_t err, int32_t rate) {
    sign_lanes x = {in[0], in[1], in[2], in[3], in[4]}, v, most = (sign_lanes){0} + 0x7ffff, mask;
    memcpy(&v, w, sizeof v);
    v += (x * ((err * rate) >> 4) + 0x8000) >> 16;
    mask = v > most;
    v = (most & mask) | (v & ~mask);
    mask = v < -most;
    v = (-most & mask) | (v & ~mask);
    memcpy(w, &v, sizeof v);
}

#endif
