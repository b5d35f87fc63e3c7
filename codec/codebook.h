/* codebook.h - trained codebooks for vectors of 2 x 2 coefficients, and what codes them.
 *
 * A set holds one or more books of shapes: four magnitudes in 1/16 of the band's step. Classes of
 * bands (coef_context.h) share books. A shape belongs to the cell of the integer grid that it lies
 * in, its pattern: four levels. A vector is coded as its pattern, then which of the shapes of that
 * pattern it is; a pattern without shapes stands for the grid point itself, so that nothing is out
 * of range. With the shapes come the weights that predict magnitudes from the neighbourhood, the
 * probabilities of the decisions and, where trained, the start state of the `mix` coder.
 * docs/format.md 4.7 describes the bytes.
 */
#ifndef TSR_CODEBOOK_H
#define TSR_CODEBOOK_H

#include "buffer.h"
#include "coef_context.h"

#define TSR_VECTOR          4u  /* magnitudes of a shape: (0, 0), (1, 0), (0, 1), (1, 1) */
#define TSR_VECTOR_SCALE    16  /* units of a step */
#define TSR_VECTOR_CLASSES  72u /* of bands, see tsr_vector_class() */
#define TSR_DETAIL_CLASSES  36u /* detail classes of coef_context.h */
#define TSR_VECTOR_FEATURES 28u /* of the energy of a coefficient of a vector */
#define TSR_VECTOR_LEVELS   28u /* of the energy of a vector, two an octave */
#define TSR_VECTOR_KINDS    5u  /* of "is it zero?" of a coefficient, see vector_code.h */
#define TSR_MAX_SHAPES      255u

/* A level at one coordinate: what may follow is range [first, first + n) of the next coordinate's
 * branches, after the last one of the book's shapes. */
typedef struct tsr_codebook_branch {
    uint16_t level, first, n;
} tsr_codebook_branch;

#define TSR_CELL_BITS 3u /* of a level of the patterns that a book has a table of */

/* One book. Shapes are ordered by pattern, those of a pattern by falling frequency. */
typedef struct tsr_book {
    uint32_t shapes;
    const uint8_t (*shape)[TSR_VECTOR];
    tsr_codebook_branch root;                               /* range of branch[0] */
    tsr_codebook_branch branch[TSR_VECTOR][TSR_MAX_SHAPES]; /* by coordinate */
    struct {
        uint8_t first, n;
    } cell[1u << TSR_CELL_BITS * TSR_VECTOR]; /* shapes of a pattern of small levels */
} tsr_book;

/* Weights of the features, in 1/256; those of what is known inside the vector follow the energy
 * itself. */
typedef struct tsr_vector_weights {
    uint8_t around[TSR_VECTOR][TSR_VECTOR_FEATURES];
    uint8_t inside[TSR_VECTOR - 1][TSR_VECTOR]; /* of coefficient 1 .. 3: of its energy, of the
                                                   magnitudes of the coefficients before it */
} tsr_vector_weights;

typedef struct tsr_codebook {
    uint32_t books;
    uint32_t fixed_bits; /* > 0: vectors are raw numbers of so many bits, 0 or 1 + the shape */
    const uint8_t *map;  /* [TSR_VECTOR_CLASSES]: book */
    tsr_book *book;      /* [books] */
    const tsr_vector_weights *weight; /* [TSR_VECTOR_CLASSES] */
    /* stretched P(1) in units of 22: */
    const int8_t (*rate_vector)[TSR_VECTOR_LEVELS];           /* [class]: zero vector? */
    const int8_t (*rate_zero)[TSR_VECTOR_KINDS][TSR_BUCKETS]; /* [class]: zero coefficient? */
    const int8_t (*rate_shape)[TSR_VECTOR_LEVELS]; /* [first shape of the book + shape]: is it? */
    const int8_t *start;                           /* start state of `mix`, or NULL */
    size_t start_size;
    size_t size; /* bytes of the whole set */
} tsr_codebook;

#define TSR_RATE_UNIT 22

/* Reads a set from the first bytes at data, which must outlive it; memory from the job. */
tsr_status tsr_codebook_parse(tsr_codebook *cb, const void *data, size_t size,
                              tsr_job *j) TSR_MUST_CHECK;

/* Fills in the branches of a book whose shapes are there. 0: they are not in order. */
int tsr_book_index(tsr_book *b);

/* The sets built into the library. */
enum { TSR_CODEBOOK_EC, TSR_CODEBOOK_KMEANS, TSR_CODEBOOK_SETS };
tsr_status tsr_codebook_builtin(tsr_codebook *cb, unsigned which, tsr_job *j) TSR_MUST_CHECK;

/* True for the bands whose coefficients are coded as vectors. */
static inline int tsr_codebook_wants(const tsr_codebook *cb, const tsr_band *band) {
    return cb && band->domain == TSR_DOMAIN_REAL && band->orient != TSR_ORIENT_LOW;
}

static inline const tsr_book *tsr_class_book(const tsr_codebook *cb, uint32_t cls) {
    return &cb->book[cb->map[cls]];
}

/* Class of a detail band: that of its levels; another one where no parent of half the size tells of
 * each vector, as in block transforms. */
static inline uint32_t tsr_vector_class(const tsr_coef_context *c, uint32_t b) {
    const tsr_band *band = &c->layout->band[b];
    uint32_t parent = band->ref[TSR_REF_PARENT];
    int halves = parent != TSR_NO_BAND && tsr_band_halves(band, &c->layout->band[parent]);
    return c->cls[b] + (halves ? 0 : TSR_DETAIL_CLASSES);
}

/* Number of a shape among all books of the set. */
static inline uint32_t tsr_shape_number(const tsr_codebook *cb, uint32_t cls, uint32_t shape) {
    return cb->map[cls] * TSR_MAX_SHAPES + shape;
}

/* The level of a magnitude: the nearest multiple of the step. */
static inline uint32_t tsr_vector_round(uint32_t magnitude) {
    return (magnitude + TSR_VECTOR_SCALE / 2) / TSR_VECTOR_SCALE;
}

/* The shapes of any pattern, by the tree. */
uint32_t tsr_book_search(const tsr_book *b, const uint32_t *level, uint32_t *first);

static inline uint32_t tsr_book_cell(const uint32_t *level) {
    return ((level[0] << TSR_CELL_BITS | level[1]) << TSR_CELL_BITS | level[2]) << TSR_CELL_BITS |
           level[3];
}

/* The shapes of a pattern (four levels): first and number; 0: it has none. */
static inline uint32_t tsr_book_pattern(const tsr_book *b, const uint32_t *level, uint32_t *first) {
    if ((level[0] | level[1] | level[2] | level[3]) >> TSR_CELL_BITS)
        return tsr_book_search(b, level, first);
    uint32_t at = tsr_book_cell(level);
    *first = b->cell[at].first;
    return b->cell[at].n;
}

#endif
