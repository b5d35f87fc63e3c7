/* lowpass_expand.c - one level up: interpolation of the coarser picture plus detail.
 *
 * Along a line the even samples of the coarser picture are spread two apart and convolved with the
 * taps of `low`; the detail samples sit between them and are convolved with `high`:
 *     x(n) = sum_k c(k) low(n - 2 k) + sum_k d(k) high(n - 2 k - 1).
 * The line continues by reflection about its first and last sample. Both filters are symmetric, so
 * a sample is a sum over pairs of equally weighted neighbours. `low` passes a constant unchanged,
 * `high` suppresses it, and near half the sampling rate the roles are exchanged. Rows first, then
 * columns.
 *
 * Plain float arithmetic in one fixed order: the result is the same on every machine.
 * Cost: about 12 multiplications a sample and dimension.
 */
#include <string.h>

#include "lowpass_internal.h"

enum {
    PAIRS = 8,  /* at most, for one output sample */
    CHUNK = 16, /* output samples of one phase computed together */
    MARGIN = 4, /* samples of a coarse line needed beyond a chunk, either side */
    ROWS = 16   /* rows of one parallel task */
};

/* Taps at distance 0, 1, ... from the centre. Even and odd taps of `low` sum to 1 each, those of
 * `high` to 1 and -1; the rest was found by minimising the rate of a model codec at equal error
 * on training photographs (simplex search, analysis filters being the duals). */
const float tsr_lowpass_low_taps[LOW_REACH + 1] = {1.048858f,  0.564194f, -0.054898f,
                                                   -0.088637f, 0.030469f, 0.024443f};
const float tsr_lowpass_high_taps[HIGH_REACH + 1] = {1.303774f, -0.589008f, -0.219089f, 0.10455f,
                                                     0.080322f, -0.015542f, -0.01312f};

/* One term of an output sample: tap * (a + b), where a and b count from the sample's own index in
 * the coarser picture (high == 0) or in the detail. */
typedef struct term {
    int8_t high, a, b;
    float tap;
} term;

typedef struct phase {
    uint32_t n;
    term t[PAIRS];
} phase;

static void add_term(phase *p, int in_high, int a, int b, float tap) {
    /* A centre tap meets the same sample twice; halving is exact. */
    p->t[p->n++] = (term){(int8_t)in_high, (int8_t)a, (int8_t)b, a == b ? tap * 0.5f : tap};
}

/* Terms of even (odd == 0) and odd output samples. */
static phase make_phase(int odd, int with_detail) {
    phase p = {0};
    for (int k = odd; k <= LOW_REACH; k += 2) {
        int j = k / 2;
        add_term(&p, 0, -j, odd ? j + 1 : j, tsr_lowpass_low_taps[k]);
    }
    for (int k = !odd; k <= HIGH_REACH && with_detail; k += 2) {
        int j = k / 2;
        add_term(&p, 1, odd ? -j : -1 - j, j, tsr_lowpass_high_taps[k]);
    }
    return p;
}

/* Reflects position i about 0 and n - 1, for any i. */
static uint32_t reflect(int64_t i, uint32_t n) {
    if (n == 1) return 0;
    int64_t period = 2 * ((int64_t)n - 1);
    i %= period;
    if (i < 0) i += period;
    return (uint32_t)(i < (int64_t)n ? i : period - i);
}

/* Index in the coarser picture (or detail) of its sample i on a line of n, i of any sign. */
static uint32_t fold(int64_t i, int in_high, uint32_t n) {
    return reflect(2 * i + in_high, n) / 2;
}

/* out[k] = sum over terms of tap * (a[k] + b[k]), k < count <= CHUNK. */
static inline void sum_terms(const phase *p, const float *const a[], const float *const b[],
                             uint32_t count, float *out) {
    float acc[CHUNK] = {0};
    for (uint32_t i = 0; i < p->n; i++) {
        const float *restrict s = a[i], *restrict t = b[i];
        float tap = p->t[i].tap;
        if (count == CHUNK)
            for (uint32_t k = 0; k < CHUNK; k++) acc[k] += tap * (s[k] + t[k]);
        else
            for (uint32_t k = 0; k < count; k++) acc[k] += tap * (s[k] + t[k]);
    }
    memcpy(out, acc, count * sizeof(float));
}

/* ---- rows ---- */

/* One row of w samples from lo (ceil(w/2) samples) and hi (floor(w/2); not read without detail). */
typedef struct row_task {
    const phase *phase; /* [2] */
    uint32_t w;
    int with_detail;
} row_task;

/* Copies what a chunk at i0 reads of one line, with reflection. */
static void gather(const float *line, int in_high, int64_t i0, uint32_t w, float *window) {
    for (int64_t k = 0; k < CHUNK + 2 * MARGIN; k++)
        window[k] = line[fold(i0 - MARGIN + k, in_high, w)];
}

