/* layout.h - a checked list of bands, and the integer symbols that are coded for them. */
#ifndef TSR_LAYOUT_H
#define TSR_LAYOUT_H

#include "context.h"

typedef struct tsr_layout {
    uint32_t n, layers;
    const tsr_band *band;
    uint64_t total; /* coefficients of all bands */
} tsr_layout;

/* Asks the transform for its bands and checks every promise of plugin.h: nothing after this needs
 * to. */
tsr_status tsr_layout_build(tsr_layout *l, const tsr_transform *t, const void *state,
                            const tsr_geometry *g, tsr_job *j) TSR_MUST_CHECK;

/* The first n bands of *l, 1 <= n <= l->n: references only lead to earlier bands. */
tsr_layout tsr_layout_first(const tsr_layout *l, uint32_t n);

static inline size_t tsr_band_size(const tsr_band *b) {
    return (size_t)b->w * b->h;
}

/* Sizes of related bands differ by one where odd lengths are split. */
static inline int tsr_band_same_size(const tsr_band *b, const tsr_band *ref) {
    return ref->w <= b->w + 1 && b->w <= ref->w + 1 && ref->h <= b->h + 1 && b->h <= ref->h + 1;
}

/* Is `ref` half the size of `b`? Otherwise it has the same size; tsr_layout_build() admits nothing
 * else. */
static inline int tsr_band_halves(const tsr_band *b, const tsr_band *ref) {
    return !tsr_band_same_size(b, ref);
}

/* Has a detail band a parent of half its size, as bands of pyramids do? */
int tsr_layout_halves(const tsr_layout *l);

/* One int32 array a band: quantization levels, integers or indices. */
typedef struct tsr_symbols {
    const tsr_layout *layout;
    const tsr_layout *whole; /* of the stream: what *layout is the beginning of, or all of */
    int32_t **data;          /* [layout->n] */
    uint32_t states;         /* states of the dependent quantizer; 0: levels are independent */
    uint32_t lattice;        /* 1: detail bands hold lattice coordinates, see lattice.h */
    const struct tsr_codebook *codebook; /* detail REAL bands hold vectors: values in 1/16 step;
                                            NULL: levels */
    uint32_t bands; /* of a residual stage (stages.h): band b + bands is the next one's b; 0: there
                       is one stage */
    uint32_t stage; /* of the first band of *layout */
    uint32_t ratio; /* of the steps of a stage and the next */
    struct tsr_band_meter *meter; /* counts the decoder's bits by band; NULL: nobody asks */
} tsr_symbols;

/* The arrays are zeroed and in the job's memory for levels. */
tsr_status tsr_symbols_alloc(tsr_symbols *s, const tsr_layout *l, tsr_job *j) TSR_MUST_CHECK;

/* Coefficient arrays for all bands: floats, zeroed, of REAL bands; the others are their own symbols
 * and share the memory of s. */
tsr_status tsr_coeffs_alloc(tsr_coeffs *c, const tsr_layout *l, const tsr_symbols *s,
                            tsr_job *j) TSR_MUST_CHECK;

#endif
