/* lapped_grid.c - a plane to the component arrays of its blocks, and back.
 *
 * Along x a row of blocks is transposed so that `block` picture rows run side by side; along y the
 * rows of the plane do. Beyond its edges the picture is continued by reflection. Every value is
 * multiplied by the norm of its synthesis function, so that all errors count alike. Cost: two
 * passes over the plane, about 2 (block + taps) multiplications a sample.
 */
#include "lapped_blocks.h"

/* What the loops over blocks share. */
typedef struct pass {
    const lapped_grid *g;
    const lapped_filter *stage;
    const float *src;       /* analysis: w x h samples */
    float *dst;             /* synthesis: w x h samples */
    float *const *comp;     /* analysis */
    const float *const *in; /* synthesis */
    float *plane;           /* the padded plane, blocks of it holding samples or components */
    float *lines;           /* one row of blocks, transposed, for each worker */
    size_t width;           /* of the padded plane */
} pass;

tsr_status tsr_lapped_work_alloc(lapped_work *w, const lapped_grid *g, const tsr_env *env) {
    size_t block = g->frame.block, width = g->nx * block, rows = g->ny * block;
    size_t line = width * block * sizeof(float);
    if (line > SIZE_MAX / env->threads || width > SIZE_MAX / sizeof(float) / rows)
        return env->fail(env, TSR_ERR_LIMIT, "a plane of %u x %u is too large", g->w, g->h);
    w->plane = env->alloc(env, width * rows * sizeof(float));
    w->lines = env->alloc(env, line * env->threads);
    return w->plane && w->lines ? TSR_OK : TSR_ERR_MEMORY;
}

static pass pass_of(const lapped_grid *g, const lapped_work *w) {
    size_t width = (size_t)g->nx * g->frame.block;
    return (pass){.g = g, .plane = w->plane, .lines = w->lines, .width = width};
}

static float *worker_line(const pass *p, uint32_t worker) {
    return p->lines + p->width * p->g->frame.block * worker;
}

/* Index of the sample that stands at place i of a signal of n continued by reflection. */
static size_t reflect(size_t i, size_t n) {
    size_t r = i % (2 * n);
    return r < n ? r : 2 * n - 1 - r;
}

static tsr_status rows_forward(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    const lapped_grid *g = p->g;
    size_t block = g->frame.block, width = p->width;
    float *line = worker_line(p, worker), *out = p->plane + i * block * width;
    for (size_t r = 0; r < block; r++) {
        const float *row = p->src + reflect(i * block + r, g->h) * g->w;
        for (size_t x = 0; x < g->w; x++) line[x * block + r] = row[x];
        for (size_t x = g->w; x < width; x++) line[x * block + r] = row[reflect(x, g->w)];
    }
    tsr_lapped_analyse(&g->frame, line, width, block, block);
    for (size_t r = 0; r < block; r++)
        for (size_t x = 0; x < width; x++) out[r * width + x] = line[x * block + r];
    return TSR_OK;
}

static tsr_status rows_backward(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    const lapped_grid *g = p->g;
    size_t block = g->frame.block, width = p->width;
    float *line = worker_line(p, worker);
    const float *in = p->plane + i * block * width;
    for (size_t r = 0; r < block; r++)
        for (size_t x = 0; x < width; x++) line[x * block + r] = in[r * width + x];
    tsr_lapped_synthesise(&g->frame, line, width, block, block);
    for (size_t r = 0; r < block && i * block + r < g->h; r++) {
        float *row = p->dst + (i * block + r) * g->w;
        for (size_t x = 0; x < g->w; x++) row[x] = line[x * block + r];
    }
    return TSR_OK;
}

static float *filter_rows(const pass *p, uint32_t i) {
    const lapped_frame *f = &p->g->frame;
    return p->plane + (lapped_filter_start(f, p->stage) + (size_t)i * f->block) * p->width;
}

static tsr_status columns_filter(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    tsr_lapped_filter(&p->g->frame, p->stage->forward, filter_rows(p, i), p->width, p->width);
    return TSR_OK;
}

static tsr_status columns_unfilter(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    tsr_lapped_filter(&p->g->frame, p->stage->inverse, filter_rows(p, i), p->width, p->width);
    return TSR_OK;
}

static tsr_status columns_project(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    const lapped_grid *g = p->g;
    size_t block = g->frame.block;
    float *rows = p->plane + i * block * p->width;
    tsr_lapped_project(&g->frame, rows, p->width, p->width);
    for (size_t v = 0; v < block; v++)
        for (size_t u = 0; u < block; u++) {
            float norm = g->norm[u] * g->norm[v], *out = p->comp[v * block + u] + (size_t)i * g->nx;
            const float *in = rows + v * p->width + u;
            for (size_t x = 0; x < g->nx; x++) out[x] = in[x * block] * norm;
        }
    return TSR_OK;
}

static tsr_status columns_expand(void *arg, uint32_t i, uint32_t worker) {
    const pass *p = arg;
    const lapped_grid *g = p->g;
    size_t block = g->frame.block;
    float *rows = p->plane + i * block * p->width;
    for (size_t v = 0; v < block; v++)
        for (size_t u = 0; u < block; u++) {
            float scale = 1.0f / (g->norm[u] * g->norm[v]), *out = rows + v * p->width + u;
            const float *in = p->in[v * block + u] + (size_t)i * g->nx;
            for (size_t x = 0; x < g->nx; x++) out[x * block] = in[x] * scale;
        }
    tsr_lapped_expand(&g->frame, rows, p->width, p->width);
    return TSR_OK;
}

tsr_status tsr_lapped_grid_analyse(const lapped_grid *g, const float *src, float *const *comp,
                                   const lapped_work *w, const tsr_env *env) {
    pass p = pass_of(g, w);
    p.src = src;
    p.comp = comp;
    tsr_status s = env->parallel_for(env, g->ny, rows_forward, &p);
    for (unsigned k = 0; k < g->frame.n_filters && !s; k++) {
        p.stage = &g->frame.stage[k];
        s = env->parallel_for(env, (uint32_t)lapped_filter_count(p.stage, g->ny), columns_filter,
                              &p);
    }
    return s ? s : env->parallel_for(env, g->ny, columns_project, &p);
}

tsr_status tsr_lapped_grid_synthesise(const lapped_grid *g, const float *const *comp, float *dst,
                                      const lapped_work *w, const tsr_env *env) {
    pass p = pass_of(g, w);
    p.dst = dst;
    p.in = comp;
    tsr_status s = env->parallel_for(env, g->ny, columns_expand, &p);
    for (unsigned k = g->frame.n_filters; k-- > 0 && !s;) {
        p.stage = &g->frame.stage[k];
        s = env->parallel_for(env, (uint32_t)lapped_filter_count(p.stage, g->ny), columns_unfilter,
                              &p);
    }
    return s ? s : env->parallel_for(env, g->ny, rows_backward, &p);
}
