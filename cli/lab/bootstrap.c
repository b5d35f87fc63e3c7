/* bootstrap.c - percentile interval of a mean. B. Efron, R. J. Tibshirani, "An Introduction to the
 * Bootstrap", 1993, section 13.3. Cost: TSR_BOOTSTRAP_DRAWS * n additions and one sort.
 *
 * Random numbers: SplitMix64, G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014.
 */
#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double quantile(const double *sorted, size_t n, double p) {
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

void tsr_bootstrap_mean(const double *v, size_t n, uint64_t seed, double *lo, double *hi) {
    double mean[TSR_BOOTSTRAP_DRAWS];
    *lo = *hi = NAN;
    if (n < 2 || n > UINT32_MAX) return;
    for (size_t k = 0; k < TSR_BOOTSTRAP_DRAWS; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += v[(next_random(&seed) >> 32) * n >> 32];
        mean[k] = sum / (double)n;
    }
    qsort(mean, TSR_BOOTSTRAP_DRAWS, sizeof *mean, ascending);
    *lo = quantile(mean, TSR_BOOTSTRAP_DRAWS, 0.025);
    *hi = quantile(mean, TSR_BOOTSTRAP_DRAWS, 0.975);
}
