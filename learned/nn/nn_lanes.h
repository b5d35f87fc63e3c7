/* nn_lanes.h - vectors of the width of a register, for kernels that are compiled once for each
 * instruction set. Arithmetic is elementwise.
 */
#ifndef NN_LANES_H
#define NN_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "nn_ops.h" /* NN_LINEAR, NN_RELU, NN_LEAKY */

#if defined(__AVX512F__)
enum { NN_LANES = 16 };
#define NN_LANES_FILL(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
#elif defined(__AVX__)
enum { NN_LANES = 8 };
#define NN_LANES_FILL(v) v, v, v, v, v, v, v, v
#else
enum { NN_LANES = 4 };
#define NN_LANES_FILL(v) v, v, v, v
#endif

typedef float nn_lanes __attribute__((vector_size(4 * NN_LANES)));
/* The same anywhere in memory. */
typedef float nn_lanes_at __attribute__((vector_size(4 * NN_LANES), aligned(4), may_alias));

static inline nn_lanes nn_lanes_load(const float *p) {
    return *(const nn_lanes_at *)p;
}

static inline void nn_lanes_store(float *p, nn_lanes v) {
    *(nn_lanes_at *)p = v;
}

static inline nn_lanes nn_lanes_all(float v) {
    return (nn_lanes){NN_LANES_FILL(v)};
}

#define NN_INLINE static inline __attribute__((always_inline))

/* Keeps a value in its register: compilers would rather load it again for each use. */
#if defined(__AVX512F__)
#define NN_KEEP(v) __asm__("" : "+v"(v))
#elif defined(__x86_64__)
#define NN_KEEP(v) __asm__("" : "+x"(v))
#else
#define NN_KEEP(v) (void)(v)
#endif

NN_INLINE nn_lanes nn_lanes_activated(nn_lanes v, uint32_t act) {
    typedef int32_t bits __attribute__((vector_size(4 * NN_LANES)));
    if (act == NN_LINEAR) return v;
    bits positive = v > nn_lanes_all(0), kept = (bits)v & positive;
    if (act == NN_LEAKY) kept |= (bits)(v * nn_lanes_all(0.125f)) & ~positive;
    return (nn_lanes)kept;
}

#define NN_JOIN2(a, b) a##b
#define NN_JOIN(a, b)  NN_JOIN2(a, b)
#define NN_QUOTE2(a)   #a
#define NN_QUOTE(a)    NN_QUOTE2(a)

#endif
