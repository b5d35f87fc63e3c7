/* alpha.h - alpha that is kept exactly: chunk 'A' of a lossy stream (docs/format.md, 8.3). */
#ifndef TSR_ALPHA_H
#define TSR_ALPHA_H

#include "container.h"
#include "context.h"

#define TSR_ALPHA_VALUES 256u /* of a table, at most */

/* What the chunk holds: a grey picture, coded without loss. */
typedef struct tsr_alpha {
    uint32_t n;                       /* values in the table; 0: samples are as they are; 1: all
                                         samples are value[0], and nothing follows */
    uint16_t value[TSR_ALPHA_VALUES]; /* ascending; what a sample i stands for */
    tsr_stage_code transform, entropy;
    const uint8_t *data; /* as in chunk 'D'; inside the chunk */
    size_t size;
} tsr_alpha;

/* The last channel of *im as the payload of a chunk, appended to *out. entropy: name of the coder.
 * Takes its memory before the job has any, and counts for the job's peak. Errors: UNSUPPORTED (no
 * transform for it is registered), LIMIT, MEMORY, CANCELLED. */
tsr_status tsr_alpha_encode(tsr_job *j, const tsr_image *im, uint32_t effort, const char *entropy,
                            tsr_buffer *out) TSR_MUST_CHECK;

/* Errors: FORMAT. */
tsr_status tsr_alpha_parse(const tsr_chunk *c, uint32_t depth, tsr_alpha *a,
                           tsr_diag *d) TSR_MUST_CHECK;

/* Sample i of a grey picture becomes value[i], the last value if there are fewer. */
void tsr_alpha_map(const tsr_alpha *a, tsr_image *grey);

/* Sets the last channel of *im: to one value, or to a grey picture of the same size and depth. */
void tsr_alpha_fill(tsr_image *im, uint32_t value);
void tsr_alpha_insert(tsr_image *im, const tsr_image *grey);

#endif
