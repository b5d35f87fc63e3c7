/* json_read.h - reads a JSON text (RFC 8259) whole, as a tree. */
#ifndef TSR_JSON_READ_H
#define TSR_JSON_READ_H

#include "lab_pool.h"

#define TSR_JSON_READ_DEPTH 32      /* deeper nesting is an error */
#define TSR_JSON_READ_NODES 4000000 /* so are more values */

typedef enum tsr_json_kind {
    TSR_JSON_NULL,
    TSR_JSON_BOOL,
    TSR_JSON_NUMBER,
    TSR_JSON_STRING,
    TSR_JSON_ARRAY,
    TSR_JSON_OBJECT
} tsr_json_kind;

typedef struct tsr_json_node {
    tsr_json_kind kind;
    double number;               /* NUMBER; BOOL: 0 or 1 */
    const char *text;            /* STRING: UTF-8; a zero within it ends it */
    const char *key;             /* within an object, else NULL */
    struct tsr_json_node *first; /* ARRAY, OBJECT: the values, linked by next */
    struct tsr_json_node *next;
} tsr_json_node;

/* Parses text[0..size-1]; text[size] must be zero. The tree lives in the pool. Besides RFC 8259 the
 * words NaN and Infinity are numbers, as Python writes them. Errors: FORMAT with the offset,
 * MEMORY. */
tsr_status tsr_json_parse(tsr_lab_pool *pool, const char *text, size_t size, tsr_json_node **out,
                          tsr_diag *d) TSR_MUST_CHECK;

/* The member of an object, or NULL (also when node is NULL or no object). */
const tsr_json_node *tsr_json_member(const tsr_json_node *node, const char *key);

/* The text of a string member, or NULL. */
const char *tsr_json_member_text(const tsr_json_node *node, const char *key);

#endif
