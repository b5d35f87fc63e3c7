/* lab_anatomy.h - where the bytes of a stream go: by part, by plane and by band. */
#ifndef TSR_LAB_ANATOMY_H
#define TSR_LAB_ANATOMY_H

#include <tessera/anatomy.h>

#include "lab_pool.h"

/* The bands of one level and orientation: one a plane, or many where a transform has more than one
 * frequency there. */
typedef struct tsr_lab_band {
    unsigned level, orient;
    uint64_t plane[TSR_MAX_PLANES]; /* bytes */
    uint64_t bytes;                 /* of all planes */
} tsr_lab_band;

/* The parts of info add up to info.bytes, and so do frame and bands, and frame and planes. */
typedef struct tsr_lab_anatomy {
    tsr_info info;
    tsr_lab_band *band; /* [n_bands], in the order of the stream: coarse ones first */
    size_t n_bands;     /* 0: the levels could not be decoded */
    unsigned n_planes;
    uint64_t plane[TSR_MAX_PLANES]; /* bytes of the bands of each */
    uint64_t frame;                 /* bytes that are of no band */
} tsr_lab_anatomy;

/* Everything is the pool's. NULL: no stream of Tessera's, or no memory. */
const tsr_lab_anatomy *tsr_lab_anatomy_read(tsr_context *ctx, tsr_lab_pool *pool,
                                            const tsr_blob *stream);

#endif
