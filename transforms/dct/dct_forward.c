/* dct_forward.c - picture to coefficients: filters across block boundaries, then the DCT by FFTW.
 *
 * Blocks that reach over the right or lower edge are completed by repeating the last sample. Three
 * passes, each a loop over independent tasks: rows, level boundaries, rows of blocks.
 */
#include <math.h>
#include <string.h>

#include "dct_internal.h"
#include "fft.h"

/* Row y of the work array: the picture's row, completed and filtered across upright boundaries. */
static tsr_status forward_row(void *arg, uint32_t y, uint32_t worker) {
    const dct_forward *f = arg;
    const dct_stage *s = f->s;
    size_t width = (size_t)s->bx * s->nx;
    const float *from = f->picture + (size_t)(y < s->h ? y : s->h - 1) * s->w;
    float *to = f->work + y * width;
    memcpy(to, from, s->w * sizeof *to);
    for (size_t x = s->w; x < width; x++) to[x] = from[s->w - 1];
    if (s->lap) tsr_dct_lap_row_pre(s->lap, to, s->nx, s->bx);
    return TSR_OK;
}

/* The boundary below row of blocks `by`. */
static tsr_status forward_boundary(void *arg, uint32_t by, uint32_t worker) {
    const dct_forward *f = arg;
    const dct_stage *s = f->s;
    unsigned half = s->lap->half;
    size_t width = (size_t)s->bx * s->nx, first = (size_t)(by + 1) * s->ny - half;
    float *row[2 * DCT_MAX_LAP];
    for (unsigned i = 0; i < 2 * half; i++) row[i] = f->work + (first + i) * width;
    tsr_dct_lap_rows(s->lap->pre, half, row, width);
    return TSR_OK;
}

static void gather_blocks(const dct_forward *f, size_t by, float *blocks) {
    const dct_stage *s = f->s;
    for (size_t bx = 0; bx < s->bx; bx++)
        for (size_t y = 0; y < s->ny; y++, blocks += s->nx)
            memcpy(blocks, f->work + ((by * s->ny + y) * s->bx + bx) * s->nx,
                   s->nx * sizeof *blocks);
}

static tsr_status forward_blocks(void *arg, uint32_t by, uint32_t worker) {
    const dct_forward *f = arg;
    const dct_stage *s = f->s;
    float *blocks = f->blocks + worker * f->blocks_size;
    gather_blocks(f, by, blocks);
    tsr_fft_dct_execute(f->plan, blocks);
    size_t freqs = dct_stage_freqs(s);
    for (uint32_t v = 0; v < s->ny; v++)
        for (uint32_t u = 0; u < s->nx; u++) {
            float scale = f->scale_x[u] * f->scale_y[v];
            float *to = f->coef[v * s->nx + u] + (size_t)by * s->bx;
            const float *from = blocks + v * s->nx + u;
            for (size_t bx = 0; bx < s->bx; bx++) to[bx] = from[bx * freqs] * scale;
        }
    return TSR_OK;
}

static void fill_scale(float *scale, uint32_t n) {
    scale[0] = (float)sqrt(0.25 / n);
    for (uint32_t k = 1; k < n; k++) scale[k] = (float)sqrt(0.5 / n);
}

tsr_status tsr_dct_forward_begin(dct_forward *f, const dct_stage *s, const tsr_env *env) {
    *f = (dct_forward){.s = s};
    size_t width = (size_t)s->bx * s->nx;
    f->blocks_size = (width * s->ny + 15) / 16 * 16;
    f->work = dct_alloc(env, width, (size_t)s->by * s->ny);
    f->blocks = dct_alloc(env, f->blocks_size, env->threads);
    if (!f->work || !f->blocks) return TSR_ERR_MEMORY;
    fill_scale(f->scale_x, s->nx);
    fill_scale(f->scale_y, s->ny);
    return tsr_fft_dct_create(&f->plan, s->nx, s->ny, s->bx, f->blocks, env);
}

tsr_status tsr_dct_forward_run(dct_forward *f, const float *picture, float *const *coef,
                               const tsr_env *env) {
    const dct_stage *s = f->s;
    f->picture = picture;
    f->coef = coef;
    tsr_status status = env->parallel_for(env, s->by * s->ny, forward_row, f);
    if (!status && s->lap && s->by > 1)
        status = env->parallel_for(env, s->by - 1, forward_boundary, f);
    return status ? status : env->parallel_for(env, s->by, forward_blocks, f);
}

void tsr_dct_forward_end(dct_forward *f) {
    tsr_fft_dct_destroy(f->plan);
}
