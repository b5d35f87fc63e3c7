/* int_lanes.h - sums of products of words in the registers of one instruction set.
 *
 * Pointwise layers: sixteen sums, an input of two words that all of them get, two words of weights
 * for each. Depthwise layers: INT_CHANNELS words; pairs of two such vectors, interleaved, as the
 * instructions want them; sums in the order of the pairs (low and high half of every 128 bits).
 */
#ifndef INT_LANES_H
#define INT_LANES_H

#include <string.h>

#include "nn_int.h"
#include "nn_lanes.h" /* NN_INLINE, NN_JOIN */

#if defined(__AVX512BW__) && !defined(NN_INT_GENERIC)
#include <immintrin.h>

enum { INT_POSITIONS = 6, INT_GROUPS = 2 }; /* of a tile: 12 of 32 registers; more are no faster */
typedef __m512i int_sums, int_input;

NN_INLINE int_sums int_load(const void *p) {
    return _mm512_loadu_si512(p);
}

NN_INLINE void int_store(int32_t *p, int_sums v) {
    _mm512_storeu_si512(p, v);
}

NN_INLINE int_input int_input_load(const int16_t *p) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    return _mm512_set1_epi32(v);
}

NN_INLINE int_sums int_dot(int_sums s, int_input x, int_sums w) {
    return _mm512_add_epi32(s, _mm512_madd_epi16(x, w));
}

NN_INLINE void int_store_words(int16_t *y, const int16_t *before, int_sums s,
                               const int32_t *shift) {
    __m256i v = _mm512_cvtsepi32_epi16(_mm512_srav_epi32(s, int_load(shift)));
    if (before) v = _mm256_adds_epi16(_mm256_loadu_si256((const __m256i *)before), v);
    _mm256_storeu_si256((__m256i *)y, v);
}

enum { INT_CHANNELS = 32, INT_SLIDE = 1 };
typedef __m512i int_words;

typedef struct int_pairs {
    __m512i low, high;
} int_pairs;

NN_INLINE int_words int_words_zero(void) {
    return _mm512_setzero_si512();
}

NN_INLINE int_pairs int_pairs_of(int_words a, int_words b) {
    return (int_pairs){_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)};
}

/* INT_CHANNELS numbers in the order of pairs. */
NN_INLINE int_pairs int_pairs_load(const int32_t *p) {
    __m512i a = int_load(p), b = int_load(p + 16);
    return (int_pairs){_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd)};
}

NN_INLINE int_pairs int_pairs_dot(int_pairs s, int_pairs x, int_pairs w) {
    return (int_pairs){int_dot(s.low, x.low, w.low), int_dot(s.high, x.high, w.high)};
}

NN_INLINE void int_pairs_store_relu(int16_t *y, int_pairs s, int_pairs shift) {
    __m512i low = _mm512_srav_epi32(s.low, shift.low);
    __m512i high = _mm512_srav_epi32(s.high, shift.high);
    __m512i v = _mm512_packs_epi32(low, high);
    _mm512_storeu_si512(y, _mm512_max_epi16(v, _mm512_setzero_si512()));
}

NN_INLINE int_words int_words_load(const int16_t *p) {
    return _mm512_loadu_si512(p);
}

#elif defined(__AVX2__) && !defined(NN_INT_GENERIC)
#include <immintrin.h>

enum { INT_POSITIONS = 4, INT_GROUPS = 1 }; /* 8 of 16 registers, and what lies between */
typedef __m256i int_input;
typedef struct int_sums {
    __m256i v[2];
} int_sums;

NN_INLINE __m256i int_load_half(const void *p) {
    return _mm256_loadu_si256(p);
}

NN_INLINE int_sums int_load(const void *p) {
    return (int_sums){{int_load_half(p), int_load_half((const int32_t *)p + 8)}};
}

NN_INLINE void int_store(int32_t *p, int_sums s) {
    _mm256_storeu_si256((__m256i *)p, s.v[0]);
    _mm256_storeu_si256((__m256i *)(p + 8), s.v[1]);
}

NN_INLINE int_input int_input_load(const int16_t *p) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    return _mm256_set1_epi32(v);
}

NN_INLINE __m256i int_dot_half(__m256i s, __m256i x, __m256i w) {
    return _mm256_add_epi32(s, _mm256_madd_epi16(x, w));
}

NN_INLINE int_sums int_dot(int_sums s, int_input x, int_sums w) {
    return (int_sums){{int_dot_half(s.v[0], x, w.v[0]), int_dot_half(s.v[1], x, w.v[1])}};
}

