/* parts.h - cutting the bands of a picture into parts that are coded independently.
 *
 * A part is a range of rows of every tall detail band, the same stretch of the picture in all of
 * them: what a coefficient's contexts look at (neighbours, parents, sisters, other planes) lies
 * in its own part, in a band that is not cut, or counts as zero. Parts can then be coded one beside
 * the other. Bands too low to be cut come first, and belong to no part.
 */
#ifndef TSR_PARTS_H
#define TSR_PARTS_H

#include "layout.h"

#define TSR_MAX_PARTS 16u
#define TSR_PART_ROWS 64u        /* of a part in a band that is cut, at least: by default, */
#define TSR_LOW_PARTS 16u        /* and where low bands are cut, too */
#define TSR_NO_PART   UINT32_MAX /* of what is coded before the parts */

typedef struct tsr_parts {
    uint32_t n;     /* 1: nothing is cut */
    uint8_t *scale; /* [bands] rows of the lowest cut band count 2^scale here, or TSR_UNCUT */
    uint32_t bound[TSR_MAX_PARTS]; /* first row of each part in the lowest cut band */
} tsr_parts;

#define TSR_UNCUT 255u

/* The parameters of every coder that say into how many parts, and of how many rows at least. */
#define TSR_PARTS_NAME "parts"
#define TSR_ROWS_NAME  "rows"
#define TSR_PARTS_PARAM                                                                            \
    {                                                                                              \
        .name = TSR_PARTS_NAME,                                                                    \
        .help = "parts coded beside each other, each by statistics of its own", .unit = "",        \
        .type = TSR_PARAM_INT, .min = 1, .max = TSR_MAX_PARTS, .def = 1                            \
    }
#define TSR_ROWS_PARAM                                                                             \
    {                                                                                              \
        .name = TSR_ROWS_NAME, .help = "fewest rows of a part; lower bands are not cut",           \
        .unit = "", .type = TSR_PARAM_INT, .min = TSR_LOW_PARTS, .max = TSR_PART_ROWS,             \
        .def = TSR_PART_ROWS                                                                       \
    }

/* What those parameters say. */
typedef struct tsr_parts_wish {
    uint32_t n;    /* 1 .. TSR_MAX_PARTS */
    uint32_t rows; /* TSR_LOW_PARTS .. TSR_PART_ROWS */
} tsr_parts_wish;

/* values: of a coder's parameters, the two at those places; NULL: the defaults. */
static inline tsr_parts_wish tsr_parts_wished(const tsr_value *values, unsigned parts,
                                              unsigned rows) {
    if (!values) return (tsr_parts_wish){1, TSR_PART_ROWS};
    return (tsr_parts_wish){(uint32_t)values[parts].i, (uint32_t)values[rows].i};
}

/* As many parts as wished, or fewer. Bands in which a part would have less than the wished rows
 * are not cut. Nothing is cut where bands refer to each other in other ways than those of a
 * pyramid.
 */
tsr_status tsr_parts_init(tsr_parts *p, const tsr_layout *l, tsr_parts_wish wish,
                          tsr_job *j) TSR_MUST_CHECK;

static inline int tsr_parts_cut(const tsr_parts *p, uint32_t b) {
    return p->scale[b] != TSR_UNCUT;
}

/* Has the layer bands that are cut? */
int tsr_parts_in_layer(const tsr_parts *p, const tsr_layout *l, uint32_t layer);

/* Rows from .. end - 1 of band b. */
typedef struct tsr_rows {
    uint32_t from, end;
} tsr_rows;

/* Those of part k of a band that is cut; all, of one that is not. */
static inline tsr_rows tsr_parts_rows(const tsr_parts *p, const tsr_band *band, uint32_t b,
                                      uint32_t k) {
    if (!tsr_parts_cut(p, b) || k == TSR_NO_PART) return (tsr_rows){0, band->h};
    uint32_t end = k + 1 < p->n ? p->bound[k + 1] << p->scale[b] : band->h;
    return (tsr_rows){p->bound[k] << p->scale[b], end};
}

/* Arrays with a row for each row of a band have `gap` rows of zeros between parts, so that parts do
 * not see each other: such rows in all, and those before part k. */
static inline uint32_t tsr_parts_gaps(const tsr_parts *p, uint32_t b, uint32_t gap, uint32_t k) {
    return p && k != TSR_NO_PART && tsr_parts_cut(p, b) ? k * gap : 0;
}

#endif
