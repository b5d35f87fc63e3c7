/* filters_views.c - a filter on turned copies of the planes, turned back and averaged.
 *
 * The symmetries of a square turn one picture into eight that a filter should treat alike and does
 * not; the mean of what it says is better than each ("enhanced prediction" of Timofte, Rothe & Van
 * Gool, Seven ways to improve example-based single image super resolution, CVPR 2016). A filter may
 * tell even from odd columns, as a level of wavelet does: mirroring keeps their parity, with a
 * column more where the width is even.
 *
 * Sums run view by view, in one order: the same samples on every machine, with any number of
 * threads. Cost: the filter once for each view, and about 4 ns a sample and view for turning.
 * Memory beside the filter's own: 4 bytes a sample for 2 views, 8 for 8.
 */
#include "filters_views.h"

/* The bits of a view's number. Of k views those are taken whose number is a multiple of 8 / k. */
enum { MIRROR_X = 1, MIRROR_Y = 2, TRANSPOSE = 4, VIEWS = 8 };

#define BLOCK 16u /* samples: a line of cache */
#define STRIP 64u /* rows of a piece of work */

int tsr_views_legal(uint32_t views) {
    return views == 1 || views == 2 || views == VIEWS;
}

/* Sample (x, y) of a plane is at [first + x * dx + y * dy] of its view. */
typedef struct view {
    uint32_t w, h;         /* with the column and the row more, before the transposition */
    ptrdiff_t column, row; /* from one to the next */
    ptrdiff_t first, dx, dy;
    int transposed;
} view;

static view view_of(uint32_t how, uint32_t w, uint32_t h) {
    int x = !!(how & MIRROR_X), y = !!(how & MIRROR_Y);
    view v = {.w = w + (x && w % 2 == 0), .h = h + (y && h % 2 == 0)};
    v.transposed = !!(how & TRANSPOSE);
    v.column = v.transposed ? (ptrdiff_t)v.h : 1;
    v.row = v.transposed ? 1 : (ptrdiff_t)v.w;
    v.dx = x ? -v.column : v.column;
    v.dy = y ? -v.row : v.row;
    v.first = (x ? (ptrdiff_t)(v.w - 1) * v.column : 0) + (y ? (ptrdiff_t)(v.h - 1) * v.row : 0);
    return v;
}

/* ---- moving samples ---- */

/* n samples side by side in a plane, `step` apart in the view. */
typedef void (*move_fn)(float *plane, float *turned, ptrdiff_t step, uint32_t n, float factor);

static void turn(float *plane, float *turned, ptrdiff_t step, uint32_t n, float factor) {
    for (uint32_t i = 0; i < n; i++) turned[(ptrdiff_t)i * step] = plane[i];
}

static void turn_back(float *plane, float *turned, ptrdiff_t step, uint32_t n, float factor) {
    for (uint32_t i = 0; i < n; i++) plane[i] = turned[(ptrdiff_t)i * step];
}

static void add_back(float *plane, float *turned, ptrdiff_t step, uint32_t n, float factor) {
    for (uint32_t i = 0; i < n; i++) plane[i] = (plane[i] + turned[(ptrdiff_t)i * step]) * factor;
}

typedef struct move {
    const tsr_planes *planes, *turned;
    view v;
    move_fn fn;
    float factor; /* of what add_back() has added: a power of two */
    uint32_t strips;
} move;

/* Block by block: of a transposed view a row of samples touches as many lines of cache. */
static tsr_status move_strip(void *arg, uint32_t i, uint32_t worker) {
    const move *m = arg;
    const tsr_plane *p = &m->planes->p[i / m->strips];
    float *turned = m->turned->p[i / m->strips].s.f + m->v.first;
    uint32_t first = i % m->strips * STRIP, end = p->h - first < STRIP ? p->h : first + STRIP;
    for (uint32_t top = first; top < end; top += BLOCK)
        for (uint32_t x = 0; x < p->w; x += BLOCK)
            for (uint32_t y = top; y < end && y < top + BLOCK; y++)
                m->fn(p->s.f + (size_t)y * p->w + x,
                      turned + (ptrdiff_t)x * m->v.dx + (ptrdiff_t)y * m->v.dy, m->v.dx,
                      p->w - x < BLOCK ? p->w - x : BLOCK, m->factor);
    return TSR_OK;
}

