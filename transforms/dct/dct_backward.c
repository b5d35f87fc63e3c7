/* dct_backward.c - coefficients to picture: inverse DCT, then the filters across block boundaries.
 *
 * Two passes over rows of blocks, each row a task. The first inverts the blocks and filters across
 * upright boundaries while the row is still arranged by position in the block, where the two sides
 * of all boundaries are neighbouring vectors. The second filters across level boundaries and copies
 * the rows out. Every sample is computed by the same operations whatever the number of threads.
 */
#include "dct_internal.h"
#include "dct_inverse.h"

/* Inverts DCT_LANES blocks from block `first` of row `by` into p[position * pitch]. */
static void invert_blocks(const dct_backward *b, size_t by, size_t first, float *p) {
    const dct_stage *s = b->s;
    uint32_t freqs = dct_stage_freqs(s);
    size_t left = s->bx - first, at = by * s->bx + first;
    dct_lanes t[DCT_MAX_FREQS];
    if (left >= DCT_LANES)
        for (uint32_t f = 0; f < freqs; f++) t[f] = dct_load(b->coef[f] + at);
    else
        for (uint32_t f = 0; f < freqs; f++) t[f] = dct_load_part(b->coef[f] + at, (unsigned)left);
    tsr_dct_inverse(t, s->nx, s->ny);
    for (uint32_t f = 0; f < freqs; f++) dct_store(p + f * b->pitch + first, t[f]);
}

/* Filters across the boundaries between blocks side by side in a row of samples: row[i] runs over
 * the last samples of all blocks but the last, then over the first samples of all but the first. */
static void filter_upright(const dct_backward *b, float *p) {
    const dct_stage *s = b->s;
    unsigned half = s->lap->half;
    for (uint32_t y = 0; y < s->ny; y++, p += s->nx * b->pitch) {
        float *row[2 * DCT_MAX_LAP];
        for (unsigned i = 0; i < half; i++) {
            row[i] = p + (s->nx - half + i) * b->pitch;
            row[half + i] = p + i * b->pitch + 1;
        }
        tsr_dct_lap_rows(s->lap->post, half, row, s->bx - 1);
    }
}

/* From position-in-block order to rows of samples. */
static void write_rows(const dct_backward *b, size_t by, const float *p) {
    const dct_stage *s = b->s;
    size_t width = (size_t)s->bx * s->nx;
    for (uint32_t y = 0; y < s->ny; y++, p += s->nx * b->pitch) {
        float *to = b->work + (by * s->ny + y) * width;
        for (uint32_t block = 0; block < s->bx; block++, to += s->nx)
            for (uint32_t x = 0; x < s->nx; x++) to[x] = p[x * b->pitch + block];
    }
}

static tsr_status backward_blocks(void *arg, uint32_t by, uint32_t worker) {
    const dct_backward *b = arg;
    float *p = b->scratch + worker * b->pitch * dct_stage_freqs(b->s);
    for (size_t first = 0; first < b->s->bx; first += DCT_LANES) invert_blocks(b, by, first, p);
    if (b->s->lap && b->s->bx > 1) filter_upright(b, p);
    write_rows(b, by, p);
    return TSR_OK;
}

static void copy_row(const dct_backward *b, size_t y) {
    const dct_stage *s = b->s;
    memcpy(b->picture + y * s->w, b->work + y * s->bx * s->nx, s->w * sizeof(float));
}

/* Finishes the rows from the boundary above row of blocks `by` to the one below. */
static tsr_status backward_rows(void *arg, uint32_t by, uint32_t worker) {
    const dct_backward *b = arg;
    const dct_stage *s = b->s;
    size_t half = s->lap ? s->lap->half : 0, width = (size_t)s->bx * s->nx;
    size_t first = (size_t)by * s->ny, end = first + s->ny - half;
    if (by) {
        first -= half;
        float *row[2 * DCT_MAX_LAP];
        for (size_t i = 0; i < 2 * half; i++) row[i] = b->work + (first + i) * width;
        if (half) tsr_dct_lap_rows(s->lap->post, s->lap->half, row, width);
    }
    if (by + 1 == s->by) end = s->h;
    if (end > s->h) end = s->h;
    for (size_t y = first; y < end; y++) copy_row(b, y);
    return TSR_OK;
}

tsr_status tsr_dct_backward_begin(dct_backward *b, const dct_stage *s, const tsr_env *env) {
    *b = (dct_backward){.s = s};
    b->pitch = ((size_t)s->bx + DCT_LANES - 1) / DCT_LANES * DCT_LANES;
    b->work = dct_alloc(env, (size_t)s->bx * s->nx, (size_t)s->by * s->ny);
    b->scratch = dct_alloc(env, b->pitch * dct_stage_freqs(s), env->threads);
    return b->work && b->scratch ? TSR_OK : TSR_ERR_MEMORY;
}

tsr_status tsr_dct_backward_run(dct_backward *b, const float *const *coef, float *picture,
                                const tsr_env *env) {
    b->coef = coef;
    b->picture = picture;
    tsr_status status = env->parallel_for(env, b->s->by, backward_blocks, b);
    return status ? status : env->parallel_for(env, b->s->by, backward_rows, b);
}
