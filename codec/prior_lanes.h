/* prior_lanes.h - layers of the network for the instruction set compiled for: 32 sums that grow by
 * two inputs at a time. */
#ifndef TSR_PRIOR_LANES_H
#define TSR_PRIOR_LANES_H

#include <string.h>

#include "inline.h"
#include "prior.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

/* Two inputs in one number, as they lie in memory. */
TSR_INLINE int32_t prior_two(const int16_t *in) {
    int32_t two;
    memcpy(&two, in, sizeof two);
    return two;
}

#if defined(__AVX512BW__)

#define PRIOR_VECTORS 2
#define PRIOR_GROUP   4u /* columns whose sums share the loading of weights */

typedef struct prior_sums {
    __m512i v[PRIOR_VECTORS];
} prior_sums;

TSR_INLINE prior_sums prior_load(const int32_t *from) {
    return (prior_sums){{_mm512_loadu_si512(from), _mm512_loadu_si512(from + 16)}};
}

TSR_INLINE void prior_store(const prior_sums *s, int32_t *to) {
    for (int i = 0; i < PRIOR_VECTORS; i++) _mm512_storeu_si512(to + 16 * i, s->v[i]);
}

TSR_INLINE void prior_plus(prior_sums *s, const prior_sums *t) {
    for (int i = 0; i < PRIOR_VECTORS; i++) s->v[i] = _mm512_add_epi32(s->v[i], t->v[i]);
}

TSR_INLINE void prior_add(prior_sums *s, const int16_t *in, const tsr_prior_pair *w) {
    __m512i two = _mm512_set1_epi32(prior_two(in));
    for (int i = 0; i < PRIOR_VECTORS; i++)
        s->v[i] =
            _mm512_add_epi32(s->v[i], _mm512_madd_epi16(two, _mm512_loadu_si512(w->w[16 * i])));
}

TSR_INLINE void prior_rectify(const prior_sums *s, unsigned shift, int16_t *out) {
    for (int i = 0; i < PRIOR_VECTORS; i++) {
        __m256i v = _mm512_cvtsepi32_epi16(_mm512_srai_epi32(s->v[i], shift));
        _mm256_storeu_si256((__m256i *)(void *)(out + 16 * i),
                            _mm256_max_epi16(v, _mm256_setzero_si256()));
    }
}

#elif defined(__AVX2__)

#define PRIOR_VECTORS 4
#define PRIOR_GROUP   2u

typedef struct prior_sums {
    __m256i v[PRIOR_VECTORS];
} prior_sums;

TSR_INLINE __m256i prior_vector(const void *from) {
    return _mm256_loadu_si256(from);
}

TSR_INLINE prior_sums prior_load(const int32_t *from) {
    return (prior_sums){{prior_vector(from), prior_vector(from + 8), prior_vector(from + 16),
                         prior_vector(from + 24)}};
}

TSR_INLINE void prior_store(const prior_sums *s, int32_t *to) {
    for (int i = 0; i < PRIOR_VECTORS; i++)
        _mm256_storeu_si256((__m256i *)(void *)(to + 8 * i), s->v[i]);
}

TSR_INLINE void prior_plus(prior_sums *s, const prior_sums *t) {
    for (int i = 0; i < PRIOR_VECTORS; i++) s->v[i] = _mm256_add_epi32(s->v[i], t->v[i]);
}

TSR_INLINE void prior_add(prior_sums *s, const int16_t *in, const tsr_prior_pair *w) {
    __m256i two = _mm256_set1_epi32(prior_two(in));
    for (int i = 0; i < PRIOR_VECTORS; i++)
        s->v[i] = _mm256_add_epi32(s->v[i], _mm256_madd_epi16(two, prior_vector(w->w[8 * i])));
}

TSR_INLINE void prior_rectify(const prior_sums *s, unsigned shift, int16_t *out) {
    for (int i = 0; i < PRIOR_VECTORS; i += 2) {
        __m256i a = _mm256_srai_epi32(s->v[i], (int)shift),
                b = _mm256_srai_epi32(s->v[i + 1], (int)shift);
        __m256i v = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8);
        _mm256_storeu_si256((__m256i *)(void *)(out + 8 * i),
                            _mm256_max_epi16(v, _mm256_setzero_si256()));
    }
}

#else

#define PRIOR_GROUP 1u

typedef struct prior_sums {
    uint32_t v[TSR_PRIOR_WIDTH];
} prior_sums;

TSR_INLINE prior_sums prior_load(const int32_t *from) {
    prior_sums s;
    memcpy(s.v, from, sizeof s.v);
    return s;
}

TSR_INLINE void prior_store(const prior_sums *s, int32_t *to) {
    memcpy(to, s->v, sizeof s->v);
}

TSR_INLINE void prior_plus(prior_sums *s, const prior_sums *t) {
    for (unsigned i = 0; i < TSR_PRIOR_WIDTH; i++) s->v[i] += t->v[i];
}

TSR_INLINE void prior_add(prior_sums *s, const int16_t *in, const tsr_prior_pair *w) {
    for (unsigned i = 0; i < TSR_PRIOR_WIDTH; i++)
        s->v[i] += (uint32_t)(in[0] * w->w[i][0]) + (uint32_t)(in[1] * w->w[i][1]);
}

TSR_INLINE void prior_rectify(const prior_sums *s, unsigned shift, int16_t *out) {
    for (unsigned i = 0; i < TSR_PRIOR_WIDTH; i++) {
        int32_t v = (int32_t)s->v[i] >> shift;
        out[i] = (int16_t)(v < 0 ? 0 : v > 32767 ? 32767 : v);
    }
}

#endif

/* Sums of the second layer, from those of the first. */
TSR_INLINE prior_sums prior_second(const prior_sums *first, const int32_t *bias,
                                   const tsr_prior_pair *w) {
    int16_t hidden[TSR_PRIOR_WIDTH];
    prior_rectify(first, TSR_PRIOR_FIRST_SHIFT, hidden);
    prior_sums s = prior_load(bias), odd;
    memset(&odd, 0, sizeof odd);
    for (unsigned i = 0; i < TSR_PRIOR_WIDTH / 2; i++)
        prior_add(i & 1 ? &odd : &s, hidden + 2 * i, &w[i]);
    prior_plus(&s, &odd);
    return s;
}

/* bias + the sum of products of 32 units and weights. */
TSR_INLINE int32_t prior_dot(const int16_t *unit, const int16_t *w, int32_t bias) {
#ifdef __AVX2__
    __m256i s = _mm256_add_epi32(_mm256_madd_epi16(_mm256_loadu_si256((const void *)unit),
                                                   _mm256_loadu_si256((const void *)w)),
                                 _mm256_madd_epi16(_mm256_loadu_si256((const void *)(unit + 16)),
                                                   _mm256_loadu_si256((const void *)(w + 16))));
    __m128i q = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
    q = _mm_hadd_epi32(q, q);
    uint32_t sum = (uint32_t)_mm_cvtsi128_si32(_mm_hadd_epi32(q, q));
#else
    uint32_t sum = 0;
    for (unsigned i = 0; i < TSR_PRIOR_WIDTH; i++) sum += (uint32_t)(unit[i] * w[i]);
#endif
    return (int32_t)(sum + (uint32_t)bias);
}

#endif