static void sum_row_chunk(const row_task *t, const float *lo, const float *hi, uint32_t i0,
                          float *out) {
    float part[2][CHUNK];
    uint32_t n = t->w - 2 * i0 < 2 * CHUNK ? t->w - 2 * i0 : 2 * CHUNK;
    for (int odd = 0; odd < 2; odd++) {
        const phase *p = &t->phase[odd];
        const float *a[PAIRS], *b[PAIRS];
        for (uint32_t i = 0; i < p->n; i++) {
            const float *base = p->t[i].high ? hi : lo;
            a[i] = base + p->t[i].a;
            b[i] = base + p->t[i].b;
        }
        sum_terms(p, a, b, CHUNK, part[odd]);
    }
    for (uint32_t k = 0; k < n; k++) out[2 * (size_t)i0 + k] = part[k & 1][k / 2];
}

static void expand_row(const row_task *t, const float *lo, const float *hi, float *out) {
    uint32_t half = t->w / 2;
    for (uint32_t i0 = 0; i0 < t->w - half; i0 += CHUNK) {
        if (i0 >= MARGIN && (uint64_t)i0 + CHUNK + MARGIN <= half) {
            sum_row_chunk(t, lo + i0, t->with_detail ? hi + i0 : NULL, i0, out);
            continue;
        }
        float window[2][CHUNK + 2 * MARGIN];
        gather(lo, 0, i0, t->w, window[0]);
        if (t->with_detail) gather(hi, 1, i0, t->w, window[1]);
        sum_row_chunk(t, window[0] + MARGIN, window[1] + MARGIN, i0, out);
    }
}

/* ---- the two passes ---- */

typedef struct expand_task {
    uint32_t w, h;
    const float *lo;
    lowpass_detail detail;
    float *out, *scratch; /* scratch: the rows of lo and dx, then those of dy and dxy */
    phase row[2], column[2];
    int with_detail;
} expand_task;

static void expand_coarse_row(const expand_task *e, uint32_t y) {
    uint32_t wl = e->w - e->w / 2, wh = e->w / 2, hl = e->h - e->h / 2;
    const float *lo = e->lo + (size_t)y * wl,
                *hi = e->with_detail ? e->detail.x + (size_t)y * wh : NULL;
    if (y >= hl) {
        lo = e->detail.y + (size_t)(y - hl) * wl;
        hi = e->detail.xy + (size_t)(y - hl) * wh;
    }
    float *out = e->scratch + (size_t)y * e->w;
    row_task t = {e->row, e->w, e->with_detail};
    if (e->w == 1)
        *out = *lo;
    else
        expand_row(&t, lo, hi, out);
}

static tsr_status expand_rows(void *arg, uint32_t task, uint32_t worker) {
    const expand_task *e = arg;
    uint32_t rows = e->with_detail ? e->h : e->h - e->h / 2;
    for (uint32_t y = task * ROWS; y < rows && y < (task + 1) * ROWS; y++) expand_coarse_row(e, y);
    return TSR_OK;
}

static void expand_column_row(const expand_task *e, uint32_t y) {
    const phase *p = &e->column[y & 1];
    const float *high_rows = e->scratch + (size_t)(e->h - e->h / 2) * e->w;
    const float *a[PAIRS], *b[PAIRS];
    for (uint32_t i = 0; i < p->n; i++) {
        const float *base = p->t[i].high ? high_rows : e->scratch;
        a[i] = base + (size_t)fold((int64_t)(y / 2) + p->t[i].a, p->t[i].high, e->h) * e->w;
        b[i] = base + (size_t)fold((int64_t)(y / 2) + p->t[i].b, p->t[i].high, e->h) * e->w;
    }
    float *out = e->out + (size_t)y * e->w;
    for (uint32_t x = 0; x < e->w; x += CHUNK) {
        sum_terms(p, a, b, e->w - x < CHUNK ? e->w - x : CHUNK, out + x);
        for (uint32_t i = 0; i < p->n; i++) a[i] += CHUNK, b[i] += CHUNK;
    }
}

static tsr_status expand_columns(void *arg, uint32_t task, uint32_t worker) {
    const expand_task *e = arg;
    for (uint32_t y = task * ROWS; y < e->h && y < (task + 1) * ROWS; y++)
        if (e->h == 1)
            memcpy(e->out, e->scratch, e->w * sizeof(float));
        else
            expand_column_row(e, y);
    return TSR_OK;
}

tsr_status tsr_lowpass_expand(uint32_t w, uint32_t h, const float *lo, const lowpass_detail *detail,
                              float *out, float *scratch, const tsr_env *env) {
    int with_detail = detail != NULL;
    expand_task e = {
        .w = w,
        .h = h,
        .lo = lo,
        .out = out,
        .scratch = scratch,
        .row = {make_phase(0, with_detail), make_phase(1, with_detail)},
        .column = {make_phase(0, with_detail), make_phase(1, with_detail)},
        .with_detail = with_detail,
    };
    if (detail) e.detail = *detail;
    uint32_t tasks = (h + ROWS - 1) / ROWS;
    tsr_status s = env->parallel_for(env, tasks, expand_rows, &e);
    if (!s) s = env->parallel_for(env, tasks, expand_columns, &e);
    return s;
}