NN_INLINE void int_store_words(int16_t *y, const int16_t *before, int_sums s,
                               const int32_t *shift) {
    __m256i low = _mm256_srav_epi32(s.v[0], int_load_half(shift));
    __m256i high = _mm256_srav_epi32(s.v[1], int_load_half(shift + 8));
    __m256i v = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    if (before) v = _mm256_adds_epi16(int_load_half(before), v);
    _mm256_storeu_si256((__m256i *)y, v);
}

enum { INT_CHANNELS = 16, INT_SLIDE = 0 };
typedef __m256i int_words;

typedef struct int_pairs {
    __m256i low, high;
} int_pairs;

NN_INLINE int_words int_words_zero(void) {
    return _mm256_setzero_si256();
}

NN_INLINE int_pairs int_pairs_of(int_words a, int_words b) {
    return (int_pairs){_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
}

NN_INLINE int_pairs int_pairs_load(const int32_t *p) {
    __m256i a = int_load_half(p), b = int_load_half(p + 8);
    return (int_pairs){_mm256_permute2x128_si256(a, b, 0x20),
                       _mm256_permute2x128_si256(a, b, 0x31)};
}

NN_INLINE int_pairs int_pairs_dot(int_pairs s, int_pairs x, int_pairs w) {
    return (int_pairs){int_dot_half(s.low, x.low, w.low), int_dot_half(s.high, x.high, w.high)};
}

NN_INLINE void int_pairs_store_relu(int16_t *y, int_pairs s, int_pairs shift) {
    __m256i low = _mm256_srav_epi32(s.low, shift.low);
    __m256i high = _mm256_srav_epi32(s.high, shift.high);
    __m256i v = _mm256_max_epi16(_mm256_packs_epi32(low, high), _mm256_setzero_si256());
    _mm256_storeu_si256((__m256i *)y, v);
}

NN_INLINE int_words int_words_load(const int16_t *p) {
    return int_load_half(p);
}

#else /* plain C, with the products of SSE2 where they are */

#if defined(__SSE2__) && !defined(NN_INT_GENERIC)
#include <emmintrin.h>

enum { INT_POSITIONS = 2, INT_GROUPS = 1 };
typedef __m128i int_input, int_four;

NN_INLINE int_four int_four_load(const void *p) {
    return _mm_loadu_si128(p);
}

NN_INLINE void int_four_store(int32_t *p, int_four v) {
    _mm_storeu_si128((__m128i *)p, v);
}

NN_INLINE int_input int_input_load(const int16_t *p) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    return _mm_set1_epi32(v);
}

NN_INLINE int_four int_four_dot(int_four s, int_input x, int_four w) {
    return _mm_add_epi32(s, _mm_madd_epi16(x, w));
}

NN_INLINE int_four int_four_pairs(const int16_t *a, const int16_t *b) {
    return _mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)a),
                              _mm_loadl_epi64((const __m128i *)b));
}

/* Every lane by its own number of bits: SSE2 shifts all by the same. */
NN_INLINE int_four int_four_shifted(int_four v, int_four by) {
    const __m128i first = _mm_cvtsi32_si128(-1);
    __m128i a = _mm_sra_epi32(v, _mm_and_si128(by, first));
    __m128i b = _mm_sra_epi32(v, _mm_srli_epi64(by, 32));
    __m128i c = _mm_sra_epi32(v, _mm_and_si128(_mm_srli_si128(by, 8), first));
    __m128i d = _mm_sra_epi32(v, _mm_srli_si128(by, 12));
    __m128 ab = _mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), _MM_SHUFFLE(1, 1, 0, 0));
    __m128 cd = _mm_shuffle_ps(_mm_castsi128_ps(c), _mm_castsi128_ps(d), _MM_SHUFFLE(3, 3, 2, 2));
    return _mm_castps_si128(_mm_shuffle_ps(ab, cd, _MM_SHUFFLE(2, 0, 2, 0)));
}

/* Clips eight sums to words, and adds them to what lies at before. */
NN_INLINE void int_eight_store(int16_t *y, const int16_t *before, int_four low, int_four high) {
    __m128i v = _mm_packs_epi32(low, high);
    if (before) v = _mm_adds_epi16(_mm_loadu_si128((const __m128i *)before), v);
    _mm_storeu_si128((__m128i *)y, v);
}

NN_INLINE void int_eight_store_relu(int16_t *y, int_four low, int_four high) {
    __m128i v = _mm_max_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128());
    _mm_storeu_si128((__m128i *)y, v);
}

#else

enum { INT_POSITIONS = 2, INT_GROUPS = 1 };

