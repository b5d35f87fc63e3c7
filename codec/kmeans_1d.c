/* kmeans_1d.c - exact k-means in one dimension by dynamic programming.
 *
 * Optimal groups of sorted points are runs, so D(j, m), the least error of the first m points in j
 * groups, is min over i of D(j - 1, i) + error of points i .. m - 1 (Bruce 1965, "Optimum
 * quantization"; Wu 1991). The best i does not fall when m grows, which divide and conquer uses:
 * O(k n log n). Errors of runs come from running sums.
 */
#include "kmeans_1d.h"

typedef struct run_sums {
    double w, x, xx;
} run_sums;

/* The parts of the working memory. */
typedef struct table {
    run_sums *sum;   /* [n + 1] of the first points */
    double *row[2];  /* [n + 1] D(j - 1, .) and D(j, .) */
    uint32_t *start; /* [k][n + 1] first point of the last group */
} table;

static table lay_out(uint32_t n, void *memory) {
    table t = {.sum = memory};
    t.row[0] = (double *)(t.sum + n + 1);
    t.row[1] = t.row[0] + n + 1;
    t.start = (uint32_t *)(t.row[1] + n + 1);
    return t;
}

size_t tsr_kmeans_1d_memory(uint32_t n, uint32_t k) {
    size_t points = (size_t)n + 1;
    return points * (sizeof(run_sums) + 2 * sizeof(double) + k * sizeof(uint32_t));
}

static double run_error(const table *t, uint32_t first, uint32_t end) {
    double w = t->sum[end].w - t->sum[first].w, x = t->sum[end].x - t->sum[first].x;
    double e = t->sum[end].xx - t->sum[first].xx - x * x / w;
    return e > 0 ? e : 0;
}

/* D(j, m) for m in [lo, hi], whose best starts lie in [first, last]. */
static void solve(const table *t, uint32_t *start, uint32_t lo, uint32_t hi, uint32_t first,
                  uint32_t last) {
    if (lo > hi) return;
    uint32_t m = lo + (hi - lo) / 2, best = first;
    double least = t->row[0][best] + run_error(t, best, m);
    for (uint32_t i = best + 1; i <= last && i < m; i++) {
        double e = t->row[0][i] + run_error(t, i, m);
        if (e >= least) continue;
        least = e;
        best = i;
    }
    t->row[1][m] = least;
    start[m] = best;
    if (m > lo) solve(t, start, lo, m - 1, first, best);
    solve(t, start, m + 1, hi, best, last);
}

void tsr_kmeans_1d(const float *x, const float *w, uint32_t n, uint32_t k, double *error,
                   void *memory) {
    table t = lay_out(n, memory);
    double shift = x[n / 2]; /* keeps the sums of squares small */
    t.sum[0] = (run_sums){0, 0, 0};
    for (uint32_t i = 0; i < n; i++) {
        double weight = w ? w[i] : 1, v = x[i] - shift;
        t.sum[i + 1] =
            (run_sums){t.sum[i].w + weight, t.sum[i].x + weight * v, t.sum[i].xx + weight * v * v};
        t.row[1][i + 1] = run_error(&t, 0, i + 1);
        t.start[i + 1] = 0;
    }
    error[0] = t.row[1][n];
    for (uint32_t j = 2; j <= k; j++) {
        double *done = t.row[1];
        t.row[1] = t.row[0];
        t.row[0] = done;
        solve(&t, t.start + (size_t)(j - 1) * (n + 1), j, n, j - 1, n - 1);
        error[j - 1] = t.row[1][n];
    }
}

void tsr_kmeans_1d_groups(const float *x, uint32_t n, uint32_t j, uint32_t *end, float *mean,
                          void *memory) {
    table t = lay_out(n, memory);
    for (uint32_t m = n; j > 0; j--) {
        uint32_t first = t.start[(size_t)(j - 1) * (n + 1) + m];
        double w = t.sum[m].w - t.sum[first].w;
        if (end) end[j - 1] = m;
        if (mean) mean[j - 1] = (float)(x[n / 2] + (t.sum[m].x - t.sum[first].x) / w);
        m = first;
    }
}
