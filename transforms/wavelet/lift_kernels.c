/* lift_kernels.c - the lifting kernels for one instruction set.
 *
 * Compiled once for each: LIFT_ISA (plain, avx2, avx512) names the tables, the compiler's options
 * choose the instructions.
 */
#include "lift_kernels.h"

#if defined(__i386__) && !defined(__SSE2_MATH__)
#error "x87 keeps excess precision: compile with -msse2 -mfpmath=sse"
#endif

/* The iterations of the loop that follows are independent of one another. */
#if defined(__clang__)
#define LIFT_VECTOR_LOOP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define LIFT_VECTOR_LOOP _Pragma("GCC ivdep")
#else
#define LIFT_VECTOR_LOOP
#endif

static inline float float_lifted(float x, float l, float r, lift_step s) {
    return x + (s.f.left * l + s.f.right * r);
}

static inline float float_edge_lifted(float x, float only, lift_edge e) {
    return e.f.self * x + e.f.other * only;
}

/* Sums wrap: a hostile stream may hold any value, and the inverse is exact for every one. */
static inline int32_t int_lifted(int32_t x, int32_t l, int32_t r, lift_int_step s) {
    uint32_t sum = (uint32_t)(l & s.left) + (uint32_t)(r & s.right) + (uint32_t)s.round;
    int32_t t = (int32_t)sum >> s.shift;
    return (int32_t)((uint32_t)x + (uint32_t)(t ^ s.negate) - (uint32_t)s.negate);
}

static inline float float_scaled(float x, float factor) {
    return x * factor;
}

static inline int32_t int_scaled(int32_t x, float factor) {
    (void)factor;
    return x;
}

#define SAMPLE                float
#define NAME(x)               float_##x
#define LIFT(x, l, r, s)      float_lifted(x, l, r, s)
#define LIFT_EDGE(x, only, e) float_edge_lifted(x, only, e)
#define SCALE(x, factor)      float_scaled(x, factor)
#define SCALES(factor)        ((factor) != 1.0f)
#include "lift_template.h"
#undef SAMPLE
#undef NAME
#undef LIFT
#undef LIFT_EDGE
#undef SCALE
#undef SCALES

#define SAMPLE                int32_t
#define NAME(x)               int_##x
#define LIFT(x, l, r, s)      int_lifted(x, l, r, (s).i)
#define LIFT_EDGE(x, only, e) int_lifted(x, only, only, (e).i)
#define SCALE(x, factor)      int_scaled(x, factor)
#define SCALES(factor)        0
#include "lift_template.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)
#define QUOTE2(a)   #a
#define QUOTE(a)    QUOTE2(a)

const lift_kernels JOIN(tsr_lift_float_, LIFT_ISA) = {
    .name = "float " QUOTE(LIFT_ISA),
    .split = float_split,
    .join = float_join,
    .step = float_step,
    .edge = float_edge,
    .chain = float_chain,
};

const lift_kernels JOIN(tsr_lift_int_, LIFT_ISA) = {
    .name = "int32 " QUOTE(LIFT_ISA),
    .split = int_split,
    .join = int_join,
    .step = int_step,
    .edge = int_edge,
    .chain = int_chain,
};
