/* bootstrap.h - how sure a mean over pictures is. */
#ifndef TSR_BOOTSTRAP_H
#define TSR_BOOTSTRAP_H

#include <tessera/status.h>

#define TSR_BOOTSTRAP_DRAWS 2000
#define TSR_BOOTSTRAP_SEED  0x7465737365726131u /* "tessera1" */

/* A 95 % interval of the mean of v[0..n-1] by the percentile method: TSR_BOOTSTRAP_DRAWS times n
 * values are drawn with replacement, and *lo and *hi are the 2.5 % and 97.5 % quantiles of their
 * means (linear between order statistics). The same values and seed give the same interval on every
 * machine. n < 2: both NAN. */
void tsr_bootstrap_mean(const double *v, size_t n, uint64_t seed, double *lo, double *hi);

#endif
