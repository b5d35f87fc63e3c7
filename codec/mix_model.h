/* mix_model.h - state of the `mix` entropy coder: contexts, counters, mixers. */
#ifndef TSR_MIX_MODEL_H
#define TSR_MIX_MODEL_H

#include "coef_walk.h"
#include "entropy.h"
#include "mixer.h"
#include "part_streams.h"
#include "prior.h"
#include "vector_code.h"

#define TSR_MIX_CONTEXTS 12u
#define TSR_MIX_BINS     16u /* slots of a context: zero?, more than 1?, ... */
#define TSR_MIX_UNARY    20u /* longest unary code; the last slots are shared */
#define TSR_MIX_ESCAPES  24u
/* Sizes of the contexts of neighbours, which levels and the flags of zero vectors have alike. */
#define TSR_NEIGHBOUR_CONTEXTS                                                                     \
    2 * 1296, 20 * 12 * 8, 2 * 1728, 2 * 1296 * 3, 40 * 8 * 12, 40 * 36, 40 * 48, 6561, 216 * 20,  \
        2 * 243 * 6, 216 * 16
#define TSR_SIGN_CONTEXTS 5u
#define TSR_MIX_CLASSES   5u                     /* of bins: 0, 1, 2, 3-6, 7+ */
#define TSR_MIX_PRIOR     (TSR_MIX_CONTEXTS + 1) /* input of the network, after the bias */

/* Counters of slots, by rows: a row is one value of one context. The first slots, which nearly all
 * decisions need, are kept apart, so that they share lines of the cache. */
typedef struct tsr_mix_slots {
    tsr_counter *near; /* [row][number of near slots] */
    tsr_counter *far;  /* [row][TSR_MIX_FAR] */
} tsr_mix_slots;

#define TSR_MIX_NEAR 4u /* near slots of levels; rows of the two quantizers are neighbours */
#define TSR_MIX_FAR  (TSR_MIX_BINS - TSR_MIX_NEAR)

/* rows rows with `near` near slots, none of which has seen anything. */
tsr_status tsr_mix_slots_alloc(tsr_mix_slots *s, size_t rows, unsigned near,
                               tsr_job *j) TSR_MUST_CHECK;

/* *s gets counters of its own, equal to those it has. */
tsr_status tsr_mix_slots_fork(tsr_mix_slots *s, size_t rows, unsigned near,
                              tsr_job *j) TSR_MUST_CHECK;

static inline tsr_counter *tsr_mix_slot(const tsr_mix_slots *s, size_t row, unsigned near,
                                        unsigned slot) {
    return slot < near ? s->near + row * near + slot : s->far + row * TSR_MIX_FAR + slot - near;
}

/* Thresholds of the quantizers of magnitudes and of their sums: the level of v is the number of
 * thresholds <= v. */
static const uint16_t tsr_mix_q3[] = {1, 3}, tsr_mix_q6[] = {1, 3, 5, 9, 16},
                      tsr_mix_q12[] = {1, 2, 3, 5, 7, 10, 15, 23, 39, 71, 151},
                      tsr_mix_q20[] = {1,  2,  3,  4,  5,  6,   8,   10,  13, 17,
                                       23, 31, 43, 61, 91, 131, 201, 321, 600};
#define TSR_MIX_TOP 16u /* of q6: magnitudes beyond are alike */

/* A number for each context; unused lanes are 0. */
typedef uint16_t tsr_mix_numbers[TSR_MIX_INPUTS];

/* What the two levels to the left (w, ww), the one above (n), the energy and the sum around a level
 * add to the numbers of its contexts. */
typedef struct tsr_mix_tables {
    tsr_mix_numbers bucket[TSR_BUCKETS];
    tsr_mix_numbers w[TSR_MIX_TOP + 1], w_n[TSR_MIX_TOP + 1], w_ww[TSR_MIX_TOP + 1];
    tsr_mix_numbers ww[4];
    tsr_mix_numbers sum12[12], sum20[20];
} tsr_mix_tables;

/* What does not depend on the levels to the left, for TSR_BLOCK columns from x on of row y. */
typedef struct tsr_mix_columns {
    tsr_mix_numbers number[TSR_BLOCK];
    tsr_mix_numbers band;      /* the band's part, contained in all of them */
    uint16_t local[TSR_BLOCK]; /* 3 N + 2 (NW + NE) + NN, clipped */
    uint32_t x, y;
} tsr_mix_columns;

