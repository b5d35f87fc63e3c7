/* entropy_adaptive.c - the fast coder: one adaptive context a binary decision.
 *
 * A level is coded as: zero?; then its magnitude minus one, in units of 2^s (s grows with the
 * expected magnitude), in unary with adaptive bins and an Exp-Golomb escape; then the s low bits;
 * then the sign, raw. The context of every bin is the energy bucket of the neighbourhood
 * (coef_context.h) and the class of the band. Cost: about 10 ns a coded bin; blocks of zeros cost
 * nothing.
 */
#include "coef_walk.h"
#include "entropy.h"
#include "logistic.h"
#include "part_streams.h"
#include "vector_code.h"

#define BINS    14u
#define ESCAPES 24u

enum { PARTS, ROWS }; /* places of parameters */

typedef struct adaptive {
    tsr_walk walk;
    tsr_part_streams streams;
    tsr_prob zero[TSR_CLASSES][TSR_BUCKETS][2]; /* [class][bucket][quantizer] */
    tsr_prob one[TSR_CLASSES][TSR_BUCKETS][2];
    tsr_prob more[2][TSR_BUCKETS][BINS]; /* [chroma][bucket][bin] */
    tsr_prob low_bit[TSR_BUCKETS];
    tsr_prob escape[2][ESCAPES];
    /* with a codebook: */
    tsr_vector_place at;
    tsr_prob (*vector)[TSR_VECTOR_LEVELS];                  /* [class][energy]: zero vector? */
    tsr_prob (*vector_zero)[TSR_VECTOR_KINDS][TSR_BUCKETS]; /* [class]: zero coefficient? */
    tsr_prob (*shape)[TSR_VECTOR_LEVELS];                   /* [shape number][energy] */
} adaptive;

/* Exp-Golomb of order 0 with adaptive exponent; at most 2^24. */
TSR_INLINE uint32_t code_escape(adaptive *a, unsigned chroma, uint32_t v, int decoding) {
    unsigned n = decoding ? 0 : 31u - (unsigned)__builtin_clz(v + 1);
    unsigned i = 0;
    while (i < ESCAPES && tsr_prob_code(&a->walk.rc, &a->escape[chroma][i], i < n, decoding)) i++;
    uint32_t low = tsr_rc_code_raw(&a->walk.rc, decoding ? 0 : v + 1 - (1u << i), i, decoding);
    return (1u << i) + low - 1;
}

/* v >= 0 in units of 2^s by unary bins; the first bin is the class's own when s == 0. */
TSR_INLINE uint32_t code_unary(adaptive *a, tsr_prob *first, unsigned chroma, uint32_t bucket,
                               uint32_t v, int decoding) {
    tsr_prob *bin = a->more[chroma][bucket];
    for (uint32_t i = 0; i < BINS; i++)
        if (!tsr_prob_code(&a->walk.rc, i ? &bin[i] : first, v > i, decoding)) return i;
    return BINS + code_escape(a, chroma, decoding ? 0 : v - BINS, decoding);
}

/* |level| - 1 of a level that is not zero. */
TSR_INLINE uint32_t code_beyond(adaptive *a, tsr_prob *first, unsigned chroma, uint32_t bucket,
                                uint32_t v, int decoding) {
    unsigned s = tsr_unary_shift(bucket);
    uint32_t high = code_unary(a, first, chroma, bucket, v >> s, decoding);
    uint64_t out = (uint64_t)high << s;
    if (s) {
        out |= (uint32_t)tsr_prob_code(&a->walk.rc, &a->low_bit[bucket], v >> (s - 1) & 1, decoding)
               << (s - 1);
        out |= tsr_rc_code_raw(&a->walk.rc, v & ((1u << (s - 1)) - 1), s - 1, decoding);
    }
    return out < (1u << 28) ? (uint32_t)out : 1u << 28;
}

static inline unsigned class_chroma(uint32_t cls) {
    return cls >= 12 && cls != 36;
}

