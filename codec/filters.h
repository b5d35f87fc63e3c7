/* filters.h - what follows the inverse transform: the post filter, then a network.
 *
 * Both are optional, both are named in the header of a stream, and both are the encoder's choice,
 * which it makes on strips of the picture.
 */
#ifndef TSR_FILTERS_H
#define TSR_FILTERS_H

#include "model_store.h"
#include "planes.h"

#define TSR_NETWORK_EFFORT 5u /* from here on the network filter is tried */
#define TSR_LARGE_EFFORT   6u /* and from here on a large one */

typedef struct tsr_filters {
    uint32_t set;             /* of the post filter; 0: none */
    tsr_model_entry *network; /* NULL: none */
    uint32_t views;           /* that the network averages (filters_views.h), if there is one */
    float step;               /* of the stream */
} tsr_filters;

/* The model whose network encoders use: the first choice if it has one, else a built-in one, small
 * below TSR_LARGE_EFFORT; or NULL. */
tsr_model_entry *tsr_network_model(const tsr_context *ctx, uint32_t effort);

/* MODEL, if *m has no network for this. */
tsr_status tsr_network_check(const tsr_context *ctx, const tsr_model_entry *m,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Filters *planes in place. */
tsr_status tsr_filters_apply(tsr_planes *planes, const tsr_filters *f, tsr_job *j) TSR_MUST_CHECK;

/* Encoder: *f says what may be used (the nominal set, a network) and then what helps: the set,
 * among the nominal one and its neighbours, whose result is nearest to the original planes, or
 * none; and the network if it comes nearer still. A network that is tried uses *decoded up. */
tsr_status tsr_filters_choose(tsr_planes *decoded, const tsr_planes *original, tsr_filters *f,
                              tsr_job *j) TSR_MUST_CHECK;

#endif