static tsr_status move_planes(const tsr_planes *planes, const tsr_planes *turned, const view *v,
                              move_fn fn, float factor, tsr_job *j) {
    uint32_t strips = (planes->p[0].h + STRIP - 1) / STRIP;
    move m = {planes, turned, *v, fn, factor, strips};
    return tsr_pool_run(j->ctx->pool, strips * planes->n, move_strip, &m);
}

/* The line before the first, which mirrors the line after it: n samples, `along` apart. */
static void extend(float *line, ptrdiff_t across, ptrdiff_t along, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        line[(ptrdiff_t)i * along] = line[(ptrdiff_t)i * along + 2 * across];
}

/* A view of the planes, which gives *turned its size. */
static tsr_status make_view(const tsr_planes *planes, const view *v, tsr_planes *turned,
                            tsr_job *j) {
    uint32_t w = planes->p[0].w, h = planes->p[0].h;
    for (uint32_t i = 0; i < turned->n; i++) {
        turned->p[i].w = v->transposed ? v->h : v->w;
        turned->p[i].h = v->transposed ? v->w : v->h;
    }
    tsr_status s = move_planes(planes, turned, v, turn, 1, j);
    for (uint32_t i = 0; i < turned->n; i++) {
        float *p = turned->p[i].s.f;
        if (v->w > w) extend(p + (ptrdiff_t)(v->h - h) * v->row, v->column, v->row, h);
        if (v->h > h) extend(p, v->row, v->column, v->w);
    }
    return s;
}

/* ---- the mean ---- */

static tsr_status alloc_planes(tsr_planes *p, uint32_t n, const view *v, tsr_job *j) {
    *p = (tsr_planes){.n = n};
    for (uint32_t i = 0; i < n; i++) {
        p->p[i].w = v->w;
        p->p[i].h = v->h;
        p->p[i].s.f = tsr_arena_alloc(&j->scratch, (size_t)v->w * v->h * sizeof(float), j->diag);
        if (!p->p[i].s.f) return tsr_job_memory_status(j);
    }
    return TSR_OK;
}

/* *sum: what all views but number 0 say. Of two views that is one: it stays in *turned. */
static tsr_status filter_turned(const tsr_planes *planes, uint32_t views, tsr_view_filter filter,
                                void *arg, tsr_planes *turned, tsr_planes *sum, tsr_job *j) {
    uint32_t w = planes->p[0].w, h = planes->p[0].h, step = VIEWS / views;
    tsr_status s = TSR_OK;
    for (uint32_t how = step; how < VIEWS && !s; how += step) {
        view v = view_of(how, w, h);
        s = make_view(planes, &v, turned, j);
        if (!s) s = filter(arg, turned);
        if (!s && views > 2)
            s = move_planes(sum, turned, &v, how == step ? turn_back : add_back, 1, j);
    }
    return s;
}

static tsr_status filter_views(tsr_planes *planes, uint32_t views, tsr_view_filter filter,
                               void *arg, tsr_job *j) {
    uint32_t w = planes->p[0].w, h = planes->p[0].h;
    view plain = view_of(0, w, h), last = view_of(VIEWS - VIEWS / views, w, h);
    tsr_planes turned, sum = {0};
    tsr_status s = alloc_planes(&turned, planes->n, &last, j); /* none is larger */
    if (!s && views > 2) s = alloc_planes(&sum, planes->n, &plain, j);
    if (!s) s = filter_turned(planes, views, filter, arg, &turned, &sum, j);
    if (!s) s = filter(arg, planes);
    if (s) return s;
    return move_planes(planes, views > 2 ? &sum : &turned, views > 2 ? &plain : &last, add_back,
                       1.0f / (float)views, j);
}

tsr_status tsr_views_filter(tsr_planes *planes, uint32_t views, tsr_view_filter filter, void *arg,
                            tsr_job *j) {
    if (views == 1) return filter(arg, planes);
    tsr_arena_mark mark = tsr_arena_save(&j->scratch);
    tsr_status s = filter_views(planes, views, filter, arg, j);
    tsr_arena_rewind(&j->scratch, mark);
    return s;
}
