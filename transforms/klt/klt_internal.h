/* klt_internal.h - the state of one instance and what its parts offer each other. */
#ifndef KLT_INTERNAL_H
#define KLT_INTERNAL_H

#include <tessera/plugin.h>

#include "klt_bases.h"
#include "lapped_blocks.h"

typedef struct klt {
    tsr_geometry g;
    lapped_blocks lapped;
    uint32_t classes; /* KLT_CLASSES, or 1: the fixed basis only, there is no band of classes */
    uint32_t at;      /* number of the band of classes, after those of stage 1 */
    klt_bases *bases; /* NULL with one class */
} klt;

/* As tsr_transform.layout(). */
uint32_t tsr_klt_layout(const klt *k, tsr_band *out, uint32_t cap);

/* The components 1 .. 63 of block `at` of a plane, by place v * 8 + u; entry 0 is 0. data: bands in
 * the order of lapped_blocks, that is without the band of classes. */
void tsr_klt_gather(const klt *k, const tsr_samples *data, uint32_t plane, size_t at, float *x);
void tsr_klt_scatter(const klt *k, const tsr_samples *data, uint32_t plane, size_t at,
                     const float *x);

/* Chooses the class of each block from its components in the fixed basis: cls[block]. Errors:
 * MEMORY. */
tsr_status tsr_klt_choose(const klt *k, const tsr_samples *data, const tsr_goal *goal, int32_t *cls,
                          const tsr_env *env) TSR_MUST_CHECK;

#endif