/* Four sums, or four pairs of words. Which word of a pair is the upper one does not matter, as long
 * as it is the same everywhere. */
typedef int32_t int_four __attribute__((vector_size(16)));
typedef uint32_t int_four_bits __attribute__((vector_size(16)));
typedef int_four int_input;

NN_INLINE int_four int_four_load(const void *p) {
    int_four v;
    memcpy(&v, p, sizeof v);
    return v;
}

NN_INLINE void int_four_store(int32_t *p, int_four v) {
    memcpy(p, &v, sizeof v);
}

NN_INLINE int_input int_input_load(const int16_t *p) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    return (int_four){v, v, v, v};
}

NN_INLINE int_four int_lower(int_four v) {
    return (int_four)((int_four_bits)v << 16) >> 16;
}

NN_INLINE int_four int_four_dot(int_four s, int_input x, int_four w) {
    return s + int_lower(x) * int_lower(w) + (x >> 16) * (w >> 16);
}

NN_INLINE int_four int_four_pairs(const int16_t *a, const int16_t *b) {
    const int_four low = {a[0], a[1], a[2], a[3]}, high = {b[0], b[1], b[2], b[3]};
    return (int_four)(((int_four_bits)low & 0xffff) | (int_four_bits)high << 16);
}

NN_INLINE int_four int_four_shifted(int_four v, int_four by) {
    return v >> by;
}

NN_INLINE int32_t int_clip(int32_t v) {
    return v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v;
}

NN_INLINE void int_eight_store(int16_t *y, const int16_t *before, int_four low, int_four high) {
    for (int i = 0; i < 8; i++) {
        int32_t v = int_clip(i < 4 ? low[i] : high[i - 4]);
        y[i] = (int16_t)(before ? int_clip(before[i] + v) : v);
    }
}

NN_INLINE void int_eight_store_relu(int16_t *y, int_four low, int_four high) {
    for (int i = 0; i < 8; i++) {
        int32_t v = int_clip(i < 4 ? low[i] : high[i - 4]);
        y[i] = (int16_t)(v > 0 ? v : 0);
    }
}

#endif

typedef struct int_sums {
    int_four v[4];
} int_sums;

NN_INLINE int_sums int_load(const void *p) {
    int_sums s;
    for (int i = 0; i < 4; i++) s.v[i] = int_four_load((const int32_t *)p + 4 * i);
    return s;
}

NN_INLINE void int_store(int32_t *p, int_sums s) {
    for (int i = 0; i < 4; i++) int_four_store(p + 4 * i, s.v[i]);
}

NN_INLINE int_sums int_dot(int_sums s, int_input x, int_sums w) {
    for (int i = 0; i < 4; i++) s.v[i] = int_four_dot(s.v[i], x, w.v[i]);
    return s;
}

NN_INLINE void int_store_words(int16_t *y, const int16_t *before, int_sums s,
                               const int32_t *shift) {
    int_sums by = int_load(shift);
    for (int i = 0; i < 4; i += 2)
        int_eight_store(y + 4 * i, before ? before + 4 * i : NULL,
                        int_four_shifted(s.v[i], by.v[i]),
                        int_four_shifted(s.v[i + 1], by.v[i + 1]));
}

enum { INT_CHANNELS = 8, INT_SLIDE = 0 };

typedef struct int_words {
    int16_t v[INT_CHANNELS];
} int_words;

typedef struct int_pairs {
    int_four low, high;
} int_pairs;

NN_INLINE int_words int_words_zero(void) {
    return (int_words){{0}};
}

NN_INLINE int_pairs int_pairs_of(int_words a, int_words b) {
    return (int_pairs){int_four_pairs(a.v, b.v), int_four_pairs(a.v + 4, b.v + 4)};
}

NN_INLINE int_pairs int_pairs_load(const int32_t *p) {
    return (int_pairs){int_four_load(p), int_four_load(p + 4)};
}

NN_INLINE int_pairs int_pairs_dot(int_pairs s, int_pairs x, int_pairs w) {
    return (int_pairs){int_four_dot(s.low, x.low, w.low), int_four_dot(s.high, x.high, w.high)};
}

NN_INLINE void int_pairs_store_relu(int16_t *y, int_pairs s, int_pairs shift) {
    int_eight_store_relu(y, int_four_shifted(s.low, shift.low),
                         int_four_shifted(s.high, shift.high));
}

NN_INLINE int_words int_words_load(const int16_t *p) {
    int_words a;
    memcpy(&a, p, sizeof a);
    return a;
}

#endif
#endif
