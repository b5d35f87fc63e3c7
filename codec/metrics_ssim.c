/* metrics_ssim.c - structural similarity of two luma planes, one scale and five.
 *
 * SSIM: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error
 * visibility to structural similarity", IEEE Trans. Image Processing 13 (2004), eq. (13), with the
 * window of its section III.C: 11x11 Gaussian, sigma 1.5, unit sum; K1 = 0.01, K2 = 0.03, L = 255.
 * The index is the plain mean over the positions where the whole window lies inside the picture;
 * the picture is not reduced beforehand.
 *
 * MS-SSIM: Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image
 * quality assessment", Asilomar 2003, eq. (7) with the exponents of its section 3.2: cs_1^.0448 *
 * cs_2^.2856 * cs_3^.3001 * cs_4^.2363 * lcs_5^.1333 where cs_k is the mean of contrast times
 * structure at scale k and lcs_5 the mean of the complete SSIM at the coarsest one (means first,
 * then powers: what the authors' own program does). A negative mean counts as 0. Scale k + 1 is
 * scale k averaged over 2x2 blocks; an odd last row or column is repeated, so that sizes round up.
 *
 * All scales run in one pass: each holds the last 11 horizontally filtered rows and hands every
 * pair of rows, averaged, to the next. Cost: about 130 additions and multiplications a pixel,
 * memory about 100 doubles a column.
 */
#include "metrics_ssim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAPS = 11, HALF = TAPS / 2, SCALES = 5, MAPS = 4, MS_MIN_SIDE = TAPS << (SCALES - 1) };

/* What is filtered: both planes, the sum of their squares, and their product. */
enum { MAP_X, MAP_Y, MAP_XX_YY, MAP_XY };

static const double C1 = (0.01 * 255) * (0.01 * 255);
static const double C2 = (0.03 * 255) * (0.03 * 255);
static const double WEIGHT[SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

typedef struct scale {
    uint32_t w, h;          /* of the planes at this scale */
    uint32_t rows;          /* received so far */
    double *pending[2];     /* x and y row waiting for its partner, w each */
    double *raw[2];         /* MAP_XX_YY and MAP_XY of the current row, w each */
    double *ring[MAPS];     /* the last TAPS filtered rows, row r at slot r % TAPS, stride w */
    double *mean[MAPS];     /* vertically filtered: one row of local means, w each */
    double sum_cs, sum_lcs; /* over the rows done */
} scale;

struct tsr_ssim {
    double tap[HALF + 1]; /* one side of the separable window; tap[HALF] is the centre */
    unsigned scales;      /* 0, 1 or SCALES */
    double *memory;
    scale s[SCALES];
};

enum { ROWS_PER_SCALE = 4 + MAPS * (TAPS + 1) };

static void window_init(double tap[HALF + 1]) {
    double sum = 0;
    for (int i = 0; i <= HALF; i++) {
        double r = HALF - i;
        tap[i] = exp(-r * r / (2 * 1.5 * 1.5));
        sum += i < HALF ? 2 * tap[i] : tap[i];
    }
    for (int i = 0; i <= HALF; i++) tap[i] /= sum;
}

/* Cuts the ROWS_PER_SCALE rows of one scale out of memory; returns what is behind them. */
static double *scale_init(scale *c, uint32_t w, uint32_t h, double *memory) {
    c->w = w;
    c->h = h;
    for (int i = 0; i < 2; i++, memory += w) c->pending[i] = memory;
    for (int i = 0; i < 2; i++, memory += w) c->raw[i] = memory;
    for (int i = 0; i < MAPS; i++, memory += (size_t)TAPS * w) c->ring[i] = memory;
    for (int i = 0; i < MAPS; i++, memory += w) c->mean[i] = memory;
    return memory;
}

tsr_status tsr_ssim_new(tsr_ssim **out, uint32_t width, uint32_t height, tsr_diag *d) {
    *out = NULL;
    uint32_t side = width < height ? width : height;
    unsigned scales = side >= MS_MIN_SIDE ? SCALES : side >= TAPS ? 1 : 0;
    uint64_t doubles = 0;
    for (unsigned k = 0; k < scales; k++)
        doubles += (uint64_t)ROWS_PER_SCALE * ((width + (1u << k) - 1) >> k);
    tsr_ssim *s = calloc(1, sizeof *s);
    if (s && scales && doubles <= SIZE_MAX / sizeof(double))
        s->memory = malloc((size_t)doubles * sizeof(double));
    if (!s || (scales && !s->memory)) {
        tsr_ssim_free(s);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET,
                            "no memory to compare pictures %u samples wide", (unsigned)width);
    }
    s->scales = scales;
    window_init(s->tap);
    double *memory = s->memory;
    for (unsigned k = 0; k < scales; k++, width = (width + 1) / 2, height = (height + 1) / 2)
        memory = scale_init(&s->s[k], width, height, memory);
    *out = s;
    return TSR_OK;
}

void tsr_ssim_free(tsr_ssim *s) {
    if (!s) return;
    free(s->memory);
    free(s);
}

