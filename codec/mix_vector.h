/* mix_vector.h - state of the `mix` coder for vectors of a codebook.
 *
 * The flag of the zero vector has fifteen contexts of its neighbourhood: those of a level with sums
 * over the vector in place of one coefficient, and the energies of its coefficients. The levels of
 * its pattern have the twelve contexts of a level (mix_kernel.c) with tables of their own: what is
 * known inside the vector changes what they see.
 */
#ifndef TSR_MIX_VECTOR_H
#define TSR_MIX_VECTOR_H

#include "mix_model.h"
#include "prior_vector.h"

#define TSR_ZERO_CONTEXTS 15u
/* Slots of a context of levels: the kinds of "is it zero?", then "more than 1?", ... */
#define TSR_VECTOR_SLOTS (TSR_VECTOR_KINDS + TSR_MIX_BINS - 1)
#define TSR_VECTOR_NEAR  (TSR_VECTOR_SLOTS - TSR_MIX_FAR)
#define TSR_ZERO_PRIOR   TSR_ZERO_CONTEXTS /* input of the network: takes the place of the bias */
/* Classes of slots for mixers: the kinds, then as TSR_MIX_CLASSES. */
#define TSR_SLOT_CLASSES   (TSR_VECTOR_KINDS + TSR_MIX_CLASSES - 1)
#define TSR_VECTOR_TRAINED 9u /* slots that have a start state */

/* Values of a context of the zero vector. */
extern const uint32_t tsr_zero_context_size[TSR_ZERO_CONTEXTS];

/* What does not depend on the vectors to the left, for the vectors from column x on of a pair of
 * rows (mix_zeros.h). */
typedef struct tsr_mix_zeros {
    tsr_mix_numbers number[TSR_BLOCK / 2];
    tsr_mix_numbers band;      /* the band's part, contained in all of them */
    uint16_t local[TSR_BLOCK]; /* at even columns: 2 (N + NW + NE) + NN + NEXT, clipped */
} tsr_mix_zeros;

/* What reference bands say of the levels of the lower row y of a pair, from column x on. */
typedef struct tsr_mix_lower {
    tsr_mix_numbers number[TSR_BLOCK];
    uint32_t x, y;
} tsr_mix_lower;

/* What single features add to the numbers of contexts; see tsr_mix_tables. Of zero flags: the sum
 * of the two magnitudes to the left (w), each of them (left), the greater one (near). Of levels of
 * the lower row: the magnitudes above, their sums in pairs, and the wider surroundings. */
typedef struct tsr_mix_vector_tables {
    tsr_mix_numbers w[TSR_MIX_TOP + 1], near[TSR_MIX_TOP + 1], left[2][4];
    tsr_mix_numbers n[TSR_MIX_TOP + 1], nw[TSR_MIX_TOP + 1], ne[TSR_MIX_TOP + 1],
        n_nn[TSR_MIX_TOP + 1], nw_ne[TSR_MIX_TOP + 1], nn[4];
    tsr_mix_numbers ring[2][12]; /* [chroma] */
} tsr_mix_vector_tables;

struct tsr_mix_vector {
    tsr_mixer_weights zero_a[2][4][4]; /* chroma, orientation, level */
    tsr_mixer_weights zero_b[TSR_VECTOR_LEVELS];
    tsr_mixer_weights level_a[2][4][4][TSR_SLOT_CLASSES];
    tsr_mixer_weights level_b[27][TSR_SLOT_CLASSES]; /* energy */
    tsr_mix_zeros zeros;
    tsr_mix_lower lower;
    tsr_prior_vector *prior; /* with the network */
    tsr_mix_vector_tables tables;
    tsr_vector_place at;
    tsr_counter *zero;                  /* [context][value] */
    tsr_mix_slots level;                /* rows: [context][value] */
    int32_t first_zero[TSR_MIX_INPUTS]; /* (near) counter of each context */
    int32_t first_level[TSR_MIX_INPUTS];
    tsr_apm zero_apm[TSR_BUCKETS], zero_apm_local[20];
    tsr_apm level_apm[TSR_BUCKETS][TSR_VECTOR_SLOTS], level_apm_local[20][TSR_VECTOR_SLOTS];
    tsr_prob (*shape)[TSR_VECTOR_LEVELS];         /* [shape number][energy of the vector] */
    uint32_t (*zero_tally[TSR_ZERO_CONTEXTS])[2]; /* training: as in tsr_mix_model */
    uint32_t (*level_tally[TSR_MIX_CONTEXTS])[2];
};

/* Sets up m->vec for the walk's codebook, with its start state and, if prior is not 0, the network.
 */
tsr_status tsr_mix_vector_begin(tsr_mix_model *m, int prior, tsr_job *j) TSR_MUST_CHECK;

/* Gives m, a copy, tables of its own. */
tsr_status tsr_mix_vector_fork(tsr_mix_model *m, tsr_job *j) TSR_MUST_CHECK;

/* Bytes of a start state; reading of one. */
size_t tsr_mix_vector_start_size(void);
void tsr_mix_vector_start_load(tsr_mix_model *m, const int8_t *in);

#endif