/* The contexts of one level; bins of the mixers and the refinements are 2 apart. */
typedef struct tsr_mix_level {
    uint32_t at[TSR_MIX_INPUTS]; /* near counters of each context under quantizer 0 */
    tsr_mix_slots slots;         /* of the level's quantizer */
    tsr_mixer_weights *a, *b;
    tsr_apm *apm_energy, *apm_local;
    uint32_t bucket, local;
    uint32_t ahead; /* column that they are for if its left neighbour is 0, or none */
} tsr_mix_level;

/* Row of signs of a reference band: that of column x is at s[x >> shift]. */
typedef struct tsr_sign_row {
    const int8_t *s;
    unsigned shift;
} tsr_sign_row;

/* Those of row y of a band. */
typedef struct tsr_sign_rows {
    tsr_sign_row ref[TSR_REFS];
    uint32_t band, y;
} tsr_sign_rows;

typedef struct tsr_mix_vector tsr_mix_vector;

typedef struct tsr_mix_model {
    /* Vectors of 64 and 32 bytes come first: the arena aligns what begins here. */
    tsr_mixer_weights by_class[2][4][4][TSR_MIX_CLASSES]
                              [2]; /* chroma, orientation, level, bin, quantizer */
    tsr_mixer_weights by_energy[27][TSR_MIX_CLASSES][2];
    tsr_mixer_weights sign_weights[3][4][4]; /* plane kind, orientation, level */
    tsr_mix_columns column;
    tsr_mix_tables tables;
    tsr_mix_level levels[2]; /* of even and odd columns */
    tsr_walk walk;
    tsr_part_streams streams;
    tsr_mix_vector *vec; /* with a codebook */
    tsr_prior *prior;    /* with the network, but for vectors */
    tsr_logistic logistic;
    uint8_t q6[256], q12[1024], q20[1024], q3[256]; /* quantizers of magnitudes and their sums */
    tsr_mix_slots slots;                            /* rows: [context][value][quantizer] */
    int32_t first[TSR_MIX_INPUTS];                  /* near counter of each context */
    tsr_counter *sign_context[TSR_SIGN_CONTEXTS];
    int8_t **sign; /* [bands] signs of coded levels, laid out as the magnitudes */
    tsr_apm apm_energy[TSR_BUCKETS][TSR_MIX_BINS][2];
    tsr_apm apm_local[20][TSR_MIX_BINS][2];
    tsr_prob escape[2][TSR_MIX_ESCAPES];
    tsr_prob low_bit[TSR_BUCKETS];
    /* of the current band: */
    uint8_t kind, orient, level, chroma;
    uint32_t band;
    tsr_sign_rows sign_rows[2];             /* of even and odd rows */
    uint32_t (*tally[TSR_MIX_CONTEXTS])[2]; /* training: decisions of each counter, else NULL */
    tsr_prior_sink *sink; /* training: where samples for the network go, or NULL */
    uint32_t cpu;         /* TSR_CPU_*: which build of the coding loop runs */
} tsr_mix_model;

extern const tsr_entropy tsr_entropy_mix;

/* The facts of band b. */
void tsr_mix_begin_band(tsr_mix_model *m, uint32_t b);

/* Finds the signs that row y of band b refers to. */
void tsr_mix_find_signs(tsr_mix_model *m, uint32_t b, uint32_t y);

/* Tables of weights: n inputs weighted alike, 1.5 in all; of refinements: the identity. */
void tsr_mix_fill_weights(void *table, size_t bytes, unsigned n);
/* The word of the network, that input of a mixer, counts from the beginning. */
void tsr_mix_trust_prior(void *table, size_t bytes, unsigned input);
void tsr_mix_fill_apms(const tsr_mix_model *m, void *table, size_t bytes);

/* The coding loop, compiled for several instruction sets; equal results. */
typedef void (*tsr_mix_layer_fn)(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                 int decoding);
void tsr_mix_layer_plain(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
void tsr_mix_layer_avx2(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
void tsr_mix_layer_avx512(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
/* The same with m->prior or m->vec->prior. */
void tsr_mix_layer_prior_plain(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                               int decoding);
void tsr_mix_layer_prior_avx2(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
void tsr_mix_layer_prior_avx512(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                int decoding);
/* The same, counting decisions in m->tally and taking samples if m->sink is there. */
void tsr_mix_layer_train(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);

#endif
