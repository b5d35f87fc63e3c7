/* mix_model.h - state of the `mix` entropy coder: contexts, counters, mixers. */
#ifndef TSR_MIX_MODEL_H
#define TSR_MIX_MODEL_H

#include "coef_walk.h"
#include "entropy.h"
#include "mixer.h"
#include "vector_code.h"

#define TSR_MIX_CONTEXTS  12u
#define TSR_MIX_BINS      16u /* slots of a context: zero?, more than 1?, ... */
#define TSR_MIX_UNARY     20u /* longest unary code; the last slots are shared */
#define TSR_MIX_ESCAPES   24u
#define TSR_SIGN_CONTEXTS 5u
#define TSR_MIX_CLASSES   5u /* of bins: 0, 1, 2, 3-6, 7+ */

/* Features of a row that do not change while it is coded, quantized. */
typedef struct tsr_mix_row {
    uint16_t *local;                    /* 3 N + 2 (NW + NE) + NN */
    uint8_t *parent;                    /* energy around the parent, 12 levels */
    uint8_t *ring;                      /* wider surroundings above, 8 levels */
    uint16_t *k4, *k5, *k9, *k10, *k11; /* row parts of those contexts */
} tsr_mix_row;

typedef struct tsr_mix_vector tsr_mix_vector;

typedef struct tsr_mix_model {
    tsr_walk walk;
    tsr_mix_vector *vec; /* with a codebook */
    tsr_logistic logistic;
    uint8_t q6[256], q12[1024], q20[1024], q3[256]; /* quantizers of magnitudes and their sums */
    tsr_counter *context[TSR_MIX_CONTEXTS];         /* [context][quantizer][slot] */
    tsr_counter *sign_context[TSR_SIGN_CONTEXTS];
    int8_t **sign; /* [bands] signs of coded levels, laid out as the magnitudes */
    tsr_mixer_weights by_class[2][4][4][TSR_MIX_CLASSES]
                              [2]; /* chroma, orientation, level, bin, quantizer */
    tsr_mixer_weights by_energy[27][TSR_MIX_CLASSES][2];
    tsr_mixer_weights sign_weights[2][3][4][4]; /* mixer, plane kind, orientation, level */
    tsr_apm apm_energy[TSR_BUCKETS][TSR_MIX_BINS][2];
    tsr_apm apm_local[20][TSR_MIX_BINS][2];
    tsr_prob escape[2][TSR_MIX_ESCAPES];
    tsr_prob low_bit[TSR_BUCKETS];
    tsr_mix_row row;
    /* of the current band: */
    uint8_t kind, orient, level, chroma;
    uint32_t band;
    uint32_t (*tally[TSR_MIX_CONTEXTS])[2]; /* training: decisions of each counter, else NULL */
    uint32_t cpu;                           /* TSR_CPU_*: which build of the coding loop runs */
} tsr_mix_model;

extern const tsr_entropy tsr_entropy_mix;

/* Fills in the row part of all contexts; a tsr_row_fn. */
void tsr_mix_begin_row(void *model, uint32_t b, uint32_t y);

/* The facts of band b, and the row part of column x only: for levels within vectors. */
void tsr_mix_begin_band(tsr_mix_model *m, uint32_t b);
void tsr_mix_begin_column(tsr_mix_model *m, uint32_t b, uint32_t y, uint32_t x);

/* Tables of weights: n inputs weighted alike, 1.5 in all; of refinements: the identity. */
void tsr_mix_fill_weights(void *table, size_t bytes, unsigned n);
void tsr_mix_fill_apms(const tsr_mix_model *m, void *table, size_t bytes);

/* The coding loop, compiled for several instruction sets; equal results. */
typedef void (*tsr_mix_layer_fn)(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                 int decoding);
void tsr_mix_layer_plain(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
void tsr_mix_layer_avx2(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
/* The same, counting decisions in m->tally. */
void tsr_mix_layer_train(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);
void tsr_mix_layer_avx512(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer, int decoding);

#endif
