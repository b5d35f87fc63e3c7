/* rd_fit.c - monotone piecewise cubic interpolation (PCHIP) of ln(rate) over quality.
 *
 * Slopes at inner knots: the weighted harmonic mean of the neighbouring secants, zero where they
 * change sign. F. N. Fritsch, J. Butland, "A method for constructing local monotone piecewise cubic
 * interpolants", SIAM J. Sci. Stat. Comput. 5 (1984), equation (5) with the weights of its section
 * 2. At the ends: the three-point formula, limited to keep the shape (C. Moler, "Numerical
 * Computing with MATLAB", 2004, section 3.6). These are the choices of the common implementations,
 * so figures can be compared. Cost: O(n log n) for the sort.
 */
#include "rd_fit.h"

#include <math.h>
#include <stdlib.h>

typedef struct knot {
    double db, bpp;
} knot;

static int by_quality(const void *a, const void *b) {
    const knot *p = a, *q = b;
    if (p->db != q->db) return p->db < q->db ? -1 : 1;
    return (p->bpp > q->bpp) - (p->bpp < q->bpp);
}

static int sign(double v) {
    return (v > 0) - (v < 0);
}

/* h: widths, m: secants of the interval at the end and the one beside it. */
static double end_slope(double h0, double h1, double m0, double m1) {
    double s = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1);
    if (sign(s) != sign(m0)) return 0;
    if (sign(m0) != sign(m1) && fabs(s) > 3 * fabs(m0)) return 3 * m0;
    return s;
}

static double inner_slope(double h0, double h1, double m0, double m1) {
    if (sign(m0) != sign(m1) || m0 == 0 || m1 == 0) return 0;
    double w0 = 2 * h1 + h0, w1 = h1 + 2 * h0;
    return (w0 + w1) / (w0 / m0 + w1 / m1);
}

static double width(const tsr_rd_fit *f, size_t i) {
    return f->x[i + 1] - f->x[i];
}

static double secant(const tsr_rd_fit *f, size_t i) {
    return (f->y[i + 1] - f->y[i]) / width(f, i);
}

static void set_slopes(tsr_rd_fit *f) {
    size_t last = f->n - 1;
    if (f->n == 2) {
        f->slope[0] = f->slope[1] = secant(f, 0);
        return;
    }
    for (size_t i = 1; i < last; i++)
        f->slope[i] = inner_slope(width(f, i - 1), width(f, i), secant(f, i - 1), secant(f, i));
    f->slope[0] = end_slope(width(f, 0), width(f, 1), secant(f, 0), secant(f, 1));
    f->slope[last] =
        end_slope(width(f, last - 1), width(f, last - 2), secant(f, last - 1), secant(f, last - 2));
}

tsr_status tsr_rd_fit_make(tsr_lab_pool *pool, const double *bpp, const double *db, size_t n,
                           tsr_rd_fit *fit, tsr_diag *d) {
    knot *k = tsr_lab_pool_alloc(pool, n, sizeof *k);
    *fit = (tsr_rd_fit){.x = tsr_lab_pool_alloc(pool, n, sizeof(double)),
                        .y = tsr_lab_pool_alloc(pool, n, sizeof(double)),
                        .slope = tsr_lab_pool_alloc(pool, n, sizeof(double))};
    if (!k || !fit->x || !fit->y || !fit->slope) return tsr_lab_pool_error(d);
    for (size_t i = 0; i < n; i++) k[i] = (knot){db[i], bpp[i]};
    qsort(k, n, sizeof *k, by_quality);
    for (size_t i = 0; i < n; i++) {
        if (i && k[i].bpp < k[i - 1].bpp) fit->not_monotone = 1;
        if (i && k[i].db == k[i - 1].db && k[i].bpp > k[i - 1].bpp) fit->not_monotone = 1;
        if (i && k[i].db - k[i - 1].db <= 1e-6) continue;
        fit->x[fit->n] = k[i].db;
        fit->y[fit->n++] = log(k[i].bpp);
    }
    if (fit->n >= 2) set_slopes(fit);
    return TSR_OK;
}

/* The interval that holds x. */
static size_t interval(const tsr_rd_fit *f, double x) {
    size_t i = 0;
    while (i + 2 < f->n && x >= f->x[i + 1]) i++;
    return i;
}

/* Powers of t = (x - x_i) / h: y = y_i + h (s0 t + c2 t^2 + c3 t^3). */
static void cubic(const tsr_rd_fit *f, size_t i, double *c2, double *c3) {
    double m = secant(f, i), s0 = f->slope[i], s1 = f->slope[i + 1];
    *c2 = 3 * m - 2 * s0 - s1;
    *c3 = s0 + s1 - 2 * m;
}

double tsr_rd_fit_at(const tsr_rd_fit *f, double x) {
    double c2, c3;
    size_t i = interval(f, x);
    double h = width(f, i), t = (x - f->x[i]) / h;
    cubic(f, i, &c2, &c3);
    return f->y[i] + h * t * (f->slope[i] + t * (c2 + t * c3));
}

/* From the interval's start to x. */
static double piece(const tsr_rd_fit *f, size_t i, double x) {
    double c2, c3, h = width(f, i), t = (x - f->x[i]) / h;
    cubic(f, i, &c2, &c3);
    return h * t * (f->y[i] + h * t * (f->slope[i] / 2 + t * (c2 / 3 + t * c3 / 4)));
}

double tsr_rd_fit_integral(const tsr_rd_fit *f, double a, double b) {
    size_t i = interval(f, a), last = interval(f, b);
    double sum = -piece(f, i, a);
    for (; i < last; i++) sum += piece(f, i, f->x[i + 1]);
    return sum + piece(f, last, b);
}
