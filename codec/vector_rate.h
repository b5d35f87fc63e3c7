/* vector_rate.h - what the decisions of a vector cost in bits, for the encoder's search.
 *
 * Static estimates: the codebook's probabilities, then counts of the pass before on top of them.
 * Encoder only: floats.
 */
#ifndef TSR_VECTOR_RATE_H
#define TSR_VECTOR_RATE_H

#include "codebook.h"
#include "context.h"
#include "rate_model.h"

/* A decision: bits of a 0 and of a 1, and counts. */
typedef struct tsr_vector_bits {
    float bits[2], count[2];
} tsr_vector_bits;

typedef struct tsr_vector_rate {
    const tsr_codebook *book;
    tsr_vector_bits vector[TSR_VECTOR_CLASSES][TSR_VECTOR_LEVELS];
    tsr_vector_bits zero[TSR_VECTOR_CLASSES][TSR_VECTOR_KINDS][TSR_BUCKETS];
    float beyond[TSR_DETAIL_CLASSES][TSR_BUCKETS][TSR_RATE_LEVELS]; /* of a level that is not 0 */
    tsr_rate_model levels;
    tsr_vector_bits (*shape)[TSR_VECTOR_LEVELS]; /* [shape number] */
} tsr_vector_rate;

/* The codebook's estimates; memory from the job. NULL: no memory. */
tsr_vector_rate *tsr_vector_rate_new(const tsr_codebook *book, tsr_job *j);

/* Turns the counts into estimates and clears them. */
void tsr_vector_rate_update(tsr_vector_rate *r);

/* For a thread: an estimate with counts of its own, NULL: no memory; it takes the bits from r and
 * begins to count; its counts are added to those of r. Up to 2^24, where counts end, their sum is
 * that of one thread. */
tsr_vector_rate *tsr_vector_rate_fork(const tsr_vector_rate *r, tsr_job *j);
void tsr_vector_rate_share(tsr_vector_rate *mine, const tsr_vector_rate *r);
void tsr_vector_rate_join(tsr_vector_rate *r, const tsr_vector_rate *mine);

/* Training: adds the counts of another estimate of the same codebook; the counts as the tables of a
 * codebook. */
void tsr_vector_rate_add(tsr_vector_rate *r, const tsr_vector_rate *other);
void tsr_vector_rate_save(const tsr_vector_rate *r, tsr_buffer *out);

/* Bits of a level > 0 without sign. */
static inline float tsr_vector_level_bits(const tsr_vector_rate *r, uint32_t cls, uint32_t bucket,
                                          uint32_t level) {
    return tsr_rate_bits(r->beyond[cls % TSR_DETAIL_CLASSES][bucket], bucket, level);
}

#endif
