/* filters_views.h - the mean of what a filter says to several views of the planes. */
#ifndef TSR_FILTERS_VIEWS_H
#define TSR_FILTERS_VIEWS_H

#include "context.h"

/* Changes planes in place; their sizes may be any. */
typedef tsr_status (*tsr_view_filter)(void *arg, tsr_planes *planes);

/* The views are the 8 ways to mirror and transpose a picture, or 2 of them, or 1. */
int tsr_views_legal(uint32_t views);

/* Filters *planes, all of one size, by the mean over the views (docs/format.md, 9.1). One view is
 * the filter itself. Errors: those of the filter, LIMIT, MEMORY; the planes are then undefined. */
tsr_status tsr_views_filter(tsr_planes *planes, uint32_t views, tsr_view_filter filter, void *arg,
                            tsr_job *j) TSR_MUST_CHECK;

#endif
