/* wavelet_level.c - one level of the two-dimensional transform: rows stream through a ring.
 *
 * The lifting along y needs n_steps + 2 rows at a time, and those stay in the cache: each sample is
 * read from memory once and written once (Chrysafis and Ortega 2000 call it line based).
 * Cost: (2 n_steps + 1) multiply-adds a sample, half of them along each direction.
 */
#include "wavelet_level.h"

enum { SAMPLE_BYTES = 4, ROW_ALIGN = 64 };

/* A strip at work. Step j of the lifting along y changes rows of alternating parity; with the front
 * at row f it is at row f - j. In reach are rows f + 1 .. f - n_steps: what the ring holds. */
typedef struct sweep {
    const wavelet_level *lv;
    const wavelet_pictures *pics;
    int64_t y0, y1;
    int64_t fed;                    /* the next row to come in */
    const void *row[LIFT_MAX_ROWS]; /* where row y is at present: row[slot(y)] */
    char *ring;                     /* the ring's own memory, a row for each slot */
    size_t stride;                  /* bytes between them */
    void *line;                     /* scratch of split and join */
} sweep;

/* A multiple of the cache line, plus one, lest the rows all share a cache set. */
static uint64_t ring_stride(uint32_t w) {
    uint64_t bytes = (uint64_t)w * SAMPLE_BYTES;
    return (bytes + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN + ROW_ALIGN;
}

uint64_t tsr_wavelet_scratch(uint32_t w) {
    return ring_stride(w) * (LIFT_MAX_ROWS + 1);
}

static uint32_t slot(const sweep *sw, int64_t y) {
    return (uint32_t)((uint64_t)y % (sw->lv->scheme->n_steps + 2));
}

static const void *row_at(const sweep *sw, int64_t y) {
    return sw->row[slot(sw, y)];
}

static void *ring_row(const sweep *sw, int64_t y) {
    return sw->ring + slot(sw, y) * sw->stride;
}

static void *picture_row(const sweep *sw, int64_t y) {
    return (char *)sw->pics->picture + (size_t)y * sw->lv->w * SAMPLE_BYTES;
}

/* The row of a band that belongs to row y of the picture; x_high: HL or HH, NULL when w == 1. */
static void *band_row(const sweep *sw, int64_t y, int x_high) {
    uint32_t high = sw->lv->w / 2, w = x_high ? high : sw->lv->w - high;
    if (w == 0) return NULL;
    char *band = sw->pics->band[(y % 2 ? BAND_LH : BAND_LL) + x_high];
    return band + (size_t)(y / 2) * w * SAMPLE_BYTES;
}

static void join_row(const sweep *sw, int64_t y, void *dst) {
    const wavelet_level *lv = sw->lv;
    lv->kernels->join(dst, band_row(sw, y, 0), band_row(sw, y, 1), lv->w, lv->scheme,
                      lv->row_scale[y % 2], sw->line);
}

static void split_row(const sweep *sw, int64_t y, const void *src) {
    const wavelet_level *lv = sw->lv;
    lv->kernels->split(band_row(sw, y, 0), band_row(sw, y, 1), src, lv->w, lv->scheme,
                       lv->row_scale[y % 2], sw->line);
}

/* Brings in rows up to and including y. */
static void feed(sweep *sw, int64_t y) {
    for (; sw->fed <= y && sw->fed < sw->lv->h; sw->fed++) {
        void *home = sw->lv->inverse ? ring_row(sw, sw->fed) : picture_row(sw, sw->fed);
        if (sw->lv->inverse) join_row(sw, sw->fed, home);
        sw->row[slot(sw, sw->fed)] = home;
    }
}

/* Where step j puts row y: the inverse leaves finished rows of its own strip in the picture. */
static void *step_target(const sweep *sw, int64_t y, uint32_t j) {
    int finished = j + 2 >= sw->lv->scheme->n_steps;
    if (sw->lv->inverse && finished && y >= sw->y0 && y < sw->y1) return picture_row(sw, y);
    return ring_row(sw, y);
}

/* All steps of the front at once; every row they read exists and every step is due. */
static void lift_chain(sweep *sw, int64_t front) {
    const lift_scheme *s = sw->lv->scheme;
    const void *src[LIFT_MAX_ROWS];
    void *dst[LIFT_MAX_STEPS];
    for (uint32_t i = 0; i < s->n_steps + 2; i++) src[i] = row_at(sw, front + 1 - i);
    for (uint32_t j = 0; j < s->n_steps; j++) {
        dst[j] = step_target(sw, front - j, j);
        sw->row[slot(sw, front - j)] = dst[j];
    }
    sw->lv->kernels->chain(dst, src, sw->lv->w, s);
}

/* One step of one row, near an end of the picture or of the strip. */
static void lift_single(sweep *sw, int64_t y, uint32_t j) {
    const lift_scheme *s = sw->lv->scheme;
    const lift_kernels *k = sw->lv->kernels;
    size_t w = sw->lv->w;
    const void *x = row_at(sw, y);
    void *dst = step_target(sw, y, j);
    if (y == 0)
        k->edge(dst, x, row_at(sw, 1), w, &s->first[j]);
    else if (y == (int64_t)sw->lv->h - 1)
        k->edge(dst, x, row_at(sw, y - 1), w, &s->last[j]);
    else
        k->step(dst, x, row_at(sw, y - 1), row_at(sw, y + 1), w, &s->step[j]);
    sw->row[slot(sw, y)] = dst;
}

/* The steps of the front that the rows of the strip depend on: each earlier step one row farther
 * out. */
static void lift_front(sweep *sw, int64_t front) {
    int64_t n = sw->lv->scheme->n_steps, h = sw->lv->h;
    if (front >= n && front >= sw->y0 + n - 1 && front + 1 < h) {
        lift_chain(sw, front);
        return;
    }
    for (int64_t j = 0; j < n; j++) {
        int64_t y = front - j, margin = n - 1 - j;
        if (y >= 0 && y < h && y >= sw->y0 - margin && y < sw->y1 + margin)
            lift_single(sw, y, (uint32_t)j);
    }
}

/* Forward: sends out row y, whose lifting along y is complete. */
static void emit(const sweep *sw, int64_t y) {
    if (!sw->lv->inverse && y >= sw->y0 && y < sw->y1) split_row(sw, y, row_at(sw, y));
}

void tsr_wavelet_strip(const wavelet_level *lv, const wavelet_pictures *pics, uint32_t y0,
                       uint32_t y1, void *scratch) {
    size_t stride = (size_t)ring_stride(lv->w);
    sweep sw = {.lv = lv, .pics = pics, .y0 = y0, .y1 = y1, .stride = stride};
    sw.line = scratch;
    sw.ring = (char *)scratch + stride;
    if (lv->h == 1) {
        if (lv->inverse)
            join_row(&sw, 0, pics->picture);
        else
            split_row(&sw, 0, pics->picture);
        return;
    }
    int64_t n = lv->scheme->n_steps, first = (int64_t)y0 - n + !lv->inverse;
    int64_t start = (int64_t)y0 - n + lv->inverse;
    sw.fed = start > 0 ? start : 0;
    /* Two rows are complete after each front: front - n + 1 and the one after it. */
    for (int64_t front = first; front - n + 1 < sw.y1; front += 2) {
        feed(&sw, front + 1);
        lift_front(&sw, front);
        emit(&sw, front - n + 1);
        emit(&sw, front - n + 2);
    }
}