TSR_INLINE int32_t code_level(void *model, uint32_t b, const uint16_t *m, uint32_t x, uint32_t q1,
                              int32_t k, int decoding) {
    adaptive *a = model;
    uint32_t cls = a->walk.ctx.cls[b], bucket = tsr_energy_bucket(tsr_energy(&a->walk.ctx, m, x));
    int sure = (q1 & TSR_NOT_ZERO) != 0;
    q1 &= 1;
    if (!sure && !tsr_prob_code(&a->walk.rc, &a->zero[cls][bucket][q1], k != 0, decoding)) return 0;
    uint32_t v = decoding ? 0 : (uint32_t)(k < 0 ? -k : k) - 1;
    v = code_beyond(a, &a->one[cls][bucket][q1], class_chroma(cls), bucket, v, decoding);
    int sign = tsr_rc_code(&a->walk.rc, k < 0, 32768, decoding);
    return sign ? -(int32_t)v - 1 : (int32_t)v + 1;
}

/* ---- vectors ---- */

#define PROB_TRUST 24u /* in the trained probabilities of a codebook */

static tsr_prob *trained(const int8_t *rate, size_t n, tsr_job *j) {
    tsr_logistic t;
    tsr_prob *out = tsr_job_alloc(j, n, sizeof *out);
    tsr_logistic_init(&t);
    for (size_t i = 0; i < n && out; i++)
        out[i] = tsr_prob_start(tsr_squash(&t, rate[i] * TSR_RATE_UNIT), PROB_TRUST);
    return out;
}

/* Rows of the tables for a codebook. */
#define VECTOR_ROWS    TSR_VECTOR_CLASSES
#define SHAPE_ROWS(cb) ((size_t)(cb)->books * TSR_MAX_SHAPES)

static tsr_status begin_vectors(adaptive *a, const tsr_codebook *cb, tsr_job *j) {
    if (!cb) return TSR_OK;
    a->vector = (tsr_prob(*)[TSR_VECTOR_LEVELS])trained(cb->rate_vector[0],
                                                        VECTOR_ROWS * TSR_VECTOR_LEVELS, j);
    a->vector_zero = (tsr_prob(*)[TSR_VECTOR_KINDS][TSR_BUCKETS])trained(
        cb->rate_zero[0][0], VECTOR_ROWS * TSR_VECTOR_KINDS * TSR_BUCKETS, j);
    a->shape = (tsr_prob(*)[TSR_VECTOR_LEVELS])trained(cb->rate_shape[0],
                                                       SHAPE_ROWS(cb) * TSR_VECTOR_LEVELS, j);
    return a->vector && a->vector_zero && a->shape ? TSR_OK : tsr_job_memory_status(j);
}

TSR_INLINE int code_zero(void *model, int bit, int decoding) {
    adaptive *a = model;
    tsr_prob *p = &a->vector[a->at.cls][tsr_vector_level(a->walk.vec.total)];
    return tsr_prob_code(&a->walk.rc, p, bit, decoding);
}

TSR_INLINE uint32_t code_magnitude(void *model, unsigned i, unsigned kind, uint32_t energy,
                                   uint32_t level, int decoding) {
    adaptive *a = model;
    uint32_t cls = a->at.cls % TSR_DETAIL_CLASSES, bucket = tsr_energy_bucket(energy);
    if (kind != TSR_KIND_CERTAIN &&
        !tsr_prob_code(&a->walk.rc, &a->vector_zero[a->at.cls][kind][bucket], level != 0, decoding))
        return 0;
    return code_beyond(a, &a->one[cls][bucket][0], class_chroma(cls), bucket, level - 1, decoding) +
           1;
}

TSR_INLINE int code_shape(void *model, uint32_t number, int bit, int decoding) {
    adaptive *a = model;
    tsr_prob *p = &a->shape[number][tsr_vector_level(a->walk.vec.total)];
    return tsr_prob_code(&a->walk.rc, p, bit, decoding);
}

TSR_INLINE int code_raw_sign(void *model, unsigned i, uint32_t level, int bit, int decoding) {
    return tsr_rc_code(&((adaptive *)model)->walk.rc, bit, 32768, decoding);
}