/* in[0, n + TAPS - 1) -> out[0, n) */
static void filter_row(const double tap[HALF + 1], const double *restrict in, uint32_t n,
                       double *restrict out) {
    for (uint32_t i = 0; i < n; i++) {
        const double *p = in + i;
        out[i] = tap[0] * (p[0] + p[10]) + tap[1] * (p[1] + p[9]) + tap[2] * (p[2] + p[8]) +
                 tap[3] * (p[3] + p[7]) + tap[4] * (p[4] + p[6]) + tap[5] * p[5];
    }
}

/* The TAPS rows of ring (in any rotation, the oldest at slot first) -> one row of n means. */
static void filter_column(const double tap[HALF + 1], const double *ring, size_t stride,
                          uint32_t first, uint32_t n, double *restrict out) {
    const double *centre = ring + (first + HALF) % TAPS * stride;
    for (uint32_t i = 0; i < n; i++) out[i] = tap[HALF] * centre[i];
    for (uint32_t k = 0; k < HALF; k++) {
        const double *a = ring + (first + k) % TAPS * stride;
        const double *b = ring + (first + TAPS - 1 - k) % TAPS * stride;
        for (uint32_t i = 0; i < n; i++) out[i] += tap[k] * (a[i] + b[i]);
    }
}

/* Adds the similarity of n positions whose local means are in c->mean. The sums of variances are
 * formed so that equal planes give exactly 1. */
static void add_similarity(scale *c, uint32_t n) {
    const double *mx = c->mean[MAP_X], *my = c->mean[MAP_Y];
    const double *xx_yy = c->mean[MAP_XX_YY], *xy = c->mean[MAP_XY];
    double sum_cs = 0, sum_lcs = 0;
    for (uint32_t i = 0; i < n; i++) {
        double product = mx[i] * my[i], squares = mx[i] * mx[i] + my[i] * my[i];
        double cs = (2 * (xy[i] - product) + C2) / (xx_yy[i] - squares + C2);
        sum_cs += cs;
        sum_lcs += cs * ((2 * product + C1) / (squares + C1));
    }
    c->sum_cs += sum_cs;
    c->sum_lcs += sum_lcs;
}

static void filter_and_add(const double tap[HALF + 1], scale *c, const double *x, const double *y) {
    for (uint32_t i = 0; i < c->w; i++) {
        c->raw[0][i] = x[i] * x[i] + y[i] * y[i];
        c->raw[1][i] = x[i] * y[i];
    }
    const double *map[MAPS] = {x, y, c->raw[0], c->raw[1]};
    uint32_t n = c->w - (TAPS - 1);
    for (int m = 0; m < MAPS; m++)
        filter_row(tap, map[m], n, c->ring[m] + (size_t)(c->rows % TAPS) * c->w);
    if (c->rows + 1 < TAPS) return;
    for (int m = 0; m < MAPS; m++)
        filter_column(tap, c->ring[m], c->w, (c->rows + 1) % TAPS, n, c->mean[m]);
    add_similarity(c, n);
}

/* 2x2 means of two rows of w samples -> (w + 1) / 2 samples; out may be a. */
static void reduce_rows(const double *a, const double *b, uint32_t w, double *out) {
    for (uint32_t i = 0; i < w / 2; i++)
        out[i] = 0.25 * ((a[2 * i] + a[2 * i + 1]) + (b[2 * i] + b[2 * i + 1]));
    if (w & 1) out[w / 2] = 0.5 * (a[w - 1] + b[w - 1]);
}

static void push_row(tsr_ssim *s, unsigned k, const double *x, const double *y) {
    scale *c = &s->s[k];
    filter_and_add(s->tap, c, x, y);
    c->rows++;
    if (k + 1 == s->scales) return;
    int has_partner = c->rows % 2 == 0;
    if (!has_partner) {
        memcpy(c->pending[0], x, c->w * sizeof *x);
        memcpy(c->pending[1], y, c->w * sizeof *y);
    }
    if (has_partner || c->rows == c->h) {
        reduce_rows(c->pending[0], x, c->w, c->pending[0]);
        reduce_rows(c->pending[1], y, c->w, c->pending[1]);
        push_row(s, k + 1, c->pending[0], c->pending[1]);
    }
}

void tsr_ssim_push(tsr_ssim *s, const double *x, const double *y) {
    if (s->scales) push_row(s, 0, x, y);
}

static double positions(const scale *c) {
    return (double)(c->w - (TAPS - 1)) * (double)(c->h - (TAPS - 1));
}

void tsr_ssim_finish(tsr_ssim *s, double *ssim, double *ms_ssim) {
    *ssim = s->scales ? s->s[0].sum_lcs / positions(&s->s[0]) : NAN;
    *ms_ssim = NAN;
    if (s->scales < SCALES) return;
    double product = 1;
    for (int k = 0; k < SCALES; k++) {
        const scale *c = &s->s[k];
        double mean = (k + 1 < SCALES ? c->sum_cs : c->sum_lcs) / positions(c);
        product *= pow(fmax(mean, 0), WEIGHT[k]);
    }
    *ms_ssim = product;
}