TSR_INLINE void code_vector(void *model, uint32_t b, uint32_t x, uint32_t y, unsigned outside,
                            int32_t *value, int decoding) {
    static const tsr_vector_coder coder = {code_zero, code_magnitude, code_shape, code_raw_sign};
    adaptive *a = model;
    a->at = (tsr_vector_place){b, x, y, tsr_vector_class(&a->walk.ctx, b), outside};
    if (a->walk.vec.book->fixed_bits)
        tsr_vector_code_raw(&a->walk, &a->at, value, decoding);
    else
        tsr_vector_code(a, &a->walk, &coder, &a->at, value, decoding);
}

/* ---- the coder ---- */

static const tsr_walk_coder walk_coder = {.level = code_level, .vector = code_vector};

static void run(void *st, const tsr_symbols *s, uint32_t layer, int decoding) {
    adaptive *a = st;
    if (decoding)
        tsr_walk_layer(&a->walk, a, &walk_coder, s, layer, 1);
    else
        tsr_walk_layer(&a->walk, a, &walk_coder, s, layer, 0);
}

static tsr_walk *walk_of(void *st) {
    return &((adaptive *)st)->walk;
}

static tsr_status fork_state(void *st, uint32_t k, tsr_job *j) {
    adaptive *a = st;
    const tsr_codebook *cb = a->walk.vec.book;
    tsr_status s = tsr_walk_fork(&a->walk, k, j);
    if (s || !cb) return s;
    a->vector = tsr_job_copy(j, a->vector, VECTOR_ROWS, sizeof *a->vector);
    a->vector_zero = tsr_job_copy(j, a->vector_zero, VECTOR_ROWS, sizeof *a->vector_zero);
    a->shape = tsr_job_copy(j, a->shape, SHAPE_ROWS(cb), sizeof *a->shape);
    return a->vector && a->vector_zero && a->shape ? TSR_OK : tsr_job_memory_status(j);
}

static const tsr_part_coder part_coder = {sizeof(adaptive), walk_of, fork_state, run};

static tsr_status adaptive_begin(void *st, const tsr_value *v, const tsr_symbols *s, tsr_job *j) {
    adaptive *a = st;
    for (uint32_t i = 0; i < TSR_BUCKETS; i++) {
        tsr_prob p = tsr_prob_start(tsr_geometric(i, 0), 3),
                 q = tsr_prob_start(tsr_geometric(i, tsr_unary_shift(i)), 3);
        for (uint32_t c = 0; c < TSR_CLASSES; c++)
            for (int z = 0; z < 2; z++) {
                a->zero[c][i][z] = p;
                a->one[c][i][z] = q;
            }
        for (uint32_t k = 0; k < BINS; k++) a->more[0][i][k] = a->more[1][i][k] = q;
        a->low_bit[i] = tsr_prob_start(30000, 4);
    }
    for (uint32_t k = 0; k < ESCAPES; k++)
        a->escape[0][k] = a->escape[1][k] = tsr_prob_start(32768, 1);
    tsr_status status = begin_vectors(a, s->codebook, j);
    if (!status) status = tsr_walk_begin(&a->walk, s, tsr_parts_wished(v, PARTS, ROWS), j);
    tsr_part_streams_init(&a->streams, &part_coder, a, j);
    return status;
}

static tsr_status adaptive_encode(void *st, const tsr_symbols *s, uint32_t layer, tsr_buffer *out) {
    return tsr_part_streams_encode(&((adaptive *)st)->streams, s, layer, out);
}

static tsr_status adaptive_decode(void *st, tsr_symbols *s, uint32_t layer, const uint8_t *data,
                                  size_t size) {
    return tsr_part_streams_decode(&((adaptive *)st)->streams, s, layer, data, size);
}

static const tsr_param params[] = {[PARTS] = TSR_PARTS_PARAM, [ROWS] = TSR_ROWS_PARAM};

const tsr_entropy tsr_entropy_adaptive = {
    .h = {.struct_size = sizeof(tsr_entropy),
          .abi = TSR_ABI,
          .id = 1,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "adaptive",
          .summary = "fast binary range coder, one adaptive context a decision",
          .reference =
              "Martin 1979 (range coding); Marpe, Schwarz & Wiegand 2003 (context modelling)",
          .params = params,
          .n_params = sizeof params / sizeof *params,
          .state_size = sizeof(adaptive)},
    .begin = adaptive_begin,
    .encode = adaptive_encode,
    .decode = adaptive_decode,
};
